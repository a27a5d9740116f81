#include "services/users/assessment/assessment_private.h"

#include "common/audit/access_log.h"
#include "common/database/history.h"

/* In the order of the columns in the statements below. */
#define VALUES_OF(db, a) \
    (a)->assessed_on, db_integer(db, (a)->mmse), db_integer(db, (a)->orientation_time), \
        db_integer(db, (a)->orientation_place), db_integer(db, (a)->registration), db_integer(db, (a)->attention), \
        db_integer(db, (a)->recall), db_integer(db, (a)->language), db_integer(db, (a)->drawing), (a)->note

/* Inserts nothing if the caller may not see the patient. */
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
                " (h.record).mmse, " LOINC ", " PARTS("(h.record).") ", k.page_key"
                HISTORY_PAGE("users.assessment_history",
                             "h.id = $2::uuid AND (h.record).patient_id = $1::uuid", "$3", "$4"));
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
