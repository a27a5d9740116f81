#include "services/auth/session/own_second_factor.h"

#include "services/auth/session/proof.h"
#include "services/auth/session/throttle.h"
#include "services/auth/session/totp.h"

#include <sodium.h>

SCHEMA(enrolment_schema, "SecondFactorEnrolment", struct enrolment,
       FIELD_TEXT(struct enrolment, secret, .summary = "In base32, for typing into an authenticator app; shown once"),
       FIELD_TEXT(struct enrolment, otpauth_uri, .summary = "The same as a URI for a QR code"));

#define OWN_PASSWORD(struct_) \
    FIELD_TEXT(struct_, password, .rules = REQUIRED | WRITE_ONLY | ANY_TEXT, .min = 1, .max = PASSWORD_MAX)

SCHEMA(enrolment_request_schema, "SecondFactorRequest", struct own_second_factor_input,
       OWN_PASSWORD(struct own_second_factor_input));

SCHEMA(enrolment_code_schema, "SecondFactorCode", struct own_second_factor_input,
       FIELD_CODE(struct own_second_factor_input, code, REQUIRED, "The app's current code"));

SCHEMA(second_factor_proof_schema, "SecondFactorProof", struct own_second_factor_input,
       OWN_PASSWORD(struct own_second_factor_input),
       FIELD_CODE(struct own_second_factor_input, code, REQUIRED, "A code of the app, or a recovery code"));

static enum status find_own(struct request *rq, struct account *account, struct second_factor *out)
{
    enum status found = account_find(&rq->db, rq->who.account_id, account);
    if (found == NOT_FOUND)
        return request_absent(rq, "account");
    TRY(found);
    return second_factor_find(&rq->db, account->id, out);
}

enum status own_second_factor_get(struct request *rq)
{
    struct account account;
    struct second_factor factor = {0};
    TRY(find_own(rq, &account, &factor));
    factor.required = (struct maybe_boolean){true, second_factor_required(rq->app, &account)};
    return reply_record(rq, &factor);
}

static enum status prove(struct request *rq, const struct account *account, const struct own_second_factor_input *given,
                         enum proof_wanted wanted)
{
    struct evidence evidence = {account->name, account, given->password, given->code};
    enum proof proof;
    char renewed[PASSWORD_HASH_SIZE];
    TRY(proof_check(rq, &evidence, wanted, &proof, renewed));
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

enum status own_second_factor_begin(struct request *rq)
{
    const struct auth *auth = rq->app;
    struct own_second_factor_input given = {0};
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
    const char *sealed = second_factor_seal(rq, account.id, enrolment.secret);
    enum status stored = second_factor_insert(&rq->db, account.id, sealed);
    if (stored == NOT_FOUND) /* confirmed meanwhile */
        return refuse_another(rq);
    TRY(stored);
    return reply_record(rq, &enrolment);
}

/* Wrong ones are counted, because somebody else may have begun this and only knows the password. */
static enum status check_first_code(struct request *rq, const struct second_factor *factor, const char *code,
                                    int64_t *out_step)
{
    struct throttle throttle;
    bool good = false;
    TRY(throttle_enter_codes(rq, rq->who.account_id, &throttle));
    TRY(second_factor_verify(rq, rq->who.account_id, factor, code, out_step, &good));
    TRY(throttle_settle(rq, &throttle, good));
    return good ? OK : fail(&rq->problem, INVALID, "code", "is not the current code of the app");
}

enum status own_second_factor_confirm(struct request *rq)
{
    struct own_second_factor_input given = {0};
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
    const char *hashes = second_factor_new_recovery_codes(rq, rq->who.account_id, &codes);
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
    return factor.confirmed_at ? OK : NOT_FOUND;
}

enum status own_second_factor_remove(struct request *rq)
{
    struct own_second_factor_input given = {0};
    struct account account;
    TRY(request_input(rq, &given));
    TRY(find_active(rq, &account));
    TRY(prove(rq, &account, &given, PASSWORD_AND_CODE));
    TRY(if_any(second_factor_delete(&rq->db, account.id))); /* reset meanwhile is removed, too */
    return reply_empty(rq);
}

enum status own_second_factor_renew_codes(struct request *rq)
{
    struct own_second_factor_input given = {0};
    struct account account;
    struct recovery_codes codes;
    TRY(request_input(rq, &given));
    TRY(find_active(rq, &account));
    TRY(prove(rq, &account, &given, PASSWORD_AND_CODE));
    const char *hashes = second_factor_new_recovery_codes(rq, account.id, &codes);
    TRY(second_factor_replace_recovery_codes(&rq->db, account.id, hashes));
    return reply_record(rq, &codes);
}
