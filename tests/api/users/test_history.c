/* Earlier versions of people's records, and their authors. */
#include "tests/services.h"
#include "tests/support/api.h"
#include "tests/support/wait.h"

#include <libpq-fe.h>
#include <string.h>

static const char *make_person(const char *token, const char *members)
{
    REPLY made = api_post(token, "/api/v1/users", R"({"name": "%s", "password": "four words or so", %s})",
                          new_name("Hist"), members);
    ck_status(&made, 201);
    return kept_at(&made, "user_id");
}

static const char *make_patient(void)
{
    return make_person(AS_GENERAL, R"("status": "patient", "birth_date": "1950-03-01", "mmse": 24)");
}

static struct reply change(const char *token, const char *id, const char *body)
{
    return api_change("PATCH", token, text_of("/api/v1/users/%s", id), body, "*");
}

static void change_score(const char *id, int mmse)
{
    REPLY r = change(AS_GENERAL, id, text_of(R"({"mmse": %d})", mmse));
    ck_reply(&r, 200, "mmse", text_of("%d", mmse));
}

static void remove_person(const char *token, const char *id)
{
    REPLY r = api_change("DELETE", token, text_of("/api/v1/users/%s", id), NULL, "*");
    ck_status(&r, 204);
}

static struct reply history(const char *token, const char *id)
{
    return api_get(token, "/api/v1/users/%s/history", id);
}

static struct reply as_of(const char *token, const char *id, const char *time)
{
    return api_get(token, "/api/v1/users/%s?as_of=%s", id, time);
}

static const char *item(const struct reply *r, int i, const char *member)
{
    return text_at(r, text_of("items/%d/%s", i, member));
}

/* That time and so many microseconds later, as PostgreSQL prints it: without zeros at the end. */
static const char *later(const char *time, int us)
{
    return sql_value("SELECT regexp_replace(to_char('%s'::timestamptz + %d * interval '1 microsecond', "
                     R"('YYYY-MM-DD"T"HH24:MI:SS.US'),)"
                     " '\\.?0*$', '') || 'Z'",
                     time, us);
}

START_TEST(each_version_says_what_held_when_who_made_it_and_how)
{
    const char *maker = new_id(), *changer = new_id();
    const char *id = make_person(token_for(maker, "healthpro", "general"),
                                 R"("status": "patient", "birth_date": "1950-03-01", "mmse": 24)");
    REPLY changed = change(token_for(changer, "admin", NULL), id, R"({"mmse": 20})");
    REPLY r = history(AS_GENERAL, id);
    ck_reply(&r, 200, "next", "null");
    ck_assert_uint_eq(json_array_size(json_object_get(r.json, "items")), 2);
    ck_assert_str_eq(item(&r, 0, "version"), "2");
    ck_assert_str_eq(item(&r, 0, "kind"), "changed");
    ck_assert_str_eq(item(&r, 0, "mmse"), "20");
    ck_assert_str_eq(item(&r, 0, "changed_by"), changer);
    ck_assert_str_eq(item(&r, 0, "changed_by_role"), "admin");
    ck_assert_str_eq(item(&r, 0, "valid_from"), text_at(&changed, "updated_at"));
    ck_assert_str_eq(item(&r, 0, "valid_until"), "null");
    ck_assert_str_eq(item(&r, 1, "version"), "1");
    ck_assert_str_eq(item(&r, 1, "kind"), "created");
    ck_assert_str_eq(item(&r, 1, "mmse"), "24");
    ck_assert_str_eq(item(&r, 1, "user_id"), id);
    ck_assert_str_eq(item(&r, 1, "birth_date"), "1950-03-01");
    ck_assert_str_eq(item(&r, 1, "changed_by"), maker);
    ck_assert_str_eq(item(&r, 1, "changed_by_role"), "healthpro");
    ck_assert_str_eq(item(&r, 1, "valid_from"), item(&r, 1, "created_at"));
    ck_assert_str_eq(item(&r, 1, "valid_until"), item(&r, 0, "valid_from"));
}
END_TEST

START_TEST(the_account_that_signs_up_made_the_first_version)
{
    const char *id = make_person(ANONYMOUSLY, R"("status": "patient", "age": 70, "mmse": 24)");
    REPLY r = history(token_for(id, "patient", NULL), id);
    ck_reply(&r, 200, "items/0/changed_by", id);
    ck_reply(&r, 200, "items/0/changed_by_role", "patient");
}
END_TEST

