/* The weights of a comparison: their model, their effect and their limits. */
#include "common/base/status.h"
#include "common/science/statistics/numbers.h"
#include "common/science/statistics/random.h"
#include "common/science/treatment/comparison_work.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

/* ---- propensities ------------------------------------------------------------------------------------------------ */

static enum comparison_weighting weighting_of(enum multinomial_state state)
{
    if (state == MULTINOMIAL_FITTED)
        return WEIGHTING_DONE;
    return state == MULTINOMIAL_SEPARATED ? WEIGHTING_SEPARATED : WEIGHTING_NOT_CONVERGED;
}

static enum comparison_weighting propensity_fit(struct comparison_work *w)
{
    const struct design *d = &w->out->design;
    if (w->data->covariate_count == 0)
        return WEIGHTING_NOT_ASKED;
    if (w->judged_count < 2)
        return WEIGHTING_ONE_TREATMENT;
    for (size_t j = 0; j < w->judged_count; j++)
        if (w->arms[w->judged[j]].complete_patients <= d->count)
            return WEIGHTING_TOO_FEW;
    const struct multinomial_data data = {.count = d->rows,
                                          .outcome_count = w->judged_count,
                                          .covariate_count = d->count,
                                          .outcome = w->part.group,
                                          .covariates = d->values};
    enum multinomial_state state = multinomial_fit(w->arena, &data, &w->propensity);
    w->out->diagnostics.blamed = w->propensity.column;
    return weighting_of(state);
}

void comparison_weigh(struct comparison_work *w)
{
    const struct design *d = &w->out->design;
    struct comparison_diagnostics *g = &w->out->diagnostics;
    g->blamed = SIZE_MAX;
    w->part = comparison_rows(&w->survival, d->row, d->rows, w->number, w->judged_count, w->arena);
    g->weighting = propensity_fit(w);
    w->weighted = g->weighting == WEIGHTING_DONE;
    if (w->weighted)
        adjusted_init(&w->adjusted, &w->part, &w->propensity, w->arena);
}

/* ---- overlap ----------------------------------------------------------------------------------------------------- */

static struct comparison_overlap overlap_of(const struct comparison_work *w, size_t treatment, size_t group, double *p)
{
    size_t from = w->adjusted.first[group], count = w->adjusted.first[group + 1] - from;
    for (size_t i = 0; i < count; i++)
        p[i] = w->propensity.probability[w->adjusted.order[from + i] * w->judged_count + treatment];
    numbers_sort(p, count);
    return (struct comparison_overlap){.treatment = w->judged[treatment],
                                       .group = w->judged[group],
                                       .min = p[0],
                                       .q05 = numbers_quantile(p, count, 0.05),
                                       .q25 = numbers_quantile(p, count, 0.25),
                                       .median = numbers_quantile(p, count, 0.5),
                                       .q75 = numbers_quantile(p, count, 0.75),
                                       .q95 = numbers_quantile(p, count, 0.95),
                                       .max = p[count - 1]};
}

/* A propensity that some arm has lower or higher than another ever has is outside their common support. */
static double outside_support(const struct comparison_work *w, const struct comparison_overlap *overlap)
{
    size_t k = w->judged_count, outside = 0;
    double low[SURVIVAL_GROUPS_MAX], high[SURVIVAL_GROUPS_MAX];
    for (size_t t = 0; t < k; t++) {
        low[t] = 0;
        high[t] = 1;
        for (size_t g = 0; g < k; g++) {
            low[t] = fmax(low[t], overlap[t * k + g].min);
            high[t] = fmin(high[t], overlap[t * k + g].max);
        }
    }
    for (size_t i = 0; i < w->part.count; i++) {
        const double *p = w->propensity.probability + i * k;
        bool is_outside = false;
        for (size_t t = 0; t < k; t++)
            is_outside |= p[t] < low[t] || p[t] > high[t];
        outside += is_outside;
    }
    return (double)outside / (double)w->part.count;
}

static void overlap_fill(struct comparison_work *w)
{
    struct comparison_diagnostics *g = &w->out->diagnostics;
    size_t k = w->judged_count;
    struct comparison_overlap *overlap = arena_alloc(w->arena, k * k * sizeof *overlap);
    double *p = numbers_new(&w->scratch, w->part.count);
    for (size_t t = 0; t < k; t++)
        for (size_t group = 0; group < k; group++)
            overlap[g->overlap_count++] = overlap_of(w, t, group, p);
    g->overlap = overlap;
    g->outside_support = outside_support(w, overlap);
}

