#include "services/analytics/model/training.h"

#include <string.h>

size_t training_tasks_needed(const struct mmse_method *method)
{
    size_t needed = method->tasks_min;
    while (needed - (needed + VALIDATION_FOLDS - 1) / VALIDATION_FOLDS < method->tasks_min)
        needed++;
    return needed;
}

/* Judging takes a fit for each fold, and the model itself one more: steps are counted over all of them. */
struct progress {
    const struct mmse_watch *outer;
};

static bool judging_goes_on(void *context, unsigned step, unsigned steps)
{
    const struct progress *p = context;
    return p->outer->go_on(p->outer->context, step, steps + steps / VALIDATION_FOLDS);
}

static bool fitting_goes_on(void *context, unsigned step, unsigned steps)
{
    const struct progress *p = context;
    return p->outer->go_on(p->outer->context, VALIDATION_FOLDS * steps + step, (VALIDATION_FOLDS + 1) * steps);
}

enum status training_fit(struct arena *arena, const struct training *t, const struct cohort *cohort, tree_grower *grow,
                         const struct mmse_watch *watch, struct trained *out, struct problem *why)
{
    const struct mmse_method *method = mmse_method_named(t->method);
    const char *criterion = t->parameters ? t->parameters->criterion : NULL;
    struct progress progress = {watch};
    struct mmse_options options = {
        .seed = (uint64_t)t->seed.value, .reml = criterion && strcmp(criterion, "reml") == 0, .grow = grow};
    struct cohort folded = validation_folds(arena, cohort, options.seed);
    if (!method)
        return fail(why, INVALID, "method", "is not known here");
    options.watch = (struct mmse_watch){watch->go_on ? judging_goes_on : NULL, &progress};
    TRY(validation_run(arena, method, &folded, &options, &out->evaluation, why));
    options.watch = (struct mmse_watch){watch->go_on ? fitting_goes_on : NULL, &progress};
    return mmse_model_fit(arena, method, cohort, &options, &out->model, why);
}
