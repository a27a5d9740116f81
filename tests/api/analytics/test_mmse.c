/* Counts, distributions and the rule of thumb. */
#include "services/analytics/analytics.h"
#include "services/analytics/count/mmse.h"
#include "services/analytics/model/prediction.h"
#include "tests/support/api.h"

#include <stdlib.h>
#include <string.h>

static const char *make_patient(const char *birth_date, int mmse)
{
    const char *id = new_id();
    sql_value("INSERT INTO users.person (id, name, status, birth_date, birth_date_estimated, mmse)"
              " VALUES ('%s', 'P %s', 'patient', %s, false, %d)",
              id, id, birth_date, mmse);
    return id;
}

/* A few thousand patients of all ages and scores, once. */
static void make_population(void)
{
    static bool made;
    if (made)
        return;
    made = true;
    sql_value("INSERT INTO users.person (id, name, status, birth_date, birth_date_estimated, mmse)"
              " SELECT gen_random_uuid(), 'Many ' || n, 'patient', current_date - (n * 17 %% 36500), false, n %% 31"
              " FROM generate_series(1, 3000) n");
}

static long count(const char *query)
{
    REPLY r = api_get(AS_CAREGIVER, "/api/v1/mmse/count?%s", query);
    ck_status(&r, 200);
    return (long)number_at(&r, "count");
}

static long counted(const char *condition)
{
    return strtol(sql_value("SELECT count(*) FROM (SELECT mmse, extract(year FROM age(current_date, birth_date)) AS age"
                            " FROM users.person WHERE status = 'patient') p WHERE %s",
                            condition),
                  NULL, 10);
}

static long in_their_fifties(const char *query)
{
    REPLY r = api_get(AS_GENERAL, "/api/v1/mmse/distribution?%s", query);
    ck_reply(&r, 200, "series/1/age_band", "50-59");
    return (long)number_at(&r, "series/1/patients");
}

/* Both on the same day: at midnight some grow older. */
static void ck_agree(long (*told_by)(const char *), const char *query, const char *condition)
{
    const char *day;
    long told, there;
    do {
        day = sql_value("SELECT current_date");
        told = told_by(query);
        there = counted(condition);
    } while (strcmp(day, sql_value("SELECT current_date")) != 0);
    ck_assert_int_eq(told, there);
}

static void ck_counted(const char *query, const char *condition)
{
    ck_agree(count, query, condition);
}

START_TEST(counts_are_strict_in_the_score)
{
    make_population();
    for (int score = 0; score <= 30; score++) {
        ck_counted(text_of("over=%d", score), text_of("mmse > %d", score));
        ck_counted(text_of("under=%d", score), text_of("mmse < %d", score));
    }
}
END_TEST

START_TEST(ages_are_inclusive_and_each_bound_is_independent)
{
    make_population();
    static const int bounds[] = {0, 1, 17, 49, 50, 51, 64, 65, 99, 130};
    for (size_t i = 0; i < COUNT(bounds); i++) {
        ck_counted(text_of("over=12&min_age=%d", bounds[i]), text_of("mmse > 12 AND age >= %d", bounds[i]));
        ck_counted(text_of("under=12&max_age=%d", bounds[i]), text_of("mmse < 12 AND age <= %d", bounds[i]));
        for (size_t j = i; j < COUNT(bounds); j++)
            ck_counted(text_of("over=4&min_age=%d&max_age=%d", bounds[i], bounds[j]),
                       text_of("mmse > 4 AND age BETWEEN %d AND %d", bounds[i], bounds[j]));
    }
}
END_TEST

START_TEST(birthdays_of_today_and_tomorrow_fall_on_the_right_side)
{
    make_patient("current_date - interval '70 years'", 30);
    make_patient("current_date - interval '70 years' + interval '1 day'", 30);
    make_patient("current_date", 30);
    static const int ages[] = {0, 69, 70};
    for (size_t i = 0; i < COUNT(ages); i++)
        ck_counted(text_of("over=29&min_age=%d&max_age=%d", ages[i], ages[i]),
                   text_of("mmse > 29 AND age = %d", ages[i]));
}
END_TEST

START_TEST(the_answer_says_what_was_counted)
{
    REPLY r = api_get(AS_PATIENT, "/api/v1/mmse/count?over=20&min_age=0");
    ck_reply(&r, 200, "over", "20");
    ck_reply(&r, 200, "min_age", "0");
    ck_assert_ptr_null(text_at(&r, "under"));
    ck_assert_ptr_null(text_at(&r, "max_age"));
}
END_TEST

START_TEST(a_count_that_makes_no_sense_is_refused)
{
    static const struct {
        const char *query, *pointer;
    } cases[] = {{"", "/over"},
                 {"over=1&under=2", "/over"},
                 {"over=31", "/over"},
                 {"under=-1", "/under"},
                 {"over=1.5", "/over"},
                 {"over=1e1", "/over"},
                 {"over=99999999999999999999", "/over"},
                 {"over=", "/over"},
                 {"over=3&over=4", "/over"},
                 {"over=3&min_age=131", "/min_age"},
                 {"over=3&min_age=60&max_age=59", "/min_age"},
                 {"over=3&colour=red", "/colour"}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        REPLY r = api_get(AS_GENERAL, "/api/v1/mmse/count?%s", cases[i].query);
        ck_status(&r, 422);
        ck_refuses(&r, cases[i].pointer);
    }
}
END_TEST