/* ---- weights ----------------------------------------------------------------------------------------------------- */

static void largest_note(struct comparison_diagnostics *g, struct comparison_largest candidate)
{
    size_t at = g->largest_count;
    while (at > 0 && g->largest[at - 1].weight < candidate.weight)
        at--;
    if (at == COMPARISON_LARGEST)
        return;
    g->largest_count += g->largest_count < COMPARISON_LARGEST;
    memmove(&g->largest[at + 1], &g->largest[at], (g->largest_count - at - 1) * sizeof *g->largest);
    g->largest[at] = candidate;
}

static void weights_fill(struct comparison_work *w)
{
    for (size_t j = 0; j < w->judged_count; j++) {
        double sum = 0, squares = 0, largest = 0;
        size_t from = w->adjusted.first[j], to = w->adjusted.first[j + 1];
        for (size_t i = from; i < to; i++) {
            size_t row = w->adjusted.order[i];
            double weight = w->adjusted.weight[row];
            sum += weight;
            squares += weight * weight;
            largest = fmax(largest, weight);
            largest_note(&w->out->diagnostics,
                         (struct comparison_largest){w->out->design.row[row], w->judged[j], weight});
        }
        w->arms[w->judged[j]].weights =
            (struct comparison_weights){sum / (double)(to - from), largest, sum * sum / squares};
    }
}

/* ---- balance ----------------------------------------------------------------------------------------------------- */

struct column_moments {
    double mean, variance, weighted_mean;
};

static struct column_moments moments_of(const struct comparison_work *w, size_t column, size_t group)
{
    const struct design *d = &w->out->design;
    const double *values = d->values + column * d->rows;
    struct column_moments m = {0};
    double count = 0, weights = 0, squares = 0;
    for (size_t i = 0; i < d->rows; i++) {
        if (w->part.group[i] != (int)group)
            continue;
        double weight = w->weighted ? w->adjusted.weight[i] : 0, away = values[i] - m.mean;
        m.mean += away / ++count;
        squares += away * (values[i] - m.mean);
        weights += weight;
        m.weighted_mean += weight * values[i];
    }
    m.variance = count > 1 ? squares / (count - 1) : 0;
    m.weighted_mean = w->weighted ? m.weighted_mean / weights : NAN;
    return m;
}

/* The spread is that before weighting, on both sides, so that weighting cannot look good by changing it. Where both
 * arms are constant, a weighted mean may differ from another by rounding, which no spread forgives. */
static double standardised(double a, double b, double variance)
{
    static const double ROUNDING = 1e-12;
    double difference = b - a;
    if (fabs(difference) <= ROUNDING * fmax(fabs(a), fabs(b)))
        return 0;
    return difference / sqrt(variance);
}

static void balance_note(struct comparison_work *w, size_t column, const struct column_moments *moments,
                         struct comparison_balance *balance)
{
    for (size_t i = 0; i < w->judged_count; i++)
        for (size_t j = i + 1; j < w->judged_count; j++) {
            struct comparison_pair *p = comparison_pair_of(w, w->judged[i], w->judged[j]);
            const struct column_moments *a = &moments[i], *b = &moments[j];
            double variance = (a->variance + b->variance) / 2;
            struct comparison_balance found = {.column = column,
                                               .pair = (size_t)(p - w->pairs),
                                               .before = standardised(a->mean, b->mean, variance),
                                               .after = standardised(a->weighted_mean, b->weighted_mean, variance)};
            p->imbalance.before = fmax(p->imbalance.before, fabs(found.before));
            p->imbalance.after = fmax(p->imbalance.after, fabs(found.after));
            balance[w->out->diagnostics.balance_count++] = found;
        }
}

static void balance_fill(struct comparison_work *w)
{
    size_t k = w->judged_count;
    struct column_moments moments[SURVIVAL_GROUPS_MAX];
    struct comparison_balance *balance = arena_alloc(w->arena, (w->out->design.count * k * k + 1) * sizeof *balance);
    for (size_t column = 0; column < w->out->design.count; column++) {
        for (size_t j = 0; j < k; j++)
            moments[j] = moments_of(w, column, j);
        balance_note(w, column, moments, balance);
    }
    w->out->diagnostics.balance = balance;
}

