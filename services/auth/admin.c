#include "services/auth/admin.h"

#include "common/text.h"

static const char *const admin_roles[] = {"superuser", "normal", NULL};

#define ADMIN_ROLE(...) \
    FIELD_ENUM(struct admin, role, admin_roles, .summary = "A superuser manages administrators, too", __VA_ARGS__)

SCHEMA(admin_schema, "Administrator", struct admin, FIELD_UUID(struct admin, id), FIELD_TEXT(struct admin, name),
       ADMIN_ROLE(), FIELD_BOOLEAN(struct admin, disabled, .summary = "Cannot log in"),
       FIELD_TIME(struct admin, created_at), FIELD_INTEGER(struct admin, version, .rules = HIDDEN),
       FIELD_TEXT(struct admin, page_key, .rules = HIDDEN));

SCHEMA(new_admin_schema, "NewAdministrator", struct admin,
       FIELD_TEXT(struct admin, name, .rules = REQUIRED | TRIMMED, .min = 1, .max = 80, .example = "Imke Verwalt",
                  .summary = "The name to log in with; nobody else may have it in any case"),
       FIELD_TEXT(struct admin, password, .rules = REQUIRED | WRITE_ONLY | ANY_TEXT, .min = PASSWORD_MIN,
                  .max = PASSWORD_MAX),
       ADMIN_ROLE(.rules = REQUIRED));

SCHEMA(admin_change_schema, "AdministratorChange", struct admin, ADMIN_ROLE(),
       FIELD_BOOLEAN(struct admin, disabled, .summary = "Cannot log in"));

SCHEMA(admin_query_schema, "AdministratorQuery", struct admin_query, FIELD_PAGE(struct admin_query, page));

enum status admin_create(struct request *rq)
{
    struct auth *auth = rq->app;
    struct admin a = {0}, created;
    char hash[PASSWORD_HASH_SIZE], id[33];
    TRY(request_input(rq, &a));
    TRY(password_check(a.password, a.name, "password", &rq->problem));
    TRY(password_hash(auth->gate, a.password, hash, &rq->problem));
    text_new_uuid(id);
    a.id = id;
    TRY(admin_insert(&rq->db, &a, hash, &created));
    reply_header(rq, "Location", "/api/v1/admins/%s", created.id);
    return reply_record(rq, &created);
}

enum status admin_list(struct request *rq)
{
    struct admin_query query = {0};
    struct page_params page;
    struct record_list list;
    TRY(request_input(rq, &query));
    TRY(request_page(rq, &query.page, &page));
    TRY(admin_page(&rq->db, &page, &list));
    return reply_page(rq, &query.page, &list);
}

static enum status find_by_id(struct request *rq, struct admin *out)
{
    const char *id;
    TRY(request_id(rq, "admin_id", &id));
    enum status found = admin_find(&rq->db, id, out);
    return found == NOT_FOUND ? request_absent(rq, "administrator") : found;
}

enum status admin_get(struct request *rq)
{
    struct admin a;
    TRY(find_by_id(rq, &a));
    return reply_record(rq, &a);
}

/* Changed by someone else between reading and writing. */
static enum status written(struct request *rq, enum status status)
{
    if (status == NOT_FOUND)
        return fail(&rq->problem, STALE, NULL, "The record has changed since it was read; read it again.");
    return status;
}

enum status admin_update(struct request *rq)
{
    struct admin a, updated;
    TRY(find_by_id(rq, &a));
    TRY(request_match(rq, a.version));
    TRY(request_input(rq, &a));
    if (!a.role)
        fail(&rq->problem, INVALID, "role", "must not be null");
    if (!a.disabled.known)
        fail(&rq->problem, INVALID, "disabled", "must not be null");
    TRY(problem_status(&rq->problem));
    TRY(written(rq, admin_update_row(&rq->db, &a, &updated)));
    return reply_record(rq, &updated);
}

enum status admin_delete(struct request *rq)
{
    struct admin a;
    TRY(find_by_id(rq, &a));
    TRY(request_match(rq, a.version));
    TRY(written(rq, admin_delete_row(&rq->db, &a)));
    return reply_empty(rq);
}
