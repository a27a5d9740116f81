#include "common/import/import_private.h"

#define COLUMNS \
    "id AS import_id, kind, state, file_name, file_hash, legend, columns::text AS columns, digest, rows, to_create," \
    " to_change, unchanged, wrong_rows, errors, version, created_by, created_at, expires_at, committed_at"
#define FIND \
    "SELECT " COLUMNS " FROM shared.import" \
    " WHERE kind = $1 AND id = $2::uuid AND (expires_at IS NULL OR expires_at > now())"

/* Plans that are kept would be those of the table as it was when it was small. */
enum status import_plan_anew(struct db *db)
{
    static const char sql[] = "SELECT set_config('plan_cache_mode', 'force_custom_plan', true),"
                              " set_config('enable_seqscan', 'off', true)";
    return db_run(db, sql, NO_PARAMS);
}

enum status import_insert(struct db *db, const struct import *import, long hours, struct import *out)
{
    static const char sql[] = "INSERT INTO shared.import (kind, file_name, file_hash, legend, expires_at)"
                              " VALUES ($1, $2, $3, $4, now() + make_interval(hours => $5::int))"
                              " RETURNING " COLUMNS;
    const char *for_hours = db_integer(db, (struct maybe_integer){true, hours});
    return db_one(db, sql, PARAMS(import->kind, import->file_name, import->file_hash, import->legend, for_hours),
                  &import_schema, out);
}

enum status import_finish(struct db *db, const struct import *i, struct import *out)
{
    static const char sql[] = "UPDATE shared.import"
                              " SET columns = $2::jsonb, rows = $3::int, to_create = $4::int,"
                              " to_change = $5::int, unchanged = $6::int, wrong_rows = $7::int, errors = $8::int,"
                              " digest = $9"
                              " WHERE id = $1::uuid"
                              " RETURNING " COLUMNS;
    return db_one(db, sql,
                  PARAMS(i->import_id, i->columns, db_integer(db, i->rows), db_integer(db, i->to_create),
                         db_integer(db, i->to_change), db_integer(db, i->unchanged), db_integer(db, i->wrong_rows),
                         db_integer(db, i->errors), i->digest),
                  &import_schema, out);
}

enum status import_find(struct db *db, const char *kind, const char *id, struct import *out)
{
    return db_one(db, FIND, PARAMS(kind, id), &import_schema, out);
}

enum status import_lock(struct db *db, const char *kind, const char *id, struct import *out)
{
    return db_one(db, FIND " FOR UPDATE", PARAMS(kind, id), &import_schema, out);
}

enum status import_page(struct db *db, const char *kind, const struct page *page, struct record_list *out)
{
    static const char sql[] =
        "SELECT " COLUMNS ", k.page_key"
        " FROM shared.import,"
        " LATERAL (SELECT to_char(created_at, 'YYYY-MM-DD HH24:MI:SS.US ') || id::text COLLATE \"C\") k (page_key)"
        " WHERE kind = $1 AND (expires_at IS NULL OR expires_at > now()) AND ($2::text IS NULL OR k.page_key < $2)"
        " ORDER BY k.page_key DESC LIMIT $3::int";
    return db_all(db, sql, PARAMS(kind, page->after, page->limit), &import_schema, out);
}

enum status import_errors_page(struct db *db, const struct import *import, const struct page *page,
                               struct record_list *out)
{
    /* Values of cells are somebody's data. */
    static const char sql[] =
        "WITH entered AS (INSERT INTO auth.access_entry (subject_id, object, outcome)"
        " VALUES (NULL, $4 || '_import', 'read'))"
        " SELECT number, line, heading, member, value, detail, k.page_key"
        " FROM shared.import_error,"
        " LATERAL (SELECT lpad(line::text, 10, '0') || lpad(number::text, 10, '0') COLLATE \"C\") k (page_key)"
        " WHERE import_id = $1::uuid AND ($2::text IS NULL OR k.page_key > $2)"
        " ORDER BY k.page_key LIMIT $3::int";
    return db_all(db, sql, PARAMS(import->import_id, page->after, page->limit, import->kind), &import_error_schema,
                  out);
}

enum status import_delete_row(struct db *db, const struct import *import)
{
    static const char sql[] = "DELETE FROM shared.import WHERE id = $1::uuid AND version = $2::bigint";
    return db_run(db, sql, PARAMS(import->import_id, db_integer(db, import->version)));
}

enum status import_stage(struct db *db, const char *id, const char *rows)
{
    static const char sql[] = "INSERT INTO shared.import_row (import_id, line, record)"
                              " SELECT $1::uuid, r.line, r.record"
                              " FROM json_to_recordset($2::json) AS r (line integer, record jsonb)";
    return db_run(db, sql, PARAMS(id, rows));
}

enum status import_note(struct db *db, const char *id, const char *errors)
{
    static const char sql[] =
        "INSERT INTO shared.import_error (import_id, number, line, heading, member, value, detail)"
        " SELECT $1::uuid, e.number, e.line, e.heading, e.member, e.value, e.detail"
        " FROM json_populate_recordset(NULL::shared.import_error, $2::json) e";
    return db_run(db, sql, PARAMS(id, errors));
}

SCHEMA(import_written_schema, "ImportWritten", struct import_written, FIELD_INTEGER(struct import_written, changed),
       FIELD_INTEGER(struct import_written, created));

enum status import_take_time(struct db *db)
{
    static const char sql[] = "SELECT set_config('statement_timeout', '120s', true)";
    return db_run(db, sql, NO_PARAMS);
}

enum status import_committed(struct db *db, const char *id, struct import *out)
{
    static const char forget[] = "DELETE FROM shared.import_row WHERE import_id = $1::uuid";
    static const char sql[] = "UPDATE shared.import"
                              " SET state = 'committed', committed_at = now(), expires_at = NULL,"
                              " version = version + 1"
                              " WHERE id = $1::uuid"
                              " RETURNING " COLUMNS;
    TRY(if_any(db_run(db, forget, PARAMS(id))));
    return db_one(db, sql, PARAMS(id), &import_schema, out);
}
