/* Creating, finding, changing and removing people. */
#include "services/users/users.h"
#include "tests/support/api.h"

#include <string.h>

#define PASSWORD "correct horse battery"

static struct reply create(const char *token, const char *members)
{
    return api_post(token, "/api/v1/users", R"({"password": "%s", %s})", PASSWORD, members);
}

static struct reply create_patient(const char *name, const char *members)
{
    return create(ANONYMOUSLY, text_of(R"("name": "%s", "status": "patient"%s)", name, members));
}

/* The id of a new person, for scenes about something else. */
static const char *make_person(const char *members)
{
    REPLY r = create(AS_NEUROLOGIST, members);
    ck_status(&r, 201);
    return kept_at(&r, "user_id");
}

static const char *make_caregiver(void)
{
    return make_person(text_of(R"("name": "%s", "status": "caregiver")", new_name("Carer")));
}

static const char *make_patient(const char *caregiver_id)
{
    return make_person(text_of(R"("name": "%s", "status": "patient", "age": 70, "mmse": 24, "caregiver_id": %s)",
                               new_name("Patient"), caregiver_id ? text_of(R"("%s")", caregiver_id) : "null"));
}

static const char *make_healthpro(const char *specialty)
{
    return make_person(
        text_of(R"("name": "%s", "status": "healthpro", "specialty": "%s")", new_name("Pro"), specialty));
}

static struct reply patch(const char *token, const char *id, const char *tag, const char *body)
{
    return api_change("PATCH", token, text_of("/api/v1/users/%s", id), body, tag);
}

static const char *etag_of(const char *id)
{
    REPLY r = api_get(AS_NEUROLOGIST, "/api/v1/users/%s", id);
    ck_status(&r, 200);
    return header_of(&r, "ETag");
}

START_TEST(a_patient_is_created_by_anyone_and_found_again)
{
    const char *name = new_name("Paula");
    REPLY made = create_patient(name, R"(, "birth_date": "1950-03-01", "mmse": 24)");
    ck_reply(&made, 201, "name", name);
    const char *id = text_at(&made, "user_id");
    ck_assert_str_eq(header_of(&made, "Location"), text_of("/api/v1/users/%s", id));
    REPLY found = api_get(token_for(id, "patient", NULL), "/api/v1/users/%s", id);
    ck_reply(&found, 200, "birth_date", "1950-03-01");
    ck_reply(&found, 200, "mmse", "24");
    ck_reply(&found, 200, "birth_date_estimated", "false");
    ck_assert_ptr_null(text_at(&found, "specialty"));
}
END_TEST

START_TEST(a_created_person_has_an_account_with_the_same_id_and_no_readable_password)
{
    const char *name = new_name("Carl");
    REPLY made = create(ANONYMOUSLY, text_of(R"("name": "%s", "status": "caregiver")", name));
    ck_reply(&made, 201, "status", "caregiver");
    ck_assert_ptr_null(strstr(made.body, PASSWORD));
    ck_assert_ptr_null(strstr(made.body, "argon2"));
    const char *hash = sql_value("SELECT password_hash FROM auth.account WHERE id = '%s'", text_at(&made, "user_id"));
    ck_assert_msg(strncmp(hash, "$argon2id$v=19$m=19456,t=2,p=1$", 31) == 0, "%s", hash);
}
END_TEST

START_TEST(an_age_becomes_an_estimated_date_of_birth_of_that_age)
{
    for (int age = 0; age <= 130; age += 13) {
        REPLY made = create_patient(new_name("Aged"), text_of(R"(, "age": %d, "mmse": 0)", age));
        ck_reply(&made, 201, "age", text_of("%d", age));
        ck_reply(&made, 201, "birth_date_estimated", "true");
    }
}
END_TEST

START_TEST(status_and_specialty_are_read_in_any_case)
{
    REPLY r = create(AS_NEUROLOGIST,
                     text_of(R"("name": "%s", "status": "HealthPro", "specialty": "RADIOLOGIST")", new_name("Ray")));
    ck_reply(&r, 201, "specialty", "radiologist");
}
END_TEST

