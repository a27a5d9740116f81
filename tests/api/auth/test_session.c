/* Logging in and out, tokens and their keys. */
#include "common/identity/token.h"
#include "services/users/users.h"
#include "tests/api/auth/accounts.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

START_TEST(login_answers_a_token_that_opens_the_account)
{
    const char *name = new_name("Ada"), *id = make_account(name, "healthpro", "neurologist");
    REPLY r = login(name, PASSWORD);
    ck_reply(&r, 200, "expires_in", "1800");
    ck_reply(&r, 200, "account/id", id);
    ck_reply(&r, 200, "account/specialty", "neurologist");
    ck_assert_ptr_null(strstr(r.body, "argon2"));
    REPLY me = api_get(kept_at(&r, "access_token"), "/api/v1/auth/me");
    ck_reply(&me, 200, "name", name);
    ck_reply(&me, 200, "role", "healthpro");
}
END_TEST

START_TEST(the_name_is_read_in_any_case_and_the_password_is_not)
{
    const char *name = new_id();
    make_account(name, "caregiver", NULL);
    char upper[33];
    for (int i = 0; i < 33; i++)
        upper[i] = (char)(name[i] >= 'a' ? name[i] - 32 : name[i]);
    REPLY good = login(upper, PASSWORD);
    ck_reply(&good, 200, "account/name", name);
    REPLY bad = login(name, "Correct horse battery");
    ck_status(&bad, 401);
}
END_TEST

START_TEST(an_unknown_name_and_a_wrong_password_get_the_same_answer)
{
    const char *name = new_name("Known");
    make_account(name, "patient", NULL);
    REPLY wrong = login(name, "not the password"), unknown = login(new_name("Unknown"), PASSWORD);
    ck_reply(&wrong, 401, "type", "/problems/unauthenticated");
    json_object_del(wrong.json, "request_id");
    json_object_del(unknown.json, "request_id");
    ck_assert(json_equal(wrong.json, unknown.json));
    ck_assert_ptr_null(header_of(&wrong, "Set-Cookie"));
}
END_TEST

START_TEST(the_cookie_is_kept_from_scripts_and_other_sites)
{
    const char *name = new_name("Cookie");
    make_account(name, "caregiver", NULL);
    REPLY r = login(name, PASSWORD);
    const char *cookie = header_of(&r, "Set-Cookie");
    ck_assert_ptr_nonnull(strstr(cookie, "HttpOnly"));
    ck_assert_ptr_nonnull(strstr(cookie, "SameSite=Strict"));
    ck_assert_ptr_nonnull(strstr(cookie, "; Secure"));
    const char *sent = text_of("Cookie: %.*s", (int)strcspn(cookie, ";"), cookie);
    REPLY me = api_call((struct call){.method = "GET", .path = "/api/v1/auth/me", .headers = {sent}});
    ck_reply(&me, 200, "name", name);
    struct call logout = {.method = "POST", .path = "/api/v1/auth/logout", .headers = {sent}};
    REPLY nowhere = api_call(logout);
    ck_status(&nowhere, 403);
    logout.headers[1] = "Origin: https://elsewhere.example";
    REPLY elsewhere = api_call(logout);
    ck_status(&elsewhere, 403);
    logout.headers[1] = "Origin: http://here.example";
    logout.headers[2] = "Host: here.example";
    REPLY here = api_call(logout);
    ck_status(&here, 204);
    ck_assert_ptr_nonnull(strstr(header_of(&here, "Set-Cookie"), "Max-Age=0"));
}
END_TEST

START_TEST(a_form_and_the_historic_path_log_in_too)
{
    const char *name = new_id();
    make_account(name, "caregiver", NULL);
    REPLY form = api_call((struct call){.method = "POST",
                                        .path = "/login",
                                        .type = "application/x-www-form-urlencoded",
                                        .body = text_of("name=%s&password=correct+horse+battery", name)});
    ck_reply(&form, 200, "account/name", name);
}
END_TEST

START_TEST(login_by_query_works_only_where_the_setting_allows_it)
{
    const char *name = new_id();
    make_account(name, "caregiver", NULL);
    REPLY off = api_get(ANONYMOUSLY, "/login?name=%s&password=correct+horse+battery", name);
    ck_reply(&off, 405, "type", "/problems/method-not-allowed");
    ck_assert_ptr_nonnull(strstr(header_of(&off, "Allow"), "POST"));
    setenv("DEMO", "on", 1);
    setenv("LOGIN_BY_QUERY", "on", 1);
    api_restart(&auth_service);
    REPLY on = api_get(ANONYMOUSLY, "/login?name=%s&password=correct+horse+battery", name);
    ck_reply(&on, 200, "account/name", name);
    unsetenv("LOGIN_BY_QUERY");
    unsetenv("DEMO");
    api_restart(&auth_service);
}
END_TEST