void comparison_diagnose(struct comparison_work *w)
{
    w->out->diagnostics.outside_support = NAN;
    for (size_t i = 0; i < w->out->pair_count; i++)
        w->pairs[i].imbalance = (struct comparison_imbalance){NAN, NAN}; /* fmax passes over NaN */
    balance_fill(w);
    if (!w->weighted)
        return;
    overlap_fill(w);
    weights_fill(w);
}

/* ---- bootstrap --------------------------------------------------------------------------------------------------- */

/* Fewer than this share of draws with a model, and their spread says nothing. */
static const double DRAWS_USABLE = 0.9;

static double area_until(const struct survival_curve *curve, double tau)
{
    return survival_restricted_mean(curve, tau).mean;
}

/* One draw: patients as often as chance has it, a model of their own, and the means that follow. */
static bool draw(const struct comparison_work *w, struct random *random, double *means)
{
    AUTO(arena_release) struct arena scratch = {0};
    size_t n = w->part.count, k = w->judged_count;
    const struct design *d = &w->out->design;
    double *weight = numbers_new(&scratch, n);
    for (size_t i = 0; i < n; i++)
        weight[random_below(random, n)]++;
    const struct multinomial_data data = {.count = n,
                                          .outcome_count = k,
                                          .covariate_count = d->count,
                                          .outcome = w->part.group,
                                          .covariates = d->values,
                                          .weight = weight};
    struct multinomial_fit fit;
    if (multinomial_fit(&scratch, &data, &fit) != MULTINOMIAL_FITTED)
        return false;
    for (size_t i = 0; i < n; i++)
        weight[i] /= fit.probability[i * k + (size_t)w->part.group[i]];
    struct survival_data drawn = w->part;
    drawn.weight = weight;
    for (size_t j = 0; j < k; j++) {
        struct survival_curve curve;
        survival_estimate(&drawn, (int)j, w->limits, &scratch, &curve);
        means[j] = area_until(&curve, w->out->horizon);
        if (isnan(means[j]))
            return false;
    }
    return true;
}

static const struct comparison_spread *spread_of(const struct comparison_work *w, double *draws, size_t count)
{
    struct comparison_spread *out = arena_alloc(w->arena, sizeof *out);
    double mean = 0, squares = 0, tail = (1 - w->options.level) / 2;
    for (size_t i = 0; i < count; i++) {
        double away = draws[i] - mean;
        mean += away / (double)(i + 1);
        squares += away * (draws[i] - mean);
    }
    numbers_sort(draws, count);
    out->standard_error = sqrt(squares / (double)(count - 1));
    out->lower = numbers_quantile(draws, count, tail);
    out->upper = numbers_quantile(draws, count, 1 - tail);
    return out;
}

static void bootstrap_fill(struct comparison_work *w, const double *means, size_t count)
{
    size_t k = w->judged_count;
    double *draws = numbers_new(&w->scratch, count);
    for (size_t j = 0; j < k; j++) {
        struct comparison_arm *arm = &w->arms[w->judged[j]];
        for (size_t i = 0; i < count; i++)
            draws[i] = means[i * k + j];
        arm->bootstrap = spread_of(w, draws, count);
        for (size_t l = j + 1; l < k; l++) {
            struct comparison_difference *p = &comparison_pair_of(w, w->judged[j], w->judged[l])->adjusted;
            for (size_t i = 0; i < count; i++)
                draws[i] = means[i * k + l] - means[i * k + j];
            p->bootstrap = spread_of(w, draws, count);
        }
    }
}

enum status comparison_bootstrap(struct comparison_work *w, struct problem *why)
{
    size_t usable = 0, draws = w->weighted ? w->options.bootstrap : 0;
    double *means = numbers_new(&w->scratch, draws * w->judged_count + 1);
    struct random random = random_from(w->options.seed);
    for (size_t i = 0; i < draws; i++) {
        TRY(comparison_go_on(w, why));
        usable += draw(w, &random, means + usable * w->judged_count);
    }
    if (usable > 1 && (double)usable >= DRAWS_USABLE * (double)draws)
        bootstrap_fill(w, means, usable);
    return OK;
}
