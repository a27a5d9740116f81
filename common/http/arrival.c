#include "common/http/arrival_private.h"

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/http/departure_private.h"
#include "common/http/proxy_private.h"
#include "common/http/upload.h"
#include "common/http/waiting.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum {
    BODY_FIRST_ROOM = 4096,
    BODY_LIMIT_S = 600, /* for a body to arrive */
    THROWN_AWAY_MAX = 256 * 1024 * 1024
};

/* A request from its first line until its reply has left or its connection has broken. */
struct arrival {
    struct arrivals *among;
    struct MHD_Connection *connection;
    char *url;
    int64_t begin_us;
    struct arena arena;
    struct request rq;
    enum status status; /* how it has gone so far */
    bool begun, released;
    bool waited; /* has been lying still, and goes on */
    char *body;
    size_t body_room;
    struct uploading *uploading;
    size_t thrown_away; /* bytes of a body that nobody reads */
};

struct search {
    struct arena *arena;
    const char *name, *value;
    int (*compare)(const char *, const char *);
};

static enum MHD_Result join_value(void *cls, enum MHD_ValueKind kind, const char *key, const char *value)
{
    struct search *s = cls;
    (void)kind;
    if (s->compare(key, s->name) == 0)
        s->value = s->value ? arena_printf(s->arena, "%s,%s", s->value, value ? value : "") : value ? value : "";
    return MHD_YES;
}

static const char *header(struct arrival *a, const char *name)
{
    struct search s = {.arena = &a->arena, .name = name, .compare = strcasecmp};
    MHD_get_connection_values(a->connection, MHD_HEADER_KIND, join_value, &s);
    return s.value;
}

static const char *cookie(struct arrival *a, const char *name)
{
    struct search s = {.arena = &a->arena, .name = name, .compare = strcmp};
    MHD_get_connection_values(a->connection, MHD_COOKIE_KIND, join_value, &s);
    return s.value;
}

