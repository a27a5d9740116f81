/* The visits that a model is trained on. People are numbered and cannot be identified. */
#pragma once

#include "services/analytics/analytics.h"

#include "common/science/mmse/validation.h"

enum { TRAINING_VISITS_MAX = 1000 * 1000, MIN_VISITS_MAX = 50 };

/* The visits to learn from. A member that is not given does not narrow them. */
struct cohort_filter {
    struct maybe_integer min_age, max_age; /* whole years, at the visit, both included */
    const char *from, *until;              /* dates of visits, both included */
    struct maybe_integer min_visits;       /* that remain of a person after the other conditions */
};
extern const struct schema cohort_filter_schema;

struct cohort_size {
    struct maybe_integer subjects, visits, tasks; /* tasks: people with two visits or more */
};
enum status training_cohort_measure(struct db *db, const struct cohort_filter *filter, struct cohort_size *out);

struct cohort_window {
    const char *first_visit, *last_visit; /* dates; NULL when there are none */
};
enum status training_cohort_read(struct db *db, const struct cohort_filter *filter, struct cohort *out,
                                 struct cohort_window *window);
