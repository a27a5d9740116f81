/* The access log as patients and administrators read it, and its seals. */
#include "common/audit/chain.h"
#include "common/identity/secret.h"
#include "services/auth/auth.h"
#include "tests/api/auth/accounts.h"

#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>

static const char *make_patient(void)
{
    const char *id = new_id();
    sql_value("INSERT INTO auth.account (id, name, role, password_hash) VALUES ('%s', '%s', 'patient', '-')", id,
              new_name("Patient"));
    return id;
}

/* As if that account had read the record. */
static void enter(const char *subject, const char *actor, const char *action)
{
    sql_value("WITH who AS MATERIALIZED (SELECT set_config('mnemos.role', 'healthpro', true),"
              " set_config('mnemos.account', '%s', true), set_config('mnemos.request', '%s r1 192.0.2.7', true))"
              " INSERT INTO auth.access_log (subject_id, object, outcome, actor_id, role, action, request_id, address)"
              " SELECT '%s', 'person', 'read', '%s', 'healthpro', '%s', 'r1', '192.0.2.7' FROM who",
              actor, action, subject, actor, action);
}

static struct reply read_log(const char *token, const char *patient, const char *query)
{
    return api_get(token, "/api/v1/patients/%s/access-log%s", patient, query);
}

START_TEST(a_patient_sees_the_readers_of_the_record_newest_first)
{
    const char *patient = make_patient(), *doctor = new_id(), *name = new_name("Dr. Reader");
    sql_value("INSERT INTO auth.account (id, name, role, specialty, password_hash)"
              " VALUES ('%s', '%s', 'healthpro', 'general', '-')",
              doctor, name);
    enter(patient, doctor, "person.read");
    enter(patient, doctor, "mmse.predict");
    REPLY r = read_log(token_for(patient, "patient", NULL), patient, "");
    ck_reply(&r, 200, "/items/0/action", "mmse.predict");
    ck_reply(&r, 200, "/items/1/action", "person.read");
    ck_reply(&r, 200, "/items/1/actor_id", doctor);
    ck_reply(&r, 200, "/items/1/actor_name", name);
    ck_reply(&r, 200, "/items/1/role", "healthpro");
    ck_reply(&r, 200, "/items/1/outcome", "read");
    ck_assert_ptr_null(text_at(&r, "/items/1/address"));
    ck_assert_ptr_null(text_at(&r, "/items/2"));
}
END_TEST

START_TEST(a_caller_who_tried_in_vain_is_not_named_to_the_patient)
{
    const char *patient = make_patient(), *curious = make_patient();
    sql_value("INSERT INTO auth.access_log (subject_id, object, outcome, actor_id, role, action)"
              " VALUES ('%s', 'person', 'absent', '%s', 'patient', 'person.read')",
              patient, curious);
    REPLY r = read_log(token_for(patient, "patient", NULL), patient, "");
    ck_reply(&r, 200, "/items/0/actor_id", curious);
    ck_reply(&r, 200, "/items/0/actor_name", "null");
    REPLY named = read_log(AS_ADMIN, patient, "?action=person.read");
    ck_reply(&named, 200, "/items/0/actor_name", sql_value("SELECT name FROM auth.account WHERE id = '%s'", curious));
}
END_TEST

START_TEST(administrators_read_it_too_with_addresses)
{
    const char *patient = make_patient();
    enter(patient, new_id(), "person.read");
    REPLY r = read_log(AS_ADMIN, patient, "");
    ck_reply(&r, 200, "/items/0/address", "192.0.2.7");
    ck_reply(&r, 200, "/items/0/actor_name", "null");
}
END_TEST

START_TEST(reading_the_log_is_entered_in_it)
{
    const char *patient = make_patient(), *admin = new_id();
    REPLY first = read_log(token_for(admin, "admin", NULL), patient, "");
    ck_status(&first, 200);
    REPLY second = read_log(token_for(patient, "patient", NULL), patient, "");
    ck_reply(&second, 200, "/items/0/action", "access_log.read");
    ck_reply(&second, 200, "/items/0/actor_id", admin);
}
END_TEST

