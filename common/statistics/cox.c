#include "common/statistics/cox.h"

#include "common/statistics/distribution.h"
#include "common/status.h"

#include <float.h>
#include <lapacke.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* The rows stand in the order of the sweep: stratum by stratum, from the last time to the first, deaths before the
 * censored of the same time. Covariates are centred, scaled and kept row by row, so that the sweep reads memory in a
 * line. Matrices are p x p with the lower triangle (column <= row) in use, which is the upper one to LAPACK. */
struct sweep {
    size_t count, width, stratum_count, events;
    size_t *row; /* the caller's */
    int *stratum;
    double *start, *stop, *weight;
    bool *event;
    double *z;
    double *risk;    /* weight times exp(linear predictor) */
    double *linear;  /* the predictor */
    size_t *leaving; /* by stratum, from the last start to the first; NULL: all entered at 0 */
    double *centre, *scale;
    enum cox_ties ties;
};

/* Sums of risk, risk z and risk z z'. */
struct sums {
    double risk;
    double *z, *zz;
};

/* Where the sweep is. The at-risk sums are kept up to date by adding and subtracting; as what a giant leaves behind
 * when it is subtracted is rounding error, they are summed anew after they have shrunk a lot. */
struct walk {
    const struct sweep *s;
    bool with_products;
    size_t first, next, leave; /* first row of the stratum, rows entered, rows left */
    size_t from, deaths;       /* the dead of this time */
    int stratum;
    double time, death_weight, peak;
    struct sums at_risk, dead;
};

/* What one time of death gives. Efron's method takes the dead out of the risk set one after the other, as if each had
 * died first equally often: at the k-th of d, each of them counts for 1 - k/d. */
struct moments {
    double log_denominators;               /* times weight */
    double *expected;                      /* sum of the dead's z under the model */
    double *information;                   /* its variance */
    double hazard, hazard_variance;        /* increments */
    double *drift;                         /* increment of hazard times mean z */
    double hazard_of_dead, *drift_of_dead; /* what the dead themselves see of the two */
};

struct likelihood {
    double log;
    double *score, *information;
};

enum { ITERATIONS_MAX = 60 };

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

/* ---- Putting the rows in order ---- */

struct key {
    double time;
    int stratum;
    bool event;
    size_t row;
};

static int key_compare(const void *left, const void *right)
{
    const struct key *a = left, *b = right;
    if (a->stratum != b->stratum)
        return a->stratum < b->stratum ? -1 : 1;
    if (a->time != b->time)
        return a->time > b->time ? -1 : 1;
    if (a->event != b->event)
        return a->event ? -1 : 1;
    return (a->row > b->row) - (a->row < b->row);
}

static double *numbers(struct arena *a, size_t count)
{
    return arena_alloc(a, count * sizeof(double));
}

static double weight_of(const struct survival_data *d, size_t row)
{
    return d->weight ? d->weight[row] : 1;
}

/* Rows without weight are nobody. */
static struct key *keys_new(struct arena *a, const struct survival_data *d, size_t *count)
{
    struct key *keys = arena_alloc(a, d->count * sizeof *keys);
    *count = 0;
    for (size_t i = 0; i < d->count; i++)
        if (weight_of(d, i) > 0)
            keys[(*count)++] = (struct key){d->stop[i], d->stratum ? d->stratum[i] : 0, d->event[i], i};
    qsort(keys, *count, sizeof *keys, key_compare);
    return keys;
}

static size_t *leaving_new(struct arena *a, const struct sweep *s, struct key *keys)
{
    for (size_t i = 0; i < s->count; i++)
        keys[i] = (struct key){s->start[i], s->stratum[i], false, i};
    qsort(keys, s->count, sizeof *keys, key_compare);
    size_t *leaving = arena_alloc(a, s->count * sizeof *leaving);
    for (size_t i = 0; i < s->count; i++)
        leaving[i] = keys[i].row;
    return leaving;
}

