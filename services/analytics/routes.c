#include "services/analytics/mmse.h"
#include "services/analytics/prediction.h"

#define NEUROLOGISTS \
    { \
        .roles = HEALTHPRO, .specialties = NEUROLOGIST \
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

    {"GET", "/count_over/:over", mmse_count, WITHOUT_NAMES, "mmse.count", "How many patients score over a value",
     &mmse_count_query_schema, FROM_QUERY, &mmse_count_schema, .rules = HISTORIC},
    {"GET", "/count_under/:under", mmse_count, WITHOUT_NAMES, "mmse.count", "How many patients score under a value",
     &mmse_count_query_schema, FROM_QUERY, &mmse_count_schema, .rules = HISTORIC},
    {"GET", "/predict_patient/:name", prediction_get_by_name, NEUROLOGISTS, "mmse.predict",
     "The next score that is to be expected of the patient of that name", &patient_name_schema, 0, &prediction_schema,
     .rules = HISTORIC, .about = ONE_PERSON},
    {0},
};
