#include "services/users/assessment/assessment_import.h"
#include "services/users/assessment/assessment_private.h"

#include "common/audit/access_log.h"

enum status assessment_import_alone(struct db *db)
{
    static const char sql[] = "SELECT pg_advisory_xact_lock(hashtextextended('users.assessment_import', 0)),"
                              " set_config('statement_timeout', '120s', true)";
    return db_run(db, sql, NO_PARAMS);
}

enum status assessment_import_patients(struct db *db, const char *rows, struct record_list *out)
{
    static const char sql[] =
        AUDITED("assessment", "NULL", "DISTINCT patient_id",
                "SELECT k.line, p.id AS patient_id"
                " FROM json_to_recordset($1::json) AS k (line integer, patient_id uuid, name text),"
                " LATERAL (SELECT id FROM users.person WHERE id = k.patient_id AND status = 'patient'"
                "  UNION ALL"
                "  SELECT id FROM users.person WHERE name_key = shared.name_key(k.name) AND status = 'patient') p"
                " ORDER BY k.line");
    return db_all(db, sql, PARAMS(rows), &assessment_asked_schema, out);
}

enum status assessment_import_known(struct db *db, const char *rows, struct record_list *out)
{
    /* clang-format off */
    static const char sql[] =
        "SELECT " COLUMNS
        " FROM (SELECT DISTINCT r.patient_id, r.assessed_on"
        "  FROM json_to_recordset($1::json) AS r (patient_id uuid, assessed_on date)) k"
        " JOIN users.assessment a ON a.patient_id = k.patient_id AND a.assessed_on = k.assessed_on"
        " ORDER BY a.number";
    /* clang-format on */
    return db_all(db, sql, PARAMS(rows), &assessment_schema, out);
}

/* A row that makes an assessment needs a day that has none, one that changes an assessment a day that has no other. */
enum status assessment_import_apply(struct db *db, const char *id, struct import_written *out)
{
    /* Each write of an assessment locks its patient, too. */
    static const char hold[] = "SELECT FROM users.person"
                               " WHERE id IN (SELECT (r.record->>'patient_id')::uuid"
                               "  FROM shared.import_row r"
                               "  WHERE r.import_id = $1::uuid)"
                               " ORDER BY id"
                               " FOR NO KEY UPDATE";
    /* clang-format off */
    static const char sql[] =
        "WITH s AS MATERIALIZED (SELECT r.line, (r.record->>'assessment_id')::uuid AS assessment_id, p.*"
        "  FROM shared.import_row r, jsonb_populate_record(NULL::users.assessment, r.record) p"
        "  WHERE r.import_id = $1::uuid),"
        " changed AS (UPDATE users.assessment a"
        "  SET (mmse, " PARTS("") ") = ROW (s.mmse, " PARTS("s.") ")"
        "  FROM s"
        "  WHERE a.id = s.assessment_id AND a.version = s.version AND NOT EXISTS (SELECT FROM users.assessment o"
        "   WHERE o.patient_id = a.patient_id AND o.assessed_on = a.assessed_on AND o.id <> a.id)"
        "  RETURNING 1),"
        " created AS (INSERT INTO users.assessment (patient_id, assessed_on, mmse, " PARTS("") ")"
        "  SELECT s.patient_id, s.assessed_on, s.mmse, " PARTS("s.")
        "  FROM s JOIN users.person p ON p.id = s.patient_id AND p.status = 'patient'"
        "  WHERE s.assessment_id IS NULL AND NOT EXISTS (SELECT FROM users.assessment o"
        "   WHERE o.patient_id = s.patient_id AND o.assessed_on = s.assessed_on)"
        "  ORDER BY s.line"
        "  RETURNING 1)"
        " SELECT (SELECT count(*) FROM changed) AS changed, (SELECT count(*) FROM created) AS created";
    /* clang-format on */
    TRY(assessment_import_alone(db));
    TRY(if_any(db_run(db, hold, PARAMS(id))));
    return db_one(db, sql, PARAMS(id), &import_written_schema, out);
}
