#include "services/imaging/element/element.h"

#include "services/imaging/imaging.h"

#include <stdlib.h>
#include <string.h>

enum { CREATED_AT_ONCE_MAX = 1000 };

static const char *const extras[] = {"data", NULL};

/* clang-format off */
SCHEMA(raw_data_schema, "RawData", struct raw_data,
       FIELD_TEXT(struct raw_data, id),
       FIELD_JSON(struct raw_data, data, .summary = "The lines as sent"),
       FIELD_TEXT(struct raw_data, deviceName));

SCHEMA(element_schema, "Element", struct element,
       FIELD_TEXT(struct element, id),
       FIELD_TEXT(struct element, device_name),
       FIELD_JSON(struct element, data, .rules = OMIT_NULL, .summary = "The lines as sent; in lists: include=data"),
       FIELD_RECORD(struct element, raw_data, raw_data_schema, struct raw_data, .rules = OMIT_NULL),
       FIELD_INTEGER(struct element, data_size, .summary = "Count of the numbers"),
       FIELD_REAL(struct element, average_before, .summary = "The mean of the numbers"),
       FIELD_REAL(struct element, maximum),
       FIELD_TEXT(struct element, normalization),
       FIELD_REAL(struct element, average_after,
                  .summary = "The mean after division by the maximum or by 100; null if the maximum is 0"),
       FIELD_TIME(struct element, created_at),
       FIELD_TIME(struct element, updated_at),
       FIELD_INTEGER(struct element, version, .rules = HIDDEN),
       FIELD_TEXT(struct element, page_key, .rules = HIDDEN));

/* A member and its comparisons: data_size, data_size_gt, ... */
#define FIELD_RANGE(FIELD, member, text) \
    FIELD(struct element_query, member.is, .name = text, .summary = "Equal to"), \
        FIELD(struct element_query, member.gt, .name = text "_gt", .summary = "Greater than"), \
        FIELD(struct element_query, member.lt, .name = text "_lt", .summary = "Less than"), \
        FIELD(struct element_query, member.gte, .name = text "_gte", .summary = "At least"), \
        FIELD(struct element_query, member.lte, .name = text "_lte", .summary = "At most")

SCHEMA(element_query_schema, "ElementQuery", struct element_query,
       FIELD_PAGE(struct element_query, page),
       FIELD_ENUM(struct element_query, include, extras, .summary = "data: include the numbers; pages may be shorter"),
       FIELD_TEXT(struct element_query, device_name, .min = 1, .max = 80, .summary = "Only elements of this device"),
       FIELD_RANGE(FIELD_TIME, created_at, "created_at"),
       FIELD_RANGE(FIELD_TIME, updated_at, "updated_at"),
       FIELD_RANGE(FIELD_REAL, average_before, "average_before"),
       FIELD_RANGE(FIELD_REAL, average_after, "average_after"),
       FIELD_RANGE(FIELD_INTEGER, data_size, "data_size"));
/* clang-format on */

/* First step of every handler: a setting opens the historic path, whose callers are professionals to PostgreSQL. */
static enum status admit(struct request *rq)
{
    const struct imaging_settings *settings = rq->app;
    struct access always = {.roles = rq->route->always_roles, .scope = rq->route->access.scope};
    if (!(rq->route->rules & IF_SETTING) || access_allows(always, &rq->who))
        return OK;
    if (!settings->open_elements)
        return request_refuse(rq, "Elements are for healthcare professionals.");
    rq->actor.role = role_name(HEALTHPRO);
    return OK;
}

static bool historic(const struct request *rq)
{
    return rq->route->rules & HISTORIC;
}

/* Raw data is the same once more, as clients have always seen it. */
static void complete(struct arena *arena, struct element *e)
{
    if (!e->data)
        return;
    e->raw_data = arena_alloc(arena, sizeof *e->raw_data);
    *e->raw_data = (struct raw_data){.id = e->id, .data = e->data, .deviceName = e->device_name};
}

static void complete_all(struct arena *arena, struct record_list *list)
{
    struct element *elements = list->items;
    for (size_t i = 0; i < list->count; i++)
        complete(arena, &elements[i]);
}

static enum status reply_element(struct request *rq, struct element *e)
{
    complete(rq->arena, e);
    return reply_record(rq, e);
}

