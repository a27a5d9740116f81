#include "services/imaging/element/element_numbers.h"
#include "tests/support/unit.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct element_numbers numbers_of(const double *values, size_t count)
{
    struct element_numbers n = {0};
    for (size_t i = 0; i < count; i++)
        element_numbers_add(&n, values[i]);
    return n;
}

static double mean_of(const double *values, size_t count)
{
    struct element_numbers n = numbers_of(values, count);
    return element_numbers_mean(&n);
}
#define MEAN(...) mean_of((const double[]){__VA_ARGS__}, sizeof((double[]){__VA_ARGS__}) / sizeof(double))

/* Numbers of very different sizes and both signs, the same in every run. */
static double random_number(unsigned *state)
{
    double digits = (double)rand_r(state) / RAND_MAX - 0.5;
    return ldexp(digits, rand_r(state) % 80 - 40);
}

static void shuffle(double *values, size_t count, unsigned *state)
{
    for (size_t i = count; i-- > 1;) {
        size_t j = (size_t)rand_r(state) % (i + 1);
        double v = values[i];
        values[i] = values[j];
        values[j] = v;
    }
}

START_TEST(a_line_is_numbers_between_white_space)
{
    struct element_numbers n = {0};
    struct word bad;
    ck_assert(element_numbers_add_line(&n, " 53\t26 -1.5  6e-3\r\n+4 .5 5. ", &bad));
    ck_assert_uint_eq(n.count, 7);
    ck_assert_double_eq(n.minimum, -1.5);
    ck_assert_double_eq(n.maximum, 53);
    ck_assert(element_numbers_add_line(&n, "", &bad));
    ck_assert(element_numbers_add_line(&n, "  \t ", &bad));
    ck_assert_uint_eq(n.count, 7);
}
END_TEST

START_TEST(the_first_token_that_is_no_finite_number_is_told)
{
    static const char *const tokens[] = {"x",
                                         "1x",
                                         "0x10",
                                         "inf",
                                         "-inf",
                                         "nan",
                                         "1e999",
                                         "-1e999",
                                         "1,5",
                                         "1e",
                                         "--1",
                                         "1.2.3",
                                         "+",
                                         ".",
                                         "e5",
                                         "1_000",
                                         "infinity",
                                         "\xC2\xA0"
                                         "1",
                                         "\xEF\xBC\x91",
                                         "1;2",
                                         "1\v2"};
    for (size_t i = 0; i < sizeof tokens / sizeof *tokens; i++) {
        char line[64];
        struct element_numbers n = {0};
        struct word bad = {0};
        snprintf(line, sizeof line, "1 2 %s 4", tokens[i]);
        ck_assert_msg(!element_numbers_add_line(&n, line, &bad), "%s was taken", tokens[i]);
        ck_assert_uint_eq(bad.place, 3);
        ck_assert_uint_eq(bad.size, strlen(tokens[i]));
        ck_assert_int_eq(memcmp(bad.text, tokens[i], bad.size), 0);
    }
}
END_TEST

START_TEST(the_worked_example_has_the_known_mean_and_maximum)
{
    static const char *const lines[] = {"53 26 98 97 97 97 97 97 97 97", "97 97 53 84 47 24 31 75 73 28",
                                        "50 31 90 74 27 92 35 48 94 27", "93 94 70 26 48 25 91 37 57 73",
                                        "38 89 35 93 59 91 43 33 94 93"};
    struct element_numbers n = {0};
    struct word bad;
    for (size_t i = 0; i < 5; i++)
        ck_assert(element_numbers_add_line(&n, lines[i], &bad));
    ck_assert_uint_eq(n.count, 50);
    ck_assert_double_eq(element_numbers_mean(&n), 66.3);
    ck_assert_double_eq(n.maximum, 98);
}
END_TEST

START_TEST(a_mean_keeps_what_plain_sums_lose)
{
    ck_assert_double_eq(MEAN(1e100, 1, -1e100, 1), 0.5);
    ck_assert_double_eq(MEAN(1, 1e100, 1, -1e100), 0.5);
    ck_assert_double_eq(MEAN(0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1), 0.1);
    ck_assert_double_eq(MEAN(9007199254740992, 1, 1, 1), (9007199254740992 + 3.0) / 4);
}
END_TEST

START_TEST(a_mean_of_the_largest_numbers_does_not_overflow)
{
    ck_assert_double_eq(MEAN(DBL_MAX, DBL_MAX, DBL_MAX), DBL_MAX);
    ck_assert_double_eq(MEAN(-DBL_MAX, -DBL_MAX, -DBL_MAX, -DBL_MAX, -DBL_MAX), -DBL_MAX);
    ck_assert_double_eq(MEAN(DBL_MAX, -DBL_MAX, 3), 1);
    ck_assert_double_eq(MEAN(1e308, 1e308, 1e308, 1e308), 1e308);
    ck_assert_double_eq(MEAN(DBL_TRUE_MIN, DBL_TRUE_MIN), DBL_TRUE_MIN);
}
END_TEST

START_TEST(a_mean_lies_between_minimum_and_maximum)
{
    unsigned state = 7;
    for (int round = 0; round < 2000; round++) {
        double values[5];
        for (size_t i = 0; i < 5; i++)
            values[i] = round % 2 ? random_number(&state) : 0.1 * (round % 10);
        struct element_numbers n = numbers_of(values, 5);
        ck_assert_double_le(n.minimum, element_numbers_mean(&n));
        ck_assert_double_le(element_numbers_mean(&n), n.maximum);
    }
}
END_TEST

START_TEST(the_order_of_the_numbers_does_not_matter)
{
    enum { COUNT_OF_VALUES = 1000 };
    unsigned state = 11;
    double values[COUNT_OF_VALUES];
    for (size_t i = 0; i < COUNT_OF_VALUES; i++)
        values[i] = random_number(&state);
    double mean = mean_of(values, COUNT_OF_VALUES);
    for (int round = 0; round < 200; round++) {
        shuffle(values, COUNT_OF_VALUES, &state);
        ck_assert_double_le(fabs(mean_of(values, COUNT_OF_VALUES) - mean), 2 * DBL_EPSILON * fabs(mean));
    }
}
END_TEST

START_TEST(scaled_numbers_have_the_scaled_mean)
{
    enum { COUNT_OF_VALUES = 100 };
    unsigned state = 13;
    double values[COUNT_OF_VALUES], larger[COUNT_OF_VALUES], negative[COUNT_OF_VALUES];
    for (size_t i = 0; i < COUNT_OF_VALUES; i++) {
        values[i] = random_number(&state);
        larger[i] = ldexp(values[i], 950);
        negative[i] = -values[i];
    }
    double mean = mean_of(values, COUNT_OF_VALUES);
    ck_assert_double_eq(mean_of(larger, COUNT_OF_VALUES), ldexp(mean, 950));
    ck_assert_double_eq(mean_of(negative, COUNT_OF_VALUES), -mean);
}
END_TEST

int main(void)
{
    return UNIT_TESTS(a_line_is_numbers_between_white_space, the_first_token_that_is_no_finite_number_is_told,
                      the_worked_example_has_the_known_mean_and_maximum, a_mean_keeps_what_plain_sums_lose,
                      a_mean_of_the_largest_numbers_does_not_overflow, a_mean_lies_between_minimum_and_maximum,
                      the_order_of_the_numbers_does_not_matter, scaled_numbers_have_the_scaled_mean);
}
