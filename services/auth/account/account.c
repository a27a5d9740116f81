#include "services/auth/account/account.h"

SCHEMA(account_schema, "Account", struct account, FIELD_UUID(struct account, id), FIELD_TEXT(struct account, name),
       FIELD_ENUM(struct account, role, role_names), FIELD_ENUM(struct account, specialty, specialty_names),
       FIELD_TEXT(struct account, scope, .rules = OMIT_NULL, .summary = "Scopes of a client, separated by spaces"),
       FIELD_TEXT(struct account, password_hash, .rules = HIDDEN),
       FIELD_BOOLEAN(struct account, disabled, .rules = HIDDEN),
       FIELD_INTEGER(struct account, version, .rules = HIDDEN));

enum status account_me(struct request *rq)
{
    struct account account = {0};
    TRY(account_find(&rq->db, rq->who.account_id, &account));
    if (rq->who.role == CLIENT) {
        char scope[SCOPES_SIZE];
        scopes_print(rq->who.scopes, scope);
        account.scope = arena_text(rq->arena, scope);
    }
    return reply_record(rq, &account);
}
