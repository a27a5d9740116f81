/* Models: trained by the worker, kept, promoted, asked, judged. */
#include "services/analytics/analytics.h"
#include "services/analytics/model/model.h"
#include "services/analytics/model/training.h"
#include "tests/api/analytics/clinic.h"

#include "common/science/mmse/mmse_model.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct service_handle *worker;

static void worker_work(void)
{
    clinic_make();
    if (!worker)
        worker = service_open(&analytics_worker);
    ck_assert_ptr_nonnull(worker);
}

static const char *train(const char *token, const char *body)
{
    worker_work();
    REPLY r = api_post(token, "/api/v1/models", "%s", body);
    ck_reply(&r, 202, "kind", "model.train");
    return outcome_of(token, &r);
}

static const char *train_method(const char *token, const char *method)
{
    return train(token, text_of(R"({"name": "Yearly", "method": "%s"})", method));
}

static const char *id_in(const char *path)
{
    return strrchr(path, '/') + 1;
}

static struct reply promote(const char *token, const char *path, const char *body)
{
    return api_post(token, text_of("%s/promote", path), "%s", body);
}

/* Nothing is promoted when a scene begins. */
static void forget_promotions(void)
{
    sql_value("DELETE FROM analytics.promotion");
}

/* ---- Asking ---- */

START_TEST(a_training_that_makes_no_sense_is_refused_member_by_member)
{
    static const struct {
        const char *body, *pointer;
    } cases[] = {
        {"{}", "/name"},
        {R"({"name": ""})", "/name"},
        {R"({"name": "a", "target": "weight"})", "/target"},
        {R"({"name": "a", "method": "oracle"})", "/method"},
        {R"({"name": "a", "seed": -1})", "/seed"},
        {R"({"name": "a", "parameters": {"criterion": "ml"}})", "/parameters/criterion"},
        {R"({"name": "a", "parameters": {"depth": 3}})", "/parameters/depth"},
        {R"({"name": "a", "cohort": {"min_age": 80, "max_age": 70}})", "/cohort/min_age"},
        {R"({"name": "a", "cohort": {"from": "2020-02-30"}})", "/cohort/from"},
        {R"({"name": "a", "cohort": {"from": "2021-01-01", "until": "2020-01-01"}})", "/cohort/from"},
        {R"({"name": "a", "cohort": {"diagnosis": "F00"}})", "/cohort/diagnosis"},
        {R"({"name": "a", "model_id": "00112233445566778899aabbccddeeff"})", "/model_id"},
    };
    clinic_make();
    for (size_t i = 0; i < COUNT(cases); i++) {
        REPLY r = api_post(researcher, "/api/v1/models", "%s", cases[i].body);
        ck_status(&r, 422);
        ck_refuses(&r, cases[i].pointer);
    }
}
END_TEST

START_TEST(a_cohort_that_is_too_small_is_refused_with_what_is_needed_and_what_was_found)
{
    clinic_make();
    REPLY r = api_post(researcher, "/api/v1/models", "%s",
                       R"({"name": "a", "method": "linear", "cohort": {"until": "2008-03-10"}})");
    ck_status(&r, 422);
    ck_refuses(&r, "/cohort");
    ck_assert_ptr_nonnull(strstr(r.body, text_of("%zu people", training_tasks_needed(mmse_method_named("linear")))));
    ck_assert_ptr_nonnull(strstr(r.body, "0 were found"));
    ck_assert_str_eq(sql_value("SELECT count(*) FROM shared.task WHERE kind = 'model.train' AND ended_at IS NULL"),
                     "0");
}
END_TEST

START_TEST(the_methods_of_the_api_are_those_that_there_are)
{
    size_t count = 0;
    for (; mmse_method_names[count]; count++)
        ck_assert_ptr_nonnull(mmse_method_named(mmse_method_names[count]));
    for (size_t i = 0; i <= count; i++)
        ck_assert_msg((mmse_methods[i].name == NULL) == (i == count), "one is missing in mmse_method_names");
}
END_TEST