START_TEST(nobody_made_what_an_operator_changed)
{
    const char *id = make_patient();
    sql_value("UPDATE users.person SET mmse = 1 WHERE id = '%s'", id);
    REPLY r = history(AS_GENERAL, id);
    ck_reply(&r, 200, "items/0/mmse", "1");
    ck_reply(&r, 200, "items/0/version", "2");
    ck_reply(&r, 200, "items/0/changed_by", "null");
    ck_reply(&r, 200, "items/0/changed_by_role", "null");
}
END_TEST

START_TEST(a_record_is_shown_as_it_was_with_the_tag_it_had)
{
    const char *id = make_patient();
    change_score(id, 20);
    REPLY r = history(AS_GENERAL, id);
    const char *made = item(&r, 1, "valid_from"), *changed = item(&r, 0, "valid_from");
    const struct {
        const char *time, *mmse, *tag, *updated_at;
    } cases[] = {{made, "24", TAG(1), made},
                 {later(changed, -1), "24", TAG(1), made},
                 {changed, "20", TAG(2), changed},
                 {later(changed, 1), "20", TAG(2), changed}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        REPLY then = as_of(AS_GENERAL, id, cases[i].time);
        ck_reply(&then, 200, "mmse", cases[i].mmse);
        ck_reply(&then, 200, "updated_at", cases[i].updated_at);
        ck_assert_str_eq(header_of(&then, "ETag"), cases[i].tag);
    }
    REPLY before = as_of(AS_GENERAL, id, later(made, -1));
    ck_reply(&before, 404, "type", "/problems/not-found");
    REPLY known = api_call((struct call){.method = "GET",
                                         .token = AS_GENERAL,
                                         .path = text_of("/api/v1/users/%s?as_of=%s", id, made),
                                         .headers = {R"(If-None-Match: "1")"}});
    ck_assert_int_eq(known.status, 304);
}
END_TEST

START_TEST(the_age_is_that_of_then)
{
    const char *id = make_patient();
    sql_value("ALTER TABLE users.person DISABLE TRIGGER USER;"
              " UPDATE users.person SET birth_date = (now() AT TIME ZONE 'UTC' - interval '72 years 6 months')::date,"
              " created_at = now() - interval '2 years', updated_at = now() - interval '2 years' WHERE id = '%s';"
              " ALTER TABLE users.person ENABLE TRIGGER USER",
              id);
    REPLY now = api_get(AS_GENERAL, "/api/v1/users/%s", id);
    ck_reply(&now, 200, "age", "72");
    static const struct {
        int days;
        const char *age;
    } birthdays[] = {{-1, "70"}, {0, "71"}, {1, "71"}};
    for (size_t i = 0; i < COUNT(birthdays); i++) {
        REPLY then = as_of(AS_GENERAL, id,
                           sql_value("SELECT to_char(birth_date + interval '71 years' + %d * interval '1 day',"
                                     R"( 'YYYY-MM-DD"T12:00:00Z"') FROM users.person WHERE id = '%s')",
                                     birthdays[i].days, id));
        ck_reply(&then, 200, "age", birthdays[i].age);
    }
}
END_TEST

START_TEST(times_that_are_to_come_or_none_are_refused)
{
    const char *id = make_patient();
    static const char *const times[] = {"9999-12-31T23:59:60Z", "2999-01-01T00:00:00%2B14:00", "yesterday", "",
                                        "infinity"};
    for (size_t i = 0; i < COUNT(times); i++) {
        REPLY r = as_of(AS_GENERAL, id, times[i]);
        ck_reply(&r, 422, "type", "/problems/invalid");
        ck_refuses(&r, "/as_of");
    }
    const char *future[] = {"2999-01-01T00:00:00Z", later(sql_value("SELECT now()"), 60 * 1000 * 1000)};
    for (size_t i = 0; i < COUNT(future); i++) {
        REPLY r = as_of(AS_GENERAL, id, future[i]);
        ck_reply(&r, 422, "errors/0/detail", "must not be in the future");
    }
    REPLY ahead = as_of(AS_GENERAL, id, later(sql_value("SELECT now()"), 500 * 1000));
    ck_reply(&ahead, 200, "user_id", id); /* by the clock of another processor that time has come */
    REPLY long_ago = as_of(AS_GENERAL, id, "0001-01-01T00:00:00%2B14:00");
    ck_status(&long_ago, 404);
    REPLY offset = as_of(AS_GENERAL, id, "2020-01-01T00:00:00.123456789-14:00");
    ck_status(&offset, 404);
}
END_TEST

