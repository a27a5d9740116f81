/* A fuzz target must not crash and must keep its promises. */
#pragma once

#include "tests/support/exchange.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

#define PROMISE(condition) \
    do { \
        if (!(condition)) \
            abort(); \
    } while (0)

/* A refusal is the caller's fault and is told in JSON. */
static inline void promise_refusal(struct exchange *c, enum status status)
{
    reply_problem(&c->rq, status);
    PROMISE(c->rq.http_status >= 400 && c->rq.http_status < 500);
    json_auto_t *reply = exchange_reply(c);
    PROMISE(json_is_object(reply));
}
