/* Tables of scores: checked first, and then written as they were checked. */
#include "services/users/assessment/assessment_import.h"
#include "tests/support/api.h"
#include "tests/support/wait.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct patient {
    const char *id, *name;
};

static struct patient make_patient(void)
{
    struct patient p = {.name = new_name("Visit")};
    REPLY made = api_post(AS_GENERAL, "/api/v1/users",
                          R"({"name": "%s", "status": "patient", "birth_date": "1950-03-01", "mmse": 24,)"
                          R"( "password": "correct horse battery"})",
                          p.name);
    ck_status(&made, 201);
    p.id = kept_at(&made, "user_id");
    return p;
}

static struct reply send_as(const char *token, const char *query, const char *table)
{
    return api_call((struct call){.method = "POST",
                                  .token = token,
                                  .path = text_of("/api/v1/assessment-imports%s", query),
                                  .type = "text/csv",
                                  .body = table,
                                  .size = strlen(table)});
}

static void ck_problem(const struct reply *r, long status, const char *pointer)
{
    ck_status(r, status);
    if (pointer)
        ck_refuses(r, pointer);
}

static void ck_counts(const struct reply *r, int create, int change, int unchanged, int wrong)
{
    const char *counts = text_of("%.0f %.0f %.0f %.0f", number_at(r, "to_create"), number_at(r, "to_change"),
                                 number_at(r, "unchanged"), number_at(r, "wrong_rows"));
    ck_assert_str_eq(counts, text_of("%d %d %d %d", create, change, unchanged, wrong));
}

/* The digest of the dry run. */
static const char *check(const char *table, int create, int change, int unchanged, int wrong)
{
    REPLY r = send_as(AS_GENERAL, "", table);
    ck_reply(&r, 200, "dry_run", "true");
    ck_counts(&r, create, change, unchanged, wrong);
    return kept_at(&r, "digest");
}

static struct reply commit(const char *token, const char *table, const char *digest, const char *more)
{
    return send_as(token, text_of("?dry_run=false&digest=%s%s", digest, more), table);
}

static void commit_table(const char *table, int create, int change, int unchanged)
{
    REPLY done = commit(AS_GENERAL, table, check(table, create, change, unchanged, 0), "");
    ck_reply(&done, 200, "dry_run", "false");
    ck_counts(&done, create, change, unchanged, 0);
}

static const char *count_of(struct patient p)
{
    return sql_value("SELECT count(*) FROM users.assessment WHERE patient_id = '%s'", p.id);
}

static const char *member_of(struct patient p, const char *day, const char *column)
{
    return sql_value("SELECT %s::text FROM users.assessment WHERE patient_id = '%s' AND assessed_on = '%s'", column,
                     p.id, day);
}

#define HEAD "patient,date,score,recall,note\n"

START_TEST(a_table_is_checked_and_then_written)
{
    struct patient a = make_patient(), b = make_patient();
    const char *table = text_of(HEAD "%s,2020-05-04,21,2,\"Tired, late\"\n%s,2020-05-05,22,,\n", a.id, b.name);
    const char *digest = check(table, 2, 0, 0, 0);
    ck_assert_str_eq(count_of(a), "1");
    REPLY done = commit(AS_GENERAL, table, digest, "");
    ck_reply(&done, 200, "dry_run", "false");
    ck_counts(&done, 2, 0, 0, 0);
    ck_assert_str_eq(member_of(a, "2020-05-04", "mmse || ' ' || recall || ' ' || note"), "21 2 Tired, late");
    ck_assert_str_eq(member_of(b, "2020-05-05", "mmse || ' ' || (recall IS NULL)"), "22 true");
}
END_TEST

START_TEST(the_same_table_once_more_changes_nothing)
{
    struct patient p = make_patient();
    const char *table = text_of(HEAD "%s,2020-05-04,21,2,\n", p.id);
    commit_table(table, 1, 0, 0);
    commit_table(table, 0, 0, 1);
    commit_table(text_of("patient;score;date\n%s;21;2020-05-04\n", p.name), 0, 0, 1);
    ck_assert_str_eq(count_of(p), "2");
    ck_assert_str_eq(member_of(p, "2020-05-04", "version"), "1");
}
END_TEST