/* ---- Training ---- */

START_TEST(a_model_is_trained_in_the_background_and_says_what_it_is_made_of)
{
    const char *path = train(
        researcher,
        R"({"name": "Ripe age", "method": "linear_history", "seed": 7, "cohort": {"min_age": 60, "min_visits": 2}})");
    REPLY r = api_get(researcher, "%s", path);
    ck_reply(&r, 200, "name", "Ripe age");
    ck_reply(&r, 200, "model_version", "1");
    ck_reply(&r, 200, "method", "linear_history");
    ck_reply(&r, 200, "promoted", "false");
    ck_reply(&r, 200, "card/data/filter/min_age", "60");
    ck_reply(&r, 200, "card/seed", "7");
    ck_reply(&r, 200, "card/folds", "5");
    ck_reply(&r, 200, "card/features/0", "last_mmse");
    ck_reply(&r, 200, "card/checks/0/check", "beats_last_value");
    ck_reply(&r, 200, "card/versions/suite", MNEMOS_VERSION);
    ck_assert_ptr_nonnull(text_at(&r, "card/known_limits/0"));
    ck_assert_double_gt(number_at(&r, "card/data/with_two_visits"), 100);
    ck_assert_double_eq(
        number_at(&r, "subjects"),
        strtod(sql_value("SELECT count(DISTINCT subject) FROM (SELECT set_config('mnemos.role',"
                         " 'researcher', false)) x, users.visit_cohort(60, NULL, NULL, NULL, 2, 100000)"),
               NULL));
    ck_assert_double_gt(number_at(&r, "metrics/rmse"), 0);
    ck_assert_double_gt(number_at(&r, "metrics/coverage_90"), 0.8);
    REPLY list = api_get(researcher, "/api/v1/models?method=linear_history&promoted=false");
    ck_reply(&list, 200, "items/0/model_id", text_at(&r, "model_id"));
    ck_assert_ptr_null(text_at(&list, "items/0/card"));
}
END_TEST

START_TEST(a_training_that_is_asked_for_twice_by_the_same_key_is_one)
{
    clinic_make();
    struct call call = {.method = "POST",
                        .token = researcher,
                        .path = "/api/v1/models",
                        .body = R"({"name": "Once", "method": "own_line"})",
                        .headers = {text_of("Idempotency-Key: %s", new_id())}};
    REPLY first = api_call(call), again = api_call(call);
    ck_status(&first, 202);
    ck_reply(&again, 202, "task_id", text_at(&first, "task_id"));
    ck_assert_str_eq(header_of(&again, "Location"), header_of(&first, "Location"));
    ck_assert_str_eq(sql_value("SELECT count(*) FROM shared.task WHERE input ->> 'name' = 'Once'"), "1");
}
END_TEST

START_TEST(a_name_that_is_used_again_makes_the_next_version)
{
    const char *body = R"({"name": "Again", "method": "own_line"})";
    REPLY first = api_get(researcher, "%s", train(researcher, body));
    REPLY second = api_get(researcher, "%s", train(researcher, body));
    REPLY others = api_get(neurologist, "%s", train(neurologist, body));
    ck_reply(&first, 200, "model_version", "1");
    ck_reply(&second, 200, "model_version", "2");
    ck_reply(&others, 200, "model_version", "1");
}
END_TEST

START_TEST(the_same_data_seed_and_method_make_the_same_model_to_the_bit)
{
    static const char *const methods[] = {"combined", "linear_history", "mixed", "forest"};
    for (size_t i = 0; i < COUNT(methods); i++) {
        const char *a = train_method(researcher, methods[i]), *b = train_method(neurologist, methods[i]);
        ck_assert_str_eq(sql_value("SELECT (a.artefact = b.artefact AND a.report::text = b.report::text)::text"
                                   " FROM analytics.model a, analytics.model b WHERE a.id = '%s' AND b.id = '%s'",
                                   id_in(a), id_in(b)),
                         "true");
    }
}
END_TEST

