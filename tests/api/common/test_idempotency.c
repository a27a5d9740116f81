/* Creating requests that are sent more than once. */
#include "services/auth/auth.h"
#include "services/imaging/imaging.h"
#include "services/users/users.h"
#include "tests/support/api.h"
#include "tests/support/wait.h"

#include <libpq-fe.h>
#include <pthread.h>
#include <string.h>

#define PASSWORD "correct horse battery"
#define USERS    "/api/v1/users"

static struct reply send_to(const char *path, const char *token, const char *key, const char *body)
{
    return api_call((struct call){.method = "POST",
                                  .token = token,
                                  .path = path,
                                  .body = body,
                                  .headers = {text_of("Idempotency-Key: %s", key)}});
}

static struct reply send(const char *token, const char *key, const char *body)
{
    return send_to(USERS, token, key, body);
}

static const char *caregiver(const char *name)
{
    return text_of(R"({"name": "%s", "status": "caregiver", "password": "%s"})", name, PASSWORD);
}

static void ck_people(const char *name, const char *count)
{
    ck_assert_str_eq(sql_value("SELECT count(*) FROM users.person WHERE name = '%s'", name), count);
    ck_assert_str_eq(sql_value("SELECT count(*) FROM auth.account WHERE name = '%s'", name), count);
}

static void ck_first(const struct reply *r)
{
    ck_status(r, 201);
    ck_assert_ptr_null(header_of(r, "Idempotency-Replayed"));
}

static void ck_same_header(const struct reply *a, const struct reply *b, const char *name)
{
    const char *in_a = header_of(a, name), *in_b = header_of(b, name);
    ck_assert_ptr_nonnull(in_a);
    ck_assert_ptr_nonnull(in_b);
    ck_assert_str_eq(in_a, in_b);
}

/* Another request, the same answer: all but the request id. */
static void ck_replays(const struct reply *again, const struct reply *first)
{
    ck_status(again, first->status);
    ck_assert_str_eq(again->body, first->body);
    ck_assert_str_eq(header_of(again, "Idempotency-Replayed"), "true");
    ck_same_header(again, first, "Content-Type");
    ck_assert_str_ne(header_of(again, "X-Request-Id"), header_of(first, "X-Request-Id"));
}

START_TEST(the_same_request_again_makes_nothing_and_gets_the_same_answer)
{
    api_open(&users_service);
    const char *tokens[] = {ANONYMOUSLY, AS_NEUROLOGIST};
    for (size_t i = 0; i < COUNT(tokens); i++) {
        const char *name = new_name("Carla"), *key = new_id();
        REPLY first = send(tokens[i], key, caregiver(name));
        ck_first(&first);
        for (int repeat = 0; repeat < 3; repeat++) {
            REPLY again = send(tokens[i], key, caregiver(name));
            ck_replays(&again, &first);
            ck_same_header(&again, &first, "Location");
            ck_same_header(&again, &first, "ETag");
        }
        ck_people(name, "1");
    }
}
END_TEST

START_TEST(an_administrator_is_made_once)
{
    api_open(&auth_service);
    const char *token = AS_SUPERUSER, *key = new_id(), *name = new_name("Imke");
    const char *body = text_of(R"({"name": "%s", "role": "normal", "password": "%s"})", name, PASSWORD);
    REPLY first = send_to("/api/v1/admins", token, key, body);
    ck_first(&first);
    REPLY again = send_to("/api/v1/admins", token, key, body);
    ck_replays(&again, &first);
    ck_assert_str_eq(sql_value("SELECT count(*) FROM auth.account WHERE name = '%s'", name), "1");
}
END_TEST

START_TEST(an_answer_without_location_and_etag_is_replayed_without_them)
{
    api_open(&imaging_service);
    const char *body =
        text_of(R"({"1": {"id": "%s", "data": ["1 2", "3.5"], "deviceName": "CT"}, "2": {"id": "%s", "data": ["9"],)"
                R"( "deviceName": "CT"}})",
                new_id(), new_id());
    const char *token = AS_GENERAL, *key = new_id();
    REPLY first = send_to("/api/v1/elements", token, key, body);
    ck_first(&first);
    REPLY again = send_to("/api/v1/elements", token, key, body);
    ck_replays(&again, &first);
    ck_assert_ptr_null(header_of(&again, "Location"));
    ck_assert_ptr_null(header_of(&again, "ETag"));
}
END_TEST

