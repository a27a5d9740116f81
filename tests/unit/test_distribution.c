#include "tests/support/unit.h"

#include "common/science/statistics/distribution.h"

#include <math.h>

/* Twelve digits of R's pchisq(x, df, lower.tail = FALSE). */
START_TEST(chi_square_tail_agrees_with_tables_near_and_far)
{
    static const struct {
        double x;
        int degrees_of_freedom;
        double tail;
    } rows[] = {
        {3.841458820694124, 1, 0.05},          {5.991464547107979, 2, 0.05},    {7.814727903251178, 3, 0.05},
        {18.307038053275146, 10, 0.05},        {43.77297182574219, 30, 0.05},   {104.915642945, 1, 1.2744780713e-24},
        {26.9418365772, 3, 6.05498936612e-06}, {124.34211340400407, 100, 0.05},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        double tail = chi_square_tail(rows[i].x, rows[i].degrees_of_freedom);
        ck_assert_msg(fabs(tail / rows[i].tail - 1) < 1e-9, "row %zu: %.12g", i, tail);
    }
}
END_TEST

START_TEST(chi_square_tail_answers_at_the_ends)
{
    ck_assert(chi_square_tail(0, 3) == 1);
    ck_assert(chi_square_tail(INFINITY, 3) == 0);
    ck_assert(isnan(chi_square_tail(1, 0)));
    ck_assert(isnan(chi_square_tail(NAN, 1)));
    ck_assert(fabs(chi_square_tail(2000, 2000) - 0.49579471) < 1e-6); /* where exp(-x/2) alone is already 0 */
}
END_TEST

START_TEST(normal_limit_and_tail_are_each_others_inverse)
{
    ck_assert(fabs(normal_limit(0.95) - 1.959963984540054) < 1e-14);
    ck_assert(fabs(normal_limit(0.99) - 2.5758293035489004) < 1e-14);
    static const double levels[] = {1e-9, 0.01, 0.5, 0.9, 0.999999};
    for (size_t i = 0; i < COUNT(levels); i++)
        ck_assert(fabs(1 - normal_two_sided(normal_limit(levels[i])) - levels[i]) < 1e-14);
    ck_assert(isnan(normal_limit(0)) && isnan(normal_limit(1)) && isnan(normal_limit(NAN)));
}
END_TEST

/* qt(1 - (1 - level) / 2, df) of R. */
START_TEST(student_limit_agrees_with_tables)
{
    static const struct {
        double level;
        int degrees_of_freedom;
        double limit;
    } rows[] = {{0.95, 1, 12.7062047361747}, {0.95, 2, 4.30265272974946},  {0.95, 3, 3.18244630528371},
                {0.9, 5, 2.01504837333302},  {0.95, 10, 2.22813885198627}, {0.95, 30, 2.04227245630124},
                {0.99, 4, 4.60409487134999}, {0.95, 200, 1.97189622363391}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        double limit = student_limit(rows[i].level, rows[i].degrees_of_freedom);
        ck_assert_msg(fabs(limit / rows[i].limit - 1) < 1e-12, "row %zu: %.15g", i, limit);
    }
    ck_assert(isnan(student_limit(0.95, 0)));
    ck_assert(isnan(student_limit(1, 3)));
    ck_assert(isnan(student_limit(0, 3)));
}
END_TEST

int main(void)
{
    return UNIT_TESTS(student_limit_agrees_with_tables, chi_square_tail_agrees_with_tables_near_and_far,
                      chi_square_tail_answers_at_the_ends, normal_limit_and_tail_are_each_others_inverse);
}
