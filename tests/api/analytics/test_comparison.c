#include "services/analytics/comparison/comparison.h"
#include "tests/support/api.h"
#include "tests/support/registry.h"
#include "tests/support/trial.h"
#include "tests/support/wait.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define PATH      "/api/v1/treatment-comparisons"
#define FOR_DEATH R"("outcome": "death")"
#define ADJUSTED  R"("covariates": ["age_at_operation", "gender", "pn", "grading"])"
#define WHAT_IF \
    R"("profile": {"gender": "female", "age_at_operation": 60, "pt": "T3", "pn": "N1", "grading": "G2",)" \
    R"( "cardiac_disease": "no"})"

static const char *one_patient(void)
{
    return registry_add("gender, age_at_operation, pt, pn, grading, cardiac_disease",
                        "'female', 60, 'T3', 'N1', 'G2', 'no'");
}

static struct reply compare_as(const char *token, const char *body)
{
    return api_call((struct call){.method = "POST", .token = token, .path = PATH, .body = body});
}

static const char *made(const struct reply *r)
{
    ck_status(r, 201);
    return text_of("%s/%s", PATH, text_at(r, "comparison_id"));
}

static void ck_near(const struct reply *r, const char *pointer, double expected, double relative)
{
    double found = number_at(r, pointer);
    ck_assert_msg(fabs(found / expected - 1) < relative, "%s: %.12g instead of %.12g", pointer, found, expected);
}

START_TEST(a_comparison_for_a_patient_is_answered_and_kept)
{
    registry_fill();
    const char *tumour = one_patient();
    REPLY r = compare_as(AS_GENERAL, text_of(R"({"tumour_id": "%s", )" FOR_DEATH ", " ADJUSTED "}", tumour));
    const char *path = made(&r);
    ck_assert_str_eq(header_of(&r, "Location"), path);
    ck_reply(&r, 201, "tumour_id", tumour);
    ck_reply(&r, 201, "cohort/registered", "929");
    ck_reply(&r, 201, "cohort/compared", "929");
    ck_reply(&r, 201, "request/cohort/rule", "all");
    REPLY again = api_get(AS_NEUROLOGIST, "%s", path);
    ck_status(&again, 200);
    ck_assert(strcmp(again.body, r.body) == 0); /* too long for a message */
    ck_assert_str_eq(header_of(&again, "ETag"), header_of(&r, "ETag"));
}
END_TEST

/* R's values of the trial, in days (tests/data/survival/curves.json). */
START_TEST(the_answer_has_the_figures_that_are_known_of_the_trial)
{
    registry_fill();
    REPLY r = compare_as(AS_GENERAL, "{" WHAT_IF ", " FOR_DEATH ", " ADJUSTED "}");
    ck_reply(&r, 201, "answer/patients", "929");
    static const char *const patients[] = {"315", "310", "304"}, *const events[] = {"168", "161", "123"};
    /* The catalogue's order: none, bevacizumab_combination, capecitabine_or_5fu_fa, folfox_or_xelox. */
    static const int place[] = {0, 2, 3};
    for (int i = 0; i < 3; i++) {
        ck_reply(&r, 201, text_of("answer/arms/%d/arm", place[i]), registry_arms[i]);
        ck_reply(&r, 201, text_of("answer/arms/%d/patients", place[i]), patients[i]);
        ck_reply(&r, 201, text_of("answer/arms/%d/events", place[i]), events[i]);
    }
    ck_reply(&r, 201, "answer/arms/1/arm", "bevacizumab_combination");
    ck_reply(&r, 201, "answer/arms/1/patients", "0");
    ck_reply(&r, 201, "answer/arms/1/unadjusted", "null");
    ck_near(&r, "/answer/arms/0/unadjusted/median/time", 2083 / 30.4375, 1e-9);
    ck_near(&r, "/answer/arms/2/unadjusted/median/time", 2152 / 30.4375, 1e-9);
    json_t *logrank = trial_at(trial_reference("curves.json"), "logrank", "rx", NULL);
    ck_member(logrank, "chisq", number_at(&r, "/answer/logrank/chi_square"), 1e-9);
    ck_member(logrank, "p", number_at(&r, "/answer/logrank/p"), 1e-9);
}
END_TEST

