#include "services/auth/account/account.h"

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

enum status account_find_by_identity(struct db *db, const struct account_identity *i, struct account *out)
{
    static const char sql[] = "SELECT " COLUMNS " FROM auth.account_of_identity($1, $2, $3, $4, $5)";
    return db_one(db, sql, PARAMS(i->issuer, i->subject, i->role, i->specialty, i->name), &account_schema, out);
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
