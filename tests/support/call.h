/* One request without a server: what a handler's steps need, for unit tests and fuzz targets.
 *
 *     CALL(c, item_create);
 *     call_json(&c, "{...}", size);
 *     enum status status = request_input(&c.rq, &item); */
#ifndef MNEMOS_TEST_CALL_H
#define MNEMOS_TEST_CALL_H

#include "common/request.h"
#include "common/status.h"

struct call {
    struct arena arena;
    struct request rq;
};
void call_begin(struct call *c, const struct route *route);
void call_end(struct call *c);
#define CALL(variable, route) \
    AUTO(call_end) struct call variable = {0}; \
    call_begin(&variable, &(route))

void call_body(struct call *c, const char *type, const char *bytes, size_t size);

/* The reply as JSON; NULL when it is none. A new reference. */
json_t *call_reply(const struct call *c);

#endif
