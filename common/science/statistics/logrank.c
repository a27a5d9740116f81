#include "common/science/statistics/logrank.h"

#include "common/science/statistics/distribution.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Somebody comes (time: start) or goes (time: stop). */
struct move {
    double time, weight;
    int stratum, group;
    bool event;
};

struct moves {
    size_t count;
    struct move *rows; /* by stratum, then by time */
};

/* Weights of the same time by size, so that their sum is the same however the rows came. */
static int by_stratum_and_time(const void *a, const void *b)
{
    const struct move *x = a, *y = b;
    if (x->stratum != y->stratum)
        return x->stratum < y->stratum ? -1 : 1;
    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    return (x->weight > y->weight) - (x->weight < y->weight);
}

static bool takes_part(const struct survival_data *data, size_t row, const bool *included)
{
    int group = data->group ? data->group[row] : 0;
    return (!data->weight || data->weight[row] > 0) && (!included || included[group]);
}

static struct moves moves_of(const struct survival_data *data, const double *times, const bool *included,
                             struct arena *arena)
{
    size_t most = 0;
    for (size_t i = 0; times && i < data->count; i++)
        most += takes_part(data, i, included);
    struct moves m = {.rows = arena_alloc(arena, (most + 1) * sizeof *m.rows)};
    for (size_t i = 0; times && i < data->count; i++)
        if (takes_part(data, i, included))
            m.rows[m.count++] = (struct move){.time = times[i],
                                              .weight = data->weight ? data->weight[i] : 1,
                                              .stratum = data->stratum ? data->stratum[i] : 0,
                                              .group = data->group ? data->group[i] : 0,
                                              .event = data->event[i]};
    qsort(m.rows, m.count, sizeof *m.rows, by_stratum_and_time);
    return m;
}

/* The risk set, walking from the last time of a stratum to its first. Patients are counted beside the weights: a group
 * without patients has weight 0, free of rounding. */
struct walk {
    const struct moves *exits, *entries;
    size_t exit, entry; /* all at or behind these have been walked past */
    size_t group_count, *heads;
    double *at_risk, *events; /* per group, at this time */
    double total, event_total;
    size_t first; /* of the exits at this time */
};

static void walk_begin(struct walk *w, const struct moves *exits, const struct moves *entries)
{
    w->exits = exits;
    w->entries = entries;
    w->exit = exits->count;
    w->entry = entries->count;
}

static void walk_clear(struct walk *w)
{
    memset(w->heads, 0, w->group_count * sizeof *w->heads);
    memset(w->at_risk, 0, w->group_count * sizeof *w->at_risk);
}

/* One time back; false at the beginning. */
static bool walk_step(struct walk *w)
{
    if (w->exit == 0)
        return false;
    const struct move *rows = w->exits->rows, last = rows[w->exit - 1];
    if (w->exit == w->exits->count || rows[w->exit].stratum != last.stratum)
        walk_clear(w);
    memset(w->events, 0, w->group_count * sizeof *w->events);
    for (; w->exit > 0 && rows[w->exit - 1].time == last.time && rows[w->exit - 1].stratum == last.stratum; w->exit--) {
        const struct move *m = &rows[w->exit - 1];
        w->heads[m->group]++;
        w->at_risk[m->group] += m->weight;
        w->events[m->group] += m->event ? m->weight : 0;
    }
    w->first = w->exit;
    for (; w->entry > 0; w->entry--) {
        const struct move *m = &w->entries->rows[w->entry - 1];
        if (m->stratum < last.stratum || (m->stratum == last.stratum && m->time < last.time))
            break;
        if (m->stratum > last.stratum)
            continue; /* of the stratum behind, which is done */
        w->at_risk[m->group] = --w->heads[m->group] ? w->at_risk[m->group] - m->weight : 0;
    }
    w->total = w->event_total = 0;
    for (size_t g = 0; g < w->group_count; g++) {
        w->total += w->at_risk[g];
        w->event_total += w->events[g];
    }
    return true;
}

/* The weight of an event, at the index of the first exit of its time: the curve before it, to the power of rho. */
static double *event_weights(struct walk *w, double rho, struct arena *arena)
{
    size_t count = w->exits->count;
    double *weights = arena_alloc(arena, (count + 1) * sizeof *weights), survival = 1;
    while (walk_step(w))
        weights[w->first] = w->event_total / w->total;
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || w->exits->rows[i].stratum != w->exits->rows[i - 1].stratum)
            survival = 1;
        double hazard = weights[i];
        weights[i] = pow(survival, rho);
        survival *= 1 - hazard;
    }
    return weights;
}

