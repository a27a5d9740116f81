#include "services/analytics/prediction.h"

#include "common/statistics/mmse_model.h"

enum { SCORE_MAX = 30 };

SCHEMA(patient_name_schema, "PatientName", struct patient,
       FIELD_TEXT(struct patient, name, .rules = REQUIRED, .min = 1, .max = 80));

LOCAL_SCHEMA(inputs_schema, "PredictionInputs", struct prediction_inputs, FIELD_INTEGER(struct prediction_inputs, mmse),
             FIELD_INTEGER(struct prediction_inputs, age));

SCHEMA(prediction_schema, "Prediction", struct prediction, FIELD_UUID(struct prediction, patient_id),
       FIELD_REAL(struct prediction, predicted_mmse, .min = 0, .max = SCORE_MAX, .summary = "Points of 30"),
       FIELD_TEXT(struct prediction, model, .example = "rule-v1"),
       FIELD_RECORD(struct prediction, inputs, inputs_schema, struct prediction_inputs));

static enum status predict(struct request *rq, enum status found, const struct patient *p)
{
    if (found == NOT_FOUND)
        return request_absent(rq, "person");
    TRY(found);
    if (!p->mmse.known)
        return fail(&rq->problem, INVALID, NULL, "This person is not a patient.");
    struct prediction_inputs inputs = {p->mmse, p->age};
    struct prediction prediction = {
        .patient_id = p->id,
        .model = "rule-v1",
        .predicted_mmse = {true, rule_v1((double)p->mmse.value, (int)p->age.value)},
        .inputs = &inputs,
    };
    return reply_record(rq, &prediction);
}

enum status prediction_get(struct request *rq)
{
    struct patient p;
    const char *id;
    TRY(request_id(rq, "patient_id", &id));
    return predict(rq, patient_find(&rq->db, id, &p), &p);
}

enum status prediction_get_by_name(struct request *rq)
{
    struct patient key = {0}, p;
    TRY(request_input(rq, &key));
    return predict(rq, patient_find_by_name(&rq->db, key.name, &p), &p);
}
