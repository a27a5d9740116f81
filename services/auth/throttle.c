#include "services/auth/throttle.h"

#include "common/secret.h"

#include <arpa/inet.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

enum { MAPPED_PREFIX = 12 };

void throttle_network(const char *address, char out[NETWORK_SIZE])
{
    static const unsigned char mapped[MAPPED_PREFIX] = {[10] = 0xff, [11] = 0xff}; /* ::ffff:192.0.2.1 */
    unsigned char v6[16], v4[4];
    out[0] = '\0';
    if (!address)
        return;
    bool is_v4 = inet_pton(AF_INET, address, v4) == 1, is_v6 = !is_v4 && inet_pton(AF_INET6, address, v6) == 1;
    if (is_v6 && memcmp(v6, mapped, MAPPED_PREFIX) == 0) {
        memcpy(v4, v6 + MAPPED_PREFIX, sizeof v4);
        is_v4 = true;
    }
    if (is_v4)
        snprintf(out, NETWORK_SIZE, "%d.%d.%d.0/24", v4[0], v4[1], v4[2]);
    else if (is_v6)
        snprintf(out, NETWORK_SIZE, "%02x%02x:%02x%02x:%02x%02x::/48", v6[0], v6[1], v6[2], v6[3], v6[4], v6[5]);
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
    TRY(failed_login_wait(&rq->db, throttle->key, &wait));
    return wait > 0 ? come_back(rq, wait) : OK;
}

enum status throttle_enter(struct request *rq, const char *name, struct throttle *out)
{
    char network[NETWORK_SIZE];
    TRY(failed_login_name_key(&rq->db, name, &out->name_key));
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
        TRY(failed_login_forget(&rq->db, throttle->key, &wait));
        return wait > 0 ? come_back(rq, wait) : OK;
    }
    enum status counted = failed_login_count(&rq->db, throttle);
    if (counted != NOT_FOUND)
        return counted;
    TRY(failed_login_wait(&rq->db, throttle->key, &wait));
    return come_back(rq, wait > 0 ? wait : 1);
}
