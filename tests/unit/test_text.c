#include "common/base/text.h"
#include "tests/support/unit.h"

#include <math.h>
#include <string.h>

START_TEST(text_length_counts_code_points)
{
    static const struct {
        const char *text;
        long length;
    } cases[] = {
        {"", 0},
        {"Paula", 5},
        {"Zoë", 3},
        {"\xF0\x9F\xA7\xA0", 1},     /* a brain */
        {"\xDF\xBF\xE0\xA0\x80", 2}, /* the last of two bytes, the first of three */
        {"\xED\x9F\xBF", 1},         /* the last before the surrogates */
        {"\xEE\x80\x80", 1},         /* the first after them */
        {"\xF4\x8F\xBF\xBF", 1},     /* U+10FFFF, the last of all */
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        ck_assert_int_eq(text_length(cases[i].text, strlen(cases[i].text)), cases[i].length);
    ck_assert_int_eq(text_length("a\0b", 3), 3);
}
END_TEST

START_TEST(text_length_refuses_ill_formed_utf8)
{
    static const char *const cases[] = {
        "\x80",             /* a continuation without a beginning */
        "\xC3",             /* cut off */
        "\xE2\x82",         /* cut off */
        "\xF0\x9F\xA7",     /* cut off */
        "\xC3(",            /* no continuation */
        "\xE2\x82(",        /* no continuation */
        "\xC0\xAF",         /* overlong "/" */
        "\xC1\xBF",         /* overlong */
        "\xE0\x9F\xBF",     /* overlong */
        "\xF0\x8F\xBF\xBF", /* overlong */
        "\xED\xA0\x80",     /* a surrogate */
        "\xED\xBF\xBF",     /* a surrogate */
        "\xF4\x90\x80\x80", /* beyond U+10FFFF */
        "\xF5\x80\x80\x80", /* beyond U+10FFFF */
        "\xFF",
        "fine, then \xFE",
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        ck_assert_msg(text_length(cases[i], strlen(cases[i])) == -1, "case %zu", i);
}
END_TEST

START_TEST(text_has_control_knows_c0_del_and_c1)
{
    static const char *const with[] = {"a\nb", "\x1B[31m", "\x7F", "\xC2\x80", "x\xC2\x9F"};
    static const char *const without[] = {"", "Zoë Ünal", "\xC2\xA0", "\xE2\x80\x93", "\xC3\x80"};
    for (size_t i = 0; i < COUNT(with); i++)
        ck_assert(text_has_control(with[i], strlen(with[i])));
    for (size_t i = 0; i < COUNT(without); i++)
        ck_assert(!text_has_control(without[i], strlen(without[i])));
    ck_assert(text_has_control("\0", 1));
}
END_TEST

START_TEST(text_integer_reaches_its_limits)
{
    int64_t value;
    ck_assert(text_integer("9223372036854775807", &value));
    ck_assert(value == INT64_MAX);
    ck_assert(text_integer("-9223372036854775808", &value));
    ck_assert(value == INT64_MIN);
    ck_assert(text_integer("007", &value));
    ck_assert_int_eq(value, 7);
}
END_TEST

START_TEST(text_integer_refuses_what_is_not_wholly_a_number)
{
    static const char *const cases[] = {
        "", "-", "+1", " 1", "1 ", "1.0", "1e3", "0x10", "12a", "--1", "9223372036854775808", "-9223372036854775809",
    };
    int64_t value = 42;
    for (size_t i = 0; i < COUNT(cases); i++)
        ck_assert_msg(!text_integer(cases[i], &value), "%s", cases[i]);
    ck_assert_int_eq(value, 42);
}
END_TEST

START_TEST(text_real_reads_decimal_numbers)
{
    static const struct {
        const char *text;
        double value;
    } cases[] = {
        {"0", 0}, {"-0.5", -0.5}, {"66.3", 66.3}, {"1e3", 1000}, {"2.5E-1", 0.25}, {"+7", 7},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        double value;
        ck_assert_msg(text_real(cases[i].text, &value), "%s", cases[i].text);
        ck_assert(value == cases[i].value);
    }
}
END_TEST

START_TEST(text_real_refuses_what_is_not_a_finite_decimal)
{
    static const char *const cases[] = {
        "",   "inf", "-inf", "INFINITY", "nan", "NAN(1)", "0x1p3", "0x10", "1e999", "-1e999",       " 1",
        "1 ", "1,5", "--1",  "1-2",      ".",   "e5",     "1e",    "-",    "1.2.3", "\xEF\xBC\x91",
    };
    double value = 42;
    for (size_t i = 0; i < COUNT(cases); i++)
        ck_assert_msg(!text_real(cases[i], &value), "%s", cases[i]);
    ck_assert(value == 42);
}
END_TEST

START_TEST(text_from_real_is_short)
{
    static const struct {
        double value;
        const char *text;
    } cases[] = {
        {66.3, "66.3"},
        {0.1, "0.1"},
        {0.1 + 0.2, "0.30000000000000004"},
        {1.0 / 3, "0.3333333333333333"},
        {1e21, "1e+21"},
        {-0.0, "0"},
        {9007199254740992.0, "9007199254740992"},
        {0.676530612244897959, "0.676530612244898"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[TEXT_REAL_SIZE];
        text_from_real(cases[i].value, text);
        ck_assert_str_eq(text, cases[i].text);
    }
}
END_TEST

START_TEST(text_from_real_reads_back_the_same)
{
    for (int i = 0; i < 100000; i++) {
        uint64_t bits = unit_random(), again_bits;
        double value, again;
        char text[TEXT_REAL_SIZE];
        memcpy(&value, &bits, sizeof value);
        if (!isfinite(value))
            continue;
        text_from_real(value, text);
        ck_assert_msg(text_real(text, &again), "%s", text);
        memcpy(&again_bits, &again, sizeof again_bits);
        ck_assert_msg(bits == again_bits, "%a became %s", value, text);
    }
}
END_TEST

START_TEST(text_uuid_takes_both_spellings)
{
    char id[33];
    ck_assert(text_uuid("0123456789abcdef0123456789ABCDEF", id));
    ck_assert_str_eq(id, "0123456789abcdef0123456789abcdef");
    ck_assert(text_uuid("01234567-89AB-cdef-0123-456789abcdef", id));
    ck_assert_str_eq(id, "0123456789abcdef0123456789abcdef");
}
END_TEST

START_TEST(text_uuid_refuses_anything_else)
{
    static const char *const cases[] = {
        "",
        "7",
        "0123456789abcdef0123456789abcde",
        "0123456789abcdef0123456789abcdef0",
        "0123456789abcdef0123456789abcdeg",
        "01234567-89ab-cdef-0123-456789abcde",
        "0123456-789ab-cdef-0123-456789abcdef",
        "01234567-89ab-cdef-0123_456789abcdef",
        "{0123456789abcdef0123456789abcde}",
        "01234567-89ab-cdef-0123-456789abcdef ",
        "' OR 1=1 --                     ",
    };
    char id[33];
    for (size_t i = 0; i < COUNT(cases); i++)
        ck_assert_msg(!text_uuid(cases[i], id), "%s", cases[i]);
}
END_TEST

START_TEST(text_new_uuid_is_a_random_version_4)
{
    char one[33], other[33], again[33];
    text_new_uuid(one);
    text_new_uuid(other);
    ck_assert(text_uuid(one, again));
    ck_assert_str_eq(one, again);
    ck_assert_str_ne(one, other);
    ck_assert_int_eq(one[12], '4');
    ck_assert(strchr("89ab", one[16]));
}
END_TEST

START_TEST(text_time_takes_rfc_3339)
{
    static const char *const cases[] = {
        "2026-01-31T12:00:00Z",      "2026-01-31t12:00:00z",      "2026-01-31T12:00:00.5Z",
        "2026-01-31T23:59:60Z",      "2026-01-31T12:00:00+02:00", "2026-01-31T12:00:00.123456789-05:30",
        "2026-01-31T12:00:00+14:00",
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        ck_assert_msg(text_time(cases[i]), "%s", cases[i]);
}
END_TEST

START_TEST(text_time_refuses_what_is_no_time)
{
    static const char *const cases[] = {
        "",
        "2026-01-31",
        "2026-01-31T12:00:00",
        "2026-01-31 12:00:00Z",
        "2026-02-30T12:00:00Z",
        "2026-01-31T24:00:00Z",
        "2026-01-31T12:60:00Z",
        "2026-01-31T12:00:61Z",
        "2026-01-31T12:00Z",
        "2026-01-31T12:00:00.Z",
        "2026-01-31T12:00:00.1234567890Z",
        "2026-01-31T12:00:00+15:00",
        "2026-01-31T12:00:00+02:60",
        "2026-01-31T12:00:00+0200",
        "2026-01-31T12:00:00+02",
        "2026-01-31T12:00:00Zulu",
        "2026-01-31T12:00:00+02:00x",
        "2026-01-31T1",
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        ck_assert_msg(!text_time(cases[i]), "%s", cases[i]);
}
END_TEST

START_TEST(text_position_finds_a_word_in_a_list)
{
    static const char *const list[] = {"efron", "breslow", NULL}, *const none[] = {NULL};
    ck_assert_int_eq(text_position(list, "efron"), 0);
    ck_assert_int_eq(text_position(list, "breslow"), 1);
    ck_assert_int_eq(text_position(list, "Breslow"), -1);
    ck_assert_int_eq(text_position(list, ""), -1);
    ck_assert_int_eq(text_position(none, "efron"), -1);
}
END_TEST

int main(void)
{
    return UNIT_TESTS(text_length_counts_code_points, text_length_refuses_ill_formed_utf8,
                      text_has_control_knows_c0_del_and_c1, text_integer_reaches_its_limits,
                      text_integer_refuses_what_is_not_wholly_a_number, text_real_reads_decimal_numbers,
                      text_real_refuses_what_is_not_a_finite_decimal, text_from_real_is_short,
                      text_from_real_reads_back_the_same, text_uuid_takes_both_spellings,
                      text_uuid_refuses_anything_else, text_new_uuid_is_a_random_version_4, text_time_takes_rfc_3339,
                      text_time_refuses_what_is_no_time, text_position_finds_a_word_in_a_list);
}