static void add_time(struct logrank *l, const struct walk *w, double weight)
{
    double n = w->total, d = w->event_total;
    double spread = n > 1 ? weight * weight * d * fmin((n - d) / (n - 1), 1) : 0;
    for (size_t g = 0; g < l->group_count; g++) {
        double part = w->at_risk[g] / n;
        l->observed[g] += weight * w->events[g];
        l->expected[g] += weight * d * part;
        for (size_t h = 0; part > 0 && h <= g; h++)
            l->variance[g * l->group_count + h] += spread * part * ((g == h) - w->at_risk[h] / n);
    }
}

/* z' V^- z by Cholesky's decomposition, row by row. V has no full rank (its rows add up to 0, those of an empty group
 * are 0): a pivot that is nothing but rounding is left out, and the rank is the degrees of freedom. */
static double quadratic_form(const struct logrank *l, struct arena *arena, int *rank)
{
    size_t k = l->group_count;
    double *lower = arena_alloc(arena, (k * k + 1) * sizeof *lower),
           *solved = arena_alloc(arena, (k + 1) * sizeof *solved);
    double sum = 0;
    *rank = 0;
    for (size_t g = 0; g < k; g++) {
        double pivot = l->variance[g * k + g], rest = l->observed[g] - l->expected[g];
        for (size_t h = 0; h < g; h++) {
            double entry = l->variance[g * k + h];
            for (size_t i = 0; i < h; i++)
                entry -= lower[g * k + i] * lower[h * k + i];
            entry = lower[h * k + h] > 0 ? entry / lower[h * k + h] : 0;
            lower[g * k + h] = entry;
            pivot -= entry * entry;
            rest -= entry * solved[h];
        }
        if (!(pivot > 1e-10 * l->variance[g * k + g]))
            continue;
        lower[g * k + g] = sqrt(pivot);
        solved[g] = rest / lower[g * k + g];
        sum += solved[g] * solved[g];
        ++*rank;
    }
    return *rank > 0 ? sum : NAN;
}

void logrank_test(const struct survival_data *data, struct logrank_options options, struct arena *arena,
                  struct logrank *out)
{
    assert(options.rho >= 0);
    AUTO(arena_release) struct arena scratch = {0};
    size_t k = data->group ? data->group_count : 1;
    struct logrank l = {.group_count = k,
                        .observed = arena_alloc(arena, (k + 1) * sizeof(double)),
                        .expected = arena_alloc(arena, (k + 1) * sizeof(double)),
                        .variance = arena_alloc(arena, (k * k + 1) * sizeof(double))};
    struct walk w = {.group_count = k,
                     .heads = arena_alloc(&scratch, (k + 1) * sizeof(size_t)),
                     .at_risk = arena_alloc(&scratch, (k + 1) * sizeof(double)),
                     .events = arena_alloc(&scratch, (k + 1) * sizeof(double))};
    struct moves exits = moves_of(data, data->stop, options.included, &scratch);
    struct moves entries = moves_of(data, data->start, options.included, &scratch);
    walk_begin(&w, &exits, &entries);
    const double *weights = NULL;
    if (options.rho > 0) {
        weights = event_weights(&w, options.rho, &scratch);
        walk_begin(&w, &exits, &entries);
    }
    while (walk_step(&w))
        if (w.event_total > 0)
            add_time(&l, &w, weights ? weights[w.first] : 1);
    for (size_t g = 0; g < k; g++)
        for (size_t h = 0; h < g; h++)
            l.variance[h * k + g] = l.variance[g * k + h];
    l.chi_square = quadratic_form(&l, &scratch, &l.degrees_of_freedom);
    l.p = chi_square_tail(l.chi_square, l.degrees_of_freedom);
    *out = l;
}

void logrank_pair(const struct survival_data *data, int a, int b, double rho, struct arena *arena, struct logrank *out)
{
    bool included[SURVIVAL_GROUPS_MAX] = {0};
    assert(a >= 0 && b >= 0 && a < SURVIVAL_GROUPS_MAX && b < SURVIVAL_GROUPS_MAX);
    included[a] = included[b] = true;
    logrank_test(data, (struct logrank_options){.rho = rho, .included = included}, arena, out);
}
