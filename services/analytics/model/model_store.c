#include "services/analytics/model/model.h"

/* A promotion is the only thing about a model that changes, so its time is the record's version. */
#define SUMMARY \
    "m.id AS model_id, m.owner_id, m.name, m.version AS model_version, m.target, m.method, m.seed, m.subjects," \
    " m.visits, m.beats_last_value, p.model_id IS NOT NULL AS promoted, p.promoted_at, p.forced_reason, m.metrics," \
    " m.created_at, coalesce((extract(epoch FROM p.promoted_at) * 1000000)::bigint, 1) AS version"
#define FROM_MODELS " FROM analytics.model m LEFT JOIN analytics.promotion p ON p.model_id = m.id"

/* clang-format off */
LOCAL_SCHEMA(found_schema, "FoundModel", struct model,
             FIELD_UUID(struct model, model_id),
             FIELD_UUID(struct model, owner_id),
             FIELD_TEXT(struct model, name),
             FIELD_INTEGER(struct model, model_version),
             FIELD_TEXT(struct model, target),
             FIELD_TEXT(struct model, method),
             FIELD_INTEGER(struct model, seed),
             FIELD_INTEGER(struct model, subjects),
             FIELD_INTEGER(struct model, visits),
             FIELD_BOOLEAN(struct model, beats_last_value),
             FIELD_BOOLEAN(struct model, promoted),
             FIELD_TIME(struct model, promoted_at),
             FIELD_TEXT(struct model, forced_reason),
             FIELD_JSON(struct model, metrics),
             FIELD_TIME(struct model, created_at),
             FIELD_INTEGER(struct model, version),
             FIELD_JSON(struct model, card),
             FIELD_REAL(struct model, rmse),
             FIELD_REAL(struct model, last_value_rmse),
             FIELD_REAL(struct model, difference_lower),
             FIELD_REAL(struct model, difference_upper));
/* clang-format on */

enum status model_page(struct db *db, const struct model_query *query, const struct page *page, struct record_list *out)
{
    static const char sql[] =
        "SELECT " SUMMARY ","
        " to_char(m.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') || ' ' || m.id"
        " AS page_key" FROM_MODELS " WHERE ($3::text IS NULL OR m.target = $3) AND ($4::text IS NULL OR m.method = $4)"
        " AND ($5::uuid IS NULL OR m.owner_id = $5) AND ($6::boolean IS NULL OR (p.model_id IS NOT NULL) = $6)"
        " AND ($1::text IS NULL"
        "      OR (m.created_at, m.id) < (split_part($1, ' ', 1)::timestamptz, split_part($1, ' ', 2)::uuid))"
        " ORDER BY m.created_at DESC, m.id DESC LIMIT $2::int";
    return db_all(
        db, sql,
        PARAMS(page->after, page->limit, query->target, query->method, query->owner_id, db_boolean(query->promoted)),
        &model_summary_schema, out);
}

enum status model_find(struct db *db, const char *id, struct model *out)
{
    static const char sql[] =
        "SELECT " SUMMARY ", m.card, (m.metrics ->> 'rmse') AS rmse,"
        " (m.metrics ->> 'last_value_rmse') AS last_value_rmse,"
        " (m.metrics ->> 'rmse_difference_lower') AS difference_lower,"
        " (m.metrics ->> 'rmse_difference_upper') AS difference_upper" FROM_MODELS " WHERE m.id = $1::uuid";
    return db_one(db, sql, PARAMS(id), &found_schema, out);
}

enum status model_find_document(struct db *db, const char *id, struct model_document *out)
{
    static const char sql[] = "SELECT id AS model_id, name, version AS model_version, report, page, 1 AS version"
                              " FROM analytics.model"
                              " WHERE id = $1::uuid";
    return db_one(db, sql, PARAMS(id), &model_report_schema, out);
}

enum status model_delete_row(struct db *db, const char *id)
{
    static const char sql[] = "DELETE FROM analytics.model WHERE id = $1::uuid";
    return db_run(db, sql, PARAMS(id));
}

enum status model_insert(struct db *db, const struct model_row *m)
{
    static const char sql[] =
        "INSERT INTO analytics.model"
        " (id, name, version, target, method, seed, subjects, visits, beats_last_value, metrics, card, report, page,"
        " artefact)"
        " SELECT $1::uuid, $2::text, coalesce(max(o.version), 0) + 1, $3::text, $4::text, $5::bigint, $6::int,"
        " $7::int, $8::boolean, $9::json, $10::json, $11::json, $12::text, $13::text"
        " FROM analytics.model o"
        " WHERE o.owner_id = shared.acting_account() AND o.target = $3 AND o.name = $2";
    return db_run(db, sql,
                  PARAMS(m->id, m->name, m->target, m->method, db_integer(db, m->seed), db_integer(db, m->subjects),
                         db_integer(db, m->visits), db_boolean(m->beats_last_value), m->metrics, m->card, m->report,
                         m->page, m->artefact));
}