START_TEST(the_report_is_json_for_machines_and_a_page_that_loads_nothing_for_people)
{
    const char *path = train(researcher, R"({"name": "<script>alert('&')</script>", "method": "linear"})");
    REPLY json = api_get(researcher, "%s/report", path);
    ck_reply(&json, 200, "report/method", "linear");
    ck_assert_ptr_nonnull(text_at(&json, "report/by_band/0/last_mmse"));
    ck_assert_ptr_nonnull(text_at(&json, "report/calibration/9/observed"));
    ck_assert_ptr_null(text_at(&json, "report/predictions"));
    REPLY page = api_call((struct call){.method = "GET",
                                        .token = researcher,
                                        .path = text_of("%s/report", path),
                                        .headers = {"Accept: text/html,application/xhtml+xml,*/*;q=0.8"}});
    ck_assert_int_eq(page.status, 200);
    ck_assert_ptr_nonnull(strstr(header_of(&page, "Content-Type"), "text/html"));
    ck_assert_ptr_nonnull(
        strstr(header_of(&page, "Content-Security-Policy"), "default-src 'none'; style-src 'sha256-"));
    ck_assert_ptr_nonnull(strstr(page.body, "<h1>&lt;script&gt;alert(&#39;&amp;&#39;)&lt;/script&gt;</h1>"));
    static const char *const forbidden[] = {
        "<script", "<img", "<link", "<iframe", " src=", " href=", "@import", "url(", " style=", " on"};
    for (size_t i = 0; i < COUNT(forbidden) - 1; i++)
        ck_assert_msg(!strstr(page.body, forbidden[i]), "the page has %s", forbidden[i]);
    int pictures = 0;
    for (const char *at = page.body; (at = strstr(at, "<svg xmlns")); at++)
        pictures++;
    ck_assert_int_eq(pictures, 3);
}
END_TEST

/* ---- Whose it is ---- */

START_TEST(nobody_finds_the_model_of_somebody_else)
{
    const char *path = train_method(researcher, "own_line");
    const char *others[] = {neurologist, superuser, client, AS_RESEARCHER, AS_ADMIN};
    for (size_t i = 0; i < COUNT(others); i++) {
        REPLY read = api_get(others[i], "%s", path), report = api_get(others[i], "%s/report", path);
        REPLY list = api_get(others[i], "/api/v1/models?limit=200");
        REPLY removed = api_change("DELETE", others[i], path, NULL, "*");
        ck_reply(&read, 404, "type", "/problems/not-found");
        ck_status(&report, 404);
        ck_status(&removed, 404);
        ck_status(&list, 200);
        ck_assert_ptr_null(strstr(list.body, id_in(path)));
    }
    REPLY promoted = promote(neurologist, path, "{}");
    ck_status(&promoted, 404);
}
END_TEST

START_TEST(the_task_of_an_inactive_client_is_not_carried_out)
{
    clinic_make();
    const char *id = account_make("client", NULL), *token = client_token_for(id, "models:write");
    REPLY accepted = api_post(token, "/api/v1/models", "%s", R"({"name": "Late", "method": "own_line"})");
    ck_status(&accepted, 202);
    ck_assert(worker == NULL); /* this scene stands before those that have one */
    sql_value("UPDATE auth.account SET disabled = true WHERE id = '%s'", id);
    worker_work();
    WAIT_UNTIL(strcmp(sql_value("SELECT state FROM shared.task WHERE owner_id = '%s'", id), "cancelled") == 0);
    ck_assert_str_eq(sql_value("SELECT count(*) FROM analytics.model WHERE owner_id = '%s'", id), "0");
}
END_TEST

/* ---- Promoting ---- */

