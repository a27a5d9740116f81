/* Statements about tumours. The field table gives their columns; they are made once, when first needed. */
#include "services/users/tumour/tumour.h"

#include "common/audit/access_log.h"
#include "common/database/columns.h"
#include "common/database/history.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define BY_NAME      "t.name_key"
#define BY_OPERATION "coalesce(t.operation_date, '0001-01-01')"
#define BY_UPDATE    "t.updated_at"
#define UPDATE_TEXT  "to_char(t.updated_at, 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"

const struct tumour_order tumour_orders[TUMOUR_ORDERS] = {
    {"name", BY_NAME, BY_NAME, FIELD_KIND_TEXT, false},
    {"-name", BY_NAME, BY_NAME, FIELD_KIND_TEXT, true},
    {"operation_date", BY_OPERATION, BY_OPERATION, FIELD_KIND_DATE, false},
    {"-operation_date", BY_OPERATION, BY_OPERATION, FIELD_KIND_DATE, true},
    {"updated_at", BY_UPDATE, UPDATE_TEXT, FIELD_KIND_TIME, false},
    {"-updated_at", BY_UPDATE, UPDATE_TEXT, FIELD_KIND_TIME, true},
};
const char *const tumour_order_names[] = {"name",        "-name", "operation_date", "-operation_date", "updated_at",
                                          "-updated_at", NULL};

static struct statements {
    const char *insert, *find, *find_as_of, *history, *update;
    const char *page[TUMOUR_ORDERS], *export, *export_deidentified;
} made;

static struct arena memory; /* of the statements, never released */

/* Before the filters in the parameters of a page. */
enum { AFTER = 1, AFTER_ID, LIMIT, NAME, FIRST_FILTER };

/* " AND ($5::text IS NULL OR t.gender = $5) AND ... AND ($31::float8 IS NULL OR t.bmi >= $31) AND ..." */
static const char *filters(bool with_days)
{
    const char *text = "";
    int n = FIRST_FILTER;
    for (const struct field *f = tumour_filter_schema.fields; f->name; f++, n++)
        text = arena_printf(&memory, "%s AND ($%d::text IS NULL OR t.%s = $%d)", text, n, f->name, n);
    for (const struct field *f = tumour_bound_schema.fields; f->name; f++, n++) {
        bool least = strncmp(f->name, "min_", 4) == 0;
        text = arena_printf(&memory, "%s AND ($%d::%s IS NULL", text, n, columns_type(f));
        if (with_days || f->kind != FIELD_KIND_DATE)
            text = arena_printf(&memory, "%s OR t.%s %s $%d", text, f->name + 4, least ? ">=" : "<=", n);
        text = arena_printf(&memory, "%s)", text);
    }
    return text;
}

enum { FILTERS_MAX = 128 };

/* The values of these parameters, after those that come before them. */
static struct db_params with_filters(struct db *db, const struct tumour_query *query, const char **values)
{
    int coded = columns_count(&tumour_filter_schema), bounds = columns_count(&tumour_bound_schema);
    if (coded + bounds > FILTERS_MAX)
        abort();
    columns_values(db, &tumour_filter_schema, &query->like, values + FIRST_FILTER - 1);
    columns_values(db, &tumour_bound_schema, query, values + FIRST_FILTER - 1 + coded);
    return (struct db_params){FIRST_FILTER - 1 + coded + bounds, values};
}

/* Each word of the name becomes a pattern, in which what LIKE would take for its own is plain. */
#define NAME_MATCHES \
    "($4::text IS NULL OR t.name_key LIKE ALL (ARRAY(" \
    "SELECT '%%' || regexp_replace(word, '([%%_\\\\])', '\\\\\\1', 'g') || '%%'" \
    " FROM regexp_split_to_table(shared.name_key($4), '\\s+') word)))"

/* clang-format off */
static const char *page_statement(const struct tumour_order *order, const char *columns)
{
    static const char *const casts[] = {
        [FIELD_KIND_TEXT] = "text", [FIELD_KIND_DATE] = "date", [FIELD_KIND_TIME] = "timestamptz"};
    const char *direction = order->descending ? "DESC" : "ASC";
    static const char sql[] =
        AUDITED("tumour", "NULL", "tumour_id",
                "SELECT %s, %s || ' ' || t.id AS page_key"
                " FROM users.tumour t"
                " WHERE ($1::text IS NULL OR (%s, t.id) %s ($1::%s, $2::uuid)) AND " NAME_MATCHES "%s"
                " ORDER BY %s %s, t.id %s LIMIT $3::int");
    return arena_printf(&memory, sql, columns, order->key_text, order->key, order->descending ? "<" : ">",
                        casts[order->kind], filters(true), order->key, direction, direction);
}

/* In the order of ids; the first parameter is there because all pages have the same ones. */
static const char *export_statement(const char *columns, const char *table, const char *id, const char *names,
                                    bool with_days)
{
    static const char sql[] =
        "SELECT t.%s AS tumour_id, %s"
        " FROM %s t"
        " WHERE $1::text IS NULL AND ($2::uuid IS NULL OR t.%s > $2::uuid) AND %s%s"
        " ORDER BY t.%s LIMIT $3::int";
    return arena_printf(&memory, sql, id, columns, table, id, names, filters(with_days), id);
}