START_TEST(another_score_of_that_day_is_a_correction)
{
    struct patient p = make_patient();
    commit_table(text_of(HEAD "%s,2020-05-04,21,2,Tired\n", p.id), 1, 0, 0);
    commit_table(text_of("patient,date,score\n%s,2020-05-04,20\n", p.id), 0, 1, 0);
    ck_assert_str_eq(member_of(p, "2020-05-04", "mmse || ' ' || recall || ' ' || note || version"), "20 2 Tired2");
    ck_assert_str_eq(
        sql_value("SELECT (record).mmse FROM users.assessment_version WHERE (record).patient_id = '%s'", p.id), "21");
}
END_TEST

START_TEST(of_several_of_a_day_none_is_guessed)
{
    struct patient p = make_patient();
    for (int mmse = 20; mmse <= 21; mmse++) {
        REPLY made = api_post(AS_GENERAL, text_of("/api/v1/patients/%s/assessments", p.id),
                              R"({"assessed_on": "2020-05-04", "mmse": %d})", mmse);
        ck_status(&made, 201);
    }
    check(text_of("patient,date,score\n%s,2020-05-04,20\n", p.id), 0, 0, 1, 0);
    REPLY r = send_as(AS_GENERAL, "", text_of("patient,date,score\n%s,2020-05-04,19\n", p.id));
    ck_counts(&r, 0, 0, 0, 1);
    ck_assert_str_eq(text_at(&r, "first_errors/0/heading"), "date");
}
END_TEST

static void ck_error(const struct reply *r, int i, int line, const char *heading, const char *value)
{
    const char *at = text_of("first_errors/%d/", i);
    ck_assert_int_eq((int)number_at(r, text_of("%sline", at)), line);
    ck_assert_str_eq(text_at(r, text_of("%sheading", at)), heading);
    ck_assert_str_eq(text_at(r, text_of("%svalue", at)), value);
}

START_TEST(errors_name_line_column_and_value)
{
    struct patient p = make_patient();
    REPLY caregiver =
        api_post(AS_GENERAL, "/api/v1/users",
                 R"({"name": "%s", "status": "caregiver", "password": "correct horse battery"})", new_name("Carer"));
    const char *carer = text_at(&caregiver, "user_id"), *nobody = new_id();
    REPLY r = send_as(AS_GENERAL, "",
                      text_of(HEAD "%s,2020-05-04,31,,\n%s,2020-02-30,21,,\n%s,2020-05-06,21,,\n%s,2020-05-06,21,,\n"
                                   "%s,2999-01-01,21,,\n%s,2020-05-07,2,3,\n%s,2020-05-08,21,,\n%s,2020-05-08,21,,\n"
                                   "%s,,21,,\n%s,2020-05-09\n",
                              p.id, p.id, nobody, carer, p.id, p.id, p.id, p.name, p.id, p.id));
    ck_reply(&r, 200, "errors", "9");
    ck_counts(&r, 1, 0, 0, 9);
    /* In a batch patients come first. */
    ck_error(&r, 1, 4, "patient", nobody);
    ck_error(&r, 2, 5, "patient", carer);
    ck_error(&r, 3, 2, "score", "31");
    ck_error(&r, 4, 3, "date", "2020-02-30");
    ck_error(&r, 5, 6, "date", "2999-01-01");
    ck_error(&r, 6, 7, "score", "2");
    ck_assert_int_eq((int)number_at(&r, "first_errors/0/line"), 11);
    ck_assert_int_eq((int)number_at(&r, "first_errors/7/line"), 9);
    ck_assert_int_eq((int)number_at(&r, "first_errors/8/line"), 10);
}
END_TEST

START_TEST(errors_are_counted_and_a_hundred_are_shown)
{
    char *table = calloc(1, 250 * 20 + 100);
    strcat(table, "patient,date,score\n");
    for (int i = 0; i < 250; i++)
        strcat(table, "Nobody,2020-01-01,1\n");
    REPLY r = send_as(AS_GENERAL, "", table);
    free(table);
    ck_reply(&r, 200, "errors", "250");
    ck_assert_uint_eq(json_array_size(json_object_get(r.json, "first_errors")), 100);
}
END_TEST

START_TEST(a_table_with_other_headings_is_refused)
{
    static const char *const tables[] = {"", "patient,date,score,mood\n", "patient,date\n", "patient,date,score,mmse\n",
                                         "patient,date,score,\n"};
    for (size_t i = 0; i < COUNT(tables); i++) {
        REPLY r = send_as(AS_GENERAL, "", tables[i]);
        ck_problem(&r, 422, NULL);
    }
}
END_TEST

