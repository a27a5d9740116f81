#include "services/users/tumour/catalogue.h"

#include <stdlib.h>
#include <string.h>

#define LABEL(rules_) \
    FIELD_TEXT(struct catalogue_entry, label, .rules = (rules_) | TRIMMED, .min = 1, .max = 120, \
               .example = "FOLFOX 4/6 or XELOX")
#define ACTIVE(rules_) \
    FIELD_BOOLEAN(struct catalogue_entry, active, .rules = (rules_), .summary = "New records may use it")

SCHEMA(catalogue_entry_schema, "CatalogueEntry", struct catalogue_entry, FIELD_TEXT(struct catalogue_entry, code),
       LABEL(0), ACTIVE(0), FIELD_TIME(struct catalogue_entry, created_at),
       FIELD_TIME(struct catalogue_entry, updated_at), FIELD_INTEGER(struct catalogue_entry, version, .rules = HIDDEN),
       FIELD_TEXT(struct catalogue_entry, page_key, .rules = HIDDEN));

SCHEMA(new_catalogue_entry_schema, "NewCatalogueEntry", struct catalogue_entry,
       FIELD_TEXT(struct catalogue_entry, code, .rules = REQUIRED, .min = 1, .max = 40, .example = "folfox_or_xelox",
                  .summary = "Letters, digits, full stops, hyphens and underscores; cannot be changed"),
       LABEL(REQUIRED), ACTIVE(0));

SCHEMA(catalogue_entry_change_schema, "CatalogueEntryChange", struct catalogue_entry, LABEL(NOT_NULL),
       ACTIVE(NOT_NULL));

SCHEMA(catalogue_query_schema, "CatalogueQuery", struct catalogue_query, FIELD_PAGE(struct catalogue_query, page),
       FIELD_BOOLEAN(struct catalogue_query, active));

/* The catalogue that a row deals with, by its path. */
static const struct catalogue *catalogue_of(const struct request *rq)
{
    static const struct catalogue *const all[] = {&treatments, &primary_sites, &metastasis_diagnostics};
    for (size_t i = 0; i < COUNT(all); i++)
        if (strncmp(rq->route->path, all[i]->path, strlen(all[i]->path)) == 0)
            return all[i];
    abort(); /* the route table names none */
}

static enum status check_code(const char *code, struct problem *why)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    static const char inner[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    if (!strchr(plain, code[0]) || code[strspn(code, inner)])
        return fail(why, INVALID, "code", "must be letters and digits, and between them also . - and _");
    return OK;
}

static enum status find_by_code(struct request *rq, const struct catalogue *c, struct catalogue_entry *out)
{
    return catalogue_find(&rq->db, c, request_variable(rq, c->variable), out);
}

enum status catalogue_list(struct request *rq)
{
    struct catalogue_query query = {0};
    struct record_list list;
    TRY(request_input(rq, &query));
    TRY(catalogue_page(&rq->db, catalogue_of(rq), &query, &rq->page, &list));
    return reply_page(rq, &list);
}

enum status catalogue_create(struct request *rq)
{
    const struct catalogue *c = catalogue_of(rq);
    struct catalogue_entry e = {0}, created;
    TRY(request_input(rq, &e));
    TRY(check_code(e.code, &rq->problem));
    TRY(catalogue_insert(&rq->db, c, &e, &created));
    reply_header(rq, "Location", "%s/%s", c->path, created.code);
    return reply_record(rq, &created);
}

enum status catalogue_get(struct request *rq)
{
    struct catalogue_entry e;
    TRY(find_by_code(rq, catalogue_of(rq), &e));
    return reply_record(rq, &e);
}

enum status catalogue_update(struct request *rq)
{
    const struct catalogue *c = catalogue_of(rq);
    struct catalogue_entry e, updated;
    TRY(find_by_code(rq, c, &e));
    TRY(request_match(rq, e.version));
    TRY(request_input(rq, &e));
    TRY(request_written(rq, catalogue_update_row(&rq->db, c, &e, &updated)));
    return reply_record(rq, &updated);
}

enum status catalogue_check(struct request *rq, const struct catalogue *c, const char *member, const char *code)
{
    struct catalogue_entry e;
    enum status status = catalogue_find(&rq->db, c, code, &e);
    if (status == NOT_FOUND)
        fail(&rq->problem, INVALID, member, "is no code of %s", c->path);
    else if (status != OK)
        return status;
    else if (!e.active.value)
        fail(&rq->problem, INVALID, member, "is no longer active in %s", c->path);
    return OK;
}
