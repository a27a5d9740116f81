/* The second factor: setting it up, logging in with it, losing it, and roles that cannot do without. */
#include "services/auth/session/second_factor.h"
#include "services/auth/session/session.h"
#include "services/auth/session/totp.h"
#include "tests/api/auth/outside.h"
#include "tests/services.h"
#include "tests/support/unit.h"

#include <liboath/oath.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define OWN_FACTOR "/api/v1/auth/second-factor"
#define CONFIRM    OWN_FACTOR "/confirm"
#define NEW_CODES  OWN_FACTOR "/recovery-codes"

/* Somebody with a second factor. */
struct owner {
    const char *id, *name, *token, *secret, *recovery[RECOVERY_CODES];
};

/* The code of so many steps from now. */
static const char *code_in(const char *secret, int steps)
{
    char *bytes, code[TOTP_DIGITS + 1];
    size_t size;
    ck_assert_int_eq(oath_base32_decode(secret, strlen(secret), &bytes, &size), OATH_OK);
    time_t at = clock_now() + (time_t)steps * TOTP_STEP_SECONDS;
    ck_assert_int_eq(oath_totp_generate(bytes, size, at, TOTP_STEP_SECONDS, 0, TOTP_DIGITS, code), OATH_OK);
    free(bytes);
    return text_of("%s", code);
}

/* A code that is none of those around now. */
static const char *wrong_code(const char *secret)
{
    static const char *const candidates[] = {"000000", "111111", "222222", "333333", "444444"};
    for (size_t i = 0; i < COUNT(candidates); i++) {
        bool right = false;
        for (int step = -2; step <= 2; step++)
            right |= strcmp(code_in(secret, step), candidates[i]) == 0;
        if (!right)
            return candidates[i];
    }
    ck_abort_msg("five codes cannot all be right");
}

/* Time stands still but for this, so that no step ends in the middle of a scene. */
static void steps_pass(int steps)
{
    clock_set(clock_now() + (time_t)steps * TOTP_STEP_SECONDS);
}

static void stop_clock(void)
{
    clock_set(time(NULL));
}

static void start_clock(void)
{
    clock_set(0);
}

static const char *somebody(const char *role, const char **out_name)
{
    *out_name = new_name("Two");
    return make_account(*out_name, role, strcmp(role, "healthpro") == 0 ? "neurologist" : NULL);
}

static struct reply begin(const char *token, const char *password)
{
    return api_post(token, OWN_FACTOR, R"({"password": "%s"})", password);
}

static struct reply confirm(const char *token, const char *code)
{
    return api_post(token, CONFIRM, R"({"code": "%s"})", code);
}

static const char *begun(const char *token)
{
    REPLY r = begin(token, PASSWORD);
    ck_status(&r, 200);
    return kept_at(&r, "secret");
}

static void keep_codes(struct owner *o, const struct reply *r)
{
    ck_status(r, 200);
    ck_assert_uint_eq(json_array_size(json_object_get(r->json, "recovery_codes")), RECOVERY_CODES);
    for (int i = 0; i < RECOVERY_CODES; i++)
        o->recovery[i] = kept_at(r, text_of("recovery_codes/%d", i));
}

static struct owner owner_of(const char *role)
{
    struct owner o = {0};
    o.id = somebody(role, &o.name);
    o.token = token_of(o.name);
    o.secret = begun(o.token);
    REPLY r = confirm(o.token, code_in(o.secret, 0));
    keep_codes(&o, &r);
    steps_pass(1);
    return o;
}

static struct owner owner(void)
{
    return owner_of("healthpro");
}

static struct reply login_with(const struct owner *o, const char *code)
{
    return api_post(ANONYMOUSLY, "/api/v1/auth/login", R"({"name": "%s", "password": "%s", "code": "%s"})", o->name,
                    PASSWORD, code);
}

static long status_with(const struct owner *o, const char *code)
{
    REPLY r = login_with(o, code);
    return r.status;
}

static struct reply prove(const struct owner *o, const char *method, const char *path, const char *password,
                          const char *code)
{
    return api_call((struct call){.method = method,
                                  .token = o->token,
                                  .path = path,
                                  .body = text_of(R"({"password": "%s", "code": "%s"})", password, code)});
}

