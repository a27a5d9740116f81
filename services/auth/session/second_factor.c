#include "services/auth/session/second_factor.h"

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/identity/secret.h"
#include "services/auth/account/account.h"
#include "services/auth/session/proof.h"
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

SCHEMA(enrolment_schema, "SecondFactorEnrolment", struct enrolment,
       FIELD_TEXT(struct enrolment, secret, .summary = "In base32, for typing into an authenticator app; shown once"),
       FIELD_TEXT(struct enrolment, otpauth_uri, .summary = "The same as a URI for a QR code"));

SCHEMA(recovery_codes_schema, "RecoveryCodes", struct recovery_codes,
       FIELD_TEXTS(struct recovery_codes, recovery_codes,
                   .summary = "Each replaces one code of the app, once; shown once"));

#define OWN_PASSWORD(struct_) \
    FIELD_TEXT(struct_, password, .rules = REQUIRED | WRITE_ONLY | ANY_TEXT, .min = 1, .max = PASSWORD_MAX)

SCHEMA(enrolment_request_schema, "SecondFactorRequest", struct second_factor_input,
       OWN_PASSWORD(struct second_factor_input));

SCHEMA(enrolment_code_schema, "SecondFactorCode", struct second_factor_input,
       FIELD_CODE(struct second_factor_input, code, REQUIRED, "The app's current code"));

SCHEMA(second_factor_proof_schema, "SecondFactorProof", struct second_factor_input,
       OWN_PASSWORD(struct second_factor_input),
       FIELD_CODE(struct second_factor_input, code, REQUIRED, "A code of the app, or a recovery code"));

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

