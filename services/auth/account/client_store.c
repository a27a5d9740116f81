#include "services/auth/account/client.h"

#define COLUMNS "a.id, a.name, c.scope, NOT a.disabled AS active, a.created_at, a.version"

enum status client_insert(struct db *db, const struct client *c, const char *secret_hash, struct client *out)
{
    static const char sql[] = "WITH a AS (INSERT INTO auth.account (id, name, role)"
                              "  VALUES ($1::uuid, $2::text, 'client')"
                              "  RETURNING id, name, disabled, created_at, version),"
                              " c AS (INSERT INTO auth.client (id, scope, secret_hash)"
                              "  SELECT id, $3::text, decode($4, 'hex') FROM a"
                              "  RETURNING id, scope)"
                              " SELECT " COLUMNS " FROM a JOIN c ON c.id = a.id";
    return db_one(db, sql, PARAMS(c->id, c->name, c->scope, secret_hash), &client_schema, out);
}

enum status client_find(struct db *db, const char *id, struct client *out)
{
    static const char sql[] = "SELECT " COLUMNS " FROM auth.client c"
                              " JOIN auth.account a ON a.id = c.id"
                              " WHERE c.id = $1::uuid";
    return db_one(db, sql, PARAMS(id), &client_schema, out);
}

enum status client_page(struct db *db, const struct page *page, struct record_list *out)
{
    static const char sql[] = "SELECT " COLUMNS ", a.name_key AS page_key"
                              " FROM auth.client c"
                              " JOIN auth.account a ON a.id = c.id"
                              " WHERE $1::text IS NULL OR a.name_key > $1"
                              " ORDER BY a.name_key LIMIT $2::int";
    return db_all(db, sql, PARAMS(page->after, page->limit), &client_schema, out);
}

enum status client_update_row(struct db *db, const struct client *c)
{
    static const char sql[] = "SELECT WHERE auth.update_client($1::uuid, $2::bigint, $3::text, $4::text, $5::boolean)";
    return db_run(db, sql, PARAMS(c->id, db_integer(db, c->version), c->name, c->scope, db_boolean(c->active)));
}

enum status client_delete_row(struct db *db, const struct client *c)
{
    static const char sql[] = "DELETE FROM auth.account a"
                              " WHERE a.id = $1::uuid AND a.version = $2::bigint AND a.role = 'client'";
    return db_run(db, sql, PARAMS(c->id, db_integer(db, c->version)));
}

enum status client_set_secret(struct db *db, const char *id, const char *secret_hash)
{
    static const char sql[] = "SELECT WHERE auth.renew_client_secret($1::uuid, decode($2, 'hex'))";
    return db_run(db, sql, PARAMS(id, secret_hash));
}