static bool session_over(const char *token)
{
    REPLY r = api_get(token, "/api/v1/auth/me");
    return r.status == 401;
}

START_TEST(an_app_is_set_up_confirmed_and_then_asked_for)
{
    const char *name, *id = somebody("caregiver", &name), *token = token_of(name);
    REPLY none = api_get(token, OWN_FACTOR);
    ck_reply(&none, 200, "state", "none");
    ck_reply(&none, 200, "required", "false");
    REPLY r = begin(token, PASSWORD);
    const char *secret = text_at(&r, "secret"), *uri = text_at(&r, "otpauth_uri");
    ck_assert_uint_eq(strlen(secret), TOTP_SECRET_TEXT - 1);
    ck_assert_ptr_nonnull(strstr(uri, text_of("secret=%s&issuer=Mnemos&", secret)));
    ck_assert_int_eq(strncmp(uri, "otpauth://totp/Mnemos:Two%20", 28), 0);
    REPLY still = login(name, PASSWORD), waiting = api_get(token, OWN_FACTOR);
    ck_status(&still, 200);
    ck_reply(&waiting, 200, "state", "begun");

    struct owner o = {.id = id, .name = name, .secret = secret};
    REPLY confirmed = confirm(token, code_in(secret, 0));
    keep_codes(&o, &confirmed);
    REPLY active = api_get(token, OWN_FACTOR);
    ck_reply(&active, 200, "state", "active");
    ck_reply(&active, 200, "recovery_codes_left", "10");
    ck_assert_ptr_nonnull(text_at(&active, "confirmed_at"));
    ck_assert_ptr_null(strstr(active.body, secret));
    steps_pass(1);
    REPLY without = login(name, PASSWORD), with = login_with(&o, code_in(secret, 0));
    ck_reply(&without, 401, "type", "/problems/second-factor-required");
    ck_assert_ptr_null(header_of(&without, "Set-Cookie"));
    ck_assert_str_eq(header_of(&without, "WWW-Authenticate"), "Bearer");
    ck_reply(&with, 200, "account/name", name);
    ck_assert_ptr_null(text_at(&with, "enrolment_required"));
}
END_TEST

START_TEST(setting_up_needs_the_password_and_the_first_code)
{
    const char *name, *token;
    somebody("caregiver", &name);
    token = token_of(name);
    REPLY early = confirm(token, "123456");
    ck_status(&early, 409);
    REPLY wrong = begin(token, "not the password");
    ck_status(&wrong, 422);
    ck_refuses(&wrong, "/password");
    const char *replaced = begun(token), *secret = begun(token);
    ck_assert_str_ne(replaced, secret);
    REPLY old = confirm(token, code_in(replaced, 0)), bad = confirm(token, wrong_code(secret));
    ck_status(&old, 422);
    ck_refuses(&bad, "/code");
    REPLY good = confirm(token, code_in(secret, 0));
    ck_status(&good, 200);
    REPLY again = begin(token, PASSWORD), twice = confirm(token, code_in(secret, 1));
    ck_status(&again, 409);
    ck_status(&twice, 409);
}
END_TEST

START_TEST(confirming_ends_the_sessions_that_the_password_alone_has_opened)
{
    const char *name, *here, *there;
    somebody("caregiver", &name);
    here = token_of(name);
    there = token_of(name);
    const char *secret = begun(here);
    REPLY r = confirm(here, code_in(secret, 0));
    ck_status(&r, 200);
    WAIT_UNTIL(session_over(there));
    ck_assert(!session_over(here));
}
END_TEST

START_TEST(a_code_is_taken_one_step_early_and_late_and_no_further)
{
    struct owner o = owner();
    steps_pass(5);
    ck_assert_int_eq(status_with(&o, code_in(o.secret, -2)), 401);
    ck_assert_int_eq(status_with(&o, code_in(o.secret, 2)), 401);
    ck_assert_int_eq(status_with(&o, code_in(o.secret, -1)), 200);
    ck_assert_int_eq(status_with(&o, code_in(o.secret, 1)), 200);
}
END_TEST

