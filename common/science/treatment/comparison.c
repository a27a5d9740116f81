#include "common/science/treatment/comparison.h"

#include "common/science/statistics/distribution.h"
#include "common/science/treatment/comparison_work.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* ---- what was given ---------------------------------------------------------------------------------------------- */

static enum status options_check(const struct comparison_options *o, struct problem *why)
{
    if (!(o->level >= 0 && o->level < 1))
        fail(why, INVALID, "level", "must lie between 0 and 1");
    if (!(o->horizon >= 0 && o->horizon <= SURVIVAL_VALUE_MAX))
        fail(why, INVALID, "horizon", "must be a number from 0 to 1e100");
    if (o->time_count > COMPARISON_TIMES_MAX)
        return fail(why, INVALID, "times", "must be at most %d", COMPARISON_TIMES_MAX);
    for (size_t i = 0; i < o->time_count; i++)
        if (!(o->times[i] >= 0 && o->times[i] <= SURVIVAL_VALUE_MAX))
            fail(why, INVALID, arena_printf(why->arena, "/times/%zu", i), "must be a number from 0 to 1e100");
    if (o->bootstrap > COMPARISON_BOOTSTRAP_MAX)
        fail(why, INVALID, "bootstrap", "must be at most %d draws", COMPARISON_BOOTSTRAP_MAX);
    return problem_status(why);
}

static enum status input_check(const struct comparison_data *d, const struct comparison_options *o, struct problem *why)
{
    if (d->survival.weight)
        return fail(why, INVALID, "weight", "must not be given: each row of a comparison is one patient");
    TRY(options_check(o, why));
    return survival_check(&d->survival, why);
}

static struct comparison_options with_defaults(struct comparison_options o)
{
    o.level = o.level > 0 ? o.level : 0.95;
    o.patients_min = o.patients_min ? o.patients_min : 10;
    o.events_min = o.events_min ? o.events_min : 10;
    return o;
}

static void work_init(struct comparison_work *w, const struct comparison_data *data,
                      const struct comparison_options *options, struct arena *arena, struct comparison *out)
{
    *w = (struct comparison_work){
        .data = data, .options = with_defaults(*options), .survival = data->survival, .arena = arena, .out = out};
    w->limits = (struct survival_limits){w->options.level, w->options.scale};
    if (!w->survival.group) {
        w->survival.group = arena_alloc(arena, (w->survival.count + 1) * sizeof(int));
        w->survival.group_count = 1;
    }
    size_t arms = w->survival.group_count;
    w->arms = arena_alloc(arena, (arms + 1) * sizeof *w->arms);
    w->pairs = arena_alloc(arena, (arms * arms + 1) * sizeof *w->pairs);
    *out = (struct comparison){.level = w->options.level,
                               .horizon = NAN,
                               .time_count = options->time_count,
                               .times = options->times,
                               .rows = w->survival.count,
                               .arm_count = arms,
                               .arms = w->arms,
                               .pairs = w->pairs};
    for (size_t a = 0; a < arms; a++)
        for (size_t b = a + 1; b < arms; b++)
            w->pairs[out->pair_count++] = (struct comparison_pair){.a = a, .b = b};
}

enum status comparison_go_on(const struct comparison_work *w, struct problem *why)
{
    if (w->options.cancel && atomic_load(w->options.cancel))
        return fail(why, UNAVAILABLE, NULL, "The comparison was cancelled.");
    return OK;
}

struct comparison_pair *comparison_pair_of(const struct comparison_work *w, size_t a, size_t b)
{
    size_t before = a * w->out->arm_count - a * (a + 1) / 2; /* pairs of the treatments before a */
    return &w->pairs[before + b - a - 1];
}

struct survival_data comparison_rows(const struct survival_data *data, const size_t *rows, size_t count,
                                     const int *number, size_t group_count, struct arena *arena)
{
    double *stop = arena_alloc(arena, (count + 1) * sizeof *stop);
    double *start = data->start ? arena_alloc(arena, (count + 1) * sizeof *start) : NULL;
    bool *event = arena_alloc(arena, (count + 1) * sizeof *event);
    int *group = arena_alloc(arena, (count + 1) * sizeof *group);
    int *stratum = data->stratum ? arena_alloc(arena, (count + 1) * sizeof *stratum) : NULL;
    for (size_t i = 0; i < count; i++) {
        stop[i] = data->stop[rows[i]];
        event[i] = data->event[rows[i]];
        group[i] = number[data->group[rows[i]]];
        if (start)
            start[i] = data->start[rows[i]];
        if (stratum)
            stratum[i] = data->stratum[rows[i]];
    }
    return (struct survival_data){.count = count,
                                  .start = start,
                                  .stop = stop,
                                  .event = event,
                                  .group = group,
                                  .group_count = group_count,
                                  .stratum = stratum,
                                  .stratum_count = data->stratum_count};
}

