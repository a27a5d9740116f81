/* Counts of patients by score and age. */
#pragma once

#include "services/analytics/analytics.h"

#include "common/base/clock.h"

struct mmse_count {
    struct maybe_integer count, over, under, min_age, max_age;
};
extern const struct schema mmse_count_query_schema, mmse_count_schema;

struct mmse_distribution {
    const char *by;
    struct record_list series;
};
extern const struct schema mmse_distribution_query_schema, mmse_distribution_schema;

struct mmse_series {
    const char *age_band; /* NULL: all ages */
    const char *counts;   /* JSON: 31 counts, of 0 to 30 points */
    struct maybe_integer patients;
};
extern const struct schema mmse_series_schema;

enum status mmse_count(struct request *rq);
enum status mmse_distribution(struct request *rq);

/* The dates of birth that have these ages, both included, on that day. */
struct birth_dates {
    struct date first, last;
};
struct birth_dates mmse_birth_dates(struct maybe_integer min_age, struct maybe_integer max_age, struct date today);

/* mmse_store.c. Scores from low to high, both included. */
enum status mmse_count_patients(struct db *db, int low, int high, struct mmse_count *out);
enum status mmse_count_patients_born(struct db *db, int low, int high, struct birth_dates born, struct mmse_count *out);
enum status mmse_distribution_of_all(struct db *db, struct record_list *out);
enum status mmse_distribution_by_age_band(struct db *db, struct date today, struct record_list *out);