START_TEST(the_patients_own_curve_stands_under_each_treatment_that_has_patients)
{
    registry_fill();
    REPLY r = compare_as(AS_GENERAL, "{" WHAT_IF ", " FOR_DEATH ", " ADJUSTED "}");
    ck_reply(&r, 201, "answer/predictions/0/arm", "none");
    ck_reply(&r, 201, "answer/predictions/0/state", "done");
    double without = number_at(&r, "/answer/predictions/0/survival_at/3/survival");
    double with = number_at(&r, "/answer/predictions/3/survival_at/3/survival");
    ck_assert_msg(without > 0.3 && without < with && with < 0.9, "%g %g", without, with);
    ck_assert_str_eq(text_at(&r, "/answer/predictions/1/state"), "not_in_model");
    REPLY unknown = compare_as(AS_GENERAL, R"({"profile": {"gender": "male"}, )" FOR_DEATH ", " ADJUSTED "}");
    ck_reply(&unknown, 201, "answer/predictions/0/state", "not_known");
    ck_reply(&unknown, 201, "answer/predictions/0/missing", "age_at_operation");
}
END_TEST

START_TEST(the_verdict_says_which_treatment_or_why_none)
{
    registry_fill();
    REPLY r = compare_as(AS_GENERAL, "{" WHAT_IF ", " FOR_DEATH ", " ADJUSTED "}");
    ck_reply(&r, 201, "answer/verdict/arm", "folfox_or_xelox");
    ck_assert_str_eq(text_at(&r, "/verdict"), text_at(&r, "/answer/verdict/decision"));
    bool recommended = strcmp(text_at(&r, "/verdict"), "recommended") == 0;
    ck_assert_str_eq(text_at(&r, "/recommended"), recommended ? "folfox_or_xelox" : "null");
    ck_assert_ptr_nonnull(strstr(text_at(&r, "/answer/historic/label"), "Historic"));
    sql_value("TRUNCATE users.tumour, users.tumour_treatment");
    REPLY empty = compare_as(AS_GENERAL, "{" WHAT_IF ", " FOR_DEATH ", " ADJUSTED "}");
    ck_reply(&empty, 201, "verdict", "insufficient_evidence");
    ck_reply(&empty, 201, "recommended", "null");
    ck_reply(&empty, 201, "answer/verdict/reasons/0/code", "no_patients");
}
END_TEST

START_TEST(each_patient_left_out_is_counted_under_one_reason)
{
    registry_fill();
    registry_add("gender", "'male'");
    registry_add("gender, treatment", "'male', 'none'");
    registry_add("gender, treatment, vital_status", "'male', 'none', 'dead'");
    registry_add("gender, treatment, overall_survival_months", "'male', 'none', 12");
    registry_add("gender, overall_survival_months, vital_status", "'male', 12, 'alive'");
    REPLY r = compare_as(AS_GENERAL, "{" WHAT_IF ", " FOR_DEATH ", " ADJUSTED
                                     R"(, "cohort": {"rule": "all_of", "criteria": ["gender", "pn"]}})");
    ck_reply(&r, 201, "cohort/registered", "934");
    ck_reply(&r, 201, "cohort/without_treatment", "2");
    ck_reply(&r, 201, "cohort/without_outcome", "3");
    double compared = number_at(&r, "/cohort/compared"), not_alike = number_at(&r, "/cohort/not_alike");
    ck_assert_double_eq(compared + not_alike, 929);
    ck_assert_double_eq(compared, number_at(&r, "/answer/patients"));
    ck_assert_double_gt(compared, 50);
    ck_assert_double_gt(not_alike, 50);
}
END_TEST

/* Two patients have no positive node, none of them in one of the arms: they have no likes there. */
START_TEST(patients_whose_covariates_are_unknown_or_without_likes_are_counted_and_left_out)
{
    registry_fill();
    REPLY r = compare_as(AS_GENERAL, "{" WHAT_IF ", " FOR_DEATH ", " ADJUSTED "}");
    ck_reply(&r, 201, "cohort/without_likes/0/covariate", "pn");
    ck_reply(&r, 201, "cohort/without_likes/0/value", "N0");
    ck_reply(&r, 201, "cohort/without_likes/0/patients", "2");
    ck_reply(&r, 201, "answer/missing/2/covariate", "pn");
    ck_reply(&r, 201, "answer/missing/2/patients", "20");
    ck_reply(&r, 201, "answer/missing/3/covariate", "grading");
    ck_reply(&r, 201, "answer/missing/3/patients", "23");
    ck_assert_double_eq(number_at(&r, "/answer/complete_patients") + number_at(&r, "/answer/left_out"), 929);
}
END_TEST

