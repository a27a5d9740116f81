#include "services/auth/session/grant.h"

LOCAL_SCHEMA(client_credentials_schema, "ClientCredentials", struct client_credentials,
             FIELD_UUID(struct client_credentials, account.id, .name = "id"),
             FIELD_TEXT(struct client_credentials, account.name, .name = "name"),
             FIELD_TEXT(struct client_credentials, account.role, .name = "role"),
             FIELD_TEXT(struct client_credentials, account.scope, .name = "scope"),
             FIELD_BOOLEAN(struct client_credentials, account.disabled, .name = "disabled"),
             FIELD_INTEGER(struct client_credentials, account.version, .name = "version"),
             FIELD_TEXT(struct client_credentials, secret_hash));

enum status client_credentials_find(struct db *db, const char *id, struct client_credentials *out)
{
    static const char sql[] =
        "SELECT id, name, role, scope, disabled, version, secret_hash FROM auth.client_credentials($1::uuid)";
    return db_one(db, sql, PARAMS(id), &client_credentials_schema, out);
}

enum status client_session_insert(struct db *db, const struct new_session *s, const struct account *account)
{
    static const char sql[] = "SELECT WHERE auth.open_client_session($1::uuid, $2::uuid, $3::bigint, $4::bigint,"
                              " $5::text, $6::inet)";
    const char *version = db_integer(db, account->version);
    const char *ends = db_integer(db, (struct maybe_integer){true, s->ends});
    return db_run(db, sql, PARAMS(s->id, account->id, version, ends, s->from.device, s->from.address));
}
