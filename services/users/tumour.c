#include "services/users/tumour.h"

#include "services/users/moment.h"

#include "common/text.h"

#include <string.h>

static enum status found(struct request *rq, enum status status)
{
    return status == NOT_FOUND ? request_absent(rq, "tumour") : status;
}

static enum status find_by_id(struct request *rq, struct tumour *out)
{
    const char *id;
    TRY(request_id(rq, "tumour_id", &id));
    return found(rq, tumour_find(&rq->db, id, out));
}

enum status tumour_create(struct request *rq)
{
    struct tumour t = {0}, created;
    TRY(request_input(rq, &t));
    TRY(tumour_check(&t, NULL, clock_today(), &rq->problem));
    TRY(tumour_insert(&rq->db, &t, &created));
    reply_header(rq, "Location", "/api/v1/tumours/%s", created.tumour_id);
    return reply_record(rq, &created);
}

static enum status get_as_of(struct request *rq, const struct moment *moment)
{
    struct tumour t;
    const char *id;
    TRY(request_id(rq, "tumour_id", &id));
    TRY(moment_check(rq, moment));
    TRY(found(rq, tumour_find_as_of(&rq->db, id, moment->as_of, &t)));
    return reply_record(rq, &t);
}

enum status tumour_get(struct request *rq)
{
    struct moment moment = {0};
    struct tumour t;
    TRY(request_input(rq, &moment));
    if (moment.as_of)
        return get_as_of(rq, &moment);
    TRY(find_by_id(rq, &t));
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
    int year, month, day;
    if (kind == FIELD_KIND_DATE)
        return text_date(text, &year, &month, &day);
    return kind == FIELD_KIND_TEXT || text_time(text);
}

/* "KEY ID" of the last row seen. Whoever sends a cursor may have made it up. */
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

enum status tumour_list(struct request *rq)
{
    struct tumour_query query = {0};
    struct page_params page;
    struct record_list list;
    const char *key, *id;
    TRY(request_input(rq, &query));
    TRY(request_page(rq, &query.page, &page));
    const struct tumour_order *order = order_of(&query);
    TRY(split_cursor(rq, order, page.after, &key, &id));
    TRY(tumour_page(&rq->db, &query, order, key, id, page.limit, &list));
    return reply_page(rq, &query.page, &list);
}

/* Whoever is or was there has a version. */
enum status tumour_history(struct request *rq)
{
    struct tumour_query query = {0};
    struct page_params page;
    struct record_list list;
    const char *id;
    TRY(request_input(rq, &query));
    TRY(request_page(rq, &query.page, &page));
    TRY(request_id(rq, "tumour_id", &id));
    TRY(tumour_page_of_history(&rq->db, id, &page, &list));
    return list.count > 0 ? reply_page(rq, &query.page, &list) : request_absent(rq, "tumour");
}

static enum status write_row(struct request *rq, struct tumour *t, const struct tumour *before)
{
    struct tumour updated;
    TRY(tumour_check(t, before, clock_today(), &rq->problem));
    TRY(request_written(rq, tumour_update_row(&rq->db, t, &updated)));
    return reply_record(rq, &updated);
}

/* What is not given is not known any more. */
enum status tumour_replace(struct request *rq)
{
    struct tumour before;
    TRY(find_by_id(rq, &before));
    TRY(request_match(rq, before.version));
    struct tumour t = {.tumour_id = before.tumour_id, .version = before.version, .source_key = before.source_key};
    TRY(request_input(rq, &t));
    return write_row(rq, &t, &before);
}

/* What is given is decoded onto the record as it is. */
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
