#include "services/auth/session/second_factor.h"

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/identity/secret.h"
#include "services/auth/account/managed_account.h"
#include "services/auth/session/throttle.h"
#include "services/auth/session/totp.h"

#include <ctype.h>
#include <liboath/oath.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

static const char *const states[] = {"none", "begun", "active", NULL};

SCHEMA(second_factor_schema, "SecondFactor", struct second_factor,
       FIELD_ENUM(struct second_factor, state, states,
                  .summary = "begun: awaits its first code and is not required yet"),
       FIELD_TIME(struct second_factor, confirmed_at), FIELD_INTEGER(struct second_factor, recovery_codes_left),
       FIELD_BOOLEAN(struct second_factor, required,
                     .summary = "The role requires a second factor: once removed, another must be set up"),
       FIELD_TEXT(struct second_factor, sealed, .rules = HIDDEN),
       FIELD_INTEGER(struct second_factor, last_step, .rules = HIDDEN));

SCHEMA(recovery_codes_schema, "RecoveryCodes", struct recovery_codes,
       FIELD_TEXTS(struct recovery_codes, recovery_codes,
                   .summary = "Each is valid once in place of a code of the app; shown once"));

/* As people type codes: with spaces and hyphens, in any case. */
static void tidy(const char *code, char out[CODE_MAX + 1])
{
    size_t size = 0;
    for (const char *c = code; *c && size < CODE_MAX; c++)
        if (*c != ' ' && *c != '-')
            out[size++] = (char)toupper((unsigned char)*c);
    out[size] = '\0';
}

/* The purpose names the account, so that a row copied to another account is of no use there. */
static const char *purpose_of(struct request *rq, const char *account_id)
{
    return arena_printf(rq->arena, "second factor of %s", account_id);
}

static const char *secret_of(struct request *rq)
{
    const struct auth *auth = rq->app;
    return auth->settings->signing_key_secret;
}

enum status second_factor_verify(struct request *rq, const char *account_id, const struct second_factor *factor,
                                 const char *code, int64_t *out_step, bool *out)
{
    char digits[CODE_MAX + 1];
    const char *secret = secret_unseal(secret_of(rq), rq->arena, purpose_of(rq, account_id), factor->sealed);
    if (!secret) {
        log_line(LOG_ERROR, "SIGNING_KEY_SECRET does not open the second factor of account %s", account_id);
        return FAULT;
    }
    tidy(code, digits);
    *out = totp_verify(secret, digits, clock_now(), out_step);
    return OK;
}

const char *second_factor_seal(struct request *rq, const char *account_id, const char *secret)
{
    return secret_seal(secret_of(rq), rq->arena, purpose_of(rq, account_id), secret);
}

static enum status check_app_code(struct request *rq, const char *account_id, const struct second_factor *factor,
                                  const char *code, bool *out)
{
    struct throttle throttle;
    int64_t step;
    bool good = false;
    TRY(throttle_enter_codes(rq, account_id, &throttle));
    TRY(second_factor_verify(rq, account_id, factor, code, &step, &good));
    enum status used = good ? second_factor_use(&rq->db, account_id, step) : NOT_FOUND;
    TRY(if_any(used));
    TRY(throttle_settle(rq, &throttle, used == OK));
    *out = used == OK;
    return OK;
}

/* Keyed, so that nobody can try codes with a copy of the database; with the key there are still 80 bits to try. */
static void recovery_code_hash(struct request *rq, const char *account_id, const char *digits,
                               char out[2 * RECOVERY_CODE_HASH_SIZE + 1])
{
    unsigned char key[SECRET_KEY_SIZE], hash[RECOVERY_CODE_HASH_SIZE];
    secret_key(secret_of(rq), purpose_of(rq, account_id), key);
    crypto_generichash(hash, sizeof hash, (const unsigned char *)digits, strlen(digits), key, sizeof key);
    sodium_memzero(key, sizeof key);
    sodium_bin2hex(out, 2 * sizeof hash + 1, hash, sizeof hash);
}

