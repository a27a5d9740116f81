#include "common/http/dispatch.h"

#include "common/audit/access_log.h"
#include "common/base/text.h"
#include "common/base/words.h"
#include "common/http/idempotency.h"

#include <string.h>
#include <strings.h>

static bool unsafe(const char *method)
{
    return strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0 && strcmp(method, "OPTIONS") != 0;
}

/* A browser sends the cookie along with whatever any page makes it send, but it tells which page it was. */
static bool from_own_page(const struct request *rq, const struct dispatch *d)
{
    const char *origin_host = rq->origin ? strstr(rq->origin, "://") : NULL;
    if (rq->origin && words_have(d->cors_origins, rq->origin))
        return true;
    return origin_host && rq->host && strcmp(origin_host + 3, rq->host) == 0;
}

static enum status check_origin(struct request *rq)
{
    if (!unsafe(rq->method) || rq->own_page)
        return OK;
    return fail(&rq->problem, FORBIDDEN, NULL, "With a cookie, only pages of this site may make changes.");
}

/* Finding. NULL: none was sent. Whatever else an Authorization header holds is a token that nobody believes. */
static const char *find_token(struct request *rq)
{
    if (rq->route->rules & TAKES_BASIC)
        return NULL; /* the caller is about to say who it is */
    if (rq->authorization)
        return strncasecmp(rq->authorization, "Bearer ", 7) == 0 ? rq->authorization + 7 : "";
    rq->by_cookie = rq->cookie != NULL;
    return rq->cookie;
}

/* Judging. Before the keys of a service that has just started are there, nothing is said about the token. */
static enum status judge_token(struct request *rq, const struct dispatch *d, bool believed)
{
    if (believed)
        return rq->by_cookie ? check_origin(rq) : OK;
    if (!trust_ready(d->trust))
        return fail(&rq->problem, UNAVAILABLE, NULL, "The service is starting.");
    return fail(&rq->problem, UNAUTHENTICATED, NULL, "The access token is invalid or has expired; log in again.");
}

/* Forgiving, where anybody may come. An old cookie is no reason to refuse, but a bad token that was sent on purpose is.
 * An account that is enrolling counts as nobody: the cookie of an enrolment given up harms no login. */
static bool forgive_token(const struct request *rq, bool believed)
{
    if (!(rq->route->access.roles & ANONYMOUS))
        return false;
    return believed ? rq->who.role == ENROLLING : rq->by_cookie;
}

static enum status authenticate(struct request *rq, const struct dispatch *d)
{
    const char *token = find_token(rq);
    bool believed = token && trust_verify(d->trust, token, &rq->who);
    bool ignored = !token || forgive_token(rq, believed);
    if (!believed || ignored)
        rq->who = (struct principal){.role = ANONYMOUS};
    return ignored ? OK : judge_token(rq, d, believed);
}

/* A client may see what its scopes say, so they are named behind its role (shared.acting_scope). */
static const char *acting_role(struct request *rq)
{
    char scopes[SCOPES_SIZE];
    if (rq->who.role != CLIENT)
        return role_name(rq->who.role);
    scopes_print(rq->who.scopes, scopes);
    return arena_printf(rq->arena, "%s %s", role_name(CLIENT), scopes);
}

/* From here on PostgreSQL knows the caller, where the row is about somebody. */
static void introduce(struct request *rq)
{
    const char *address = rq->client_address ? rq->client_address : "";
    if (rq->route->subject == NOBODY)
        return;
    rq->actor = (struct db_actor){
        .role = acting_role(rq),
        .account_id = rq->who.account_id,
        .request = arena_printf(rq->arena, "%s %s %s", rq->route->action, rq->request_id, address),
        .reads = !unsafe(rq->method),
    };
    rq->db.actor = &rq->actor;
}

enum status dispatch_body_size(struct request *rq)
{
    size_t max = route_body_max(rq->route);
    if (!rq->route->upload && rq->body_size > max)
        return fail(&rq->problem, TOO_LARGE, NULL, "The body may have %zu bytes.", max);
    return OK;
}

