#include "services/users/assessment/trend.h"
#include "tests/support/unit.h"

#include <string.h>

static void ck_group(int age, int schooling, int min_age, int max_age, int min_schooling, int max_schooling)
{
    struct trend_group g = trend_group_of(age, (struct maybe_integer){true, schooling});
    ck_assert_int_eq(g.min_age, min_age);
    ck_assert_int_eq(g.max_age, max_age);
    ck_assert(g.schooled);
    ck_assert_int_eq(g.min_schooling, min_schooling);
    ck_assert_int_eq(g.max_schooling, max_schooling);
}

START_TEST(groups_are_of_ten_years_of_age_and_four_of_schooling)
{
    ck_group(0, 0, 0, 49, 0, 4);
    ck_group(49, 4, 0, 49, 0, 4);
    ck_group(50, 5, 50, 59, 5, 8);
    ck_group(79, 8, 70, 79, 5, 8);
    ck_group(80, 12, 80, 89, 9, 12);
    ck_group(90, 13, 90, 130, 13, 30);
    ck_group(130, 30, 90, 130, 13, 30);
}
END_TEST

START_TEST(those_whose_schooling_is_not_known_are_a_group)
{
    ck_assert(!trend_group_of(70, (struct maybe_integer){0}).schooled);
}
END_TEST

/* Each birthday belongs to one group, and to the one that the age says. */
START_TEST(births_of_the_groups_follow_each_other_without_a_gap)
{
    static const struct date days[] = {{2026, 11, 21}, {2024, 2, 29}, {2023, 2, 28}, {2025, 3, 1}};
    for (size_t i = 0; i < COUNT(days); i++)
        for (int age = 50; age <= 90; age += 10) {
            struct trend_group older = trend_group_of(age, (struct maybe_integer){0});
            struct trend_group younger = trend_group_of(age - 1, (struct maybe_integer){0});
            struct date first, last, next_first, next_last;
            trend_group_births(&older, days[i], &first, &last);
            trend_group_births(&younger, days[i], &next_first, &next_last);
            ck_assert_int_eq(date_compare(date_plus_days(last, 1), next_first), 0);
            ck_assert_int_ge(date_years_between(first, days[i]), older.min_age);
        }
}
END_TEST

int main(void)
{
    return UNIT_TESTS(groups_are_of_ten_years_of_age_and_four_of_schooling,
                      those_whose_schooling_is_not_known_are_a_group,
                      births_of_the_groups_follow_each_other_without_a_gap);
}
