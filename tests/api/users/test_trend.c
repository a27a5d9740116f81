/* How scores change: /api/v1/patients/{id}/mmse/trend as figures and as a picture. */
#include "services/users/assessment/trend.h"
#include "tests/support/api.h"

#include <stdlib.h>
#include <string.h>

struct visit {
    const char *day;
    int mmse;
};

/* Somebody with these scores and no others, the oldest first. */
static const char *make_patient(const struct visit *visits, size_t count, const char *born, const char *schooling)
{
    const char *id = new_id();
    sql_value("INSERT INTO auth.account (id, name, role, password_hash) VALUES ('%s', '%s', 'patient', '-')", id, id);
    sql_value("INSERT INTO users.person (id, name, status, birth_date, birth_date_estimated, mmse, schooling_years)"
              " VALUES ('%s', '%s', 'patient', '%s', false, %d, %s)",
              id, id, born, visits[0].mmse, schooling);
    sql_value("UPDATE users.assessment SET assessed_on = '%s' WHERE patient_id = '%s'", visits[0].day, id);
    for (size_t i = 1; i < count; i++)
        sql_value("INSERT INTO users.assessment (patient_id, assessed_on, mmse) VALUES ('%s', '%s', %d)", id,
                  visits[i].day, visits[i].mmse);
    return id;
}
#define PATIENT_WITH(...) \
    make_patient((const struct visit[]){__VA_ARGS__}, COUNT(((const struct visit[]){__VA_ARGS__})), "1950-03-01", "9")

static struct reply picture(const char *token, const char *patient, const char *accept)
{
    return api_call((struct call){.method = "GET",
                                  .token = token,
                                  .path = text_of("/api/v1/patients/%s/mmse/trend", patient),
                                  .headers = {text_of("Accept: %s", accept)}});
}

START_TEST(a_trend_says_how_scores_changed_and_whether_that_is_more_than_error)
{
    const char *patient = PATIENT_WITH({"2020-01-01", 27}, {"2021-01-01", 26}, {"2022-07-02", 24}, {"2024-01-01", 24},
                                       {"2025-03-15", 22});
    REPLY r = api_get(AS_PSYCHOLOGIST, "/api/v1/patients/%s/mmse/trend", patient);
    ck_reply(&r, 200, "mmse", "22");
    ck_assert_str_eq(text_at(&r, "loinc"), "72106-8");
    ck_assert_str_eq(text_at(&r, "since_first/from"), "2020-01-01");
    ck_assert_str_eq(text_at(&r, "since_first/change"), "-5");
    ck_assert_double_eq_tol(number_at(&r, "since_first/years"), 5.2019, 1e-3);
    ck_assert_double_eq_tol(number_at(&r, "since_first/reliable_change_index"), -3.5355339, 1e-6);
    ck_assert_str_eq(text_at(&r, "since_first/within_measurement_error"), "false");
    ck_assert_str_eq(text_at(&r, "since_previous/change"), "-2");
    ck_assert_str_eq(text_at(&r, "since_previous/within_measurement_error"), "true");
    ck_assert_double_eq_tol(number_at(&r, "slope/points_per_year"), -0.888333778032, 1e-9);
    ck_assert_double_eq_tol(number_at(&r, "slope/low"), -1.313824618342, 1e-9); /* confint(lm()) of R */
    ck_assert_double_eq_tol(number_at(&r, "slope/high"), -0.462842937721, 1e-9);
    ck_assert_double_eq_tol(number_at(&r, "measurement_error/threshold"), 2.7718, 1e-4);
    ck_assert_ptr_nonnull(strstr(text_at(&r, "measurement_error/source"), "Feeney"));
    ck_assert_uint_eq(json_array_size(json_object_get(r.json, "scores")), 5);
    ck_assert_str_eq(text_at(&r, "scores/0/mmse"), "27");
}
END_TEST

