#include "services/auth/outside/identity.h"

#include "common/base/text.h"
#include "services/auth/account/managed_account.h"
#include "services/auth/outside/outside_token.h"

SCHEMA(identity_schema, "Identity", struct identity, FIELD_UUID(struct identity, id),
       FIELD_TEXT(struct identity, issuer), FIELD_TEXT(struct identity, subject),
       FIELD_BOOLEAN(struct identity, provisioned,
                     .summary = "The account was created for this identity, and the issuer decides its role"),
       FIELD_UUID(struct identity, linked_by, .summary = "Administrator who linked the identity"),
       FIELD_TIME(struct identity, created_at), FIELD_TEXT(struct identity, page_key, .rules = HIDDEN));

SCHEMA(new_identity_schema, "NewIdentity", struct identity,
       FIELD_TEXT(struct identity, issuer, .rules = REQUIRED, .min = 1, .max = 200,
                  .example = "https://accounts.google.com", .summary = "Issuer, exactly as in the settings"),
       FIELD_TEXT(struct identity, subject, .rules = REQUIRED, .min = 1, .max = OUTSIDE_SUBJECT_MAX,
                  .summary = "The `sub` claim of its tokens"));

/* The id of an account that the caller may manage. */
static enum status managed_id(struct request *rq, const char **out)
{
    struct managed_account account;
    TRY(managed_account_of_path(rq, &account));
    if (role_parse(account.role) == CLIENT)
        return fail(&rq->problem, CONFLICT, NULL, "Machines have no identities; they enter with their secret.");
    *out = account.id;
    return OK;
}

enum status identity_list(struct request *rq)
{
    struct record_list list;
    const char *account_id;
    TRY(managed_id(rq, &account_id));
    TRY(identity_page(&rq->db, account_id, &rq->page, &list));
    return reply_page(rq, &list);
}

enum status identity_create(struct request *rq)
{
    const struct auth *auth = rq->app;
    struct identity given = {0}, created;
    const char *account_id;
    char id[33];
    TRY(request_input(rq, &given));
    if (!issuers_find(auth->issuers, given.issuer))
        return fail(&rq->problem, INVALID, "issuer", "must be one that the settings of the service name");
    TRY(managed_id(rq, &account_id));
    text_new_uuid(id);
    given.id = id;
    TRY(identity_insert(&rq->db, account_id, &given, rq->who.account_id, &created));
    return reply_record(rq, &created);
}

enum status identity_delete(struct request *rq)
{
    const char *account_id, *id;
    TRY(request_id(rq, "identity_id", &id));
    TRY(managed_id(rq, &account_id));
    TRY(identity_delete_row(&rq->db, account_id, id));
    return reply_empty(rq);
}