START_TEST(the_nearest_rule_takes_the_number_asked_for_and_the_historic_rule_nearly_all)
{
    registry_fill();
    REPLY near = compare_as(
        AS_GENERAL,
        "{" WHAT_IF ", " FOR_DEATH
        R"(, "covariates": [], "cohort": {"rule": "nearest", "k": 100, "criteria": ["age_at_operation", "pn"]}})");
    ck_reply(&near, 201, "cohort/compared", "100");
    REPLY any = compare_as(AS_GENERAL, "{" WHAT_IF ", " FOR_DEATH ", " ADJUSTED R"(, "cohort": {"rule": "any"}})");
    ck_assert_double_gt(number_at(&any, "/cohort/compared"), 900);
}
END_TEST

START_TEST(the_patient_is_not_compared_with_himself)
{
    registry_fill();
    const char *tumour = registry_add("gender, treatment, overall_survival_months, vital_status", "'male', 'none', 1, "
                                                                                                  "'dead'");
    REPLY r = compare_as(AS_GENERAL, text_of(R"({"tumour_id": "%s", )" FOR_DEATH R"(, "covariates": []})", tumour));
    ck_reply(&r, 201, "cohort/compared", "929");
    REPLY other = compare_as(AS_GENERAL, "{" WHAT_IF ", " FOR_DEATH R"(, "covariates": []})");
    ck_reply(&other, 201, "cohort/compared", "930");
}
END_TEST

START_TEST(strata_draws_and_ties_are_as_asked_and_the_same_seed_gives_the_same_answer)
{
    registry_fill();
    const char *body =
        "{" WHAT_IF ", " FOR_DEATH
        R"(, "covariates": ["age_at_operation", "gender"], "stratify_by": "pn", "ties": "breslow", "bootstrap": 20,)"
        R"( "seed": 7})";
    REPLY first = compare_as(AS_GENERAL, body), second = compare_as(AS_GENERAL, body);
    ck_reply(&first, 201, "request/bootstrap", "20");
    ck_assert_double_gt(number_at(&first, "/answer/arms/0/bootstrap/standard_error"), 0);
    ck_assert_double_gt(number_at(&first, "/answer/logrank_stratified/chi_square"), 0);
    ck_assert(json_equal(json_object_get(first.json, "answer"), json_object_get(second.json, "answer")));
}
END_TEST

START_TEST(an_impossible_comparison_is_refused_with_all_its_members)
{
    REPLY r = compare_as(AS_GENERAL,
                         "{" WHAT_IF R"(, "tumour_id": "00112233445566778899aabbccddeeff", )" FOR_DEATH
                         R"(, "covariates": ["gender", "colour", "gender"], "stratify_by": "bmi", "times": [12, -1],)"
                         R"( "cohort": {"criteria": ["side_effects"]}})");
    ck_status(&r, 422);
    static const char *const pointers[] = {"/profile", "/covariates/1",      "/covariates/2",
                                           "/times/1", "/cohort/criteria/0", "/stratify_by"};
    for (size_t i = 0; i < COUNT(pointers); i++)
        ck_refuses(&r, pointers[i]);
    REPLY nobody = compare_as(AS_GENERAL, "{" FOR_DEATH "}");
    ck_refuses(&nobody, "/tumour_id");
    REPLY unknown = compare_as(AS_GENERAL, text_of("{" FOR_DEATH R"(, "tumour_id": "%s"})", new_id()));
    ck_status(&unknown, 422);
    ck_refuses(&unknown, "/tumour_id");
    REPLY strata = compare_as(AS_GENERAL, "{" WHAT_IF ", " FOR_DEATH R"(, "covariates": ["pn"], "stratify_by": "pn"})");
    ck_refuses(&strata, "/stratify_by");
    registry_fill();
    REPLY draws = compare_as(AS_GENERAL, "{" WHAT_IF ", " FOR_DEATH R"(, "bootstrap": 2000})");
    ck_status(&draws, 201);
}
END_TEST

