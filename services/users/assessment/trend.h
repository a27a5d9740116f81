/* A patient's scores over time: their change, whether it exceeds the error of measuring, and the rank of the latest
 * among patients of the same age and schooling. */
#pragma once

#include "services/users/users.h"

#include "common/base/date.h"

enum { TREND_SCORES_MAX = 1000, RANKED_MIN = 20 /* percentiles of fewer say nothing */ };

struct trend_score {
    const char *assessed_on;
    struct maybe_integer mmse;
    const char *patient_id, *birth_date; /* of the patient, with each row */
    struct maybe_integer schooling_years;
};

struct trend_change {
    const char *from;
    struct maybe_integer change;
    struct maybe_real years, reliable_change_index;
    struct maybe_boolean within_measurement_error;
};

struct trend_slope {
    struct maybe_real points_per_year, low, high;
};

struct trend_error {
    struct maybe_real standard_error, threshold;
    const char *source;
};

struct trend_rank {
    struct maybe_real percentile;
    struct maybe_integer patients, below, equal;
    struct maybe_integer min_age, max_age, min_schooling_years, max_schooling_years;
};

struct trend {
    const char *patient_id, *loinc;
    struct maybe_integer mmse;
    struct maybe_real level;
    struct trend_change *since_first, *since_previous; /* NULL: there is one score */
    struct trend_slope *slope;                         /* NULL: all on one day */
    struct trend_error *measurement_error;
    struct trend_rank *rank;
    struct record_list scores;
};
extern const struct schema trend_schema;

enum status trend_get(struct request *rq);

/* trend_rules.c: without I/O. */
struct trend_group {
    int min_age, max_age;             /* completed years */
    bool schooled;                    /* the schooling is known */
    int min_schooling, max_schooling; /* years */
};
/* Ages by tens as in the distribution of scores; schooling as in R. M. Crum and others, "Population-based norms for the
 * Mini-Mental State Examination by age and educational level", JAMA 269 (1993) 2386-2391. */
struct trend_group trend_group_of(int age, struct maybe_integer schooling_years);

/* The first and last day of birth of people who are of that age today. */
void trend_group_births(const struct trend_group *g, struct date today, struct date *first, struct date *last);

/* trend_store.c: the oldest first. */
enum status trend_scores(struct db *db, const char *patient_id, struct record_list *out);
enum status trend_rank_find(struct db *db, const struct trend_group *g, struct date today, int64_t mmse,
                            struct trend_rank *out);
