#include "common/science/statistics/adjusted.h"

#include "common/base/status.h"
#include "common/science/statistics/distribution.h"
#include "common/science/statistics/matrix.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- weights and scores ------------------------------------------------------------------------------------------ */

struct place {
    int group;
    double stop;
    size_t row;
};

static int by_group_and_stop(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    if (x->group != y->group)
        return x->group < y->group ? -1 : 1;
    if (x->stop != y->stop)
        return x->stop < y->stop ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

static void order_make(struct adjusted *a, struct arena *arena)
{
    AUTO(arena_release) struct arena scratch = {0};
    const struct survival_data *d = &a->data;
    struct place *places = arena_alloc(&scratch, (d->count + 1) * sizeof *places);
    size_t *order = arena_alloc(arena, (d->count + 1) * sizeof *order);
    size_t *first = arena_alloc(arena, (d->group_count + 1) * sizeof *first);
    for (size_t i = 0; i < d->count; i++)
        places[i] = (struct place){d->group[i], d->stop[i], i};
    qsort(places, d->count, sizeof *places, by_group_and_stop);
    for (size_t i = 0; i < d->count; i++) {
        order[i] = places[i].row;
        first[places[i].group + 1] = i + 1;
    }
    for (size_t g = 1; g <= d->group_count; g++)
        first[g] = first[g] < first[g - 1] ? first[g - 1] : first[g];
    a->order = order;
    a->first = first;
}

static const double *weights_make(const struct adjusted *a, struct arena *arena)
{
    const struct survival_data *d = &a->data;
    double *weight = numbers_new(arena, d->count + 1);
    for (size_t i = 0; i < d->count; i++) {
        size_t g = (size_t)d->group[i];
        double share = (double)(a->first[g + 1] - a->first[g]) / (double)d->count;
        weight[i] = a->model ? share / a->model->probability[i * d->group_count + g] : 1;
    }
    return weight;
}

/* The patient's contribution to the gradient of the model's log-likelihood. */
static void score_of(const struct adjusted *a, size_t row, double *score)
{
    const struct multinomial_fit *m = a->model;
    const double *z = m->inner + row * m->width, *p = m->probability + row * (m->logits + 1);
    for (size_t k = 0; k < m->logits; k++) {
        double rest = ((size_t)a->data.group[row] == k + 1) - p[k + 1];
        for (size_t j = 0; j < m->width; j++)
            score[k * m->width + j] = rest * z[j];
    }
}

static void multiply(const double *x, const double *y, size_t q, double *out)
{
    for (size_t i = 0; i < q; i++)
        for (size_t j = 0; j < q; j++)
            for (size_t k = 0; k < q; k++)
                out[i * q + k] += x[i * q + j] * y[j * q + k];
}

static const double *discount_make(const struct adjusted *a, struct arena *arena)
{
    AUTO(arena_release) struct arena scratch = {0};
    size_t q = a->score_count;
    const double *v = a->model->inner_variance;
    double *score = numbers_new(&scratch, q), *sum = numbers_new(&scratch, q * q), *half = numbers_new(&scratch, q * q);
    for (size_t i = 0; i < a->data.count; i++) {
        score_of(a, i, score);
        for (size_t j = 0; j < q; j++)
            for (size_t k = 0; k <= j; k++)
                sum[j * q + k] += score[j] * score[k];
    }
    for (size_t j = 0; j < q; j++)
        for (size_t k = 0; k < j; k++)
            sum[k * q + j] = sum[j * q + k];
    double *discount = numbers_new(arena, q * q);
    multiply(v, sum, q, half);
    multiply(half, v, q, discount);
    for (size_t i = 0; i < q * q; i++)
        discount[i] = 2 * v[i] - discount[i];
    return discount;
}

void adjusted_init(struct adjusted *a, const struct survival_data *data, const struct multinomial_fit *model,
                   struct arena *arena)
{
    *a = (struct adjusted){.data = *data, .model = model};
    order_make(a, arena);
    a->weight = weights_make(a, arena);
    a->data.weight = a->weight;
    if (!model)
        return;
    a->score_count = model->logits * model->width;
    a->discount = discount_make(a, arena);
}

/* ---- influences -------------------------------------------------------------------------------------------------- */

/* Per step of a curve: the influence of an event there, and the sum up to here of that of being at risk. */
struct effects {
    const struct survival_curve *curve;
    double *event, *at_risk;
};

/* factor: per step; NULL: 1. Where everybody left has the event, survival is 0 for good and nothing moves it. */
static struct effects effects_of(const struct survival_curve *curve, const double *factor, struct arena *arena)
{
    struct effects e = {curve, numbers_new(arena, curve->step_count + 1), numbers_new(arena, curve->step_count + 1)};
    double sum = 0;
    for (size_t k = 0; k < curve->step_count; k++) {
        const struct survival_step *s = &curve->steps[k];
        double left = s->at_risk - s->events;
        e.event[k] = left > 0 ? (factor ? factor[k] : 1) / left : 0;
        e.at_risk[k] = sum += e.event[k] * s->events / s->at_risk;
    }
    return e;
}

static double at_risk_until(const struct effects *e, double time)
{
    size_t low = 0, high = e->curve->step_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (e->curve->steps[middle].time <= time)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 ? e->at_risk[low - 1] : 0;
}

static double before_entry(const struct adjusted *a, const struct effects *e, size_t row)
{
    return a->data.start ? at_risk_until(e, a->data.start[row]) : 0;
}

static void add(double *to, const double *from, double times, size_t q)
{
    for (size_t j = 0; j < q; j++)
        to[j] += times * from[j];
}

/* ---- the curve --------------------------------------------------------------------------------------------------- */

/* Sums over a group while time goes on: of those who have left, whose influence stays, and of those at risk, whose
 * influence is w (entry - now), now being what being at risk has counted so far. The squares need sums of w^2, w^2
 * entry and w^2 entry^2, the shift those of w s and w entry s. */
struct running {
    const struct adjusted *a;
    struct effects e;
    double gone_square, square, square_entry, square_entry2;
    double *gone, *live, *live_entry, *score, *shift;
    size_t *entries, entry, entry_end; /* rows of the group by start */
};

static void live_add(struct running *r, size_t row, double sign)
{
    const struct adjusted *a = r->a;
    double w = a->weight[row], entry = before_entry(a, &r->e, row);
    r->square += sign * w * w;
    r->square_entry += sign * w * w * entry;
    r->square_entry2 += sign * w * w * entry * entry;
    if (!a->score_count)
        return;
    score_of(a, row, r->score);
    add(r->live, r->score, sign * w, a->score_count);
    add(r->live_entry, r->score, sign * w * entry, a->score_count);
}

static void leave(struct running *r, size_t row, size_t step)
{
    const struct adjusted *a = r->a;
    double w = a->weight[row];
    double f = w * (before_entry(a, &r->e, row) - r->e.at_risk[step] + (a->data.event[row] ? r->e.event[step] : 0));
    live_add(r, row, -1);
    r->gone_square += f * f;
    if (a->score_count)
        add(r->gone, r->score, f, a->score_count);
}

static double variance_at(struct running *r, size_t step)
{
    double now = r->e.at_risk[step];
    double squares = r->gone_square + r->square * now * now - 2 * now * r->square_entry + r->square_entry2;
    size_t q = r->a->score_count;
    for (size_t j = 0; j < q; j++)
        r->shift[j] = r->gone[j] - now * r->live[j] + r->live_entry[j];
    return fmax(squares - (q ? matrix_quadratic(r->a->discount, r->shift, q) : 0), 0);
}

static int by_stop(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    if (x->stop != y->stop)
        return x->stop < y->stop ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

static void entries_order(struct running *r, size_t group, struct arena *scratch)
{
    const struct adjusted *a = r->a;
    size_t from = a->first[group], count = a->first[group + 1] - from;
    struct place *places = arena_alloc(scratch, (count + 1) * sizeof *places);
    r->entries = arena_alloc(scratch, (count + 1) * sizeof *r->entries);
    r->entry_end = count;
    for (size_t i = 0; i < count; i++)
        places[i] =
            (struct place){.stop = a->data.start ? a->data.start[a->order[from + i]] : -1, .row = a->order[from + i]};
    if (a->data.start)
        qsort(places, count, sizeof *places, by_stop);
    for (size_t i = 0; i < count; i++)
        r->entries[i] = places[i].row;
}

static void let_enter(struct running *r, double time)
{
    const double *start = r->a->data.start;
    while (r->entry < r->entry_end && (!start || start[r->entries[r->entry]] < time))
        live_add(r, r->entries[r->entry++], 1);
}

void adjusted_estimate(const struct adjusted *a, size_t group, struct survival_limits limits, struct arena *arena,
                       struct survival_curve *out)
{
    AUTO(arena_release) struct arena scratch = {0};
    survival_estimate(&a->data, (int)group, limits, arena, out);
    size_t q = a->score_count;
    struct running r = {.a = a,
                        .e = effects_of(out, NULL, &scratch),
                        .gone = numbers_new(&scratch, q),
                        .live = numbers_new(&scratch, q),
                        .live_entry = numbers_new(&scratch, q),
                        .score = numbers_new(&scratch, q),
                        .shift = numbers_new(&scratch, q)};
    entries_order(&r, group, &scratch);
    double z = normal_limit(limits.level), error = 0;
    size_t next = a->first[group], end = a->first[group + 1];
    for (size_t k = 0; k < out->step_count; k++) {
        struct survival_step *s = &out->steps[k];
        let_enter(&r, s->time);
        for (; next < end && a->data.stop[a->order[next]] == s->time; next++)
            leave(&r, a->order[next], k);
        if (s->events > 0)
            error = sqrt(variance_at(&r, k));
        survival_step_limits(s, error, &limits, z);
    }
}

/* ---- the restricted mean ----------------------------------------------------------------------------------------- */

/* The area under the curve from each step to tau, and all of it. */
static double areas_of(const struct survival_curve *curve, double tau, double *areas)
{
    double area = 0, end = tau;
    for (size_t k = curve->step_count; k-- > 0;) {
        const struct survival_step *s = &curve->steps[k];
        if (s->time >= tau)
            continue;
        areas[k] = area += s->survival * (end - s->time);
        end = s->time;
    }
    return area + end;
}

void adjusted_restricted_mean(const struct adjusted *a, const struct survival_curve *curve, size_t group, double tau,
                              struct arena *arena, struct adjusted_mean *out)
{
    AUTO(arena_release) struct arena scratch = {0};
    size_t q = a->score_count, step = 0;
    double *shift = numbers_new(arena, q), *score = numbers_new(&scratch, q);
    *out = (struct adjusted_mean){.mean = NAN, .spread = NAN, .shift = shift};
    out->beyond_follow_up = !survival_known_at(curve, tau);
    if (out->beyond_follow_up || !(tau >= 0))
        return;
    double *areas = numbers_new(&scratch, curve->step_count + 1);
    out->mean = areas_of(curve, tau, areas);
    struct effects e = effects_of(curve, areas, &scratch);
    out->spread = 0;
    for (size_t i = a->first[group]; i < a->first[group + 1]; i++) {
        size_t row = a->order[i];
        while (curve->steps[step].time < a->data.stop[row])
            step++;
        double f =
            a->weight[row] * (e.at_risk[step] - before_entry(a, &e, row) - (a->data.event[row] ? e.event[step] : 0));
        out->spread += f * f;
        if (!q)
            continue;
        score_of(a, row, score);
        add(shift, score, f, q);
    }
}

double adjusted_covariance(const struct adjusted *a, const struct adjusted_mean *x, const struct adjusted_mean *y)
{
    size_t q = a->score_count;
    if (isnan(x->mean) || isnan(y->mean))
        return NAN;
    double sum = x == y ? x->spread : 0;
    for (size_t j = 0; j < q; j++)
        sum -= x->shift[j] * matrix_dot(a->discount + j * q, y->shift, q);
    return x == y ? fmax(sum, 0) : sum;
}