START_TEST(researchers_compare_for_a_profile_and_see_their_own_only)
{
    registry_fill();
    const char *tumour = one_patient(), *researcher = token_for(new_id(), "researcher", NULL);
    REPLY mine = compare_as(researcher, "{" WHAT_IF ", " FOR_DEATH ", " ADJUSTED "}");
    ck_reply(&mine, 201, "cohort/compared", "929");
    REPLY refused = compare_as(researcher, text_of(R"({"tumour_id": "%s", )" FOR_DEATH "}", tumour));
    ck_status(&refused, 403);
    REPLY theirs = compare_as(AS_GENERAL, text_of(R"({"tumour_id": "%s", )" FOR_DEATH "}", tumour));
    REPLY unseen = api_get(researcher, "%s", made(&theirs));
    ck_status(&unseen, 404);
    REPLY own = api_get(researcher, "%s", made(&mine));
    ck_status(&own, 200);
    REPLY not_theirs = api_get(AS_GENERAL, "%s", made(&mine));
    ck_status(&not_theirs, 404);
    REPLY list = api_get(researcher, PATH);
    ck_assert_uint_eq(json_array_size(json_object_get(list.json, "items")), 1);
}
END_TEST

START_TEST(lists_come_in_pages_the_newest_first_and_without_the_answer)
{
    registry_fill();
    const char *tumour = one_patient(), *ids[3];
    for (int i = 0; i < 3; i++) {
        REPLY r = compare_as(AS_GENERAL, text_of(R"({"tumour_id": "%s", )" FOR_DEATH R"(, "covariates": []})", tumour));
        made(&r);
        ids[i] = kept_at(&r, "comparison_id");
        sql_value("UPDATE analytics.treatment_comparison SET created_at = created_at - %d * interval '1 second'"
                  " WHERE id = '%s'",
                  3 - i, ids[i]); /* a clock may be coarse */
    }
    REPLY page = api_get(AS_GENERAL, PATH "?tumour_id=%s&limit=2", tumour);
    ck_reply(&page, 200, "items/0/comparison_id", ids[2]);
    ck_reply(&page, 200, "items/1/comparison_id", ids[1]);
    ck_assert_ptr_null(text_at(&page, "items/0/answer"));
    REPLY rest = api_get(AS_GENERAL, PATH "?tumour_id=%s&limit=2&after=%s", tumour, text_at(&page, "next"));
    ck_reply(&rest, 200, "items/0/comparison_id", ids[0]);
    ck_reply(&rest, 200, "next", "null");
}
END_TEST

static struct reply decide(const char *token, const char *path, const char *tag, const char *body)
{
    return api_change("PUT", token, text_of("%s/decision", path), body, tag);
}

