#include "common/science/statistics/cox.h"

#include "common/base/status.h"
#include "common/science/statistics/cox_private.h"
#include "common/science/statistics/distribution.h"
#include "common/science/statistics/matrix.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

struct likelihood {
    double log;
    double *score, *information;
};

enum { ITERATIONS_MAX = 60 };

const char *const cox_ties_names[] = {[COX_EFRON] = "efron", [COX_BRESLOW] = "breslow", NULL};

const char *cox_state_text(enum cox_state s)
{
    static const char *const texts[COX_STATE_COUNT] = {
        [COX_FITTED] = "the model was fitted",
        [COX_NO_ROWS] = "there are no patients",
        [COX_TOO_MANY_COVARIATES] = "there are too many covariates",
        [COX_BAD_DATA] = "times, weights, groups or strata are not valid",
        [COX_NOT_FINITE] = "a covariate holds something that is not a number",
        [COX_OUT_OF_RANGE] = "a covariate holds a number too large to compute with",
        [COX_NO_EVENTS] = "no event was observed",
        [COX_CONSTANT] = "a covariate has the same value for everybody",
        [COX_COLLINEAR] = "a covariate follows from the others, or does not vary among the patients compared",
        [COX_SEPARATED] = "a covariate separates those with an event from the others, so that its effect is infinite",
        [COX_NOT_CONVERGED] = "the likelihood has no maximum that could be found",
    };
    return (unsigned)s < COX_STATE_COUNT ? texts[s] : "unknown";
}

/* ---- The maximum ---- */

static void likelihood_at(struct likelihood *l, struct cox_sweep *s, const double *beta)
{
    AUTO(arena_release) struct arena scratch = {0};
    size_t p = s->width;
    struct cox_walk w = cox_walk_new(&scratch, s, true);
    struct cox_moments m = cox_moments_new(&scratch, p);
    double *sum = numbers_new(&scratch, p);
    cox_sweep_set(s, beta);
    l->log = 0;
    memset(l->score, 0, p * sizeof *l->score);
    memset(l->information, 0, p * p * sizeof *l->information);
    while (cox_walk_next(&w)) {
        cox_moments_at(&m, &w);
        cox_observed(&w, sum);
        for (size_t i = w.from; i < w.from + w.deaths; i++)
            l->log += s->weight[i] * s->linear[i];
        l->log -= m.log_denominators;
        for (size_t j = 0; j < p; j++) {
            l->score[j] += sum[j] - m.expected[j];
            for (size_t k = 0; k <= j; k++)
                l->information[j * p + k] += m.information[j * p + k];
        }
    }
}

static size_t largest(const double *x, size_t p)
{
    size_t best = 0;
    for (size_t j = 1; j < p; j++)
        if (fabs(x[j]) > fabs(x[best]))
            best = j;
    return best;
}

struct newton {
    struct cox_sweep *s;
    struct arena *a;
    struct likelihood now, next;
    double *beta, *trial, *step, *factor, *alone;
    double score_test, log_null;
    unsigned iterations;
    size_t column;
};

static void newton_init(struct newton *n, struct arena *a, struct cox_sweep *s)
{
    size_t p = s->width;
    *n = (struct newton){.s = s, .a = a, .column = SIZE_MAX};
    n->now = (struct likelihood){0, numbers_new(a, p), numbers_new(a, p * p)};
    n->next = (struct likelihood){0, numbers_new(a, p), numbers_new(a, p * p)};
    n->beta = numbers_new(a, p);
    n->trial = numbers_new(a, p);
    n->step = numbers_new(a, p);
    n->factor = numbers_new(a, p * p);
    n->alone = numbers_new(a, p);
}

/* Goes along the step, or half of it, or a quarter..., until the likelihood does not fall. */
static bool newton_advance(struct newton *n)
{
    size_t p = n->s->width;
    double slack = 1e-12 * (1 + fabs(n->now.log));
    for (int halvings = 0; halvings < 30; halvings++) {
        double length = ldexp(1, -halvings);
        for (size_t j = 0; j < p; j++)
            n->trial[j] = n->beta[j] + length * n->step[j];
        likelihood_at(&n->next, n->s, n->trial);
        if (isfinite(n->next.log) && n->next.log >= n->now.log - slack) {
            struct likelihood old = n->now;
            n->now = n->next;
            n->next = old;
            memcpy(n->beta, n->trial, p * sizeof *n->beta);
            return true;
        }
    }
    return false;
}