/* The first wall. Tests build the suite without it once, to see the second one stand alone. */
static bool may_call(const struct request *rq)
{
#ifdef MNEMOS_WITHOUT_FIRST_WALL
    return rq->who.role != ANONYMOUS || (rq->route->access.roles & ANONYMOUS);
#else
    return access_allows(rq->route->access, &rq->who);
#endif
}

/* The first variable of a row about one person is an id, or a historic path's name. */
static const char *person_asked_for(struct request *rq)
{
    char id[33];
    const struct form *path = &rq->input.path;
    if (rq->route->subject != ONE_PERSON || path->count == 0 || !text_uuid(path->pairs[0].value, id))
        return NULL;
    return arena_text(rq->arena, id);
}

static enum status check_access(struct request *rq)
{
    if (may_call(rq))
        return OK;
    if (rq->route->subject != NOBODY && rq->route->subject != THINGS && rq->who.role != ANONYMOUS)
        TRY(access_log_refusal(&rq->db, person_asked_for(rq)));
    return request_refuse(rq, rq->who.role == ANONYMOUS   ? "Log in and send the access token."
                              : rq->who.role == ENROLLING ? "Your role needs a second factor; set one up first."
                                                          : "Your role does not allow this.");
}

/* Input that handlers need not read: a row without input takes no query either (request_input refuses it), and a list
 * may take only its page. */
static enum status read_for_handler(struct request *rq)
{
    struct page_query page = {0};
    if (!rq->route->input)
        return request_input(rq, NULL);
    return rq->route->input == &page_schema ? request_input(rq, &page) : OK;
}

/* A handler that says NOT_FOUND and no more looked for the noun of its row. */
static enum status call_handler(struct request *rq)
{
    TRY(read_for_handler(rq));
    enum status status = rq->route->handler(rq);
    bool worded = problem_status(&rq->problem) != OK;
    return status == NOT_FOUND && !worded ? request_absent(rq, route_noun(rq->route, rq->arena)) : status;
}

static enum status answer_options(struct request *rq, const struct dispatch *d)
{
    const char *allowed = route_allowed(d->routes, rq->path, rq->arena);
    if (!allowed)
        return request_absent(rq, "path");
    reply_header(rq, "Allow", "%s", allowed);
    if (rq->preflight) {
        reply_header(rq, "Access-Control-Allow-Methods", "%s", allowed);
        reply_header(rq, "Access-Control-Allow-Headers",
                     "authorization, content-type, idempotency-key, if-match, if-none-match");
        reply_header(rq, "Access-Control-Max-Age", "600");
    }
    return reply_empty(rq);
}

static void allow_origin(struct request *rq, const struct dispatch *d)
{
    if (*d->cors_origins) /* also for answers that may be kept: they differ by who asked */
        reply_header(rq, "Vary", "Origin");
    if (rq->origin && words_have(d->cors_origins, rq->origin)) {
        reply_header(rq, "Access-Control-Allow-Origin", "%s", rq->origin);
        reply_header(rq, "Access-Control-Allow-Credentials", "true");
        reply_header(rq, "Access-Control-Expose-Headers",
                     "ETag, Idempotency-Replayed, Location, Retry-After, X-Request-Id");
    }
}

enum status dispatch_head(struct request *rq, const struct dispatch *d)
{
    allow_origin(rq, d);
    rq->own_page = from_own_page(rq, d);
    if (strcmp(rq->method, "OPTIONS") == 0)
        return OK;
    TRY(route_find(d->routes, rq->method, rq->path, rq->arena, &rq->input.path, &rq->route, &rq->problem));
    TRY(dispatch_body_size(rq));
    TRY(authenticate(rq, d));
    introduce(rq);
    TRY(check_access(rq));
    return reply_negotiate(rq);
}

enum status dispatch_body(struct request *rq, const struct dispatch *d)
{
    if (!rq->route)
        return answer_options(rq, d);
    if (rq->idempotency_key && route_repeats(rq->route))
        return idempotency_run(rq, call_handler);
    return call_handler(rq);
}