START_TEST(a_long_history_is_paged_newest_first)
{
    const char *id = make_patient();
    for (int mmse = 1; mmse <= 6; mmse++)
        change_score(id, mmse);
    const char *next = "";
    int expected = 7;
    do {
        REPLY r = api_get(AS_GENERAL, "/api/v1/users/%s/history?limit=3%s", id, next);
        ck_status(&r, 200);
        size_t count = json_array_size(json_object_get(r.json, "items"));
        for (size_t i = 0; i < count; i++)
            ck_assert_str_eq(item(&r, (int)i, "version"), text_of("%d", expected--));
        const char *cursor = text_at(&r, "next");
        next = strcmp(cursor, "null") == 0 ? NULL : text_of("&after=%s", cursor);
    } while (next);
    ck_assert_int_eq(expected, 0);
    REPLY invented = api_get(AS_GENERAL, "/api/v1/users/%s/history?after=eA", id); /* "x" */
    ck_reply(&invented, 200, "items/0/version", "7");
    REPLY none = api_get(AS_GENERAL, "/api/v1/users/%s/history?after=IQ", id); /* "!" */
    ck_status(&none, 404);
}
END_TEST

/* As superuser: for each person of that id, is each version longer than nothing and followed by the next at once? */
static void ck_chained(const char *id)
{
    ck_assert_str_eq(sql_value("SELECT bool_and(valid_until > valid_from IS NOT FALSE AND"
                               " valid_until IS NOT DISTINCT FROM next) FROM (SELECT *, lead(valid_from) OVER"
                               " (ORDER BY version) AS next FROM users.person_history WHERE id = '%s') v",
                               id),
                     "t");
}

START_TEST(versions_of_one_transaction_follow_each_other_by_a_microsecond)
{
    const char *id = make_patient();
    sql_value(
        "BEGIN; UPDATE users.person SET mmse = 3 WHERE id = '%s'; UPDATE users.person SET mmse = 2 WHERE id = '%s';"
        " UPDATE users.person SET mmse = 1 WHERE id = '%s'; COMMIT",
        id, id, id);
    ck_assert_str_eq(sql_value("SELECT count(*) || ' ' || max(valid_from) - min(valid_from) FROM users.person_history"
                               " WHERE id = '%s' AND version > 1",
                               id),
                     "3 00:00:00.000002");
    ck_chained(id);
    REPLY r = history(AS_GENERAL, id);
    REPLY second = as_of(AS_GENERAL, id, item(&r, 1, "valid_from"));
    ck_reply(&second, 200, "mmse", "2");
}
END_TEST

START_TEST(a_transaction_that_began_earlier_and_changes_later_makes_the_later_version)
{
    const char *id = make_patient();
    PGconn *early = PQconnectdb(text_of("%s", database_url("mnemos_owner")));
    PGresult *begun = PQexec(early, "BEGIN; SELECT now()");
    const char *past = text_of("%s", PQgetvalue(begun, 0, 0));
    PQclear(begun);
    WAIT_UNTIL(strcmp(sql_value("SELECT clock_timestamp() > timestamptz '%s' + interval '0.2 s'", past), "t") == 0);
    change_score(id, 20);
    PQclear(PQexec(early, text_of("UPDATE users.person SET mmse = 5 WHERE id = '%s'; COMMIT", id)));
    PQfinish(early);
    REPLY r = history(AS_GENERAL, id);
    ck_reply(&r, 200, "items/0/mmse", "5");
    ck_assert_str_eq(item(&r, 0, "valid_from"), later(item(&r, 1, "valid_from"), 1));
    ck_chained(id);
}
END_TEST

START_TEST(a_record_created_and_removed_at_once_has_a_history_too)
{
    const char *id = new_id();
    sql_value("BEGIN; INSERT INTO users.person (id, name, status) VALUES ('%s', '%s', 'caregiver');"
              " DELETE FROM users.person WHERE id = '%s'; COMMIT",
              id, new_name("Short"), id);
    REPLY r = history(AS_ADMIN, id);
    ck_reply(&r, 200, "items/0/kind", "removed");
    ck_reply(&r, 200, "items/1/kind", "created");
    ck_chained(id);
}
END_TEST

