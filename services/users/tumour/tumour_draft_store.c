#include "services/users/tumour/tumour_draft.h"

#include "common/audit/access_log.h"

#define COLUMNS \
    "d.id AS draft_id, d.personal, d.medical_history, d.tumour," \
    " num_nulls(d.personal, d.medical_history, d.tumour) = 0 AS complete, d.created_at, d.updated_at, d.expires_at," \
    " d.version"

/* Each insertion removes some expired drafts. */
enum status tumour_draft_insert(struct db *db, int hours, struct tumour_draft *out)
{
    static const char sql[] = "WITH cleaned AS MATERIALIZED (SELECT users.tumour_draft_expire(100) AS gone)"
                              " INSERT INTO users.tumour_draft AS d (expires_at)"
                              " SELECT now() + make_interval(hours => $1::int)"
                              " FROM cleaned"
                              " WHERE (SELECT count(*) FROM users.tumour_draft) < $2::int"
                              " RETURNING " COLUMNS;
    enum status status =
        db_one(db, sql, PARAMS(db_number(db, hours), db_number(db, DRAFTS_MAX)), &tumour_draft_schema, out);
    if (status == NOT_FOUND)
        return fail(db->why, CONFLICT, NULL, "You have %d drafts; submit or remove some of them first.", DRAFTS_MAX);
    return status;
}

enum status tumour_draft_find(struct db *db, const char *id, struct tumour_draft *out)
{
    static const char sql[] =
        AUDITED("tumour_draft", "$1", "draft_id", "SELECT " COLUMNS " FROM users.tumour_draft d WHERE d.id = $1::uuid");
    return db_one(db, sql, PARAMS(id), &tumour_draft_schema, out);
}

enum status tumour_draft_page(struct db *db, const struct page *page, struct record_list *out)
{
    static const char sql[] = AUDITED("tumour_draft", "NULL", "draft_id",
                                      "SELECT " COLUMNS ", d.id::text AS page_key"
                                      " FROM users.tumour_draft d"
                                      " WHERE $1::text IS NULL OR d.id::text > $1"
                                      " ORDER BY d.id LIMIT $2::int");
    return db_all(db, sql, PARAMS(page->after, page->limit), &tumour_draft_schema, out);
}

/* Saving a step postpones the expiry by the whole period. */
enum status tumour_draft_update_row(struct db *db, const struct tumour_draft *d, int hours, struct tumour_draft *out)
{
    static const char sql[] = "UPDATE users.tumour_draft d"
                              " SET personal = $3::json, medical_history = $4::json,"
                              " tumour = $5::json, version = version + 1, updated_at = now(),"
                              " expires_at = now() + make_interval(hours => $6::int)"
                              " WHERE d.id = $1::uuid AND d.version = $2::bigint"
                              " RETURNING " COLUMNS;
    return db_one(db, sql,
                  PARAMS(d->draft_id, db_integer(db, d->version), d->personal, d->medical_history, d->tumour,
                         db_number(db, hours)),
                  &tumour_draft_schema, out);
}

enum status tumour_draft_delete_row(struct db *db, const struct tumour_draft *d)
{
    static const char sql[] = "DELETE FROM users.tumour_draft WHERE id = $1::uuid AND version = $2::bigint";
    return db_run(db, sql, PARAMS(d->draft_id, db_integer(db, d->version)));
}
