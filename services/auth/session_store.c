#include "services/auth/session.h"

#define COLUMNS "id, name, role, specialty, password_hash, disabled, version"

enum status account_find(struct db *db, const char *id, struct account *out)
{
    static const char sql[] = "SELECT " COLUMNS " FROM auth.account WHERE id = $1::uuid";
    return db_one(db, sql, PARAMS(id), &account_schema, out);
}

enum status account_find_by_name(struct db *db, const char *name, struct account *out)
{
    static const char sql[] = "SELECT " COLUMNS " FROM auth.account WHERE name_key = shared.name_key($1)";
    return db_one(db, sql, PARAMS(name), &account_schema, out);
}

enum status account_renew_hash(struct db *db, const struct account *account, const char *renewed)
{
    static const char sql[] = "UPDATE auth.account SET password_hash = $3::text"
                              " WHERE id = $1::uuid AND password_hash = $2::text";
    return db_run(db, sql, PARAMS(account->id, account->password_hash, renewed));
}

enum status account_change_password(struct db *db, const struct account *account, const char *hash,
                                    const char *session_id)
{
    static const char sql[] = "SELECT WHERE auth.change_password($1::uuid, $2::text, $3::text, $4::uuid)";
    return db_run(db, sql, PARAMS(account->id, account->password_hash, hash, session_id));
}

/* The lock waits for a change that is on its way and lets none come between the look and the insertion. */
enum status session_insert(struct db *db, const struct principal *who, const struct account *account)
{
    static const char sql[] =
        "WITH unchanged AS (SELECT id FROM auth.account WHERE id = $2::uuid AND version = $4::bigint FOR SHARE)"
        " INSERT INTO auth.session (id, account_id, expires_at) SELECT $1::uuid, id, to_timestamp($3::bigint)"
        " FROM unchanged";
    const char *expires = db_integer(db, (struct maybe_integer){true, who->expires});
    return db_run(db, sql, PARAMS(who->session_id, account->id, expires, db_integer(db, account->version)));
}

enum status session_end(struct db *db, const char *id)
{
    static const char sql[] = "UPDATE auth.session SET ended_at = now() WHERE id = $1::uuid AND ended_at IS NULL";
    return db_run(db, sql, PARAMS(id));
}