START_TEST(one_score_has_neither_change_nor_slope)
{
    const char *patient = PATIENT_WITH({"2024-01-01", 27});
    REPLY r = api_get(AS_PSYCHOLOGIST, "/api/v1/patients/%s/mmse/trend", patient);
    ck_reply(&r, 200, "mmse", "27");
    ck_assert_ptr_null(json_object_get(r.json, "since_first"));
    ck_assert_ptr_null(json_object_get(r.json, "slope"));
    REPLY svg = picture(AS_PSYCHOLOGIST, patient, "image/svg+xml");
    ck_status(&svg, 200);
}
END_TEST

START_TEST(two_scores_have_a_slope_without_limits_and_two_of_one_day_have_none)
{
    const char *two = PATIENT_WITH({"2023-01-01", 27}, {"2024-01-01", 25});
    REPLY r = api_get(AS_PSYCHOLOGIST, "/api/v1/patients/%s/mmse/trend", two);
    ck_assert_double_eq_tol(number_at(&r, "slope/points_per_year"), -2.0, 0.01);
    ck_assert(json_is_null(json_object_get(json_object_get(r.json, "slope"), "low")));
    const char *one_day = PATIENT_WITH({"2023-01-01", 27}, {"2023-01-01", 25});
    REPLY same = api_get(AS_PSYCHOLOGIST, "/api/v1/patients/%s/mmse/trend", one_day);
    ck_reply(&same, 200, "since_first/change", "-2");
    ck_assert_ptr_null(json_object_get(same.json, "slope"));
    REPLY png = picture(AS_PSYCHOLOGIST, one_day, "image/png");
    ck_status(&png, 200);
}
END_TEST

START_TEST(the_latest_score_is_ranked_among_patients_of_the_same_age_and_schooling)
{
    const char *born = text_of("%s", sql_value("SELECT (current_date - interval '55 years 6 months')::date"));
    const char *younger = text_of("%s", sql_value("SELECT (current_date - interval '45 years 6 months')::date"));
    for (int i = 0; i < 30; i++)
        make_patient((const struct visit[]){{"2024-01-01", i}}, 1, born, "14");
    make_patient((const struct visit[]){{"2024-01-01", 1}}, 1, born, "12");
    make_patient((const struct visit[]){{"2024-01-01", 1}}, 1, born, "NULL");
    make_patient((const struct visit[]){{"2024-01-01", 1}}, 1, younger, "14");
    const char *patient = make_patient((const struct visit[]){{"2024-01-01", 20}}, 1, born, "16");
    REPLY r = api_get(AS_GENERAL, "/api/v1/patients/%s/mmse/trend", patient);
    ck_reply(&r, 200, "rank/patients", "31");
    ck_assert_str_eq(text_at(&r, "rank/below"), "20");
    ck_assert_str_eq(text_at(&r, "rank/equal"), "2");
    ck_assert_double_eq_tol(number_at(&r, "rank/percentile"), 100 * 21.0 / 31, 1e-9);
    ck_assert_str_eq(text_at(&r, "rank/min_age"), "50");
    ck_assert_str_eq(text_at(&r, "rank/max_schooling_years"), "30");
}
END_TEST

START_TEST(a_percentile_of_few_is_not_given)
{
    const char *born = text_of("%s", sql_value("SELECT (current_date - interval '95 years 6 months')::date"));
    const char *patient = make_patient((const struct visit[]){{"2024-01-01", 20}}, 1, born, "2");
    REPLY r = api_get(AS_GENERAL, "/api/v1/patients/%s/mmse/trend", patient);
    ck_reply(&r, 200, "rank/patients", "1");
    ck_assert(json_is_null(json_object_get(json_object_get(r.json, "rank"), "percentile")));
    const char *unknown = make_patient((const struct visit[]){{"2024-01-01", 20}}, 1, born, "NULL");
    REPLY other = api_get(AS_GENERAL, "/api/v1/patients/%s/mmse/trend", unknown);
    ck_reply(&other, 200, "rank/patients", "1");
    ck_assert(json_is_null(json_object_get(json_object_get(other.json, "rank"), "min_schooling_years")));
}
END_TEST

