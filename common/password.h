/* Passwords: which ones are good enough, and hashing (Argon2id, RFC 9106) within a memory budget.
 *
 * Each hash fills 19 MiB for some 30 ms. So many run at a time as the budget holds, a few more wait, and whoever comes
 * beyond that is told to come back (UNAVAILABLE with Retry-After), so that a flood of logins cannot exhaust memory. */
#ifndef MNEMOS_PASSWORD_H
#define MNEMOS_PASSWORD_H

#include "common/problem.h"

#include <sodium.h>
#include <stdbool.h>

enum {
    PASSWORD_MIN = 12,
    PASSWORD_MAX = 128,
    PASSWORD_HASH_SIZE = crypto_pwhash_STRBYTES,
    PASSWORD_MEMORY_MIB = 19, /* with two passes: OWASP's recommendation for Argon2id */
    PASSWORD_PASSES = 2,
};

/* What may become a password: not a common word, a pattern, or the name it belongs to (libpwquality and its
 * dictionary). Length alone makes strength, so no kind of character is asked for. Length itself is the schema's to
 * check. INVALID notes at the member (NULL: as a whole) what to do. */
enum status password_check(const char *password, const char *name, const char *member, struct problem *why);

/* False when the dictionary is not there. */
bool password_check_works(void);

struct password_gate;

/* budget_mib: memory all hashes together may take; at least one always fits. waiting_max: how many may wait, each of
 * them in a thread of the HTTP pool. */
struct password_gate *password_gate_new(long budget_mib, int waiting_max);
void password_gate_drop(struct password_gate *gate);

enum status password_hash(struct password_gate *gate, const char *password, char out[PASSWORD_HASH_SIZE],
                          struct problem *why);

/* hash may be NULL (nobody of that name): it takes as long and is never right. */
enum status password_verify(struct password_gate *gate, const char *hash, const char *password, bool *out,
                            struct problem *why);

/* The same and, where the password is right and its hash was made with other parameters than today's, a new hash in
 * renewed; otherwise renewed is empty. */
enum status password_verify_and_renew(struct password_gate *gate, const char *hash, const char *password, bool *out,
                                      char renewed[PASSWORD_HASH_SIZE], struct problem *why);

#endif
