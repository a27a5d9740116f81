/* The second factor of an account: codes of an authenticator app (totp.h), and recovery codes for a lost device.
 *
 * Each time step of the app's codes is taken once, and so is each recovery code. Wrong codes make the account wait
 * wherever they come from: there are only a million, and a client that guesses them knows the password. Recovery codes
 * cannot be guessed and need no wait, so the owner gets in meanwhile. */
#pragma once

#include "services/auth/account/account.h"

/* A code of the second factor, as people type it. */
enum { CODE_MAX = 40 };
#define FIELD_CODE(s, m, rules_, summary_) \
    FIELD_TEXT(s, m, .rules = WRITE_ONLY | (rules_), .min = 1, .max = CODE_MAX, .example = "123456", \
               .summary = (summary_))

enum {
    RECOVERY_CODES = 10,
    RECOVERY_CODE_SIZE = 10,   /* random bytes */
    RECOVERY_CODE_DIGITS = 16, /* of base32, four by four */
    RECOVERY_CODE_HASH_SIZE = 32,
};

struct second_factor {
    const char *state, *sealed, *confirmed_at;
    struct maybe_integer last_step, recovery_codes_left;
    struct maybe_boolean required;
};
extern const struct schema second_factor_schema;

struct recovery_codes {
    struct text_list recovery_codes;
};
extern const struct schema recovery_codes_schema;

/* out: true if the code is right; it is then used up. TOO_MANY with Retry-After after too many wrong ones. */
enum status second_factor_check(struct request *rq, const char *account_id, const struct second_factor *factor,
                                const char *code, bool *out);

/* out: true if it is the current code of the app; out_step is then the step to remember as used. */
enum status second_factor_verify(struct request *rq, const char *account_id, const struct second_factor *factor,
                                 const char *code, int64_t *out_step, bool *out);

/* Seals the app's secret for the database. */
const char *second_factor_seal(struct request *rq, const char *account_id, const char *secret);

/* Makes new recovery codes. Returns their hashes as an array of PostgreSQL. */
const char *second_factor_new_recovery_codes(struct request *rq, const char *account_id, struct recovery_codes *out);

/* Asks for a code, or for another one after a wrong code. */
static inline enum status second_factor_demand(struct request *rq, const char *code)
{
    return fail(&rq->problem, NEEDS_SECOND_FACTOR, NULL,
                code ? "The code is wrong or has been used; take the next one."
                     : "Send the code of the authenticator app, or a recovery code, as \"code\".");
}

/* For a caller who proved the identity without a password: demands a code if the account has a second factor. */
enum status second_factor_ask(struct request *rq, const struct account *account, const char *code, bool *out_shown);

/* True if the role of the account needs a second factor. */
bool second_factor_required(const struct auth *auth, const struct account *account);

/* out: true if the account's role needs a second factor and the account has none yet. */
enum status second_factor_missing(struct request *rq, const struct account *account, bool *out);

enum status second_factor_reset(struct request *rq); /* of another account */

/* second_factor_store.c. NOT_FOUND if the row is missing or has changed; but an account without a second factor is
 * found, with the state "none". hashes: an array of PostgreSQL. */
enum status second_factor_find(struct db *db, const char *account_id, struct second_factor *out);
enum status second_factor_use(struct db *db, const char *account_id, int64_t step);
enum status second_factor_use_recovery_code(struct db *db, const char *account_id, const char *hash);
enum status second_factor_insert(struct db *db, const char *account_id, const char *sealed);
enum status second_factor_activate(struct db *db, const struct principal *who, const char *sealed, int64_t step,
                                   const char *hashes);
enum status second_factor_replace_recovery_codes(struct db *db, const char *account_id, const char *hashes);
enum status second_factor_delete(struct db *db, const char *account_id);
enum status second_factor_delete_with_sessions(struct db *db, const char *account_id);