/* ---- who can be judged ------------------------------------------------------------------------------------------- */

static void arms_count(struct comparison_work *w)
{
    double *sums = arena_alloc(&w->scratch, (w->out->arm_count + 1) * sizeof *sums);
    for (size_t i = 0; i < w->survival.count; i++) {
        struct comparison_arm *arm = &w->arms[w->survival.group[i]];
        arm->patients++;
        arm->events += w->survival.event[i];
        sums[w->survival.group[i]] += w->survival.stop[i];
    }
    for (size_t a = 0; a < w->out->arm_count; a++)
        w->arms[a].mean_observed = w->arms[a].patients ? sums[a] / (double)w->arms[a].patients : NAN;
}

static void judged_choose(struct comparison_work *w)
{
    for (size_t a = 0; a < w->out->arm_count; a++) {
        bool enough = w->arms[a].complete_patients >= w->options.patients_min;
        w->number[a] = enough ? (int)w->judged_count : -1;
        if (enough)
            w->judged[w->judged_count++] = a;
    }
}

/* The model of treatments is about those to be judged, so its columns must vary among their patients. Missing values
 * are counted among all. */
static enum status design_make(struct comparison_work *w, struct problem *why)
{
    const struct comparison_data *d = w->data;
    struct design *design = &w->out->design;
    size_t others = 0;
    TRY(design_build(d->covariates, d->covariate_count, w->survival.count, NULL, w->arena, design, why));
    for (size_t i = 0; i < design->rows; i++) {
        struct comparison_arm *arm = &w->arms[w->survival.group[design->row[i]]];
        arm->complete_patients++;
        arm->complete_events += w->survival.event[design->row[i]];
    }
    judged_choose(w);
    bool *included = arena_alloc(&w->scratch, (w->survival.count + 1) * sizeof *included);
    for (size_t i = 0; i < w->survival.count; i++) {
        included[i] = w->number[w->survival.group[i]] >= 0;
        others += !included[i];
    }
    if (others == 0)
        return OK;
    struct design all = *design;
    TRY(design_build(d->covariates, d->covariate_count, w->survival.count, included, w->arena, design, why));
    design->missing = all.missing;
    design->left_out = all.left_out;
    return OK;
}

static enum status work_check(const struct comparison_work *w, struct problem *why)
{
    double rows = (double)w->out->design.rows;
    double each = (double)(w->out->design.count + 1) * fmax((double)w->judged_count, 1);
    if (w->data->covariate_count > 0 && rows * each * each > COMPARISON_MODEL_WORK_MAX)
        return fail(why, INVALID, "covariates", "have too many columns for so many patients and treatments");
    if (w->data->covariate_count > 0 && rows * (double)w->options.bootstrap > COMPARISON_BOOTSTRAP_WORK_MAX)
        return fail(why, INVALID, "bootstrap", "must be fewer draws for so many patients");
    return OK;
}

/* ---- per treatment ----------------------------------------------------------------------------------------------- */

/* The last time at which a tenth of the patients of each treatment to be judged is still watched. */
static double horizon_of(const struct comparison_work *w)
{
    if (w->options.horizon > 0)
        return w->options.horizon;
    double horizon = NAN;
    for (size_t j = 0; j < w->judged_count; j++) {
        const struct survival_curve *curve = &w->arms[w->judged[j]].unadjusted.curve;
        double last = NAN;
        for (size_t k = 0; k < curve->step_count; k++)
            if (curve->steps[k].at_risk >= 0.1 * curve->patients)
                last = curve->steps[k].time;
        horizon = fmin(horizon, last);
    }
    return horizon;
}

static void points_fill(const struct comparison_options *o, struct arena *arena, struct comparison_estimate *e)
{
    struct survival_point *at = arena_alloc(arena, (o->time_count + 1) * sizeof *at);
    for (size_t i = 0; i < o->time_count; i++)
        at[i] = survival_at(&e->curve, o->times[i]);
    e->at = at;
    e->median = survival_quantile(&e->curve, 0.5);
}