/* Newton-Raphson until a step is far below a standard error. Where the likelihood is monotone, the gain shrinks as
 * well, but the steps do not, and the information dwindles away: that is how separation is told from convergence. */
static enum cox_state newton_run(struct newton *n)
{
    size_t p = n->s->width;
    likelihood_at(&n->now, n->s, n->beta);
    n->log_null = n->now.log;
    if (!isfinite(n->now.log))
        return COX_NOT_CONVERGED;
    double weight = 0;
    for (size_t i = 0; i < n->s->count; i++)
        weight += n->s->event[i] ? n->s->weight[i] : 0;
    for (size_t j = 0; j < p; j++) /* what is less than a share of the weight is rounding error */
        n->alone[j] = fmax(n->now.information[j * p + j], 1e-4 * weight);
    bool near = false; /* steps become quadratically smaller, so that one more is enough */
    for (;; n->iterations++) {
        n->column = matrix_pivot_lost(n->now.information, p, n->alone, n->iterations == 0 ? 1e-10 : 1e-9);
        if (n->column != SIZE_MAX)
            return n->iterations == 0 ? COX_COLLINEAR : COX_SEPARATED;
        memcpy(n->factor, n->now.information, p * p * sizeof *n->factor);
        if (!matrix_cholesky(n->factor, p))
            return COX_NOT_CONVERGED;
        memcpy(n->step, n->now.score, p * sizeof *n->step);
        matrix_solve(n->factor, p, n->step);
        double gain = matrix_dot(n->step, n->now.score, p);
        if (n->iterations == 0)
            n->score_test = gain;
        if (near || gain <= 1e-22 * weight)
            break;
        near = gain <= 1e-12 * weight;
        if (n->iterations >= ITERATIONS_MAX || !newton_advance(n))
            return COX_NOT_CONVERGED;
    }
    size_t j = p > 0 ? largest(n->step, p) : 0;
    if (p > 0 && fabs(n->step[j]) > 1e-4 * fmax(1, fabs(n->beta[j]))) {
        n->column = j;
        return COX_SEPARATED;
    }
    matrix_invert(n->factor, p);
    return COX_FITTED;
}

/* ---- Robust variance ---- */

/* A patient's score residual: the contribution to the score minus the one expected while at risk. */
static void residual_while_at_risk(const struct cox_sweep *s, const struct cox_baseline *strata, size_t i,
                                   double *residual)
{
    const struct cox_baseline *b = &strata[s->stratum[i]];
    size_t p = s->width, until = cox_steps_until(b, s->stop[i]), before = cox_steps_until(b, s->start[i]);
    double hazard = (until ? b->hazard[until - 1] : 0) - (before ? b->hazard[before - 1] : 0);
    double risk = s->risk[i] / s->weight[i];
    for (size_t j = 0; j < p; j++) {
        double drift = (until ? b->drift[(until - 1) * p + j] : 0) - (before ? b->drift[(before - 1) * p + j] : 0);
        residual[j] -= risk * (s->z[i * p + j] * hazard - drift);
    }
}

static double *residuals_new(struct arena *a, const struct cox_sweep *s, const struct cox_baseline *strata)
{
    size_t p = s->width;
    double *residuals = numbers_new(a, s->count * p);
    struct cox_walk w = cox_walk_new(a, s, false);
    struct cox_moments m = cox_moments_new(a, p);
    while (cox_walk_next(&w)) {
        cox_moments_at(&m, &w);
        for (size_t i = w.from; i < w.from + w.deaths; i++) {
            double risk = s->risk[i] / s->weight[i];
            for (size_t j = 0; j < p; j++) {
                double z = s->z[i * p + j];
                residuals[i * p + j] = z - m.expected[j] / w.death_weight +
                                       risk * (z * (m.hazard - m.hazard_of_dead) - (m.drift[j] - m.drift_of_dead[j]));
            }
        }
    }
    for (size_t i = 0; i < s->count; i++)
        residual_while_at_risk(s, strata, i, residuals + i * p);
    return residuals;
}

