#include "services/auth/session/session.h"

enum status session_insert(struct db *db, const struct new_session *s, const struct account *account,
                           bool second_factor_shown)
{
    static const char sql[] =
        "SELECT WHERE CASE"
        " WHEN $8::boolean OR NOT EXISTS ("
        "  SELECT FROM auth.second_factor_of($2::uuid) f WHERE f.confirmed_at IS NOT NULL)"
        " THEN auth.open_session($1::uuid, $2::uuid, $3::bigint, $4::bigint, decode($5, 'hex'), $6::text, $7::inet)"
        " END";
    const char *version = db_integer(db, account->version);
    const char *ends = db_number(db, s->ends);
    const char *shown = db_boolean((struct maybe_boolean){true, second_factor_shown});
    return db_run(db, sql,
                  PARAMS(s->id, account->id, version, ends, s->refresh.hash, s->from.device, s->from.address, shown));
}

enum status session_end(struct db *db, const char *id, const char *account_id)
{
    static const char sql[] = "UPDATE auth.session"
                              " SET ended_at = now()"
                              " WHERE id = $1::uuid AND account_id = $2::uuid"
                              " AND ended_at IS NULL AND expires_at > now()";
    return db_run(db, sql, PARAMS(id, account_id));
}

enum status session_end_all(struct db *db, const char *account_id, const char *keep)
{
    static const char sql[] = "UPDATE auth.session"
                              " SET ended_at = now()"
                              " WHERE account_id = $1::uuid AND id IS DISTINCT FROM $2::uuid"
                              " AND ended_at IS NULL AND expires_at > now()";
    return db_run(db, sql, PARAMS(account_id, keep));
}
