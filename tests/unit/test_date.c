#include "common/base/date.h"
#include "tests/support/unit.h"

#include <string.h>

static struct date day(const char *text)
{
    struct date d;
    ck_assert_msg(date_parse(text, &d), "%s", text);
    return d;
}

static void ck_day(struct date d, const char *expected)
{
    char text[DATE_SIZE];
    date_print(d, text);
    ck_assert_str_eq(text, expected);
}

static struct date random_day(void)
{
    return date_plus_days(day("1900-01-01"), unit_random_between(0, 73000));
}

START_TEST(date_parse_knows_the_calendar)
{
    static const char *const good[] = {"2024-02-29", "2000-02-29", "0001-01-01", "9999-12-31", "1941-04-30"};
    static const char *const bad[] = {
        "2023-02-29", "1900-02-29",  "0000-01-01",  "2024-00-10", "2024-13-01", "2024-04-31", "2024-01-00",
        "2024-01-32", "2024-1-01",   "24-01-01",    "2024-01-1",  "2024/01/01", "20240101",   "+024-01-01",
        " 024-01-01", "2024-01-01 ", "2024-01-01T", "2024-ab-01", "",
    };
    struct date out;
    for (size_t i = 0; i < COUNT(good); i++)
        ck_assert_msg(date_parse(good[i], &out), "%s", good[i]);
    for (size_t i = 0; i < COUNT(bad); i++)
        ck_assert_msg(!date_parse(bad[i], &out), "%s", bad[i]);
}
END_TEST

START_TEST(a_year_is_completed_on_the_birthday)
{
    struct date born = day("1950-06-15");
    ck_assert_int_eq(date_years_between(born, day("2026-06-14")), 75);
    ck_assert_int_eq(date_years_between(born, day("2026-06-15")), 76);
    ck_assert_int_eq(date_years_between(born, day("2026-12-31")), 76);
    ck_assert_int_eq(date_years_between(born, day("2027-01-01")), 76);
    ck_assert_int_eq(date_years_between(born, born), 0);
}
END_TEST

START_TEST(people_born_on_29_february_wait_for_1_march)
{
    struct date born = day("1948-02-29");
    ck_assert_int_eq(date_years_between(born, day("2023-02-28")), 74);
    ck_assert_int_eq(date_years_between(born, day("2023-03-01")), 75);
    ck_assert_int_eq(date_years_between(born, day("2024-02-28")), 75);
    ck_assert_int_eq(date_years_between(born, day("2024-02-29")), 76);
}
END_TEST

START_TEST(years_before_29_february_may_be_28_february)
{
    ck_day(date_years_before(day("2024-02-29"), 1), "2023-02-28");
    ck_day(date_years_before(day("2024-02-29"), 4), "2020-02-29");
    ck_day(date_years_before(day("2000-02-29"), 100), "1900-02-28");
    ck_day(date_years_before(day("2024-03-01"), 24), "2000-03-01");
}
END_TEST

/* Filters by age rest on this: date_years_before is the last day of birth of people who have completed those years. */
START_TEST(years_before_is_the_last_birth_date_of_an_age)
{
    for (int i = 0; i < 50000; i++) {
        struct date today = random_day();
        int age = unit_random_between(0, 130);
        struct date born = date_years_before(today, age);
        ck_assert_int_eq(date_years_between(born, today), age);
        ck_assert_int_eq(date_years_between(date_plus_days(born, 1), today), age - 1);
    }
}
END_TEST

START_TEST(days_are_added_across_months_and_years)
{
    ck_day(date_plus_days(day("2024-02-28"), 1), "2024-02-29");
    ck_day(date_plus_days(day("2023-02-28"), 1), "2023-03-01");
    ck_day(date_plus_days(day("2026-12-31"), 1), "2027-01-01");
    ck_day(date_plus_days(day("2026-01-01"), -1), "2025-12-31");
    ck_day(date_plus_days(day("1899-12-31"), 36525), "2000-01-01");
}
END_TEST

START_TEST(dates_print_parse_and_compare_alike)
{
    for (int i = 0; i < 10000; i++) {
        struct date d = random_day();
        char text[DATE_SIZE], later_text[DATE_SIZE];
        struct date later = date_plus_days(d, unit_random_between(1, 4000));
        date_print(d, text);
        date_print(later, later_text);
        ck_assert_int_eq(date_compare(day(text), d), 0);
        ck_assert_int_eq(date_compare(d, later), -1);
        ck_assert_int_eq(date_compare(later, d), 1);
        ck_assert(strcmp(text, later_text) < 0);
    }
}
END_TEST

START_TEST(date_parse_leaves_the_date_alone_when_it_refuses)
{
    struct date d = {2026, 11, 20};
    ck_assert(!date_parse("2026-02-30", &d));
    ck_day(d, "2026-11-20");
}
END_TEST

int main(void)
{
    return UNIT_TESTS(date_parse_knows_the_calendar, a_year_is_completed_on_the_birthday,
                      people_born_on_29_february_wait_for_1_march, years_before_29_february_may_be_28_february,
                      years_before_is_the_last_birth_date_of_an_age, days_are_added_across_months_and_years,
                      dates_print_parse_and_compare_alike, date_parse_leaves_the_date_alone_when_it_refuses);
}