START_TEST(only_force_and_a_reason_promote_a_model_that_does_not_beat_the_last_value)
{
    forget_promotions();
    const char *path = train_method(superuser, "last_value");
    REPLY refused = promote(superuser, path, "{}");
    ck_reply(&refused, 409, "type", "/problems/conflict");
    ck_assert_ptr_nonnull(strstr(text_at(&refused, "detail"), "RMSE"));
    REPLY silent = promote(superuser, path, R"({"force": true})");
    ck_status(&silent, 422);
    ck_refuses(&silent, "/reason");
    REPLY forced = promote(superuser, path, R"({"force": true, "reason": "A trial of the rule"})");
    ck_reply(&forced, 200, "promoted", "true");
    ck_reply(&forced, 200, "forced_reason", "A trial of the rule");
    const char *own = train_method(neurologist, "last_value");
    REPLY not_super = promote(neurologist, own, R"({"force": true, "reason": "Because"})");
    ck_status(&not_super, 403);
}
END_TEST

START_TEST(one_model_is_promoted_at_a_time_and_is_not_removed_meanwhile)
{
    forget_promotions();
    const char *first = train_method(neurologist, "combined"), *second = train_method(neurologist, "linear_history");
    REPLY one = promote(neurologist, first, "{}");
    REPLY other = api_call((struct call){/* without a body */
                                         .method = "POST",
                                         .token = neurologist,
                                         .path = text_of("%s/promote", second)});
    ck_reply(&one, 200, "promoted", "true");
    ck_reply(&other, 200, "promoted", "true");
    REPLY was = api_get(neurologist, "%s", first), is = api_get(neurologist, "%s", second);
    ck_reply(&was, 200, "promoted", "false");
    ck_reply(&is, 200, "promoted", "true");
    REPLY kept = api_change("DELETE", neurologist, second, NULL, "*");
    ck_status(&kept, 409);
    REPLY colleague = api_get(AS_NEUROLOGIST, "%s", second); /* whose predictions come from it */
    ck_reply(&colleague, 200, "promoted", "true");
    REPLY gone = api_delete(neurologist, "%s/promote", second);
    ck_status(&gone, 204);
    REPLY again = api_delete(neurologist, "%s/promote", second);
    ck_status(&again, 404);
    REPLY removed = api_change("DELETE", neurologist, second, NULL, "*");
    ck_status(&removed, 204);
}
END_TEST

START_TEST(researchers_train_and_do_not_promote)
{
    REPLY r = promote(researcher, train_method(researcher, "linear_history"), "{}");
    ck_status(&r, 403);
}
END_TEST

/* ---- Predicting ---- */

static const char *patient_with_visits(void)
{
    const char *id = new_id();
    sql_value(
        "INSERT INTO users.person (id, name, status, birth_date, birth_date_estimated, mmse, sex, schooling_years)"
        " VALUES ('%s', 'Q %s', 'patient', '1940-05-05', false, 24, 'female', 9)",
        id, id);
    sql_value("INSERT INTO users.assessment (id, patient_id, assessed_on, mmse) VALUES"
              " (gen_random_uuid(), '%s', '2018-05-05', 28), (gen_random_uuid(), '%s', '2019-05-05', 27),"
              " (gen_random_uuid(), '%s', '2020-05-05', 24)",
              id, id, id);
    return id;
}