START_TEST(only_those_who_treat_patients_create_healthpros)
{
    const char *body = R"("name": "Dr. Nobody", "status": "healthpro", "specialty": "general")";
    REPLY anonymous = create(ANONYMOUSLY, body);
    ck_reply(&anonymous, 401, "type", "/problems/unauthenticated");
    REPLY patient = create(AS_PATIENT, body);
    ck_reply(&patient, 403, "type", "/problems/forbidden");
    REPLY caregiver = create(AS_CAREGIVER, body);
    ck_status(&caregiver, 403);
    REPLY admin = create(AS_ADMIN, body);
    ck_status(&admin, 201);
}
END_TEST

START_TEST(members_of_another_role_are_refused_each_by_name)
{
    REPLY caregiver = create(
        ANONYMOUSLY,
        text_of(
            R"("name": "%s", "status": "caregiver", "mmse": 3, "age": 40,"specialty": "general", "caregiver_id": "%s")",
            new_name("X"), new_id()));
    ck_status(&caregiver, 422);
    ck_refuses(&caregiver, "/mmse");
    ck_refuses(&caregiver, "/age");
    ck_refuses(&caregiver, "/specialty");
    ck_refuses(&caregiver, "/caregiver_id");
    REPLY patient = create_patient(new_name("X"), R"(, "age": 50, "mmse": 20, "specialty": "general")");
    ck_status(&patient, 422);
    ck_refuses(&patient, "/specialty");
    REPLY healthpro =
        create(AS_NEUROLOGIST, text_of(R"("name": "%s", "status": "healthpro", "mmse": 3)", new_name("X")));
    ck_refuses(&healthpro, "/mmse");
    ck_refuses(&healthpro, "/specialty");
}
END_TEST

START_TEST(everything_that_is_wrong_is_said_at_once)
{
    REPLY r = create_patient("", R"(, "age": 131, "mmse": 31, "shoe_size": 44)");
    ck_reply(&r, 422, "type", "/problems/invalid");
    ck_refuses(&r, "/name");
    ck_refuses(&r, "/age");
    ck_refuses(&r, "/mmse");
    ck_refuses(&r, "/shoe_size");
}
END_TEST

START_TEST(a_patient_needs_a_score_and_either_an_age_or_a_date_of_birth)
{
    REPLY none = create_patient(new_name("P"), "");
    ck_refuses(&none, "/mmse");
    ck_refuses(&none, "/birth_date");
    REPLY both = create_patient(new_name("P"), R"(, "mmse": 9, "age": 60, "birth_date": "1960-01-01")");
    ck_refuses(&both, "/age");
    REPLY future = create_patient(new_name("P"), R"(, "mmse": 9, "birth_date": "2999-01-01")");
    ck_refuses(&future, "/birth_date");
    REPLY ancient = create_patient(new_name("P"), R"(, "mmse": 9, "birth_date": "1851-01-01")");
    ck_refuses(&ancient, "/birth_date");
    REPLY never = create_patient(new_name("P"), R"(, "mmse": 9, "birth_date": "2001-02-29")");
    ck_refuses(&never, "/birth_date");
}
END_TEST

START_TEST(a_taken_name_is_a_conflict_in_any_case_and_leaves_nothing_behind)
{
    const char *name = new_name("Elodie");
    REPLY first = create_patient(name, R"(, "age": 60, "mmse": 20)");
    ck_status(&first, 201);
    const char *before = sql_value("SELECT count(*) FROM auth.account");
    REPLY again = create_patient(text_of("eLODIE%s", name + 6), R"(, "age": 61, "mmse": 21)");
    ck_reply(&again, 409, "type", "/problems/conflict");
    ck_refuses(&again, "/name");
    ck_assert_str_eq(sql_value("SELECT count(*) FROM auth.account"), before);
}
END_TEST

START_TEST(a_caregiver_must_exist_and_be_one)
{
    REPLY unknown =
        create_patient(new_name("P"), text_of(R"(, "age": 60, "mmse": 20, "caregiver_id": "%s")", new_id()));
    ck_status(&unknown, 422);
    ck_refuses(&unknown, "/caregiver_id");
    REPLY patient =
        create_patient(new_name("P"), text_of(R"(, "age": 60, "mmse": 20, "caregiver_id": "%s")", make_patient(NULL)));
    ck_status(&patient, 422);
    ck_refuses(&patient, "/caregiver_id");
    const char *carer = make_caregiver();
    REPLY good = create_patient(new_name("P"), text_of(R"(, "age": 60, "mmse": 20, "caregiver_id": "%s")", carer));
    ck_reply(&good, 201, "caregiver_id", carer);
}
END_TEST

