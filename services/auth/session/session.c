#include "services/auth/session/session.h"

#include "common/base/clock.h"
#include "common/base/text.h"
#include "services/auth/account/installation.h"
#include "services/auth/session/proof.h"
#include "services/auth/session/second_factor.h"
#include "services/auth/session/signer.h"

#include <stdlib.h>
#include <string.h>

SCHEMA(credentials_schema, "Credentials", struct credentials,
       FIELD_TEXT(struct credentials, name, .rules = REQUIRED, .min = 1, .max = 80, .example = "Dr. Ada Neuro",
                  .summary = "Upper and lower case are the same"),
       FIELD_TEXT(struct credentials, password, .rules = REQUIRED | WRITE_ONLY | ANY_TEXT, .min = 1,
                  .max = PASSWORD_MAX),
       FIELD_CODE(struct credentials, code, 0,
                  "Required if there is a second factor: a code of the app or a recovery code"));

SCHEMA(account_schema, "Account", struct account, FIELD_UUID(struct account, id), FIELD_TEXT(struct account, name),
       FIELD_ENUM(struct account, role, role_names), FIELD_ENUM(struct account, specialty, specialty_names),
       FIELD_TEXT(struct account, scope, .rules = OMIT_NULL, .summary = "Scopes of a client, separated by spaces"),
       FIELD_TEXT(struct account, password_hash, .rules = HIDDEN),
       FIELD_BOOLEAN(struct account, disabled, .rules = HIDDEN),
       FIELD_INTEGER(struct account, version, .rules = HIDDEN));

SCHEMA(client_token_schema, "ClientToken", struct login,
       FIELD_TEXT(struct login, access_token, .summary = "Send it as `Authorization: Bearer ...`"),
       FIELD_TEXT(struct login, token_type, .example = "Bearer"),
       FIELD_INTEGER(struct login, expires_in, .summary = "Lifetime in seconds"),
       FIELD_TEXT(struct login, scope, .summary = "Scopes of the token, separated by spaces"));

SCHEMA(
    login_schema, "Login", struct login,
    FIELD_TEXT(struct login, access_token, .summary = "Send it as `Authorization: Bearer ...`"),
    FIELD_TEXT(struct login, token_type, .example = "Bearer"),
    FIELD_INTEGER(struct login, expires_in, .summary = "Lifetime in seconds"),
    FIELD_TEXT(struct login, refresh_token, .summary = "Good for one `POST /api/v1/auth/refresh`"),
    FIELD_INTEGER(struct login, refresh_expires_in, .summary = "Seconds until the session ends, refreshed or not"),
    FIELD_BOOLEAN(
        struct login, enrolment_required, .rules = OMIT_NULL,
        .summary =
            "The role needs a second factor that is not set up: this token allows only its set-up, the token of a refresh after that everything"),
    FIELD_RECORD(struct login, account, account_schema, struct account));

/* Who changed it or logged in at the same moment has made it a new one. */
static enum status renew_hash(struct request *rq, const struct account *account, const char *renewed)
{
    enum status status = account_renew_hash(&rq->db, account, renewed);
    return status == NOT_FOUND ? OK : status;
}

static enum status refuse(struct request *rq)
{
    return fail(&rq->problem, UNAUTHENTICATED, NULL, "The name or the password is wrong.");
}

/* The name decides nothing that can be seen: without an account, and for a disabled one, a hash of nobody's password is
 * checked. */
