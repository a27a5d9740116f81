/* The key sets of outside issuers, kept for a while.
 *
 * A set is fresh for as long as the issuer says, within 5 minutes and 24 hours (an hour if it says nothing). The cache
 * fetches a set anew when it is no longer fresh or a token names a key that is not in it, but at most once a minute.
 * While an issuer cannot be reached its keys serve six hours longer.
 *
 * The thread that needs a fetch makes it; at most two run at a time, so that a few slow issuers do not hold all
 * threads, and few wait for one. The caller must not hold a database connection meanwhile. */
#pragma once

#include "services/auth/outside/issuer.h"
#include "services/auth/outside/jwk.h"

enum {
    KEYS_FRESH_MIN = 300, /* seconds */
    KEYS_FRESH_DEFAULT = 3600,
    KEYS_FRESH_MAX = 86400,
    KEYS_STALE_MAX = 6 * 3600,
    KEYS_FETCH_PAUSE = 60,
    KEYS_FETCHES_MAX = 2,
    KEYS_WAITING_MAX = 4,
};

struct key_cache;

/* The issuers must outlive it. */
struct key_cache *key_cache_new(const struct issuers *issuers);
void key_cache_drop(struct key_cache *cache);

/* A new reference to the issuer's key. NOT_FOUND if no key has that id and fits the algorithm; UNAVAILABLE if that
 * cannot be known at the moment. */
enum status key_cache_find(struct key_cache *cache, const struct issuer *issuer, const char *key_id,
                           const char *algorithm, EVP_PKEY **out, struct problem *why);