START_TEST(somebody_elses_log_is_not_there)
{
    const char *patient = make_patient();
    enter(patient, new_id(), "person.read");
    REPLY other = read_log(token_for(make_patient(), "patient", NULL), patient, "");
    REPLY nobody = read_log(token_for(make_patient(), "patient", NULL), new_id(), "");
    ck_reply(&other, 404, "detail", text_at(&nobody, "detail"));
    REPLY doctor = read_log(AS_NEUROLOGIST, patient, "");
    ck_status(&doctor, 403);
    REPLY anonymous = read_log(ANONYMOUSLY, patient, "");
    ck_status(&anonymous, 401);
}
END_TEST

START_TEST(the_log_is_paged_and_filtered)
{
    const char *patient = make_patient(), *token = token_for(patient, "patient", NULL);
    for (int i = 0; i < 5; i++)
        enter(patient, new_id(), i == 2 ? "mmse.predict" : "person.read");
    REPLY first = read_log(token, patient, "?limit=3&action=person.read");
    REPLY rest = read_log(token, patient, text_of("?limit=3&action=person.read&after=%s", text_at(&first, "next")));
    ck_assert_uint_eq(json_array_size(json_object_get(first.json, "items")), 3);
    ck_assert_uint_eq(json_array_size(json_object_get(rest.json, "items")), 1);
    REPLY none = read_log(token, patient, "?until=2020-01-01T00:00:00Z");
    ck_assert_uint_eq(json_array_size(json_object_get(none.json, "items")), 0);
    REPLY forged = read_log(token, patient, "?after=YWJj");
    ck_assert_int_eq(forged.status, 422);
}
END_TEST

START_TEST(failed_logins_are_entered_under_the_account_that_was_tried)
{
    const char *patient = make_patient();
    const char *name = sql_value("SELECT name FROM auth.account WHERE id = '%s'", patient);
    REPLY r = api_post(ANONYMOUSLY, "/api/v1/auth/login", R"({"name": "%s", "password": "guess"})", name);
    ck_status(&r, 401);
    REPLY unknown =
        api_post(ANONYMOUSLY, "/api/v1/auth/login", R"({"name": "%s", "password": "guess"})", new_name("Nobody"));
    ck_status(&unknown, 401);
    REPLY log = read_log(token_for(patient, "patient", NULL), patient, "");
    ck_reply(&log, 200, "/items/0/action", "session.create");
    ck_reply(&log, 200, "/items/0/outcome", "refused");
    ck_assert_str_eq(sql_value("SELECT count(*) FROM auth.access_log WHERE request_id = '%s' AND subject_id IS NULL"
                               " AND outcome = 'refused'",
                               header_of(&unknown, "X-Request-Id")),
                     "1");
}
END_TEST

START_TEST(logins_are_entered_under_the_account)
{
    const char *name = new_name("Entered"), *id = make_account(name, "patient", NULL);
    token_of(name);
    REPLY log = read_log(token_for(id, "patient", NULL), id, "");
    ck_reply(&log, 200, "/items/0/action", "session.create");
    ck_reply(&log, 200, "/items/0/outcome", "written");
    ck_reply(&log, 200, "/items/0/actor_id", id);
    ck_reply(&log, 200, "/items/0/actor_name", name);
}
END_TEST

START_TEST(changed_roles_and_new_signing_keys_are_entered)
{
    REPLY made = api_post(AS_SUPERUSER, "/api/v1/admins",
                          R"({"name": "%s", "role": "normal", "password": "four words or so"})", new_name("Admin"));
    ck_status(&made, 201);
    const char *id = text_at(&made, "id");
    REPLY promoted =
        api_change("PATCH", AS_SUPERUSER, text_of("/api/v1/admins/%s", id), R"({"role": "superuser"})", "*");
    ck_status(&promoted, 200);
    ck_assert_str_eq(sql_value("SELECT string_agg(action || ' ' || object || ' ' || outcome, ', ' ORDER BY id)"
                               " FROM auth.access_log WHERE subject_id = '%s' AND outcome = 'written'",
                               id),
                     "admin.create account written, admin.update account written");
    ck_assert_str_eq(sql_value("SELECT count(*) > 0 FROM auth.access_log WHERE object = 'signing_key'"), "t");
}
END_TEST

static bool all_sealed(void)
{
    return strcmp(sql_value("SELECT count(*) FROM auth.access_log WHERE transaction >="
                            " (SELECT coalesce(max(end_transaction), 0) FROM auth.access_seal)"),
                  "0") == 0;
}