#define ACCEPT(treatment) \
    R"({"decision": "accepted", "treatment": ")" treatment R"(", "reason": "As the answer says."})"

START_TEST(an_accepted_treatment_becomes_the_patients)
{
    registry_fill();
    const char *tumour = one_patient(), *doctor = new_id();
    const char *token = token_for(doctor, "healthpro", "oncologist");
    REPLY r = compare_as(token, text_of(R"({"tumour_id": "%s", )" FOR_DEATH R"(, "covariates": []})", tumour));
    const char *path = made(&r), *tag = header_of(&r, "ETag");
    REPLY without = decide(token, path, NULL, ACCEPT("folfox_or_xelox"));
    ck_status(&without, 428);
    REPLY decided = decide(token, path, tag, ACCEPT("folfox_or_xelox"));
    ck_reply(&decided, 200, "decision/decision", "accepted");
    ck_reply(&decided, 200, "decision/decided_by", doctor);
    ck_assert_str_eq(sql_value("SELECT treatment FROM users.tumour WHERE id = '%s'", tumour), "folfox_or_xelox");
    REPLY read = api_get(token, "%s", path);
    ck_reply(&read, 200, "decision/reason", "As the answer says.");
    ck_assert_str_eq(header_of(&read, "ETag"), header_of(&decided, "ETag"));
    REPLY late = decide(token, path, tag, ACCEPT("none"));
    ck_status(&late, 412);
    REPLY changed = decide(token, path, header_of(&decided, "ETag"),
                           R"({"decision": "declined", "reason": "The patient wants none."})");
    ck_reply(&changed, 200, "decision/decision", "declined");
    ck_reply(&changed, 200, "decision/treatment", "null");
}
END_TEST

START_TEST(a_treatment_that_cannot_be_given_decides_nothing)
{
    registry_fill();
    const char *tumour = one_patient();
    REPLY r = compare_as(AS_GENERAL, text_of(R"({"tumour_id": "%s", )" FOR_DEATH R"(, "covariates": []})", tumour));
    const char *path = made(&r), *tag = header_of(&r, "ETag");
    REPLY unknown = decide(AS_GENERAL, path, tag, ACCEPT("snake_oil"));
    ck_status(&unknown, 422);
    ck_refuses(&unknown, "/treatment");
    REPLY without = decide(AS_GENERAL, path, tag, R"({"decision": "accepted"})");
    ck_refuses(&without, "/treatment");
    REPLY read = api_get(AS_GENERAL, "%s", path);
    ck_assert_str_eq(header_of(&read, "ETag"), tag);
    ck_assert_ptr_null(text_at(&read, "decision"));
    ck_assert_str_eq(sql_value("SELECT coalesce(treatment, '-') FROM users.tumour WHERE id = '%s'", tumour), "-");
}
END_TEST

START_TEST(comparisons_of_others_are_removed_by_administrators)
{
    registry_fill();
    REPLY r =
        compare_as(AS_GENERAL, text_of(R"({"tumour_id": "%s", )" FOR_DEATH R"(, "covariates": []})", one_patient()));
    struct call remove = {.method = "DELETE", .token = AS_PSYCHOLOGIST, .path = made(&r), .headers = {"If-Match: *"}};
    REPLY refused = api_call(remove);
    ck_status(&refused, 403);
    remove.token = AS_ADMIN;
    REPLY removed = api_call(remove);
    ck_status(&removed, 204);
    REPLY gone = api_get(AS_GENERAL, "%s", made(&r));
    ck_status(&gone, 404);
}
END_TEST

static int entries(const char *subject, const char *object, const char *outcome)
{
    return (int)strtol(sql_value("SELECT count(*) FROM auth.access_log WHERE subject_id = '%s' AND object = '%s'"
                                 " AND outcome = '%s'",
                                 subject, object, outcome),
                       NULL, 10);
}

START_TEST(whatever_is_done_with_a_patients_record_is_in_the_access_log)
{
    registry_fill();
    const char *tumour = one_patient();
    REPLY r = compare_as(AS_GENERAL, text_of(R"({"tumour_id": "%s", )" FOR_DEATH R"(, "covariates": []})", tumour));
    const char *path = made(&r);
    ck_assert_int_eq(entries(tumour, "tumour", "read"), 1);
    ck_assert_int_eq(entries(tumour, "treatment_comparison", "written"), 1);
    REPLY read = api_get(AS_GENERAL, "%s", path);
    ck_status(&read, 200);
    ck_assert_int_eq(entries(tumour, "treatment_comparison", "read"), 1);
    REPLY absent = compare_as(AS_GENERAL, text_of(R"({"tumour_id": "%s", )" FOR_DEATH "}", path + strlen(PATH) + 1));
    ck_status(&absent, 422);
    ck_assert_int_eq(entries(path + strlen(PATH) + 1, "tumour", "absent"), 1);
}
END_TEST

static struct reply draw_as(const char *token, const char *path, const char *type)
{
    return api_call(
        (struct call){.method = "GET", .token = token, .path = path, .headers = {text_of("Accept: %s", type)}});
}

START_TEST(the_same_comparison_is_a_picture_where_one_is_asked_for)
{
    static const struct {
        const char *type, *begin;
        size_t size;
    } types[] = {{"image/svg+xml", "<svg", 4}, {"image/png", "\x89PNG", 4}, {"application/pdf", "%PDF", 4}};
    registry_fill();
    const char *token = AS_GENERAL;
    REPLY r = compare_as(token, "{" WHAT_IF ", " FOR_DEATH ", " ADJUSTED "}");
    const char *path = made(&r);
    for (size_t i = 0; i < COUNT(types); i++) {
        REPLY drawn = draw_as(token, path, types[i].type);
        ck_status(&drawn, 200);
        ck_assert_str_eq(header_of(&drawn, "Content-Type"), types[i].type);
        ck_assert_int_eq(memcmp(drawn.body, types[i].begin, types[i].size), 0);
        ck_assert_str_ne(header_of(&drawn, "ETag"), header_of(&r, "ETag"));
    }
    REPLY none = draw_as(token, path, "text/html");
    ck_status(&none, 406);
}
END_TEST

START_TEST(a_picture_shows_the_curves_asked_for_and_the_treatment_names_of_the_catalogue)
{
    registry_fill();
    const char *token = AS_GENERAL;
    REPLY r = compare_as(token, "{" WHAT_IF ", " FOR_DEATH ", " ADJUSTED "}");
    static const char *const curves[] = {"unadjusted", "adjusted", "predicted"};
    const char *seen[3];
    for (size_t i = 0; i < COUNT(curves); i++) {
        REPLY drawn = draw_as(token, text_of("%s?curves=%s", made(&r), curves[i]), "image/svg+xml");
        ck_status(&drawn, 200);
        ck_assert_msg(strstr(drawn.body, "No chemotherapy") != NULL, "%s", curves[i]);
        ck_assert_msg(strstr(drawn.body, "with bevacizumab") == NULL, "%s", curves[i]);
        seen[i] = text_of("%s", drawn.body);
    }
    ck_assert_str_ne(seen[0], seen[1]);
    ck_assert_str_ne(seen[1], seen[2]);
    sql_value("TRUNCATE users.tumour, users.tumour_treatment");
    REPLY empty = compare_as(token, "{" WHAT_IF ", " FOR_DEATH ", " ADJUSTED "}");
    REPLY nothing = draw_as(token, made(&empty), "image/svg+xml");
    ck_status(&nothing, 200);
    ck_assert_ptr_nonnull(strstr(nothing.body, "insufficient"));
}
END_TEST

enum { AT_ONCE = 8 };

static _Atomic int sent_away;

static void *compare_at_the_same_time(void *out)
{
    struct reply *r = out;
    *r = compare_as(AS_GENERAL, "{" WHAT_IF ", " FOR_DEATH ", " ADJUSTED "}");
    sent_away += r->status == 503 && header_of(r, "Retry-After");
    return NULL;
}

/* A comparison that cannot read the registry goes on until it can. Threads that work or wait take no new connection, so
 * of those who come one after the other the first keep a thread each, and then somebody is sent away. */
START_TEST(beyond_what_is_worked_out_at_a_time_everybody_is_told_to_come_back)
{
    pthread_t threads[AT_ONCE];
    struct reply replies[AT_ONCE];
    int count = 0;
    sent_away = 0;
    setenv("HTTP_THREADS", "8", 1);
    api_restart(&analytics_service);
    registry_fill();
    sql_value("BEGIN; LOCK TABLE users.tumour IN ACCESS EXCLUSIVE MODE");
    for (; count < AT_ONCE && sent_away == 0; count++) {
        ck_assert_int_eq(pthread_create(&threads[count], NULL, compare_at_the_same_time, &replies[count]), 0);
        WAIT_UNTIL(sent_away > 0 || (int)api_metric("mnemos_http_requests_in_flight") > count);
    }
    sql_value("COMMIT");
    for (int i = 0; i < count; i++) {
        pthread_join(threads[i], NULL);
        REPLY r = replies[i];
        ck_assert(r.status == 201 || (r.status == 503 && header_of(&r, "Retry-After")));
    }
    ck_assert_int_gt(sent_away, 0);
    unsetenv("HTTP_THREADS");
    api_restart(&analytics_service);
    REPLY later = compare_as(AS_GENERAL, "{" WHAT_IF ", " FOR_DEATH ", " ADJUSTED "}");
    ck_status(&later, 201);
}
END_TEST

int main(void)
{
    return API_TESTS(&analytics_service, a_comparison_for_a_patient_is_answered_and_kept,
                     the_answer_has_the_figures_that_are_known_of_the_trial,
                     the_patients_own_curve_stands_under_each_treatment_that_has_patients,
                     the_verdict_says_which_treatment_or_why_none, each_patient_left_out_is_counted_under_one_reason,
                     patients_whose_covariates_are_unknown_or_without_likes_are_counted_and_left_out,
                     the_nearest_rule_takes_the_number_asked_for_and_the_historic_rule_nearly_all,
                     the_patient_is_not_compared_with_himself,
                     strata_draws_and_ties_are_as_asked_and_the_same_seed_gives_the_same_answer,
                     an_impossible_comparison_is_refused_with_all_its_members,
                     researchers_compare_for_a_profile_and_see_their_own_only,
                     lists_come_in_pages_the_newest_first_and_without_the_answer,
                     an_accepted_treatment_becomes_the_patients, a_treatment_that_cannot_be_given_decides_nothing,
                     comparisons_of_others_are_removed_by_administrators,
                     whatever_is_done_with_a_patients_record_is_in_the_access_log,
                     beyond_what_is_worked_out_at_a_time_everybody_is_told_to_come_back,
                     the_same_comparison_is_a_picture_where_one_is_asked_for,
                     a_picture_shows_the_curves_asked_for_and_the_treatment_names_of_the_catalogue);
}
