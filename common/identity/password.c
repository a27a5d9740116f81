#include "common/identity/password.h"

#include "common/base/gate.h"
#include "common/base/status.h"

#include <stdlib.h>
#include <string.h>

struct password_gate {
    size_t memory_bytes;
    unsigned long long passes;
    struct gate *places;
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
    gate->memory_bytes = (size_t)cost->memory_mib * 1024 * 1024;
    gate->passes = (unsigned long long)cost->passes;
    gate->places = gate_new(budget_mib >= cost->memory_mib ? (int)(budget_mib / cost->memory_mib) : 1, waiting_max,
                            "Too many passwords are being checked at the moment; try again.");
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
    gate_drop(gate->places);
    free(gate);
}

enum status password_hash(struct password_gate *gate, const char *password, char out[PASSWORD_HASH_SIZE],
                          struct problem *why)
{
    AUTO(gate_leave) struct gate_visit visit = {0};
    TRY(gate_enter(gate->places, &visit, why));
    return hash_now(gate, password, out)
               ? OK
               : fail(why, UNAVAILABLE, NULL, "There is not enough memory at the moment; try again.");
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
    AUTO(gate_leave) struct gate_visit visit = {0};
    TRY(gate_enter(gate->places, &visit, why));
    *out = matches_now(gate, hash, password);
    return OK;
}

enum status password_verify_and_renew(struct password_gate *gate, const char *hash, const char *password, bool *out,
                                      char renewed[PASSWORD_HASH_SIZE], struct problem *why)
{
    AUTO(gate_leave) struct gate_visit visit = {0};
    TRY(gate_enter(gate->places, &visit, why));
    *out = matches_now(gate, hash, password);
    bool old = *out && crypto_pwhash_str_needs_rehash(hash, gate->passes, gate->memory_bytes) != 0;
    if (!old || !hash_now(gate, password, renewed)) /* without memory for a new one the old one still serves */
        renewed[0] = '\0';
    return OK;
}
