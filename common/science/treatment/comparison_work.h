/* Shared by the files of a comparison. Private to comparison*.c. */
#pragma once

#include "common/science/statistics/adjusted.h"
#include "common/science/treatment/comparison.h"

/* The treatments to be judged have enough patients; the adjusted numbers know them by a number of their own, in the
 * same order. `part` are their complete patients, in the order of design.row. */
struct comparison_work {
    const struct comparison_data *data;
    struct comparison_options options; /* defaults filled in */
    struct survival_data survival;     /* the caller's, with a group column */
    struct survival_limits limits;
    struct arena *arena, scratch; /* scratch: until the comparison is done */
    struct comparison *out;
    struct comparison_arm *arms;
    struct comparison_pair *pairs;
    size_t judged_count;
    size_t judged[SURVIVAL_GROUPS_MAX]; /* treatments */
    int number[SURVIVAL_GROUPS_MAX];    /* of a treatment among the judged; -1: it is none */
    struct survival_data part;
    struct multinomial_fit propensity;
    struct adjusted adjusted;
    bool weighted;                                   /* propensity and adjusted are there */
    struct adjusted_mean means[SURVIVAL_GROUPS_MAX]; /* of the judged, up to the horizon */
};

/* Selected rows of the data as data of their own, groups and all. number: per group, the new one (rows must have one).
 */
struct survival_data comparison_rows(const struct survival_data *data, const size_t *rows, size_t count,
                                     const int *number, size_t group_count, struct arena *arena);

/* The pair a < b in the list of all. */
struct comparison_pair *comparison_pair_of(const struct comparison_work *w, size_t a, size_t b);

/* Holm's correction (Scand J Stat 6 (1979) 65) of a p over the pairs of treatments to be judged; NaN for others. Where
 * both are in a pair: COMPARISON_HOLM(w, logrank). */
void comparison_holm(const struct comparison_work *w, size_t p_offset, size_t holm_offset);
#define COMPARISON_HOLM(w, member) \
    comparison_holm(w, offsetof(struct comparison_pair, member.p), offsetof(struct comparison_pair, member.p_holm))

/* Each fills its part of the answer. */
void comparison_weigh(struct comparison_work *w);    /* propensity, adjusted */
void comparison_diagnose(struct comparison_work *w); /* overlap, balance, weights */
void comparison_model_fit(struct comparison_work *w, enum comparison_adjustment by);
void comparison_predict(struct comparison_work *w);
enum status comparison_bootstrap(struct comparison_work *w, struct problem *why);
void comparison_judge(struct comparison_work *w);

enum status comparison_go_on(const struct comparison_work *w, struct problem *why); /* UNAVAILABLE: it was cancelled */
