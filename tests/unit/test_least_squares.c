#include "common/science/statistics/least_squares.h"
#include "common/science/statistics/random.h"
#include "tests/support/unit.h"

#include <math.h>

START_TEST(least_squares_solves_a_small_table_exactly)
{
    /* y = 3 + 2 x, with errors -1, 1, 1, -1 that are orthogonal to both columns */
    struct least_squares ls = least_squares_begin(2);
    static const double x[] = {0, 1, 2, 3}, error[] = {-1, 1, 1, -1};
    double b[2];
    for (int i = 0; i < 4; i++)
        least_squares_add(&ls, (double[]){1, x[i]}, 3 + 2 * x[i] + error[i]);
    ck_assert_uint_eq(least_squares_solve(&ls, b), 2);
    ck_assert_double_eq_tol(b[0], 3, 1e-14);
    ck_assert_double_eq_tol(b[1], 2, 1e-14);
    ck_assert_double_eq_tol(ls.residual, 4, 1e-13);
}
END_TEST

START_TEST(least_squares_keeps_its_digits_beside_a_large_offset)
{
    struct least_squares ls = least_squares_begin(3);
    double b[3];
    struct random random = random_from(7);
    for (int i = 0; i < 1000; i++) {
        double year = 2020 + random_normal(&random), other = random_normal(&random);
        least_squares_add(&ls, (double[]){1, year, other}, 5 - 0.25 * year + 3 * other);
    }
    ck_assert_uint_eq(least_squares_solve(&ls, b), 3);
    ck_assert_double_eq_tol(b[1], -0.25, 1e-11);
    ck_assert_double_eq_tol(b[2], 3, 1e-11);
    ck_assert(ls.residual < 1e-15);
}
END_TEST

START_TEST(least_squares_gives_a_column_that_follows_from_others_no_weight)
{
    struct least_squares all = least_squares_begin(5), fewer = least_squares_begin(3);
    double with[5], without[3];
    struct random random = random_from(3);
    for (int i = 0; i < 500; i++) {
        double a = 75 + random_normal(&random), c = random_normal(&random), y = a - 2 * c + random_normal(&random);
        least_squares_add(&all, (double[]){1, a, 0.1 * a + 0.7, 0, c}, y);
        least_squares_add(&fewer, (double[]){1, a, c}, y);
    }
    ck_assert_uint_eq(least_squares_solve(&all, with), 3);
    ck_assert_uint_eq(least_squares_solve(&fewer, without), 3);
    ck_assert(with[2] == 0 && with[3] == 0 && !least_squares_has(&all, 2) && !least_squares_has(&all, 3));
    ck_assert_double_eq_tol(with[1], without[1], 1e-9);
    ck_assert_double_eq_tol(with[4], without[2], 1e-9);
}
END_TEST

START_TEST(least_squares_of_nothing_has_rank_nothing)
{
    struct least_squares ls = least_squares_begin(2);
    double b[2] = {1, 1};
    ck_assert_uint_eq(least_squares_solve(&ls, b), 0);
    ck_assert(b[0] == 0 && b[1] == 0);
}
END_TEST

int main(void)
{
    return UNIT_TESTS(least_squares_solves_a_small_table_exactly, least_squares_keeps_its_digits_beside_a_large_offset,
                      least_squares_gives_a_column_that_follows_from_others_no_weight,
                      least_squares_of_nothing_has_rank_nothing);
}
