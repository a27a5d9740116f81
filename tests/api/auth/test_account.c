/* Disabling and enabling accounts. */
#include "tests/api/auth/accounts.h"
#include "tests/support/places.h"

#include <libpq-fe.h>
#include <pthread.h>
#include <stdint.h>
#include <string.h>

static struct reply set_disabled(const char *token, const char *id, bool disabled, const char *tag)
{
    return api_change("PATCH", token, text_of("/api/v1/accounts/%s", id),
                      disabled ? R"({"disabled": true})" : R"({"disabled": false})", tag);
}

START_TEST(a_disabled_account_gets_the_answer_of_a_wrong_password)
{
    const char *name = new_name("Out"), *id = make_account(name, "healthpro", "neurologist");
    REPLY off = set_disabled(AS_ADMIN, id, true, TAG(1));
    ck_reply(&off, 200, "specialty", "neurologist");
    ck_assert(json_is_true(json_object_get(off.json, "disabled")));
    REPLY right = login(name, PASSWORD), wrong = login(name, "not the password");
    ck_status(&right, 401);
    json_object_del(right.json, "request_id");
    json_object_del(wrong.json, "request_id");
    ck_assert(json_equal(right.json, wrong.json));
    REPLY on = set_disabled(AS_ADMIN, id, false, header_of(&off, "ETag"));
    ck_status(&on, 200);
    token_of(name);
}
END_TEST

START_TEST(disabling_ends_sessions_in_every_service)
{
    const char *name = new_name("Everywhere"), *id = make_account(name, "healthpro", "neurologist"),
               *token = token_of(name);
    struct place places[PLACES];
    places_open((struct principal){.role = HEALTHPRO, .specialty = NEUROLOGIST}, &auth_service, places);
    for (size_t i = 0; i < PLACES; i++) {
        REPLY r =
            api_call((struct call){.method = "GET", .token = token, .path = places[i].path, .port = places[i].port});
        ck_status(&r, 200);
    }
    REPLY off = set_disabled(AS_ADMIN, id, true, "*");
    ck_status(&off, 200);
    for (size_t i = 0; i < PLACES; i++)
        WAIT_UNTIL(refused_at(places[i].port, places[i].path, token));
}
END_TEST

static void *log_in_somebody(void *name)
{
    REPLY r = login(name, PASSWORD);
    ck_status(&r, 401);
    return NULL;
}

START_TEST(a_login_that_overtakes_the_disabling_gets_no_session)
{
    const char *name = new_name("Halfway"), *id = make_account(name, "caregiver", NULL);
    pthread_t thread;
    PGconn *pg = PQconnectdb(database_url("mnemos_auth"));
    PQclear(PQexec(pg, "BEGIN"));
    PQclear(PQexec(pg, "SELECT set_config('mnemos.role', 'admin', true)"));
    PQclear(PQexec(pg, text_of("UPDATE auth.account SET disabled = true WHERE id = '%s'", id)));
    ck_assert_int_eq(pthread_create(&thread, NULL, log_in_somebody, (void *)(uintptr_t)name), 0);
    WAIT_UNTIL(lock_waits() > 0);
    PQclear(PQexec(pg, "COMMIT"));
    ck_assert_int_eq(PQtransactionStatus(pg), PQTRANS_IDLE);
    pthread_join(thread, NULL);
    PQfinish(pg);
    ck_assert_str_eq(sql_value("SELECT count(*) FROM auth.session WHERE account_id = '%s'", id), "0");
}
END_TEST

START_TEST(an_administrator_cannot_touch_administrators_and_a_superuser_can)
{
    const char *admin = make_account(new_name("Admin"), "admin", NULL);
    REPLY hidden = api_get(AS_ADMIN, "/api/v1/accounts/%s", admin), refused = set_disabled(AS_ADMIN, admin, true, "*"),
          nobody = set_disabled(AS_ADMIN, new_id(), true, "*");
    ck_status(&hidden, 404);
    ck_status(&refused, 404);
    json_object_del(refused.json, "request_id");
    json_object_del(nobody.json, "request_id");
    ck_assert(json_equal(refused.json, nobody.json));
    REPLY seen = api_get(AS_SUPERUSER, "/api/v1/accounts/%s", admin);
    ck_reply(&seen, 200, "role", "admin");
    REPLY done = set_disabled(AS_SUPERUSER, admin, true, "*");
    ck_reply(&done, 200, "role", "admin");
}
END_TEST

START_TEST(the_last_superuser_cannot_be_disabled_here_either)
{
    const char *id = make_account(new_name("Super"), "superuser", NULL);
    sql_value("DELETE FROM auth.account WHERE role = 'superuser' AND id <> '%s'", id);
    REPLY r = set_disabled(AS_SUPERUSER, id, true, "*");
    ck_reply(&r, 409, "type", "/problems/conflict");
}
END_TEST

START_TEST(only_administrators_disable_and_with_the_version)
{
    const char *id = make_account(new_name("Patient"), "patient", NULL);
    const char *tokens[] = {AS_NEUROLOGIST, AS_CAREGIVER, token_for(id, "patient", NULL)};
    for (size_t i = 0; i < COUNT(tokens); i++) {
        REPLY r = set_disabled(tokens[i], id, true, "*");
        ck_status(&r, 403);
    }
    REPLY blind = set_disabled(AS_ADMIN, id, true, NULL), stale = set_disabled(AS_ADMIN, id, true, TAG(7));
    ck_status(&blind, 428);
    ck_status(&stale, 412);
}
END_TEST

int main(void)
{
    return API_TESTS(&auth_service, a_disabled_account_gets_the_answer_of_a_wrong_password,
                     disabling_ends_sessions_in_every_service, a_login_that_overtakes_the_disabling_gets_no_session,
                     an_administrator_cannot_touch_administrators_and_a_superuser_can,
                     the_last_superuser_cannot_be_disabled_here_either,
                     only_administrators_disable_and_with_the_version);
}