START_TEST(entries_are_sealed_in_a_chain_that_the_key_confirms)
{
    const char *patient = make_patient();
    for (int i = 0; i < 3; i++)
        enter(patient, new_id(), "person.read");
    WAIT_UNTIL(all_sealed());
    ck_assert_str_eq(sql_value("SELECT sum(entries) = (SELECT count(*) FROM auth.access_log) FROM auth.access_seal"),
                     "t");

    unsigned char key[CHAIN_KEY_SIZE];
    secret_key("00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff", "access log", key);
    const char *previous = "";
    for (int n = 1; n <= atoi(sql_value("SELECT max(number) FROM auth.access_seal")); n++) {
        char seal[CHAIN_SEAL_HEX];
        struct chain_batch batch = {
            text_of("%d", n),
            sql_value("SELECT month FROM auth.access_seal WHERE number = %d", n),
            sql_value("SELECT first_transaction FROM auth.access_seal WHERE number = %d", n),
            sql_value("SELECT end_transaction FROM auth.access_seal WHERE number = %d", n),
            sql_value("SELECT entries FROM auth.access_seal WHERE number = %d", n),
            sql_value(R"(SELECT to_char(sealed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))"
                      " FROM auth.access_seal WHERE number = %d",
                      n),
            previous,
            sql_value("SELECT encode(digests, 'hex') FROM auth.access_seal WHERE number = %d", n),
        };
        chain_seal(key, &batch, seal);
        previous = sql_value("SELECT encode(seal, 'hex') FROM auth.access_seal WHERE number = %d", n);
        ck_assert_str_eq(seal, previous);
    }
}
END_TEST

/* Below the oldest transaction that is not over nothing is sealed, so nothing is passed over. */
START_TEST(an_entry_of_a_transaction_that_is_still_open_is_sealed_when_it_is_over)
{
    const char *patient = make_patient();
    PGconn *slow = PQconnectdb(database_url("postgres"));
    PQclear(PQexec(slow, "BEGIN"));
    PQclear(
        PQexec(slow, text_of("INSERT INTO auth.access_log (subject_id, object, outcome) VALUES ('%s', 'slow', 'read')",
                             patient)));
    enter(patient, new_id(), "person.read");
    const char *before = sql_value("SELECT count(*) FROM auth.access_seal");
    ck_assert(!all_sealed());
    PQclear(PQexec(slow, "COMMIT"));
    PQfinish(slow);
    WAIT_UNTIL(all_sealed());
    ck_assert_str_ne(sql_value("SELECT count(*) FROM auth.access_seal"), before);
    ck_assert_str_eq(sql_value("SELECT sum(entries) = (SELECT count(*) FROM auth.access_log) FROM auth.access_seal"),
                     "t");
}
END_TEST

static bool sealer_has_tried_since(const char *time)
{
    return strcmp(sql_value("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                            " AND application_name = 'mnemos-auth seals' AND state = 'idle' AND state_change > '%s'",
                            time),
                  "0") != 0;
}

START_TEST(one_replica_seals_and_another_follows_when_it_is_gone)
{
    PGconn *leader = PQconnectdb(database_url("postgres"));
    ck_assert(PQsendQuery(leader, "SELECT pg_advisory_lock(hashtext('auth.access_seal'))")); /* the next in the queue */
    WAIT_UNTIL(strcmp(sql_value("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                                " AND wait_event = 'advisory'"),
                      "0") != 0);
    api_restart(&auth_service);
    enter(make_patient(), new_id(), "person.read");
    const char *entered = sql_value("SELECT now()");
    WAIT_UNTIL(sealer_has_tried_since(entered));
    ck_assert(!all_sealed());
    PQfinish(leader);
    WAIT_UNTIL(all_sealed());
}
END_TEST

int main(void)
{
    return API_TESTS(&auth_service, a_patient_sees_the_readers_of_the_record_newest_first,
                     a_caller_who_tried_in_vain_is_not_named_to_the_patient, administrators_read_it_too_with_addresses,
                     reading_the_log_is_entered_in_it, somebody_elses_log_is_not_there, the_log_is_paged_and_filtered,
                     failed_logins_are_entered_under_the_account_that_was_tried, logins_are_entered_under_the_account,
                     changed_roles_and_new_signing_keys_are_entered,
                     entries_are_sealed_in_a_chain_that_the_key_confirms,
                     an_entry_of_a_transaction_that_is_still_open_is_sealed_when_it_is_over,
                     one_replica_seals_and_another_follows_when_it_is_gone);
}
