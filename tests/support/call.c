#include "tests/support/call.h"

void call_begin(struct call *c, const struct route *route)
{
    c->rq = (struct request){.arena = &c->arena,
                             .route = route,
                             .method = route->method,
                             .path = route->path,
                             .query = "",
                             .request_id = "call-1",
                             .who.role = ANONYMOUS};
    c->rq.input.arena = &c->arena;
    problem_reset(&c->rq.problem, &c->arena);
}

void call_end(struct call *c)
{
    json_decref(c->rq.input.json);
    writer_release(&c->rq.body_out);
    arena_release(&c->arena);
}

void call_body(struct call *c, const char *type, const char *bytes, size_t size)
{
    c->rq.content_type = type;
    c->rq.body = bytes;
    c->rq.body_size = size;
}

json_t *call_reply(const struct call *c)
{
    return json_loadb(c->rq.body_out.bytes, c->rq.body_out.used, JSON_REJECT_DUPLICATES, NULL);
}