void comparison_unadjusted(const struct survival_data *data, int treatment, const struct comparison_options *options,
                           struct arena *arena, struct comparison_estimate *out)
{
    struct comparison_options o = with_defaults(*options);
    struct survival_mean *means = arena_alloc(arena, (o.time_count + 1) * sizeof *means);
    *out = (struct comparison_estimate){.means = means};
    survival_estimate(data, treatment, (struct survival_limits){o.level, o.scale}, arena, &out->curve);
    out->known = out->curve.patients > 0;
    points_fill(&o, arena, out);
    for (size_t i = 0; i < o.time_count; i++)
        means[i] = survival_restricted_mean(&out->curve, o.times[i]);
}

static struct survival_mean mean_with_limits(const struct comparison_work *w, const struct adjusted_mean *m, double tau)
{
    double error = sqrt(adjusted_covariance(&w->adjusted, m, m)), reach = normal_limit(w->options.level) * error;
    bool known = !isnan(m->mean);
    return (struct survival_mean){.beyond_follow_up = m->beyond_follow_up,
                                  .tau = tau,
                                  .mean = m->mean,
                                  .standard_error = error,
                                  .lower = known ? fmax(m->mean - reach, 0) : NAN,
                                  .upper = known ? fmin(m->mean + reach, tau) : NAN};
}

static void adjusted_arm(struct comparison_work *w, size_t number)
{
    struct comparison_estimate *e = &w->arms[w->judged[number]].adjusted;
    adjusted_estimate(&w->adjusted, number, w->limits, w->arena, &e->curve);
    e->known = true;
    points_fill(&w->options, w->arena, e);
    struct survival_mean *means = arena_alloc(w->arena, (w->options.time_count + 1) * sizeof *means);
    for (size_t i = 0; i < w->options.time_count; i++) {
        struct adjusted_mean m;
        adjusted_restricted_mean(&w->adjusted, &e->curve, number, w->options.times[i], w->arena, &m);
        means[i] = mean_with_limits(w, &m, w->options.times[i]);
    }
    e->means = means;
    adjusted_restricted_mean(&w->adjusted, &e->curve, number, w->out->horizon, w->arena, &w->means[number]);
    e->mean = mean_with_limits(w, &w->means[number], w->out->horizon);
}

/* Nothing is a number until it is known. */
static void arms_begin(struct comparison_work *w)
{
    static const struct survival_mean no_mean = {
        .tau = NAN, .mean = NAN, .standard_error = NAN, .lower = NAN, .upper = NAN};
    static const struct survival_time no_time = {NAN, NAN, NAN};
    for (size_t a = 0; a < w->out->arm_count; a++) {
        struct comparison_arm *arm = &w->arms[a];
        arm->adjusted.median = no_time;
        arm->adjusted.mean = no_mean;
        arm->adjusted.curve.last_time = NAN;
        arm->weights = (struct comparison_weights){NAN, NAN, NAN};
        arm->best_share = NAN;
    }
}

/* ---- per pair ---------------------------------------------------------------------------------------------------- */

static double *member_at(const struct comparison_work *w, size_t pair, size_t offset)
{
    return (double *)((char *)&w->pairs[pair] + offset);
}

void comparison_holm(const struct comparison_work *w, size_t p_offset, size_t holm_offset)
{
    size_t count = 0, chosen[SURVIVAL_GROUPS_MAX * SURVIVAL_GROUPS_MAX];
    for (size_t i = 0; i < w->out->pair_count; i++) {
        *member_at(w, i, holm_offset) = NAN;
        if (w->number[w->pairs[i].a] >= 0 && w->number[w->pairs[i].b] >= 0 && !isnan(*member_at(w, i, p_offset)))
            chosen[count++] = i;
    }
    for (size_t i = 1; i < count; i++) /* few: sorted by insertion */
        for (size_t k = i; k > 0; k--) {
            if (*member_at(w, chosen[k], p_offset) >= *member_at(w, chosen[k - 1], p_offset))
                break;
            size_t keep = chosen[k];
            chosen[k] = chosen[k - 1];
            chosen[k - 1] = keep;
        }
    double largest = 0;
    for (size_t i = 0; i < count; i++) {
        largest = fmax(largest, fmin(1, (double)(count - i) * *member_at(w, chosen[i], p_offset)));
        *member_at(w, chosen[i], holm_offset) = largest;
    }
}

static struct comparison_difference difference_of(const struct comparison_work *w, double value, double variance)
{
    double error = sqrt(variance), reach = normal_limit(w->options.level) * error;
    double p = error > 0 ? normal_two_sided(value / error) : NAN;
    return (struct comparison_difference){value, error, value - reach, value + reach, p, NAN, NULL};
}

static double square(double x)
{
    return x * x;
}

