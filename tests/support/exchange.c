#include "tests/support/exchange.h"

void exchange_begin(struct exchange *c, const struct route *route)
{
    c->rq = (struct request){.arena = &c->arena,
                             .route = route,
                             .method = route->method,
                             .path = route->path,
                             .query = "",
                             .request_id = "exchange-1",
                             .who.role = ANONYMOUS};
    c->rq.input.arena = &c->arena;
    problem_reset(&c->rq.problem, &c->arena);
}

void exchange_end(struct exchange *c)
{
    json_decref(c->rq.input.json);
    writer_release(&c->rq.body_out);
    arena_release(&c->arena);
}

void exchange_body(struct exchange *c, const char *type, const char *bytes, size_t size)
{
    c->rq.content_type = type;
    c->rq.body = bytes;
    c->rq.body_size = size;
}

json_t *exchange_reply(const struct exchange *c)
{
    return json_loadb(c->rq.body_out.bytes, c->rq.body_out.used, JSON_REJECT_DUPLICATES, NULL);
}
