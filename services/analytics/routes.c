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

/* A client needs people:read, because a prediction says what it is made of. */
#define FORECASTERS \
    { \
        .roles = HEALTHPRO, .specialties = NEUROLOGIST, .scope = PEOPLE_READ \
    }
#define MODELLERS \
    { \
        .roles = HEALTHPRO | ADMINS | RESEARCHER, .specialties = NEUROLOGIST, .scope = MODELS_WRITE \
    }
#define PROMOTERS \
    { \
        .roles = HEALTHPRO | ADMINS, .specialties = NEUROLOGIST, .scope = MODELS_WRITE \
    }

#define COMPARERS \
    { \
        .roles = HEALTHPRO | ADMINS | RESEARCHER \
    }

const struct route analytics_routes[] = {
    {"GET", "/api/v1/mmse/count", mmse_count, WITHOUT_NAMES, "mmse.count",
     "Number of patients who score over or under a value, and their ages", &mmse_count_query_schema, FROM_QUERY,
     &mmse_count_schema},
    {"GET", "/api/v1/mmse/distribution", mmse_distribution, WITHOUT_NAMES, "mmse.distribution",
     "Number of patients with each score, in total or per age band", &mmse_distribution_query_schema, FROM_QUERY,
     &mmse_distribution_schema},
    {"GET", "/api/v1/mmse/predictions/:patient_id", prediction_get, FORECASTERS, "mmse.predict",
     "A patient's expected next score", &prediction_query_schema, FROM_QUERY, &prediction_schema,
     .subject = ONE_PERSON},

    {"POST", "/api/v1/models", training_create, MODELLERS, "model.train",
     "Train a model, by a task that the answer describes", &new_model_schema, FROM_JSON, &task_schema,
     .success = 202, .subject = ONESELF},
    {"GET", "/api/v1/models", model_list, MODELLERS, "model.list", "The caller's models and the clinic's, newest first",
     &model_query_schema, FROM_QUERY, &model_summary_schema, GIVES_PAGE, .subject = ONESELF},
    {"GET", "/api/v1/models/:model_id", model_get, MODELLERS, "model.read", "A model and its card", NULL, 0,
     &model_schema, .subject = ONESELF},
    {"DELETE", "/api/v1/models/:model_id", model_delete, MODELLERS, "model.delete",
     "Remove a model that is not promoted", NULL, 0, NULL, GIVES_NOTHING, .rules = NEEDS_IF_MATCH, .subject = ONESELF},
    {"GET", "/api/v1/models/:model_id/report", model_report, MODELLERS, "model.read",
     "Report on a model, as JSON or as a page with pictures", NULL, 0, &model_report_schema, .subject = ONESELF,
     .media_types = model_report_types},
    {"POST", "/api/v1/models/:model_id/promote", promotion_create, PROMOTERS, "model.promote",
     "Promote a model: predictions come from it", &promotion_schema, FROM_JSON, &model_schema, .subject = ONESELF},
    {"DELETE", "/api/v1/models/:model_id/promote", promotion_delete, PROMOTERS, "model.demote",
     "Demote a model: predictions come from the rule of thumb again", NULL, 0, NULL, GIVES_NOTHING, .subject = ONESELF},
    {"POST", "/api/v1/models/:model_id/evaluate", model_evaluate, MODELLERS, "model.evaluate",
     "Evaluate a model on an uploaded table of visits", NULL, 0, &model_evaluation_schema, .subject = ONESELF,
     .upload = &model_evaluation_file},

    TASK_ROUTES,

    {"POST", "/api/v1/treatment-comparisons", comparison_create, COMPARERS, "comparison.create",
     "Compare treatments for a patient, or for an invented profile", &comparison_order_schema, FROM_JSON,
     &kept_comparison_schema, .success = 201, .subject = PEOPLE},
    {"GET", "/api/v1/treatment-comparisons", comparison_list, COMPARERS, "comparison.list",
     "Comparisons of treatments, newest first", &comparison_query_schema, FROM_QUERY, &comparison_item_schema,
     GIVES_PAGE, .subject = PEOPLE},
    {"GET", "/api/v1/treatment-comparisons/:comparison_id", comparison_get, COMPARERS, "comparison.read",
     "One comparison of treatments with its answer, or its curves as a picture", &comparison_view_schema, FROM_QUERY,
     &kept_comparison_schema, .subject = PEOPLE, .media_types = chart_media_types},
    {"DELETE", "/api/v1/treatment-comparisons/:comparison_id", comparison_delete, COMPARERS, "comparison.delete",
     "Remove a comparison of treatments", NULL, 0, NULL, GIVES_NOTHING, .rules = NEEDS_IF_MATCH, .subject = PEOPLE},
    {"PUT", "/api/v1/treatment-comparisons/:comparison_id/decision", comparison_decide, STAFF, "comparison.decide",
     "Record the decision; an accepted treatment becomes the patient's", &decision_order_schema, FROM_JSON,
     &comparison_item_schema, .rules = NEEDS_IF_MATCH, .subject = PEOPLE},

    {"POST", "/api/v1/survival-analyses", survival_analyse, COMPARERS, "survival.analyse",
     "Compare treatments in an uploaded table (CSV), which is not kept", &survival_order_schema, FROM_QUERY,
     &survival_analysis_schema, .success = 200, .subject = NOBODY, .upload = &survival_table,
     .media_types = chart_media_types},

    {"GET", "/count_over/:over", mmse_count, WITHOUT_NAMES, "mmse.count", "Number of patients who score over a value",
     &mmse_count_query_schema, FROM_QUERY, &mmse_count_schema, .rules = HISTORIC},
    {"GET", "/count_under/:under", mmse_count, WITHOUT_NAMES, "mmse.count", "Number of patients who score under a value",
     &mmse_count_query_schema, FROM_QUERY, &mmse_count_schema, .rules = HISTORIC},
    {"GET", "/predict_patient/:name", prediction_get_by_name, FORECASTERS, "mmse.predict",
     "Expected next score of the patient of that name", &patient_name_schema, FROM_QUERY,
     &prediction_schema, .rules = HISTORIC, .subject = ONE_PERSON},
    {0},
};