static void differences_fill(const struct comparison_work *w, struct comparison_pair *p)
{
    const struct survival_mean *a = &w->arms[p->a].unadjusted.mean, *b = &w->arms[p->b].unadjusted.mean;
    int i = w->number[p->a], j = w->number[p->b];
    p->unadjusted = difference_of(w, b->mean - a->mean, square(a->standard_error) + square(b->standard_error));
    p->adjusted = difference_of(w, NAN, NAN);
    if (!w->weighted || i < 0 || j < 0)
        return;
    const struct adjusted_mean *x = &w->means[i], *y = &w->means[j];
    double variance = adjusted_covariance(&w->adjusted, x, x) + adjusted_covariance(&w->adjusted, y, y) -
                      2 * adjusted_covariance(&w->adjusted, x, y);
    p->adjusted = difference_of(w, y->mean - x->mean, variance < 0 ? 0 : variance); /* and NaN stays NaN */
}

static struct comparison_test test_of(const struct survival_data *data, const struct comparison_pair *p,
                                      struct arena *arena)
{
    struct logrank l;
    logrank_pair(data, (int)p->a, (int)p->b, 0, arena, &l);
    return (struct comparison_test){l.chi_square, l.p, NAN, (size_t)l.degrees_of_freedom};
}

static void logranks_fill(struct comparison_work *w)
{
    struct survival_data plain = w->survival;
    plain.stratum = NULL;
    bool stratified = w->survival.stratum;
    logrank_test(&plain, (struct logrank_options){0}, w->arena, &w->out->logrank);
    logrank_test(&plain, (struct logrank_options){.rho = 1}, w->arena, &w->out->peto_peto);
    w->out->logrank_stratified = (struct logrank){.chi_square = NAN, .p = NAN};
    if (stratified)
        logrank_test(&w->survival, (struct logrank_options){0}, w->arena, &w->out->logrank_stratified);
    for (size_t i = 0; i < w->out->pair_count; i++) {
        struct comparison_pair *p = &w->pairs[i];
        p->logrank = p->logrank_stratified = (struct comparison_test){NAN, NAN, NAN, 0};
        if (!w->arms[p->a].patients || !w->arms[p->b].patients)
            continue;
        p->logrank = test_of(&plain, p, &w->scratch);
        if (stratified)
            p->logrank_stratified = test_of(&w->survival, p, &w->scratch);
    }
}

static void pairs_fill(struct comparison_work *w)
{
    for (size_t i = 0; i < w->out->pair_count; i++)
        differences_fill(w, &w->pairs[i]);
    logranks_fill(w);
    COMPARISON_HOLM(w, unadjusted);
    COMPARISON_HOLM(w, adjusted);
    COMPARISON_HOLM(w, logrank);
    COMPARISON_HOLM(w, logrank_stratified);
}

/* ---- all of it --------------------------------------------------------------------------------------------------- */

static enum status run(struct comparison_work *w, struct problem *why)
{
    struct comparison *out = w->out;
    arms_count(w);
    arms_begin(w);
    TRY(design_make(w, why));
    TRY(work_check(w, why));
    for (size_t a = 0; a < out->arm_count; a++) {
        comparison_unadjusted(&w->survival, (int)a, &w->options, w->arena, &w->arms[a].unadjusted);
        w->arms[a].last_time = w->arms[a].unadjusted.curve.last_time;
    }
    out->horizon = horizon_of(w);
    for (size_t a = 0; a < out->arm_count; a++)
        w->arms[a].unadjusted.mean = survival_restricted_mean(&w->arms[a].unadjusted.curve, out->horizon);
    TRY(comparison_go_on(w, why));
    comparison_weigh(w);
    for (size_t j = 0; w->weighted && j < w->judged_count; j++)
        adjusted_arm(w, j);
    TRY(comparison_go_on(w, why));
    pairs_fill(w);
    comparison_diagnose(w);
    for (int by = 0; by < COMPARISON_ADJUSTMENTS; by++) {
        TRY(comparison_go_on(w, why));
        comparison_model_fit(w, (enum comparison_adjustment)by);
    }
    comparison_predict(w);
    TRY(comparison_bootstrap(w, why));
    comparison_judge(w);
    return OK;
}

enum status comparison_run(const struct comparison_data *data, const struct comparison_options *options,
                           struct arena *arena, struct comparison *out, struct problem *why)
{
    struct comparison_work w;
    struct comparison answer;
    TRY(input_check(data, options, why));
    work_init(&w, data, options, arena, &answer);
    enum status status = run(&w, why);
    arena_release(&w.scratch);
    if (status == OK)
        *out = answer;
    return status;
}