START_TEST(a_form_creates_as_json_does)
{
    const char *name = new_name("Form");
    REPLY r =
        api_call((struct call){.method = "POST",
                               .path = "/api/v1/users",
                               .type = "application/x-www-form-urlencoded; charset=utf-8",
                               .body = text_of("name=%s&status=patient&age=80&mmse=12&password=correct+horse+battery",
                                               strrchr(name, ' ') + 1)});
    ck_reply(&r, 201, "mmse", "12");
}
END_TEST

START_TEST(the_historic_path_takes_members_from_query_form_and_json)
{
    const char *a = new_id(), *b = new_id(), *c = new_id();
    REPLY by_query = api_call((struct call){
        .method = "POST",
        .path = text_of("/create_user/%s?status=Patient&age=66&mmse=17&password=correct%%20horse%%20battery", a)});
    ck_reply(&by_query, 201, "name", a);
    REPLY by_form = api_call((struct call){.method = "POST",
                                           .path = text_of("/create_user/%s", b),
                                           .type = "application/x-www-form-urlencoded",
                                           .body = "status=caregiver&password=correct+horse+battery"});
    ck_reply(&by_form, 201, "name", b);
    REPLY by_json =
        api_post(ANONYMOUSLY, text_of("/create_user/%s", c), R"({"status": "caregiver", "password": "%s"})", PASSWORD);
    ck_reply(&by_json, 201, "name", c);
    REPLY twice = api_post(ANONYMOUSLY, text_of("/create_user/%s", new_id()),
                           R"({"name": "other", "status": "caregiver", "password": "%s"})", PASSWORD);
    ck_status(&twice, 422);
    ck_refuses(&twice, "/name");
}
END_TEST

START_TEST(a_person_is_found_by_name_in_any_case_on_both_paths)
{
    const char *name = new_id();
    make_person(text_of(R"("name": "%s", "status": "caregiver")", name));
    char upper[33];
    for (int i = 0; i < 33; i++)
        upper[i] = (char)(name[i] >= 'a' ? name[i] - 32 : name[i]);
    REPLY historic = api_get(AS_GENERAL, "/get_user_by_name/%s", upper);
    ck_reply(&historic, 200, "name", name);
    REPLY listed = api_get(AS_GENERAL, "/api/v1/users?name=%s", upper);
    ck_reply(&listed, 200, "items/0/name", name);
    REPLY other_status = api_get(AS_GENERAL, "/api/v1/users?name=%s&status=patient", upper);
    ck_reply(&other_status, 200, "items", "[]");
    REPLY nobody = api_get(AS_GENERAL, "/get_user_by_name/nobody-%s", name);
    ck_reply(&nobody, 404, "type", "/problems/not-found");
    REPLY none = api_get(AS_GENERAL, "/api/v1/users?name=nobody-%s", name);
    ck_reply(&none, 200, "items", "[]");
}
END_TEST

START_TEST(names_of_any_language_and_with_markup_are_kept_as_they_are)
{
    static const char *const names[] = {"Zo\u00eb \u4e2d\u6587", "<script>alert(1)</script>",
                                        "Robert'); DROP TABLE x;--", "100%/../etc", "\xF0\x9F\x98\x80"};
    for (size_t i = 0; i < COUNT(names); i++) {
        const char *name = text_of("%s %.8s", names[i], new_id());
        REPLY r = create(ANONYMOUSLY, text_of(R"("name": "%s", "status": "caregiver")", name));
        ck_reply(&r, 201, "name", name);
    }
}
END_TEST