static int by_id(const void *a, const void *b)
{
    return strcmp(((const struct element_content *)a)->id, ((const struct element_content *)b)->id);
}

/* Sorted by id, and each id is given once. */
static enum status check_new(struct request *rq, const struct record_list *forms, struct element_content *out)
{
    const struct element_form *form = forms->items;
    for (size_t i = 0; i < forms->count; i++)
        element_form_check(&form[i], TO_CREATE, &rq->problem, &out[i]);
    TRY(problem_status(&rq->problem));
    qsort(out, forms->count, sizeof *out, by_id);
    for (size_t i = 1; i < forms->count; i++)
        if (by_id(&out[i - 1], &out[i]) == 0)
            fail(&rq->problem, INVALID, arena_printf(rq->arena, "%s/id", out[i].pointer),
                 "must not be the same as %s/id", out[i - 1].pointer);
    return problem_status(&rq->problem);
}

static enum status reply_created(struct request *rq, const struct record_list *made)
{
    rq->page.shown = made->count;
    TRY(reply_page(rq, made));
    rq->http_status = rq->route->success;
    return OK;
}

enum status element_create(struct request *rq)
{
    struct record_list forms, made;
    TRY(admit(rq));
    TRY(request_inputs(rq, CREATED_AT_ONCE_MAX, &forms));
    struct element_content *contents = arena_alloc(rq->arena, forms.count * sizeof *contents);
    TRY(check_new(rq, &forms, contents));
    TRY(element_insert(&rq->db, contents, forms.count, &made));
    complete_all(rq->arena, &made);
    if (contents[0].pointer[0])
        return reply_created(rq, &made);
    reply_header(rq, "Location", "/api/v1/elements/%s", form_encode_segment(rq->arena, contents[0].id));
    return reply_record(rq, made.items);
}

/* Elements beyond the size of the reply are left for the next page. */
static void shorten(const struct record_list *found, struct page *page)
{
    const struct element *elements = found->items;
    size_t with_data = 0;
    while (with_data < found->count && elements[with_data].data)
        with_data++;
    if (with_data < page->shown)
        page->shown = with_data;
}

enum status element_list(struct request *rq)
{
    struct element_query query = {0};
    struct record_list found;
    TRY(admit(rq));
    TRY(request_input(rq, &query));
    bool with_data = query.include || historic(rq);
    TRY(element_page(&rq->db, &query, &rq->page, with_data, &found));
    if (with_data)
        shorten(&found, &rq->page);
    complete_all(rq->arena, &found);
    return reply_page(rq, &found);
}

enum status element_get(struct request *rq)
{
    struct element e;
    TRY(admit(rq));
    TRY(element_find(&rq->db, request_variable(rq, "element_id"), &e));
    return reply_element(rq, &e);
}

/* The version that an update must find: the one If-Match names, any when a historic client sends none. */
static enum status guard(struct request *rq, struct maybe_integer *out)
{
    struct maybe_integer version;
    TRY(element_version(&rq->db, request_variable(rq, "element_id"), &version));
    TRY(request_match(rq, version));
    *out = rq->if_match ? version : (struct maybe_integer){0};
    return OK;
}

/* Between guard and the update somebody else may have been quicker. */
static enum status overtaken(struct request *rq, enum status status)
{
    if (status == NOT_FOUND && rq->if_match)
        return fail(&rq->problem, STALE, NULL, "The element has just been changed; read it again.");
    return status;
}

static enum status update(struct request *rq, enum purpose purpose)
{
    struct element_form form = {0};
    struct element_content content;
    struct element e;
    struct maybe_integer version;
    TRY(admit(rq));
    TRY(request_input(rq, &form));
    TRY(element_form_check(&form, purpose, &rq->problem, &content));
    TRY(guard(rq, &version));
    TRY(overtaken(rq, element_update_row(&rq->db, request_variable(rq, "element_id"), version, &content, &e)));
    return reply_element(rq, &e);
}

enum status element_replace(struct request *rq)
{
    return update(rq, TO_REPLACE);
}

enum status element_change(struct request *rq)
{
    return update(rq, TO_CHANGE);
}

enum status element_delete(struct request *rq)
{
    struct maybe_integer version;
    TRY(admit(rq));
    TRY(guard(rq, &version));
    TRY(overtaken(rq, element_delete_row(&rq->db, request_variable(rq, "element_id"), version)));
    return reply_empty(rq);
}
