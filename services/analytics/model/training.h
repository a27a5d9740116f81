/* Training a model: what is asked for, the cohort it is trained on, and the job that does it. */
#ifndef MNEMOS_ANALYTICS_TRAINING_H
#define MNEMOS_ANALYTICS_TRAINING_H

#include "services/analytics/analytics.h"

#include "common/job/job.h"
#include "common/science/mmse/validation.h"

enum { COHORT_VISITS_MAX = 1000 * 1000, MIN_VISITS_MAX = 50 };

/* Which visits to learn from. What is not given does not narrow it. */
struct cohort_filter {
    struct maybe_integer min_age, max_age; /* whole years, at the visit, both included */
    const char *from, *until;              /* dates of visits, both included */
    struct maybe_integer min_visits;       /* that remain of a person after the other conditions */
};
extern const struct schema cohort_filter_schema;

struct training_parameters {
    const char *criterion; /* mixed: "ml" or "reml" */
};
extern const struct schema training_parameters_schema;

struct training {
    const char *model_id, *name, *target, *method;
    struct training_parameters *parameters;
    struct cohort_filter *cohort;
    struct maybe_integer seed;
};
extern const struct schema new_model_schema; /* as it is asked for */
extern const struct schema training_schema;  /* as the job gets it */

/* POST: checks it against the cohort as it is now and leaves the rest to the job. */
enum status training_create(struct request *rq);

/* The job. What it needs besides the database: who grows trees, because only workers load the library that does. */
struct trainer {
    tree_grower *grow;
};
enum status training_run(struct job *job);

/* training_fit.c: without I/O but for the watch. The same cohort, method and seed give the same to the bit. */
struct trained {
    struct mmse_model model;
    struct evaluation evaluation; /* in cross-validation */
};
enum status training_fit(struct arena *arena, const struct training *t, const struct cohort *cohort, tree_grower *grow,
                         const struct mmse_watch *watch, struct trained *out, struct problem *why);

/* How many people with visits on two days or more that takes: as many as the method needs, without any of the folds. */
size_t training_tasks_needed(const struct mmse_method *method);

/* cohort_store.c. People are numbered, and nobody can tell who is who. */
struct cohort_size {
    struct maybe_integer subjects, visits, tasks; /* tasks: people with two visits or more */
};
enum status cohort_measure(struct db *db, const struct cohort_filter *filter, struct cohort_size *out);

struct cohort_window {
    const char *first_visit, *last_visit; /* dates; NULL when there are none */
};
enum status cohort_read(struct db *db, const struct cohort_filter *filter, struct cohort *out,
                        struct cohort_window *window);

#endif