START_TEST(a_code_is_taken_once_and_so_is_no_older_one)
{
    struct owner o = owner();
    steps_pass(5);
    const char *code = code_in(o.secret, 0);
    ck_assert_int_eq(status_with(&o, code), 200);
    REPLY again = login_with(&o, code);
    ck_reply(&again, 401, "type", "/problems/second-factor-required");
    ck_assert_int_eq(status_with(&o, code_in(o.secret, -1)), 401);
    steps_pass(1);
    ck_assert_int_eq(status_with(&o, code_in(o.secret, 0)), 200);
}
END_TEST

START_TEST(the_code_that_confirmed_logs_nobody_in)
{
    struct owner o = {0};
    o.id = somebody("caregiver", &o.name);
    o.token = token_of(o.name);
    o.secret = begun(o.token);
    const char *code = code_in(o.secret, 0);
    REPLY r = confirm(o.token, code);
    ck_status(&r, 200);
    ck_assert_int_eq(status_with(&o, code), 401);
}
END_TEST

START_TEST(codes_are_read_as_people_type_them)
{
    struct owner o = owner();
    const char *code = code_in(o.secret, 0), *recovery = o.recovery[0];
    char *lower = text_of("%.4s %.4s%.4s-%.4s", recovery, recovery + 5, recovery + 10, recovery + 15);
    for (char *c = lower; *c; c++)
        *c = (char)(*c >= 'A' && *c <= 'Z' ? *c + 32 : *c);
    ck_assert_int_eq(status_with(&o, text_of("%.3s %.3s", code, code + 3)), 200);
    ck_assert_int_eq(status_with(&o, lower), 200);
}
END_TEST

struct racer {
    const struct owner *owner;
    const char *code;
    long status;
};

static void *race(void *racer)
{
    struct racer *r = racer;
    r->status = status_with(r->owner, r->code);
    return NULL;
}

/* How many of some logins at the same time get in by one code; so few that the others make nobody wait. */
static int winners(const struct owner *o, const char *code)
{
    enum { RACERS = 4 };
    pthread_t threads[RACERS];
    struct racer racers[RACERS];
    int won = 0;
    for (int i = 0; i < RACERS; i++) {
        racers[i] = (struct racer){o, code, 0};
        ck_assert_int_eq(pthread_create(&threads[i], NULL, race, &racers[i]), 0);
    }
    for (int i = 0; i < RACERS; i++) {
        pthread_join(threads[i], NULL);
        won += racers[i].status == 200;
        ck_assert_msg(racers[i].status == 200 || racers[i].status == 401, "%ld", racers[i].status);
    }
    return won;
}

START_TEST(of_logins_with_the_same_code_at_the_same_time_one_wins)
{
    struct owner o = owner();
    ck_assert_int_eq(winners(&o, code_in(o.secret, 0)), 1);
    sql_value("DELETE FROM auth.failed_login");
    ck_assert_int_eq(winners(&o, o.recovery[3]), 1);
}
END_TEST

START_TEST(a_recovery_code_is_taken_once_and_then_there_is_one_less)
{
    struct owner o = owner();
    ck_assert_int_eq(status_with(&o, o.recovery[7]), 200);
    ck_assert_int_eq(status_with(&o, o.recovery[7]), 401);
    ck_assert_int_eq(status_with(&o, o.recovery[2]), 200);
    REPLY state = api_get(o.token, OWN_FACTOR);
    ck_reply(&state, 200, "recovery_codes_left", "8");
}
END_TEST

START_TEST(recovery_codes_of_somebody_else_are_of_no_use)
{
    struct owner o = owner(), other = owner();
    ck_assert_int_eq(status_with(&o, other.recovery[0]), 401);
    sql_value("UPDATE auth.recovery_code SET account_id = '%s' WHERE account_id = '%s'", o.id, other.id);
    ck_assert_int_eq(status_with(&o, other.recovery[0]), 401);
}
END_TEST