START_TEST(the_promoted_model_answers_with_an_interval_and_the_last_value_beside_it)
{
    forget_promotions();
    const char *path = train_method(neurologist, "mixed"), *id = patient_with_visits();
    REPLY rule = api_get(neurologist, "/api/v1/mmse/predictions/%s", id);
    ck_reply(&rule, 200, "model", "rule-v1");
    ck_reply(&rule, 200, "model_id", "null");
    ck_reply(&rule, 200, "interval", "null");
    REPLY promoted = promote(neurologist, path, "{}");
    ck_status(&promoted, 200);
    REPLY r = api_get(neurologist, "/api/v1/mmse/predictions/%s?at=2021-05-05", id);
    ck_reply(&r, 200, "model", "mixed");
    ck_reply(&r, 200, "model_id", id_in(path));
    ck_reply(&r, 200, "at", "2021-05-05");
    ck_reply(&r, 200, "last_value", "24");
    ck_reply(&r, 200, "inputs/visits", "3");
    ck_reply(&r, 200, "inputs/last_visit", "2020-05-05");
    ck_reply(&r, 200, "inputs/schooling_years", "9");
    double predicted = number_at(&r, "predicted_mmse");
    ck_assert_double_eq(number_at(&r, "interval/level"), 0.9);
    ck_assert_double_lt(number_at(&r, "interval/lower"), number_at(&r, "interval/upper"));
    ck_assert_double_eq_tol(number_at(&r, "difference"), predicted - 24, 1e-9);
    ck_assert_str_eq(text_at(&r, "exceeds_measurement_error"),
                     fabs(predicted - 24) > number_at(&r, "measurement_error") ? "true" : "false");
    REPLY by_name = api_get(neurologist, "/predict_patient/q%%20%s?at=2021-05-05", id);
    ck_reply(&by_name, 200, "model_id", id_in(path));
    ck_assert_double_eq(number_at(&by_name, "predicted_mmse"), predicted);
}
END_TEST

START_TEST(a_prediction_knows_nothing_of_the_day_that_it_is_for_and_of_what_came_later)
{
    forget_promotions();
    const char *path = train_method(neurologist, "linear_history"), *id = patient_with_visits();
    REPLY promoted = promote(neurologist, path, "{}");
    ck_status(&promoted, 200);
    REPLY before = api_get(neurologist, "/api/v1/mmse/predictions/%s?at=2021-05-05", id);
    sql_value("INSERT INTO users.assessment (id, patient_id, assessed_on, mmse) VALUES"
              " (gen_random_uuid(), '%s', '2021-05-05', 3), (gen_random_uuid(), '%s', '2022-05-05', 1)",
              id, id);
    REPLY after = api_get(neurologist, "/api/v1/mmse/predictions/%s?at=2021-05-05", id);
    ck_assert_double_eq(number_at(&after, "predicted_mmse"), number_at(&before, "predicted_mmse"));
    ck_reply(&after, 200, "inputs/visits", "3");
    REPLY too_early = api_get(neurologist, "/api/v1/mmse/predictions/%s?at=2018-05-05", id);
    ck_status(&too_early, 422);
    ck_refuses(&too_early, "/at");
}
END_TEST

START_TEST(of_two_scores_of_one_day_the_last_one_counts)
{
    forget_promotions();
    const char *id = patient_with_visits();
    sql_value("INSERT INTO users.assessment (patient_id, assessed_on, mmse) VALUES ('%s', '2020-05-05', 19)", id);
    REPLY r = api_get(neurologist, "/api/v1/mmse/predictions/%s?at=2021-05-05", id);
    ck_reply(&r, 200, "last_value", "19");
    ck_reply(&r, 200, "inputs/visits", "3");
}
END_TEST

START_TEST(a_client_is_served_by_its_own_model_and_the_clinic_by_the_clinics)
{
    forget_promotions();
    const char *clinics = train_method(neurologist, "linear_history"), *clients = train_method(client, "combined");
    const char *id = patient_with_visits();
    REPLY one = promote(neurologist, clinics, "{}");
    ck_status(&one, 200);
    REPLY unserved = api_get(client, "/api/v1/mmse/predictions/%s", id);
    ck_reply(&unserved, 200, "model", "rule-v1");
    REPLY other = promote(client, clients, "{}");
    ck_status(&other, 200);
    REPLY to_client = api_get(client, "/api/v1/mmse/predictions/%s", id),
          to_clinic = api_get(AS_NEUROLOGIST, "/api/v1/mmse/predictions/%s", id);
    ck_reply(&to_client, 200, "model_id", id_in(clients));
    ck_reply(&to_clinic, 200, "model_id", id_in(clinics));
    REPLY hidden = api_get(AS_NEUROLOGIST, "%s", clients);
    ck_status(&hidden, 404);
}
END_TEST

