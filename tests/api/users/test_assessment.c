/* Scores over time: assessments, their corrections, and that the latest is the patient's score. */
#include "services/users/assessment/assessment.h"
#include "tests/support/api.h"

#include <string.h>

#define PASSWORD "correct horse battery"

static const char *make_patient(void)
{
    REPLY made =
        api_post(AS_GENERAL, "/api/v1/users",
                 R"({"name": "%s", "status": "patient", "birth_date": "1950-03-01", "mmse": 24, "password": "%s"})",
                 new_name("Score"), PASSWORD);
    ck_status(&made, 201);
    return kept_at(&made, "user_id");
}

/* The path of a new assessment. */
static const char *assess(const char *patient, const char *day, int mmse)
{
    REPLY made = api_post(AS_GENERAL, text_of("/api/v1/patients/%s/assessments", patient),
                          R"({"assessed_on": "%s", "mmse": %d})", day, mmse);
    ck_reply(&made, 201, "assessed_on", day);
    return text_of("/api/v1/patients/%s/assessments/%s", patient, text_at(&made, "assessment_id"));
}

static struct reply call(const char *method, const char *token, const char *path, const char *body, const char *tag)
{
    return api_change(method, token, path, body, tag);
}

static void ck_score(const char *patient, const char *mmse)
{
    REPLY r = api_get(AS_GENERAL, "/api/v1/users/%s", patient);
    ck_reply(&r, 200, "mmse", mmse);
}

static const char *count_of(const char *patient)
{
    return sql_value("SELECT count(*) FROM users.assessment WHERE patient_id = '%s'", patient);
}

static const char *today(void)
{
    return sql_value("SELECT (now() AT TIME ZONE 'UTC')::date");
}

/* The first of the list came by itself, and its day is the one on which it did. */
static void ck_of_its_day(const struct reply *list)
{
    ck_assert_str_eq(text_at(list, "items/0/assessed_on"),
                     sql_value("SELECT (created_at AT TIME ZONE 'UTC')::date FROM users.assessment WHERE id = '%s'",
                               text_at(list, "items/0/assessment_id")));
}

START_TEST(an_assessment_is_added_and_read)
{
    const char *patient = make_patient(), *doctor = new_id();
    const char *token = token_for(doctor, "healthpro", "psychologist");
    REPLY made = api_post(token, text_of("/api/v1/patients/%s/assessments", patient),
                          R"({"assessed_on": "2021-04-30", "mmse": 22, "recall": 1, "note": "Tired."})");
    ck_reply(&made, 201, "loinc", "72106-8");
    const char *path = header_of(&made, "Location");
    ck_assert_str_eq(path, text_of("/api/v1/patients/%s/assessments/%s", patient, text_at(&made, "assessment_id")));
    REPLY read = api_get(token, "%s", path);
    ck_reply(&read, 200, "recorded_by", doctor);
    ck_assert_str_eq(read.body, made.body);
    ck_assert_str_eq(text_at(&read, "recorded_by_role"), "healthpro");
    ck_assert_str_eq(text_at(&read, "recall"), "1");
    ck_assert_str_eq(text_at(&read, "note"), "Tired.");
    ck_assert_ptr_null(json_object_get(read.json, "language"));
}
END_TEST

START_TEST(a_new_patients_score_is_the_first_assessment)
{
    const char *patient = make_patient();
    REPLY r = api_get(AS_GENERAL, "/api/v1/patients/%s/assessments", patient);
    ck_reply(&r, 200, "items/0/mmse", "24");
    ck_of_its_day(&r);
    ck_assert_uint_eq(json_array_size(json_object_get(r.json, "items")), 1);
}
END_TEST

START_TEST(the_latest_day_is_the_patients_score)
{
    const char *patient = make_patient();
    sql_value("UPDATE users.assessment SET assessed_on = '2000-01-01' WHERE patient_id = '%s'", patient);
    assess(patient, "2021-04-30", 22);
    ck_score(patient, "22");
    assess(patient, "2020-04-30", 25);
    ck_score(patient, "22");
    assess(patient, "2022-04-30", 19);
    ck_score(patient, "19");
    assess(patient, "2022-04-30", 20); /* of two on one day, the one that came later */
    ck_score(patient, "20");
}
END_TEST