START_TEST(without_the_digest_of_the_dry_run_nothing_is_written)
{
    struct patient p = make_patient();
    const char *table = text_of(HEAD "%s,2020-05-04,21,2,\n", p.id), *digest = check(table, 1, 0, 0, 0);
    REPLY none = send_as(AS_GENERAL, "?dry_run=false", table);
    ck_problem(&none, 422, "/digest");
    REPLY other_file = commit(AS_GENERAL, text_of(HEAD "%s,2020-05-04,22,2,\n", p.id), digest, "");
    ck_problem(&other_file, 409, NULL);
    ck_assert_str_eq(count_of(p), "1");
}
END_TEST

START_TEST(a_commit_after_a_change_of_the_scores_is_refused)
{
    struct patient p = make_patient();
    const char *table = text_of(HEAD "%s,2020-05-04,21,2,\n%s,2020-06-04,19,,\n", p.id, p.id);
    const char *digest = check(table, 2, 0, 0, 0);
    REPLY made = api_post(AS_GENERAL, text_of("/api/v1/patients/%s/assessments", p.id),
                          R"({"assessed_on": "2020-06-04", "mmse": 18})");
    ck_status(&made, 201);
    REPLY refused = commit(AS_GENERAL, table, digest, "");
    ck_problem(&refused, 409, NULL);
    ck_assert_str_eq(count_of(p), "2");
    commit_table(table, 1, 1, 0);
}
END_TEST

START_TEST(a_digest_is_good_for_one_time)
{
    struct patient p = make_patient();
    const char *table = text_of(HEAD "%s,2020-05-04,21,2,\n", p.id), *digest = check(table, 1, 0, 0, 0);
    REPLY first = commit(AS_GENERAL, table, digest, "");
    ck_status(&first, 200);
    REPLY second = commit(AS_GENERAL, table, digest, "");
    ck_problem(&second, 409, NULL);
    ck_assert_str_eq(count_of(p), "2");
}
END_TEST

struct commit_at_once {
    const char *token, *table, *path;
    struct reply reply;
    pthread_t thread;
};

static void *commit_it(void *context)
{
    struct commit_at_once *c = context;
    c->reply = api_call((struct call){.method = "POST",
                                      .token = c->token,
                                      .path = c->path,
                                      .type = "text/csv",
                                      .body = c->table,
                                      .size = strlen(c->table)});
    return NULL;
}

START_TEST(of_two_writers_of_the_same_table_at_once_one_succeeds)
{
    struct patient p = make_patient();
    const char *table = text_of(HEAD "%s,2020-05-04,21,2,\n", p.id), *digest = check(table, 1, 0, 0, 0);
    const char *path = text_of("/api/v1/assessment-imports?dry_run=false&digest=%s", digest), *token = AS_GENERAL;
    struct commit_at_once both[2];
    sql_value("BEGIN; SELECT 1 FROM users.person WHERE id = '%s' FOR UPDATE", p.id);
    for (int i = 0; i < 2; i++) {
        both[i] = (struct commit_at_once){.token = token, .table = table, .path = path};
        pthread_create(&both[i].thread, NULL, commit_it, &both[i]);
        WAIT_UNTIL(lock_waits() == i + 1);
    }
    sql_value("COMMIT");
    for (int i = 0; i < 2; i++)
        pthread_join(both[i].thread, NULL);
    REPLY first = both[0].reply;
    REPLY second = both[1].reply;
    ck_status(&first, 200);
    ck_status(&second, 409);
    ck_assert_str_eq(count_of(p), "2");
}
END_TEST

START_TEST(wrong_rows_are_left_out_only_when_that_is_said)
{
    struct patient p = make_patient();
    const char *table = text_of(HEAD "%s,2020-05-04,21,2,\nNobody,2020-05-04,21,,\n%s,2020-05-04,20,,\n", p.id, p.name);
    const char *digest = check(table, 1, 0, 0, 2);
    REPLY refused = commit(AS_GENERAL, table, digest, "");
    ck_problem(&refused, 409, NULL);
    ck_assert_str_eq(count_of(p), "1");
    REPLY done = commit(AS_GENERAL, table, digest, "&without_wrong_rows=true");
    ck_status(&done, 200);
    ck_assert_str_eq(member_of(p, "2020-05-04", "mmse"), "21");
}
END_TEST