START_TEST(the_historic_paths_count_the_same)
{
    make_population();
    REPLY over = api_get(AS_GENERAL, "/count_over/20?min_age=60"), under = api_get(AS_GENERAL, "/count_under/20");
    ck_assert_int_eq((long)number_at(&over, "count"), count("over=20&min_age=60"));
    ck_assert_int_eq((long)number_at(&under, "count"), count("under=20"));
    REPLY anonymous = api_get(ANONYMOUSLY, "/count_over/20");
    ck_status(&anonymous, 401);
    REPLY not_a_score = api_get(AS_GENERAL, "/count_over/many");
    ck_status(&not_a_score, 422);
}
END_TEST

START_TEST(the_distribution_has_every_score_and_adds_up)
{
    make_population();
    REPLY r = api_get(AS_GENERAL, "/api/v1/mmse/distribution");
    ck_reply(&r, 200, "by", "null");
    json_t *counts = json_object_get(json_array_get(json_object_get(r.json, "series"), 0), "counts");
    ck_assert_uint_eq(json_array_size(counts), 31);
    for (int score = 0; score <= 30; score++)
        ck_assert_int_eq(json_integer_value(json_array_get(counts, (size_t)score)),
                         counted(text_of("mmse = %d", score)));
}
END_TEST

START_TEST(the_distribution_by_age_band_adds_up_to_the_whole)
{
    make_population();
    REPLY r = api_get(AS_GENERAL, "/api/v1/mmse/distribution?by=AGE_BAND");
    ck_reply(&r, 200, "series/0/age_band", "under 50");
    ck_reply(&r, 200, "series/5/age_band", "90 and over");
    ck_agree(in_their_fifties, "by=age_band", "age BETWEEN 50 AND 59");
    double all = 0;
    for (int band = 0; band < 6; band++)
        all += number_at(&r, text_of("series/%d/patients", band));
    ck_assert_int_eq((long)all, counted("true"));
    REPLY by_hair = api_get(AS_GENERAL, "/api/v1/mmse/distribution?by=hair");
    ck_status(&by_hair, 422);
}
END_TEST

START_TEST(a_prediction_names_its_model_and_its_inputs)
{
    const char *id = make_patient("current_date - interval '60 years'", 20);
    REPLY r = api_get(AS_NEUROLOGIST, "/api/v1/mmse/predictions/%s", id);
    ck_reply(&r, 200, "patient_id", id);
    ck_reply(&r, 200, "predicted_mmse", "23");
    ck_reply(&r, 200, "model", "rule-v1");
    ck_reply(&r, 200, "inputs/mmse", "20");
    ck_reply(&r, 200, "inputs/age", "60");
    REPLY by_name = api_get(AS_NEUROLOGIST, "/predict_patient/p%%20%s", id);
    ck_reply(&by_name, 200, "patient_id", id);
}
END_TEST

START_TEST(predictions_are_for_neurologists)
{
    const char *path = text_of("/api/v1/mmse/predictions/%s", make_patient("'1950-01-01'", 10));
    const char *others[] = {AS_PSYCHOLOGIST, AS_GENERAL, AS_CAREGIVER, AS_PATIENT, AS_ADMIN};
    for (size_t i = 0; i < COUNT(others); i++) {
        REPLY r = api_get(others[i], "%s", path);
        ck_reply(&r, 403, "type", "/problems/forbidden");
    }
    REPLY anonymous = api_get(ANONYMOUSLY, "%s", path);
    ck_status(&anonymous, 401);
}
END_TEST

START_TEST(predicting_nobody_is_not_found_and_predicting_a_caregiver_is_refused)
{
    const char *id = new_id();
    sql_value("INSERT INTO users.person (id, name, status) VALUES ('%s', 'C %s', 'caregiver')", id, id);
    REPLY caregiver = api_get(AS_NEUROLOGIST, "/api/v1/mmse/predictions/%s", id);
    ck_reply(&caregiver, 422, "detail", "This person is not a patient.");
    REPLY nobody = api_get(AS_NEUROLOGIST, "/api/v1/mmse/predictions/%s", new_id());
    ck_status(&nobody, 404);
    REPLY unnamed = api_get(AS_NEUROLOGIST, "/predict_patient/nobody%%20%s", new_id());
    ck_status(&unnamed, 404);
}
END_TEST

int main(void)
{
    return API_TESTS(&analytics_service, counts_are_strict_in_the_score,
                     ages_are_inclusive_and_each_bound_is_independent,
                     birthdays_of_today_and_tomorrow_fall_on_the_right_side, the_answer_says_what_was_counted,
                     a_count_that_makes_no_sense_is_refused, the_historic_paths_count_the_same,
                     the_distribution_has_every_score_and_adds_up, the_distribution_by_age_band_adds_up_to_the_whole,
                     a_prediction_names_its_model_and_its_inputs, predictions_are_for_neurologists,
                     predicting_nobody_is_not_found_and_predicting_a_caregiver_is_refused);
}
