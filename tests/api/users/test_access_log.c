/* Reading and writing people's data leaves entries in the access log. */
#include "services/analytics/analytics.h"
#include "services/users/users.h"
#include "tests/support/api.h"

#include <string.h>

static const char *make_patient(const char *token, const char *name)
{
    REPLY made =
        api_post(token, "/api/v1/users",
                 R"({"name": "%s", "status": "patient", "age": 70, "mmse": 24, "password": "four words or so"})", name);
    ck_status(&made, 201);
    return kept_at(&made, "user_id");
}

/* Newest first: "action outcome", separated by commas. */
static const char *entries_of(const char *subject)
{
    return sql_value("SELECT string_agg(action || ' ' || outcome, ', ' ORDER BY id DESC) FROM auth.access_log"
                     " WHERE subject_id = '%s'",
                     subject);
}

static const char *newest(const char *subject, const char *column)
{
    return sql_value("SELECT %s::text FROM auth.access_log WHERE subject_id = '%s' ORDER BY id DESC LIMIT 1", column,
                     subject);
}

START_TEST(a_read_enters_actor_action_patient_time_and_address)
{
    const char *patient = make_patient(AS_GENERAL, new_name("Read")), *reader = new_id();
    const char *before = clock_before();
    REPLY r = api_call((struct call){.method = "GET",
                                     .token = token_for(reader, "healthpro", "general"),
                                     .path = text_of("/api/v1/users/%s", patient),
                                     .headers = {"X-Forwarded-For: 203.0.113.77, 2001:db8::1234:5678:9abc:def0"}});
    ck_status(&r, 200);
    ck_assert_str_eq(entries_of(patient), "person.read read, person.create written");
    ck_assert_str_eq(newest(patient, "replace(actor_id::text, '-', '')"), reader);
    ck_assert_str_eq(newest(patient, "role"), "healthpro");
    ck_assert_str_eq(newest(patient, "service"), "mnemos_users");
    ck_assert_str_eq(newest(patient, "object"), "person");
    ck_assert_str_eq(newest(patient, "request_id"), header_of(&r, "X-Request-Id"));
    ck_assert_str_eq(newest(patient, "host(address)"), "2001:db8::1234:5678:9abc:def0");
    ck_assert_str_eq(newest(patient, text_of("(at BETWEEN '%s' AND " CLOCK_NOW ")", before)), "true");
}
END_TEST

START_TEST(a_look_for_somebody_elses_record_finds_nothing_and_is_entered)
{
    const char *patient = make_patient(AS_GENERAL, new_name("Other")), *nobody = new_id();
    REPLY r = api_get(AS_PATIENT, "/api/v1/users/%s", patient);
    REPLY absent = api_get(AS_PATIENT, "/api/v1/users/%s", nobody);
    ck_reply(&r, 404, "detail", text_at(&absent, "detail"));
    ck_assert_uint_eq(r.size, absent.size);
    ck_assert_str_eq(entries_of(patient), "person.read absent, person.create written");
    ck_assert_str_eq(entries_of(nobody), "person.read absent");
}
END_TEST

START_TEST(a_refusal_by_role_is_entered)
{
    const char *patient = make_patient(AS_GENERAL, new_name("Refused"));
    REPLY r = api_delete(token_for(patient, "patient", NULL), "/api/v1/users/%s", patient);
    ck_status(&r, 403);
    ck_assert_str_eq(entries_of(patient), "person.delete refused, person.create written");
    REPLY anonymous = api_delete(ANONYMOUSLY, "/api/v1/users/%s", patient);
    ck_status(&anonymous, 401);
    ck_assert_str_eq(entries_of(patient), "person.delete refused, person.create written");
}
END_TEST

START_TEST(everybody_on_a_list_has_an_entry_and_nobody_else)
{
    const char *carer_name = new_name("Carer");
    REPLY carer = api_post(AS_GENERAL, "/api/v1/users",
                           R"({"name": "%s", "status": "caregiver", "password": "four words or so"})", carer_name);
    const char *carer_id = text_at(&carer, "user_id"), *patients[3];
    for (int i = 0; i < 3; i++) {
        patients[i] = make_patient(AS_GENERAL, new_name("Listed"));
        sql_value("UPDATE users.person SET caregiver_id = '%s' WHERE id = '%s'", carer_id, patients[i]);
    }
    REPLY page = api_get(token_for(carer_id, "caregiver", NULL), "/api/v1/caregivers/%s/patients?limit=2", carer_id);
    ck_status(&page, 200);
    int entered = 0;
    for (int i = 0; i < 3; i++)
        entered += strcmp(entries_of(patients[i]), "person.list read, person.create written") == 0;
    ck_assert_int_eq(entered, 3); /* with the one that shows that there is a next page */
}
END_TEST

START_TEST(a_write_is_entered_with_its_transaction_and_not_without)
{
    const char *name = new_name("Written"), *patient = make_patient(ANONYMOUSLY, name);
    ck_assert_str_eq(newest(patient, "replace(actor_id::text, '-', '')"), patient);
    ck_assert_str_eq(newest(patient, "role"), "patient");
    REPLY again =
        api_post(AS_GENERAL, "/api/v1/users",
                 R"({"name": "%s", "status": "patient", "age": 70, "mmse": 24, "password": "four words or so"})", name);
    ck_status(&again, 409);
    ck_assert_str_eq(
        sql_value("SELECT count(*) FROM auth.access_log WHERE request_id = '%s'", header_of(&again, "X-Request-Id")),
        "0");
    REPLY changed = api_change("PATCH", AS_GENERAL, text_of("/api/v1/users/%s", patient), R"({"mmse": 20})", "*");
    ck_status(&changed, 200);
    REPLY removed = api_change("DELETE", AS_GENERAL, text_of("/api/v1/users/%s", patient), NULL, "*");
    ck_status(&removed, 204);
    ck_assert_str_eq(entries_of(patient), "person.delete written, person.delete read, person.update written,"
                                          " person.update read, person.create written");
}
END_TEST

START_TEST(a_prediction_is_a_read_of_the_patient)
{
    const char *patient = make_patient(AS_GENERAL, new_name("Predicted"));
    api_open(&analytics_service);
    REPLY r = api_get(AS_NEUROLOGIST, "/api/v1/mmse/predictions/%s", patient);
    REPLY counted = api_get(AS_NEUROLOGIST, "/api/v1/mmse/count?over=0&min_age=69&max_age=71");
    api_open(&users_service);
    ck_status(&r, 200);
    ck_status(&counted, 200);
    ck_assert_str_eq(entries_of(patient), "mmse.predict read, person.create written");
    ck_assert_str_eq(newest(patient, "service"), "mnemos_analytics");
}
END_TEST

int main(void)
{
    return API_TESTS(&users_service, a_read_enters_actor_action_patient_time_and_address,
                     a_look_for_somebody_elses_record_finds_nothing_and_is_entered, a_refusal_by_role_is_entered,
                     everybody_on_a_list_has_an_entry_and_nobody_else,
                     a_write_is_entered_with_its_transaction_and_not_without, a_prediction_is_a_read_of_the_patient);
}
