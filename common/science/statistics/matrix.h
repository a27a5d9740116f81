/* Small symmetric matrices: rows of p numbers, the lower triangle (column <= row) in use, LAPACK's upper one. */
#pragma once

#include "common/science/statistics/numbers.h"

#include <stdbool.h>

/* The Cholesky factor of a positive definite matrix, in place; false: it is none. */
bool matrix_cholesky(double *matrix, size_t p);

/* With the factor: x becomes the solution, the factor becomes the inverse (both triangles). */
void matrix_solve(const double *factor, size_t p, double *x);
void matrix_invert(double *factor, size_t p);

/* x' M x */
double matrix_quadratic(const double *matrix, const double *x, size_t p);

/* First column whose information, given the columns before, has sunk to a share of what it had alone, or SIZE_MAX. */
size_t matrix_pivot_lost(const double *information, size_t p, const double *alone, double share);

static inline double matrix_dot(const double *x, const double *y, size_t p)
{
    double sum = 0;
    for (size_t j = 0; j < p; j++)
        sum += x[j] * y[j];
    return sum;
}
