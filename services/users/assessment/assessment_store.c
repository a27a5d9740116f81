#include "services/users/assessment/assessment_import.h"

#include "common/audit/access_log.h"
#include "common/database/history.h"

#define PARTS(of) \
    of "orientation_time, " of "orientation_place, " of "registration, " of "attention, " of "recall, " of \
       "language, " of "drawing, " of "note"
#define LOINC "'" MMSE_LOINC "' AS loinc"
#define COLUMNS \
    "a.id AS assessment_id, a.patient_id, a.assessed_on, a.mmse, " LOINC \
    ", " PARTS("a.") ", a.recorded_by," \
                     " a.recorded_by_role, a.created_at, a.updated_at, a.version"

/* In the order of the columns in the statements below. */
#define VALUES_OF(db, a) \
    (a)->assessed_on, db_integer(db, (a)->mmse), db_integer(db, (a)->orientation_time), \
        db_integer(db, (a)->orientation_place), db_integer(db, (a)->registration), db_integer(db, (a)->attention), \
        db_integer(db, (a)->recall), db_integer(db, (a)->language), db_integer(db, (a)->drawing), (a)->note

/* Nothing is inserted for whom who asks does not see. */
enum status assessment_insert(struct db *db, const struct assessment *a, struct assessment *out)
{
    /* clang-format off */
    static const char sql[] =
        "INSERT INTO users.assessment AS a (patient_id, assessed_on, mmse, " PARTS("") ")"
        " SELECT id, $2::date, $3::smallint, $4::smallint, $5::smallint, $6::smallint, $7::smallint, $8::smallint,"
        " $9::smallint, $10::smallint, $11::text"
        " FROM users.person"
        " WHERE id = $1::uuid AND status = 'patient'"
        " RETURNING " COLUMNS;
    /* clang-format on */
    return db_one(db, sql, PARAMS(a->patient_id, VALUES_OF(db, a)), &assessment_schema, out);
}

enum status assessment_find(struct db *db, const char *patient_id, const char *id, struct assessment *out)
{
    static const char sql[] = AUDITED("assessment", "$1", "patient_id",
                                      "SELECT " COLUMNS " FROM users.assessment a"
                                      " WHERE a.patient_id = $1::uuid AND a.id = $2::uuid");
    return db_one(db, sql, PARAMS(patient_id, id), &assessment_schema, out);
}

/* One entry in the access log for all of them: it is the course that is read. */
enum status assessment_page(struct db *db, const char *patient_id, const struct page *page, struct record_list *out)
{
    static const char sql[] =
        AUDITED("assessment", "$1", "DISTINCT patient_id",
                "SELECT " COLUMNS ", k.page_key"
                " FROM users.assessment a,"
                " LATERAL (SELECT a.assessed_on || ' ' || lpad(a.number::text, 20, '0') COLLATE \"C\") k (page_key)"
                " WHERE a.patient_id = $1::uuid AND ($2::text IS NULL OR k.page_key < $2)"
                " ORDER BY k.page_key DESC LIMIT $3::int");
    return db_all(db, sql, PARAMS(patient_id, page->after, page->limit), &assessment_schema, out);
}

enum status assessment_page_of_history(struct db *db, const char *patient_id, const char *id, const struct page *page,
                                       struct record_list *out)
{
    /* clang-format off */
    static const char sql[] =
        AUDITED("assessment", "$1", "DISTINCT patient_id",
                "SELECT h.id AS assessment_id, (h.record).patient_id, " HISTORY_MEMBERS ", (h.record).assessed_on,"
                " (h.record).mmse, " LOINC ", " PARTS("(h.record).") ","
                " k.page_key" HISTORY_PAGE("users.assessment_history", "h.id = $2::uuid AND (h.record).patient_id = $1::uuid", "$3", "$4"));
    /* clang-format on */
    return db_all(db, sql, PARAMS(patient_id, id, page->after, page->limit), &assessment_version_schema, out);
}

/* The version decides, so that of two corrections at the same time one is told that it came too late. */
enum status assessment_update_row(struct db *db, const struct assessment *a, struct assessment *out)
{
    /* clang-format off */
    static const char sql[] =
        "UPDATE users.assessment a"
        " SET (assessed_on, mmse, " PARTS("") ") = ROW ($3::date, $4::smallint, $5::smallint,"
        " $6::smallint, $7::smallint, $8::smallint, $9::smallint, $10::smallint, $11::smallint, $12::text)"
        " WHERE a.id = $1::uuid AND a.version = $2::bigint"
        " RETURNING " COLUMNS;
    /* clang-format on */
    return db_one(db, sql, PARAMS(a->assessment_id, db_integer(db, a->version), VALUES_OF(db, a)), &assessment_schema,
                  out);
}

