/* Changing one's own password, and hashes that grow with their parameters. */
#include "services/users/users.h"
#include "tests/api/auth/accounts.h"

#include <stdlib.h>
#include <string.h>

#define NEW_PASSWORD "twelve green bicycles"

static struct reply change(const char *token, const char *current, const char *new)
{
    return api_call(
        (struct call){.method = "PUT",
                      .token = token,
                      .path = "/api/v1/auth/password",
                      .body = text_of(R"({"current_password": "%s", "new_password": "%s"})", current, new)});
}

START_TEST(a_new_password_opens_and_the_old_one_does_not)
{
    const char *name = new_name("Changing");
    make_account(name, "caregiver", NULL);
    REPLY changed = change(token_of(name), PASSWORD, NEW_PASSWORD);
    ck_status(&changed, 204);
    REPLY old = login(name, PASSWORD), new = login(name, NEW_PASSWORD);
    ck_status(&old, 401);
    ck_reply(&new, 200, "account/name", name);
}
END_TEST

START_TEST(the_other_sessions_end_in_every_service_and_this_one_stays)
{
    const char *name = new_name("Elsewhere");
    make_account(name, "caregiver", NULL);
    const char *here = token_of(name), *there = token_of(name);
    int auth = api_open(&auth_service), users = api_open(&users_service);
    api_use(auth);
    REPLY changed = change(here, PASSWORD, NEW_PASSWORD);
    ck_status(&changed, 204);
    WAIT_UNTIL(refused_at(users, "/api/v1/users", there));
    WAIT_UNTIL(refused_at(auth, "/api/v1/auth/me", there));
    REPLY me = api_get(here, "/api/v1/auth/me");
    ck_reply(&me, 200, "name", name);
    ck_assert(!refused_at(users, "/api/v1/users", here));
}
END_TEST

START_TEST(the_current_password_is_needed_and_guessing_it_makes_wait)
{
    const char *name = new_name("Guessed"), *token;
    make_account(name, "caregiver", NULL);
    token = token_of(name);
    for (int i = 0; i < 5; i++) {
        REPLY wrong = change(token, "not the password", NEW_PASSWORD);
        ck_status(&wrong, 422);
        ck_refuses(&wrong, "/current_password");
    }
    long status = 0;
    for (int i = 0; i < 5 && status != 429; i++) {
        REPLY late = change(token, "not the password", NEW_PASSWORD);
        status = late.status;
    }
    ck_assert_int_eq(status, 429);
    ck_assert_str_eq(sql_value("SELECT version FROM auth.account WHERE name = '%s'", name), "1");
}
END_TEST

START_TEST(weak_passwords_are_refused_by_the_name_of_the_member)
{
    const char *name = new_name("Magdalena");
    make_account(name, "caregiver", NULL);
    const char *token = token_of(name), *weak[] = {"too short", "international", "magdalena and more"};
    for (size_t i = 0; i < COUNT(weak); i++) {
        REPLY r = change(token, PASSWORD, weak[i]);
        ck_status(&r, 422);
        ck_refuses(&r, "/new_password");
    }
    REPLY admin = api_post(AS_SUPERUSER, "/api/v1/admins", R"({"name": "%s", "password": "%s", "role": "normal"})",
                           new_name("Admin"), "administrator");
    ck_refuses(&admin, "/password");
    REPLY longest = change(token, PASSWORD, text_of("%s, %s, %s", NEW_PASSWORD, NEW_PASSWORD, "and a thirteenth one"));
    ck_status(&longest, 204);
}
END_TEST

START_TEST(login_renews_a_hash_of_other_parameters)
{
    const char *name = new_name("Old"), *id = make_account(name, "caregiver", NULL);
    char hash[PASSWORD_HASH_SIZE];
    ck_assert_int_eq(crypto_pwhash_str(hash, PASSWORD, strlen(PASSWORD), 1, 8 * 1024 * 1024), 0);
    sql_value("UPDATE auth.account SET password_hash = '%s' WHERE id = '%s'", hash, id);
    REPLY wrong = login(name, "not the password");
    ck_status(&wrong, 401);
    ck_assert_str_eq(sql_value("SELECT password_hash FROM auth.account WHERE id = '%s'", id), hash);
    token_of(name);
    const char *renewed = text_of("%s", sql_value("SELECT password_hash FROM auth.account WHERE id = '%s'", id));
    ck_assert_msg(strncmp(renewed, "$argon2id$v=19$m=19456,t=2,p=1$", 31) == 0, "%s", renewed);
    token_of(name);
    ck_assert_str_eq(sql_value("SELECT password_hash FROM auth.account WHERE id = '%s'", id), renewed);
    ck_assert_str_eq(sql_value("SELECT version FROM auth.account WHERE id = '%s'", id), "1");
}
END_TEST

START_TEST(hashes_follow_the_settings)
{
    const char *name = new_name("Dear"), *id = make_account(name, "caregiver", NULL);
    setenv("PASSWORD_HASH_MIB", "20", 1);
    setenv("PASSWORD_HASH_PASSES", "3", 1);
    api_restart(&auth_service);
    token_of(name);
    ck_assert_ptr_nonnull(strstr(sql_value("SELECT password_hash FROM auth.account WHERE id = '%s'", id),
                                 "$argon2id$v=19$m=20480,t=3,p=1$"));
    token_of(name);
    unsetenv("PASSWORD_HASH_MIB");
    unsetenv("PASSWORD_HASH_PASSES");
    api_restart(&auth_service);
    token_of(name);
    ck_assert_ptr_nonnull(strstr(sql_value("SELECT password_hash FROM auth.account WHERE id = '%s'", id),
                                 "$argon2id$v=19$m=19456,t=2,p=1$"));
}
END_TEST

int main(void)
{
    return API_TESTS(&auth_service, a_new_password_opens_and_the_old_one_does_not,
                     the_other_sessions_end_in_every_service_and_this_one_stays,
                     the_current_password_is_needed_and_guessing_it_makes_wait,
                     weak_passwords_are_refused_by_the_name_of_the_member, login_renews_a_hash_of_other_parameters,
                     hashes_follow_the_settings);
}
