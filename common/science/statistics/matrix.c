#include "common/science/statistics/matrix.h"

#include "common/base/status.h"

#include <lapacke.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

bool matrix_cholesky(double *matrix, size_t p)
{
    for (size_t j = 0; j < p * p; j++)
        if (!isfinite(matrix[j]))
            return false;
    return p == 0 || LAPACKE_dpotrf(LAPACK_COL_MAJOR, 'U', (int)p, matrix, (int)p) == 0;
}

void matrix_solve(const double *factor, size_t p, double *x)
{
    if (p > 0)
        LAPACKE_dpotrs(LAPACK_COL_MAJOR, 'U', (int)p, 1, factor, (int)p, x, (int)p);
}

void matrix_invert(double *factor, size_t p)
{
    if (p > 0)
        LAPACKE_dpotri(LAPACK_COL_MAJOR, 'U', (int)p, factor, (int)p);
    for (size_t j = 0; j < p; j++)
        for (size_t k = 0; k < j; k++)
            factor[k * p + j] = factor[j * p + k];
}

double matrix_quadratic(const double *matrix, const double *x, size_t p)
{
    double sum = 0;
    for (size_t j = 0; j < p; j++)
        sum += x[j] * (2 * matrix_dot(matrix + j * p, x, j) + matrix[j * p + j] * x[j]);
    return sum;
}

size_t matrix_pivot_lost(const double *information, size_t p, const double *reference, double share)
{
    AUTO(arena_release) struct arena scratch = {0};
    double *factor = numbers_new(&scratch, p * p), *l = numbers_new(&scratch, p);
    for (size_t j = 0; j < p; j++) {
        for (size_t k = 0; k < j; k++)
            l[k] = (information[j * p + k] - matrix_dot(factor + k * p, l, k)) / factor[k * p + k];
        l[j] = information[j * p + j] - matrix_dot(l, l, j);
        if (!(l[j] > share * reference[j]))
            return j;
        l[j] = sqrt(l[j]);
        memcpy(factor + j * p, l, (j + 1) * sizeof *l);
    }
    return SIZE_MAX;
}
