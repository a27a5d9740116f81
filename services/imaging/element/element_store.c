#include "services/imaging/element/element.h"

#include <assert.h>
#include <string.h>

#define FIGURES "id, data_size, average_before, maximum, normalization, average_after, created_at, updated_at, version"

/* For an element e. The statement that makes a device does not see it yet. */
#define DEVICE_NAME "(SELECT name FROM imaging.device d WHERE d.id = e.device_id) AS device_name"

SCHEMA(element_content_schema, "ElementContent", struct element_content, FIELD_TEXT(struct element_content, id),
       FIELD_TEXT(struct element_content, device_name), FIELD_TEXT(struct element_content, normalization),
       FIELD_INTEGER(struct element_content, data_size), FIELD_REAL(struct element_content, average_before),
       FIELD_REAL(struct element_content, maximum));

static const char *rows_as_json(struct arena *arena, const struct element_content *contents, size_t count)
{
    struct writer w = {0};
    write_array(&w);
    for (size_t i = 0; i < count; i++)
        schema_write(&element_content_schema, &contents[i], &w);
    write_array_end(&w);
    return writer_text(&w, arena);
}

static const char *data_by_line(struct arena *arena, const struct element_content *contents, size_t count)
{
    size_t size = 0;
    for (size_t i = 0; i < count; i++)
        size += strlen(contents[i].data) + 1;
    char *lines = arena_alloc(arena, size), *end = lines;
    for (size_t i = 0; i < count; i++) {
        end = stpcpy(end, contents[i].data);
        *end++ = i + 1 < count ? '\n' : '\0';
    }
    return lines;
}

/* Values that were sent need not come back from PostgreSQL. */
static void fill_in(struct element *e, const struct element_content *content)
{
    if (content->data)
        e->data = content->data;
    if (content->device_name)
        e->device_name = content->device_name;
}

/* The numbers travel beside the rest, a line for each element, because PostgreSQL would read them twice within it.
 * Devices and elements are made in order, so that two requests cannot wait for each other in a circle. */
enum status element_insert(struct db *db, const struct element_content *contents, size_t count, struct record_list *out)
{
    static const char sql[] =
        "WITH device AS MATERIALIZED (SELECT name, imaging.device_named(name) AS id"
        "  FROM (SELECT DISTINCT device_name AS name"
        "   FROM json_to_recordset($1::json) AS g (device_name text)"
        "   ORDER BY 1) named),"
        " made AS (INSERT INTO imaging.element"
        "   (id, device_id, data, data_size, normalization, average_before, maximum)"
        "  SELECT id, (SELECT d.id FROM device d WHERE d.name = g.device_name), data::json, data_size, normalization,"
        "   average_before, maximum"
        "  FROM ROWS FROM (json_to_recordset($1::json)"
        "    AS (id text, device_name text, normalization text, data_size int, average_before float8, maximum float8),"
        "    string_to_table($2::text, E'\\n'))"
        "   AS g (id, device_name, normalization, data_size, average_before, maximum, data)"
        "  RETURNING " FIGURES ")"
        " SELECT * FROM made ORDER BY id";
    struct record_list made;
    TRY(db_all(db, sql, PARAMS(rows_as_json(db->arena, contents, count), data_by_line(db->arena, contents, count)),
               &element_schema, &made));
    assert(made.count == count);
    struct element *elements = made.items;
    for (size_t i = 0; i < count; i++)
        fill_in(&elements[i], &contents[i]);
    *out = made;
    return OK;
}

enum status element_find(struct db *db, const char *id, struct element *out)
{
    static const char sql[] = "SELECT " FIGURES ", data, " DEVICE_NAME " FROM imaging.element e WHERE id = $1";
    return db_one(db, sql, PARAMS(id), &element_schema, out);
}

enum status element_version(struct db *db, const char *id, struct maybe_integer *out)
{
    static const char sql[] = "SELECT version FROM imaging.element WHERE id = $1";
    struct element e;
    TRY(db_one(db, sql, PARAMS(id), &element_schema, &e));
    *out = e.version;
    return OK;
}

