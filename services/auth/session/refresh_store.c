#include "services/auth/session/refresh.h"

LOCAL_SCHEMA(rotation_schema, "Rotation", struct rotation, FIELD_UUID(struct rotation, session_id),
             FIELD_UUID(struct rotation, account_id), FIELD_INTEGER(struct rotation, ends),
             FIELD_BOOLEAN(struct rotation, reused));

enum status refresh_rotate(struct db *db, const char *given_hash, const char *new_hash, const struct session_use *from,
                           struct rotation *out)
{
    static const char sql[] = "SELECT session_id, account_id, ends, reused"
                              " FROM auth.refresh_session(decode($1, 'hex'), decode($2, 'hex'), $3::text, $4::inet)";
    return db_one(db, sql, PARAMS(given_hash, new_hash, from->device, from->address), &rotation_schema, out);
}