START_TEST(the_same_key_with_another_request_is_refused)
{
    api_open(&users_service);
    const char *tokens[] = {ANONYMOUSLY, AS_NEUROLOGIST};
    for (size_t i = 0; i < COUNT(tokens); i++) {
        const char *name = new_name("Carlo"), *other = new_name("Olga"), *key = new_id();
        REPLY first = send(tokens[i], key, caregiver(name));
        ck_first(&first);
        REPLY second = send(tokens[i], key, caregiver(other));
        ck_reply(&second, 422, "type", "/problems/invalid");
        ck_refuses(&second, "/Idempotency-Key");
        ck_assert_ptr_null(strstr(second.body, name));
        ck_people(other, "0");
    }
}
END_TEST

START_TEST(keys_belong_to_the_account_that_sent_them)
{
    api_open(&users_service);
    const char *ada = AS_NEUROLOGIST, *ben = AS_NEUROLOGIST, *key = new_id(), *name = new_name("Ada");
    REPLY of_ada = send(ada, key, caregiver(name));
    ck_first(&of_ada);
    REPLY taken = send(ben, key, caregiver(name)); /* not her answer */
    ck_reply(&taken, 409, "type", "/problems/conflict");
    ck_refuses(&taken, "/name");
    REPLY of_ben = send(ben, key, caregiver(new_name("Ben")));
    ck_first(&of_ben);
    REPLY of_nobody = send(ANONYMOUSLY, key, caregiver(new_name("Nobody")));
    ck_first(&of_nobody);
}
END_TEST

START_TEST(the_anonymous_have_keys_per_route)
{
    api_open(&users_service);
    const char *key = new_id();
    REPLY here = send(ANONYMOUSLY, key, caregiver(new_name("Here")));
    ck_first(&here);
    const char *path = text_of("/create_user/There%.8s?status=caregiver&password=correct+horse+battery", new_id());
    REPLY there = send_to(path, ANONYMOUSLY, key, NULL);
    ck_first(&there);
    REPLY again = send_to(path, ANONYMOUSLY, key, NULL);
    ck_replays(&again, &there);
    REPLY query = send_to(text_of("%s&name=x", path), ANONYMOUSLY, key, NULL);
    ck_refuses(&query, "/Idempotency-Key");
}
END_TEST

START_TEST(the_answer_outlives_the_service)
{
    api_open(&users_service);
    const char *name = new_name("Lasting"), *key = new_id(), *token = AS_NEUROLOGIST;
    REPLY first = send(token, key, caregiver(name));
    ck_first(&first);
    api_restart(&users_service);
    REPLY again = send(token, key, caregiver(name));
    ck_replays(&again, &first);
    ck_people(name, "1");
}
END_TEST

struct sender {
    const char *token, *key, *body;
    struct reply reply;
    pthread_t thread;
};

static void *send_it(void *arg)
{
    struct sender *s = arg;
    s->reply = send(s->token, s->key, s->body);
    return NULL;
}

/* Somebody has a key in use and waits for the table. */
static bool is_being_worked_on(void)
{
    return strcmp(sql_value("SELECT count(*) FROM pg_locks k JOIN pg_locks t USING (pid)"
                            " WHERE k.locktype = 'advisory' AND k.granted AND NOT t.granted"
                            " AND t.relation = 'users.person'::regclass AND t.database ="
                            " (SELECT oid FROM pg_database WHERE datname = current_database())"),
                  "1") == 0;
}

START_TEST(while_the_first_is_being_worked_on_the_second_is_told_to_wait)
{
    api_open(&users_service);
    const char *name = new_name("Slow");
    struct sender first = {AS_NEUROLOGIST, new_id(), caregiver(name)};
    sql_value("BEGIN; LOCK TABLE users.person IN ACCESS EXCLUSIVE MODE");
    pthread_create(&first.thread, NULL, send_it, &first);
    WAIT_UNTIL(is_being_worked_on());
    REPLY second = send(first.token, first.key, first.body);
    REPLY other = send(AS_NEUROLOGIST, first.key, "{}");
    sql_value("COMMIT");
    pthread_join(first.thread, NULL);
    REPLY made = first.reply;
    ck_reply(&second, 409, "type", "/problems/conflict");
    ck_assert_str_eq(header_of(&second, "Retry-After"), "1");
    ck_status(&other, 422); /* somebody else's key is not in use */
    ck_first(&made);
    REPLY third = send(first.token, first.key, first.body);
    ck_replays(&third, &made);
    ck_people(name, "1");
}
END_TEST

