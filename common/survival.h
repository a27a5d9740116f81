/* Time to an event: curves, restricted means and tests that know what censoring is.
 *
 * Pure statistics: no input, no output, nothing kept. A patient (a row) is watched over (start, stop] and at the end of
 * it either has the event or is censored. Times are compared exactly: two rows are tied when their times are equal.
 * NaN stands for "not given" in every answer, and only for that; what cannot be computed is never a silent number. */
#ifndef MNEMOS_SURVIVAL_H
#define MNEMOS_SURVIVAL_H

#include "common/arena.h"
#include "common/problem.h"

#include <stdbool.h>

enum { SURVIVAL_GROUPS_MAX = 64 };

/* Larger numbers and smaller weights are refused, so that squares stay within what a double holds. */
#define SURVIVAL_VALUE_MAX  1e100
#define SURVIVAL_WEIGHT_MIN 1e-100

/* Columns of count rows each. The caller owns them. */
struct survival_data {
    size_t count;
    const double *start; /* left truncation; NULL: all entered at 0 */
    const double *stop;
    const bool *event;
    const double *weight; /* how many patients the row stands for; NULL: 1 each */
    const int *group;     /* the arm, 0 .. group_count-1; NULL: one */
    size_t group_count;
    const int *stratum; /* 0 .. stratum_count-1; NULL: one */
    size_t stratum_count;
};

/* Everything below takes only data that passed this. INVALID names row and column as "/stop/17" (the first row is 0):
 * NaN, infinite or huge, stop <= start, a negative weight, an unknown group or stratum. Without start columns a stop of
 * 0 is fine: who dies on the first day was at risk on it. Data without rows pass. */
enum status survival_check(const struct survival_data *data, struct problem *why);

#endif