START_TEST(a_score_changed_on_the_person_is_an_assessment_of_that_day)
{
    const char *patient = make_patient();
    const char *path = text_of("/api/v1/users/%s", patient);
    REPLY before = api_get(AS_GENERAL, "%s", path);
    REPLY changed = call("PATCH", AS_GENERAL, path, R"({"mmse": 21})", header_of(&before, "ETag"));
    ck_reply(&changed, 200, "mmse", "21");
    REPLY r = api_get(AS_GENERAL, "/api/v1/patients/%s/assessments", patient);
    ck_reply(&r, 200, "items/0/mmse", "21");
    ck_of_its_day(&r);
    ck_assert_str_eq(text_at(&r, "items/1/mmse"), "24");
    REPLY renamed = call("PATCH", AS_GENERAL, path, text_of(R"({"name": "%s", "mmse": 21})", new_name("Score")),
                         header_of(&changed, "ETag"));
    ck_status(&renamed, 200);
    ck_assert_str_eq(count_of(patient), "2");
}
END_TEST

START_TEST(a_correction_keeps_what_was_before)
{
    const char *patient = make_patient(), *path = assess(patient, today(), 20);
    REPLY before = api_get(AS_GENERAL, "%s", path);
    REPLY corrected =
        call("PATCH", AS_ADMIN, path, R"({"mmse": 23, "note": "Added up anew."})", header_of(&before, "ETag"));
    ck_reply(&corrected, 200, "mmse", "23");
    ck_score(patient, "23");
    REPLY r = api_get(AS_GENERAL, "%s/history", path);
    ck_reply(&r, 200, "items/0/mmse", "23");
    ck_assert_str_eq(text_at(&r, "items/0/changed_by_role"), "admin");
    ck_assert_str_eq(text_at(&r, "items/1/mmse"), "20");
    ck_assert_str_eq(text_at(&r, "items/1/kind"), "created");
}
END_TEST

START_TEST(a_correction_of_the_day_may_change_which_is_the_latest)
{
    const char *patient = make_patient(), *path = assess(patient, "2001-01-01", 9), *day = today();
    REPLY before = api_get(AS_GENERAL, "%s", path);
    REPLY corrected =
        call("PATCH", AS_GENERAL, path, text_of(R"({"assessed_on": "%s"})", day), header_of(&before, "ETag"));
    ck_status(&corrected, 200);
    ck_score(patient, "9");
}
END_TEST

START_TEST(one_that_is_not_the_patients_is_removed_and_the_only_one_is_not)
{
    const char *patient = make_patient(), *path = assess(patient, today(), 3);
    REPLY wrong = api_get(AS_GENERAL, "%s", path);
    REPLY removed = call("DELETE", AS_GENERAL, path, NULL, header_of(&wrong, "ETag"));
    ck_status(&removed, 204);
    ck_score(patient, "24");
    REPLY gone = api_get(AS_GENERAL, "%s", path);
    ck_status(&gone, 404);
    REPLY kept = api_get(AS_ADMIN, "%s/history", path);
    ck_reply(&kept, 200, "items/0/kind", "removed");

    REPLY list = api_get(AS_GENERAL, "/api/v1/patients/%s/assessments", patient);
    path = text_of("/api/v1/patients/%s/assessments/%s", patient, text_at(&list, "items/0/assessment_id"));
    REPLY only = call("DELETE", AS_GENERAL, path, NULL, TAG(1));
    ck_reply(&only, 409, "detail", "This is the only assessment of the patient; correct it instead.");
    ck_score(patient, "24");
}
END_TEST