START_TEST(listing_pages_through_everybody_in_the_order_of_names)
{
    const char *carer = make_caregiver();
    for (int i = 0; i < 7; i++)
        make_patient(carer);
    int seen = 0;
    const char *next = NULL, *last = "";
    do {
        REPLY r = api_get(AS_GENERAL, "/api/v1/caregivers/%s/patients?limit=3%s%s", carer, next ? "&after=" : "",
                          next ? next : "");
        ck_status(&r, 200);
        size_t count = json_array_size(json_object_get(r.json, "items"));
        for (size_t i = 0; i < count; i++, seen++) {
            const char *name = kept_at(&r, text_of("items/%zu/name", i));
            ck_assert_int_lt(strcmp(last, name), 0);
            last = name;
        }
        const char *cursor = text_at(&r, "next");
        next = strcmp(cursor, "null") == 0 ? NULL : text_of("%s", cursor);
    } while (next);
    ck_assert_int_eq(seen, 7);
}
END_TEST

START_TEST(listing_filters_by_status_and_specialty)
{
    make_healthpro("geriatrician");
    REPLY r = api_get(AS_ADMIN, "/api/v1/users?status=healthpro&specialty=geriatrician&limit=200");
    ck_reply(&r, 200, "items/0/specialty", "geriatrician");
    REPLY none = api_get(AS_ADMIN, "/api/v1/users?status=patient&specialty=geriatrician");
    ck_reply(&none, 200, "items", "[]");
}
END_TEST

START_TEST(listing_refuses_limits_and_cursors_that_cannot_be)
{
    static const char *const queries[] = {"limit=0",   "limit=201", "limit=x", "limit=-1",
                                          "after=%21", "after=AA",  "after="};
    for (size_t i = 0; i < COUNT(queries); i++) {
        REPLY r = api_get(AS_ADMIN, "/api/v1/users?%s", queries[i]);
        ck_status(&r, 422);
        ck_refuses(&r, strncmp(queries[i], "limit", 5) == 0 ? "/limit" : "/after");
    }
}
END_TEST

START_TEST(patients_of_somebody_who_is_no_caregiver_are_not_found)
{
    REPLY patient = api_get(AS_ADMIN, "/api/v1/caregivers/%s/patients", make_patient(NULL));
    ck_status(&patient, 404);
    REPLY nobody = api_get(AS_ADMIN, "/api/v1/caregivers/%s/patients", new_id());
    ck_status(&nobody, 404);
    REPLY lonely = api_get(AS_ADMIN, "/api/v1/caregivers/%s/patients", make_caregiver());
    ck_reply(&lonely, 200, "items", "[]");
}
END_TEST

START_TEST(a_change_needs_the_tag_of_the_current_version)
{
    const char *id = make_patient(NULL);
    REPLY without = patch(AS_NEUROLOGIST, id, NULL, R"({"mmse": 20})");
    ck_reply(&without, 428, "type", "/problems/precondition-required");
    REPLY stale = patch(AS_NEUROLOGIST, id, R"("77")", R"({"mmse": 20})");
    ck_reply(&stale, 412, "type", "/problems/stale");
    const char *tag = etag_of(id);
    REPLY good = patch(AS_NEUROLOGIST, id, tag, R"({"mmse": 20})");
    ck_reply(&good, 200, "mmse", "20");
    REPLY again = patch(AS_NEUROLOGIST, id, tag, R"({"mmse": 19})");
    ck_status(&again, 412);
    REPLY now = api_get(AS_NEUROLOGIST, "/api/v1/users/%s", id);
    ck_reply(&now, 200, "mmse", "20");
}
END_TEST

START_TEST(a_change_touches_what_is_given_and_nothing_else)
{
    const char *carer = make_caregiver(), *id = make_patient(carer);
    REPLY mmse = patch(AS_NEUROLOGIST, id, "*", R"({"mmse": 7})");
    ck_reply(&mmse, 200, "caregiver_id", carer);
    ck_reply(&mmse, 200, "age", "70");
    REPLY age = patch(AS_NEUROLOGIST, id, "*", R"({"age": 81})");
    ck_reply(&age, 200, "age", "81");
    ck_reply(&age, 200, "birth_date_estimated", "true");
    REPLY date = patch(AS_NEUROLOGIST, id, "*", R"({"birth_date": "1945-05-08"})");
    ck_reply(&date, 200, "birth_date", "1945-05-08");
    ck_reply(&date, 200, "birth_date_estimated", "false");
    REPLY alone = patch(AS_NEUROLOGIST, id, "*", R"({"caregiver_id": null})");
    ck_reply(&alone, 200, "mmse", "7");
    ck_assert_ptr_null(text_at(&alone, "caregiver_id"));
}
END_TEST