/* Copies a column into the rows of z, centred at its weighted mean and scaled to variance 1. */
static enum cox_state column_copy(struct sweep *s, size_t j, const double *values)
{
    double low = INFINITY, high = -INFINITY, weight = 0, mean = 0, square = 0;
    for (size_t i = 0; i < s->count; i++) {
        double x = values[s->row[i]];
        if (!isfinite(x))
            return COX_NOT_FINITE;
        if (fabs(x) > SURVIVAL_VALUE_MAX)
            return COX_OUT_OF_RANGE;
        low = fmin(low, x);
        high = fmax(high, x);
        weight += s->weight[i];
        mean += (x - mean) * (s->weight[i] / weight);
    }
    for (size_t i = 0; i < s->count; i++) {
        double x = values[s->row[i]] - mean;
        square += x * x * (s->weight[i] / weight);
        s->z[i * s->width + j] = x;
    }
    double scale = sqrt(square);
    if (low == high || !(scale > 1e-13 * fmax(fabs(low), fabs(high))) || scale < 1 / SURVIVAL_VALUE_MAX)
        return COX_CONSTANT;
    for (size_t i = 0; i < s->count; i++)
        s->z[i * s->width + j] /= scale;
    s->centre[j] = mean;
    s->scale[j] = scale;
    return COX_FITTED;
}

static void sweep_alloc(struct arena *a, struct sweep *s)
{
    s->row = arena_alloc(a, s->count * sizeof *s->row);
    s->stratum = arena_alloc(a, s->count * sizeof *s->stratum);
    s->event = arena_alloc(a, s->count * sizeof *s->event);
    s->start = numbers(a, s->count);
    s->stop = numbers(a, s->count);
    s->weight = numbers(a, s->count);
    s->risk = numbers(a, s->count);
    s->linear = numbers(a, s->count);
    s->z = numbers(a, s->count * s->width);
    s->centre = numbers(a, s->width);
    s->scale = numbers(a, s->width);
}

static enum cox_state sweep_init(struct sweep *s, struct arena *a, const struct survival_data *d,
                                 const struct cox_model *m, size_t *column)
{
    struct arena of_problem = {0};
    struct problem why = {.arena = &of_problem};
    enum status valid = survival_check(d, &why);
    arena_release(&of_problem);
    if (valid != OK)
        return COX_BAD_DATA;
    if (m->covariate_count > COX_COVARIATES_MAX)
        return COX_TOO_MANY_COVARIATES;

    *s = (struct sweep){
        .width = m->covariate_count, .stratum_count = d->stratum ? d->stratum_count : 1, .ties = m->ties};
    struct key *keys = keys_new(a, d, &s->count);
    if (s->count == 0)
        return COX_NO_ROWS;
    sweep_alloc(a, s);
    for (size_t i = 0; i < s->count; i++) {
        s->row[i] = keys[i].row;
        s->stratum[i] = keys[i].stratum;
        s->stop[i] = keys[i].time;
        s->event[i] = keys[i].event;
        s->start[i] = d->start ? d->start[keys[i].row] : -INFINITY;
        s->weight[i] = weight_of(d, keys[i].row);
        s->events += s->event[i];
    }
    if (d->start)
        s->leaving = leaving_new(a, s, keys);
    for (size_t j = 0; j < s->width; j++) {
        *column = j;
        enum cox_state state = column_copy(s, j, m->covariates + j * d->count);
        if (state != COX_FITTED)
            return state;
    }
    *column = SIZE_MAX;
    return s->events == 0 ? COX_NO_EVENTS : COX_FITTED;
}

static void sweep_set(struct sweep *s, const double *beta)
{
    for (size_t i = 0; i < s->count; i++) {
        const double *z = s->z + i * s->width;
        double linear = 0;
        for (size_t j = 0; j < s->width; j++)
            linear += beta[j] * z[j];
        s->linear[i] = linear;
        s->risk[i] = s->weight[i] * exp(linear);
    }
}

/* ---- The sweep ---- */

static void sums_init(struct sums *x, struct arena *a, size_t width)
{
    x->z = numbers(a, width);
    x->zz = numbers(a, width * width);
}

static void sums_clear(struct sums *x, size_t width)
{
    x->risk = 0;
    memset(x->z, 0, width * sizeof *x->z);
    memset(x->zz, 0, width * width * sizeof *x->zz);
}

