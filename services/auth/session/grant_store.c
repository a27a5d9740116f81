#include "services/auth/session/grant.h"

LOCAL_SCHEMA(grant_client_schema, "GrantClient", struct grant_client,
             FIELD_UUID(struct grant_client, account.id, .name = "id"),
             FIELD_TEXT(struct grant_client, account.name, .name = "name"),
             FIELD_TEXT(struct grant_client, account.role, .name = "role"),
             FIELD_TEXT(struct grant_client, account.scope, .name = "scope"),
             FIELD_BOOLEAN(struct grant_client, account.disabled, .name = "disabled"),
             FIELD_INTEGER(struct grant_client, account.version, .name = "version"),
             FIELD_TEXT(struct grant_client, secret_hash));

enum status grant_find_client(struct db *db, const char *id, struct grant_client *out)
{
    static const char sql[] = "SELECT id, name, role, scope, disabled, version, secret_hash"
                              " FROM auth.client_credentials($1::uuid)";
    return db_one(db, sql, PARAMS(id), &grant_client_schema, out);
}

enum status grant_insert_session(struct db *db, const struct new_session *s, const struct account *account)
{
    static const char sql[] = "SELECT WHERE auth.open_client_session($1::uuid, $2::uuid, $3::bigint, $4::bigint,"
                              " $5::text, $6::inet)";
    const char *version = db_integer(db, account->version);
    const char *ends = db_number(db, s->ends);
    return db_run(db, sql, PARAMS(s->id, account->id, version, ends, s->from.device, s->from.address));
}
