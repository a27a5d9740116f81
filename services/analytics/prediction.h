/* The next MMSE score that is to be expected of a patient. */
#ifndef MNEMOS_ANALYTICS_PREDICTION_H
#define MNEMOS_ANALYTICS_PREDICTION_H

#include "services/analytics/analytics.h"

struct prediction_inputs {
    struct maybe_integer mmse, age;
};

struct prediction {
    const char *patient_id, *model;
    struct maybe_real predicted_mmse;
    struct prediction_inputs *inputs;
};
extern const struct schema prediction_schema;

struct patient {
    const char *id, *name, *status;
    struct maybe_integer mmse, age;
};
extern const struct schema patient_name_schema;

enum status prediction_get(struct request *rq);
enum status prediction_get_by_name(struct request *rq);

/* prediction_store.c */
enum status patient_find(struct db *db, const char *id, struct patient *out);
enum status patient_find_by_name(struct db *db, const char *name, struct patient *out);

#endif
