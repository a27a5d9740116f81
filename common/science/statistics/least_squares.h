/* Least squares, row by row: the triangular factor of a table that is never held in memory.
 *
 * Each row is rotated into R by planar rotations (W. M. Gentleman, Applied Statistics 23 (1974) 448, AS 75; A. J.
 * Miller, Applied Statistics 41 (1992) 458, AS 274), which keeps the precision of an orthogonal method and needs memory
 * for columns squared only. A column that follows from those before it gets the coefficient 0. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { LEAST_SQUARES_COLUMNS_MAX = 16 };

struct least_squares {
    size_t columns, rows;
    double r[LEAST_SQUARES_COLUMNS_MAX][LEAST_SQUARES_COLUMNS_MAX]; /* unit upper triangular */
    double d[LEAST_SQUARES_COLUMNS_MAX];                            /* squares of the diagonal of R */
    double theta[LEAST_SQUARES_COLUMNS_MAX];                        /* the response, rotated */
    double norm[LEAST_SQUARES_COLUMNS_MAX];                         /* sums of squares of the columns */
    double residual;                                                /* sum of squared residuals */
};

/* columns: at most LEAST_SQUARES_COLUMNS_MAX. */
struct least_squares least_squares_begin(size_t columns);

void least_squares_add(struct least_squares *ls, const double *row, double response);

/* True if the column does not follow from those before it. */
bool least_squares_has(const struct least_squares *ls, size_t column);

/* Writes a coefficient per column and returns their rank. */
size_t least_squares_solve(const struct least_squares *ls, double *out);