START_TEST(logout_ends_the_session_in_every_service)
{
    const char *name = new_name("Leaving");
    make_account(name, "caregiver", NULL);
    const char *token = token_of(name);
    int auth = api_open(&auth_service), users = api_open(&users_service);
    REPLY before = api_get(token, "/api/v1/users");
    ck_status(&before, 200);
    api_use(auth);
    REPLY logout = api_post(token, "/api/v1/auth/logout", "%s", "{}");
    ck_status(&logout, 204);
    WAIT_UNTIL(refused_at(users, "/api/v1/users", token));
    WAIT_UNTIL(refused_at(auth, "/api/v1/auth/me", token));
}
END_TEST

START_TEST(an_ended_session_stays_ended_after_a_restart)
{
    const char *name = new_name("Restarted");
    make_account(name, "caregiver", NULL);
    const char *token = token_of(name);
    REPLY logout = api_post(token, "/api/v1/auth/logout", "%s", "{}");
    ck_status(&logout, 204);
    api_restart(&auth_service);
    WAIT_UNTIL(({
        REPLY r = api_get(AS_ADMIN, "/api/v1/auth/me");
        r.status == 404; /* keys are loaded: the token is believed */
    }));
    REPLY after = api_get(token, "/api/v1/auth/me");
    ck_status(&after, 401);
}
END_TEST

START_TEST(the_key_set_has_public_keys_and_nothing_else)
{
    token_of(({
        const char *name = new_name("Signer");
        make_account(name, "caregiver", NULL);
        name;
    }));
    REPLY r = api_get(ANONYMOUSLY, "/.well-known/jwks.json");
    ck_reply(&r, 200, "keys/0/alg", "ES256");
    ck_reply(&r, 200, "keys/0/crv", "P-256");
    ck_assert_uint_ge(json_array_size(json_object_get(r.json, "keys")), 2);
    ck_assert_ptr_null(strstr(r.body, "\"d\""));
}
END_TEST

START_TEST(a_second_replica_signs_with_the_same_key)
{
    const char *name = new_name("Replica");
    make_account(name, "caregiver", NULL);
    token_of(name);
    const char *keys = sql_value("SELECT count(*) FROM auth.signing_key");
    api_restart(&auth_service);
    token_of(name);
    ck_assert_str_eq(sql_value("SELECT count(*) FROM auth.signing_key"), keys);
}
END_TEST

START_TEST(tokens_that_are_not_ours_are_refused)
{
    const char *good = AS_ADMIN, *dot = strchr(good, '.');
    const char *payload = text_of("%.*s", (int)strcspn(dot + 1, "."), dot + 1);
    const char *bad[] = {"", "x", "a.b.c", text_of("%sx", good), text_of("x%s", good),
                         /* {"alg":"none","typ":"JWT"} */
                         text_of("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.%s.", payload),
                         text_of("%.*s.%s.AAAA", (int)(dot - good), good, payload)};
    for (size_t i = 0; i < COUNT(bad); i++) {
        REPLY r = api_get(bad[i], "/api/v1/auth/me");
        ck_reply(&r, 401, "type", "/problems/unauthenticated");
        ck_assert_str_eq(header_of(&r, "WWW-Authenticate"), "Bearer");
    }
    REPLY basic =
        api_call((struct call){.method = "GET", .path = "/api/v1/auth/me", .headers = {"Authorization: Basic eDp5"}});
    ck_status(&basic, 401);
}
END_TEST

static void *login_once(void *status)
{
    REPLY r = login("nobody at all", "not the password");
    *(long *)status = r.status;
    return NULL;
}

START_TEST(a_flood_of_logins_is_bounded_and_told_to_come_back)
{
    enum { LOGINS = 60 };
    pthread_t threads[LOGINS];
    long statuses[LOGINS], refused = 0, answered = 0;
    for (int i = 0; i < LOGINS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, login_once, &statuses[i]), 0);
    for (int i = 0; i < LOGINS; i++) {
        pthread_join(threads[i], NULL);
        refused += statuses[i] == 503 || statuses[i] == 429;
        answered += statuses[i] == 401;
    }
    ck_assert_int_eq(refused + answered, LOGINS);
    ck_assert_int_gt(answered, 0);
}
END_TEST

START_TEST(long_names_and_passwords_are_refused_before_they_cost_anything)
{
    char text[4001];
    memset(text, 'a', 4000);
    text[4000] = '\0';
    REPLY r = login(text, text);
    ck_status(&r, 422);
    ck_refuses(&r, "/name");
    ck_refuses(&r, "/password");
}
END_TEST

int main(void)
{
    return API_TESTS(&auth_service, login_answers_a_token_that_opens_the_account,
                     the_name_is_read_in_any_case_and_the_password_is_not,
                     an_unknown_name_and_a_wrong_password_get_the_same_answer,
                     the_cookie_is_kept_from_scripts_and_other_sites, a_form_and_the_historic_path_log_in_too,
                     login_by_query_works_only_where_the_setting_allows_it, logout_ends_the_session_in_every_service,
                     an_ended_session_stays_ended_after_a_restart, the_key_set_has_public_keys_and_nothing_else,
                     a_second_replica_signs_with_the_same_key, tokens_that_are_not_ours_are_refused,
                     a_flood_of_logins_is_bounded_and_told_to_come_back,
                     long_names_and_passwords_are_refused_before_they_cost_anything);
}
