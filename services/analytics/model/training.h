/* Training a model: its order and the fit itself. training_cohort.h reads the visits, training_job.h does it all. */
#pragma once

#include "services/analytics/model/training_cohort.h"

#include "common/science/mmse/validation.h"

extern const char *const training_targets[]; /* ends with NULL */

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
extern const struct schema new_model_schema; /* as clients send it */
extern const struct schema training_schema;  /* as the job gets it */

/* POST: checks the order against the cohort as it is now and leaves the rest to the job. */
enum status training_create(struct request *rq);

/* training_fit.c: without I/O but for the watch. The same cohort, method and seed give the same to the bit. */
struct trained {
    struct mmse_model model;
    struct evaluation evaluation; /* in cross-validation */
};
enum status training_fit(struct arena *arena, const struct training *t, const struct cohort *cohort, tree_grower *grow,
                         const struct mmse_watch *watch, struct trained *out, struct problem *why);

/* The people with visits on two days or more that a training needs: enough for the method without any of the folds. */
size_t training_tasks_needed(const struct mmse_method *method);
