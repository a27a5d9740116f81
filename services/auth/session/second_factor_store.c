#include "services/auth/session/second_factor.h"

enum status second_factor_find(struct db *db, const char *account_id, struct second_factor *out)
{
    static const char sql[] = "SELECT CASE WHEN confirmed_at IS NULL THEN 'begun' ELSE 'active' END AS state, sealed,"
                              " confirmed_at, last_step, recovery_codes_left"
                              " FROM auth.second_factor_of($1::uuid)";
    enum status found = db_one(db, sql, PARAMS(account_id), &second_factor_schema, out);
    if (found != NOT_FOUND)
        return found;
    *out = (struct second_factor){.state = "none", .recovery_codes_left = {true, 0}};
    return OK;
}

enum status second_factor_use(struct db *db, const char *account_id, int64_t step)
{
    static const char sql[] = "SELECT WHERE auth.use_second_factor($1::uuid, $2::bigint)";
    return db_run(db, sql, PARAMS(account_id, db_number(db, step)));
}

enum status second_factor_use_recovery_code(struct db *db, const char *account_id, const char *hash)
{
    static const char sql[] = "SELECT WHERE auth.use_recovery_code($1::uuid, decode($2, 'hex'))";
    return db_run(db, sql, PARAMS(account_id, hash));
}

enum status second_factor_insert(struct db *db, const char *account_id, const char *sealed)
{
    static const char sql[] = "SELECT WHERE auth.begin_second_factor($1::uuid, $2::text)";
    return db_run(db, sql, PARAMS(account_id, sealed));
}

enum status second_factor_activate(struct db *db, const struct principal *who, const char *sealed, int64_t step,
                                   const char *hashes)
{
    static const char sql[] =
        "SELECT WHERE auth.confirm_second_factor($1::uuid, $2::text, $3::bigint, $4::text[], $5::uuid)";
    const char *step_text = db_number(db, step);
    return db_run(db, sql, PARAMS(who->account_id, sealed, step_text, hashes, who->session_id));
}

enum status second_factor_replace_recovery_codes(struct db *db, const char *account_id, const char *hashes)
{
    static const char sql[] = "SELECT WHERE auth.replace_recovery_codes($1::uuid, $2::text[])";
    return db_run(db, sql, PARAMS(account_id, hashes));
}

enum status second_factor_delete(struct db *db, const char *account_id)
{
    static const char sql[] = "SELECT WHERE auth.remove_second_factor($1::uuid)";
    return db_run(db, sql, PARAMS(account_id));
}

enum status second_factor_delete_with_sessions(struct db *db, const char *account_id)
{
    static const char sql[] = "SELECT WHERE auth.reset_second_factor($1::uuid)";
    return db_run(db, sql, PARAMS(account_id));
}
