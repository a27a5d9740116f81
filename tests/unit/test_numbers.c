#include "common/science/statistics/numbers.h"
#include "tests/support/unit.h"

#include <math.h>

#define CLOSE(a, b) ck_assert_double_eq_tol((a), (b), 1e-10 * (1 + fabs((double)(b))))

/* R: quantile(c(3, 1, 4, 1, 5, 9, 2, 6), c(0, .1, .25, .5, .9, 1)) */
START_TEST(quantiles_are_those_of_r)
{
    double numbers[] = {3, 1, 4, 1, 5, 9, 2, 6};
    static const double parts[] = {0, 0.1, 0.25, 0.5, 0.9, 1}, expected[] = {1, 1, 1.75, 3.5, 6.9, 9};
    numbers_sort(numbers, COUNT(numbers));
    for (size_t i = 0; i < COUNT(parts); i++)
        ck_assert_double_eq_tol(numbers_quantile(numbers, COUNT(numbers), parts[i]), expected[i], 1e-12);
}
END_TEST

START_TEST(one_number_is_every_quantile_and_none_can_be_sorted)
{
    ck_assert(numbers_quantile((double[]){-7}, 1, 0) == -7 && numbers_quantile((double[]){-7}, 1, 0.3) == -7 &&
              numbers_quantile((double[]){-7}, 1, 1) == -7);
    numbers_sort(NULL, 0);
}
END_TEST

START_TEST(a_percentile_is_in_the_middle_of_those_who_score_the_same)
{
    CLOSE(numbers_percentile_rank(30, 20, 100), 40);
    CLOSE(numbers_percentile_rank(0, 1, 1), 50);
    CLOSE(numbers_percentile_rank(0, 0, 7), 0);
    CLOSE(numbers_percentile_rank(7, 0, 7), 100);
    ck_assert(isnan(numbers_percentile_rank(0, 0, 0)));
}
END_TEST

int main(void)
{
    return UNIT_TESTS(quantiles_are_those_of_r, one_number_is_every_quantile_and_none_can_be_sorted,
                      a_percentile_is_in_the_middle_of_those_who_score_the_same);
}
