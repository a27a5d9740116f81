#include "common/http/proxy_private.h"

#include "common/base/text.h"

#include <string.h>

static bool good_request_id(const char *id)
{
    size_t size = id ? strspn(id, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_") : 0;
    return size > 0 && size <= 64 && id[size] == '\0';
}

static const char *address_text(struct arena *arena, const struct address *address)
{
    char out[ADDRESS_SIZE];
    address_print(address, out);
    return arena_text(arena, out);
}

/* The last address of X-Forwarded-For is the one that our proxy saw. NULL when that is none. */
static const char *last_address(struct arena *arena, const char *forwarded)
{
    struct address address;
    const char *comma = strrchr(forwarded, ',');
    const char *last = comma ? comma + 1 : forwarded;
    last += strspn(last, " \t");
    const char *text = arena_copy(arena, last, strcspn(last, " \t"));
    return address_read(text, &address) && last[strlen(text) + strspn(last + strlen(text), " \t")] == '\0'
               ? address_text(arena, &address)
               : NULL;
}

void proxy_identify(struct request *rq, const struct networks *proxies, const struct sockaddr *peer, const char *id,
                    const char *forwarded)
{
    struct address address;
    bool known = address_of(peer, &address), by_proxy = known && networks_have(proxies, &address);
    if (by_proxy && good_request_id(id)) {
        rq->request_id = id;
    } else {
        char *fresh = arena_alloc(rq->arena, 33);
        text_new_uuid(fresh);
        rq->request_id = fresh;
    }
    if (by_proxy && forwarded)
        rq->client_address = last_address(rq->arena, forwarded);
    if (!rq->client_address && known)
        rq->client_address = address_text(rq->arena, &address);
}