START_TEST(new_recovery_codes_take_the_place_of_the_old_ones)
{
    struct owner o = owner(), before = o;
    REPLY wrong = prove(&o, "POST", NEW_CODES, "not the password", code_in(o.secret, 0));
    ck_refuses(&wrong, "/password");
    REPLY bad = prove(&o, "POST", NEW_CODES, PASSWORD, wrong_code(o.secret));
    ck_refuses(&bad, "/code");
    REPLY good = prove(&o, "POST", NEW_CODES, PASSWORD, code_in(o.secret, 0));
    keep_codes(&o, &good);
    ck_assert_int_eq(status_with(&o, before.recovery[0]), 401);
    ck_assert_int_eq(status_with(&o, o.recovery[0]), 200);
}
END_TEST

START_TEST(it_is_removed_with_the_password_and_a_code)
{
    struct owner o = owner();
    REPLY alone = api_call((struct call){
        .method = "DELETE", .token = o.token, .path = OWN_FACTOR, .body = text_of(R"({"password": "%s"})", PASSWORD)});
    ck_status(&alone, 422);
    ck_refuses(&alone, "/code");
    REPLY bad = prove(&o, "DELETE", OWN_FACTOR, PASSWORD, wrong_code(o.secret));
    ck_refuses(&bad, "/code");
    REPLY good = prove(&o, "DELETE", OWN_FACTOR, PASSWORD, o.recovery[0]);
    ck_status(&good, 204);
    REPLY in = login(o.name, PASSWORD), again = prove(&o, "DELETE", OWN_FACTOR, PASSWORD, o.recovery[1]);
    ck_status(&in, 200);
    ck_status(&again, 404);
    ck_assert_str_eq(sql_value("SELECT count(*) FROM auth.recovery_code WHERE account_id = '%s'", o.id), "0");
}
END_TEST

START_TEST(wrong_codes_count_as_failed_logins_and_the_password_alone_forgives_none)
{
    struct owner o = owner();
    for (int i = 0; i <= FREE_FAILURES; i++) {
        ck_assert_int_eq(status_with(&o, "ABCD-ABCD-ABCD-ABCD"), 401);
        if (i < FREE_FAILURES) {
            REPLY asked = login(o.name, PASSWORD);
            ck_reply(&asked, 401, "type", "/problems/second-factor-required");
        }
    }
    failures_multiply();
    REPLY without = login(o.name, PASSWORD), with = login_with(&o, code_in(o.secret, 0));
    ck_status(&without, 429);
    ck_status(&with, 429);
    failures_age("5 minutes");
    ck_assert_int_eq(status_with(&o, code_in(o.secret, 0)), 200);
    ck_assert_int_eq(status_with(&o, "ABCD-ABCD-ABCD-ABCD"), 401); /* and that forgave them */
    ck_assert_int_eq(status_with(&o, "ABCD-ABCD-ABCD-ABCD"), 401);
}
END_TEST

static struct reply login_from(const char *address, const struct owner *o, const char *code)
{
    return api_call(
        (struct call){.method = "POST",
                      .path = "/login",
                      .body = text_of(R"({"name": "%s", "password": "%s", "code": "%s"})", o->name, PASSWORD, code),
                      .headers = {text_of("X-Forwarded-For: %s", address)}});
}

START_TEST(guesses_at_codes_from_many_networks_wait_and_the_owner_has_recovery_codes)
{
    struct owner o = owner();
    const char *wrong = wrong_code(o.secret);
    for (int i = 0; i < 6; i++) {
        REPLY r = login_from(text_of("192.0.%d.7", i), &o, wrong);
        ck_status(&r, 401);
    }
    failures_multiply();
    REPLY guess = login_from("198.51.100.1", &o, wrong), right = login_from("198.51.100.2", &o, code_in(o.secret, 0));
    ck_status(&guess, 429);
    ck_status(&right, 429);
    REPLY recovered = login_from("198.51.100.2", &o, o.recovery[0]);
    ck_status(&recovered, 200);
}
END_TEST

