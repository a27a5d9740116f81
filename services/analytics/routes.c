#include "services/analytics/comparison/comparison.h"
#include "services/analytics/comparison/survival_analysis.h"
#include "services/analytics/count/mmse.h"
#include "services/analytics/model/model.h"
#include "services/analytics/model/model_evaluation.h"
#include "services/analytics/model/prediction.h"
#include "services/analytics/model/promotion.h"
#include "services/analytics/model/training.h"

#include "common/chart/chart.h"
#include "common/job/task.h"

/* clang-format off */

/* A client needs people:read, because a prediction says what it is made of. */
#define FORECASTERS {.roles = HEALTHPRO, .specialties = NEUROLOGIST, .scope = PEOPLE_READ}
#define MODELLERS   {.roles = HEALTHPRO | ADMINS | RESEARCHER, .specialties = NEUROLOGIST, .scope = MODELS_WRITE}
#define PROMOTERS   {.roles = HEALTHPRO | ADMINS, .specialties = NEUROLOGIST, .scope = MODELS_WRITE}
#define COMPARERS   {.roles = HEALTHPRO | ADMINS | RESEARCHER}

/* Handler, subject, input, output, action and summary of the rows. */
#define MMSE_COUNT \
    mmse_count, TAKES(mmse_count_query_schema, FROM_QUERY), GIVES(mmse_count_schema), .action = "mmse.count", \
    .summary = "Number of patients who score over or under a value, and their ages"
#define MMSE_DISTRIBUTION \
    mmse_distribution, TAKES(mmse_distribution_query_schema, FROM_QUERY), GIVES(mmse_distribution_schema), \
    .action = "mmse.distribution", .summary = "Number of patients with each score, in total or per age band"
#define PREDICTION_GET \
    prediction_get, .subject = ONE_PERSON, TAKES(prediction_query_schema, FROM_QUERY), GIVES(prediction_schema), \
    .noun = "person", .action = "mmse.predict", .summary = "A patient's expected next score"
#define TRAINING_CREATE \
    training_create, .subject = ONESELF, TAKES(new_model_schema, FROM_JSON), GIVES(task_schema), .success = 202, \
    .action = "model.train", .summary = "Start training a model; the answer describes the task"
#define MODEL_LIST \
    model_list, .subject = ONESELF, TAKES(model_query_schema, FROM_QUERY), LISTS(model_summary_schema), \
    .action = "model.list", .summary = "The caller's models and the clinic's, newest first"
#define MODEL_GET \
    model_get, .subject = ONESELF, GIVES(model_schema), .action = "model.read", .summary = "A model and its card"
#define MODEL_DELETE \
    model_delete, .subject = ONESELF, .shape = GIVES_NOTHING, .action = "model.delete", \
    .summary = "Remove a model that is not promoted"
#define MODEL_REPORT \
    model_report, .subject = ONESELF, GIVES(model_report_schema), .media_types = model_report_types, \
    .action = "model.read", .summary = "Report on a model, as JSON or as a page with pictures"
#define PROMOTION_CREATE \
    promotion_create, .subject = ONESELF, TAKES(promotion_schema, FROM_JSON), GIVES(model_schema), \
    .action = "model.promote", .summary = "Promote a model: predictions come from it"
#define PROMOTION_DELETE \
    promotion_delete, .subject = ONESELF, .shape = GIVES_NOTHING, .noun = "promotion", .action = "model.demote", \
    .summary = "Demote a model: predictions come from the rule of thumb again"
#define MODEL_EVALUATION_CREATE \
    model_evaluation_create, .subject = ONESELF, .upload = &model_evaluation_file, GIVES(model_evaluation_schema), \
    .action = "model.evaluate", .summary = "Evaluate a model on uploaded visits of people outside its training data"
#define COMPARISON_CREATE \
    comparison_create, .subject = PEOPLE, TAKES(comparison_order_schema, FROM_JSON), GIVES(kept_comparison_schema), \
    .success = 201, .action = "comparison.create", \
    .summary = "Compare treatments for a patient, or for an invented profile"
#define COMPARISON_LIST \
    comparison_list, .subject = PEOPLE, TAKES(comparison_query_schema, FROM_QUERY), LISTS(comparison_item_schema), \
    .action = "comparison.list", .summary = "Comparisons of treatments, newest first"
#define COMPARISON_GET \
    comparison_get, .subject = PEOPLE, TAKES(comparison_view_schema, FROM_QUERY), GIVES(kept_comparison_schema), \
    .media_types = chart_media_types, .noun = "record", .action = "comparison.read", \
    .summary = "One comparison of treatments with its answer, or its curves as a picture"