/* The five comparisons of one column, and the values for them. */
#define RANGE(column, type, is, gt, lt, gte, lte) \
    " AND ($" #is "::" type " IS NULL OR " column " = $" #is ")" \
    " AND ($" #gt "::" type " IS NULL OR " column " > $" #gt ")" \
    " AND ($" #lt "::" type " IS NULL OR " column " < $" #lt ")" \
    " AND ($" #gte "::" type " IS NULL OR " column " >= $" #gte ")" \
    " AND ($" #lte "::" type " IS NULL OR " column " <= $" #lte ")"
#define TIMES(r) (r).is, (r).gt, (r).lt, (r).gte, (r).lte
#define REALS(r) \
    db_real(db, (r).is), db_real(db, (r).gt), db_real(db, (r).lt), db_real(db, (r).gte), db_real(db, (r).lte)
#define INTEGERS(r) \
    db_integer(db, (r).is), db_integer(db, (r).gt), db_integer(db, (r).lt), db_integer(db, (r).gte), \
        db_integer(db, (r).lte)

/* clang-format off */
#define FILTERS \
    " AND ($4::text IS NULL OR device_id = (SELECT id FROM imaging.device WHERE name = $4))" \
    RANGE("created_at", "timestamptz", 5, 6, 7, 8, 9) \
    RANGE("updated_at", "timestamptz", 10, 11, 12, 13, 14) \
    RANGE("average_before", "float8", 15, 16, 17, 18, 19) \
    RANGE("average_after", "float8", 20, 21, 22, 23, 24) \
    RANGE("data_size", "bigint", 25, 26, 27, 28, 29)

/* A reply with numbers ends after some 8 MB of them (they are shown twice), but holds at least one element. The page is
 * cut out first, so that nothing but its own numbers is fetched. */
enum status element_page(struct db *db, const struct element_query *query, const struct page *page, bool with_data,
                         struct record_list *out)
{
    static const char sql[] =
        "SELECT " FIGURES ", " DEVICE_NAME ", id AS page_key,"
        " CASE WHEN $3::boolean AND sum(data_bytes) OVER (ORDER BY id) - data_bytes < 8000000 THEN data END AS data"
        " FROM (SELECT * FROM imaging.element"
        "  WHERE ($1::text IS NULL OR id > $1)" FILTERS
        "  ORDER BY id LIMIT $2::int) e"
        " ORDER BY id";
    return db_all(db, sql,
                  PARAMS(page->after, page->limit, with_data ? "true" : "false", query->device_name,
                         TIMES(query->created_at), TIMES(query->updated_at), REALS(query->average_before),
                         REALS(query->average_after), INTEGERS(query->data_size)),
                  &element_schema, out);
}
/* clang-format on */

enum status element_update_row(struct db *db, const char *id, struct maybe_integer version,
                               const struct element_content *content, struct element *out)
{
    static const char sql[] =
        "UPDATE imaging.element e"
        " SET id = coalesce($3, id),"
        "  device_id = CASE WHEN $4::text IS NULL THEN device_id ELSE imaging.device_named($4) END,"
        "  normalization = coalesce($5, normalization), data = coalesce($6::json, data),"
        "  data_size = coalesce($7::int, data_size), average_before = coalesce($8::float8, average_before),"
        "  maximum = coalesce($9::float8, maximum), version = nextval('imaging.element_version'), updated_at = now()"
        " WHERE id = $1 AND ($2::bigint IS NULL OR version = $2)"
        " RETURNING " FIGURES ", " DEVICE_NAME ", CASE WHEN $6::json IS NULL THEN data END AS data";
    TRY(db_one(db, sql,
               PARAMS(id, db_integer(db, version), content->id, content->device_name, content->normalization,
                      content->data, db_integer(db, content->data_size), db_real(db, content->average_before),
                      db_real(db, content->maximum)),
               &element_schema, out));
    fill_in(out, content);
    return OK;
}

enum status element_delete_row(struct db *db, const char *id, struct maybe_integer version)
{
    static const char sql[] = "DELETE FROM imaging.element WHERE id = $1 AND ($2::bigint IS NULL OR version = $2)";
    return db_run(db, sql, PARAMS(id, db_integer(db, version)));
}
