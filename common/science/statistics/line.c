#include "common/science/statistics/line.h"

#include "common/science/statistics/distribution.h"

#include <math.h>

static double mean(const double *values, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += values[i];
    return sum / (double)count;
}

static double residual_deviation(const struct line *l, const double *x, const double *y)
{
    double sum = 0;
    for (size_t i = 0; i < l->count; i++) {
        double off = y[i] - line_at(l, x[i]);
        sum += off * off;
    }
    return l->count > 2 ? sqrt(sum / (double)(l->count - 2)) : NAN;
}

bool line_fit(const double *x, const double *y, size_t count, double level, struct line *out)
{
    if (count < 2)
        return false;
    struct line l = {.count = count, .centre_x = mean(x, count), .centre_y = mean(y, count)};
    double together = 0;
    for (size_t i = 0; i < count; i++) {
        double dx = x[i] - l.centre_x;
        l.spread += dx * dx;
        together += dx * (y[i] - l.centre_y);
    }
    if (!(l.spread > 0))
        return false;
    l.slope = together / l.spread;
    l.residual = residual_deviation(&l, x, y);
    l.limit = student_limit(level, (int)count - 2);
    double margin = l.limit * l.residual / sqrt(l.spread);
    l.slope_low = l.slope - margin;
    l.slope_high = l.slope + margin;
    *out = l;
    return true;
}

double line_at(const struct line *l, double x)
{
    return l->centre_y + l->slope * (x - l->centre_x);
}

double line_margin(const struct line *l, double x)
{
    double dx = x - l->centre_x;
    return l->limit * l->residual * sqrt(1 / (double)l->count + dx * dx / l->spread);
}
