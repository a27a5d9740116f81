#include "services/auth/outside/exchange.h"

#include "common/base/clock.h"
#include "common/base/log.h"
#include "services/auth/outside/key_cache.h"
#include "services/auth/outside/outside_token.h"
#include "services/auth/session/login.h"
#include "services/auth/session/second_factor.h"
#include "services/auth/session/throttle.h"

static const char *const token_types[] = {"urn:ietf:params:oauth:token-type:jwt",
                                          "urn:ietf:params:oauth:token-type:id_token",
                                          "urn:ietf:params:oauth:token-type:access_token", NULL};

SCHEMA(exchange_schema, "TokenExchange", struct exchange,
       FIELD_TEXT(struct exchange, subject_token, .rules = REQUIRED | WRITE_ONLY, .min = 1, .max = OUTSIDE_TOKEN_MAX,
                  .summary = "A JWT of an issuer that the settings name"),
       FIELD_ENUM(struct exchange, subject_token_type, token_types, .summary = "As in RFC 8693; ignored"),
       FIELD_CODE(struct exchange, code, 0,
                  "Required if the account has a second factor: a code of the app or a recovery code"));

/* A throttle of the network alone: no name is this one. */
#define NOBODYS_NAME ""

/* The same whatever is wrong; the log knows more. */
static enum status refuse(struct request *rq, const char *issuer, const char *reason)
{
    log_line(LOG_INFO, "a token of %s was not exchanged: %s", issuer, reason);
    return fail(&rq->problem, UNAUTHENTICATED, NULL, "The token is not accepted here.");
}

/* OK when a known issuer has signed it; NOT_FOUND, with a reason for the log, when nobody has. */
static enum status check_signature(struct request *rq, const struct outside_token *t, const struct issuer **out,
                                   const char **reason)
{
    struct auth *auth = rq->app;
    const struct issuer *issuer = t->issuer ? issuers_find(auth->issuers, t->issuer) : NULL;
    EVP_PKEY *key;
    *reason = "it is none, or of an issuer that the settings do not name";
    if (!issuer)
        return NOT_FOUND;
    *out = issuer;
    *reason = "the issuer has no such key";
    TRY(key_cache_find(auth->keys, issuer, t->key_id, t->algorithm, &key, &rq->problem));
    bool good = outside_token_signed(t, issuer, key);
    EVP_PKEY_free(key);
    *reason = "the issuer has not signed it";
    return good ? OK : NOT_FOUND;
}

/* Only unsigned tokens count as guesses: a page that keeps sending its old token does not make its network wait. */
static enum status believe(struct request *rq, const struct outside_token *t, const struct issuer **out)
{
    const struct issuer *issuer = NULL;
    const char *reason;
    struct throttle throttle;
    TRY(throttle_enter(rq, NOBODYS_NAME, &throttle));
    db_done(&rq->db); /* keys may have to be fetched, which takes long enough to let others have the connection */
    enum status status = check_signature(rq, t, &issuer, &reason);
    TRY(if_any(status));
    TRY(throttle_settle(rq, &throttle, status == OK));
    if (status == OK)
        reason = outside_token_refusal(t, issuer, clock_now());
    if (status == NOT_FOUND || reason)
        return refuse(rq, issuer ? issuer->name : "nobody known", reason);
    *out = issuer;
    return OK;
}

/* An unknown identity that may get an account needs a name for it. */
static enum status find_account(struct request *rq, const struct outside_token *t, const struct issuer *issuer,
                                struct account *out)
{
    const struct role_rule *rule = outside_token_role(t, issuer);
    const char *name = issuer->provision.value && rule ? outside_token_name(t, issuer) : NULL;
    const struct account_identity identity = {t->issuer, t->subject, rule ? rule->role : NULL,
                                              rule ? rule->specialty : NULL, name};
    enum status found = account_find_by_identity(&rq->db, &identity, out);
    if (found == NOT_FOUND)
        return refuse(rq, issuer->name, "it is nobody's here");
    TRY(found);
    return out->disabled.value ? refuse(rq, issuer->name, "the account is disabled") : OK;
}

static enum status exchange(struct request *rq, const struct outside_token *t, const char *code)
{
    const struct issuer *issuer = NULL;
    struct account account;
    bool second_factor_shown = false;
    TRY(believe(rq, t, &issuer));
    TRY(find_account(rq, t, issuer, &account));
    TRY(second_factor_ask(rq, &account, code, &second_factor_shown));
    enum status opened = login_open(rq, &account, second_factor_shown);
    return opened == NOT_FOUND ? refuse(rq, issuer->name, "the account has changed meanwhile") : opened;
}

enum status exchange_token(struct request *rq)
{
    struct exchange given = {0};
    AUTO(outside_token_release) struct outside_token token = {0};
    TRY(request_input(rq, &given));
    outside_token_parse(given.subject_token, &token); /* what is no token has no issuer */
    return exchange(rq, &token, given.code);
}
