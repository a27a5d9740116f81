#include "services/auth/session/throttle.h"

struct name_key {
    const char *name_key;
};
LOCAL_SCHEMA(name_key_schema, "NameKey", struct name_key, FIELD_TEXT(struct name_key, name_key));

struct wait {
    struct maybe_integer wait;
};
LOCAL_SCHEMA(wait_schema, "Wait", struct wait, FIELD_INTEGER(struct wait, wait));

static enum status wait_of(enum status found, const struct wait *row, int *out)
{
    TRY(if_any(found));
    *out = found == OK ? (int)row->wait.value : 0;
    return OK;
}

enum status throttle_find_name_key(struct db *db, const char *name, const char **out)
{
    static const char sql[] = "SELECT shared.name_key($1) AS name_key";
    struct name_key row;
    TRY(db_one(db, sql, PARAMS(name), &name_key_schema, &row));
    *out = row.name_key;
    return OK;
}

enum status throttle_find_wait(struct db *db, const char *key, int *out)
{
    static const char sql[] = "SELECT auth.login_wait(failures, failed_at) AS wait"
                              " FROM auth.failed_login"
                              " WHERE key = decode($1, 'hex')";
    struct wait row = {0};
    return wait_of(db_one(db, sql, PARAMS(key), &wait_schema, &row), &row, out);
}

/* Each failure removes two outdated rows, so no more than an hour's stay. Counted ones enter the access log, too. */
enum status throttle_count(struct db *db, const struct throttle *t)
{
    static const char sql[] =
        "WITH old AS (SELECT key FROM auth.failed_login"
        "  WHERE failed_at < now() - interval '1 hour' AND key <> decode($1, 'hex')"
        "  ORDER BY failed_at LIMIT 2"
        "  FOR UPDATE SKIP LOCKED),"
        " swept AS (DELETE FROM auth.failed_login f USING old WHERE f.key = old.key),"
        " counted AS (INSERT INTO auth.failed_login AS f (key)"
        "  VALUES (decode($1, 'hex'))"
        "  ON CONFLICT (key) DO UPDATE"
        "  SET failed_at = now(),"
        "   failures = CASE WHEN f.failed_at < now() - interval '1 hour' THEN 1 ELSE f.failures + 1 END"
        "  WHERE auth.login_wait(f.failures, f.failed_at) = 0"
        "  RETURNING f.key)"
        " SELECT CASE WHEN $2::text IS NOT NULL THEN auth.log_failed_login($2) END FROM counted";
    return db_run(db, sql, PARAMS(t->key, t->name_key));
}

enum status throttle_forget(struct db *db, const char *key, int *out)
{
    static const char sql[] =
        "WITH mine AS (SELECT key, auth.login_wait(failures, failed_at) AS wait"
        "  FROM auth.failed_login"
        "  WHERE key = decode($1, 'hex')"
        "  FOR UPDATE),"
        " forgotten AS (DELETE FROM auth.failed_login f USING mine WHERE f.key = mine.key AND mine.wait = 0)"
        " SELECT wait FROM mine WHERE wait > 0";
    struct wait row = {0};
    return wait_of(db_one(db, sql, PARAMS(key), &wait_schema, &row), &row, out);
}