static const double *robust_new(struct arena *a, const struct cox_sweep *s, const struct cox_baseline *strata,
                                const double *variance)
{
    AUTO(arena_release) struct arena scratch = {0};
    size_t p = s->width;
    double *residuals = residuals_new(&scratch, s, strata), *change = numbers_new(&scratch, p);
    double *robust = numbers_new(a, p * p);
    for (size_t i = 0; i < s->count; i++) {
        for (size_t j = 0; j < p; j++)
            change[j] = s->weight[i] * matrix_dot(variance + j * p, residuals + i * p, p);
        for (size_t j = 0; j < p; j++)
            for (size_t k = 0; k < p; k++)
                robust[j * p + k] += change[j] * change[k];
    }
    return robust;
}

/* ---- The fit ---- */

struct cox_test cox_test_of(double chi_square, size_t df)
{
    return (struct cox_test){chi_square, df, chi_square_tail(chi_square, (int)df)};
}

static const double *unscaled(struct arena *a, const struct cox_sweep *s, const double *matrix)
{
    size_t p = s->width;
    double *out = numbers_new(a, p * p);
    for (size_t j = 0; j < p; j++)
        for (size_t k = 0; k < p; k++)
            out[j * p + k] = matrix[j * p + k] / s->scale[j] / s->scale[k];
    return out;
}

static const double *roots(struct arena *a, const double *matrix, size_t p)
{
    double *out = numbers_new(a, p);
    for (size_t j = 0; j < p; j++)
        out[j] = sqrt(matrix[j * p + j]);
    return out;
}

static void fit_fill(struct cox_fit *f, struct arena *a, const struct cox_sweep *s, struct newton *n, bool robust)
{
    size_t p = s->width;
    double *coefficient = numbers_new(a, p);
    for (size_t j = 0; j < p; j++)
        coefficient[j] = n->beta[j] / s->scale[j];
    f->count = s->count;
    f->covariate_count = p;
    f->events = s->events;
    f->iterations = n->iterations;
    f->coefficient = coefficient;
    f->centre = s->centre;
    f->scale = s->scale;
    f->scaled_coefficient = n->beta;
    f->scaled_variance = n->factor;
    f->variance = unscaled(a, s, n->factor);
    f->std_error = roots(a, f->variance, p);
    f->log_likelihood_null = n->log_null;
    f->log_likelihood = n->now.log;
    f->likelihood_ratio = cox_test_of(2 * (n->now.log - n->log_null), p);
    f->wald = cox_test_of(matrix_quadratic(n->now.information, n->beta, p), p);
    f->score = cox_test_of(n->score_test, p);
    f->concordance = cox_concordance_of(s);
    f->stratum_count = s->stratum_count;
    f->strata = cox_baselines_new(a, s);
    if (robust) {
        f->robust_variance = unscaled(a, s, robust_new(a, s, f->strata, n->factor));
        f->robust_std_error = roots(a, f->robust_variance, p);
    }
}

/* Weights a hundred orders of magnitude apart can take every digit away. */
static bool fit_is_finite(const struct cox_fit *f)
{
    bool finite = isfinite(f->log_likelihood);
    for (size_t j = 0; j < f->covariate_count; j++)
        finite = finite && isfinite(f->coefficient[j]) && f->std_error[j] > 0 && isfinite(f->std_error[j]) &&
                 (!f->robust_std_error || isfinite(f->robust_std_error[j]));
    return finite;
}

enum cox_state cox_fit(struct arena *a, const struct survival_data *data, const struct cox_model *model,
                       struct cox_fit *out)
{
    AUTO(arena_release) struct arena scratch = {0};
    struct cox_sweep s;
    struct newton n;
    *out = (struct cox_fit){.column = SIZE_MAX};
    out->state = cox_sweep_init(&s, &scratch, data, model, &out->column);
    if (out->state != COX_FITTED)
        return out->state;
    newton_init(&n, a, &s);
    out->state = newton_run(&n);
    out->column = n.column;
    if (out->state != COX_FITTED)
        return out->state;
    cox_sweep_set(&s, n.beta);
    s.centre = memcpy(numbers_new(a, s.width), s.centre, s.width * sizeof *s.centre);
    s.scale = memcpy(numbers_new(a, s.width), s.scale, s.width * sizeof *s.scale);
    fit_fill(out, a, &s, &n, model->robust);
    if (!fit_is_finite(out))
        *out = (struct cox_fit){.state = COX_NOT_CONVERGED, .column = SIZE_MAX};
    return out->state;
}