static enum status check_recovery_code(struct request *rq, const char *account_id, const char *digits, bool *out)
{
    char hash[2 * RECOVERY_CODE_HASH_SIZE + 1];
    recovery_code_hash(rq, account_id, digits, hash);
    enum status used = second_factor_use_recovery_code(&rq->db, account_id, hash);
    TRY(if_any(used));
    *out = used == OK;
    return OK;
}

enum status second_factor_check(struct request *rq, const char *account_id, const struct second_factor *factor,
                                const char *code, bool *out)
{
    char digits[CODE_MAX + 1];
    tidy(code, digits);
    if (strlen(digits) == RECOVERY_CODE_DIGITS)
        return check_recovery_code(rq, account_id, digits, out);
    return check_app_code(rq, account_id, factor, digits, out);
}

/* "ABCD-EFGH-IJKL-MNOP", and the same without hyphens. */
static const char *recovery_code_new(struct arena *arena, char digits[RECOVERY_CODE_DIGITS + 1])
{
    unsigned char bytes[RECOVERY_CODE_SIZE];
    char *text;
    size_t size;
    randombytes_buf(bytes, sizeof bytes);
    if (oath_base32_encode((const char *)bytes, sizeof bytes, &text, &size) != OATH_OK || size != RECOVERY_CODE_DIGITS)
        abort(); /* no memory */
    memcpy(digits, text, RECOVERY_CODE_DIGITS + 1);
    sodium_memzero(bytes, sizeof bytes);
    sodium_memzero(text, size);
    free(text);
    return arena_printf(arena, "%.4s-%.4s-%.4s-%.4s", digits, digits + 4, digits + 8, digits + 12);
}

const char *second_factor_new_recovery_codes(struct request *rq, const char *account_id, struct recovery_codes *out)
{
    enum { HASH_DIGITS = 2 * RECOVERY_CODE_HASH_SIZE };
    const char **codes = arena_alloc(rq->arena, RECOVERY_CODES * sizeof *codes);
    char *hashes = arena_alloc(rq->arena, RECOVERY_CODES * (HASH_DIGITS + 1) + 2), *end = stpcpy(hashes, "{");
    for (size_t i = 0; i < RECOVERY_CODES; i++) {
        char digits[RECOVERY_CODE_DIGITS + 1];
        codes[i] = recovery_code_new(rq->arena, digits);
        recovery_code_hash(rq, account_id, digits, end);
        sodium_memzero(digits, sizeof digits);
        end += HASH_DIGITS;
        *end++ = i + 1 < RECOVERY_CODES ? ',' : '}';
    }
    *end = '\0';
    out->recovery_codes = (struct text_list){codes, RECOVERY_CODES};
    return hashes;
}

enum status second_factor_ask(struct request *rq, const struct account *account, const char *code, bool *out_shown)
{
    struct second_factor factor = {0};
    bool good = false;
    TRY(second_factor_find(&rq->db, account->id, &factor));
    if (factor.confirmed_at && code)
        TRY(second_factor_check(rq, account->id, &factor, code, &good));
    if (factor.confirmed_at && !good)
        return second_factor_demand(rq, code);
    *out_shown = good;
    return OK;
}

bool second_factor_required(const struct auth *auth, const struct account *account)
{
    return auth->second_factor_roles & role_parse(account->role);
}

enum status second_factor_missing(struct request *rq, const struct account *account, bool *out)
{
    struct second_factor factor = {0};
    bool needed = second_factor_required(rq->app, account);
    if (needed)
        TRY(second_factor_find(&rq->db, account->id, &factor));
    *out = needed && !factor.confirmed_at;
    return OK;
}

enum status second_factor_reset(struct request *rq)
{
    struct managed_account account;
    TRY(managed_account_of_path(rq, &account));
    if (strcmp(account.id, rq->who.account_id) == 0) /* a token alone is not enough */
        return fail(&rq->problem, FORBIDDEN, NULL, "Remove your own at /api/v1/auth/second-factor.");
    TRY(second_factor_delete_with_sessions(&rq->db, account.id));
    return reply_empty(rq);
}
