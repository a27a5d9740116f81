#include "services/ctl/keys.h"

#include <stdio.h>

enum status keys_lock(PGconn *pg, struct problem *why)
{
    return database_run(pg, "BEGIN; LOCK TABLE auth.signing_key IN SHARE ROW EXCLUSIVE MODE", why);
}

enum status keys_read(PGconn *pg, struct problem *why, PGresult **out)
{
    static const char sql[] =
        "WITH k AS (SELECT *, retired_at IS NULL OR retired_at > now() AS is_believed FROM auth.signing_key)"
        " SELECT id, encode(private_key_sealed, 'hex'),"
        " CASE WHEN NOT is_believed THEN 'retired' WHEN use_from > now() THEN 'waits'"
        "  WHEN use_from = (SELECT max(p.use_from) FROM k p WHERE p.is_believed AND p.use_from <= now()) THEN 'signs'"
        "  ELSE 'believed' END,"
        " to_char(use_from AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'),"
        " coalesce(to_char(retired_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), '')"
        " FROM k"
        " ORDER BY use_from DESC, id";
    AUTO(db_result_drop) PGresult *r = PQexec(pg, sql);
    if (PQresultStatus(r) != PGRES_TUPLES_OK)
        return database_refused(pg, r, why);
    *out = STEAL(r);
    return OK;
}

struct key_row keys_row(const PGresult *keys, int row)
{
    return (struct key_row){.id = PQgetvalue(keys, row, 0),
                            .sealed = PQgetvalue(keys, row, 1),
                            .state = PQgetvalue(keys, row, 2),
                            .use_from = PQgetvalue(keys, row, 3),
                            .retired_at = PQgetvalue(keys, row, 4)};
}

static enum status run(PGconn *pg, const char *sql, int count, const char *const *values, struct problem *why)
{
    AUTO(db_result_drop) PGresult *r = PQexecParams(pg, sql, count, NULL, values, NULL, NULL, 0);
    return PQresultStatus(r) == PGRES_COMMAND_OK ? OK : database_refused(pg, r, why);
}

/* A day is the longest that a token may live (TOKEN_SECONDS_MAX); the hour is for clocks that differ. */
enum status keys_insert(PGconn *pg, const struct signing_key *key, const char *sealed, long after_s,
                        struct problem *why)
{
    static const char add[] = "INSERT INTO auth.signing_key (id, public_key, private_key_sealed, use_from)"
                              " VALUES ($1, $2, decode($3, 'hex'), now() + $4::int * interval '1 second')";
    static const char date_others[] = "UPDATE auth.signing_key"
                                      " SET retired_at = now() + ($2::int + 3600 + 86400) * interval '1 second'"
                                      " WHERE retired_at IS NULL AND id <> $1";
    _Static_assert(TOKEN_SECONDS_MAX == 86400, "as the statement says");
    char after[24];
    snprintf(after, sizeof after, "%ld", after_s);
    TRY(run(pg, add, 4, (const char *const[]){key->id, key->public_pem, sealed, after}, why));
    TRY(run(pg, date_others, 2, (const char *const[]){key->id, after}, why));
    return database_run(pg, "DELETE FROM auth.signing_key WHERE retired_at < now() - interval '30 days'", why);
}

enum status keys_retire(PGconn *pg, const char *id, struct problem *why)
{
    static const char keep_present[] =
        "UPDATE auth.signing_key"
        " SET retired_at = NULL"
        " WHERE EXISTS (SELECT FROM auth.signing_key w WHERE w.id = $1 AND w.use_from > now())"
        " AND id = (SELECT p.id FROM auth.signing_key p"
        "  WHERE p.use_from <= now() AND (p.retired_at IS NULL OR p.retired_at > now())"
        "  ORDER BY p.use_from DESC LIMIT 1)";
    static const char retire[] = "UPDATE auth.signing_key SET retired_at = now() WHERE id = $1";
    TRY(run(pg, keep_present, 1, &id, why));
    return run(pg, retire, 1, &id, why);
}
