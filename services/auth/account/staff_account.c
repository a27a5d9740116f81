#include "services/auth/account/staff_account.h"

#include "common/base/text.h"

#include <string.h>

static const struct staff_account_kind {
    const char *path, *variable;
    const char *among; /* the roles of its accounts */
    const char *role;  /* of a new one; NULL: as it is given */
} kinds[] = {
    {"/api/v1/admins", "admin_id", "{superuser,admin}", NULL},
    {"/api/v1/researchers", "researcher_id", "{researcher}", "researcher"},
};

static const char *const admin_roles[] = {"superuser", "normal", NULL};

#define ADMIN_ROLE(...) \
    FIELD_ENUM(struct staff_account, role, admin_roles, .summary = "Superusers also manage administrators", __VA_ARGS__)
#define DISABLED(...) \
    FIELD_BOOLEAN(struct staff_account, disabled, .summary = "A disabled account cannot log in", __VA_ARGS__)
#define NAME_AND_PASSWORD \
    FIELD_TEXT(struct staff_account, name, .rules = REQUIRED | TRIMMED, .min = 1, .max = 80, \
               .example = "Imke Verwalt", .summary = "The name to log in with; unique, regardless of case"), \
        FIELD_TEXT(struct staff_account, password, .rules = REQUIRED | WRITE_ONLY | ANY_TEXT, .min = PASSWORD_MIN, \
                   .max = PASSWORD_MAX)
#define HIDDEN_MEMBERS \
    FIELD_INTEGER(struct staff_account, version, .rules = HIDDEN), \
        FIELD_TEXT(struct staff_account, page_key, .rules = HIDDEN)

/* clang-format off */
SCHEMA(admin_schema, "Administrator", struct staff_account,
       FIELD_UUID(struct staff_account, id),
       FIELD_TEXT(struct staff_account, name),
       ADMIN_ROLE(),
       DISABLED(),
       FIELD_TIME(struct staff_account, created_at),
       HIDDEN_MEMBERS);
SCHEMA(new_admin_schema, "NewAdministrator", struct staff_account, NAME_AND_PASSWORD, ADMIN_ROLE(.rules = REQUIRED));

SCHEMA(admin_change_schema, "AdministratorChange", struct staff_account,
       ADMIN_ROLE(.rules = NOT_NULL),
       DISABLED(.rules = NOT_NULL));

SCHEMA(researcher_schema, "Researcher", struct staff_account,
       FIELD_UUID(struct staff_account, id),
       FIELD_TEXT(struct staff_account, name),
       DISABLED(),
       FIELD_TIME(struct staff_account, created_at),
       HIDDEN_MEMBERS);
/* clang-format on */
SCHEMA(new_researcher_schema, "NewResearcher", struct staff_account, NAME_AND_PASSWORD);
SCHEMA(researcher_change_schema, "ResearcherChange", struct staff_account, DISABLED(.rules = NOT_NULL));

static const struct staff_account_kind *kind_of(const struct request *rq)
{
    const struct staff_account_kind *kind = kinds;
    while (strncmp(rq->route->path, kind->path, strlen(kind->path)) != 0)
        kind++;
    return kind;
}

enum status staff_account_create(struct request *rq)
{
    const struct staff_account_kind *kind = kind_of(rq);
    struct auth *auth = rq->app;
    struct staff_account a = {.role = kind->role}, created;
    char hash[PASSWORD_HASH_SIZE], id[33];
    TRY(request_input(rq, &a));
    TRY(password_check(a.password, a.name, "password", &rq->problem));
    TRY(password_hash(auth->gate, a.password, hash, &rq->problem));
    text_new_uuid(id);
    a.id = id;
    TRY(staff_account_insert(&rq->db, &a, hash, &created));
    reply_header(rq, "Location", "%s/%s", kind->path, created.id);
    return reply_record(rq, &created);
}

enum status staff_account_list(struct request *rq)
{
    struct record_list list;
    TRY(staff_account_page(&rq->db, kind_of(rq)->among, &rq->page, &list));
    return reply_page(rq, &list);
}

static enum status find_by_id(struct request *rq, struct staff_account *out)
{
    const struct staff_account_kind *kind = kind_of(rq);
    const char *id;
    TRY(request_id(rq, kind->variable, &id));
    return staff_account_find(&rq->db, kind->among, id, out);
}

enum status staff_account_get(struct request *rq)
{
    struct staff_account a;
    TRY(find_by_id(rq, &a));
    return reply_record(rq, &a);
}

enum status staff_account_update(struct request *rq)
{
    struct staff_account a, updated;
    TRY(find_by_id(rq, &a));
    TRY(request_match(rq, a.version));
    TRY(request_input(rq, &a));
    TRY(request_written(rq, staff_account_update_row(&rq->db, &a, &updated)));
    return reply_record(rq, &updated);
}

enum status staff_account_delete(struct request *rq)
{
    struct staff_account a;
    TRY(find_by_id(rq, &a));
    TRY(request_match(rq, a.version));
    TRY(request_written(rq, staff_account_delete_row(&rq->db, &a)));
    return reply_empty(rq);
}
