#include "services/auth/session/signer.h"

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/database/watch.h"
#include "common/identity/secret.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

struct stored_key {
    const char *id, *public_key, *sealed; /* sealed: nonce and box, in hexadecimal */
    struct maybe_integer use_in_us, until_in_us;
};
LOCAL_SCHEMA(stored_key_schema, "StoredKey", struct stored_key, FIELD_TEXT(struct stored_key, id),
             FIELD_TEXT(struct stored_key, public_key), FIELD_TEXT(struct stored_key, sealed),
             FIELD_INTEGER(struct stored_key, use_in_us), FIELD_INTEGER(struct stored_key, until_in_us));

/* Counted from the database's clock, so that all replicas change together. */
struct timed_key {
    struct signing_key key;
    int64_t use_from_us, until_us; /* by clock_monotonic_us */
};

struct signer {
    const char *secret, *issuer, *audience;
    struct watch *watch;
    _Atomic bool stale;
    pthread_mutex_t lock;
    struct timed_key keys[SIGNING_KEYS_MAX]; /* the last to be used first */
    size_t count;
};

/* The keys are read with the connection of the next request that needs one. */
static bool keys_changed(void *owner, PGconn *pg)
{
    struct signer *s = owner;
    (void)pg;
    atomic_store(&s->stale, true);
    return true;
}

static bool notified(void *owner, PGconn *pg, const char *channel, const char *payload)
{
    (void)channel, (void)payload;
    return keys_changed(owner, pg);
}

static const char *const channels[] = {"signing_key", NULL};
static const struct watch_handler handler = {channels, keys_changed, notified};

struct signer *signer_start(const struct auth_settings *settings, const struct service_settings *common)
{
    struct signer *s = calloc(1, sizeof *s);
    if (!s)
        abort();
    s->secret = settings->signing_key_secret;
    s->issuer = common->token_issuer;
    s->audience = common->token_audience;
    s->stale = true;
    pthread_mutex_init(&s->lock, NULL);
    s->watch = watch_start(common->database_url, "mnemos-auth signer", &handler, s);
    return s;
}

static void forget_keys(struct signer *s)
{
    while (s->count > 0)
        signing_key_release(&s->keys[--s->count].key);
}

void signer_stop(struct signer *s)
{
    watch_stop(s->watch);
    forget_keys(s);
    pthread_mutex_destroy(&s->lock);
    free(s);
}

static bool open_key(const struct signer *s, struct arena *arena, const struct stored_key *stored,
                     struct timed_key *out)
{
    const char *private_pem = secret_unseal(s->secret, arena, NULL, stored->sealed);
    if (!private_pem || strlen(stored->id) >= sizeof out->key.id)
        return false;
    strcpy(out->key.id, stored->id);
    out->key.private_pem = strdup(private_pem);
    out->key.public_pem = strdup(stored->public_key);
    out->use_from_us = clock_monotonic_us() + stored->use_in_us.value;
    out->until_us = stored->until_in_us.known ? clock_monotonic_us() + stored->until_in_us.value : INT64_MAX;
    return true;
}

static enum status load_keys(struct signer *s, struct db *db)
{
    static const char sql[] = "SELECT id, public_key, encode(private_key_sealed, 'hex') AS sealed,"
                              " (extract(epoch FROM use_from - now()) * 1000000)::bigint AS use_in_us,"
                              " (extract(epoch FROM retired_at - now()) * 1000000)::bigint AS until_in_us"
                              " FROM auth.signing_key"
                              " WHERE retired_at IS NULL OR retired_at > now()"
                              " ORDER BY use_from DESC";
    struct record_list list;
    TRY(db_all(db, sql, NO_PARAMS, &stored_key_schema, &list));
    const struct stored_key *stored = list.items;
    forget_keys(s);
    for (size_t i = 0; i < list.count && s->count < SIGNING_KEYS_MAX; i++)
        s->count += open_key(s, db->arena, &stored[i], &s->keys[s->count]);
    return OK;
}

/* The first one, which the other services have a second to hear of. */
static enum status make_key(const struct signer *s, struct db *db)
{
    static const char sql[] = "INSERT INTO auth.signing_key (id, public_key, private_key_sealed, use_from)"
                              " VALUES ($1, $2, decode($3, 'hex'), now() + interval '1 second')";
    struct signing_key key;
    if (!signing_key_generate(&key))
        return FAULT;
    const char *sealed = secret_seal(s->secret, db->arena, NULL, key.private_pem);
    enum status stored = db_run(db, sql, PARAMS(key.id, key.public_pem, sealed));
    if (stored == OK)
        log_line(LOG_INFO, "made the signing key %s", key.id);
    signing_key_release(&key);
    return stored;
}

static enum status bring_up_to_date(struct signer *s, struct db *db)
{
    if (!atomic_exchange(&s->stale, false))
        return OK;
    enum status status = load_keys(s, db);
    if (status == OK && s->count == 0) {
        status = make_key(s, db);
        status = status == OK ? load_keys(s, db) : status;
    }
    if (status != OK)
        atomic_store(&s->stale, true);
    return status;
}

/* NULL: none whose time has come. */
static const struct signing_key *present_key(const struct signer *s)
{
    int64_t now_us = clock_monotonic_us();
    for (size_t i = 0; i < s->count; i++)
        if (s->keys[i].use_from_us <= now_us && s->keys[i].until_us > now_us)
            return &s->keys[i].key;
    return NULL;
}

/* The key to sign with, copied: another may take its place at any time. */
static enum status choose_key(struct signer *s, struct db *db, struct signing_key *out)
{
    pthread_mutex_lock(&s->lock); /* also so that a burst of first logins makes one key and not many */
    enum status status = bring_up_to_date(s, db);
    const struct signing_key *key = status == OK ? present_key(s) : NULL;
    if (key) {
        strcpy(out->id, key->id);
        out->private_pem = strdup(key->private_pem);
        out->public_pem = strdup(key->public_pem);
    } else if (status == OK) {
        atomic_store(&s->stale, true); /* all have been retired, or the first one has not begun */
        status = fail(db->why, UNAVAILABLE, NULL, "The service is starting.");
    }
    pthread_mutex_unlock(&s->lock);
    return status;
}

enum status signer_prepare(struct signer *s, struct db *db)
{
    struct signing_key key = {0};
    enum status status = choose_key(s, db, &key);
    signing_key_release(&key);
    return status;
}

enum status signer_sign(struct signer *s, struct db *db, const struct principal *who, const char **out)
{
    AUTO(signing_key_release) struct signing_key key = {0};
    TRY(choose_key(s, db, &key));
    char *token = token_sign(&key, who, s->issuer, s->audience);
    if (!token)
        return FAULT;
    *out = arena_text(db->arena, token);
    free(token);
    return OK;
}