#define COMPARISON_DELETE \
    comparison_delete, .subject = PEOPLE, .shape = GIVES_NOTHING, .noun = "record", .action = "comparison.delete", \
    .summary = "Remove a comparison of treatments"
#define COMPARISON_DECIDE \
    comparison_decide, .subject = PEOPLE, TAKES(decision_order_schema, FROM_JSON), GIVES(comparison_item_schema), \
    .noun = "record", .action = "comparison.decide", \
    .summary = "Record the decision; an accepted treatment becomes the patient's"
#define SURVIVAL_ANALYSE \
    survival_analysis_compute, .subject = NOBODY, TAKES(survival_order_schema, FROM_QUERY), .upload = &survival_table, \
    GIVES(survival_analysis_schema), .media_types = chart_media_types, .action = "survival.analyse", \
    .summary = "Compare treatments in an uploaded table (CSV), which is not kept"
#define MMSE_COUNT_OVER \
    mmse_count, TAKES(mmse_count_query_schema, FROM_QUERY), GIVES(mmse_count_schema), .action = "mmse.count", \
    .summary = "Number of patients who score over a value"
#define MMSE_COUNT_UNDER \
    mmse_count, TAKES(mmse_count_query_schema, FROM_QUERY), GIVES(mmse_count_schema), .action = "mmse.count", \
    .summary = "Number of patients who score under a value"
#define PREDICTION_GET_BY_NAME \
    prediction_get_by_name, .subject = ONE_PERSON, TAKES(patient_name_schema, FROM_QUERY), GIVES(prediction_schema), \
    .noun = "person", .action = "mmse.predict", .summary = "Expected next score of the patient of that name"

const struct route analytics_routes[] = {
    {"GET", "/api/v1/mmse/count",                   MMSE_COUNT,        .access = WITHOUT_NAMES},
    {"GET", "/api/v1/mmse/distribution",            MMSE_DISTRIBUTION, .access = WITHOUT_NAMES},
    {"GET", "/api/v1/mmse/predictions/:patient_id", PREDICTION_GET,    .access = FORECASTERS},

    {"POST",   "/api/v1/models",                    TRAINING_CREATE,         .access = MODELLERS},
    {"GET",    "/api/v1/models",                    MODEL_LIST,              .access = MODELLERS},
    {"GET",    "/api/v1/models/:model_id",          MODEL_GET,               .access = MODELLERS},
    {"DELETE", "/api/v1/models/:model_id",          MODEL_DELETE,            .access = MODELLERS, .rules = NEEDS_IF_MATCH},
    {"GET",    "/api/v1/models/:model_id/report",   MODEL_REPORT,            .access = MODELLERS},
    {"POST",   "/api/v1/models/:model_id/promote",  PROMOTION_CREATE,        .access = PROMOTERS},
    {"DELETE", "/api/v1/models/:model_id/promote",  PROMOTION_DELETE,        .access = PROMOTERS},
    {"POST",   "/api/v1/models/:model_id/evaluate", MODEL_EVALUATION_CREATE, .access = MODELLERS},

    TASK_ROUTES,

    {"POST",   "/api/v1/treatment-comparisons",                         COMPARISON_CREATE, .access = COMPARERS},
    {"GET",    "/api/v1/treatment-comparisons",                         COMPARISON_LIST,   .access = COMPARERS},
    {"GET",    "/api/v1/treatment-comparisons/:comparison_id",          COMPARISON_GET,    .access = COMPARERS},
    {"DELETE", "/api/v1/treatment-comparisons/:comparison_id",          COMPARISON_DELETE, .access = COMPARERS, .rules = NEEDS_IF_MATCH},
    {"PUT",    "/api/v1/treatment-comparisons/:comparison_id/decision", COMPARISON_DECIDE, .access = STAFF,     .rules = NEEDS_IF_MATCH},

    {"POST", "/api/v1/survival-analyses", SURVIVAL_ANALYSE, .access = COMPARERS},

    {"GET", "/count_over/:over",      MMSE_COUNT_OVER,        .access = WITHOUT_NAMES, .rules = HISTORIC},
    {"GET", "/count_under/:under",    MMSE_COUNT_UNDER,       .access = WITHOUT_NAMES, .rules = HISTORIC},
    {"GET", "/predict_patient/:name", PREDICTION_GET_BY_NAME, .access = FORECASTERS,   .rules = HISTORIC},
    {0},
};
