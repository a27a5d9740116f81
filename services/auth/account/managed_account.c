#include "services/auth/account/managed_account.h"

SCHEMA(managed_account_schema, "ManagedAccount", struct managed_account, FIELD_UUID(struct managed_account, id),
       FIELD_TEXT(struct managed_account, name), FIELD_ENUM(struct managed_account, role, role_names),
       FIELD_ENUM(struct managed_account, specialty, specialty_names),
       FIELD_BOOLEAN(struct managed_account, disabled, .summary = "A disabled account cannot log in"),
       FIELD_TIME(struct managed_account, created_at), FIELD_INTEGER(struct managed_account, version, .rules = HIDDEN));

SCHEMA(account_change_schema, "AccountChange", struct managed_account,
       FIELD_BOOLEAN(struct managed_account, disabled, .rules = REQUIRED,
                     .summary = "A disabled account cannot log in"));

enum status managed_account_of_path(struct request *rq, struct managed_account *out)
{
    const char *id;
    TRY(request_id(rq, "account_id", &id));
    enum status found = managed_account_find(&rq->db, id, rq->who.role, out);
    return found == NOT_FOUND ? request_absent(rq, "account") : found;
}

enum status managed_account_get(struct request *rq)
{
    struct managed_account a;
    TRY(managed_account_of_path(rq, &a));
    return reply_record(rq, &a);
}

enum status managed_account_update(struct request *rq)
{
    struct managed_account a, updated;
    TRY(managed_account_of_path(rq, &a));
    TRY(request_match(rq, a.version));
    TRY(request_input(rq, &a));
    TRY(request_written(rq, managed_account_update_row(&rq->db, &a, rq->who.role, &updated)));
    return reply_record(rq, &updated);
}