START_TEST(a_damaged_model_is_neither_promoted_nor_asked)
{
    forget_promotions();
    const char *path = train_method(neurologist, "linear_history"), *id = patient_with_visits();
    REPLY promoted = promote(neurologist, path, "{}");
    ck_status(&promoted, 200);
    sql_value(R"(UPDATE analytics.model SET artefact = regexp_replace(artefact, '("last_mmse": *)-?([0-9])', '\1-9\2'))"
              " WHERE id = '%s'",
              id_in(path));
    REPLY asked = api_get(neurologist, "/api/v1/mmse/predictions/%s", id);
    ck_status(&asked, 409);
    ck_assert_ptr_nonnull(strstr(asked.body, "damaged"));
    REPLY again = promote(neurologist, path, "{}");
    ck_status(&again, 409);
}
END_TEST

/* ---- Judging ---- */

START_TEST(a_model_is_judged_on_visits_that_somebody_sends)
{
    const char *path = train_method(researcher, "linear_history");
    char *csv = text_of("id,age,mmse,male,educ\n");
    for (int i = 0; i < 60; i++)
        for (int v = 0; v < 3; v++)
            csv = text_of("%sp%d,%d.%d,%d,%d,%d\n", csv, i, 65 + i % 20 + v, i % 10, 29 - i % 9 - v, i % 2, 5 + i % 10);
    REPLY r = api_call((struct call){
        .method = "POST", .token = researcher, .path = text_of("%s/evaluate", path), .type = "text/csv", .body = csv});
    ck_reply(&r, 200, "model_id", id_in(path));
    ck_reply(&r, 200, "table/subjects", "60");
    ck_reply(&r, 200, "evaluation/metrics/n", "60");
    ck_assert_uint_eq(json_array_size(json_object_get(json_object_get(r.json, "evaluation"), "calibration")), 10);
    REPLY broken = api_call((struct call){.method = "POST",
                                          .token = researcher,
                                          .path = text_of("%s/evaluate", path),
                                          .type = "text/csv",
                                          .body = "id,age\n1,2\n"});
    ck_status(&broken, 422);
    REPLY other = api_call((struct call){
        .method = "POST", .token = neurologist, .path = text_of("%s/evaluate", path), .type = "text/csv", .body = csv});
    ck_status(&other, 404);
}
END_TEST

int main(void)
{
    return API_TESTS(
        &analytics_service, a_training_that_makes_no_sense_is_refused_member_by_member,
        a_cohort_that_is_too_small_is_refused_with_what_is_needed_and_what_was_found,
        the_methods_of_the_api_are_those_that_there_are, the_task_of_an_inactive_client_is_not_carried_out,
        a_model_is_trained_in_the_background_and_says_what_it_is_made_of,
        a_training_that_is_asked_for_twice_by_the_same_key_is_one, a_name_that_is_used_again_makes_the_next_version,
        the_same_data_seed_and_method_make_the_same_model_to_the_bit,
        the_report_is_json_for_machines_and_a_page_that_loads_nothing_for_people,
        nobody_finds_the_model_of_somebody_else,
        only_force_and_a_reason_promote_a_model_that_does_not_beat_the_last_value,
        one_model_is_promoted_at_a_time_and_is_not_removed_meanwhile, researchers_train_and_do_not_promote,
        the_promoted_model_answers_with_an_interval_and_the_last_value_beside_it,
        a_prediction_knows_nothing_of_the_day_that_it_is_for_and_of_what_came_later,
        of_two_scores_of_one_day_the_last_one_counts, a_client_is_served_by_its_own_model_and_the_clinic_by_the_clinics,
        a_damaged_model_is_neither_promoted_nor_asked, a_model_is_judged_on_visits_that_somebody_sends);
}
