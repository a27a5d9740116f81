#include "services/auth/session/login.h"

#include "common/base/clock.h"
#include "common/base/text.h"
#include "services/auth/account/installation.h"
#include "services/auth/session/proof.h"
#include "services/auth/session/second_factor.h"
#include "services/auth/session/session.h"
#include "services/auth/session/signer.h"

#include <string.h>

SCHEMA(credentials_schema, "Credentials", struct credentials,
       FIELD_TEXT(struct credentials, name, .rules = REQUIRED, .min = 1, .max = 80, .example = "Dr. Ada Neuro",
                  .summary = "Regardless of case"),
       FIELD_TEXT(struct credentials, password, .rules = REQUIRED | WRITE_ONLY | ANY_TEXT, .min = 1,
                  .max = PASSWORD_MAX),
       FIELD_CODE(struct credentials, code, 0,
                  "Required if there is a second factor: a code of the app or a recovery code"));

SCHEMA(client_token_schema, "ClientToken", struct login,
       FIELD_TEXT(struct login, access_token, .summary = "Send it as `Authorization: Bearer ...`"),
       FIELD_TEXT(struct login, token_type, .example = "Bearer"),
       FIELD_INTEGER(struct login, expires_in, .summary = "Lifetime in seconds"),
       FIELD_TEXT(struct login, scope, .summary = "Scopes of the token, separated by spaces"));

SCHEMA(login_schema, "Login", struct login,
       FIELD_TEXT(struct login, access_token, .summary = "Send it as `Authorization: Bearer ...`"),
       FIELD_TEXT(struct login, token_type, .example = "Bearer"),
       FIELD_INTEGER(struct login, expires_in, .summary = "Lifetime in seconds"),
       FIELD_TEXT(struct login, refresh_token, .summary = "Good for one `POST /api/v1/auth/refresh`"),
       FIELD_INTEGER(struct login, refresh_expires_in, .summary = "Seconds until the session ends, refreshed or not"),
       FIELD_BOOLEAN(
           struct login, enrolment_required, .rules = OMIT_NULL,
           .summary = "The role requires a second factor, not set up yet: set it up with this token, then refresh it"),
       FIELD_RECORD(struct login, account, account_schema, struct account));

/* A change or another login at the same moment has already renewed it. */
static enum status renew_hash(struct request *rq, const struct account *account, const char *renewed)
{
    return if_any(account_renew_hash(&rq->db, account, renewed));
}

static enum status refuse(struct request *rq)
{
    return fail(&rq->problem, UNAUTHENTICATED, NULL, "The name or the password is wrong.");
}

/* The name changes nothing that shows: for no account or a disabled one, a hash of nobody's password is checked. */
static enum status check_credentials(struct request *rq, const struct credentials *given, struct account *out,
                                     bool *out_second_factor)
{
    struct account account = {0};
    enum proof proof;
    char renewed[PASSWORD_HASH_SIZE];
    enum status found = account_find_by_name(&rq->db, given->name, &account);
    TRY(if_any(found));
    struct evidence evidence = {.name = given->name,
                                .account = found == OK && !account.disabled.value ? &account : NULL,
                                .password = given->password,
                                .code = given->code};
    TRY(proof_check(rq, &evidence, PASSWORD_AND_CODE, &proof, renewed));
    if (proof == PROOF_WRONG_PASSWORD)
        return refuse(rq);
    if (proof == PROOF_WITHOUT_CODE || proof == PROOF_WRONG_CODE)
        return second_factor_demand(rq, given->code);
    if (renewed[0])
        TRY(renew_hash(rq, &account, renewed));
    *out = account;
    *out_second_factor = proof == PROOF_OF_BOTH;
    return OK;
}

enum status login_issue(struct request *rq, struct account *account, const char *session_id, time_t ends,
                        const struct random_secret *refresh)
{
    struct auth *auth = rq->app;
    time_t now = clock_now(), expires = now + auth->settings->access_token_seconds;
    const char *token;
    bool enrolling = false;
    TRY(second_factor_missing(rq, account, &enrolling));
    struct principal who = {.role = enrolling ? ENROLLING : role_parse(account->role),
                            .specialty = specialty_parse(account->specialty),
                            .scopes = scopes_parse(account->scope),
                            .expires = expires < ends ? expires : ends};
    strcpy(who.account_id, account->id);
    strcpy(who.session_id, session_id);
    TRY(installation_prepare(auth, &rq->db));
    TRY(signer_sign(auth->signer, &rq->db, &who, &token));
    struct login login = {.access_token = token,
                          .token_type = "Bearer",
                          .expires_in = {true, who.expires - now},
                          .scope = account->scope,
                          .enrolment_required = {enrolling, enrolling},
                          .account = account};
    if (refresh) {
        login.refresh_token = arena_text(rq->arena, refresh->text);
        login.refresh_expires_in = (struct maybe_integer){true, ends - now};
        session_set_cookies(rq, token, who.expires - now, login.refresh_token, ends - now);
    }
    return reply_record(rq, &login);
}

enum status login_open(struct request *rq, struct account *account, bool second_factor_shown)
{
    const struct auth *auth = rq->app;
    struct new_session s = {.ends = clock_now() + auth->settings->session_seconds, .from = session_use_of(rq)};
    text_new_uuid(s.id);
    random_secret_new(&s.refresh);
    TRY(session_insert(&rq->db, &s, account, second_factor_shown));
    return login_issue(rq, account, s.id, s.ends, &s.refresh);
}

enum status login_create(struct request *rq)
{
    struct credentials given = {0};
    struct account account = {0};
    bool second_factor_shown = false;
    TRY(request_input(rq, &given));
    TRY(check_credentials(rq, &given, &account, &second_factor_shown));
    enum status opened = login_open(rq, &account, second_factor_shown);
    return opened == NOT_FOUND ? refuse(rq) : opened;
}

enum status login_create_by_query(struct request *rq)
{
    const struct auth *auth = rq->app;
    if (!auth->settings->login_by_query) {
        rq->problem.allow = "POST, OPTIONS";
        return fail(&rq->problem, METHOD_NOT_ALLOWED, NULL, "Passwords must not be in a URL; POST them.");
    }
    return login_create(rq);
}