START_TEST(the_client_chooses_figures_or_a_picture)
{
    const char *patient = PATIENT_WITH({"2020-01-01", 27}, {"2021-01-01", 26}, {"2022-07-02", 24});
    REPLY svg = picture(AS_GENERAL, patient, "image/svg+xml"), png = picture(AS_GENERAL, patient, "image/png");
    REPLY pdf = picture(AS_GENERAL, patient, "application/pdf"), json = picture(AS_GENERAL, patient, "*/*");
    REPLY none = picture(AS_GENERAL, patient, "text/html");
    ck_assert_str_eq(header_of(&svg, "Content-Type"), "image/svg+xml");
    ck_assert_ptr_nonnull(strstr(svg.body, "points a year"));
    ck_assert_ptr_null(strstr(svg.body, patient)); /* a picture names nobody */
    ck_assert_mem_eq(png.body, "\x89PNG", 4);
    ck_assert_mem_eq(pdf.body, "%PDF", 4);
    ck_reply(&json, 200, "mmse", "24");
    ck_reply(&none, 406, "type", "/problems/not-acceptable");
}
END_TEST

START_TEST(a_trend_is_shown_to_those_who_see_the_patient_and_logged)
{
    const char *patient = PATIENT_WITH({"2020-01-01", 27}, {"2021-01-01", 26});
    REPLY own = picture(token_for(patient, "patient", NULL), patient, "image/svg+xml");
    ck_status(&own, 200);
    REPLY other = api_get(AS_PATIENT, "/api/v1/patients/%s/mmse/trend", patient);
    ck_status(&other, 404);
    REPLY researcher = api_get(AS_RESEARCHER, "/api/v1/patients/%s/mmse/trend", patient);
    ck_status(&researcher, 403);
    ck_assert_str_eq(sql_value("SELECT string_agg(outcome || ' ' || role, ', ' ORDER BY id) FROM auth.access_log"
                               " WHERE subject_id = '%s' AND action = 'trend.read' AND object = 'assessment'",
                               patient),
                     "read patient, absent patient");
}
END_TEST

START_TEST(the_error_of_measuring_is_a_setting)
{
    const char *patient = PATIENT_WITH({"2020-01-01", 27}, {"2021-01-01", 23});
    setenv("MMSE_STANDARD_ERROR", "2", 1);
    setenv("MMSE_STANDARD_ERROR_SOURCE", "Clark et al. 1999", 1);
    api_restart(&users_service);
    REPLY r = api_get(AS_GENERAL, "/api/v1/patients/%s/mmse/trend", patient);
    ck_reply(&r, 200, "since_first/within_measurement_error", "true");
    ck_assert_str_eq(text_at(&r, "measurement_error/source"), "Clark et al. 1999");
    ck_assert_double_eq_tol(number_at(&r, "measurement_error/threshold"), 5.5436, 1e-4);
    unsetenv("MMSE_STANDARD_ERROR");
    unsetenv("MMSE_STANDARD_ERROR_SOURCE");
    api_restart(&users_service);
}
END_TEST

int main(void)
{
    return API_TESTS(&users_service, a_trend_says_how_scores_changed_and_whether_that_is_more_than_error,
                     one_score_has_neither_change_nor_slope,
                     two_scores_have_a_slope_without_limits_and_two_of_one_day_have_none,
                     the_latest_score_is_ranked_among_patients_of_the_same_age_and_schooling,
                     a_percentile_of_few_is_not_given, the_client_chooses_figures_or_a_picture,
                     a_trend_is_shown_to_those_who_see_the_patient_and_logged, the_error_of_measuring_is_a_setting);
}
