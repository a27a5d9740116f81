/* Secrets sealed with SIGNING_KEY_SECRET. */
#include "common/identity/secret.h"
#include "tests/support/unit.h"

#include <stdlib.h>
#include <string.h>

static const char one[] = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
static const char other[] = "10112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

START_TEST(a_secret_sealed_for_a_purpose_opens_for_that_purpose_only)
{
    SCENE(s);
    const char *purposes[] = {NULL, "one", "another"};
    for (size_t i = 0; i < COUNT(purposes); i++) {
        const char *sealed = secret_seal(one, &s.arena, purposes[i], "what nobody may read");
        for (size_t j = 0; j < COUNT(purposes); j++) {
            const char *opened = secret_unseal(one, &s.arena, purposes[j], sealed);
            if (i == j)
                ck_assert_str_eq(opened, "what nobody may read");
            else
                ck_assert_ptr_null(opened);
        }
        ck_assert_ptr_null(secret_unseal(other, &s.arena, purposes[i], sealed));
    }
}
END_TEST

START_TEST(the_same_text_is_sealed_differently_each_time)
{
    SCENE(s);
    ck_assert_str_ne(secret_seal(one, &s.arena, "one", "text"), secret_seal(one, &s.arena, "one", "text"));
}
END_TEST

START_TEST(a_changed_or_malformed_seal_does_not_open)
{
    SCENE(s);
    const char *sealed = secret_seal(one, &s.arena, "one", "text");
    for (size_t i = 0; sealed[i]; i++) {
        char *changed = strdup(sealed);
        changed[i] = changed[i] == '0' ? '1' : '0';
        ck_assert_ptr_null(secret_unseal(one, &s.arena, "one", changed));
        free(changed);
    }
    ck_assert_ptr_null(secret_unseal(one, &s.arena, "one", ""));
    ck_assert_ptr_null(secret_unseal(one, &s.arena, "one", "no hexadecimal digits"));
}
END_TEST

START_TEST(a_secret_is_64_hexadecimal_digits)
{
    ck_assert(secret_is_good(one));
    ck_assert(!secret_is_good(""));
    ck_assert(!secret_is_good(one + 1));
    ck_assert(!secret_is_good("x0112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"));
}
END_TEST

int main(void)
{
    return UNIT_TESTS(a_secret_is_64_hexadecimal_digits, a_secret_sealed_for_a_purpose_opens_for_that_purpose_only,
                      the_same_text_is_sealed_differently_each_time, a_changed_or_malformed_seal_does_not_open);
}
