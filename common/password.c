#include "common/password.h"

#include "common/clock.h"
#include "common/status.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct password_gate {
    size_t memory_bytes;
    unsigned long long passes;
    pthread_mutex_t lock;
    pthread_cond_t left;
    int running, running_max;
    int waiting, waiting_max;
    char decoy[PASSWORD_HASH_SIZE]; /* what a password of nobody is compared with */
};

static bool hash_now(const struct password_gate *gate, const char *password, char out[PASSWORD_HASH_SIZE])
{
    memset(out, 0, PASSWORD_HASH_SIZE);
    return crypto_pwhash_str_alg(out, password, strlen(password), gate->passes, gate->memory_bytes,
                                 crypto_pwhash_ALG_ARGON2ID13) == 0;
}

bool password_cost_fits(const struct password_cost *cost, long budget_mib)
{
    if (cost->memory_mib <= budget_mib)
        return true;
    fprintf(stderr, "PASSWORD_MEMORY_MIB must hold one hash at least, which takes PASSWORD_HASH_MIB\n");
    return false;
}

struct password_gate *password_gate_new(const struct password_cost *cost, long budget_mib, int waiting_max)
{
    struct password_gate *gate = calloc(1, sizeof *gate);
    if (!gate)
        abort();
    pthread_mutex_init(&gate->lock, NULL);
    pthread_cond_init(&gate->left, NULL);
    gate->memory_bytes = (size_t)cost->memory_mib * 1024 * 1024;
    gate->passes = (unsigned long long)cost->passes;
    gate->running_max = budget_mib >= cost->memory_mib ? (int)(budget_mib / cost->memory_mib) : 1;
    gate->waiting_max = waiting_max;
    char random[33];
    unsigned char bytes[16];
    randombytes_buf(bytes, sizeof bytes);
    sodium_bin2hex(random, sizeof random, bytes, sizeof bytes);
    if (!hash_now(gate, random, gate->decoy))
        abort();
    return gate;
}

void password_gate_drop(struct password_gate *gate)
{
    if (!gate)
        return;
    pthread_cond_destroy(&gate->left);
    pthread_mutex_destroy(&gate->lock);
    free(gate);
}

/* An HTTP thread serves many connections, and while it hashes or waits to, all of them wait. So when passwords stand in
 * line, a thread that was kept from its connections for long enough lately gets no place there: what has come behind it
 * meanwhile is answered at once. Without that, of a thousand logins those on the same thread wait for one another. */
enum { PATIENCE_US = 300 * 1000, LATELY_US = 1000 * 1000 };

static _Thread_local struct {
    int64_t since_us, spent_us;
} lately;

static bool may_stand_in_line(int64_t now_us)
{
    if (now_us - lately.since_us > LATELY_US) {
        lately.since_us = now_us;
        lately.spent_us = 0;
    }
    return lately.spent_us < PATIENCE_US;
}

struct visit {
    int64_t begin_us;
};

static enum status enter(struct password_gate *gate, struct visit *visit, struct problem *why)
{
    visit->begin_us = clock_monotonic_us();
    bool patient = may_stand_in_line(visit->begin_us);
    pthread_mutex_lock(&gate->lock);
    bool line = gate->running == gate->running_max || gate->waiting > 0;
    bool full = line && (gate->waiting >= gate->waiting_max || !patient);
    if (!full) {
        gate->waiting++;
        while (gate->running == gate->running_max)
            pthread_cond_wait(&gate->left, &gate->lock);
        gate->waiting--;
        gate->running++;
    }
    pthread_mutex_unlock(&gate->lock);
    if (full)
        return fail(why, UNAVAILABLE, NULL, "Too many passwords are being checked at the moment; try again.");
    return OK;
}

static void leave(struct password_gate *gate, const struct visit *visit)
{
    pthread_mutex_lock(&gate->lock);
    gate->running--;
    pthread_cond_signal(&gate->left);
    pthread_mutex_unlock(&gate->lock);
    lately.spent_us += clock_monotonic_us() - visit->begin_us;
}

enum status password_hash(struct password_gate *gate, const char *password, char out[PASSWORD_HASH_SIZE],
                          struct problem *why)
{
    struct visit visit;
    TRY(enter(gate, &visit, why));
    bool good = hash_now(gate, password, out);
    leave(gate, &visit);
    return good ? OK : fail(why, UNAVAILABLE, NULL, "There is not enough memory at the moment; try again.");
}

static bool matches_now(const struct password_gate *gate, const char *hash, const char *password)
{
    bool nobodys = !hash || !*hash;
    bool matches = crypto_pwhash_str_verify(nobodys ? gate->decoy : hash, password, strlen(password)) == 0;
    return matches && !nobodys;
}

enum status password_verify(struct password_gate *gate, const char *hash, const char *password, bool *out,
                            struct problem *why)
{
    struct visit visit;
    TRY(enter(gate, &visit, why));
    *out = matches_now(gate, hash, password);
    leave(gate, &visit);
    return OK;
}

enum status password_verify_and_renew(struct password_gate *gate, const char *hash, const char *password, bool *out,
                                      char renewed[PASSWORD_HASH_SIZE], struct problem *why)
{
    struct visit visit;
    TRY(enter(gate, &visit, why));
    *out = matches_now(gate, hash, password);
    bool old = *out && crypto_pwhash_str_needs_rehash(hash, gate->passes, gate->memory_bytes) != 0;
    if (!old || !hash_now(gate, password, renewed)) /* without memory for a new one the old one still serves */
        renewed[0] = '\0';
    leave(gate, &visit);
    return OK;
}
