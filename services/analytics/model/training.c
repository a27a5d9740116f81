#include "services/analytics/model/training.h"

#include "common/base/text.h"
#include "common/job/task.h"

#include <string.h>

const char *const training_targets[] = {"mmse", NULL};

static const char *const criteria[] = {"ml", "reml", NULL};

SCHEMA(training_parameters_schema, "TrainingParameters", struct training_parameters,
       FIELD_ENUM(struct training_parameters, criterion, criteria,
                  .summary = "For the method mixed: maximum likelihood (ml, by default) or restricted (reml)"));

#define ASKED \
    FIELD_TEXT(struct training, name, .rules = REQUIRED | TRIMMED, .min = 1, .max = 80, .example = "Clinic, yearly"), \
        FIELD_ENUM(struct training, target, training_targets, .summary = "mmse by default"), \
        FIELD_ENUM(struct training, method, mmse_method_names, .summary = MMSE_METHOD_DEFAULT " by default"), \
        FIELD_RECORD(struct training, parameters, training_parameters_schema, struct training_parameters), \
        FIELD_RECORD(struct training, cohort, cohort_filter_schema, struct cohort_filter), \
        FIELD_INTEGER(struct training, seed, .min = 0, .max = 4294967295, \
                      .summary = "1 by default; the same data, seed and method give the same model")

SCHEMA(new_model_schema, "NewModel", struct training, ASKED);
SCHEMA(training_schema, "Training", struct training, FIELD_UUID(struct training, model_id, .rules = REQUIRED), ASKED);

static void complete(struct training *t)
{
    if (!t->target)
        t->target = training_targets[0];
    if (!t->method)
        t->method = MMSE_METHOD_DEFAULT;
    if (!t->seed.known)
        t->seed = (struct maybe_integer){true, 1};
}

static enum status check(const struct training *t, struct problem *why)
{
    const struct cohort_filter *c = t->cohort;
    if (t->parameters && t->parameters->criterion && strcmp(t->method, "mixed") != 0)
        fail(why, INVALID, "/parameters/criterion", "is for the method mixed only");
    if (c && c->min_age.known && c->max_age.known && c->min_age.value > c->max_age.value)
        fail(why, INVALID, "/cohort/min_age", "must not be above max_age");
    if (c && c->from && c->until && strcmp(c->from, c->until) > 0)
        fail(why, INVALID, "/cohort/from", "must not be after until");
    return problem_status(why);
}

/* As it is now; the job looks again. */
static enum status check_size(const struct training *t, const struct cohort_size *size, struct problem *why)
{
    const struct mmse_method *method = mmse_method_named(t->method);
    size_t needed = training_tasks_needed(method);
    if (size->visits.value > TRAINING_VISITS_MAX)
        return fail(why, INVALID, "cohort", "has more than %d visits; narrow it", TRAINING_VISITS_MAX);
    if ((size_t)size->tasks.value >= needed)
        return OK;
    return fail(why, INVALID, "cohort",
                "is too small for %s: %zu people with visits on two days or more are needed, and %lld were found",
                method->name, needed, (long long)size->tasks.value);
}

enum status training_create(struct request *rq)
{
    struct training t = {0};
    struct cohort_size size;
    struct task task;
    char id[33];
    TRY(request_input(rq, &t));
    complete(&t);
    TRY(check(&t, &rq->problem));
    TRY(training_cohort_measure(&rq->db, t.cohort, &size));
    TRY(check_size(&t, &size, &rq->problem));
    text_new_uuid(id);
    t.model_id = id;
    TRY(db_begin(&rq->db));
    TRY(task_submit(rq, &(struct task_order){.kind = &analytics_jobs[JOB_MODEL_TRAIN], .input = &t}, &task));
    TRY(db_commit(&rq->db));
    return task_reply(rq, &task);
}