static void sums_add(struct sums *x, const struct walk *w, size_t i, double sign)
{
    size_t p = w->s->width;
    const double *z = w->s->z + i * p;
    double risk = sign * w->s->risk[i];
    x->risk += risk;
    for (size_t j = 0; j < p; j++) {
        double rz = risk * z[j];
        x->z[j] += rz;
        if (!w->with_products)
            continue;
        double *zz = x->zz + j * p;
        for (size_t k = 0; k <= j; k++)
            zz[k] += rz * z[k];
    }
}

static struct walk walk_new(struct arena *a, const struct sweep *s, bool with_products)
{
    struct walk w = {.s = s, .with_products = with_products, .stratum = -1};
    sums_init(&w.at_risk, a, s->width);
    sums_init(&w.dead, a, s->width);
    return w;
}

static void walk_begin_stratum(struct walk *w)
{
    w->stratum = w->s->stratum[w->next];
    w->first = w->leave = w->next;
    w->peak = 0;
    sums_clear(&w->at_risk, w->s->width);
}

static void walk_let_leave(struct walk *w)
{
    const struct sweep *s = w->s;
    if (!s->leaving)
        return;
    for (; w->leave < w->next && s->start[s->leaving[w->leave]] >= w->time; w->leave++)
        sums_add(&w->at_risk, w, s->leaving[w->leave], -1);
    if (w->at_risk.risk > 1e-6 * w->peak && w->leave < w->next)
        return;
    sums_clear(&w->at_risk, s->width);
    for (size_t i = w->first; w->leave < w->next && i < w->next; i++)
        if (s->start[i] < w->time)
            sums_add(&w->at_risk, w, i, 1);
    w->peak = w->at_risk.risk;
}

/* Goes to the next time at which somebody died; false: there is none. */
static bool walk_next(struct walk *w)
{
    const struct sweep *s = w->s;
    while (w->next < s->count) {
        if (w->next == 0 || s->stratum[w->next] != w->stratum)
            walk_begin_stratum(w);
        w->time = s->stop[w->next];
        w->from = w->next;
        w->deaths = 0;
        w->death_weight = 0;
        walk_let_leave(w);
        for (; w->next < s->count && s->stratum[w->next] == w->stratum && s->stop[w->next] == w->time; w->next++) {
            sums_add(&w->at_risk, w, w->next, 1);
            if (!s->event[w->next])
                continue;
            if (w->deaths++ == 0)
                sums_clear(&w->dead, s->width);
            sums_add(&w->dead, w, w->next, 1);
            w->death_weight += s->weight[w->next];
        }
        w->peak = fmax(w->peak, w->at_risk.risk);
        if (w->deaths > 0)
            return true;
    }
    return false;
}

static struct moments moments_new(struct arena *a, size_t width)
{
    return (struct moments){.expected = numbers(a, width),
                            .information = numbers(a, width * width),
                            .drift = numbers(a, width),
                            .drift_of_dead = numbers(a, width)};
}

/* With f = k/d, D = S - f T (S at risk, T the dead), the sums over k of 1/D, f/D, 1/D^2, f/D^2, f^2/D^2 are numbers, so
 * vectors and matrices are touched once per time and not once per death. */
static void moments_at(struct moments *m, const struct walk *w)
{
    double d = (double)w->deaths, each = w->death_weight / d;
    double a0 = 0, a1 = 0, c0 = 0, c1 = 0, c2 = 0;
    m->log_denominators = 0;
    for (size_t k = 0; k < w->deaths; k++) {
        double f = w->s->ties == COX_EFRON ? (double)k / d : 0;
        double denominator = w->at_risk.risk - f * w->dead.risk, one = 1 / denominator;
        m->log_denominators += each * log(denominator);
        a0 += one;
        a1 += f * one;
        c0 += one * one;
        c1 += f * one * one;
        c2 += f * f * one * one;
    }
    m->hazard = each * a0;
    m->hazard_variance = each * c0;
    m->hazard_of_dead = each * (a0 - a1);
    size_t p = w->s->width;
    const double *s = w->at_risk.z, *t = w->dead.z;
    for (size_t j = 0; j < p; j++) {
        m->expected[j] = each * (a0 * s[j] - a1 * t[j]);
        m->drift[j] = each * (c0 * s[j] - c1 * t[j]);
        m->drift_of_dead[j] = each * ((c0 - c1) * s[j] - (c1 - c2) * t[j]);
        if (!w->with_products)
            continue;
        const double *ss = w->at_risk.zz + j * p, *tt = w->dead.zz + j * p;
        for (size_t k = 0; k <= j; k++)
            m->information[j * p + k] = each * (a0 * ss[k] - a1 * tt[k] - c0 * s[j] * s[k] +
                                                c1 * (s[j] * t[k] + t[j] * s[k]) - c2 * t[j] * t[k]);
    }
}

