/* Passwords: their strength, and hashing (Argon2id, RFC 9106) within a memory budget.
 *
 * Each hash fills 19 MiB for some 30 ms, unless the settings say otherwise. As many run at a time as the budget holds,
 * a few more wait, and every further one is told to come back (UNAVAILABLE with Retry-After), so that a flood of logins
 * cannot exhaust memory. No thread waits twice: one that spent its time here lately does not stand in line again while
 * others wait for it. */
#pragma once

#include "common/base/problem.h"
#include "common/base/setting.h"

#include <sodium.h>
#include <stdbool.h>

enum {
    PASSWORD_MIN = 12,
    PASSWORD_MAX = 128,
    PASSWORD_HASH_SIZE = crypto_pwhash_STRBYTES,

    /* OWASP's minimum for Argon2id with one lane, and the default of the settings. */
    PASSWORD_HASH_MIB = 19,
    PASSWORD_HASH_PASSES = 2,
    PASSWORD_HASH_MIB_MAX = 1024,
    PASSWORD_HASH_PASSES_MAX = 100,
};

/* The cost of one hash; `mnemosctl calibrate-passwords` recommends it. */
struct password_cost {
    long memory_mib, passes;
};
#define PASSWORD_COST_DEFAULT ((struct password_cost){PASSWORD_HASH_MIB, PASSWORD_HASH_PASSES})
#define PASSWORD_COST_SETTINGS(s, m) \
    SETTING_INTEGER(s, m.memory_mib, "PASSWORD_HASH_MIB", .fallback = "19", .min = PASSWORD_HASH_MIB, \
                    .max = PASSWORD_HASH_MIB_MAX, .summary = "memory of one password hash (Argon2id)"), \
        SETTING_INTEGER(s, m.passes, "PASSWORD_HASH_PASSES", .fallback = "2", .min = PASSWORD_HASH_PASSES, \
                        .max = PASSWORD_HASH_PASSES_MAX, .summary = "passes over this memory")

/* False after a sentence on standard error: not even one hash fits. */
bool password_cost_fits(const struct password_cost *cost, long budget_mib);

/* Refuses a common word, a pattern, or the name that the password belongs to (libpwquality and its dictionary). Length
 * alone makes strength, so no kind of character is required. The schema checks the length. INVALID notes the remedy at
 * the member (NULL: as a whole). */
enum status password_check(const char *password, const char *name, const char *member, struct problem *why);

/* False when the dictionary is not there. */
bool password_check_works(void);

struct password_gate;

/* budget_mib: memory all hashes together may take; at least one always fits. waiting_max: how many may wait, each of
 * them in a thread of the HTTP pool. */
struct password_gate *password_gate_new(const struct password_cost *cost, long budget_mib, int waiting_max);
void password_gate_drop(struct password_gate *gate);

enum status password_hash(struct password_gate *gate, const char *password, char out[PASSWORD_HASH_SIZE],
                          struct problem *why);

/* hash may be NULL (no account of that name) or empty (no password): the check takes as long and never succeeds. */
enum status password_verify(struct password_gate *gate, const char *hash, const char *password, bool *out,
                            struct problem *why);

/* The same and, where the password is right and its hash was made with another cost than the gate's, a new hash in
 * renewed; otherwise renewed is empty. */
enum status password_verify_and_renew(struct password_gate *gate, const char *hash, const char *password, bool *out,
                                      char renewed[PASSWORD_HASH_SIZE], struct problem *why);
