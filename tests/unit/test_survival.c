#include "tests/support/unit.h"

#include "common/survival.h"

#include <math.h>

/* ---- is it data? ------------------------------------------------------------------------------------------------ */

START_TEST(survival_check_passes_sound_columns_and_no_rows_at_all)
{
    SCENE(s);
    const struct survival_data plain = {.count = 3, .stop = (double[]){0, 4, 4}, .event = (bool[]){true, false, true}};
    ck_assert_int_eq(survival_check(&plain, &s.why), OK);
    const struct survival_data full = {.count = 2,
                                       .start = (double[]){0, 2},
                                       .stop = (double[]){2, 3},
                                       .event = (bool[]){true, false},
                                       .weight = (double[]){0, 1.5},
                                       .group = (int[]){1, 0},
                                       .group_count = 2,
                                       .stratum = (int[]){0, 2},
                                       .stratum_count = 3};
    ck_assert_int_eq(survival_check(&full, &s.why), OK);
    ck_assert_int_eq(survival_check(&(struct survival_data){0}, &s.why), OK);
}
END_TEST

START_TEST(survival_check_names_row_and_column_of_each_bad_cell)
{
    SCENE(s);
    const struct survival_data data = {.count = 8,
                                       .start = (double[]){0, 0, 5, NAN, 0, 0, 0, 0},
                                       .stop = (double[]){NAN, INFINITY, 5, 7, 8, 9, 9, 1e101},
                                       .event = (bool[8]){0},
                                       .weight = (double[]){1, 1, 1, 1, -1, 1, 1, 1},
                                       .group = (int[]){0, 0, 0, 0, 0, 2, 0, 0},
                                       .group_count = 2,
                                       .stratum = (int[]){0, 0, 0, 0, 0, 0, -1, 0},
                                       .stratum_count = 1};
    ck_assert_int_eq(survival_check(&data, &s.why), INVALID);
    ck_assert_int_eq(s.why.error_count, 8);
    ck_noted(&s.why, "/stop/0", "number");
    ck_noted(&s.why, "/stop/1", "number");
    ck_noted(&s.why, "/stop/2", "later than start");
    ck_noted(&s.why, "/start/3", "number");
    ck_noted(&s.why, "/weight/4", "number");
    ck_noted(&s.why, "/group/5", "groups");
    ck_noted(&s.why, "/stratum/6", "strata");
    ck_noted(&s.why, "/stop/7", "1e100");
}
END_TEST

START_TEST(survival_check_stops_counting_after_a_hundred_bad_cells)
{
    SCENE(s);
    static double stop[1000];
    static bool event[1000];
    for (size_t row = 0; row < 1000; row++)
        stop[row] = -1;
    ck_assert_int_eq(survival_check(&(struct survival_data){.count = 1000, .stop = stop, .event = event}, &s.why),
                     INVALID);
    ck_assert_int_eq(s.why.error_count, PROBLEM_ERRORS_MAX);
}
END_TEST

int main(void)
{
    return UNIT_TESTS(survival_check_passes_sound_columns_and_no_rows_at_all,
                      survival_check_names_row_and_column_of_each_bad_cell,
                      survival_check_stops_counting_after_a_hundred_bad_cells);
}
