#include "common/science/statistics/distribution.h"

#include <math.h>
#include <stdbool.h>

/* exp(-y) y^a / gamma(a + 1), by logarithms: the factors alone would overflow long before their product does. */
static double poisson_term(double y, double a)
{
    int sign = 0;
    return exp(a * log(y) - y - lgamma_r(a + 1, &sign));
}

double chi_square_tail(double x, int degrees_of_freedom)
{
    if (isnan(x) || degrees_of_freedom < 1)
        return NAN;
    if (x <= 0)
        return 1;
    if (isinf(x))
        return 0;
    double y = x / 2;
    bool odd = degrees_of_freedom % 2;
    double tail = odd ? erfc(sqrt(y)) : exp(-y);
    for (int twice = odd ? 1 : 2; twice < degrees_of_freedom; twice += 2)
        tail += poisson_term(y, twice / 2.0);
    return fmin(tail, 1);
}

double normal_two_sided(double z)
{
    return erfc(fabs(z) / sqrt(2));
}

/* Newton's steps on the logarithm of the tail, which is concave: after the first step they come from one side. */
double normal_limit(double level)
{
    if (!(level > 0 && level < 1))
        return NAN;
    double z = 0;
    for (int step = 0; step < 100; step++) {
        double tail = normal_two_sided(z);
        double slope = -2 * exp(-z * z / 2) / sqrt(2 * acos(-1)) / tail;
        double change = (log1p(-level) - log(tail)) / slope;
        z += change;
        if (fabs(change) <= 1e-15 * z)
            break;
    }
    return z;
}

/* P(|T| < tan(angle) * sqrt(degrees of freedom)): finite sums (Abramowitz & Stegun 1964, 26.7.3 and 26.7.4). */
static double student_within(double angle, int degrees_of_freedom)
{
    bool odd = degrees_of_freedom % 2;
    double c = cos(angle), term = odd ? c : 1, sum = 0;
    for (int k = odd ? 1 : 0; k <= degrees_of_freedom - 2; k += 2) {
        sum += term;
        term *= c * c * (k + 1) / (k + 2);
    }
    sum *= sin(angle);
    return odd ? (angle + sum) * 2 / acos(-1) : sum;
}

/* By halves of the angle, in which the probability grows from 0 to 1. */
double student_limit(double level, int degrees_of_freedom)
{
    if (!(level > 0 && level < 1) || degrees_of_freedom < 1)
        return NAN;
    double low = 0, high = acos(-1) / 2;
    for (int step = 0; step < 60; step++) {
        double middle = (low + high) / 2;
        if (student_within(middle, degrees_of_freedom) < level)
            low = middle;
        else
            high = middle;
    }
    return tan((low + high) / 2) * sqrt(degrees_of_freedom);
}
