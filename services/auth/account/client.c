#include "services/auth/account/client.h"

#include "common/base/text.h"
#include "services/auth/account/random_secret.h"

#define SCOPE_WORDS  "Scopes of the client, separated by spaces"
#define SCOPE_LENGTH .min = 1, .max = SCOPES_SIZE - 1, .example = "people:read counts:read"
#define NAME_LENGTH  .min = 1, .max = 80, .example = "Laboratory"
#define SHOWN \
    FIELD_UUID(struct client, id, .summary = "Its client_id, too"), FIELD_TEXT(struct client, name), \
        FIELD_TEXT(struct client, scope, .summary = SCOPE_WORDS), \
        FIELD_BOOLEAN(struct client, active, .summary = "Inactive clients get no tokens"), \
        FIELD_TIME(struct client, created_at), FIELD_INTEGER(struct client, version, .rules = HIDDEN)

SCHEMA(client_schema, "Client", struct client, SHOWN, FIELD_TEXT(struct client, page_key, .rules = HIDDEN));
SCHEMA(client_with_secret_schema, "ClientWithSecret", struct client, SHOWN,
       FIELD_TEXT(struct client, client_secret, .summary = "Shown only once"));
SCHEMA(new_client_schema, "NewClient", struct client,
       FIELD_TEXT(struct client, name, .rules = REQUIRED | TRIMMED, NAME_LENGTH,
                  .summary = "Unique, regardless of case"),
       FIELD_TEXT(struct client, scope, .rules = REQUIRED, SCOPE_LENGTH, .summary = SCOPE_WORDS));
SCHEMA(client_change_schema, "ClientChange", struct client,
       FIELD_TEXT(struct client, name, .rules = TRIMMED | NOT_NULL, NAME_LENGTH),
       FIELD_TEXT(struct client, scope, .rules = NOT_NULL, SCOPE_LENGTH, .summary = SCOPE_WORDS),
       FIELD_BOOLEAN(struct client, active, .rules = NOT_NULL, .summary = "Inactive clients get no tokens"));

/* Each scope once and in the order of their table, so that the same scopes are the same text. */
static enum status tidy_scope(struct request *rq, const char **scope)
{
    char all[SCOPES_SIZE], tidy[SCOPES_SIZE];
    if (!scopes_known(*scope)) {
        scopes_print(~0U, all);
        return fail(&rq->problem, INVALID, "scope", "must be one or more of: %s", all);
    }
    scopes_print(scopes_parse(*scope), tidy);
    *scope = arena_text(rq->arena, tidy);
    return OK;
}

/* The way out after a lost reply to the creation of a client, which is kept nowhere. */
static enum status explain_conflict(struct request *rq, enum status status)
{
    if (status != CONFLICT)
        return status;
    problem_reset(&rq->problem, rq->arena);
    return fail(&rq->problem, CONFLICT, "name",
                "is taken; a client whose secret is lost gets a new one by POST /api/v1/clients/{client_id}/secret");
}

enum status client_create(struct request *rq)
{
    struct client c = {0}, created;
    struct random_secret secret;
    char id[33];
    TRY(request_input(rq, &c));
    TRY(tidy_scope(rq, &c.scope));
    text_new_uuid(id);
    c.id = id;
    random_secret_new(&secret);
    TRY(explain_conflict(rq, client_insert(&rq->db, &c, secret.hash, &created)));
    created.client_secret = arena_text(rq->arena, secret.text);
    reply_header(rq, "Location", "/api/v1/clients/%s", created.id);
    return reply_record(rq, &created);
}

enum status client_list(struct request *rq)
{
    struct record_list list;
    TRY(client_page(&rq->db, &rq->page, &list));
    return reply_page(rq, &list);
}

static enum status find_by_id(struct request *rq, struct client *out)
{
    const char *id;
    TRY(request_id(rq, "client_id", &id));
    return client_find(&rq->db, id, out);
}

enum status client_get(struct request *rq)
{
    struct client c;
    TRY(find_by_id(rq, &c));
    return reply_record(rq, &c);
}

enum status client_update(struct request *rq)
{
    struct client c;
    TRY(find_by_id(rq, &c));
    TRY(request_match(rq, c.version));
    TRY(request_input(rq, &c));
    TRY(tidy_scope(rq, &c.scope));
    TRY(request_written(rq, client_update_row(&rq->db, &c)));
    return client_get(rq);
}

enum status client_delete(struct request *rq)
{
    struct client c;
    TRY(find_by_id(rq, &c));
    TRY(request_match(rq, c.version));
    TRY(request_written(rq, client_delete_row(&rq->db, &c)));
    return reply_empty(rq);
}

enum status client_renew_secret(struct request *rq)
{
    struct client c;
    struct random_secret secret;
    TRY(find_by_id(rq, &c));
    random_secret_new(&secret);
    TRY(request_written(rq, client_set_secret(&rq->db, c.id, secret.hash)));
    TRY(find_by_id(rq, &c));
    c.client_secret = arena_text(rq->arena, secret.text);
    return reply_record(rq, &c);
}