static enum status check_credentials(struct request *rq, const struct credentials *given, struct account *out,
                                     bool *out_second_factor)
{
    struct account account = {0};
    enum proof proof;
    char renewed[PASSWORD_HASH_SIZE];
    enum status found = account_find_by_name(&rq->db, given->name, &account);
    if (found != OK && found != NOT_FOUND)
        return found;
    struct claim claim = {.name = given->name,
                          .account = found == OK && !account.disabled.value ? &account : NULL,
                          .password = given->password,
                          .code = given->code};
    TRY(proof_check(rq, &claim, PASSWORD_AND_CODE, &proof, renewed));
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

#define REFRESH_PATH "/api/v1/auth/refresh"

static void set_cookie(struct request *rq, const char *name, const char *value, const char *path, long seconds)
{
    const struct auth *auth = rq->app;
    reply_header(rq, "Set-Cookie", "%s=%s; Path=%s; Max-Age=%ld; HttpOnly; SameSite=Strict%s", name, value, path,
                 seconds, auth->settings->cookie_secure ? "; Secure" : "");
}

/* For pages of ours and for programs, which say no origin: no other page can change who a browser is logged in as. */
static void set_cookies(struct request *rq, const struct login *login)
{
    if (rq->origin && !rq->own_page)
        return;
    set_cookie(rq, "mnemos_session", login->access_token, "/", (long)login->expires_in.value);
    set_cookie(rq, "mnemos_refresh", login->refresh_token, REFRESH_PATH, (long)login->refresh_expires_in.value);
}

void session_clear_cookies(struct request *rq)
{
    set_cookies(rq, &(struct login){.access_token = "", .refresh_token = ""});
}

static void text_drop(char **text)
{
    free(*text);
}

enum status session_issue(struct request *rq, struct account *account, const char *session_id, time_t ends,
                          const struct refresh_token *refresh)
{
    struct auth *auth = rq->app;
    time_t now = clock_now(), expires = now + auth->settings->access_token_seconds;
    AUTO(text_drop) char *token = NULL;
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
    struct login login = {.access_token = arena_text(rq->arena, token),
                          .token_type = "Bearer",
                          .expires_in = {true, who.expires - now},
                          .scope = account->scope,
                          .enrolment_required = {enrolling, enrolling},
                          .account = account};
    if (refresh) {
        login.refresh_token = arena_text(rq->arena, refresh->text);
        login.refresh_expires_in = (struct maybe_integer){true, ends - now};
        set_cookies(rq, &login);
    }
    return reply_record(rq, &login);
}

enum status session_open(struct request *rq, struct account *account, bool second_factor_shown)
{
    const struct auth *auth = rq->app;
    struct new_session s = {.ends = clock_now() + auth->settings->session_seconds, .from = session_use_of(rq)};
    text_new_uuid(s.id);
    refresh_token_new(&s.refresh);
    enum status stored = session_insert(&rq->db, &s, account, second_factor_shown);
    TRY(stored);
    return session_issue(rq, account, s.id, s.ends, &s.refresh);
}

enum status session_login(struct request *rq)
{
    struct credentials given = {0};
    struct account account = {0};
    bool second_factor_shown = false;
    TRY(request_input(rq, &given));
    TRY(check_credentials(rq, &given, &account, &second_factor_shown));
    enum status opened = session_open(rq, &account, second_factor_shown);
    return opened == NOT_FOUND ? refuse(rq) : opened;
}

enum status session_login_by_query(struct request *rq)
{
    const struct auth *auth = rq->app;
    if (!auth->settings->login_by_query) {
        rq->problem.allow = "POST, OPTIONS";
        return fail(&rq->problem, METHOD_NOT_ALLOWED, NULL, "Passwords do not belong into a URL; POST them.");
    }
    return session_login(rq);
}

enum status session_logout(struct request *rq)
{
    enum status ended = session_end(&rq->db, rq->who.session_id, rq->who.account_id);
    if (ended != NOT_FOUND) /* ended already is ended */
        TRY(ended);
    session_clear_cookies(rq);
    return reply_empty(rq);
}

enum status session_me(struct request *rq)
{
    struct account account = {0};
    enum status found = account_find(&rq->db, rq->who.account_id, &account);
    if (found == NOT_FOUND)
        return request_absent(rq, "account");
    TRY(found);
    if (rq->who.role == CLIENT) {
        char scope[SCOPES_SIZE];
        scopes_print(rq->who.scopes, scope);
        account.scope = arena_text(rq->arena, scope);
    }
    return reply_record(rq, &account);
}