START_TEST(of_many_at_once_one_creates)
{
    api_open(&users_service);
    for (int round = 0; round < 5; round++) {
        struct sender senders[4];
        const char *token = AS_NEUROLOGIST, *key = new_id(), *name = new_name("Once");
        int made = 0;
        for (size_t i = 0; i < COUNT(senders); i++) {
            senders[i] = (struct sender){token, key, caregiver(name)};
            pthread_create(&senders[i].thread, NULL, send_it, &senders[i]);
        }
        for (size_t i = 0; i < COUNT(senders); i++) {
            pthread_join(senders[i].thread, NULL);
            REPLY r = senders[i].reply;
            ck_assert_msg(r.status == 201 || (r.status == 409 && header_of(&r, "Retry-After")), "%ld %s", r.status,
                          r.body);
            made += r.status == 201 && !header_of(&r, "Idempotency-Replayed");
        }
        ck_assert_int_eq(made, 1);
        ck_people(name, "1");
    }
}
END_TEST

START_TEST(a_refused_request_leaves_its_key_free)
{
    api_open(&users_service);
    const char *token = AS_NEUROLOGIST, *key = new_id(), *taken = new_name("Taken");
    REPLY holder = send(token, new_id(), caregiver(taken));
    ck_first(&holder);
    REPLY invalid = send(token, key, "{}");
    ck_status(&invalid, 422);
    REPLY conflict = send(token, key, caregiver(taken));
    ck_status(&conflict, 409);
    REPLY made = send(token, key, caregiver(new_name("Free")));
    ck_first(&made);
}
END_TEST

START_TEST(a_failure_in_the_middle_leaves_neither_record_nor_key)
{
    api_open(&users_service);
    const char *token = AS_NEUROLOGIST, *key = new_id(), *name = new_name("Half");
    sql_value("REVOKE EXECUTE ON FUNCTION shared.answer_keep FROM mnemos_users");
    REPLY failed = send(token, key, caregiver(name));
    sql_value("GRANT EXECUTE ON FUNCTION shared.answer_keep TO mnemos_users");
    ck_reply(&failed, 500, "type", "/problems/fault");
    ck_assert_ptr_null(header_of(&failed, "Location"));
    ck_people(name, "0");
    REPLY made = send(token, key, caregiver(name));
    ck_first(&made);
    ck_people(name, "1");
}
END_TEST

START_TEST(after_a_day_a_key_is_new_again)
{
    api_open(&users_service);
    const char *token = AS_NEUROLOGIST, *key = new_id(), *before = clock_before();
    REPLY first = send(token, key, caregiver(new_name("Monday")));
    ck_first(&first);
    ck_assert_str_eq(sql_value("SELECT bool_and(expires_at - interval '24:00' BETWEEN '%s' AND " CLOCK_NOW ")"
                               " FROM shared.answer WHERE location = '%s'",
                               before, header_of(&first, "Location")),
                     "t");
    sql_value("UPDATE shared.answer SET expires_at = expires_at - interval '25 hours' WHERE location = '%s'",
              header_of(&first, "Location"));
    const char *body = caregiver(new_name("Tuesday"));
    REPLY second = send(token, key, body);
    ck_first(&second);
    REPLY again = send(token, key, body);
    ck_replays(&again, &second);
}
END_TEST

START_TEST(expired_answers_are_removed_in_small_portions)
{
    static const char left[] = "SELECT count(*) FROM shared.answer WHERE expires_at <= now()";
    api_open(&users_service);
    sql_value("DELETE FROM shared.answer WHERE expires_at <= now();"
              " INSERT INTO shared.answer (service, scope, fingerprint, http_status, body, expires_at)"
              " SELECT 'mnemos_imaging', sha256(i::text::bytea), sha256(''), 201, '', now() - i * interval '1 minute'"
              " FROM generate_series(1, 25) i");
    static const char *const expected[] = {"15", "5", "0"};
    for (size_t i = 0; i < COUNT(expected); i++) {
        REPLY r = send(AS_NEUROLOGIST, new_id(), caregiver(new_name("Tidy")));
        ck_first(&r);
        ck_assert_str_eq(sql_value("%s", left), expected[i]);
    }
}
END_TEST