START_TEST(only_administrators_see_the_history_of_a_removed_person)
{
    const char *id = make_patient(), *remover = new_id();
    change_score(id, 9);
    remove_person(token_for(remover, "healthpro", "general"), id);
    REPLY r = history(AS_ADMIN, id);
    ck_reply(&r, 200, "items/0/kind", "removed");
    ck_reply(&r, 200, "items/0/version", "3");
    ck_reply(&r, 200, "items/0/changed_by", remover);
    ck_reply(&r, 200, "items/0/mmse", "9");
    ck_reply(&r, 200, "items/0/valid_until", "null");
    const char *removed = item(&r, 0, "valid_from");
    ck_assert_str_eq(item(&r, 1, "valid_until"), removed);
    ck_chained(id);
    REPLY last = as_of(AS_SUPERUSER, id, later(removed, -1));
    ck_reply(&last, 200, "mmse", "9");
    REPLY after = as_of(AS_SUPERUSER, id, removed);
    ck_status(&after, 404);
    const char *others[] = {AS_GENERAL, token_for(id, "patient", NULL), AS_CAREGIVER, client_token("people:read")};
    for (size_t i = 0; i < COUNT(others); i++) {
        REPLY gone = history(others[i], id);
        ck_reply(&gone, 404, "type", "/problems/not-found");
        REPLY then = as_of(others[i], id, later(removed, -1));
        ck_status(&then, 404);
    }
}
END_TEST

/* People come back later, and not while the clock has the time of the removal. */
static void let_an_hour_pass(const char *id)
{
    sql_value("UPDATE users.person_version SET valid_from = valid_from - interval '1 hour',"
              " valid_until = valid_until - interval '1 hour' WHERE id = '%s'",
              id);
}

START_TEST(the_name_and_id_of_a_removed_person_are_free_again)
{
    const char *name = new_name("Again"), *id = new_id();
    for (int round = 0; round < 2; round++) {
        sql_value("INSERT INTO users.person (id, name, status) VALUES ('%s', '%s', 'caregiver')", id, name);
        sql_value("UPDATE users.person SET name = name WHERE id = '%s'", id);
        sql_value("DELETE FROM users.person WHERE id = '%s'", id);
        let_an_hour_pass(id);
    }
    sql_value("INSERT INTO users.person (id, name, status) VALUES ('%s', '%s', 'caregiver')", id, name);
    REPLY r = history(AS_ADMIN, id);
    ck_assert_uint_eq(json_array_size(json_object_get(r.json, "items")), 7);
    ck_reply(&r, 200, "items/0/kind", "created");
    ck_reply(&r, 200, "items/1/kind", "removed");
    ck_reply(&r, 200, "items/4/kind", "removed");
    REPLY between = as_of(AS_ADMIN, id, item(&r, 4, "valid_from"));
    ck_status(&between, 404);
    REPLY now = as_of(AS_ADMIN, id, item(&r, 0, "valid_from"));
    ck_reply(&now, 200, "name", name);
    REPLY other = api_post(AS_GENERAL, "/api/v1/users",
                           R"({"name": "%s x", "status": "caregiver", "password": "four words or so"})", name);
    remove_person(AS_ADMIN, text_at(&other, "user_id"));
    REPLY same = api_post(AS_GENERAL, "/api/v1/users",
                          R"({"name": "%s X", "status": "caregiver", "password": "four words or so"})", name);
    ck_status(&same, 201);
}
END_TEST

START_TEST(caregivers_see_the_history_of_those_in_their_care_now)
{
    const char *first = make_person(AS_GENERAL, R"("status": "caregiver")");
    const char *second = make_person(AS_GENERAL, R"("status": "caregiver")");
    const char *id = make_patient();
    const char *carers[] = {first, second};
    for (int now = 0; now < 2; now++) {
        REPLY moved = change(AS_GENERAL, id, text_of(R"({"caregiver_id": "%s"})", carers[now]));
        ck_status(&moved, 200);
        REPLY made = history(AS_GENERAL, id);
        const char *then = item(&made, 0, "valid_from");
        for (int asking = 0; asking < 2; asking++) {
            const char *token = token_for(carers[asking], "caregiver", NULL);
            REPLY r = history(token, id), old = as_of(token, id, then);
            ck_assert_int_eq(r.status, asking == now ? 200 : 404);
            ck_assert_int_eq(old.status, asking == now ? 200 : 404);
        }
    }
    REPLY colleague = history(AS_PATIENT, id);
    ck_status(&colleague, 404);
    REPLY researcher = history(AS_RESEARCHER, id);
    ck_status(&researcher, 403);
    REPLY nobody = history(ANONYMOUSLY, id);
    ck_status(&nobody, 401);
}
END_TEST

static const char *entries(const char *id, const char *action, const char *outcome)
{
    return sql_value(
        "SELECT count(*) FROM auth.access_log WHERE subject_id = '%s' AND action = '%s' AND outcome = '%s'", id, action,
        outcome);
}

