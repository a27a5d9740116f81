/* Scores of one person over time: how fast they change, whether a change is more than the error of measuring, and where
 * a score stands among others. Plain numbers in and out. */
#ifndef MNEMOS_CHANGE_H
#define MNEMOS_CHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A line through points by least squares, y = centre_y + slope * (x - centre_x), with normal errors of one variance. */
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

/* The reliable change index of N. S. Jacobson & P. Truax, "Clinical significance: a statistical approach to defining
 * meaningful change in psychotherapy research", Journal of Consulting and Clinical Psychology 59 (1991) 12-19: the
 * difference over the standard error of a difference of two scores, the square root of 2 times that of one. Changes of
 * up to threshold points are what the level of unchanged people shows. */
struct reliable_change {
    double difference, standard_error, index, threshold;
    bool within_error;
};

/* standard_error: of one measurement, in the unit of the scores, above 0. level: 0.95. */
struct reliable_change reliable_change(double before, double after, double standard_error, double level);

/* 0 to 100: the share of those who score less, and of half of those who score the same; NAN of nobody. */
double percentile_rank(int64_t below, int64_t equal, int64_t all);

#endif
