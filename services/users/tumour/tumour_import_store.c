#include "services/users/tumour/tumour_import.h"

#include "common/database/columns.h"

#include <pthread.h>

#define COLUMNS \
    "id AS import_id, state, file_name, file_hash, legend, columns::text AS columns, rows, to_create, to_change," \
    " unchanged, wrong_rows, errors, version, created_by, created_at, expires_at, committed_at"
#define IS_THERE "(expires_at IS NULL OR expires_at > now())"

static struct {
    const char *stage, *known, *change, *create;
} statements;

static struct arena memory; /* of the statements, never released */

static void make_statements(void)
{
    const struct schema *row = &tumour_row_schema;
    const char *names = columns_names(&memory, row, ""), *staged = columns_names(&memory, row, "s.");
    statements.stage = arena_printf(&memory,
                                    "INSERT INTO users.tumour_staged (import_id, line, tumour_id, version, %s)"
                                    " SELECT $1::uuid, s.line, s.tumour_id, s.version, %s"
                                    " FROM json_populate_recordset(NULL::users.tumour_staged, $2::json) s",
                                    names, staged);
    statements.known = arena_printf(&memory,
                                    "SELECT t.id AS tumour_id, t.version, %s FROM users.tumour t"
                                    " WHERE t.id = ANY ($1::uuid[])"
                                    " UNION ALL SELECT t.id, t.version, %s FROM users.tumour t"
                                    " WHERE t.source_key = ANY ($2::text[])",
                                    columns_names(&memory, row, "t."), columns_names(&memory, row, "t."));
    statements.change =
        arena_printf(&memory,
                     "WITH written AS (UPDATE users.tumour t SET (%s) = ROW (%s) FROM users.tumour_staged s"
                     " WHERE s.import_id = $1::uuid AND s.tumour_id = t.id AND s.version = t.version RETURNING 1)"
                     " SELECT count(*) AS written FROM written",
                     names, staged);
    statements.create =
        arena_printf(&memory,
                     "WITH written AS (INSERT INTO users.tumour (%s) SELECT %s FROM users.tumour_staged s"
                     " WHERE s.import_id = $1::uuid AND s.tumour_id IS NULL ORDER BY s.line RETURNING 1)"
                     " SELECT count(*) AS written FROM written",
                     names, staged);
}

static void need_statements(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, make_statements);
}

/* Plans that are kept would be those of the table as it was when it was small. */
enum status import_plan_anew(struct db *db)
{
    static const char sql[] = "SELECT set_config('plan_cache_mode', 'force_custom_plan', true),"
                              " set_config('enable_seqscan', 'off', true)";
    return db_run(db, sql, NO_PARAMS);
}

enum status import_insert(struct db *db, const struct tumour_import *import, long hours, struct tumour_import *out)
{
    static const char sql[] = "INSERT INTO users.tumour_import (file_name, file_hash, legend, expires_at)"
                              " VALUES ($1, $2, $3, now() + make_interval(hours => $4::int)) RETURNING " COLUMNS;
    const char *for_hours = db_number(db, hours);
    return db_one(db, sql, PARAMS(import->file_name, import->file_hash, import->legend, for_hours),
                  &tumour_import_schema, out);
}

enum status import_finish(struct db *db, const struct tumour_import *i, struct tumour_import *out)
{
    static const char sql[] = "UPDATE users.tumour_import SET columns = $2::jsonb, rows = $3::int, to_create = $4::int,"
                              " to_change = $5::int, unchanged = $6::int, wrong_rows = $7::int, errors = $8::int"
                              " WHERE id = $1::uuid RETURNING " COLUMNS;
    return db_one(db, sql,
                  PARAMS(i->import_id, i->columns, db_integer(db, i->rows), db_integer(db, i->to_create),
                         db_integer(db, i->to_change), db_integer(db, i->unchanged), db_integer(db, i->wrong_rows),
                         db_integer(db, i->errors)),
                  &tumour_import_schema, out);
}

enum status import_find(struct db *db, const char *id, struct tumour_import *out)
{
    static const char sql[] = "SELECT " COLUMNS " FROM users.tumour_import WHERE id = $1::uuid AND " IS_THERE;
    return db_one(db, sql, PARAMS(id), &tumour_import_schema, out);
}

