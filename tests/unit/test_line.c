#include "common/science/statistics/line.h"
#include "tests/support/unit.h"

#include <math.h>

#define CLOSE(a, b) ck_assert_double_eq_tol((a), (b), 1e-10 * (1 + fabs((double)(b))))

/* lm(y ~ x), confint and predict(interval = "confidence") of R. */
START_TEST(a_line_agrees_with_r)
{
    const double x[] = {0, 1, 2.5, 4, 5.2}, y[] = {27, 26, 24, 24, 20};
    struct line l;
    ck_assert(line_fit(x, y, 5, 0.95, &l));
    CLOSE(l.slope, -1.18345164152618);
    CLOSE(line_at(&l, 0), 27.20596716947649);
    CLOSE(l.slope_low, -1.99814715390026);
    CLOSE(l.slope_high, -0.368756129152094);
    CLOSE(l.residual, 1.08706669066061);
    CLOSE(line_at(&l, 3), 23.655612244898);
    CLOSE(line_margin(&l, 3), 1.5918908486311);
}
END_TEST

START_TEST(two_points_make_a_line_without_limits)
{
    struct line l;
    ck_assert(line_fit((const double[]){1, 3}, (const double[]){20, 16}, 2, 0.95, &l));
    CLOSE(l.slope, -2);
    CLOSE(line_at(&l, 2), 18);
    ck_assert(isnan(l.slope_low) && isnan(l.slope_high) && isnan(line_margin(&l, 2)));
}
END_TEST

START_TEST(points_on_one_day_make_no_line)
{
    struct line l;
    ck_assert(!line_fit((const double[]){1, 1, 1}, (const double[]){20, 16, 18}, 3, 0.95, &l));
    ck_assert(!line_fit((const double[]){1}, (const double[]){20}, 1, 0.95, &l));
    ck_assert(!line_fit(NULL, NULL, 0, 0.95, &l));
}
END_TEST

START_TEST(scores_that_never_change_have_a_slope_of_nothing)
{
    struct line l;
    ck_assert(line_fit((const double[]){1, 2, 4}, (const double[]){20, 20, 20}, 3, 0.95, &l));
    ck_assert(l.slope == 0 && l.slope_low == 0 && l.slope_high == 0 && l.residual == 0);
}
END_TEST

/* Days since 1970 are large beside the days between two examinations. */
START_TEST(a_line_far_from_zero_is_as_good)
{
    const double y[] = {27, 26, 24, 24, 20};
    struct line near, far;
    ck_assert(line_fit((const double[]){0, 365, 912, 1460, 1898}, y, 5, 0.95, &near));
    ck_assert(line_fit((const double[]){20000, 20365, 20912, 21460, 21898}, y, 5, 0.95, &far));
    CLOSE(near.slope, far.slope);
    CLOSE(near.slope_low, far.slope_low);
}
END_TEST

int main(void)
{
    return UNIT_TESTS(a_line_agrees_with_r, two_points_make_a_line_without_limits, points_on_one_day_make_no_line,
                      scores_that_never_change_have_a_slope_of_nothing, a_line_far_from_zero_is_as_good);
}