START_TEST(a_table_longer_than_a_batch_is_written_as_one)
{
    enum { ROWS = 1200 };
    struct patient p = make_patient();
    char *table = calloc(1, (ROWS + 3) * 64);
    char *end = table + sprintf(table, "patient,date,score\n");
    for (int i = 0; i < ROWS; i++)
        end += sprintf(end, "%s,%d-%02d-%02d,%d\n", p.id, 1980 + i / 336, 1 + i / 28 % 12, 1 + i % 28, i % 31);
    sprintf(end, "%s,1980-01-01,9\n", p.id);
    REPLY wrong = commit(AS_GENERAL, table, check(table, ROWS, 0, 0, 1), "&without_wrong_rows=true");
    ck_status(&wrong, 200);
    *end = 0;
    commit_table(table, 0, 0, ROWS);
    free(table);
    ck_assert_str_eq(count_of(p), "1201");
}
END_TEST

START_TEST(the_latest_imported_score_is_the_patients)
{
    struct patient p = make_patient();
    const char *day = text_of("%s", sql_value("SELECT assessed_on::text FROM users.assessment WHERE patient_id = '%s'",
                                              p.id)); /* the first */
    commit_table(text_of("patient,date,score\n%s,%s,17\n%s,2020-01-01,29\n", p.id, day, p.id), 1, 1, 0);
    REPLY r = api_get(AS_GENERAL, "/api/v1/users/%s", p.id);
    ck_reply(&r, 200, "mmse", "17");
}
END_TEST

START_TEST(machines_import_and_those_concerned_do_not)
{
    struct patient p = make_patient();
    const char *table = text_of("patient,date,score\n%s,2020-05-04,21\n", p.name);
    REPLY caregiver = send_as(AS_CAREGIVER, "", table);
    ck_problem(&caregiver, 403, NULL);
    REPLY patient = send_as(token_for(p.id, "patient", NULL), "", table);
    ck_problem(&patient, 403, NULL);
    REPLY reader = send_as(client_token("people:read"), "", table);
    ck_problem(&reader, 403, NULL);
    const char *machine = client_token("people:write");
    REPLY checked = send_as(machine, "", table);
    ck_status(&checked, 200);
    REPLY done = commit(machine, table, text_at(&checked, "digest"), "");
    ck_status(&done, 200);
    ck_assert_str_eq(member_of(p, "2020-05-04", "recorded_by_role"), "client");
}
END_TEST

START_TEST(the_access_log_says_whose_scores_were_looked_at_and_written)
{
    struct patient p = make_patient();
    static const char entries[] = "SELECT string_agg(outcome, ' ' ORDER BY outcome) FROM auth.access_log"
                                  " WHERE subject_id = '%s' AND object = 'assessment' AND action = 'assessment.import'";
    const char *table = text_of("patient,date,score\n%s,2020-05-04,21\n%s,2020-05-05,21\n", p.id, p.id);
    const char *digest = check(table, 2, 0, 0, 0);
    ck_assert_str_eq(sql_value(entries, p.id), "read");
    REPLY done = commit(AS_GENERAL, table, digest, "");
    ck_status(&done, 200);
    ck_assert_str_eq(sql_value(entries, p.id), "read read written written");
}
END_TEST

/* ---- the dry run is kept ---- */

static struct reply kept(const char *token, const char *method, const char *id, const char *below, const char *body)
{
    return api_call((struct call){.method = method,
                                  .token = token,
                                  .path = text_of("/api/v1/assessment-imports/%s%s", id, below),
                                  .body = body,
                                  .headers = {strcmp(method, "DELETE") == 0 ? R"(If-Match: "1")" : NULL}});
}

/* Its id. */
static const char *keep(const char *table, int create, int change, int unchanged, int wrong)
{
    REPLY r = send_as(AS_GENERAL, "", table);
    ck_reply(&r, 200, "dry_run", "true");
    ck_counts(&r, create, change, unchanged, wrong);
    ck_assert_str_eq(header_of(&r, "Location"), text_of("/api/v1/assessment-imports/%s", text_at(&r, "import_id")));
    return text_of("%s", text_at(&r, "import_id"));
}

static void commit_kept(const char *id, const char *body, long status)
{
    REPLY r = kept(AS_GENERAL, "POST", id, "/commit", body);
    ck_status(&r, status);
    if (status == 200)
        ck_assert_str_eq(text_at(&r, "state"), "committed");
}

