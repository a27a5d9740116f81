#include "common/science/statistics/numbers.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

double *numbers_new(struct arena *a, size_t count)
{
    return arena_alloc(a, count * sizeof(double));
}

int numbers_compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

void numbers_sort(double *numbers, size_t count)
{
    if (count > 0)
        qsort(numbers, count, sizeof *numbers, numbers_compare);
}

double numbers_quantile(const double *sorted, size_t count, double part)
{
    assert(count > 0 && part >= 0 && part <= 1);
    double at = part * (double)(count - 1);
    size_t low = (size_t)at;
    double next = sorted[low + 1 < count ? low + 1 : low];
    return sorted[low] + (at - (double)low) * (next - sorted[low]);
}

double numbers_percentile_rank(int64_t below, int64_t equal, int64_t all)
{
    return all > 0 ? 100 * ((double)below + (double)equal / 2) / (double)all : NAN;
}
