/* The Accept header, with which clients choose among media types. */
#include "common/http/accept.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

static const char *const others[] = {"image/svg+xml", "image/png", "application/pdf", NULL};
static const struct route route = {"GET", "/items", NULL, .media_types = others};

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    EXCHANGE(c, route);
    c.rq.accept = arena_copy(&c.arena, (const char *)bytes, size);
    enum status status = reply_negotiate(&c.rq);
    if (status == OK)
        PROMISE(accept_rank(c.rq.accept, c.rq.media_type) > 0);
    else
        promise_refusal(&c, status);
    for (const char *const *type = others; *type; type++)
        PROMISE(accept_rank(c.rq.accept, *type) <= (status == OK ? accept_rank(c.rq.accept, c.rq.media_type) : 0));
    return 0;
}
