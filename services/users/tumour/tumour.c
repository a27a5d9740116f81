#include "services/users/tumour/tumour.h"

#include "services/users/tumour/catalogue.h"

#include "common/base/text.h"
#include "common/database/history.h"

#include <string.h>

static enum status find_by_id(struct request *rq, struct tumour *out)
{
    const char *id;
    TRY(request_id(rq, "tumour_id", &id));
    return tumour_find(&rq->db, id, out);
}

/* A code that the record does not have yet is one that the catalogue offers. */
static enum status check_codes(struct request *rq, const struct tumour *t, const struct tumour *before)
{
    static const struct tumour nobody = {0};
    const struct tumour *was = before ? before : &nobody;
    const struct {
        const struct catalogue *catalogue;
        const char *member, *code, *before;
    } codes[] = {
        {&primary_sites, "primary_site", t->primary_site, was->primary_site},
        {&metastasis_diagnostics, "metastasis_diagnostics", t->metastasis_diagnostics, was->metastasis_diagnostics},
        {&treatments, "treatment", t->treatment, was->treatment},
    };
    for (size_t i = 0; i < COUNT(codes); i++) {
        const char *code = codes[i].code;
        bool had = code && codes[i].before && strcmp(code, codes[i].before) == 0;
        if (code && !had && strcmp(code, "unknown") != 0)
            TRY(catalogue_check(rq, codes[i].catalogue, codes[i].member, code));
    }
    return problem_status(&rq->problem);
}

enum status tumour_settle(struct request *rq, struct tumour *t, const struct tumour *before)
{
    tumour_check(t, before, clock_today(), &rq->problem);
    return check_codes(rq, t, before);
}

enum status tumour_create(struct request *rq)
{
    struct tumour t = {0}, created;
    TRY(request_input(rq, &t));
    TRY(tumour_settle(rq, &t, NULL));
    TRY(tumour_insert(&rq->db, &t, &created));
    reply_header(rq, "Location", "/api/v1/tumours/%s", created.tumour_id);
    return reply_record(rq, &created);
}

enum status tumour_get(struct request *rq)
{
    struct as_of at = {0};
    struct tumour t;
    const char *id;
    TRY(request_input(rq, &at));
    TRY(request_id(rq, "tumour_id", &id));
    TRY(history_as_of_check(&rq->db, &at));
    TRY(at.as_of ? tumour_find_as_of(&rq->db, id, at.as_of, &t) : tumour_find(&rq->db, id, &t));
    return reply_record(rq, &t);
}

static const struct tumour_order *order_of(const struct tumour_query *query)
{
    for (int i = 0; query->order && i < TUMOUR_ORDERS; i++)
        if (strcmp(tumour_orders[i].name, query->order) == 0)
            return &tumour_orders[i];
    return &tumour_orders[0];
}

static bool is_key(enum field_kind kind, const char *text)
{
    struct date day;
    if (kind == FIELD_KIND_DATE)
        return date_parse(text, &day);
    return kind == FIELD_KIND_TEXT || text_time(text);
}

/* "KEY ID" of the last row seen. Clients may invent a cursor. */
static enum status split_cursor(struct request *rq, const struct tumour_order *order, const char *cursor,
                                const char **key, const char **id)
{
    char digits[33];
    const char *space = cursor ? strrchr(cursor, ' ') : NULL;
    *key = *id = NULL;
    if (!cursor)
        return OK;
    if (space && text_uuid(space + 1, digits)) {
        *key = arena_copy(rq->arena, cursor, (size_t)(space - cursor));
        *id = arena_text(rq->arena, digits);
    }
    return *key && is_key(order->kind, *key)
               ? OK
               : fail(&rq->problem, INVALID, "after", "must be the next of an earlier page in the same order");
}

static bool is_above(const struct field *f, const void *least, const void *most)
{
    const struct maybe_integer *i = least, *j = most;
    const struct maybe_real *x = least, *y = most;
    if (f->kind == FIELD_KIND_INTEGER)
        return i->known && j->known && i->value > j->value;
    if (f->kind == FIELD_KIND_REAL)
        return x->known && y->known && x->value > y->value;
    const char *from = *(const char *const *)least, *until = *(const char *const *)most;
    return from && until && strcmp(from, until) > 0;
}

enum status tumour_query_check(const struct tumour_query *query, struct problem *why)
{
    for (const struct field *f = tumour_bound_schema.fields; f->name; f += 2)
        if (is_above(f, field_at(&f[0], query), field_at(&f[1], query)))
            fail(why, INVALID, f[0].name, "must not be above %s", f[1].name);
    return problem_status(why);
}

enum status tumour_list(struct request *rq)
{
    struct tumour_query query = {0};
    struct record_list list;
    const char *key, *id;
    TRY(request_input(rq, &query));
    TRY(tumour_query_check(&query, &rq->problem));
    const struct tumour_order *order = order_of(&query);
    TRY(split_cursor(rq, order, rq->page.after, &key, &id));
    TRY(tumour_page(&rq->db, &query, order, key, id, rq->page.limit, &list));
    return reply_page(rq, &list);
}

enum status tumour_history(struct request *rq)
{
    struct record_list list;
    const char *id;
    TRY(request_id(rq, "tumour_id", &id));
    TRY(tumour_page_of_history(&rq->db, id, &rq->page, &list));
    return reply_page_or_absent(rq, &list);
}

static enum status write_row(struct request *rq, struct tumour *t, const struct tumour *before)
{
    struct tumour updated;
    TRY(tumour_settle(rq, t, before));
    TRY(request_written(rq, tumour_update_row(&rq->db, t, &updated)));
    return reply_record(rq, &updated);
}

/* Members that are not given become unknown. */
enum status tumour_replace(struct request *rq)
{
    struct tumour before;
    TRY(find_by_id(rq, &before));
    TRY(request_match(rq, before.version));
    struct tumour t = {.tumour_id = before.tumour_id, .version = before.version, .source_key = before.source_key};
    TRY(request_input(rq, &t));
    return write_row(rq, &t, &before);
}

/* The given members are decoded onto the record as it is. */
enum status tumour_update(struct request *rq)
{
    struct tumour before;
    TRY(find_by_id(rq, &before));
    TRY(request_match(rq, before.version));
    struct tumour t = before;
    TRY(request_input(rq, &t));
    return write_row(rq, &t, &before);
}

enum status tumour_delete(struct request *rq)
{
    struct tumour t;
    TRY(find_by_id(rq, &t));
    TRY(request_match(rq, t.version));
    TRY(request_written(rq, tumour_delete_row(&rq->db, &t)));
    return reply_empty(rq);
}

/* In one transaction, but in many statements: each has its time. */
enum status tumour_delete_all(struct request *rq)
{
    struct tumour_removal removal = {0}, part = {.deleted = {true, 1}};
    TRY(request_input(rq, &removal));
    if (strcmp(removal.confirmation, TUMOUR_REMOVAL_CONFIRMATION) != 0)
        return fail(&rq->problem, INVALID, "confirmation", "must be the words \"%s\"", TUMOUR_REMOVAL_CONFIRMATION);
    removal.deleted = (struct maybe_integer){true, 0};
    TRY(db_begin(&rq->db));
    while (part.deleted.value > 0) {
        TRY(tumour_delete_some(&rq->db, &part));
        removal.deleted.value += part.deleted.value;
    }
    TRY(db_commit(&rq->db));
    return reply_record(rq, &removal);
}
