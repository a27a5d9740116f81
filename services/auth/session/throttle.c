#include "services/auth/session/throttle.h"

#include "common/base/address.h"
#include "common/identity/secret.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

void throttle_network(const char *address, char out[THROTTLE_NETWORK_SIZE])
{
    struct address a;
    const unsigned char *b = a.bytes;
    out[0] = '\0';
    if (!address || !address_read(address, &a))
        return;
    if (address_is_v4(&a))
        snprintf(out, THROTTLE_NETWORK_SIZE, "%d.%d.%d.0/24", b[12], b[13], b[14]);
    else
        snprintf(out, THROTTLE_NETWORK_SIZE, "%02x%02x:%02x%02x:%02x%02x::/48", b[0], b[1], b[2], b[3], b[4], b[5]);
}

/* Keyed, so that nobody can try names with a copy of the database. */
static void throttle_key(const struct auth *auth, const char *name_key, const char *network, struct throttle *out)
{
    unsigned char key[SECRET_KEY_SIZE], hash[THROTTLE_HASH_SIZE];
    crypto_generichash_state state;
    secret_key(auth->settings->signing_key_secret, "failed logins", key);
    crypto_generichash_init(&state, key, sizeof key, sizeof hash);
    crypto_generichash_update(&state, (const unsigned char *)network, strlen(network) + 1);
    crypto_generichash_update(&state, (const unsigned char *)name_key, strlen(name_key));
    crypto_generichash_final(&state, hash, sizeof hash);
    sodium_memzero(key, sizeof key);
    sodium_bin2hex(out->key, sizeof out->key, hash, sizeof hash);
}

static enum status come_back(struct request *rq, int seconds)
{
    rq->problem.retry_after_s = seconds;
    return fail(&rq->problem, TOO_MANY, NULL, "Too many logins failed; try again in %d second%s.", seconds,
                seconds == 1 ? "" : "s");
}

enum status throttle_wait(struct request *rq, const struct throttle *throttle)
{
    int wait;
    TRY(throttle_find_wait(&rq->db, throttle->key, &wait));
    return wait > 0 ? come_back(rq, wait) : OK;
}

enum status throttle_enter(struct request *rq, const char *name, struct throttle *out)
{
    char network[THROTTLE_NETWORK_SIZE];
    TRY(throttle_find_name_key(&rq->db, name, &out->name_key));
    throttle_network(rq->client_address, network);
    throttle_key(rq->app, out->name_key, network, out);
    return throttle_wait(rq, out);
}

enum status throttle_enter_codes(struct request *rq, const char *account_id, struct throttle *out)
{
    out->name_key = NULL;
    throttle_key(rq->app, account_id, "second factor", out); /* which is no network */
    return throttle_wait(rq, out);
}

enum status throttle_settle(struct request *rq, const struct throttle *throttle, bool matches)
{
    int wait = 0;
    if (matches) {
        TRY(throttle_forget(&rq->db, throttle->key, &wait));
        return wait > 0 ? come_back(rq, wait) : OK;
    }
    enum status counted = throttle_count(&rq->db, throttle);
    if (counted != NOT_FOUND)
        return counted;
    TRY(throttle_find_wait(&rq->db, throttle->key, &wait));
    return come_back(rq, wait > 0 ? wait : 1);
}
