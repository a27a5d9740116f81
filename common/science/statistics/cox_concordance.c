/* How well the linear predictor of a Cox model orders the patients. */
#include "common/base/status.h"
#include "common/science/statistics/cox_private.h"
#include "common/science/statistics/numbers.h"

#include <stdlib.h>
#include <string.h>

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

static void ranks_init(struct ranks *r, const struct cox_sweep *s, size_t from, size_t to, struct cox_key *keys)
{
    size_t count = to - from;
    for (size_t i = 0; i < count; i++)
        keys[i] = (struct cox_key){.time = s->linear[from + i], .row = i};
    qsort(keys, count, sizeof *keys, cox_key_compare);
    size_t rank = 0;
    for (size_t i = count; i-- > 0;) {
        rank += i == count - 1 || keys[i].time != keys[i + 1].time;
        r->rank[keys[i].row] = rank;
    }
    r->count = rank;
    r->total = 0;
    memset(r->tree, 0, (count + 1) * sizeof *r->tree);
}

static void pairs_of_tied_deaths(struct cox_concordance *c, const struct cox_sweep *s, const struct ranks *r,
                                 size_t first, size_t from, size_t to, double *same)
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

static void pairs_of_stratum(struct cox_concordance *c, const struct cox_sweep *s, struct ranks *r, size_t first,
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

struct cox_concordance cox_concordance_of(const struct cox_sweep *s)
{
    AUTO(arena_release) struct arena scratch = {0};
    struct cox_concordance c = {0};
    struct cox_key *keys = arena_alloc(&scratch, s->count * sizeof *keys);
    struct ranks r = {.tree = numbers_new(&scratch, s->count + 1),
                      .rank = arena_alloc(&scratch, s->count * sizeof *r.rank)};
    double *same = numbers_new(&scratch, s->count + 1);
    for (size_t first = 0, end; first < s->count; first = end) {
        for (end = first; end < s->count && s->stratum[end] == s->stratum[first];)
            end++;
        ranks_init(&r, s, first, end, keys);
        pairs_of_stratum(&c, s, &r, first, end, same);
    }
    c.c = (c.concordant + c.tied_x / 2) / (c.concordant + c.discordant + c.tied_x);
    return c;
}