START_TEST(a_change_refuses_members_of_another_role_and_what_is_ours)
{
    const char *id = make_patient(NULL);
    REPLY specialty = patch(AS_NEUROLOGIST, id, "*", R"({"specialty": "general"})");
    ck_refuses(&specialty, "/specialty");
    REPLY status = patch(AS_NEUROLOGIST, id, "*", R"({"status": "caregiver", "user_id": "x", "mmse": null})");
    ck_refuses(&status, "/status");
    ck_refuses(&status, "/user_id");
    REPLY nothing_left = patch(AS_NEUROLOGIST, id, "*", R"({"mmse": null, "birth_date": null, "name": null})");
    ck_status(&nothing_left, 422);
    REPLY as_patient = patch(AS_PATIENT, id, "*", R"({"mmse": 30})");
    ck_status(&as_patient, 403);
    REPLY as_nobody = patch(ANONYMOUSLY, id, "*", R"({"mmse": 30})");
    ck_status(&as_nobody, 401);
}
END_TEST

START_TEST(a_new_name_is_also_the_name_of_the_account)
{
    const char *id = make_caregiver(), *name = new_name("Renamed");
    REPLY r = patch(AS_NEUROLOGIST, id, "*", text_of(R"({"name": "%s"})", name));
    ck_reply(&r, 200, "name", name);
    ck_assert_str_eq(sql_value("SELECT name FROM auth.account WHERE id = '%s'", id), name);
    const char *taken = sql_value("SELECT name FROM users.person WHERE id <> '%s' LIMIT 1", id);
    REPLY conflict = patch(AS_NEUROLOGIST, id, "*", text_of(R"({"name": "%s"})", taken));
    ck_status(&conflict, 409);
}
END_TEST

START_TEST(a_record_that_is_known_already_is_not_sent_again)
{
    const char *id = make_patient(NULL);
    REPLY r = api_call((struct call){.method = "GET",
                                     .token = AS_ADMIN,
                                     .path = text_of("/api/v1/users/%s", id),
                                     .headers = {text_of("If-None-Match: %s", etag_of(id))}});
    ck_assert_int_eq(r.status, 304);
    ck_assert_uint_eq(r.size, 0);
}
END_TEST

START_TEST(removing_a_person_removes_the_account_and_ends_its_sessions)
{
    const char *id = make_patient(NULL), *session = new_id();
    sql_value("INSERT INTO auth.session (id, account_id, expires_at) VALUES ('%s', '%s', now() + interval '1 hour')",
              session, id);
    struct call remove = {.method = "DELETE", .token = AS_ADMIN, .path = text_of("/api/v1/users/%s", id)};
    REPLY without = api_call(remove);
    ck_status(&without, 428);
    remove.headers[0] = text_of("If-Match: %s", etag_of(id));
    REPLY gone = api_call(remove);
    ck_status(&gone, 204);
    REPLY after = api_get(AS_ADMIN, "/api/v1/users/%s", id);
    ck_status(&after, 404);
    ck_assert_str_eq(sql_value("SELECT count(*) FROM auth.account WHERE id = '%s'", id), "0");
    ck_assert_ptr_nonnull(sql_value("SELECT ended_at FROM auth.session WHERE id = '%s'", session));
}
END_TEST

START_TEST(a_caregiver_with_patients_is_not_removed)
{
    const char *carer = make_caregiver();
    make_patient(carer);
    REPLY r = api_change("DELETE", AS_ADMIN, text_of("/api/v1/users/%s", carer), NULL, "*");
    ck_reply(&r, 409, "type", "/problems/conflict");
    ck_assert_str_eq(sql_value("SELECT count(*) FROM auth.account WHERE id = '%s'", carer), "1");
}
END_TEST

START_TEST(ids_are_taken_with_and_without_hyphens_and_never_break_anything)
{
    const char *id = make_patient(NULL);
    REPLY hyphens = api_get(AS_ADMIN, "/api/v1/users/%.8s-%.4s-%.4s-%.4s-%s", id, id + 8, id + 12, id + 16, id + 20);
    ck_reply(&hyphens, 200, "user_id", id);
    static const char *const ids[] = {"1", "%2F", "..%2F..", "%00", "%ff",
                                      "'", "zz",  "-",       "%25", "99999999999999999999"};
    for (size_t i = 0; i < COUNT(ids); i++) {
        REPLY r = api_get(AS_ADMIN, "/api/v1/users/%s", ids[i]);
        ck_assert_msg(r.status == 404 || r.status == 400, "%s: %ld %s", ids[i], r.status, r.body);
    }
}
END_TEST

