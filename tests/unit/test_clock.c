#include "common/base/clock.h"
#include "tests/support/unit.h"

static void ck_today(const char *expected)
{
    char text[DATE_SIZE];
    date_print(clock_today(), text);
    ck_assert_str_eq(text, expected);
}

START_TEST(clock_stands_where_a_test_has_set_it)
{
    char text[TIMESTAMP_SIZE];
    clock_set(951782399); /* a second before 29 February 2000 */
    clock_print(clock_now(), text);
    ck_assert_str_eq(text, "2000-02-28T23:59:59Z");
    ck_today("2000-02-28");
    clock_set(951782400);
    ck_today("2000-02-29");
    clock_set(0);
    ck_assert(clock_now() > 1700000000);
}
END_TEST

START_TEST(clock_monotonic_never_goes_back)
{
    int64_t before = clock_monotonic_us();
    ck_assert(clock_monotonic_us() >= before);
    clock_set_monotonic(5);
    ck_assert_int_eq(clock_monotonic_us(), 5);
    clock_set_monotonic(0);
    ck_assert(clock_monotonic_us() >= before);
}
END_TEST

int main(void)
{
    return UNIT_TESTS(clock_stands_where_a_test_has_set_it, clock_monotonic_never_goes_back);
}
