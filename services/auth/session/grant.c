#include "services/auth/session/grant.h"

#include "common/base/clock.h"
#include "common/base/text.h"
#include "services/auth/session/login.h"
#include "services/auth/session/throttle.h"

#include <sodium.h>
#include <string.h>
#include <strings.h>

enum { BASIC_MAX = 300 };

static const char *const grant_types[] = {"client_credentials", NULL};

SCHEMA(grant_schema, "TokenRequest", struct grant, FIELD_ENUM(struct grant, grant_type, grant_types, .rules = REQUIRED),
       FIELD_TEXT(struct grant, client_id, .min = 1, .max = 80, .summary = "In the body or by HTTP Basic"),
       FIELD_TEXT(struct grant, client_secret, .rules = WRITE_ONLY, .min = 1, .max = 200,
                  .summary = "In the body or by HTTP Basic"),
       FIELD_TEXT(struct grant, scope, .min = 1, .max = SCOPES_SIZE - 1,
                  .summary = "A subset of the client's scopes, separated by spaces"));

static enum status refuse(struct request *rq)
{
    return fail(&rq->problem, UNAUTHENTICATED, NULL, "The client or its secret is wrong.");
}

/* Ours need no percent-encoding inside of Basic, which RFC 6749 asks for: they are hexadecimal and base64url. */
static enum status take_basic(struct request *rq, struct grant *out)
{
    const char *given = rq->authorization + strlen("Basic ");
    size_t size = strlen(given), decoded;
    char *text = arena_alloc(rq->arena, size + 1);
    if (sodium_base642bin((unsigned char *)text, size, given, size, " ", &decoded, NULL,
                          sodium_base64_VARIANT_ORIGINAL) != 0)
        return refuse(rq);
    text[decoded] = '\0';
    char *colon = strchr(text, ':');
    long length = text_length(text, decoded);
    if (!colon || length < 0 || length > BASIC_MAX || text_has_control(text, decoded))
        return refuse(rq);
    *colon = '\0';
    out->client_id = text;
    out->client_secret = colon + 1;
    return OK;
}

static enum status take_credentials(struct request *rq, struct grant *out)
{
    bool by_header = rq->authorization && strncasecmp(rq->authorization, "Basic ", 6) == 0;
    TRY(request_input(rq, out));
    if (by_header && (out->client_id || out->client_secret))
        return fail(&rq->problem, INVALID, out->client_id ? "client_id" : "client_secret",
                    "is given by HTTP Basic, too; once is enough");
    if (by_header)
        return take_basic(rq, out);
    if (!out->client_id)
        fail(&rq->problem, INVALID, "client_id", "must be given, here or by HTTP Basic");
    if (!out->client_secret)
        fail(&rq->problem, INVALID, "client_secret", "must be given, here or by HTTP Basic");
    return problem_status(&rq->problem);
}

/* A client that is not there, or not active, costs the same steps as a wrong secret: a look for nobody's id, a hash and
 * a comparison with one that no text has. */
static enum status check_secret(struct request *rq, const struct grant *given, struct account *out)
{
    static const char nobody[] = "00000000000000000000000000000000";
    static const char impossible[] = "----------------------------------------------------------------";
    struct grant_client c = {0};
    struct throttle throttle;
    char id[33], hash[RANDOM_SECRET_HASH_SIZE];
    bool is_id = text_uuid(given->client_id, id);
    TRY(throttle_enter(rq, is_id ? id : given->client_id, &throttle));
    enum status found = grant_find_client(&rq->db, is_id ? id : nobody, &c);
    TRY(if_any(found));
    const char *expected = found == OK && !c.account.disabled.value ? c.secret_hash : impossible;
    random_secret_hash(given->client_secret, hash);
    bool matches = sodium_memcmp(hash, expected, sizeof hash) == 0;
    TRY(throttle_settle(rq, &throttle, matches));
    if (!matches)
        return refuse(rq);
    *out = c.account;
    return OK;
}

static enum status narrow(struct request *rq, const char *wanted, struct account *account)
{
    char text[SCOPES_SIZE];
    if (!wanted)
        return OK;
    unsigned scopes = scopes_parse(wanted);
    if (!scopes_known(wanted) || (scopes & ~scopes_parse(account->scope)))
        return fail(&rq->problem, INVALID, "scope", "is more than this client may: %s", account->scope);
    scopes_print(scopes, text);
    account->scope = arena_text(rq->arena, text);
    return OK;
}

/* The session lives as long as its only token, and is there to be ended before. */
static enum status open_session(struct request *rq, struct account *account)
{
    const struct auth *auth = rq->app;
    struct new_session s = {.ends = clock_now() + auth->settings->access_token_seconds, .from = session_use_of(rq)};
    text_new_uuid(s.id);
    enum status stored = grant_insert_session(&rq->db, &s, account);
    if (stored == NOT_FOUND) /* removed, deactivated or changed meanwhile */
        return refuse(rq);
    TRY(stored);
    return login_issue(rq, account, s.id, s.ends, NULL);
}

enum status grant_token(struct request *rq)
{
    struct grant given = {0};
    struct account account;
    TRY(take_credentials(rq, &given));
    TRY(check_secret(rq, &given, &account));
    TRY(narrow(rq, given.scope, &account));
    return open_session(rq, &account);
}
