#include "common/science/mmse/mmse_model.h"

#include "common/science/statistics/random.h"

#include <math.h>
#include <string.h>

/* ---- Fitting: the model, and its errors on subjects that it did not see ---- */

enum { CALIBRATION_FOLDS = 5 };

static enum status go_on(const struct mmse_watch *watch, unsigned step, struct problem *why)
{
    if (watch->go_on && !watch->go_on(watch->context, step, CALIBRATION_FOLDS + 1))
        return fail(why, CONFLICT, NULL, "The work was cancelled.");
    return OK;
}

static enum status cohort_suffices(const struct mmse_method *method, size_t found, const char *where,
                                   struct problem *why)
{
    if (found >= method->tasks_min)
        return OK;
    return fail(
        why, INVALID, NULL,
        "The cohort is too small for %s: %zu subjects with two or more visits are needed%s, and %zu were found.",
        method->name, method->tasks_min, where, found);
}

static struct conformal_error error_of(const struct mmse_method *method, const void *parameters,
                                       const struct subject *s)
{
    struct known k = known_before(s, s->count - 1, NULL);
    double predicted = score_clip(method->predict(parameters, &k));
    return (struct conformal_error){score_band(known_last(&k)->score), k.target_age - known_last(&k)->age,
                                    s->visits[s->count - 1].score - predicted};
}

/* The subjects get the folds of the calibration instead of their own; folds differ by one task at most. */
static struct cohort cohort_shuffled(struct arena *arena, const struct cohort *cohort, uint64_t seed)
{
    struct cohort shuffled = *cohort;
    struct subject *subjects = arena_alloc(arena, cohort->count * sizeof *subjects);
    size_t *order = arena_alloc(arena, cohort->count * sizeof *order);
    struct random random = random_from(seed ^ 0x63616c6962726174U); /* "calibrat" */
    size_t tasks = 0, others = 0;
    memcpy(subjects, cohort->subjects, cohort->count * sizeof *subjects);
    for (size_t i = 0; i < cohort->count; i++) {
        size_t other = random_below(&random, i + 1);
        order[i] = order[other];
        order[other] = i;
    }
    for (size_t i = 0; i < cohort->count; i++) {
        struct subject *s = &subjects[order[i]];
        s->fold = (int)((s->count > 1 ? tasks++ : others++) % CALIBRATION_FOLDS);
    }
    shuffled.subjects = subjects;
    return shuffled;
}

static enum status fold_errors(const struct mmse_method *method, const struct cohort *cohort, int fold,
                               const struct mmse_options *options, const void *near, struct conformal_error *errors,
                               size_t *count, struct problem *why)
{
    AUTO(arena_release) struct arena scratch = {0};
    struct cohort others = cohort_part(&scratch, cohort, fold, false);
    const void *parameters = NULL;
    TRY(method->fit(&scratch, &others, options, near, &parameters, why));
    for (size_t i = 0; i < cohort->count; i++) {
        const struct subject *s = &cohort->subjects[i];
        if (s->fold == fold && s->count > 1)
            errors[(*count)++] = error_of(method, parameters, s);
    }
    return OK;
}

enum status mmse_model_fit(struct arena *arena, const struct mmse_method *method, const struct cohort *cohort,
                           const struct mmse_options *options, struct mmse_model *out, struct problem *why)
{
    TRY(cohort_suffices(method, cohort->task_count, "", why));
    if (method->grows_trees && !options->grow)
        return fail(why, FAULT, NULL, "Trees cannot be grown here.");
    AUTO(arena_release) struct arena scratch = {0};
    struct cohort shuffled = cohort_shuffled(&scratch, cohort, options->seed);
    struct conformal_error *errors = arena_alloc(&scratch, cohort->task_count * sizeof *errors);
    struct mmse_model m = {method, options->seed, cohort->count, cohort->visit_count, cohort->task_count};
    size_t count = 0;
    TRY(go_on(&options->watch, 0, why));
    TRY(method->fit(arena, cohort, options, NULL, &m.parameters, why));
    for (int fold = 0; fold < CALIBRATION_FOLDS; fold++) {
        TRY(go_on(&options->watch, (unsigned)fold + 1, why));
        TRY(fold_errors(method, &shuffled, fold, options, m.parameters, errors, &count, why));
    }
    m.conformal = conformal_calibrate(errors, count);
    *out = m;
    return OK;
}

double mmse_model_score(const struct mmse_model *model, const struct known *k)
{
    return score_clip(model->method->predict(model->parameters, k));
}

enum status mmse_model_predict(const struct mmse_model *model, const struct known *k, int level,
                               struct mmse_prediction *out, struct problem *why)
{
    TRY(known_check(k, why));
    double raw = model->method->predict(model->parameters, k), score = score_clip(raw);
    if (!isfinite(raw)) /* clipping would make 0 or 30 points of it */
        return fail(why, CONFLICT, NULL, "The model is damaged: its parameters lead to no number.");
    struct conformal_limits limits = conformal_interval(&model->conformal, k, score, level);
    *out = (struct mmse_prediction){score, limits.lower, limits.upper};
    return OK;
}
