#include "common/task.h"
#include "services/analytics/comparison.h"
#include "services/analytics/mmse.h"
#include "services/analytics/prediction.h"
#include "services/analytics/survival_analysis.h"

#include "common/chart/chart.h"

#define NEUROLOGISTS \
    { \
        .roles = HEALTHPRO, .specialties = NEUROLOGIST \
    }

#define COMPARERS \
    { \
        .roles = HEALTHPRO | ADMINS | RESEARCHER \
    }

const struct route analytics_routes[] = {
    {"GET", "/api/v1/mmse/count", mmse_count, WITHOUT_NAMES, "mmse.count",
     "How many patients score over or under a value, of which ages", &mmse_count_query_schema, FROM_QUERY,
     &mmse_count_schema},
    {"GET", "/api/v1/mmse/distribution", mmse_distribution, WITHOUT_NAMES, "mmse.distribution",
     "How many patients have each score, altogether or per age band", &mmse_distribution_query_schema, FROM_QUERY,
     &mmse_distribution_schema},
    {"GET", "/api/v1/mmse/predictions/:patient_id", prediction_get, NEUROLOGISTS, "mmse.predict",
     "The next score that is to be expected of a patient", NULL, 0, &prediction_schema, .about = ONE_PERSON},

    {"POST", "/api/v1/treatment-comparisons", comparison_create, COMPARERS, "comparison.create",
     "Compare treatments for a patient, or for a profile that is nobody's", &comparison_order_schema, FROM_JSON,
     &kept_comparison_schema, .success = 201, .about = PEOPLE},
    {"GET", "/api/v1/treatment-comparisons", comparison_list, COMPARERS, "comparison.list",
     "Comparisons of treatments, the newest first", &comparison_query_schema, FROM_QUERY, &comparison_item_schema,
     GIVES_PAGE, .about = PEOPLE},
    {"GET", "/api/v1/treatment-comparisons/:comparison_id", comparison_get, COMPARERS, "comparison.read",
     "One comparison of treatments with its answer, or its curves as a picture", &comparison_view_schema, FROM_QUERY,
     &kept_comparison_schema, .about = PEOPLE, .also = chart_media_types},
    {"DELETE", "/api/v1/treatment-comparisons/:comparison_id", comparison_delete, COMPARERS, "comparison.delete",
     "Remove a comparison of treatments", NULL, 0, NULL, GIVES_NOTHING, .rules = NEEDS_IF_MATCH, .about = PEOPLE},
    {"PUT", "/api/v1/treatment-comparisons/:comparison_id/decision", comparison_decide, STAFF, "comparison.decide",
     "Record what was decided; an accepted treatment becomes the patient's", &decision_order_schema, FROM_JSON,
     &comparison_item_schema, .rules = NEEDS_IF_MATCH, .about = PEOPLE},

    {"POST", "/api/v1/survival-analyses", survival_analyse, COMPARERS, "survival.analyse",
     "Compare treatments in a table of one's own (CSV), which is not kept", &survival_order_schema, FROM_QUERY,
     &survival_analysis_schema, .success = 200, .about = NOBODY, .upload = &survival_table, .also = chart_media_types},

    TASK_ROUTES,

    {"GET", "/count_over/:over", mmse_count, WITHOUT_NAMES, "mmse.count", "How many patients score over a value",
     &mmse_count_query_schema, FROM_QUERY, &mmse_count_schema, .rules = HISTORIC},
    {"GET", "/count_under/:under", mmse_count, WITHOUT_NAMES, "mmse.count", "How many patients score under a value",
     &mmse_count_query_schema, FROM_QUERY, &mmse_count_schema, .rules = HISTORIC},
    {"GET", "/predict_patient/:name", prediction_get_by_name, NEUROLOGISTS, "mmse.predict",
     "The next score that is to be expected of the patient of that name", &patient_name_schema, 0, &prediction_schema,
     .rules = HISTORIC, .about = ONE_PERSON},
    {0},
};