START_TEST(a_kept_dry_run_is_committed_once)
{
    struct patient a = make_patient(), b = make_patient();
    const char *id =
        keep(text_of(HEAD "%s,2020-05-04,21,2,\"Tired, late\"\n%s,2020-05-05,22,,\n", a.id, b.name), 2, 0, 0, 0);
    REPLY checked = kept(AS_GENERAL, "GET", id, "", NULL);
    ck_reply(&checked, 200, "state", "checked");
    ck_assert_str_eq(text_at(&checked, "/columns/2/member"), "mmse");
    ck_assert_str_eq(count_of(a), "1");
    commit_kept(id, "{}", 200);
    commit_kept(id, "{}", 200);
    ck_assert_str_eq(member_of(a, "2020-05-04", "mmse || ' ' || recall || ' ' || note"), "21 2 Tired, late");
    ck_assert_str_eq(member_of(b, "2020-05-05", "mmse || ' ' || (recall IS NULL)"), "22 true");
    id = keep(text_of("patient,date,score\n%s,2020-05-04,20\n", a.id), 0, 1, 0, 0);
    commit_kept(id, "{}", 200);
    ck_assert_str_eq(member_of(a, "2020-05-04", "mmse || ' ' || recall || ' ' || version"), "20 2 2");
    ck_assert_str_eq(sql_value("SELECT count(*) FROM shared.import_row WHERE import_id = '%s'", id), "0");
}
END_TEST

START_TEST(errors_of_a_kept_dry_run_are_paged_by_line)
{
    struct patient p = make_patient();
    const char *id =
        keep(text_of(HEAD "%s,2020-05-04,31,,\nNobody,2020-05-05,21,,\n%s,2020-05-06,21,,\n", p.id, p.id), 1, 0, 0, 2);
    REPLY first = kept(AS_GENERAL, "GET", id, "/errors?limit=1", NULL);
    ck_reply(&first, 200, "/items/0/line", "2");
    ck_assert_str_eq(text_at(&first, "/items/0/heading"), "score");
    ck_assert_str_eq(text_at(&first, "/items/0/member"), "mmse");
    ck_assert_str_eq(text_at(&first, "/items/0/value"), "31");
    REPLY second = kept(AS_GENERAL, "GET", id, text_of("/errors?after=%s", text_at(&first, "next")), NULL);
    ck_reply(&second, 200, "/items/0/detail", "is not a known patient");
    ck_assert_str_eq(text_at(&second, "next"), "null");
    ck_assert_str_ne(sql_value("SELECT count(*) FROM auth.access_log WHERE object = 'assessment_import'"
                               " AND action = 'assessment_import.errors' AND outcome = 'read'"),
                     "0");
    commit_kept(id, "{}", 409);
    ck_assert_str_eq(count_of(p), "1");
    commit_kept(id, R"({"without_wrong_rows": true})", 200);
    ck_assert_str_eq(member_of(p, "2020-05-06", "mmse"), "21");
}
END_TEST

static void record(struct patient p, const char *day, int mmse)
{
    REPLY made = api_post(AS_GENERAL, text_of("/api/v1/patients/%s/assessments", p.id),
                          R"({"assessed_on": "%s", "mmse": %d})", day, mmse);
    ck_status(&made, 201);
}

START_TEST(a_kept_dry_run_is_not_committed_when_scores_have_changed_since)
{
    struct patient p = make_patient();
    const char *table = text_of(HEAD "%s,2020-05-04,21,2,\n%s,2020-06-04,19,,\n", p.id, p.id);
    const char *create = keep(table, 2, 0, 0, 0);
    record(p, "2020-06-04", 18);
    commit_kept(create, "{}", 409);
    const char *change = keep(table, 1, 1, 0, 0);
    sql_value("UPDATE users.assessment SET mmse = 17 WHERE patient_id = '%s' AND assessed_on = '2020-06-04'", p.id);
    commit_kept(change, "{}", 409);
    const char *ambiguous = keep(table, 1, 1, 0, 0);
    record(p, "2020-06-04", 16);
    commit_kept(ambiguous, "{}", 409);
    ck_assert_str_eq(count_of(p), "3");
    ck_assert_ptr_null(member_of(p, "2020-05-04", "mmse"));
}
END_TEST

START_TEST(a_kept_dry_run_is_discarded_or_expires)
{
    struct patient p = make_patient();
    const char *table = text_of(HEAD "%s,2020-05-04,21,2,\n", p.id);
    const char *discarded = keep(table, 1, 0, 0, 0), *expired = keep(table, 1, 0, 0, 0);
    REPLY gone = kept(AS_GENERAL, "DELETE", discarded, "", NULL);
    ck_assert_int_eq(gone.status, 204);
    REPLY absent = kept(AS_GENERAL, "GET", discarded, "", NULL);
    ck_status(&absent, 404);
    sql_value("UPDATE shared.import SET expires_at = now() - interval '1 second' WHERE id = '%s'", expired);
    commit_kept(expired, "{}", 404);
    REPLY late = kept(AS_GENERAL, "GET", expired, "/errors", NULL);
    ck_status(&late, 404);
    WAIT_UNTIL(strcmp(sql_value("SELECT count(*) FROM shared.import WHERE id = '%s'", expired), "0") == 0);
    ck_assert_str_eq(count_of(p), "1");
}
END_TEST