/* Methods are letters; any other character is "?" in answers and in the log. */
static const char *method_of(struct arena *arena, const char *method)
{
    size_t size = strspn(method, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
    return size > 0 && size <= 16 && method[size] == '\0' ? arena_text(arena, method) : "?";
}

static size_t declared_size(struct arrival *a)
{
    const char *length = header(a, "Content-Length");
    return length ? strtoull(length, NULL, 10) : 0;
}

static const struct sockaddr *peer_of(struct arrival *a)
{
    return MHD_get_connection_info(a->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS)->client_addr;
}

static void read_head(struct arrival *a, const char *method)
{
    struct request *rq = &a->rq;
    size_t path_size = strcspn(a->url, "?#");
    rq->method = method_of(rq->arena, method);
    rq->path = arena_copy(rq->arena, a->url, path_size);
    rq->query = a->url[path_size] == '?' ? a->url + path_size + 1 : "";
    rq->body_size = declared_size(a);
    rq->content_type = header(a, "Content-Type");
    rq->if_match = header(a, "If-Match");
    rq->if_none_match = header(a, "If-None-Match");
    rq->accept = header(a, "Accept");
    rq->idempotency_key = header(a, "Idempotency-Key");
    rq->authorization = header(a, "Authorization");
    rq->cookie = cookie(a, SESSION_COOKIE);
    rq->refresh_cookie = cookie(a, REFRESH_COOKIE);
    rq->origin = header(a, "Origin");
    rq->host = header(a, "Host");
    rq->user_agent = header(a, "User-Agent");
    rq->preflight = header(a, "Access-Control-Request-Method") != NULL;
    proxy_identify(rq, &a->among->proxies, peer_of(a), header(a, "X-Request-Id"), header(a, "X-Forwarded-For"));
}

/* traceparent (W3C Trace Context): 00-<32 hexadecimal digits>-..., or nothing. */
static void log_trace(struct writer *w, struct arrival *a)
{
    const char *parent = header(a, "traceparent");
    if (!parent || strlen(parent) != 55 || strspn(parent, "0123456789abcdef-") != 55)
        return;
    char trace[33] = "";
    memcpy(trace, parent + 3, 32);
    write_key(w, "trace_id");
    write_text(w, trace);
}

static void log_request(struct arrival *a, int64_t duration_us)
{
    const struct request *rq = &a->rq;
    enum log_level level = rq->http_status == 500 ? LOG_ERROR : rq->http_status == 503 ? LOG_WARNING : LOG_INFO;
    struct writer *w = log_begin(level, "request");
    if (!w)
        return;
    write_key(w, "request_id");
    write_text(w, rq->request_id);
    log_trace(w, a);
    write_key(w, "method");
    write_text(w, rq->method);
    write_key(w, "route");
    write_text(w, rq->route ? rq->route->path : NULL);
    write_key(w, "status");
    write_integer(w, rq->http_status);
    write_key(w, "duration_us");
    write_integer(w, duration_us);
    write_key(w, "bytes");
    write_integer(w, (int64_t)(rq->file_out > 0 ? rq->file_out_size : rq->body_out.used));
    if (rq->who.account_id[0]) {
        write_key(w, "account");
        write_text(w, rq->who.account_id);
    }
    log_end(w);
}

static void release(struct arrival *a)
{
    if (a->released)
        return;
    a->released = true;
    request_wait_no_more(&a->rq);
    upload_drop(a->uploading);
    if (a->rq.file_out > 0)
        close(a->rq.file_out);
    json_decref(a->rq.input.json);
    writer_release(&a->rq.body_out);
    if (a->body)
        sodium_memzero(a->body, a->body_room);
    free(a->body);
    arena_release(&a->arena);
}

static void resume(void *connection)
{
    MHD_resume_connection(connection);
}

/* Keeps the connection and the head of the request, and nothing else. When it goes on, arrival_access comes again. */
static enum MHD_Result lie_still(struct arrival *a)
{
    struct request *rq = &a->rq;
    struct MHD_Connection *connection = a->connection;
    struct waiting_room *room = rq->room;
    struct waiting_place *place = rq->place;
    writer_release(&rq->body_out);
    rq->place = NULL;
    rq->header_count = 0;
    rq->content_type_out = NULL;
    a->waited = true;
    MHD_suspend_connection(connection);
    waiting_sit(room, place, resume, connection);
    return MHD_YES;
}

/* Once more from the beginning: a session may have ended meanwhile. Time spent waiting is not service time. */
static void begin_again(struct arrival *a)
{
    a->waited = false;
    a->begin_us = clock_monotonic_us();
    problem_reset(&a->rq.problem, &a->arena);
    a->status = dispatch_head(&a->rq, &a->among->to);
}

static void note_outcome(struct arrival *a)
{
    struct request *rq = &a->rq;
    if (a->status != OK)
        reply_problem(rq, a->status);
    int64_t duration_us = clock_monotonic_us() - a->begin_us;
    log_request(a, duration_us);
    traffic_count(&a->among->traffic, rq, duration_us);
}

static enum MHD_Result finish(struct arrival *a)
{
    struct request *rq = &a->rq;
    if (a->waited)
        begin_again(a);
    if (a->status == OK && a->uploading)
        a->status = upload_end(a->uploading, &rq->input.form, &rq->upload, &rq->problem);
    if (a->status == OK)
        a->status = dispatch_body(rq, &a->among->to);
    db_done(&rq->db);
    if (a->status == OK && rq->place)
        return lie_still(a);
    note_outcome(a);
    enum MHD_Result sent =
        departure_send(rq, a->connection, atomic_load_explicit(&a->among->draining, memory_order_relaxed));
    release(a);
    return sent;
}

/* Everything that can be said before the body is here. */
static enum MHD_Result begin(struct arrival *a, struct MHD_Connection *connection, const char *method)
{
    struct request *rq = &a->rq;
    struct arrivals *all = a->among;
    a->begun = true;
    a->connection = connection;
    a->begin_us = clock_monotonic_us();
    rq->arena = &a->arena;
    rq->app = all->app;
    rq->room = all->room;
    problem_reset(&rq->problem, &a->arena);
    rq->db = (struct db){.pool = all->pool, .arena = &a->arena, .why = &rq->problem};
    read_head(a, method);
    a->status = dispatch_head(rq, &a->among->to);
    db_done(&rq->db); /* nobody keeps a connection while he waits for a body */
    if (a->status == OK && rq->route && rq->route->upload)
        a->status = upload_begin(rq->route->upload, rq->content_type ? rq->content_type : "", rq->body_size, rq->arena,
                                 &rq->problem, &a->uploading);
    size_t declared = rq->body_size;
    rq->body_size = 0;
    if (a->status == OK && rq->route && !rq->route->upload && declared > 0)
        a->body_room = declared;
    return a->status != OK && header(a, "Expect") ? finish(a) : MHD_YES;
}

/* Memory for a body has the declared size, or grows by doubling. Old memory is wiped: it may hold passwords. */
static void grow_body(struct arrival *a, size_t need)
{
    size_t room = a->body_room ? a->body_room : BODY_FIRST_ROOM;
    while (room < need)
        room *= 2;
    if (a->body && room == a->body_room)
        return;
    char *grown = malloc(room);
    if (!grown)
        abort();
    if (a->body) {
        memcpy(grown, a->body, a->body_room);
        sodium_memzero(a->body, a->body_room);
        free(a->body);
    }
    a->body = grown;
    a->body_room = room;
}

static enum status keep_body(struct arrival *a, const char *bytes, size_t size)
{
    struct request *rq = &a->rq;
    size_t used = rq->body_size;
    rq->body_size += size;
    TRY(dispatch_body_size(rq));
    grow_body(a, used + size);
    memcpy(a->body + used, bytes, size);
    rq->body = a->body;
    return OK;
}

/* Once it is refused, the room of a file is for others. */
static void take_body(struct arrival *a, const char *bytes, size_t size)
{
    if (a->status != OK || !a->rq.route) {
        a->thrown_away += size;
        return;
    }
    a->status = a->uploading ? upload_take(a->uploading, bytes, size, &a->rq.problem) : keep_body(a, bytes, size);
    if (a->status == OK)
        return;
    upload_drop(a->uploading);
    a->uploading = NULL;
}

static bool has_patience(const struct arrival *a)
{
    return a->thrown_away <= THROWN_AWAY_MAX && clock_monotonic_us() - a->begin_us <= BODY_LIMIT_S * INT64_C(1000000);
}

/* In the midst of a body nothing can be answered; the log has what would have been. */
static enum MHD_Result cut_off(struct arrival *a)
{
    if (a->status == OK)
        a->status = fail(&a->rq.problem, MALFORMED, NULL, "The body took too long to arrive.");
    if (!a->released)
        note_outcome(a);
    release(a);
    return MHD_NO;
}

enum MHD_Result arrival_access(void *cls, struct MHD_Connection *connection, const char *url, const char *method,
                               const char *version, const char *bytes, size_t *size, void **con_cls)
{
    struct arrival *a = *con_cls;
    (void)cls, (void)url, (void)version;
    if (!a->begun)
        return begin(a, connection, method);
    if (*size == 0)
        return a->released ? MHD_YES : finish(a);
    take_body(a, bytes, *size);
    *size = 0;
    return has_patience(a) ? MHD_YES : cut_off(a);
}

void *arrival_new(void *cls, const char *uri)
{
    struct arrivals *all = cls;
    struct arrival *a = calloc(1, sizeof *a);
    if (!a || !(a->url = strdup(uri)))
        abort();
    a->among = all;
    atomic_fetch_add(&all->in_flight, 1);
    return a;
}

void arrival_drop(void *cls, struct MHD_Connection *connection, void **con_cls, enum MHD_RequestTerminationCode how)
{
    struct arrival *a = *con_cls;
    (void)connection, (void)how;
    if (!a)
        return;
    release(a);
    free(a->url);
    free(a);
    *con_cls = NULL;
    atomic_fetch_sub(&((struct arrivals *)cls)->in_flight, 1);
}
