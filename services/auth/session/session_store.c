#include "services/auth/outside/exchange.h"
#include "services/auth/session/own_session.h"

#define COLUMNS "id, name, role, specialty, password_hash, disabled, version"

enum status account_find(struct db *db, const char *id, struct account *out)
{
    static const char sql[] = "SELECT " COLUMNS " FROM auth.account WHERE id = $1::uuid";
    return db_one(db, sql, PARAMS(id), &account_schema, out);
}

enum status account_find_by_name(struct db *db, const char *name, struct account *out)
{
    static const char sql[] = "SELECT " COLUMNS " FROM auth.account_of_name($1)";
    return db_one(db, sql, PARAMS(name), &account_schema, out);
}

enum status account_find_by_session(struct db *db, const char *session_id, struct account *out)
{
    static const char sql[] = "SELECT " COLUMNS " FROM auth.account_of_session($1::uuid)";
    return db_one(db, sql, PARAMS(session_id), &account_schema, out);
}

enum status account_find_by_identity(struct db *db, const struct outside_token *token, const struct role_rule *rule,
                                     const char *name, struct account *out)
{
    static const char sql[] = "SELECT " COLUMNS " FROM auth.account_of_identity($1, $2, $3, $4, $5)";
    return db_one(db, sql,
                  PARAMS(token->issuer, token->subject, rule ? rule->role : NULL, rule ? rule->specialty : NULL, name),
                  &account_schema, out);
}

enum status account_renew_hash(struct db *db, const struct account *account, const char *renewed)
{
    static const char sql[] = "SELECT WHERE auth.renew_password_hash($1::uuid, $2::text, $3::text)";
    return db_run(db, sql, PARAMS(account->id, account->password_hash, renewed));
}

enum status account_change_password(struct db *db, const struct account *account, const char *hash,
                                    const char *session_id)
{
    static const char sql[] = "SELECT WHERE auth.change_password($1::uuid, $2::text, $3::text, $4::uuid)";
    return db_run(db, sql, PARAMS(account->id, account->password_hash, hash, session_id));
}

enum status session_insert(struct db *db, const struct new_session *s, const struct account *account,
                           bool second_factor_shown)
{
    static const char sql[] = "SELECT WHERE CASE WHEN $8::boolean OR NOT EXISTS"
                              "  (SELECT FROM auth.second_factor_of($2::uuid) f WHERE f.confirmed_at IS NOT NULL)"
                              " THEN auth.open_session($1::uuid, $2::uuid, $3::bigint, $4::bigint, decode($5, 'hex'), "
                              "$6::text, $7::inet) END";
    const char *version = db_integer(db, account->version);
    const char *ends = db_integer(db, (struct maybe_integer){true, s->ends});
    const char *shown = db_boolean((struct maybe_boolean){true, second_factor_shown});
    return db_run(db, sql,
                  PARAMS(s->id, account->id, version, ends, s->refresh.hash, s->from.device, s->from.address, shown));
}

enum status session_end(struct db *db, const char *id, const char *account_id)
{
    static const char sql[] = "UPDATE auth.session SET ended_at = now() WHERE id = $1::uuid AND account_id = $2::uuid"
                              " AND ended_at IS NULL AND expires_at > now()";
    return db_run(db, sql, PARAMS(id, account_id));
}

enum status session_end_all(struct db *db, const char *account_id, const char *keep)
{
    static const char sql[] =
        "UPDATE auth.session SET ended_at = now() WHERE account_id = $1::uuid AND id IS DISTINCT FROM $2::uuid"
        " AND ended_at IS NULL AND expires_at > now()";
    return db_run(db, sql, PARAMS(account_id, keep));
}

/* The key of a page is text of fixed width, so that whatever comes as one is only compared. */
enum status own_session_page(struct db *db, const char *account_id, const char *current, const struct page_params *page,
                             struct record_list *out)
{
    static const char sql[] =
        "WITH mine AS (SELECT id, device, host(address) AS address, created_at, used_at, expires_at,"
        "   id = $2::uuid AS current, to_char(used_at, 'YYYYMMDDHH24MISSUS') || id::text COLLATE \"C\" AS page_key"
        "  FROM auth.session WHERE account_id = $1::uuid AND ended_at IS NULL AND expires_at > now())"
        " SELECT * FROM mine WHERE $3::text IS NULL OR page_key < $3 ORDER BY page_key DESC LIMIT $4::int";
    return db_all(db, sql, PARAMS(account_id, current, page->after, page->limit), &own_session_schema, out);
}
