/* Arrays of numbers: sorting, quantiles, ranks. No number is NaN. */
#pragma once

#include "common/base/arena.h"

#include <stdint.h>

double *numbers_new(struct arena *a, size_t count); /* zeros */

/* For qsort and bsearch. */
int numbers_compare(const void *a, const void *b);

void numbers_sort(double *numbers, size_t count);

/* Between neighbours, as R's type 7 and most programs have it (Hyndman & Fan, Am Stat 50 (1996) 361). The numbers are
 * sorted, at least one; part: 0 to 1. */
double numbers_quantile(const double *sorted, size_t count, double part);

/* 0 to 100: the share of lower scores plus half of the equal ones; NAN if all is 0. */
double numbers_percentile_rank(int64_t below, int64_t equal, int64_t all);