START_TEST(a_wrong_password_is_answered_as_before_whatever_code_comes_with_it)
{
    struct owner o = owner();
    REPLY plain = login(new_name("Nobody"), "not the password");
    REPLY r = api_post(ANONYMOUSLY, "/api/v1/auth/login",
                       R"({"name": "%s", "password": "not the password", "code": "%s"})", o.name, code_in(o.secret, 0));
    json_object_del(plain.json, "request_id");
    json_object_del(r.json, "request_id");
    ck_assert(json_equal(plain.json, r.json));
    ck_assert_int_eq(status_with(&o, code_in(o.secret, 0)), 200); /* the code was not looked at */
}
END_TEST

START_TEST(a_code_without_a_second_factor_is_ignored)
{
    struct owner o = {0};
    somebody("caregiver", &o.name);
    ck_assert_int_eq(status_with(&o, "123456"), 200);
}
END_TEST

START_TEST(refreshing_and_a_new_password_need_no_code)
{
    struct owner o = owner();
    REPLY in = login_with(&o, code_in(o.secret, 0));
    REPLY refreshed =
        api_post(ANONYMOUSLY, "/api/v1/auth/refresh", R"({"refresh_token": "%s"})", text_at(&in, "refresh_token"));
    ck_reply(&refreshed, 200, "account/name", o.name);
    REPLY changed = api_call((struct call){
        .method = "PUT",
        .token = text_at(&refreshed, "access_token"),
        .path = "/api/v1/auth/password",
        .body = text_of(R"({"current_password": "%s", "new_password": "twelve green bicycles"})", PASSWORD)});
    ck_status(&changed, 204);
    REPLY asked = login(o.name, "twelve green bicycles");
    ck_reply(&asked, 401, "type", "/problems/second-factor-required");
}
END_TEST

START_TEST(secrets_rest_sealed_and_out_of_reach_of_the_services)
{
    struct owner o = owner();
    ck_assert_ptr_null(
        sql_value("SELECT 1 WHERE has_table_privilege('mnemos_auth', 'auth.second_factor', 'SELECT, UPDATE, DELETE')"
                  " OR has_table_privilege('mnemos_auth', 'auth.recovery_code', 'SELECT, INSERT, DELETE')"
                  " OR has_function_privilege('mnemos_users', 'auth.second_factor_of(uuid)', 'EXECUTE')"));
    ck_assert_str_eq(sql_value("SELECT position(convert_to('%s', 'UTF8') IN secret_sealed) FROM auth.second_factor"
                               " WHERE id = '%s'",
                               o.secret, o.id),
                     "0");
    ck_assert_str_eq(sql_value("SELECT bool_and(octet_length(hash) = 32) FROM auth.recovery_code"), "t");
}
END_TEST

START_TEST(a_reply_that_is_shown_once_is_not_kept_for_an_idempotency_key)
{
    const char *name;
    somebody("caregiver", &name);
    struct call call = {.method = "POST",
                        .token = token_of(name),
                        .path = OWN_FACTOR,
                        .body = text_of(R"({"password": "%s"})", PASSWORD),
                        .headers = {"Idempotency-Key: one-and-the-same"}};
    REPLY first = api_call(call), second = api_call(call);
    ck_status(&second, 200);
    ck_assert_str_ne(text_at(&first, "secret"), text_at(&second, "secret"));
    ck_assert_str_eq(sql_value("SELECT count(*) FROM shared.answer"), "0");
}
END_TEST

START_TEST(no_session_begins_without_a_code_whatever_path_leads_there)
{
    SCENE(s);
    struct owner o = owner();
    struct db_pool *pool = db_pool_new(database_url("mnemos_auth"), "test of sessions", 1, NULL);
    struct db db = {.pool = pool, .arena = &s.arena, .why = &s.why};
    struct account account;
    struct new_session session = {.ends = clock_now() + 60};
    ck_assert_int_eq(account_find_by_name(&db, o.name, &account), OK);
    strcpy(session.id, new_id());
    random_secret_new(&session.refresh);
    ck_assert_int_eq(session_insert(&db, &session, &account, false), NOT_FOUND);
    ck_assert_int_eq(session_insert(&db, &session, &account, true), OK);
    db_done(&db);
    db_pool_drop(pool);
}
END_TEST