START_TEST(neither_key_nor_password_is_stored)
{
    api_open(&users_service);
    const char *key = text_of("key-%s", new_id()), *name = new_name("Secretive");
    REPLY r = send(ANONYMOUSLY, key, caregiver(name));
    ck_first(&r);
    ck_assert_str_eq(sql_value("SELECT count(*) FROM shared.answer a WHERE a::text LIKE '%%%s%%'", name), "1");
    const char *secrets[] = {key, PASSWORD};
    for (size_t i = 0; i < COUNT(secrets); i++)
        ck_assert_str_eq(sql_value("SELECT count(*) FROM shared.answer a WHERE strpos(a::text, '%s') > 0"
                                   " OR strpos(a::text, encode('%s', 'hex')) > 0",
                                   secrets[i], secrets[i]),
                         "0");
}
END_TEST

static const char *value_as(const char *role, const char *sql)
{
    PGconn *pg = PQconnectdb(database_url(role));
    PGresult *r = PQexec(pg, sql);
    const char *value = PQntuples(r) > 0 ? PQgetvalue(r, 0, 0) : PQresultErrorField(r, PG_DIAG_SQLSTATE);
    value = text_of("%s", value);
    PQclear(r);
    PQfinish(pg);
    return value;
}

START_TEST(a_service_sees_its_own_answers_only_and_no_table)
{
    static const char own[] = "SELECT state FROM shared.answer_claim(sha256('a scope'), sha256('a request'))";
    sql_value("INSERT INTO shared.answer (service, scope, fingerprint, http_status, body)"
              " VALUES ('mnemos_users', sha256('a scope'), sha256('a request'), 201, '{}')");
    ck_assert_str_eq(value_as("mnemos_users", own), "kept");
    ck_assert_str_eq(value_as("mnemos_imaging", own), "new");
    ck_assert_str_eq(value_as("mnemos_users", "SELECT * FROM shared.answer"), "42501");
    ck_assert_str_eq(value_as("mnemos_users", "DELETE FROM shared.answer"), "42501");
}
END_TEST

START_TEST(routes_that_create_nothing_ignore_the_header)
{
    api_open(&users_service);
    REPLY r = api_call(
        (struct call){.method = "GET", .path = "/api/v1/status", .headers = {text_of("Idempotency-Key: two words")}});
    ck_status(&r, 200);
    ck_assert_ptr_null(header_of(&r, "Idempotency-Replayed"));
}
END_TEST

START_TEST(callers_who_may_not_create_learn_nothing_of_keys)
{
    api_open(&imaging_service);
    REPLY r = send_to("/api/v1/elements", ANONYMOUSLY, "two words", "{}");
    ck_status(&r, 401);
}
END_TEST

START_TEST(pages_of_other_origins_may_send_the_header)
{
    api_open(&users_service);
    REPLY r =
        api_call((struct call){.method = "OPTIONS",
                               .path = USERS,
                               .headers = {"Origin: https://app.example", "Access-Control-Request-Method: POST"}});
    ck_assert_ptr_nonnull(strstr(header_of(&r, "Access-Control-Allow-Headers"), "idempotency-key"));
}
END_TEST

int main(void)
{
    return API_TESTS(NULL, the_same_request_again_makes_nothing_and_gets_the_same_answer, an_administrator_is_made_once,
                     an_answer_without_location_and_etag_is_replayed_without_them,
                     the_same_key_with_another_request_is_refused, keys_belong_to_the_account_that_sent_them,
                     the_anonymous_have_keys_per_route, the_answer_outlives_the_service,
                     while_the_first_is_being_worked_on_the_second_is_told_to_wait, of_many_at_once_one_creates,
                     a_refused_request_leaves_its_key_free, a_failure_in_the_middle_leaves_neither_record_nor_key,
                     after_a_day_a_key_is_new_again, expired_answers_are_removed_in_small_portions,
                     neither_key_nor_password_is_stored, a_service_sees_its_own_answers_only_and_no_table,
                     routes_that_create_nothing_ignore_the_header, callers_who_may_not_create_learn_nothing_of_keys,
                     pages_of_other_origins_may_send_the_header);
}
