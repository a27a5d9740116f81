#include "common/identity/trust.h"

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/database/watch.h"
#include "common/identity/token.h"

#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum {
    REMEMBERED_SETS = 1024, /* powers of two */
    REMEMBERED_WAYS = 4,
    STRIPES = 64,
    ENDED_MIN = 1024,
    HASH_SIZE = crypto_generichash_BYTES_MIN,
};

struct key {
    char id[KEY_ID_SIZE];
    char *pem;
    time_t until; /* when it is retired; 0: not known yet */
};

struct remembered {
    unsigned char hash[HASH_SIZE];
    unsigned keys_version;
    time_t until;         /* when its key is retired; 0: not known yet */
    struct principal who; /* expires 0: empty */
};

/* Sessions that ended before their tokens did: open addressing, grown by doubling, swept of what has expired. */
struct ended {
    char id[33];
    time_t expires; /* 0: empty */
};

struct trust {
    char *issuer, *audience;
    struct watch *watch;
    _Atomic bool ready;
    pthread_rwlock_t keys_lock;
    struct key keys[SIGNING_KEYS_MAX];
    size_t key_count;
    _Atomic unsigned keys_version; /* what was checked with other keys is checked anew */
    pthread_rwlock_t ended_lock;
    struct ended *ended;
    size_t ended_size, ended_count;
    unsigned char hash_key[crypto_generichash_KEYBYTES];
    pthread_mutex_t stripes[STRIPES];
    struct remembered remembered[REMEMBERED_SETS][REMEMBERED_WAYS];
};

/* The ids are random, so their own digits are the hash. */
static size_t ended_slot(const struct ended *table, size_t size, const char *id)
{
    char digits[9];
    memcpy(digits, id, 8);
    digits[8] = '\0';
    size_t i = strtoul(digits, NULL, 16) & (size - 1);
    while (table[i].expires && strcmp(table[i].id, id) != 0)
        i = (i + 1) & (size - 1);
    return i;
}

static void ended_grow(struct trust *t)
{
    size_t size = t->ended_size ? t->ended_size * 2 : ENDED_MIN;
    struct ended *table = calloc(size, sizeof *table);
    if (!table)
        abort();
    t->ended_count = 0;
    for (size_t i = 0; i < t->ended_size; i++) {
        if (t->ended[i].expires <= clock_now())
            continue;
        table[ended_slot(table, size, t->ended[i].id)] = t->ended[i];
        t->ended_count++;
    }
    free(t->ended);
    t->ended = table;
    t->ended_size = size;
}

static void session_ended(struct trust *t, const char *id, time_t expires)
{
    struct ended e = {.expires = expires};
    if (!text_uuid(id, e.id) || expires <= clock_now())
        return;
    pthread_rwlock_wrlock(&t->ended_lock);
    if (t->ended_count * 2 >= t->ended_size)
        ended_grow(t);
    struct ended *slot = &t->ended[ended_slot(t->ended, t->ended_size, e.id)];
    t->ended_count += slot->expires == 0;
    *slot = e;
    pthread_rwlock_unlock(&t->ended_lock);
}

static bool has_ended(struct trust *t, const char *id)
{
    pthread_rwlock_rdlock(&t->ended_lock);
    bool ended = t->ended_count > 0 && t->ended[ended_slot(t->ended, t->ended_size, id)].expires != 0;
    pthread_rwlock_unlock(&t->ended_lock);
    return ended;
}

static bool load_keys(struct trust *t, PGconn *pg)
{
    static const char sql[] = "SELECT id, public_key, coalesce(extract(epoch FROM retired_at)::bigint, 0)"
                              " FROM auth.published_signing_key"
                              " ORDER BY created_at DESC LIMIT 16";
    _Static_assert(SIGNING_KEYS_MAX == 16, "as the statement says");
    PGresult *r = PQexec(pg, sql);
    bool good = PQresultStatus(r) == PGRES_TUPLES_OK;
    if (good) {
        pthread_rwlock_wrlock(&t->keys_lock);
        for (size_t i = 0; i < t->key_count; i++)
            free(t->keys[i].pem);
        t->key_count = 0;
        for (int row = 0; row < PQntuples(r); row++) {
            struct key *k = &t->keys[t->key_count];
            if (PQgetlength(r, row, 0) >= KEY_ID_SIZE)
                continue;
            strcpy(k->id, PQgetvalue(r, row, 0));
            k->pem = strdup(PQgetvalue(r, row, 1));
            k->until = strtol(PQgetvalue(r, row, 2), NULL, 10);
            t->key_count++;
        }
        atomic_fetch_add(&t->keys_version, 1);
        atomic_store(&t->ready, t->key_count > 0);
        pthread_rwlock_unlock(&t->keys_lock);
    }
    PQclear(r);
    return good;
}

static bool load_ended(struct trust *t, PGconn *pg)
{
    PGresult *r = PQexec(pg, "SELECT id, extract(epoch FROM expires_at)::bigint FROM auth.published_ended_session");
    bool good = PQresultStatus(r) == PGRES_TUPLES_OK;
    for (int row = 0; good && row < PQntuples(r); row++)
        session_ended(t, PQgetvalue(r, row, 0), strtol(PQgetvalue(r, row, 1), NULL, 10));
    PQclear(r);
    return good;
}