static struct reply exchange_with(const char *subject, const char *code)
{
    json_t *claims = claims_of(OTHER, subject, "Somebody", NULL);
    char *token = outside_key_sign(&rsa, claims);
    json_decref(claims);
    struct reply r =
        api_post(ANONYMOUSLY, "/api/v1/auth/exchange", R"({"subject_token": "%s", "code": "%s"})", token, code);
    free(token);
    return r;
}

START_TEST(the_token_of_another_issuer_needs_a_code_as_well)
{
    struct owner o = owner();
    const char *subject = new_id(), *code = code_in(o.secret, 0);
    REPLY linked = link_identity(AS_ADMIN, o.id, OTHER, subject);
    ck_status(&linked, 201);
    REPLY alone = enter(OTHER, subject, "Somebody", NULL), wrong = exchange_with(subject, wrong_code(o.secret));
    ck_reply(&alone, 401, "type", "/problems/second-factor-required");
    ck_reply(&wrong, 401, "type", "/problems/second-factor-required");
    REPLY with = exchange_with(subject, code), again = exchange_with(subject, code);
    ck_reply(&with, 200, "account/name", o.name);
    ck_status(&again, 401);
}
END_TEST

START_TEST(a_secret_moved_to_another_account_opens_nothing)
{
    struct owner o = owner(), other = owner();
    sql_value("UPDATE auth.second_factor SET secret_sealed = (SELECT secret_sealed FROM auth.second_factor"
              " WHERE id = '%s') WHERE id = '%s'",
              other.id, o.id);
    ck_assert_int_eq(status_with(&o, code_in(other.secret, 0)), 500);
}
END_TEST

START_TEST(an_administrator_resets_it_after_a_lost_device_and_the_sessions_end)
{
    struct owner o = owner();
    REPLY as_owner = api_delete(o.token, "/api/v1/accounts/%s/second-factor", o.id);
    ck_status(&as_owner, 403);
    REPLY reset = api_delete(AS_ADMIN, "/api/v1/accounts/%s/second-factor", o.id);
    ck_status(&reset, 204);
    WAIT_UNTIL(session_over(o.token));
    REPLY in = login(o.name, PASSWORD), again = api_delete(AS_ADMIN, "/api/v1/accounts/%s/second-factor", o.id);
    ck_status(&in, 200);
    ck_status(&again, 404);
}
END_TEST

START_TEST(superusers_alone_reset_it_for_administrators_and_nobody_for_himself)
{
    struct owner admin = owner_of("admin"), superuser = owner_of("superuser");
    REPLY hidden = api_delete(AS_ADMIN, "/api/v1/accounts/%s/second-factor", admin.id);
    ck_status(&hidden, 404);
    REPLY own = api_delete(superuser.token, "/api/v1/accounts/%s/second-factor", superuser.id);
    ck_status(&own, 403);
    REPLY reset = api_delete(superuser.token, "/api/v1/accounts/%s/second-factor", admin.id);
    ck_status(&reset, 204);
    REPLY nobody = api_delete(AS_SUPERUSER, "/api/v1/accounts/%s/second-factor", new_id());
    ck_status(&nobody, 404);
}
END_TEST

START_TEST(setting_up_removing_and_resetting_leave_entries_in_the_access_log)
{
    struct owner o = owner();
    REPLY reset = api_delete(AS_ADMIN, "/api/v1/accounts/%s/second-factor", o.id);
    ck_status(&reset, 204);
    ck_assert_str_eq(sql_value("SELECT string_agg(action || ' ' || outcome, ', ' ORDER BY id) FROM auth.access_log"
                               " WHERE subject_id = '%s' AND object = 'second_factor'",
                               o.id),
                     "second_factor.confirm written, second_factor.reset written");
    struct owner other = owner();
    ck_assert_int_eq(status_with(&other, wrong_code(other.secret)), 401);
    ck_assert_str_eq(sql_value("SELECT string_agg(action || ' ' || outcome, ', ') FROM auth.access_log"
                               " WHERE subject_id = '%s' AND object = 'session' AND outcome = 'refused'",
                               other.id),
                     "session.create refused");
}
END_TEST

