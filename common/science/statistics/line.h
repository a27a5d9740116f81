/* A line through points by least squares, y = centre_y + slope * (x - centre_x), with normal errors of one variance. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct line {
    size_t count;
    double slope, centre_x, centre_y;
    double spread;                /* sum of squares of x around centre_x */
    double residual;              /* standard deviation around the line; NAN with two points */
    double limit;                 /* Student's t within which the level lies; NAN with two points */
    double slope_low, slope_high; /* NAN with two points */
};

/* level: of the limits, 0.95. False when there are not two different x. */
bool line_fit(const double *x, const double *y, size_t count, double level, struct line *out);

double line_at(const struct line *l, double x);

/* Half the width of the interval for the mean at x; NAN with two points. */
double line_margin(const struct line *l, double x);
