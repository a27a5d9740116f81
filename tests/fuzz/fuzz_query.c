/* A request's target, path and query, through the route table to a page of a list; the first byte says the method. */
#include "tests/fuzz/fuzz.h"

#include <string.h>

static const char *const colours[] = {"red", "green", NULL};

struct filter {
    struct page_query page;
    const char *name, *colour, *born_from, *created_gte, *thing_id;
    struct maybe_integer over;
    struct maybe_real average_gt;
    struct maybe_boolean active;
};
LOCAL_SCHEMA(filter_schema, "Filter", struct filter, FIELD_PAGE(struct filter, page),
             FIELD_TEXT(struct filter, name, .min = 1, .max = 20), FIELD_ENUM(struct filter, colour, colours),
             FIELD_DATE(struct filter, born_from), FIELD_TIME(struct filter, created_gte),
             FIELD_UUID(struct filter, thing_id), FIELD_INTEGER(struct filter, over, .min = 0, .max = 30),
             FIELD_REAL(struct filter, average_gt), FIELD_BOOLEAN(struct filter, active));

static enum status nothing(struct request *rq)
{
    return reply_empty(rq);
}

#define PAGED .input = &filter_schema, .input_from = FROM_QUERY, .shape = GIVES_PAGE
static const struct route routes[] = {
    {"GET", "/things", nothing, PAGED},        {"GET", "/things/:thing_id", nothing, PAGED},
    {"PATCH", "/things/:thing_id", nothing},   {"GET", "/things/:thing_id/:name", nothing, PAGED},
    {"GET", "/by_name/:name", nothing, PAGED}, {0}};

/* A variable can be given out as a part of a path and comes back the same. */
static void promise_segment(struct exchange *c, const char *value)
{
    const char *again, *segment = form_encode_segment(&c->arena, value);
    PROMISE(!strpbrk(segment, "/?# "));
    PROMISE(form_decode_segment(&c->arena, segment, strlen(segment), &again, &c->rq.problem) == OK);
    PROMISE(strcmp(again, value) == 0);
}

static enum status serve(struct exchange *c)
{
    struct request *rq = &c->rq;
    struct filter filter = {0};
    TRY(route_find(routes, rq->method, rq->path, rq->arena, &rq->input.path, &rq->route, &rq->problem));
    for (size_t i = 0; i < rq->input.path.count; i++)
        promise_segment(c, rq->input.path.pairs[i].value);
    return request_input(rq, rq->route->input ? &filter : NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const char *const methods[] = {"GET", "HEAD", "PATCH", "DELETE"};
    if (size == 0)
        return 0;
    EXCHANGE(c, routes[0]);
    char *target = arena_copy(&c.arena, (const char *)bytes + 1, size - 1);
    char *query = strchr(target, '?');
    if (query)
        *query++ = '\0';
    c.rq.method = methods[bytes[0] % COUNT(methods)];
    c.rq.path = target;
    c.rq.query = query ? query : "";
    enum status status = serve(&c);
    if (status != OK)
        promise_refusal(&c, status);
    return 0;
}
