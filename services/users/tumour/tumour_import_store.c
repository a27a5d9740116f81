#include "services/users/tumour/tumour_import.h"

#include "common/database/columns.h"

#include <pthread.h>

static struct statements {
    const char *known, *apply;
} made;

static struct arena memory; /* of the statements, never released */

static void make_statements(void)
{
    const struct schema *row = &tumour_row_schema;
    const char *names = columns_names(&memory, row, ""), *staged = columns_names(&memory, row, "s.");
    /* clang-format off */
    made.known = arena_printf(&memory,
        "SELECT t.id AS tumour_id, t.version, %s"
        " FROM users.tumour t"
        " WHERE t.id = ANY (ARRAY"
        " (SELECT k.id FROM json_to_recordset($1::json) AS k (id uuid) WHERE k.id IS NOT NULL))"
        " UNION ALL"
        " SELECT t.id, t.version, %s"
        " FROM users.tumour t"
        " WHERE t.source_key = ANY (ARRAY"
        " (SELECT k.key FROM json_to_recordset($1::json) AS k (key text) WHERE k.key IS NOT NULL))",
        columns_names(&memory, row, "t."), columns_names(&memory, row, "t."));
    made.apply = arena_printf(&memory,
        "WITH s AS MATERIALIZED (SELECT r.line, (r.record->>'tumour_id')::uuid AS tumour_id, p.*"
        "  FROM shared.import_row r, jsonb_populate_record(NULL::users.tumour, r.record) p"
        "  WHERE r.import_id = $1::uuid),"
        " changed AS (UPDATE users.tumour t"
        "  SET (%s) = ROW (%s)"
        "  FROM s"
        "  WHERE s.tumour_id = t.id AND s.version = t.version"
        "  RETURNING 1),"
        " created AS (INSERT INTO users.tumour (%s)"
        "  SELECT %s"
        "  FROM s"
        "  WHERE s.tumour_id IS NULL"
        "  ORDER BY s.line"
        "  RETURNING 1)"
        " SELECT (SELECT count(*) FROM changed) AS changed, (SELECT count(*) FROM created) AS created",
        names, staged, names, staged);
    /* clang-format on */
}

static const struct statements *statements(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, make_statements);
    return &made;
}

enum status tumour_import_known(struct db *db, const char *rows, struct record_list *out)
{
    return db_all(db, statements()->known, PARAMS(rows), &tumour_schema, out);
}

LOCAL_SCHEMA(catalogue_code_schema, "CatalogueCode", struct catalogue_code,
             FIELD_TEXT(struct catalogue_code, catalogue), FIELD_TEXT(struct catalogue_code, code));

enum status tumour_import_catalogues(struct db *db, struct record_list *out)
{
    static const char sql[] = "SELECT 'treatment' AS catalogue, code FROM users.treatment"
                              " UNION ALL SELECT 'primary_site', code FROM users.primary_site"
                              " UNION ALL SELECT 'metastasis_diagnostics', code FROM users.metastasis_diagnostic";
    return db_all(db, sql, NO_PARAMS, &catalogue_code_schema, out);
}

enum status tumour_import_apply(struct db *db, const char *id, struct import_written *out)
{
    return db_one(db, statements()->apply, PARAMS(id), &import_written_schema, out);
}
