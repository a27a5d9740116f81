#include "common/science/statistics/least_squares.h"

#include <assert.h>
#include <string.h>

/* A column with less than this part left beside those before it follows from them; in a row it is rounding error. */
#define TOLERANCE 1e-7
#define ROUNDING  1e-11

struct least_squares least_squares_begin(size_t columns)
{
    assert(columns <= LEAST_SQUARES_COLUMNS_MAX);
    return (struct least_squares){.columns = columns};
}

void least_squares_add(struct least_squares *ls, const double *row, double response)
{
    double x[LEAST_SQUARES_COLUMNS_MAX] = {0}, y = response, weight = 1;
    memcpy(x, row, ls->columns * sizeof *x);
    ls->rows++;
    for (size_t i = 0; i < ls->columns; i++)
        ls->norm[i] += x[i] * x[i];
    for (size_t i = 0; i < ls->columns && weight > 0; i++) {
        double xi = x[i];
        if (xi * xi <= ROUNDING * ROUNDING * ls->norm[i])
            continue;
        double before = ls->d[i], after = before + weight * xi * xi;
        double cosine = before / after, sine = weight * xi / after;
        ls->d[i] = after;
        weight *= cosine;
        for (size_t j = i + 1; j < ls->columns; j++) {
            double xj = x[j];
            x[j] = xj - xi * ls->r[i][j];
            ls->r[i][j] = cosine * ls->r[i][j] + sine * xj;
        }
        double yi = y;
        y = yi - xi * ls->theta[i];
        ls->theta[i] = cosine * ls->theta[i] + sine * yi;
    }
    ls->residual += weight * y * y;
}

bool least_squares_has(const struct least_squares *ls, size_t column)
{
    return ls->d[column] > TOLERANCE * TOLERANCE * ls->norm[column];
}

size_t least_squares_solve(const struct least_squares *ls, double *out)
{
    size_t rank = 0;
    for (size_t i = ls->columns; i-- > 0;) {
        out[i] = 0;
        if (!least_squares_has(ls, i))
            continue;
        rank++;
        out[i] = ls->theta[i];
        for (size_t j = i + 1; j < ls->columns; j++)
            out[i] -= ls->r[i][j] * out[j];
    }
    return rank;
}
