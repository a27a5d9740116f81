/* One-time passwords: the vectors of RFC 6238, the window, and what authenticator apps are told. */
#include "services/auth/session/totp.h"
#include "tests/support/unit.h"

#include <string.h>

#define RFC_SECRET "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" /* "12345678901234567890" */

/* Appendix B, SHA-1: of the eight digits given there, six are shown by apps. */
static const struct {
    time_t at;
    const char *code;
} vectors[] = {{59, "287082"},         {1111111109, "081804"}, {1111111111, "050471"},
               {1234567890, "005924"}, {2000000000, "279037"}, {20000000000, "353130"}};

static bool good_at(time_t at, const char *code)
{
    int64_t step;
    return totp_verify(RFC_SECRET, code, at, &step);
}

START_TEST(the_codes_of_rfc_6238_are_good_in_their_step)
{
    for (size_t i = 0; i < COUNT(vectors); i++) {
        int64_t step = 0;
        ck_assert(totp_verify(RFC_SECRET, vectors[i].code, vectors[i].at, &step));
        ck_assert_int_eq(step, vectors[i].at / TOTP_STEP_SECONDS);
    }
}
END_TEST

START_TEST(a_code_is_good_one_step_early_and_one_step_late_and_no_longer)
{
    const time_t begins = 2000000000 / 30 * 30;
    int64_t step = 0;
    ck_assert(!good_at(begins - 31, "279037"));
    ck_assert(totp_verify(RFC_SECRET, "279037", begins - 30, &step));
    ck_assert_int_eq(step, begins / 30);
    ck_assert(totp_verify(RFC_SECRET, "279037", begins + 59, &step));
    ck_assert_int_eq(step, begins / 30);
    ck_assert(!good_at(begins + 60, "279037"));
}
END_TEST

START_TEST(text_that_is_no_code_is_refused)
{
    static const char *const cases[] = {"",       "0",      "28708",  "2870820", "94287082",
                                        "28708a", " 87082", "-87082", "287083"};
    for (size_t i = 0; i < COUNT(cases); i++)
        ck_assert_msg(!good_at(59, cases[i]), "%s", cases[i]);
    int64_t step;
    ck_assert(!totp_verify("not base32!", "287082", 59, &step));
}
END_TEST

START_TEST(a_new_secret_has_160_bits_that_nobody_has)
{
    char one[TOTP_SECRET_TEXT], other[TOTP_SECRET_TEXT];
    totp_secret_new(one);
    totp_secret_new(other);
    ck_assert_uint_eq(strlen(one), TOTP_SECRET_TEXT - 1);
    ck_assert_uint_eq(strspn(one, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"), TOTP_SECRET_TEXT - 1);
    ck_assert_str_ne(one, other);
}
END_TEST

START_TEST(the_uri_says_everything_that_an_app_needs)
{
    SCENE(s);
    ck_assert_str_eq(totp_uri(&s.arena, "Clinic & Co", "Dr. Zoë/1", RFC_SECRET),
                     "otpauth://totp/Clinic%20%26%20Co:Dr.%20Zo%C3%AB%2F1?secret=" RFC_SECRET
                     "&issuer=Clinic%20%26%20Co&algorithm=SHA1&digits=6&period=30");
}
END_TEST

int main(void)
{
    return UNIT_TESTS(the_codes_of_rfc_6238_are_good_in_their_step,
                      a_code_is_good_one_step_early_and_one_step_late_and_no_longer, text_that_is_no_code_is_refused,
                      a_new_secret_has_160_bits_that_nobody_has, the_uri_says_everything_that_an_app_needs);
}