enum status assessment_delete_row(struct db *db, const struct assessment *a)
{
    static const char sql[] = "DELETE FROM users.assessment WHERE id = $1::uuid AND version = $2::bigint";
    return db_run(db, sql, PARAMS(a->assessment_id, db_integer(db, a->version)));
}

/* ---- many at once ---- */

enum status assessments_import_alone(struct db *db)
{
    static const char sql[] = "SELECT pg_advisory_xact_lock(hashtextextended('users.assessment_import', 0)),"
                              " set_config('statement_timeout', '120s', true)";
    return db_run(db, sql, NO_PARAMS);
}

enum status assessments_patients(struct db *db, const char *rows, struct record_list *out)
{
    static const char sql[] =
        AUDITED("assessment", "NULL", "DISTINCT patient_id",
                "SELECT k.line, p.id AS patient_id"
                " FROM json_to_recordset($1::json) AS k (line integer, patient_id uuid, name text),"
                " LATERAL (SELECT id FROM users.person WHERE id = k.patient_id AND status = 'patient' UNION ALL"
                " SELECT id FROM users.person WHERE name_key = shared.name_key(k.name) AND status = 'patient') p"
                " ORDER BY k.line");
    return db_all(db, sql, PARAMS(rows), &assessment_asked_schema, out);
}

enum status assessments_known(struct db *db, const char *rows, struct record_list *out)
{
    static const char sql[] = "SELECT " COLUMNS " FROM (SELECT DISTINCT r.patient_id, r.assessed_on"
                              " FROM json_to_recordset($1::json) AS r (patient_id uuid, assessed_on date)) k"
                              " JOIN users.assessment a ON a.patient_id = k.patient_id"
                              " AND a.assessed_on = k.assessed_on"
                              " ORDER BY a.number";
    return db_all(db, sql, PARAMS(rows), &assessment_schema, out);
}

/* A row that makes an assessment needs a day that has none, one that changes an assessment a day that has no other. */
enum status assessments_apply(struct db *db, const char *id, struct import_written *out)
{
    /* Each write of an assessment locks its patient, too. */
    static const char hold[] = "SELECT FROM users.person"
                               " WHERE id IN (SELECT (r.record->>'patient_id')::uuid FROM shared.import_row r"
                               " WHERE r.import_id = $1::uuid)"
                               " ORDER BY id FOR NO KEY UPDATE";
    /* clang-format off */
    static const char sql[] =
        "WITH s AS MATERIALIZED (SELECT r.line, (r.record->>'assessment_id')::uuid AS assessment_id, p.*"
        " FROM shared.import_row r, jsonb_populate_record(NULL::users.assessment, r.record) p"
        " WHERE r.import_id = $1::uuid),"
        " changed AS (UPDATE users.assessment a SET (mmse, " PARTS("") ") = ROW (s.mmse, " PARTS("s.") ") FROM s"
        " WHERE a.id = s.assessment_id AND a.version = s.version AND NOT EXISTS (SELECT FROM users.assessment o"
        " WHERE o.patient_id = a.patient_id AND o.assessed_on = a.assessed_on AND o.id <> a.id) RETURNING 1),"
        " created AS (INSERT INTO users.assessment (patient_id, assessed_on, mmse, " PARTS("") ")"
        " SELECT s.patient_id, s.assessed_on, s.mmse, " PARTS("s.") " FROM s"
        " JOIN users.person p ON p.id = s.patient_id AND p.status = 'patient'"
        " WHERE s.assessment_id IS NULL AND NOT EXISTS (SELECT FROM users.assessment o"
        " WHERE o.patient_id = s.patient_id AND o.assessed_on = s.assessed_on) ORDER BY s.line RETURNING 1)"
        " SELECT (SELECT count(*) FROM changed) AS changed, (SELECT count(*) FROM created) AS created";
    /* clang-format on */
    TRY(assessments_import_alone(db));
    enum status held = db_run(db, hold, PARAMS(id));
    if (held != OK && held != NOT_FOUND)
        return held;
    return db_one(db, sql, PARAMS(id), &import_written_schema, out);
}