START_TEST(status_counts_people_and_says_who_asks)
{
    REPLY before = api_get(ANONYMOUSLY, "/api/v1/status");
    ck_status(&before, 200);
    ck_assert_ptr_null(text_at(&before, "current_user"));
    const char *id = make_healthpro("neurologist");
    make_patient(make_caregiver());
    REPLY after = api_get(token_for(id, "healthpro", "neurologist"), "/status");
    ck_assert(number_at(&after, "users") == number_at(&before, "users") + 3);
    ck_assert(number_at(&after, "patients") == number_at(&before, "patients") + 1);
    ck_assert(number_at(&after, "healthpros") == number_at(&before, "healthpros") + 1);
    ck_assert(number_at(&after, "caregivers") == number_at(&before, "caregivers") + 1);
    ck_reply(&after, 200, "current_user/specialty", "neurologist");
    ck_reply(&after, 200, "current_user/name", sql_value("SELECT name FROM users.person WHERE id = '%s'", id));
}
END_TEST

START_TEST(kept_counts_equal_counting_after_creating_changing_and_removing)
{
    const char *id = make_patient(NULL);
    make_patient(NULL);
    REPLY changed = patch(AS_ADMIN, id, "*", R"({"mmse": 3, "age": 44})");
    ck_status(&changed, 200);
    REPLY gone = api_change("DELETE", AS_ADMIN, text_of("/api/v1/users/%s", make_patient(NULL)), NULL, "*");
    ck_status(&gone, 204);
    ck_assert_str_eq(
        sql_value("SELECT count(*) FROM (SELECT birth_year, score, at_least[score + 1] AS n FROM users.mmse_tally,"
                  " generate_series(0, 30) score WHERE birth_year > 0) kept FULL JOIN (SELECT extract(year FROM "
                  "birth_date)::int AS birth_year,"
                  " score, count(*) FILTER (WHERE mmse >= score) AS n FROM users.person, generate_series(0, 30) score"
                  " WHERE status = 'patient' GROUP BY 1, 2) counted USING (birth_year, score)"
                  " WHERE coalesce(kept.n, 0) <> coalesce(counted.n, 0)"),
        "0");
}
END_TEST

int main(void)
{
    return API_TESTS(
        &users_service, a_patient_is_created_by_anyone_and_found_again,
        a_created_person_has_an_account_with_the_same_id_and_no_readable_password,
        an_age_becomes_an_estimated_date_of_birth_of_that_age, status_and_specialty_are_read_in_any_case,
        only_those_who_treat_patients_create_healthpros, members_of_another_role_are_refused_each_by_name,
        everything_that_is_wrong_is_said_at_once, a_patient_needs_a_score_and_either_an_age_or_a_date_of_birth,
        a_taken_name_is_a_conflict_in_any_case_and_leaves_nothing_behind, a_caregiver_must_exist_and_be_one,
        a_form_creates_as_json_does, the_historic_path_takes_members_from_query_form_and_json,
        a_person_is_found_by_name_in_any_case_on_both_paths, names_of_any_language_and_with_markup_are_kept_as_they_are,
        listing_pages_through_everybody_in_the_order_of_names, listing_filters_by_status_and_specialty,
        listing_refuses_limits_and_cursors_that_cannot_be, patients_of_somebody_who_is_no_caregiver_are_not_found,
        a_change_needs_the_tag_of_the_current_version, a_change_touches_what_is_given_and_nothing_else,
        a_change_refuses_members_of_another_role_and_what_is_ours, a_new_name_is_also_the_name_of_the_account,
        a_record_that_is_known_already_is_not_sent_again, removing_a_person_removes_the_account_and_ends_its_sessions,
        a_caregiver_with_patients_is_not_removed, ids_are_taken_with_and_without_hyphens_and_never_break_anything,
        status_counts_people_and_says_who_asks, kept_counts_equal_counting_after_creating_changing_and_removing);
}