enum status import_page(struct db *db, const struct page *page, struct record_list *out)
{
    static const char sql[] =
        "SELECT " COLUMNS ", k.page_key FROM users.tumour_import,"
        " LATERAL (SELECT to_char(created_at, 'YYYY-MM-DD HH24:MI:SS.US ') || id::text COLLATE \"C\") k (page_key)"
        " WHERE " IS_THERE " AND ($1::text IS NULL OR k.page_key < $1) ORDER BY k.page_key DESC LIMIT $2::int";
    return db_all(db, sql, PARAMS(page->after, page->limit), &tumour_import_schema, out);
}

enum status import_errors_page(struct db *db, const char *id, const struct page *page, struct record_list *out)
{
    /* Values of cells are somebody's data. */
    static const char sql[] =
        "WITH entered AS (INSERT INTO auth.access_entry (subject_id, object, outcome)"
        " VALUES (NULL, 'tumour_import', 'read'))"
        " SELECT number, line, heading, member, value, detail, k.page_key FROM users.tumour_import_error,"
        " LATERAL (SELECT lpad(line::text, 10, '0') || lpad(number::text, 10, '0') COLLATE \"C\") k (page_key)"
        " WHERE import_id = $1::uuid AND ($2::text IS NULL OR k.page_key > $2) ORDER BY k.page_key LIMIT $3::int";
    return db_all(db, sql, PARAMS(id, page->after, page->limit), &import_error_schema, out);
}

enum status import_delete_row(struct db *db, const struct tumour_import *import)
{
    static const char sql[] = "DELETE FROM users.tumour_import WHERE id = $1::uuid AND version = $2::bigint";
    return db_run(db, sql, PARAMS(import->import_id, db_integer(db, import->version)));
}

enum status import_stage(struct db *db, const char *id, const char *rows)
{
    need_statements();
    return db_run(db, statements.stage, PARAMS(id, rows));
}

enum status import_note(struct db *db, const char *id, const char *errors)
{
    static const char sql[] =
        "INSERT INTO users.tumour_import_error (import_id, number, line, heading, member, value, detail)"
        " SELECT $1::uuid, e.number, e.line, e.heading, e.member, e.value, e.detail"
        " FROM json_populate_recordset(NULL::users.tumour_import_error, $2::json) e";
    return db_run(db, sql, PARAMS(id, errors));
}

enum status import_known(struct db *db, const char *ids, const char *keys, struct record_list *out)
{
    need_statements();
    return db_all(db, statements.known, PARAMS(ids, keys), &tumour_schema, out);
}

SCHEMA(catalogue_code_schema, "CatalogueCode", struct catalogue_code, FIELD_TEXT(struct catalogue_code, catalogue),
       FIELD_TEXT(struct catalogue_code, code));

enum status import_catalogues(struct db *db, struct record_list *out)
{
    static const char sql[] = "SELECT 'treatment' AS catalogue, code FROM users.treatment"
                              " UNION ALL SELECT 'primary_site', code FROM users.primary_site"
                              " UNION ALL SELECT 'metastasis_diagnostics', code FROM users.metastasis_diagnostic";
    return db_all(db, sql, NO_PARAMS, &catalogue_code_schema, out);
}

enum status import_lock(struct db *db, const char *id, struct tumour_import *out)
{
    static const char sql[] =
        "SELECT " COLUMNS " FROM users.tumour_import WHERE id = $1::uuid AND " IS_THERE " FOR UPDATE";
    return db_one(db, sql, PARAMS(id), &tumour_import_schema, out);
}

struct written {
    struct maybe_integer written;
};
LOCAL_SCHEMA(written_schema, "Written", struct written, FIELD_INTEGER(struct written, written));

enum status import_apply(struct db *db, const char *id, struct maybe_integer *changed, struct maybe_integer *created)
{
    static const char take_time[] = "SELECT set_config('statement_timeout', '120s', true)";
    struct written first, second;
    need_statements();
    TRY(db_run(db, take_time, NO_PARAMS));
    TRY(db_one(db, statements.change, PARAMS(id), &written_schema, &first));
    TRY(db_one(db, statements.create, PARAMS(id), &written_schema, &second));
    *changed = first.written;
    *created = second.written;
    return OK;
}

enum status import_committed(struct db *db, const char *id, struct tumour_import *out)
{
    static const char forget[] = "DELETE FROM users.tumour_staged WHERE import_id = $1::uuid";
    static const char sql[] =
        "UPDATE users.tumour_import SET state = 'committed', committed_at = now(), expires_at = NULL,"
        " version = version + 1 WHERE id = $1::uuid RETURNING " COLUMNS;
    TRY(if_any(db_run(db, forget, PARAMS(id))));
    return db_one(db, sql, PARAMS(id), &tumour_import_schema, out);
}