static void require(const char *roles)
{
    if (roles)
        setenv("SECOND_FACTOR_ROLES", roles, 1);
    else
        unsetenv("SECOND_FACTOR_ROLES");
    api_restart(&auth_service);
}

/* A login of whom only setting up is open to. */
static struct reply login_to_enrol(const char *name)
{
    struct reply r = login(name, PASSWORD);
    ck_reply(&r, 200, "enrolment_required", "true");
    return r;
}

START_TEST(a_role_that_needs_it_gets_in_as_far_as_setting_it_up)
{
    require("superuser, healthpro");
    struct owner o = {0};
    o.id = somebody("healthpro", &o.name);
    REPLY in = login_to_enrol(o.name);
    o.token = text_at(&in, "access_token");
    REPLY state = api_get(o.token, OWN_FACTOR), me = api_get(o.token, "/api/v1/auth/me");
    ck_reply(&state, 200, "required", "true");
    ck_reply(&me, 403, "type", "/problems/forbidden");
    o.secret = begun(o.token);
    REPLY confirmed = confirm(o.token, code_in(o.secret, 0));
    keep_codes(&o, &confirmed);
    REPLY all =
        api_post(ANONYMOUSLY, "/api/v1/auth/refresh", R"({"refresh_token": "%s"})", text_at(&in, "refresh_token"));
    ck_reply(&all, 200, "account/name", o.name);
    ck_assert_ptr_null(text_at(&all, "enrolment_required"));
    REPLY now = api_get(text_at(&all, "access_token"), "/api/v1/auth/me");
    ck_reply(&now, 200, "name", o.name);

    const char *free_name;
    somebody("caregiver", &free_name);
    REPLY free = login(free_name, PASSWORD);
    ck_status(&free, 200);
    ck_assert_ptr_null(text_at(&free, "enrolment_required"));
    require(NULL);
}
END_TEST

START_TEST(a_session_older_than_the_setting_only_sets_up_a_factor_after_its_next_refresh)
{
    const char *name;
    somebody("caregiver", &name);
    REPLY in = login(name, PASSWORD);
    require("caregiver");
    REPLY next =
        api_post(ANONYMOUSLY, "/api/v1/auth/refresh", R"({"refresh_token": "%s"})", text_at(&in, "refresh_token"));
    ck_reply(&next, 200, "enrolment_required", "true");
    REPLY me = api_get(text_at(&next, "access_token"), "/api/v1/auth/me");
    ck_status(&me, 403);
    require(NULL);
}
END_TEST

START_TEST(another_who_knows_the_password_does_not_get_in_when_the_owner_sets_it_up)
{
    require("caregiver");
    const char *name;
    somebody("caregiver", &name);
    REPLY here = login_to_enrol(name), there = login_to_enrol(name);
    const char *token = text_at(&here, "access_token"), *secret = begun(token);
    REPLY confirmed = confirm(token, code_in(secret, 0));
    ck_status(&confirmed, 200);
    REPLY refused =
        api_post(ANONYMOUSLY, "/api/v1/auth/refresh", R"({"refresh_token": "%s"})", text_at(&there, "refresh_token"));
    ck_status(&refused, 401);
    require(NULL);
}
END_TEST

static const char *path_of(const struct route *r)
{
    const char *colon = strchr(r->path, ':');
    if (!colon)
        return r->path;
    return text_of("%.*s00112233445566778899aabbccddeeff%s", (int)(colon - r->path), r->path,
                   colon + strcspn(colon, "/"));
}

/* Every row of every service but those that say so. */
START_TEST(a_token_for_setting_up_opens_nothing_else)
{
    require("healthpro");
    const char *name, *token;
    somebody("healthpro", &name);
    REPLY in = login_to_enrol(name);
    token = text_at(&in, "access_token");
    int opened = 0;
    for (size_t i = 0; i < COUNT(services); i++) {
        api_open(services[i]);
        for (const struct route *r = services[i]->routes; r->method; r++) {
            REPLY reply = api_call((struct call){.method = r->method, .token = token, .path = path_of(r)});
            REPLY nobody = api_call((struct call){.method = r->method, .path = path_of(r)});
            if (r->access.roles & ENROLLING)
                opened++;
            else if (r->access.roles & ANONYMOUS)
                ck_assert_int_eq(reply.status, nobody.status);
            else
                ck_reply(&reply, 403, "type", "/problems/forbidden");
        }
    }
    ck_assert_int_eq(opened, 3);
    api_open(&auth_service);
    require(NULL);
}
END_TEST