static enum status verify(struct request *rq, const char *account_id, const struct second_factor *factor,
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

static enum status check_app_code(struct request *rq, const char *account_id, const struct second_factor *factor,
                                  const char *code, bool *out)
{
    struct throttle throttle;
    int64_t step;
    bool good = false;
    TRY(throttle_enter_codes(rq, account_id, &throttle));
    TRY(verify(rq, account_id, factor, code, &step, &good));
    enum status used = good ? second_factor_use(&rq->db, account_id, step) : NOT_FOUND;
    if (used != OK && used != NOT_FOUND)
        return used;
    TRY(throttle_settle(rq, &throttle, used == OK));
    *out = used == OK;
    return OK;
}

/* Keyed, so that nobody can try codes with a copy of the database; whoever has the key has to try 80 bits. */
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
    enum status used = recovery_code_use(&rq->db, account_id, hash);
    if (used != OK && used != NOT_FOUND)
        return used;
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

static bool required(const struct auth *auth, const struct account *account)
{
    return auth->second_factor_roles & role_parse(account->role);
}

enum status second_factor_missing(struct request *rq, const struct account *account, bool *out)
{
    struct second_factor factor = {0};
    bool needed = required(rq->app, account);
    if (needed)
        TRY(second_factor_find(&rq->db, account->id, &factor));
    *out = needed && !factor.confirmed_at;
    return OK;
}

static enum status find_own(struct request *rq, struct account *account, struct second_factor *out)
{
    enum status found = account_find(&rq->db, rq->who.account_id, account);
    if (found == NOT_FOUND)
        return request_absent(rq, "account");
    TRY(found);
    return second_factor_find(&rq->db, account->id, out);
}

enum status second_factor_get(struct request *rq)
{
    struct account account;
    struct second_factor factor = {0};
    TRY(find_own(rq, &account, &factor));
    factor.required = (struct maybe_boolean){true, required(rq->app, &account)};
    return reply_record(rq, &factor);
}

static enum status prove(struct request *rq, const struct account *account, const struct second_factor_input *given,
                         enum proof_wanted wanted)
{
    struct claim claim = {.name = account->name, .account = account, .password = given->password, .code = given->code};
    enum proof proof;
    char renewed[PASSWORD_HASH_SIZE];
    TRY(proof_check(rq, &claim, wanted, &proof, renewed));
    if (proof == PROOF_WRONG_PASSWORD)
        return fail(&rq->problem, INVALID, "password", "is not your password");
    if (proof == PROOF_WRONG_CODE)
        return fail(&rq->problem, INVALID, "code", "is wrong or has been used; take the next one");
    return OK;
}

static enum status refuse_another(struct request *rq)
{
    return fail(&rq->problem, CONFLICT, NULL, "There is a second factor; remove it before you set up another one.");
}

enum status second_factor_begin(struct request *rq)
{
    const struct auth *auth = rq->app;
    struct second_factor_input given = {0};
    struct account account;
    struct second_factor factor = {0};
    char secret[TOTP_SECRET_TEXT];
    TRY(request_input(rq, &given));
    TRY(find_own(rq, &account, &factor));
    if (factor.confirmed_at)
        return refuse_another(rq);
    TRY(prove(rq, &account, &given, PASSWORD_ONLY));
    totp_secret_new(secret);
    struct enrolment enrolment = {.secret = arena_text(rq->arena, secret),
                                  .otpauth_uri =
                                      totp_uri(rq->arena, auth->settings->second_factor_issuer, account.name, secret)};
    sodium_memzero(secret, sizeof secret);
    const char *sealed = secret_seal(secret_of(rq), rq->arena, purpose_of(rq, account.id), enrolment.secret);
    enum status stored = second_factor_insert(&rq->db, account.id, sealed);
    if (stored == NOT_FOUND) /* confirmed meanwhile */
        return refuse_another(rq);
    TRY(stored);
    return reply_record(rq, &enrolment);
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

/* Codes, and their hashes as an array of PostgreSQL. */
static const char *recovery_codes_new(struct request *rq, const char *account_id, struct recovery_codes *out)
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

/* Wrong ones are counted, because somebody else may have begun this and only knows the password. */
static enum status check_first_code(struct request *rq, const struct second_factor *factor, const char *code,
                                    int64_t *out_step)
{
    struct throttle throttle;
    bool good = false;
    TRY(throttle_enter_codes(rq, rq->who.account_id, &throttle));
    TRY(verify(rq, rq->who.account_id, factor, code, out_step, &good));
    TRY(throttle_settle(rq, &throttle, good));
    return good ? OK : fail(&rq->problem, INVALID, "code", "is not the current code of the app");
}

enum status second_factor_confirm(struct request *rq)
{
    struct second_factor_input given = {0};
    struct second_factor factor = {0};
    struct recovery_codes codes;
    int64_t step;
    TRY(request_input(rq, &given));
    TRY(second_factor_find(&rq->db, rq->who.account_id, &factor));
    if (factor.confirmed_at)
        return refuse_another(rq);
    if (!factor.sealed)
        return fail(&rq->problem, CONFLICT, NULL, "Nothing has been begun; POST /api/v1/auth/second-factor first.");
    TRY(check_first_code(rq, &factor, given.code, &step));
    const char *hashes = recovery_codes_new(rq, rq->who.account_id, &codes);
    enum status stored = second_factor_activate(&rq->db, &rq->who, factor.sealed, step, hashes);
    if (stored == NOT_FOUND)
        return fail(&rq->problem, CONFLICT, NULL, "It was begun or confirmed by somebody else at the same time.");
    TRY(stored);
    return reply_record(rq, &codes);
}

static enum status find_active(struct request *rq, struct account *out)
{
    struct second_factor factor = {0};
    TRY(find_own(rq, out, &factor));
    return factor.confirmed_at ? OK : request_absent(rq, "second factor");
}

enum status second_factor_remove(struct request *rq)
{
    struct second_factor_input given = {0};
    struct account account;
    TRY(request_input(rq, &given));
    TRY(find_active(rq, &account));
    TRY(prove(rq, &account, &given, PASSWORD_AND_CODE));
    enum status removed = second_factor_delete(&rq->db, account.id);
    if (removed != NOT_FOUND) /* reset meanwhile is removed, too */
        TRY(removed);
    return reply_empty(rq);
}

enum status second_factor_renew_codes(struct request *rq)
{
    struct second_factor_input given = {0};
    struct account account;
    struct recovery_codes codes;
    TRY(request_input(rq, &given));
    TRY(find_active(rq, &account));
    TRY(prove(rq, &account, &given, PASSWORD_AND_CODE));
    const char *hashes = recovery_codes_new(rq, account.id, &codes);
    enum status stored = recovery_codes_replace(&rq->db, account.id, hashes);
    if (stored == NOT_FOUND)
        return request_absent(rq, "second factor");
    TRY(stored);
    return reply_record(rq, &codes);
}

enum status second_factor_reset(struct request *rq)
{
    const char *id;
    struct managed_account account;
    TRY(request_id(rq, "account_id", &id));
    enum status found = managed_account_find(&rq->db, id, rq->who.role, &account);
    if (found == NOT_FOUND)
        return request_absent(rq, "account");
    TRY(found);
    if (strcmp(account.id, rq->who.account_id) == 0) /* a token alone is not enough */
        return fail(&rq->problem, FORBIDDEN, NULL, "Remove your own at /api/v1/auth/second-factor.");
    enum status removed = second_factor_delete_with_sessions(&rq->db, account.id);
    if (removed == NOT_FOUND)
        return request_absent(rq, "second factor");
    TRY(removed);
    return reply_empty(rq);
}
