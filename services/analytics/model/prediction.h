/* A patient's expected next MMSE score: by the model that serves the caller, or else by the clinic's rule of thumb. */
#pragma once

#include "services/analytics/analytics.h"

#include "common/science/mmse/mmse_model.h"

struct prediction_inputs {
    struct maybe_real mmse; /* the last score */
    struct maybe_integer age, visits, schooling_years;
    const char *first_visit, *last_visit, *sex;
};

struct prediction_interval {
    struct maybe_real level, lower, upper;
};

struct prediction {
    const char *patient_id, *model, *model_id, *at;
    struct maybe_integer model_version;
    struct maybe_real predicted_mmse;
    struct prediction_interval *interval;
    struct maybe_real last_value, difference, measurement_error;
    struct maybe_boolean exceeds_measurement_error;
    struct prediction_inputs *inputs;
};
extern const struct schema prediction_schema;

struct prediction_query {
    const char *name, *at;
};
extern const struct schema prediction_query_schema, patient_name_schema;

/* A patient as known on a day: without anything that came on that day or later. */
struct patient {
    const char *id, *status, *sex, *at, *first_visit, *last_visit;
    struct maybe_integer mmse, age, schooling_years;
    struct maybe_real target_age;  /* in years, on that day */
    const char *visits;            /* age and score in turn, with spaces between */
    const char *model_id, *method; /* of the model that serves the caller; NULL: none */
    struct maybe_integer model_version;
};

enum status prediction_get(struct request *rq);
enum status prediction_get_by_name(struct request *rq);

/* The visits in order and the day asked for, as models take it. INVALID: no score is known before that day. */
enum status prediction_known(const struct patient *p, struct arena *arena, struct problem *why, struct known *out);

/* prediction_store.c. at: the day, or NULL for a year from now. */
enum status prediction_find_patient(struct db *db, const char *id, const char *at, struct patient *out);
enum status prediction_find_patient_by_name(struct db *db, const char *name, const char *at, struct patient *out);
