#include "services/auth/refresh.h"

LOCAL_SCHEMA(rotation_schema, "Rotation", struct rotation, FIELD_UUID(struct rotation, session_id),
             FIELD_UUID(struct rotation, account_id), FIELD_INTEGER(struct rotation, ends),
             FIELD_BOOLEAN(struct rotation, reused));

/* Each login takes some tokens away whose sessions are over. */
enum status refresh_token_insert(struct db *db, const char *session_id, const char *hash)
{
    static const char sql[] =
        "WITH old AS (SELECT hash FROM auth.refresh_token WHERE expires_at < now()"
        "  ORDER BY expires_at LIMIT 100 FOR UPDATE SKIP LOCKED),"
        " swept AS (DELETE FROM auth.refresh_token t USING old WHERE t.hash = old.hash)"
        " INSERT INTO auth.refresh_token (hash, session_id, generation, expires_at)"
        " SELECT decode($2, 'hex'), id, generation, expires_at FROM auth.session WHERE id = $1::uuid";
    return db_run(db, sql, PARAMS(session_id, hash));
}

enum status refresh_token_rotate(struct db *db, const char *given_hash, const char *new_hash, struct rotation *out)
{
    static const char sql[] = "SELECT session_id, account_id, ends, reused"
                              " FROM auth.rotate_refresh_token(decode($1, 'hex'), decode($2, 'hex'))";
    return db_one(db, sql, PARAMS(given_hash, new_hash), &rotation_schema, out);
}
