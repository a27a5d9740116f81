#include "common/base/address.h"

#include "common/base/words.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

enum { V4_AT = 12, BITS = 128 }; /* where the bytes of IPv4 are */

static const unsigned char v4_prefix[V4_AT] = {[10] = 0xff, [11] = 0xff};

static struct address within_v6(const void *v4)
{
    struct address a;
    memcpy(a.bytes, v4_prefix, V4_AT);
    memcpy(a.bytes + V4_AT, v4, sizeof a.bytes - V4_AT);
    return a;
}

bool address_read(const char *text, struct address *out)
{
    struct in_addr v4;
    struct in6_addr v6;
    if (inet_pton(AF_INET, text, &v4) == 1) {
        *out = within_v6(&v4);
        return true;
    }
    if (inet_pton(AF_INET6, text, &v6) != 1)
        return false;
    memcpy(out->bytes, &v6, sizeof out->bytes);
    return true;
}

bool address_of(const struct sockaddr *peer, struct address *out)
{
    if (peer && peer->sa_family == AF_INET) {
        *out = within_v6(&((const struct sockaddr_in *)(const void *)peer)->sin_addr);
        return true;
    }
    if (!peer || peer->sa_family != AF_INET6)
        return false;
    memcpy(out->bytes, &((const struct sockaddr_in6 *)(const void *)peer)->sin6_addr, sizeof out->bytes);
    return true;
}

void address_print(const struct address *a, char out[ADDRESS_SIZE])
{
    if (address_is_v4(a))
        inet_ntop(AF_INET, a->bytes + V4_AT, out, ADDRESS_SIZE);
    else
        inet_ntop(AF_INET6, a->bytes, out, ADDRESS_SIZE);
}

bool address_is_v4(const struct address *a)
{
    return memcmp(a->bytes, v4_prefix, V4_AT) == 0;
}

bool address_is_any(const struct address *a)
{
    static const struct address nothing;
    size_t from = address_is_v4(a) ? V4_AT : 0;
    return memcmp(a->bytes + from, nothing.bytes + from, sizeof a->bytes - from) == 0;
}

bool address_is_loopback(const struct address *a)
{
    static const struct address one = {.bytes = {[15] = 1}};
    if (address_is_v4(a))
        return a->bytes[V4_AT] == IN_LOOPBACKNET;
    return memcmp(a, &one, sizeof one) == 0;
}

socklen_t address_with_port(const struct address *a, int port, struct sockaddr_storage *out)
{
    memset(out, 0, sizeof *out);
    if (address_is_v4(a)) {
        struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
        memcpy(&v4.sin_addr, a->bytes + V4_AT, sizeof v4.sin_addr);
        memcpy(out, &v4, sizeof v4);
        return sizeof v4;
    }
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)};
    memcpy(&v6.sin6_addr, a->bytes, sizeof v6.sin6_addr);
    memcpy(out, &v6, sizeof v6);
    return sizeof v6;
}

int address_port(const struct sockaddr_storage *at)
{
    if (at->ss_family == AF_INET6)
        return ntohs(((const struct sockaddr_in6 *)at)->sin6_port);
    return ntohs(((const struct sockaddr_in *)at)->sin_port);
}

/* ---- Networks ---- */

/* One to three digits, up to max. */
static bool read_bits(const char *text, int max, int *out)
{
    size_t digits = strspn(text, "0123456789");
    if (digits < 1 || digits > 3 || text[digits] != '\0')
        return false;
    long bits = strtol(text, NULL, 10);
    *out = (int)bits;
    return bits <= max;
}

bool network_read(const char *text, struct network *out)
{
    char address[ADDRESS_SIZE];
    size_t size = strcspn(text, "/");
    struct network n = {.bits = BITS};
    if (size >= sizeof address)
        return false;
    memcpy(address, text, size);
    address[size] = '\0';
    if (!address_read(address, &n.base))
        return false;
    if (text[size] == '/') {
        int before = strchr(address, ':') ? 0 : V4_AT * 8;
        if (!read_bits(text + size + 1, BITS - before, &n.bits))
            return false;
        n.bits += before;
    }
    *out = n;
    return true;
}

static bool same_bits(const struct address *a, const struct address *b, int bits)
{
    size_t whole = (size_t)bits / 8;
    if (memcmp(a->bytes, b->bytes, whole) != 0)
        return false;
    int rest = bits % 8;
    return rest == 0 || (a->bytes[whole] ^ b->bytes[whole]) >> (8 - rest) == 0;
}

bool network_has(const struct network *n, const struct address *a)
{
    bool v4 = address_is_v4(&n->base) && n->bits >= V4_AT * 8;
    return v4 == address_is_v4(a) && same_bits(&n->base, a, n->bits);
}

bool networks_read(const char *text, struct networks *out)
{
    struct networks list = {0};
    char item[64];
    for (const char *at = text; words_next(&at, words_separators, item, sizeof item);)
        if (list.count == NETWORKS_MAX || !network_read(item, &list.items[list.count++]))
            return false;
    *out = list;
    return true;
}

bool networks_have(const struct networks *list, const struct address *a)
{
    for (size_t i = 0; i < list->count; i++)
        if (network_has(&list->items[i], a))
            return true;
    return false;
}
