#include "services/analytics/model/prediction.h"

#include "services/analytics/model/model_cache.h"

#include "common/science/statistics/reliable_change.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define AT \
    FIELD_DATE(struct prediction_query, at, \
               .summary = "The day to predict for; a year from now by default. Only earlier scores are used")

SCHEMA(prediction_query_schema, "PredictionQuery", struct prediction_query, AT);
SCHEMA(patient_name_schema, "PatientName", struct prediction_query,
       FIELD_TEXT(struct prediction_query, name, .rules = REQUIRED, .min = 1, .max = 80), AT);

LOCAL_SCHEMA(inputs_schema, "PredictionInputs", struct prediction_inputs,
             FIELD_REAL(struct prediction_inputs, mmse, .summary = "The last score"),
             FIELD_INTEGER(struct prediction_inputs, age), FIELD_INTEGER(struct prediction_inputs, visits),
             FIELD_DATE(struct prediction_inputs, first_visit), FIELD_DATE(struct prediction_inputs, last_visit),
             FIELD_TEXT(struct prediction_inputs, sex), FIELD_INTEGER(struct prediction_inputs, schooling_years));

LOCAL_SCHEMA(interval_schema, "PredictionInterval", struct prediction_interval,
             FIELD_REAL(struct prediction_interval, level, .summary = "Share of such intervals that contain the score"),
             FIELD_REAL(struct prediction_interval, lower), FIELD_REAL(struct prediction_interval, upper));

#define SCORE .min = 0, .max = SCORE_MAX
SCHEMA(prediction_schema, "Prediction", struct prediction, FIELD_UUID(struct prediction, patient_id),
       FIELD_REAL(struct prediction, predicted_mmse, SCORE, .summary = "Points, of 30"),
       FIELD_RECORD(struct prediction, interval, interval_schema, struct prediction_interval,
                    .summary = "null: the rule of thumb has none"),
       FIELD_DATE(struct prediction, at, .summary = "Day of the prediction"),
       FIELD_TEXT(struct prediction, model, .example = "rule-v1",
                  .summary = "Method of the prediction: the rule, or the model's method"),
       FIELD_UUID(struct prediction, model_id), FIELD_INTEGER(struct prediction, model_version),
       FIELD_REAL(struct prediction, last_value, SCORE, .summary = "The last value as prediction"),
       FIELD_REAL(struct prediction, difference, .summary = "Predicted minus last value"),
       FIELD_REAL(struct prediction, measurement_error,
                  .summary = "Differences up to this may be measurement error (95%)"),
       FIELD_BOOLEAN(struct prediction, exceeds_measurement_error),
       FIELD_RECORD(struct prediction, inputs, inputs_schema, struct prediction_inputs));

/* ---- What is known ---- */

static size_t visits_read(const char *text, struct arena *arena, struct visit_row **out)
{
    size_t room = strlen(text) / 4 + 1, count = 0; /* "7 2 " is the shortest */
    struct visit_row *rows = arena_alloc(arena, room * sizeof *rows);
    for (char *end; *text && count < room; text = end + (*end == ' '), count++) {
        double age = strtod(text, &end), score = strtod(end, &end);
        rows[count] = (struct visit_row){.id = "", .visit = {age, score}, .male = NAN, .education = NAN};
    }
    *out = rows;
    return count;
}

static double male_of(const char *sex)
{
    if (!sex)
        return NAN;
    return strcmp(sex, "male") == 0 ? 1 : strcmp(sex, "female") == 0 ? 0 : NAN;
}

/* By the same hands as the cohort that models learn from, so that they meet what they know. */
enum status prediction_known(const struct patient *p, struct arena *arena, struct problem *why, struct known *out)
{
    struct cohort cohort;
    struct visit_row *rows;
    if (!p->visits)
        return fail(why, INVALID, "at", "must be later than a score that is known; there is none before that day");
    size_t count = visits_read(p->visits, arena, &rows);
    TRY(cohort_make(arena, rows, count, &cohort, why));
    *out = (struct known){.male = male_of(p->sex),
                          .education = p->schooling_years.known ? (double)p->schooling_years.value : NAN,
                          .count = cohort.subjects[0].count,
                          .visits = cohort.subjects[0].visits,
                          .target_age = p->target_age.value};
    return OK;
}

/* ---- Predicting ---- */

static struct maybe_real real(double value)
{
    return (struct maybe_real){true, value};
}

static void predict_by_rule(const struct patient *p, double last, struct prediction *out)
{
    out->model = "rule-v1";
    out->predicted_mmse = real(mmse_method_rule_v1(last, (int)p->age.value));
}

static enum status predict_by_model(struct request *rq, const struct patient *p, const struct known *known,
                                    struct prediction *out)
{
    struct analytics *analytics = rq->app;
    AUTO(model_cache_release) struct held_model held = {0};
    struct mmse_prediction found;
    TRY(model_cache_get(analytics->models, &rq->db, p->model_id, &held));
    TRY(mmse_model_predict(held.model, known, CONFORMAL_DEFAULT, &found, &rq->problem));
    struct prediction_interval *interval = arena_alloc(rq->arena, sizeof *interval);
    *interval =
        (struct prediction_interval){real(conformal_levels[CONFORMAL_DEFAULT]), real(found.lower), real(found.upper)};
    out->predicted_mmse = real(found.score);
    out->interval = interval;
    out->model = p->method;
    out->model_id = p->model_id;
    out->model_version = p->model_version;
    return OK;
}

static void compare(const struct analytics *analytics, double last, struct prediction *out)
{
    double difference = out->predicted_mmse.value - last;
    double error = reliable_change(0, difference, analytics->mmse_standard_error, 0.95).threshold;
    out->last_value = real(last);
    out->difference = real(difference);
    out->measurement_error = real(error);
    out->exceeds_measurement_error = (struct maybe_boolean){true, fabs(difference) > error};
}

/* A score without a day (of a person never assessed) is enough for the rule, which ignores time. */
static enum status predict(struct request *rq, const struct patient *p, const char *at)
{
    if (!p->mmse.known)
        return fail(&rq->problem, INVALID, NULL, "This person is not a patient.");
    struct known known = {0};
    if (p->visits || at)
        TRY(prediction_known(p, rq->arena, &rq->problem, &known));
    double last = known.count > 0 ? known_last(&known)->score : (double)p->mmse.value;
    struct prediction_inputs inputs = {.mmse = real(last),
                                       .age = p->age,
                                       .visits = {true, (int64_t)known.count},
                                       .schooling_years = p->schooling_years,
                                       .first_visit = p->first_visit,
                                       .last_visit = p->last_visit,
                                       .sex = p->sex};
    struct prediction prediction = {.patient_id = p->id, .at = p->at, .inputs = &inputs};
    if (p->model_id && known.count > 0)
        TRY(predict_by_model(rq, p, &known, &prediction));
    else
        predict_by_rule(p, last, &prediction);
    compare(rq->app, last, &prediction);
    return reply_record(rq, &prediction);
}

enum status prediction_get(struct request *rq)
{
    struct prediction_query query = {0};
    struct patient p = {0};
    const char *id;
    TRY(request_id(rq, "patient_id", &id));
    TRY(request_input(rq, &query));
    TRY(prediction_find_patient(&rq->db, id, query.at, &p));
    return predict(rq, &p, query.at);
}

enum status prediction_get_by_name(struct request *rq)
{
    struct prediction_query query = {0};
    struct patient p = {0};
    TRY(request_input(rq, &query));
    TRY(prediction_find_patient_by_name(&rq->db, query.name, query.at, &p));
    return predict(rq, &p, query.at);
}