START_TEST(kept_dry_runs_are_listed_by_kind_newest_first)
{
    struct patient p = make_patient();
    const char *table = text_of(HEAD "%s,2020-05-04,21,2,\n", p.id);
    const char *older = keep(table, 1, 0, 0, 0), *newer = keep(table, 1, 0, 0, 0);
    sql_value("UPDATE shared.import SET created_at = created_at + CASE WHEN id = '%s' THEN interval '1 s'"
              " ELSE interval '2 s' END WHERE id IN ('%s', '%s')",
              older, older, newer); /* later than those of other scenes, and than each other */
    REPLY first = api_get(AS_GENERAL, "/api/v1/assessment-imports?limit=1");
    ck_reply(&first, 200, "/items/0/import_id", newer);
    REPLY second = api_get(AS_GENERAL, "/api/v1/assessment-imports?limit=1&after=%s", text_at(&first, "next"));
    ck_reply(&second, 200, "/items/0/import_id", older);
    REPLY tumours = api_get(AS_GENERAL, "/api/v1/tumour-imports");
    ck_status(&tumours, 200);
    ck_assert_ptr_null(strstr(tumours.body, newer));
    REPLY other_kind = api_get(AS_GENERAL, "/api/v1/tumour-imports/%s", newer);
    ck_status(&other_kind, 404);
}
END_TEST

/* As for tumours: those who write scores work on one another's files, and nobody else sees them. */
START_TEST(somebody_elses_dry_run_is_for_those_who_write_scores)
{
    static const struct {
        const char *method, *below;
    } ways[] = {{"GET", ""}, {"GET", "/errors"}, {"POST", "/commit"}, {"DELETE", ""}};
    struct patient p = make_patient();
    const char *id = keep(text_of(HEAD "%s,2020-05-04,21,2,\n", p.id), 1, 0, 0, 0);
    const char *const others[] = {token_for(p.id, "patient", NULL), AS_CAREGIVER, AS_RESEARCHER,
                                  client_token("people:read")};
    for (size_t i = 0; i < COUNT(others); i++)
        for (size_t j = 0; j < COUNT(ways); j++) {
            REPLY refused = kept(others[i], ways[j].method, id, ways[j].below, *ways[j].method == 'P' ? "{}" : NULL);
            ck_status(&refused, 403);
        }
    ck_assert_str_eq(count_of(p), "1");
    REPLY seen = kept(AS_NEUROLOGIST, "GET", id, "", NULL);
    ck_reply(&seen, 200, "state", "checked");
    REPLY done = kept(client_token("people:write"), "POST", id, "/commit", "{}");
    ck_reply(&done, 200, "state", "committed");
    ck_assert_str_eq(member_of(p, "2020-05-04", "recorded_by_role"), "client");
}
END_TEST

int main(void)
{
    setenv("SWEEP_SECONDS", "1", 1);
    return API_TESTS(
        &users_service, a_table_is_checked_and_then_written, the_same_table_once_more_changes_nothing,
        another_score_of_that_day_is_a_correction, of_several_of_a_day_none_is_guessed,
        errors_name_line_column_and_value, errors_are_counted_and_a_hundred_are_shown,
        a_table_with_other_headings_is_refused, without_the_digest_of_the_dry_run_nothing_is_written,
        a_commit_after_a_change_of_the_scores_is_refused, a_digest_is_good_for_one_time,
        of_two_writers_of_the_same_table_at_once_one_succeeds, wrong_rows_are_left_out_only_when_that_is_said,
        a_table_longer_than_a_batch_is_written_as_one, the_latest_imported_score_is_the_patients,
        machines_import_and_those_concerned_do_not, the_access_log_says_whose_scores_were_looked_at_and_written,
        a_kept_dry_run_is_committed_once, errors_of_a_kept_dry_run_are_paged_by_line,
        a_kept_dry_run_is_not_committed_when_scores_have_changed_since, a_kept_dry_run_is_discarded_or_expires,
        kept_dry_runs_are_listed_by_kind_newest_first, somebody_elses_dry_run_is_for_those_who_write_scores);
}
