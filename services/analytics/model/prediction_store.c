#include "services/analytics/model/prediction.h"

#include "common/audit/access_log.h"

/* clang-format off */
LOCAL_SCHEMA(patient_schema, "Patient", struct patient,
             FIELD_UUID(struct patient, id),
             FIELD_TEXT(struct patient, status),
             FIELD_INTEGER(struct patient, mmse),
             FIELD_INTEGER(struct patient, age),
             FIELD_TEXT(struct patient, sex),
             FIELD_INTEGER(struct patient, schooling_years),
             FIELD_DATE(struct patient, at),
             FIELD_REAL(struct patient, target_age),
             FIELD_TEXT(struct patient, visits),
             FIELD_DATE(struct patient, first_visit),
             FIELD_DATE(struct patient, last_visit),
             FIELD_UUID(struct patient, model_id),
             FIELD_TEXT(struct patient, method),
             FIELD_INTEGER(struct patient, model_version));
/* clang-format on */

/* In one statement: the patient, the scores known before that day, and the model that serves the caller. Of the scores
 * of one day the last one counts; of somebody with very many visits the latest are looked at (SUBJECT_VISITS_MAX). */
#define KNOWN_BEFORE(condition, at_) \
    "SELECT p.id, p.status, p.mmse, extract(year FROM age(least(d.at, current_date), p.birth_date))::int AS age," \
    " p.sex, p.schooling_years, d.at, (d.at - p.birth_date) / 365.25::float8 AS target_age, v.visits, v.first_visit," \
    " v.last_visit, m.id AS model_id, m.method, m.version AS model_version" \
    " FROM users.published_person p" \
    " CROSS JOIN (SELECT coalesce(" at_ "::date, (current_date + interval '1 year')::date) AS at) d" \
    " LEFT JOIN LATERAL (SELECT string_agg((k.assessed_on - p.birth_date) / 365.25::float8 || ' ' || k.mmse, ' '" \
    "    ORDER BY k.assessed_on) AS visits, min(k.assessed_on) AS first_visit, max(k.assessed_on) AS last_visit" \
    "  FROM (SELECT DISTINCT ON (assessed_on) assessed_on, mmse" \
    "   FROM users.published_visit" \
    "   WHERE patient_id = p.id AND assessed_on < d.at" \
    "   ORDER BY assessed_on DESC, number DESC LIMIT 1000) k) v ON true" \
    " LEFT JOIN analytics.promotion s ON s.target = 'mmse' AND s.serves = analytics.served()" \
    " LEFT JOIN analytics.model m ON m.id = s.model_id" \
    " WHERE " condition

enum status prediction_find_patient(struct db *db, const char *id, const char *at, struct patient *out)
{
    static const char sql[] = AUDITED("person", "$1", "id", KNOWN_BEFORE("p.id = $1::uuid", "$2"));
    return db_one(db, sql, PARAMS(id, at), &patient_schema, out);
}

enum status prediction_find_patient_by_name(struct db *db, const char *name, const char *at, struct patient *out)
{
    static const char sql[] = AUDITED("person", "NULL", "id", KNOWN_BEFORE("p.name_key = shared.name_key($1)", "$2"));
    return db_one(db, sql, PARAMS(name, at), &patient_schema, out);
}
