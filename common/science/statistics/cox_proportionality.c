/* The test of proportional hazards. */
#include "common/base/status.h"
#include "common/science/statistics/cox_private.h"
#include "common/science/statistics/distribution.h"
#include "common/science/statistics/matrix.h"
#include "common/science/statistics/numbers.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Kaplan-Meier curve of all rows, strata and weights aside: the survival just before each time of death. */
struct clock {
    size_t count;
    double *time, *before;
};

static double *sorted(struct arena *a, const double *x, size_t count)
{
    double *copy = memcpy(numbers_new(a, count), x, count * sizeof *x);
    numbers_sort(copy, count);
    return copy;
}

static struct clock clock_new(struct arena *a, const struct cox_sweep *s)
{
    struct clock c = {0, numbers_new(a, s->events), numbers_new(a, s->events)};
    double *starts = sorted(a, s->start, s->count), *stops = sorted(a, s->stop, s->count);
    double *deaths = numbers_new(a, s->events), survival = 1;
    size_t died = 0, entered = 0, gone = 0;
    for (size_t i = 0; i < s->count; i++)
        if (s->event[i])
            deaths[died++] = s->stop[i];
    numbers_sort(deaths, died);
    for (size_t i = 0, next; i < died; i = next) {
        for (next = i; next < died && deaths[next] == deaths[i];)
            next++;
        while (entered < s->count && starts[entered] < deaths[i])
            entered++;
        while (gone < s->count && stops[gone] < deaths[i])
            gone++;
        c.time[c.count] = deaths[i];
        c.before[c.count++] = survival;
        survival *= 1 - (double)(next - i) / (double)(entered - gone);
    }
    return c;
}

static double clock_at(const struct clock *c, double time)
{
    const double *found = bsearch(&time, c->time, c->count, sizeof time, numbers_compare);
    return found ? 1 - c->before[found - c->time] : NAN;
}

/* Score and information of coefficients on z times the clock, given those on z. */
static void changing_effects(const struct cox_sweep *s, const double *variance, double *score, double *information)
{
    AUTO(arena_release) struct arena scratch = {0};
    size_t p = s->width;
    struct clock c = clock_new(&scratch, s);
    struct cox_walk w = cox_walk_new(&scratch, s, true);
    struct cox_moments m = cox_moments_new(&scratch, p);
    double *sum = numbers_new(&scratch, p), *mixed = numbers_new(&scratch, p * p), *half = numbers_new(&scratch, p * p);
    while (cox_walk_next(&w)) {
        double g = clock_at(&c, w.time);
        cox_moments_at(&m, &w);
        cox_observed(&w, sum);
        for (size_t j = 0; j < p; j++) {
            score[j] += g * (sum[j] - m.expected[j]);
            for (size_t k = 0; k <= j; k++) {
                mixed[j * p + k] += g * m.information[j * p + k];
                information[j * p + k] += g * g * m.information[j * p + k];
            }
        }
    }
    for (size_t j = 0; j < p; j++)
        for (size_t k = 0; k < j; k++)
            mixed[k * p + j] = mixed[j * p + k];
    for (size_t j = 0; j < p; j++)
        for (size_t k = 0; k < p; k++)
            half[j * p + k] = matrix_dot(mixed + j * p, variance + k * p, p);
    for (size_t j = 0; j < p; j++)
        for (size_t k = 0; k <= j; k++)
            information[j * p + k] -= matrix_dot(half + j * p, mixed + k * p, p);
}

/* term NULL: all columns. */
static struct cox_test term_test(const double *score, const double *information, size_t p, const size_t *term,
                                 size_t which)
{
    AUTO(arena_release) struct arena scratch = {0};
    size_t chosen[COX_COVARIATES_MAX], count = 0;
    for (size_t j = 0; j < p; j++)
        if (!term || term[j] == which)
            chosen[count++] = j;
    double *factor = numbers_new(&scratch, count * count), *x = numbers_new(&scratch, count),
           *u = numbers_new(&scratch, count);
    double alone[COX_COVARIATES_MAX];
    for (size_t j = 0; j < count; j++) {
        for (size_t k = 0; k <= j; k++)
            factor[j * count + k] = information[chosen[j] * p + chosen[k]];
        alone[j] = factor[j * count + j];
        x[j] = u[j] = score[chosen[j]];
    }
    if (matrix_pivot_lost(factor, count, alone, 1e-10) != SIZE_MAX || !matrix_cholesky(factor, count))
        return cox_test_of(NAN, count);
    matrix_solve(factor, count, x);
    return cox_test_of(matrix_dot(x, u, count), count);
}

void cox_proportionality(const struct survival_data *data, const struct cox_model *model, const struct cox_fit *fit,
                         const size_t *term, size_t term_count, struct cox_test *out, struct cox_test *global)
{
    AUTO(arena_release) struct arena scratch = {0};
    struct cox_sweep s;
    size_t column, p = model->covariate_count;
    bool usable = fit->state == COX_FITTED && cox_sweep_init(&s, &scratch, data, model, &column) == COX_FITTED;
    double *score = numbers_new(&scratch, p), *information = numbers_new(&scratch, p * p);
    if (usable) {
        cox_sweep_set(&s, fit->scaled_coefficient);
        changing_effects(&s, fit->scaled_variance, score, information);
    }
    for (size_t t = 0; t < term_count; t++)
        out[t] = usable ? term_test(score, information, p, term, t) : cox_test_of(NAN, 0);
    *global = usable ? term_test(score, information, p, NULL, 0) : cox_test_of(NAN, 0);
}