static bool load(void *owner, PGconn *pg)
{
    struct trust *t = owner;
    bool good = load_ended(t, pg) && load_keys(t, pg); /* in this order: no token is believed before its end is known */
    if (!good)
        log_line(LOG_ERROR, "signing keys and ended sessions cannot be read");
    return good;
}

static bool notified(void *owner, PGconn *pg, const char *channel, const char *payload)
{
    struct trust *t = owner;
    if (strcmp(channel, "signing_key") == 0)
        return load_keys(t, pg);
    const char *space = strchr(payload, ' ');
    if (!space || space - payload > 36)
        return true;
    char id[40] = "";
    memcpy(id, payload, (size_t)(space - payload));
    session_ended(t, id, strtol(space + 1, NULL, 10));
    return true;
}

static const char *const channels[] = {"signing_key", "session_ended", NULL};
static const struct watch_handler handler = {channels, load, notified};

struct trust *trust_start(const char *database_url, const char *application, const char *issuer, const char *audience)
{
    struct trust *t = calloc(1, sizeof *t);
    if (!t)
        abort();
    t->issuer = strdup(issuer);
    t->audience = strdup(audience);
    pthread_rwlock_init(&t->keys_lock, NULL);
    pthread_rwlock_init(&t->ended_lock, NULL);
    for (int i = 0; i < STRIPES; i++)
        pthread_mutex_init(&t->stripes[i], NULL);
    randombytes_buf(t->hash_key, sizeof t->hash_key);
    t->watch = watch_start(database_url, application, &handler, t);
    return t;
}

void trust_stop(struct trust *t)
{
    if (!t)
        return;
    watch_stop(t->watch);
    for (size_t i = 0; i < t->key_count; i++)
        free(t->keys[i].pem);
    for (int i = 0; i < STRIPES; i++)
        pthread_mutex_destroy(&t->stripes[i]);
    pthread_rwlock_destroy(&t->ended_lock);
    pthread_rwlock_destroy(&t->keys_lock);
    free(t->ended);
    free(t->issuer);
    free(t->audience);
    free(t);
}

bool trust_ready(struct trust *t)
{
    return atomic_load(&t->ready);
}

static bool is_over(time_t until)
{
    return until != 0 && until <= clock_now();
}

/* malloc'd, NULL for a key that is unknown or retired. */
static char *key_for(struct trust *t, const char *token, time_t *until)
{
    char id[KEY_ID_SIZE];
    char *pem = NULL;
    if (!token_key_id(token, id))
        return NULL;
    pthread_rwlock_rdlock(&t->keys_lock);
    for (size_t i = 0; i < t->key_count && !pem; i++)
        if (strcmp(t->keys[i].id, id) == 0 && !is_over(t->keys[i].until)) {
            pem = strdup(t->keys[i].pem);
            *until = t->keys[i].until;
        }
    pthread_rwlock_unlock(&t->keys_lock);
    return pem;
}

static bool check_signature(struct trust *t, const char *token, struct principal *out, time_t *until)
{
    char *pem = key_for(t, token, until);
    bool good = pem && token_check(token, pem, t->issuer, t->audience, out);
    free(pem);
    return good;
}

static bool recall(struct trust *t, size_t set, const unsigned char *hash, unsigned keys_version, struct principal *out)
{
    bool found = false;
    pthread_mutex_lock(&t->stripes[set % STRIPES]);
    for (int way = 0; way < REMEMBERED_WAYS && !found; way++) {
        const struct remembered *r = &t->remembered[set][way];
        found = r->keys_version == keys_version && r->who.expires > clock_now() && !is_over(r->until) &&
                memcmp(r->hash, hash, HASH_SIZE) == 0;
        if (found)
            *out = r->who;
    }
    pthread_mutex_unlock(&t->stripes[set % STRIPES]);
    return found;
}

/* In the place of what expires first. */
static void remember(struct trust *t, size_t set, const unsigned char *hash, unsigned keys_version,
                     const struct principal *who, time_t until)
{
    pthread_mutex_lock(&t->stripes[set % STRIPES]);
    struct remembered *oldest = &t->remembered[set][0];
    for (int way = 1; way < REMEMBERED_WAYS; way++)
        if (t->remembered[set][way].who.expires < oldest->who.expires)
            oldest = &t->remembered[set][way];
    memcpy(oldest->hash, hash, HASH_SIZE);
    oldest->keys_version = keys_version;
    oldest->who = *who;
    oldest->until = until;
    pthread_mutex_unlock(&t->stripes[set % STRIPES]);
}

bool trust_verify(struct trust *t, const char *token, struct principal *out)
{
    size_t size = strnlen(token, TOKEN_SIZE_MAX);
    if (size == TOKEN_SIZE_MAX)
        return false;
    unsigned char hash[HASH_SIZE];
    size_t set;
    crypto_generichash(hash, sizeof hash, (const unsigned char *)token, size, t->hash_key, sizeof t->hash_key);
    memcpy(&set, hash, sizeof set);
    set %= REMEMBERED_SETS;

    struct principal who;
    unsigned keys_version = atomic_load(&t->keys_version);
    if (!recall(t, set, hash, keys_version, &who)) {
        time_t until;
        if (!check_signature(t, token, &who, &until))
            return false;
        remember(t, set, hash, keys_version, &who, until);
    }
    if (has_ended(t, who.session_id))
        return false;
    *out = who;
    return true;
}
