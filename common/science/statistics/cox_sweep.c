#include "common/science/statistics/cox_private.h"

#include "common/base/status.h"
#include "common/science/statistics/numbers.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* ---- Putting the rows in order ---- */

int cox_key_compare(const void *left, const void *right)
{
    const struct cox_key *a = left, *b = right;
    if (a->stratum != b->stratum)
        return a->stratum < b->stratum ? -1 : 1;
    if (a->time != b->time)
        return a->time > b->time ? -1 : 1;
    if (a->event != b->event)
        return a->event ? -1 : 1;
    return (a->row > b->row) - (a->row < b->row);
}

static double weight_of(const struct survival_data *d, size_t row)
{
    return d->weight ? d->weight[row] : 1;
}

/* Rows without weight are nobody. */
static struct cox_key *keys_new(struct arena *a, const struct survival_data *d, size_t *count)
{
    struct cox_key *keys = arena_alloc(a, d->count * sizeof *keys);
    *count = 0;
    for (size_t i = 0; i < d->count; i++)
        if (weight_of(d, i) > 0)
            keys[(*count)++] = (struct cox_key){d->stop[i], d->stratum ? d->stratum[i] : 0, d->event[i], i};
    qsort(keys, *count, sizeof *keys, cox_key_compare);
    return keys;
}

static size_t *leaving_new(struct arena *a, const struct cox_sweep *s, struct cox_key *keys)
{
    for (size_t i = 0; i < s->count; i++)
        keys[i] = (struct cox_key){s->start[i], s->stratum[i], false, i};
    qsort(keys, s->count, sizeof *keys, cox_key_compare);
    size_t *leaving = arena_alloc(a, s->count * sizeof *leaving);
    for (size_t i = 0; i < s->count; i++)
        leaving[i] = keys[i].row;
    return leaving;
}

/* Copies a column into the rows of z, centred at its weighted mean and scaled to variance 1. */
static enum cox_state column_copy(struct cox_sweep *s, size_t j, const double *values)
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

static void sweep_alloc(struct arena *a, struct cox_sweep *s)
{
    s->row = arena_alloc(a, s->count * sizeof *s->row);
    s->stratum = arena_alloc(a, s->count * sizeof *s->stratum);
    s->event = arena_alloc(a, s->count * sizeof *s->event);
    s->start = numbers_new(a, s->count);
    s->stop = numbers_new(a, s->count);
    s->weight = numbers_new(a, s->count);
    s->risk = numbers_new(a, s->count);
    s->linear = numbers_new(a, s->count);
    s->z = numbers_new(a, s->count * s->width);
    s->centre = numbers_new(a, s->width);
    s->scale = numbers_new(a, s->width);
}

enum cox_state cox_sweep_init(struct cox_sweep *s, struct arena *a, const struct survival_data *d,
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

    *s = (struct cox_sweep){
        .width = m->covariate_count, .stratum_count = d->stratum ? d->stratum_count : 1, .ties = m->ties};
    struct cox_key *keys = keys_new(a, d, &s->count);
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

void cox_sweep_set(struct cox_sweep *s, const double *beta)
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

static void sums_init(struct cox_sums *x, struct arena *a, size_t width)
{
    x->z = numbers_new(a, width);
    x->zz = numbers_new(a, width * width);
}

static void sums_clear(struct cox_sums *x, size_t width)
{
    x->risk = 0;
    memset(x->z, 0, width * sizeof *x->z);
    memset(x->zz, 0, width * width * sizeof *x->zz);
}

static void sums_add(struct cox_sums *x, const struct cox_walk *w, size_t i, double sign)
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

struct cox_walk cox_walk_new(struct arena *a, const struct cox_sweep *s, bool with_products)
{
    struct cox_walk w = {.s = s, .with_products = with_products, .stratum = -1};
    sums_init(&w.at_risk, a, s->width);
    sums_init(&w.dead, a, s->width);
    return w;
}

static void walk_begin_stratum(struct cox_walk *w)
{
    w->stratum = w->s->stratum[w->next];
    w->first = w->leave = w->next;
    w->peak = 0;
    sums_clear(&w->at_risk, w->s->width);
}

static void walk_let_leave(struct cox_walk *w)
{
    const struct cox_sweep *s = w->s;
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

bool cox_walk_next(struct cox_walk *w)
{
    const struct cox_sweep *s = w->s;
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

struct cox_moments cox_moments_new(struct arena *a, size_t width)
{
    return (struct cox_moments){.expected = numbers_new(a, width),
                                .information = numbers_new(a, width * width),
                                .drift = numbers_new(a, width),
                                .drift_of_dead = numbers_new(a, width)};
}

/* With f = k/d, D = S - f T (S at risk, T the dead), the sums over k of 1/D, f/D, 1/D^2, f/D^2, f^2/D^2 are numbers, so
 * vectors and matrices are touched once per time and not once per death. */
void cox_moments_at(struct cox_moments *m, const struct cox_walk *w)
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
        double *information = m->information + j * p;
        if (a1 == 0) { /* nobody died at the same time, or Breslow: the dead do not matter */
            for (size_t k = 0; k <= j; k++)
                information[k] = each * (a0 * ss[k] - c0 * s[j] * s[k]);
            continue;
        }
        for (size_t k = 0; k <= j; k++)
            information[k] = each * (a0 * ss[k] - a1 * tt[k] - c0 * s[j] * s[k] + c1 * (s[j] * t[k] + t[j] * s[k]) -
                                     c2 * t[j] * t[k]);
    }
}

double *cox_observed(const struct cox_walk *w, double *sum)
{
    size_t p = w->s->width;
    memset(sum, 0, p * sizeof *sum);
    for (size_t i = w->from; i < w->from + w->deaths; i++)
        for (size_t j = 0; j < p; j++)
            sum[j] += w->s->weight[i] * w->s->z[i * p + j];
    return sum;
}