static void make_statements(void)
{
    const struct schema *row = &tumour_row_schema;
    const char *names = columns_names(&memory, row, ""), *kept = columns_names(&memory, row, "(h.record).");
    const char *columns = arena_printf(&memory, "t.id AS tumour_id, %s, t.created_at, t.updated_at, t.version",
                                       columns_names(&memory, row, "t."));
    made.insert = arena_printf(&memory,
        "INSERT INTO users.tumour AS t (%s)"
        " VALUES (%s)"
        " RETURNING %s", names, columns_parameters(&memory, row, 1), columns);
    made.update = arena_printf(&memory,
        "UPDATE users.tumour t"
        " SET (%s) = ROW (%s)"
        " WHERE t.id = $1::uuid AND t.version = $2::bigint"
        " RETURNING %s", names, columns_parameters(&memory, row, 3), columns);
    made.find = arena_printf(&memory,
        AUDITED("tumour", "$1", "tumour_id", "SELECT %s FROM users.tumour t WHERE t.id = $1::uuid"), columns);
    made.find_as_of = arena_printf(&memory,
        AUDITED("tumour", "$1", "tumour_id",
                "SELECT h.id AS tumour_id, %s, (h.record).created_at, h.updated_at, h.version"
                " FROM " HISTORY_AS_OF("users.tumour_history") " h"), kept);
    made.history = arena_printf(&memory,
        AUDITED("tumour", "$1", "DISTINCT tumour_id",
                "SELECT h.id AS tumour_id, " HISTORY_MEMBERS ", %s, (h.record).created_at, k.page_key"
                HISTORY_PAGE("users.tumour_history", "h.id = $1::uuid", "$2", "$3")), kept);
    made.export = export_statement(columns_names(&memory, row, "t."), "users.tumour", "id",
                                   arena_printf(&memory, NAME_MATCHES), true);
    made.export_deidentified = export_statement(columns_names(&memory, &deidentified_tumour_schema, "t."),
                                                "users.research_tumour", "tumour_id", "$4::text IS NULL", false);
    for (int i = 0; i < TUMOUR_ORDERS; i++)
        made.page[i] = page_statement(&tumour_orders[i], columns);
}
/* clang-format on */

static const struct statements *statements(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, make_statements);
    return &made;
}

enum { MEMBERS_MAX = 64 }; /* of the field table */

/* The record's own columns, after those values that come before them. */
static struct db_params with_members(struct db *db, const struct tumour *t, int before, const char **values)
{
    int count = columns_count(&tumour_row_schema);
    if (count > MEMBERS_MAX)
        abort();
    columns_values(db, &tumour_row_schema, t, values + before);
    return (struct db_params){before + count, values};
}

enum status tumour_insert(struct db *db, const struct tumour *t, struct tumour *out)
{
    const char *values[MEMBERS_MAX];
    return db_one(db, statements()->insert, with_members(db, t, 0, values), &tumour_schema, out);
}

enum status tumour_find(struct db *db, const char *id, struct tumour *out)
{
    return db_one(db, statements()->find, PARAMS(id), &tumour_schema, out);
}

enum status tumour_find_as_of(struct db *db, const char *id, const char *as_of, struct tumour *out)
{
    return db_one(db, statements()->find_as_of, PARAMS(id, as_of), &tumour_schema, out);
}

enum status tumour_page(struct db *db, const struct tumour_query *query, const struct tumour_order *order,
                        const char *after, const char *after_id, const char *limit, struct record_list *out)
{
    const char *values[FIRST_FILTER - 1 + FILTERS_MAX] = {after, after_id, limit, query->name};
    return db_all(db, statements()->page[order - tumour_orders], with_filters(db, query, values), &tumour_schema, out);
}

enum status tumour_page_of_export(struct db *db, const struct tumour_query *query, bool deidentified, const char *after,
                                  int limit, struct record_list *out)
{
    const char *rows = db_number(db, limit);
    const char *values[FIRST_FILTER - 1 + FILTERS_MAX] = {NULL, after, rows, query->name};
    return db_all(db, deidentified ? statements()->export_deidentified : statements()->export,
                  with_filters(db, query, values), &tumour_schema, out);
}

enum status tumour_page_of_history(struct db *db, const char *id, const struct page *page, struct record_list *out)
{
    return db_all(db, statements()->history, PARAMS(id, page->after, page->limit), &tumour_version_schema, out);
}

/* The version decides, so that of two changes at the same time one is told that it came too late. */
enum status tumour_update_row(struct db *db, const struct tumour *t, struct tumour *out)
{
    const char *values[2 + MEMBERS_MAX] = {t->tumour_id, db_integer(db, t->version)};
    return db_one(db, statements()->update, with_members(db, t, 2, values), &tumour_schema, out);
}

enum status tumour_delete_row(struct db *db, const struct tumour *t)
{
    static const char sql[] = "DELETE FROM users.tumour WHERE id = $1::uuid AND version = $2::bigint";
    return db_run(db, sql, PARAMS(t->tumour_id, db_integer(db, t->version)));
}

enum status tumour_delete_some(struct db *db, struct tumour_removal *out)
{
    static const char sql[] = "WITH gone AS (DELETE FROM users.tumour"
                              "  WHERE id IN (SELECT id FROM users.tumour LIMIT 5000)"
                              "  RETURNING id)"
                              " SELECT count(*) AS deleted FROM gone";
    return db_one(db, sql, NO_PARAMS, &tumours_removed_schema, out);
}
