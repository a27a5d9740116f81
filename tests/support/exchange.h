/* One request without a server: what a handler's steps need, for unit tests and fuzz targets.
 *
 *     EXCHANGE(c, item_create);
 *     exchange_body(&c, "application/json", bytes, size);
 *     enum status status = request_input(&c.rq, &item); */
#pragma once

#include "common/base/status.h"
#include "common/http/reply.h"

struct exchange {
    struct arena arena;
    struct request rq;
};
void exchange_begin(struct exchange *c, const struct route *route);
void exchange_end(struct exchange *c);
#define EXCHANGE(variable, route) \
    AUTO(exchange_end) struct exchange variable = {0}; \
    exchange_begin(&variable, &(route))

void exchange_body(struct exchange *c, const char *type, const char *bytes, size_t size);

/* The reply as JSON; NULL when it is none. A new reference. */
json_t *exchange_reply(const struct exchange *c);
