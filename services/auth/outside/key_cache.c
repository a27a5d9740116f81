#include "services/auth/outside/key_cache.h"

#include "common/base/clock.h"
#include "common/base/condition.h"
#include "common/base/log.h"
#include "services/auth/outside/key_fetch.h"

#include <stdlib.h>
#include <string.h>

enum { WAIT_MAX_S = KEY_FETCH_TIMEOUT_MS / 1000 + 1 };

/* The cached keys of one issuer. */
struct slot {
    struct jwk_set set;
    time_t fresh_until, usable_until;
    time_t asked_at; /* when it was last tried to fetch the set; 0: never */
    bool failed;     /* that */
    bool fetching;   /* now, by some thread */
};

struct key_cache {
    const struct issuers *issuers;
    pthread_mutex_t lock;
    pthread_cond_t fetched;
    int fetches, waiting;
    struct slot slots[ISSUERS_MAX];
};

struct key_cache *key_cache_new(const struct issuers *issuers)
{
    struct key_cache *cache = calloc(1, sizeof *cache);
    if (!cache)
        abort();
    cache->issuers = issuers;
    pthread_mutex_init(&cache->lock, NULL);
    condition_init(&cache->fetched);
    return cache;
}

void key_cache_drop(struct key_cache *cache)
{
    if (!cache)
        return;
    for (size_t i = 0; i < cache->issuers->count; i++)
        jwk_set_release(&cache->slots[i].set);
    pthread_cond_destroy(&cache->fetched);
    pthread_mutex_destroy(&cache->lock);
    free(cache);
}

static long fresh_seconds(long max_age)
{
    if (max_age < 0)
        return KEYS_FRESH_DEFAULT;
    return max_age < KEYS_FRESH_MIN ? KEYS_FRESH_MIN : max_age > KEYS_FRESH_MAX ? KEYS_FRESH_MAX : max_age;
}

/* NULL, or why there is no new set. */
static const char *fetch_set(const struct issuer *issuer, struct jwk_set *set, long *fresh)
{
    struct fetched fetched;
    const char *wrong = key_fetch(issuer->key_set_url, &fetched);
    if (wrong)
        return wrong;
    bool good = jwk_set_parse(fetched.body, fetched.size, set);
    *fresh = fresh_seconds(fetched.max_age);
    key_fetch_release(&fetched);
    return good ? NULL : "there is no key in it that can be used";
}

/* With the lock held, which is left during the fetch. A set that cannot be had leaves the one before in place. */
static void fetch(struct key_cache *cache, const struct issuer *issuer, struct slot *slot)
{
    struct jwk_set set;
    long fresh;
    slot->fetching = true;
    slot->asked_at = clock_now();
    cache->fetches++;
    pthread_mutex_unlock(&cache->lock);
    const char *wrong = fetch_set(issuer, &set, &fresh);
    if (wrong)
        log_line(LOG_WARNING, "the key set of the issuer %s cannot be fetched: %s", issuer->name, wrong);
    pthread_mutex_lock(&cache->lock);
    cache->fetches--;
    slot->fetching = false;
    slot->failed = wrong != NULL;
    if (!wrong) {
        jwk_set_release(&slot->set);
        slot->set = set;
        slot->fresh_until = slot->asked_at + fresh;
        slot->usable_until = slot->fresh_until + KEYS_STALE_MAX;
    }
    pthread_cond_broadcast(&cache->fetched);
}

/* How long the issuer is not to be asked again; 0: it may be asked now. */
static int pause_left(const struct slot *slot)
{
    time_t now = clock_now();
    bool long_ago = slot->asked_at == 0 || now < slot->asked_at || now - slot->asked_at >= KEYS_FETCH_PAUSE;
    return long_ago ? 0 : (int)(KEYS_FETCH_PAUSE - (now - slot->asked_at));
}

static enum status come_back(struct problem *why, int seconds)
{
    why->retry_after_s = seconds;
    return fail(why, UNAVAILABLE, NULL, "The keys of the token's issuer are not available at the moment; try again.");
}

/* With the lock held, which is left meanwhile. False when too many wait already. */
static bool wait_for_fetch(struct key_cache *cache, const struct slot *slot)
{
    if (cache->waiting == KEYS_WAITING_MAX)
        return false;
    int64_t deadline_us = condition_deadline_us(WAIT_MAX_S);
    cache->waiting++;
    while (slot->fetching && condition_wait(&cache->fetched, &cache->lock, deadline_us))
        continue;
    cache->waiting--;
    return !slot->fetching;
}

static bool usable(const struct slot *slot)
{
    return slot->set.count > 0 && clock_now() < slot->usable_until;
}

/* With the lock held: makes the set as good as it can be for finding that key. */
static enum status refresh(struct key_cache *cache, const struct issuer *issuer, struct slot *slot, const char *key_id,
                           struct problem *why)
{
    bool named = usable(slot) && jwk_set_names(&slot->set, key_id);
    if (named && (clock_now() < slot->fresh_until || slot->fetching || pause_left(slot) > 0))
        return OK;
    if (slot->fetching) {
        if (!wait_for_fetch(cache, slot))
            return come_back(why, 1);
    } else if (pause_left(slot) == 0) {
        if (cache->fetches == KEYS_FETCHES_MAX)
            return named ? OK : come_back(why, 1);
        fetch(cache, issuer, slot);
    }
    named = usable(slot) && jwk_set_names(&slot->set, key_id);
    if (named || (usable(slot) && !slot->failed))
        return OK;
    int pause = pause_left(slot);
    return come_back(why, pause > 0 ? pause : 1);
}

enum status key_cache_find(struct key_cache *cache, const struct issuer *issuer, const char *key_id,
                           const char *algorithm, EVP_PKEY **out, struct problem *why)
{
    struct slot *slot = &cache->slots[issuer - cache->issuers->items];
    EVP_PKEY *key = NULL;
    pthread_mutex_lock(&cache->lock);
    enum status status = refresh(cache, issuer, slot, key_id, why);
    if (status == OK)
        key = jwk_set_find(&slot->set, key_id, algorithm);
    pthread_mutex_unlock(&cache->lock);
    TRY(status);
    if (!key)
        return NOT_FOUND;
    *out = key;
    return OK;
}