START_TEST(scores_that_cannot_be_are_refused)
{
    const char *path = text_of("/api/v1/patients/%s/assessments", make_patient());
    static const struct {
        const char *body, *member;
    } cases[] = {
        {R"({"assessed_on": "2021-01-01", "mmse": 31})", "/mmse"},
        {R"({"assessed_on": "2021-01-01", "mmse": -1})", "/mmse"},
        {R"({"assessed_on": "2021-01-01", "mmse": 21.5})", "/mmse"},
        {R"({"assessed_on": "2021-01-01"})", "/mmse"},
        {R"({"mmse": 20})", "/assessed_on"},
        {R"({"assessed_on": "2921-01-01", "mmse": 20})", "/assessed_on"},
        {R"({"assessed_on": "1974-12-31", "mmse": 20})", "/assessed_on"},
        {R"({"assessed_on": "2021-02-30", "mmse": 20})", "/assessed_on"},
        {R"({"assessed_on": "2021-01-01", "mmse": 20, "language": 9})", "/language"},
        {R"({"assessed_on": "2021-01-01", "mmse": 2, "recall": 3})", "/mmse"},
        {R"({"assessed_on": "2021-01-01", "mmse": 30, "recall": 2})", "/mmse"},
        {R"({"assessed_on": "2021-01-01", "mmse": 20, "items": [1]})", "/items"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        REPLY r = api_post(AS_GENERAL, path, "%s", cases[i].body);
        ck_status(&r, 422);
        ck_refuses(&r, cases[i].member);
    }
}
END_TEST

START_TEST(parts_that_make_up_the_total_are_taken)
{
    const char *path = text_of("/api/v1/patients/%s/assessments", make_patient());
    REPLY r = api_post(
        AS_GENERAL, path,
        R"({"assessed_on": "2021-01-01", "mmse": 25, "orientation_time": 4, "orientation_place": 5, "registration": 3,)"
        R"( "attention": 4, "recall": 1, "language": 8, "drawing": 0})");
    ck_reply(&r, 201, "drawing", "0");
}
END_TEST

START_TEST(people_who_are_no_patients_have_no_assessments)
{
    REPLY made = api_post(AS_GENERAL, "/api/v1/users", R"({"name": "%s", "status": "caregiver", "password": "%s"})",
                          new_name("Carer"), PASSWORD);
    const char *id = kept_at(&made, "user_id");
    REPLY list = api_get(AS_GENERAL, "/api/v1/patients/%s/assessments", id);
    ck_reply(&list, 422, "detail", "This person is not a patient.");
    REPLY added = api_post(AS_GENERAL, text_of("/api/v1/patients/%s/assessments", id),
                           R"({"assessed_on": "2021-01-01", "mmse": 20})");
    ck_reply(&added, 422, "detail", "This person is not a patient.");
    REPLY nobodys = api_get(AS_GENERAL, "/api/v1/patients/%s/assessments", new_id());
    ck_status(&nobodys, 404);
}
END_TEST

START_TEST(an_assessment_is_found_with_its_own_patient_only)
{
    const char *path = assess(make_patient(), "2021-01-01", 20), *other = make_patient();
    REPLY r = api_get(AS_GENERAL, "/api/v1/patients/%s/assessments/%s", other, strrchr(path, '/') + 1);
    ck_status(&r, 404);
}
END_TEST

START_TEST(lists_are_paged_newest_first)
{
    const char *patient = make_patient(), *next = "";
    for (int i = 0; i < 6; i++)
        assess(patient, text_of("201%d-06-01", i), 20 + i);
    int expected = 26, pages = 0;
    do {
        REPLY r = api_get(AS_GENERAL, "/api/v1/patients/%s/assessments?limit=3%s", patient, next);
        ck_status(&r, 200);
        for (size_t i = pages == 0; i < json_array_size(json_object_get(r.json, "items")); i++)
            ck_assert_str_eq(text_at(&r, text_of("items/%zu/mmse", i)), text_of("%d", --expected));
        const char *cursor = text_at(&r, "next");
        next = strcmp(cursor, "null") == 0 ? NULL : text_of("&after=%s", cursor);
        pages++;
    } while (next);
    ck_assert_int_eq(expected, 20);
    ck_assert_int_eq(pages, 3);
}
END_TEST

START_TEST(patients_see_their_own_and_write_none)
{
    const char *patient = make_patient(), *path = text_of("/api/v1/patients/%s/assessments", patient);
    const char *own = token_for(patient, "patient", NULL);
    REPLY seen = api_get(own, "%s", path);
    ck_reply(&seen, 200, "items/0/mmse", "24");
    REPLY others = api_get(AS_PATIENT, "%s", path);
    ck_status(&others, 404);
    REPLY added = api_post(own, path, R"({"assessed_on": "2021-01-01", "mmse": 30})");
    ck_status(&added, 403);
}
END_TEST

START_TEST(caregivers_see_those_of_their_patients)
{
    const char *patient = make_patient(), *carer = new_id();
    sql_value("INSERT INTO auth.account (id, name, role, password_hash) VALUES ('%s', '%s', 'caregiver', '-')", carer,
              new_name("Carer"));
    sql_value("INSERT INTO users.person (id, name, status) VALUES ('%s', '%s', 'caregiver')", carer, new_name("Carer"));
    const char *token = token_for(carer, "caregiver", NULL);
    REPLY before = api_get(token, "/api/v1/patients/%s/assessments", patient);
    ck_status(&before, 404);
    sql_value("UPDATE users.person SET caregiver_id = '%s' WHERE id = '%s'", carer, patient);
    REPLY after = api_get(token, "/api/v1/patients/%s/assessments", patient);
    ck_reply(&after, 200, "items/0/mmse", "24");
}
END_TEST

START_TEST(reads_and_writes_are_in_the_patients_access_log)
{
    const char *patient = make_patient(), *path = assess(patient, "2021-01-01", 20);
    REPLY read = api_get(AS_GENERAL, "%s", path);
    REPLY list = api_get(AS_GENERAL, "/api/v1/patients/%s/assessments", patient);
    ck_status(&list, 200);
    ck_assert_str_eq(sql_value("SELECT string_agg(action || ' ' || outcome, ', ' ORDER BY id) FROM auth.access_log"
                               " WHERE subject_id = '%s' AND object = 'assessment'",
                               patient),
                     "assessment.create written, assessment.read read, assessment.list read");
}
END_TEST

START_TEST(assessments_go_with_the_patient)
{
    const char *patient = make_patient(), *path = assess(patient, today(), 20);
    REPLY r = api_get(AS_GENERAL, "/api/v1/users/%s", patient);
    REPLY removed = call("DELETE", AS_GENERAL, text_of("/api/v1/users/%s", patient), NULL, header_of(&r, "ETag"));
    ck_status(&removed, 204);
    ck_assert_str_eq(count_of(patient), "0");
    REPLY kept = api_get(AS_ADMIN, "%s/history", path);
    ck_reply(&kept, 200, "items/0/kind", "removed");
    REPLY hidden = api_get(AS_GENERAL, "%s/history", path);
    ck_status(&hidden, 404);
}
END_TEST

START_TEST(sex_and_schooling_are_kept_with_the_patient)
{
    REPLY made =
        api_post(AS_GENERAL, "/api/v1/users",
                 R"({"name": "%s", "status": "patient", "age": 70, "mmse": 24, "sex": "Female", "schooling_years": 9,)"
                 R"( "password": "%s"})",
                 new_name("School"), PASSWORD);
    ck_reply(&made, 201, "sex", "female");
    const char *path = text_of("/api/v1/users/%s", text_at(&made, "user_id"));
    REPLY changed = call("PATCH", AS_GENERAL, path, R"({"schooling_years": 10})", header_of(&made, "ETag"));
    ck_reply(&changed, 200, "schooling_years", "10");
    REPLY r = api_get(AS_GENERAL, "%s/history", path);
    ck_reply(&r, 200, "items/1/schooling_years", "9");
    REPLY of_caregiver =
        api_post(AS_GENERAL, "/api/v1/users",
                 R"({"name": "%s", "status": "caregiver", "schooling_years": 9, "sex": "male", "password": "%s"})",
                 new_name("School"), PASSWORD);
    ck_status(&of_caregiver, 422);
    ck_refuses(&of_caregiver, "/schooling_years");
    ck_refuses(&of_caregiver, "/sex");
}
END_TEST

int main(void)
{
    return API_TESTS(&users_service, an_assessment_is_added_and_read, a_new_patients_score_is_the_first_assessment,
                     the_latest_day_is_the_patients_score, a_score_changed_on_the_person_is_an_assessment_of_that_day,
                     a_correction_keeps_what_was_before, a_correction_of_the_day_may_change_which_is_the_latest,
                     one_that_is_not_the_patients_is_removed_and_the_only_one_is_not, scores_that_cannot_be_are_refused,
                     parts_that_make_up_the_total_are_taken, people_who_are_no_patients_have_no_assessments,
                     an_assessment_is_found_with_its_own_patient_only, lists_are_paged_newest_first,
                     patients_see_their_own_and_write_none, caregivers_see_those_of_their_patients,
                     reads_and_writes_are_in_the_patients_access_log, assessments_go_with_the_patient,
                     sex_and_schooling_are_kept_with_the_patient);
}
