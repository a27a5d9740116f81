/* Whether a name is known or its account disabled is not told by the time that an answer takes: each of them costs one
 * hash of the full cost and the same statements. */
#include "tests/api/auth/accounts.h"
#include "tests/support/work.h"

static const char *work_of_login(const char *name, const char *password)
{
    sql_value("DELETE FROM auth.failed_login"); /* what has failed before would be found */
    work_forget();
    REPLY r = login(name, password);
    ck_reply(&r, 401, "type", "/problems/unauthenticated");
    ck_assert_str_eq(work_of(NULL, HASHED), DEFAULT_HASH);
    return work_of(&r, SENT | HASHED);
}

START_TEST(an_unknown_name_a_wrong_password_and_a_disabled_account_cost_the_same)
{
    const char *known = new_name("Known"), *disabled = new_name("Disabled");
    make_account(known, "healthpro", "neurologist");
    const char *id = make_account(disabled, "caregiver", NULL);
    sql_value("UPDATE auth.account SET disabled = true WHERE id = '%s'", id);
    const char *work = work_of_login(known, "not the password");
    ck_assert_str_eq(work_of_login(new_name("Unknown"), "not the password"), work);
    ck_assert_str_eq(work_of_login(disabled, PASSWORD), work);
}
END_TEST

START_TEST(a_hash_costs_what_the_settings_say_for_an_unknown_name_too)
{
    setenv("PASSWORD_HASH_PASSES", "3", 1);
    api_restart(&auth_service);
    work_forget();
    REPLY r = login(new_name("Unknown"), "not the password");
    ck_status(&r, 401);
    ck_assert_str_eq(work_of(NULL, HASHED), "$argon2id$v=19$m=19456,t=3,p=1\n");
    unsetenv("PASSWORD_HASH_PASSES");
    api_restart(&auth_service);
}
END_TEST

int main(void)
{
    return API_TESTS(&auth_service, an_unknown_name_a_wrong_password_and_a_disabled_account_cost_the_same,
                     a_hash_costs_what_the_settings_say_for_an_unknown_name_too);
}