START_TEST(the_cookie_of_somebody_who_gave_up_setting_up_keeps_nobody_from_logging_in)
{
    require("healthpro");
    const char *name, *other;
    somebody("healthpro", &name);
    somebody("caregiver", &other);
    REPLY in = login_to_enrol(name);
    REPLY r = api_call((struct call){.method = "POST",
                                     .path = "/api/v1/auth/login",
                                     .body = text_of(R"({"name": "%s", "password": "%s"})", other, PASSWORD),
                                     .headers = {text_of("Cookie: mnemos_session=%s", text_at(&in, "access_token"))}});
    ck_reply(&r, 200, "account/name", other);
    require(NULL);
}
END_TEST

static bool settings_good(const char *roles)
{
    return system(text_of("SECOND_FACTOR_ROLES='%s' '%s/mnemos-auth' --check-settings 2>/dev/null", roles, BIN_DIR)) ==
           0;
}

START_TEST(a_setting_that_names_no_role_is_refused)
{
    static const char *const bad[] = {"doctor", "superuser enrolling",           "anonymous", "superuser;admin",
                                      "client", "averylongnameofarolethatisnone"};
    for (size_t i = 0; i < COUNT(bad); i++)
        ck_assert_msg(!settings_good(bad[i]), "%s", bad[i]);
    ck_assert(settings_good(" superuser,admin  patient "));
    ck_assert(settings_good(""));
}
END_TEST

int main(void)
{
    stop_clock();
    outside_begin();
    int status = API_TESTS(
        &auth_service, an_app_is_set_up_confirmed_and_then_asked_for, setting_up_needs_the_password_and_the_first_code,
        confirming_ends_the_sessions_that_the_password_alone_has_opened,
        a_code_is_taken_one_step_early_and_late_and_no_further, a_code_is_taken_once_and_so_is_no_older_one,
        the_code_that_confirmed_logs_nobody_in, codes_are_read_as_people_type_them,
        of_logins_with_the_same_code_at_the_same_time_one_wins,
        a_recovery_code_is_taken_once_and_then_there_is_one_less, recovery_codes_of_somebody_else_are_of_no_use,
        new_recovery_codes_take_the_place_of_the_old_ones, it_is_removed_with_the_password_and_a_code,
        wrong_codes_count_as_failed_logins_and_the_password_alone_forgives_none,
        guesses_at_codes_from_many_networks_wait_and_the_owner_has_recovery_codes,
        a_wrong_password_is_answered_as_before_whatever_code_comes_with_it, a_code_without_a_second_factor_is_ignored,
        refreshing_and_a_new_password_need_no_code, secrets_rest_sealed_and_out_of_reach_of_the_services,
        a_reply_that_is_shown_once_is_not_kept_for_an_idempotency_key,
        no_session_begins_without_a_code_whatever_path_leads_there, the_token_of_another_issuer_needs_a_code_as_well,
        a_secret_moved_to_another_account_opens_nothing,
        an_administrator_resets_it_after_a_lost_device_and_the_sessions_end,
        superusers_alone_reset_it_for_administrators_and_nobody_for_himself,
        setting_up_removing_and_resetting_leave_entries_in_the_access_log,
        a_role_that_needs_it_gets_in_as_far_as_setting_it_up,
        a_session_older_than_the_setting_only_sets_up_a_factor_after_its_next_refresh,
        another_who_knows_the_password_does_not_get_in_when_the_owner_sets_it_up,
        a_token_for_setting_up_opens_nothing_else,
        the_cookie_of_somebody_who_gave_up_setting_up_keeps_nobody_from_logging_in,
        a_setting_that_names_no_role_is_refused);
    outside_end();
    start_clock();
    return status;
}
