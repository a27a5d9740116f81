/* The baseline hazard of a Cox model, and the curves that it predicts. */
#include "common/base/status.h"
#include "common/science/statistics/cox_private.h"
#include "common/science/statistics/distribution.h"
#include "common/science/statistics/matrix.h"

#include <math.h>
#include <string.h>

/* ---- Baseline hazard ---- */

struct baseline_arrays {
    double *time, *hazard, *variance, *drift;
};

static void row_swap(double *x, size_t width, size_t i, size_t k)
{
    for (size_t j = 0; j < width; j++) {
        double keep = x[i * width + j];
        x[i * width + j] = x[k * width + j];
        x[k * width + j] = keep;
    }
}

/* From increments, the last time first, to sums from the first time on. */
static void accumulate(double *x, size_t width, size_t count)
{
    for (size_t i = 0; i < count / 2; i++)
        row_swap(x, width, i, count - 1 - i);
    for (size_t i = width; i < count * width; i++)
        x[i] += x[i - width];
}

static void baseline_finish(struct cox_baseline *b, const struct baseline_arrays *x, size_t from, size_t to,
                            size_t width)
{
    size_t count = to - from;
    for (size_t i = 0; i < count / 2; i++)
        row_swap(x->time + from, 1, i, count - 1 - i);
    accumulate(x->hazard + from, 1, count);
    accumulate(x->variance + from, 1, count);
    accumulate(x->drift + from * width, width, count);
    b->count = count;
    b->time = x->time + from;
    b->hazard = x->hazard + from;
    b->variance = x->variance + from;
    b->drift = x->drift + from * width;
}

const struct cox_baseline *cox_baselines_new(struct arena *a, const struct cox_sweep *s)
{
    AUTO(arena_release) struct arena scratch = {0};
    size_t p = s->width, count = 0;
    struct baseline_arrays x = {numbers_new(a, s->events), numbers_new(a, s->events), numbers_new(a, s->events),
                                numbers_new(a, s->events * p)};
    struct cox_baseline *strata = arena_alloc(a, s->stratum_count * sizeof *strata);
    size_t *first = arena_alloc(&scratch, (s->stratum_count + 1) * sizeof *first);
    for (size_t g = 0; g < s->stratum_count; g++)
        strata[g].last = NAN;
    for (size_t i = s->count; i-- > 0;)
        strata[s->stratum[i]].last = s->stop[i];
    struct cox_walk w = cox_walk_new(&scratch, s, false);
    struct cox_moments m = cox_moments_new(&scratch, p);
    while (cox_walk_next(&w)) {
        cox_moments_at(&m, &w);
        x.time[count] = w.time;
        x.hazard[count] = m.hazard;
        x.variance[count] = m.hazard_variance;
        memcpy(x.drift + count * p, m.drift, p * sizeof *m.drift);
        first[w.stratum + 1] = ++count;
    }
    for (size_t g = 0; g < s->stratum_count; g++) {
        if (first[g + 1] < first[g]) /* nobody died in it */
            first[g + 1] = first[g];
        baseline_finish(&strata[g], &x, first[g], first[g + 1], p);
    }
    return strata;
}

size_t cox_steps_until(const struct cox_baseline *b, double time)
{
    size_t low = 0, high = b->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (b->time[middle] <= time)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* ---- Predicted curves ---- */

/* A profile on the inner scale, and how many times the hazard at the centre it has. */
static double relative_risk(const struct cox_fit *f, const double *covariates, double *z)
{
    for (size_t j = 0; j < f->covariate_count; j++)
        z[j] = ((covariates ? covariates[j] : 0) - f->centre[j]) / f->scale[j];
    return exp(matrix_dot(f->scaled_coefficient, z, f->covariate_count));
}

static bool is_known(const struct cox_fit *f, size_t stratum, double time)
{
    return f->state == COX_FITTED && stratum < f->stratum_count && time <= f->strata[stratum].last;
}

double cox_baseline_hazard(const struct cox_fit *f, size_t stratum, double time)
{
    double z[COX_COVARIATES_MAX];
    if (!is_known(f, stratum, time))
        return NAN;
    size_t steps = cox_steps_until(&f->strata[stratum], time);
    return steps == 0 ? 0 : f->strata[stratum].hazard[steps - 1] * relative_risk(f, NULL, z);
}

/* The hazard's variance has two parts: that of the baseline with the coefficients known, and that of the coefficients,
 * which weighs the more the further the profile is from the mean of those at risk. */
static struct survival_point point_at(const struct cox_fit *f, const struct cox_baseline *b, double time,
                                      const double *z, double risk, double quantile)
{
    double away[COX_COVARIATES_MAX];
    size_t p = f->covariate_count, steps = cox_steps_until(b, time);
    if (steps == 0)
        return (struct survival_point){false, time, NAN, 1, 0, 1, 1};
    double hazard = b->hazard[steps - 1];
    for (size_t j = 0; j < p; j++)
        away[j] = hazard * z[j] - b->drift[(steps - 1) * p + j];
    double error = risk * sqrt(b->variance[steps - 1] + matrix_quadratic(f->scaled_variance, away, p));
    double survival = exp(-risk * hazard);
    return (struct survival_point){.time = time,
                                   .at_risk = NAN,
                                   .survival = survival,
                                   .standard_error = survival * error,
                                   .lower = exp(-risk * hazard - quantile * error),
                                   .upper = fmin(1, exp(-risk * hazard + quantile * error))};
}

void cox_predict(const struct cox_fit *f, size_t stratum, const double *covariates, double level, const double *times,
                 size_t count, struct survival_point *out)
{
    double z[COX_COVARIATES_MAX];
    double quantile = normal_limit(level);
    double risk = f->state == COX_FITTED ? relative_risk(f, covariates, z) : NAN;
    for (size_t i = 0; i < count; i++)
        out[i] = is_known(f, stratum, times[i]) && isfinite(risk)
                     ? point_at(f, &f->strata[stratum], times[i], z, risk, quantile)
                     : (struct survival_point){true, times[i], NAN, NAN, NAN, NAN, NAN};
}

double cox_predict_restricted_mean(const struct cox_fit *f, size_t stratum, const double *covariates, double tau)
{
    double z[COX_COVARIATES_MAX];
    if (!is_known(f, stratum, tau) || !(tau >= 0))
        return NAN;
    const struct cox_baseline *b = &f->strata[stratum];
    double risk = relative_risk(f, covariates, z), area = 0, since = 0, survival = 1;
    for (size_t i = 0; i < b->count && b->time[i] < tau; i++) {
        area += survival * (b->time[i] - since);
        since = b->time[i];
        survival = exp(-risk * b->hazard[i]);
    }
    return area + survival * (tau - since);
}

double cox_predict_median(const struct cox_fit *f, size_t stratum, const double *covariates)
{
    double z[COX_COVARIATES_MAX];
    if (f->state != COX_FITTED || stratum >= f->stratum_count)
        return NAN;
    const struct cox_baseline *b = &f->strata[stratum];
    double risk = relative_risk(f, covariates, z);
    for (size_t i = 0; i < b->count; i++)
        if (exp(-risk * b->hazard[i]) <= 0.5)
            return b->time[i];
    return NAN;
}
