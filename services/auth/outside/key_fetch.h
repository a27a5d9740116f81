/* Asking an issuer for its keys, over HTTP. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { KEY_FETCH_TIMEOUT_MS = 3000 };

struct fetched {
    char *body; /* malloc'd */
    size_t size;
    long max_age; /* seconds; -1: the reply says nothing, 0: it is not to be kept */
};

/* Returns NULL, or the reason of a failure. At most KEY_FETCH_TIMEOUT_MS and JWK_SET_SIZE_MAX bytes; no redirects, no
 * proxy; only a host whose certificate the system trusts, or this machine. */
const char *key_fetch(const char *url, struct fetched *out);
void key_fetch_release(struct fetched *f);

/* The max-age of a Cache-Control header's value, as above. */
long key_fetch_max_age(const char *value, size_t size);