START_TEST(reading_a_history_is_one_entry_in_the_access_log)
{
    const char *id = make_patient();
    change_score(id, 3);
    REPLY r = history(AS_GENERAL, id);
    ck_status(&r, 200);
    ck_assert_str_eq(entries(id, "person.history", "read"), "1");
    REPLY then = as_of(AS_GENERAL, id, item(&r, 1, "valid_from"));
    ck_status(&then, 200);
    ck_assert_str_eq(entries(id, "person.read", "read"), "1");
    REPLY other = history(AS_PATIENT, id);
    ck_status(&other, 404);
    ck_assert_str_eq(entries(id, "person.history", "absent"), "1");
    REPLY early = as_of(AS_GENERAL, id, "2001-01-01T00:00:00Z");
    ck_status(&early, 404);
    ck_assert_str_eq(entries(id, "person.read", "absent"), "1");
}
END_TEST

/* The SQLSTATE of a statement for a superuser who asks through that service; "00000" when nothing is wrong. */
static const char *state_as(const char *service, const char *sql)
{
    PGconn *pg = PQconnectdb(database_url(service));
    PQclear(PQexec(pg, "SELECT set_config('mnemos.role', 'superuser', false)"));
    PGresult *r = PQexec(pg, sql);
    const char *code = PQresultErrorField(r, PG_DIAG_SQLSTATE);
    code = text_of("%s", code ? code : "00000");
    PQclear(r);
    PQfinish(pg);
    return code;
}

START_TEST(services_read_the_history_and_cannot_rewrite_it)
{
    static const char *const forbidden[] = {"UPDATE users.person_version SET mmse = 1",
                                            "DELETE FROM users.person_version",
                                            "TRUNCATE users.person_version",
                                            "INSERT INTO users.person_version (id) VALUES (gen_random_uuid())",
                                            "UPDATE users.person SET changed_by = NULL",
                                            "INSERT INTO users.person (id, name, status, changed_by)"
                                            " VALUES (gen_random_uuid(), 'x', 'caregiver', gen_random_uuid())",
                                            "ALTER TABLE users.person DISABLE TRIGGER person_change_kept"};
    ck_assert_str_eq(state_as("mnemos_users", "SELECT FROM users.person_version"), "00000");
    for (size_t i = 0; i < COUNT(forbidden); i++)
        ck_assert_str_eq(state_as("mnemos_users", forbidden[i]), "42501");
    for (size_t i = 0; i < COUNT(services); i++)
        if (services[i] != &users_service)
            ck_assert_str_eq(state_as(text_of("mnemos_%s", services[i]->name), "SELECT FROM users.person_version"),
                             "42501");
}
END_TEST

START_TEST(a_service_does_not_decide_about_version_and_time)
{
    const char *id = make_patient(), *before = clock_before();
    ck_assert_str_eq(state_as("mnemos_users", text_of("UPDATE users.person SET version = 77, updated_at = '2001-01-01'"
                                                      " WHERE id = '%s'",
                                                      id)),
                     "00000");
    ck_assert_str_eq(sql_value("SELECT version || ' ' || (updated_at >= '%s') FROM users.person"
                               " WHERE id = '%s'",
                               before, id),
                     "2 true");
}
END_TEST

START_TEST(without_a_caller_no_history_is_seen)
{
    make_patient();
    PGconn *pg = PQconnectdb(database_url("mnemos_users"));
    PGresult *r = PQexec(pg, "SELECT FROM users.person_history");
    ck_assert_int_eq(PQntuples(r), 0);
    PQclear(r);
    PQfinish(pg);
}
END_TEST

int main(void)
{
    return API_TESTS(
        &users_service, each_version_says_what_held_when_who_made_it_and_how,
        the_account_that_signs_up_made_the_first_version, nobody_made_what_an_operator_changed,
        a_record_is_shown_as_it_was_with_the_tag_it_had, the_age_is_that_of_then,
        times_that_are_to_come_or_none_are_refused, a_long_history_is_paged_newest_first,
        versions_of_one_transaction_follow_each_other_by_a_microsecond,
        a_transaction_that_began_earlier_and_changes_later_makes_the_later_version,
        a_record_created_and_removed_at_once_has_a_history_too, only_administrators_see_the_history_of_a_removed_person,
        the_name_and_id_of_a_removed_person_are_free_again, caregivers_see_the_history_of_those_in_their_care_now,
        reading_a_history_is_one_entry_in_the_access_log, services_read_the_history_and_cannot_rewrite_it,
        a_service_does_not_decide_about_version_and_time, without_a_caller_no_history_is_seen);
}