static double *observed(const struct walk *w, double *sum)
{
    size_t p = w->s->width;
    memset(sum, 0, p * sizeof *sum);
    for (size_t i = w->from; i < w->from + w->deaths; i++)
        for (size_t j = 0; j < p; j++)
            sum[j] += w->s->weight[i] * w->s->z[i * p + j];
    return sum;
}

/* ---- The maximum ---- */

static void likelihood_at(struct likelihood *l, struct sweep *s, const double *beta)
{
    AUTO(arena_release) struct arena scratch = {0};
    size_t p = s->width;
    struct walk w = walk_new(&scratch, s, true);
    struct moments m = moments_new(&scratch, p);
    double *sum = numbers(&scratch, p);
    sweep_set(s, beta);
    l->log = 0;
    memset(l->score, 0, p * sizeof *l->score);
    memset(l->information, 0, p * p * sizeof *l->information);
    while (walk_next(&w)) {
        moments_at(&m, &w);
        observed(&w, sum);
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

/* The factor of a positive definite matrix, in place; false: it is none. */
static bool cholesky(double *matrix, size_t p)
{
    for (size_t j = 0; j < p * p; j++)
        if (!isfinite(matrix[j]))
            return false;
    return p == 0 || LAPACKE_dpotrf(LAPACK_COL_MAJOR, 'U', (int)p, matrix, (int)p) == 0;
}

static void cholesky_solve(const double *factor, size_t p, double *x)
{
    if (p > 0)
        LAPACKE_dpotrs(LAPACK_COL_MAJOR, 'U', (int)p, 1, factor, (int)p, x, (int)p);
}

/* The inverse, both triangles. */
static void cholesky_invert(double *factor, size_t p)
{
    if (p > 0)
        LAPACKE_dpotri(LAPACK_COL_MAJOR, 'U', (int)p, factor, (int)p);
    for (size_t j = 0; j < p; j++)
        for (size_t k = 0; k < j; k++)
            factor[k * p + j] = factor[j * p + k];
}

static double dot(const double *x, const double *y, size_t p)
{
    double sum = 0;
    for (size_t j = 0; j < p; j++)
        sum += x[j] * y[j];
    return sum;
}

/* x' M x with the lower triangle of M. */
static double quadratic(const double *matrix, const double *x, size_t p)
{
    double sum = 0;
    for (size_t j = 0; j < p; j++)
        sum += x[j] * (2 * dot(matrix + j * p, x, j) + matrix[j * p + j] * x[j]);
    return sum;
}

/* The column whose own information, given the columns before it, has sunk below the share of what it had alone. */
static size_t pivot_lost(const double *information, size_t p, const double *reference, double share)
{
    double l[COX_COVARIATES_MAX];
    AUTO(arena_release) struct arena scratch = {0};
    double *factor = numbers(&scratch, p * p);
    for (size_t j = 0; j < p; j++) {
        for (size_t k = 0; k < j; k++)
            l[k] = (information[j * p + k] - dot(factor + k * p, l, k)) / factor[k * p + k];
        l[j] = information[j * p + j] - dot(l, l, j);
        if (!(l[j] > share * reference[j]))
            return j;
        l[j] = sqrt(l[j]);
        memcpy(factor + j * p, l, (j + 1) * sizeof *l);
    }
    return SIZE_MAX;
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
    struct sweep *s;
    struct arena *a;
    struct likelihood now, next;
    double *beta, *trial, *step, *factor, *alone;
    double score_test, log_null;
    unsigned iterations;
    size_t column;
};

static void newton_init(struct newton *n, struct arena *a, struct sweep *s)
{
    size_t p = s->width;
    *n = (struct newton){.s = s, .a = a, .column = SIZE_MAX};
    n->now = (struct likelihood){0, numbers(a, p), numbers(a, p * p)};
    n->next = (struct likelihood){0, numbers(a, p), numbers(a, p * p)};
    n->beta = numbers(a, p);
    n->trial = numbers(a, p);
    n->step = numbers(a, p);
    n->factor = numbers(a, p * p);
    n->alone = numbers(a, p);
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
        n->column = pivot_lost(n->now.information, p, n->alone, n->iterations == 0 ? 1e-10 : 1e-9);
        if (n->column != SIZE_MAX)
            return n->iterations == 0 ? COX_COLLINEAR : COX_SEPARATED;
        memcpy(n->factor, n->now.information, p * p * sizeof *n->factor);
        if (!cholesky(n->factor, p))
            return COX_NOT_CONVERGED;
        memcpy(n->step, n->now.score, p * sizeof *n->step);
        cholesky_solve(n->factor, p, n->step);
        double gain = dot(n->step, n->now.score, p);
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
    cholesky_invert(n->factor, p);
    return COX_FITTED;
}

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

static const struct cox_baseline *baselines_new(struct arena *a, const struct sweep *s)
{
    AUTO(arena_release) struct arena scratch = {0};
    size_t p = s->width, count = 0;
    struct baseline_arrays x = {numbers(a, s->events), numbers(a, s->events), numbers(a, s->events),
                                numbers(a, s->events * p)};
    struct cox_baseline *strata = arena_alloc(a, s->stratum_count * sizeof *strata);
    size_t *first = arena_alloc(&scratch, (s->stratum_count + 1) * sizeof *first);
    for (size_t g = 0; g < s->stratum_count; g++)
        strata[g].last = NAN;
    for (size_t i = s->count; i-- > 0;)
        strata[s->stratum[i]].last = s->stop[i];
    struct walk w = walk_new(&scratch, s, false);
    struct moments m = moments_new(&scratch, p);
    while (walk_next(&w)) {
        moments_at(&m, &w);
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

/* How many times of death are not after this time. */
static size_t steps_until(const struct cox_baseline *b, double time)
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

/* ---- Robust variance ---- */

/* A patient's score residual: what he adds to the score, less what he was expected to add while he was at risk. */
static void residual_while_at_risk(const struct sweep *s, const struct cox_baseline *strata, size_t i, double *residual)
{
    const struct cox_baseline *b = &strata[s->stratum[i]];
    size_t p = s->width, until = steps_until(b, s->stop[i]), before = steps_until(b, s->start[i]);
    double hazard = (until ? b->hazard[until - 1] : 0) - (before ? b->hazard[before - 1] : 0);
    double risk = s->risk[i] / s->weight[i];
    for (size_t j = 0; j < p; j++) {
        double drift = (until ? b->drift[(until - 1) * p + j] : 0) - (before ? b->drift[(before - 1) * p + j] : 0);
        residual[j] -= risk * (s->z[i * p + j] * hazard - drift);
    }
}

static double *residuals_new(struct arena *a, const struct sweep *s, const struct cox_baseline *strata)
{
    size_t p = s->width;
    double *residuals = numbers(a, s->count * p);
    struct walk w = walk_new(a, s, false);
    struct moments m = moments_new(a, p);
    while (walk_next(&w)) {
        moments_at(&m, &w);
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

static const double *robust_new(struct arena *a, const struct sweep *s, const struct cox_baseline *strata,
                                const double *variance)
{
    AUTO(arena_release) struct arena scratch = {0};
    size_t p = s->width;
    double *residuals = residuals_new(&scratch, s, strata), *change = numbers(&scratch, p);
    double *robust = numbers(a, p * p);
    for (size_t i = 0; i < s->count; i++) {
        for (size_t j = 0; j < p; j++)
            change[j] = s->weight[i] * dot(variance + j * p, residuals + i * p, p);
        for (size_t j = 0; j < p; j++)
            for (size_t k = 0; k < p; k++)
                robust[j * p + k] += change[j] * change[k];
    }
    return robust;
}

/* ---- Concordance ---- */

/* Weights by rank, with sums of all up to a rank in logarithmic time: P. Fenwick, Softw Pract Exper 24 (1994) 327. */
struct ranks {
    size_t count;
    double *tree;
    size_t *rank; /* of the rows of a stratum, 1 .. count */
    double total;
};

static void ranks_add(struct ranks *r, size_t rank, double weight)
{
    r->total += weight;
    for (size_t i = rank; i <= r->count; i += i & -i)
        r->tree[i] += weight;
}

static double ranks_until(const struct ranks *r, size_t rank)
{
    double sum = 0;
    for (size_t i = rank; i > 0; i -= i & -i)
        sum += r->tree[i];
    return sum;
}

static void ranks_init(struct ranks *r, const struct sweep *s, size_t from, size_t to, struct key *keys)
{
    size_t count = to - from;
    for (size_t i = 0; i < count; i++)
        keys[i] = (struct key){.time = s->linear[from + i], .row = i};
    qsort(keys, count, sizeof *keys, key_compare);
    size_t rank = 0;
    for (size_t i = count; i-- > 0;) {
        rank += i == count - 1 || keys[i].time != keys[i + 1].time;
        r->rank[keys[i].row] = rank;
    }
    r->count = rank;
    r->total = 0;
    memset(r->tree, 0, (count + 1) * sizeof *r->tree);
}

static void pairs_of_tied_deaths(struct cox_concordance *c, const struct sweep *s, const struct ranks *r, size_t first,
                                 size_t from, size_t to, double *same)
{
    double sum = 0;
    for (size_t i = from; i < to; i++) {
        size_t rank = r->rank[i - first];
        c->tied_xy += s->weight[i] * same[rank];
        c->tied_y += s->weight[i] * (sum - same[rank]);
        same[rank] += s->weight[i];
        sum += s->weight[i];
    }
    for (size_t i = from; i < to; i++)
        same[r->rank[i - first]] = 0;
}

static void pairs_of_stratum(struct cox_concordance *c, const struct sweep *s, struct ranks *r, size_t first,
                             size_t end, double *same)
{
    size_t leave = first;
    for (size_t i = first, next; i < end; i = next) {
        double time = s->stop[i];
        for (; s->leaving && leave < i && s->start[s->leaving[leave]] >= time; leave++)
            ranks_add(r, r->rank[s->leaving[leave] - first], -s->weight[s->leaving[leave]]);
        size_t deaths = i;
        while (deaths < end && s->stop[deaths] == time && s->event[deaths])
            deaths++;
        for (next = deaths; next < end && s->stop[next] == time; next++)
            ranks_add(r, r->rank[next - first], s->weight[next]);
        for (size_t k = i; k < deaths; k++) {
            size_t rank = r->rank[k - first];
            double below = ranks_until(r, rank - 1), until = ranks_until(r, rank);
            c->concordant += s->weight[k] * below;
            c->tied_x += s->weight[k] * (until - below);
            c->discordant += s->weight[k] * (r->total - until);
        }
        pairs_of_tied_deaths(c, s, r, first, i, deaths, same);
        for (size_t k = i; k < deaths; k++)
            ranks_add(r, r->rank[k - first], s->weight[k]);
    }
}

static struct cox_concordance concordance(const struct sweep *s)
{
    AUTO(arena_release) struct arena scratch = {0};
    struct cox_concordance c = {0};
    struct key *keys = arena_alloc(&scratch, s->count * sizeof *keys);
    struct ranks r = {.tree = numbers(&scratch, s->count + 1),
                      .rank = arena_alloc(&scratch, s->count * sizeof *r.rank)};
    double *same = numbers(&scratch, s->count + 1);
    for (size_t first = 0, end; first < s->count; first = end) {
        for (end = first; end < s->count && s->stratum[end] == s->stratum[first];)
            end++;
        ranks_init(&r, s, first, end, keys);
        pairs_of_stratum(&c, s, &r, first, end, same);
    }
    c.c = (c.concordant + c.tied_x / 2) / (c.concordant + c.discordant + c.tied_x);
    return c;
}

/* ---- The fit ---- */

static struct cox_test test_of(double chi_square, size_t df)
{
    return (struct cox_test){chi_square, df, chi_square_tail(chi_square, (int)df)};
}

static const double *unscaled(struct arena *a, const struct sweep *s, const double *matrix)
{
    size_t p = s->width;
    double *out = numbers(a, p * p);
    for (size_t j = 0; j < p; j++)
        for (size_t k = 0; k < p; k++)
            out[j * p + k] = matrix[j * p + k] / s->scale[j] / s->scale[k];
    return out;
}

static const double *roots(struct arena *a, const double *matrix, size_t p)
{
    double *out = numbers(a, p);
    for (size_t j = 0; j < p; j++)
        out[j] = sqrt(matrix[j * p + j]);
    return out;
}

static void fit_fill(struct cox_fit *f, struct arena *a, const struct sweep *s, struct newton *n, bool robust)
{
    size_t p = s->width;
    double *coefficient = numbers(a, p);
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
    f->likelihood_ratio = test_of(2 * (n->now.log - n->log_null), p);
    f->wald = test_of(quadratic(n->now.information, n->beta, p), p);
    f->score = test_of(n->score_test, p);
    f->concordance = concordance(s);
    f->stratum_count = s->stratum_count;
    f->strata = baselines_new(a, s);
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
    struct sweep s;
    struct newton n;
    *out = (struct cox_fit){.column = SIZE_MAX};
    out->state = sweep_init(&s, &scratch, data, model, &out->column);
    if (out->state != COX_FITTED)
        return out->state;
    newton_init(&n, a, &s);
    out->state = newton_run(&n);
    out->column = n.column;
    if (out->state != COX_FITTED)
        return out->state;
    sweep_set(&s, n.beta);
    s.centre = memcpy(numbers(a, s.width), s.centre, s.width * sizeof *s.centre);
    s.scale = memcpy(numbers(a, s.width), s.scale, s.width * sizeof *s.scale);
    fit_fill(out, a, &s, &n, model->robust);
    if (!fit_is_finite(out))
        *out = (struct cox_fit){.state = COX_NOT_CONVERGED, .column = SIZE_MAX};
    return out->state;
}

/* ---- Predicted curves ---- */

/* A profile on the inner scale, and how many times the hazard at the centre it has. */
static double relative_risk(const struct cox_fit *f, const double *covariates, double *z)
{
    for (size_t j = 0; j < f->covariate_count; j++)
        z[j] = ((covariates ? covariates[j] : 0) - f->centre[j]) / f->scale[j];
    return exp(dot(f->scaled_coefficient, z, f->covariate_count));
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
    size_t steps = steps_until(&f->strata[stratum], time);
    return steps == 0 ? 0 : f->strata[stratum].hazard[steps - 1] * relative_risk(f, NULL, z);
}

/* The hazard's variance has two parts: that of the baseline with the coefficients known, and that of the coefficients,
 * which weighs the more the further the profile is from the mean of those at risk. */
static struct cox_point point_at(const struct cox_fit *f, const struct cox_baseline *b, double time, const double *z,
                                 double risk, double quantile)
{
    double away[COX_COVARIATES_MAX];
    size_t p = f->covariate_count, steps = steps_until(b, time);
    if (steps == 0)
        return (struct cox_point){1, 0, 1, 1};
    double hazard = b->hazard[steps - 1];
    for (size_t j = 0; j < p; j++)
        away[j] = hazard * z[j] - b->drift[(steps - 1) * p + j];
    double error = risk * sqrt(b->variance[steps - 1] + quadratic(f->scaled_variance, away, p));
    double survival = exp(-risk * hazard);
    return (struct cox_point){survival, survival * error, exp(-risk * hazard - quantile * error),
                              fmin(1, exp(-risk * hazard + quantile * error))};
}

void cox_predict(const struct cox_fit *f, size_t stratum, const double *covariates, double level, const double *times,
                 size_t count, struct cox_point *out)
{
    double z[COX_COVARIATES_MAX];
    double quantile = normal_limit(level);
    double risk = f->state == COX_FITTED ? relative_risk(f, covariates, z) : NAN;
    for (size_t i = 0; i < count; i++)
        out[i] = is_known(f, stratum, times[i]) && isfinite(risk)
                     ? point_at(f, &f->strata[stratum], times[i], z, risk, quantile)
                     : (struct cox_point){NAN, NAN, NAN, NAN};
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

/* ---- Proportionality ---- */

/* Kaplan-Meier curve of all rows, strata and weights aside: the survival just before each time of death. */
struct clock {
    size_t count;
    double *time, *before;
};

static int number_compare(const void *left, const void *right)
{
    const double *a = left, *b = right;
    return (*a > *b) - (*a < *b);
}

static double *sorted(struct arena *a, const double *x, size_t count)
{
    double *copy = memcpy(numbers(a, count), x, count * sizeof *x);
    qsort(copy, count, sizeof *copy, number_compare);
    return copy;
}

static struct clock clock_new(struct arena *a, const struct sweep *s)
{
    struct clock c = {0, numbers(a, s->events), numbers(a, s->events)};
    double *starts = sorted(a, s->start, s->count), *stops = sorted(a, s->stop, s->count);
    double *deaths = numbers(a, s->events), survival = 1;
    size_t died = 0, entered = 0, gone = 0;
    for (size_t i = 0; i < s->count; i++)
        if (s->event[i])
            deaths[died++] = s->stop[i];
    qsort(deaths, died, sizeof *deaths, number_compare);
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
    const double *found = bsearch(&time, c->time, c->count, sizeof time, number_compare);
    return found ? 1 - c->before[found - c->time] : NAN;
}

/* Score and information of coefficients on z times the clock, given those on z. */
static void changing_effects(const struct sweep *s, const double *variance, double *score, double *information)
{
    AUTO(arena_release) struct arena scratch = {0};
    size_t p = s->width;
    struct clock c = clock_new(&scratch, s);
    struct walk w = walk_new(&scratch, s, true);
    struct moments m = moments_new(&scratch, p);
    double *sum = numbers(&scratch, p), *mixed = numbers(&scratch, p * p), *half = numbers(&scratch, p * p);
    while (walk_next(&w)) {
        double g = clock_at(&c, w.time);
        moments_at(&m, &w);
        observed(&w, sum);
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
            half[j * p + k] = dot(mixed + j * p, variance + k * p, p);
    for (size_t j = 0; j < p; j++)
        for (size_t k = 0; k <= j; k++)
            information[j * p + k] -= dot(half + j * p, mixed + k * p, p);
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
    double *factor = numbers(&scratch, count * count), *x = numbers(&scratch, count), *u = numbers(&scratch, count);
    double alone[COX_COVARIATES_MAX];
    for (size_t j = 0; j < count; j++) {
        for (size_t k = 0; k <= j; k++)
            factor[j * count + k] = information[chosen[j] * p + chosen[k]];
        alone[j] = factor[j * count + j];
        x[j] = u[j] = score[chosen[j]];
    }
    if (pivot_lost(factor, count, alone, 1e-10) != SIZE_MAX || !cholesky(factor, count))
        return test_of(NAN, count);
    cholesky_solve(factor, count, x);
    return test_of(dot(x, u, count), count);
}

void cox_proportionality(const struct survival_data *data, const struct cox_model *model, const struct cox_fit *fit,
                         const size_t *term, size_t term_count, struct cox_test *out, struct cox_test *global)
{
    AUTO(arena_release) struct arena scratch = {0};
    struct sweep s;
    size_t column, p = model->covariate_count;
    bool usable = fit->state == COX_FITTED && sweep_init(&s, &scratch, data, model, &column) == COX_FITTED;
    double *score = numbers(&scratch, p), *information = numbers(&scratch, p * p);
    if (usable) {
        sweep_set(&s, fit->scaled_coefficient);
        changing_effects(&s, fit->scaled_variance, score, information);
    }
    for (size_t t = 0; t < term_count; t++)
        out[t] = usable ? term_test(score, information, p, term, t) : test_of(NAN, 0);
    *global = usable ? term_test(score, information, p, NULL, 0) : test_of(NAN, 0);
}
