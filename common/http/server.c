/* The edge is libmicrohttpd, on its epoll pool. ulfius stands on it, too, and serves the operations port, but its
 * dispatcher gathers bodies in memory and asks nobody before all of it is here (a raw body of 200 MB took 220 MB). Here
 * the head of a request is decided first: what is refused is thrown away as it arrives, a file goes to the disk, and
 * memory is given only to bodies within the route's limit.
 *
 * - Path and query are read from the URL as it was sent: libmicrohttpd decodes both.
 * - Headers that come twice are joined, so that nobody reads another one than we do.
 * - Who waits for "100 Continue" is answered at once when he is refused; others may send on, because a connection that
 *   is closed on somebody who sends loses the answer. Whoever never comes to an end is cut off. */
#include "common/http/server.h"

#include "common/base/address.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/text.h"
#include "common/http/dispatch.h"
#include "common/http/upload.h"
#include "common/http/waiting.h"

#include <errno.h>
#include <linux/filter.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    CONNECTIONS_MAX = 4096,
    IDLE_TIMEOUT_S = 75,
    DRAIN_LIMIT_MS = 30000,
    DRAIN_STEP_MS = 5,
    DRAIN_QUIET_MS = 100,
    QUEUE_EMPTY_MS = 10,
    CODES_MAX = 24,
    BODY_FIRST_ROOM = 4096,
    BODY_LIMIT_S = 600, /* for a body to arrive */
    THROWN_AWAY_MAX = 256 * 1024 * 1024
};

struct route_metrics {
    _Atomic uint64_t by_code[CODES_MAX];
    struct histogram duration;
};

struct server {
    struct server_config config;
    struct networks proxies;
    struct MHD_Daemon *daemon;
    int port, listening;
    _Atomic int in_flight;
    _Atomic bool draining;
    size_t route_count;
    struct route_metrics *metrics; /* one per route, and a last one for requests that fit none */
};

static const int codes[CODES_MAX] = {200, 201, 202, 204, 304, 400, 401, 403, 404, 405,
                                     406, 409, 412, 413, 415, 422, 428, 429, 500, 503};

/* A request from its first line until its reply has left or its connection has broken. */
struct arrival {
    struct server *server;
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

static bool good_request_id(const char *id)
{
    size_t size = id ? strspn(id, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_") : 0;
    return size > 0 && size <= 64 && id[size] == '\0';
}

static const char *address_text(struct arena *arena, const struct address *address)
{
    char out[ADDRESS_SIZE];
    address_print(address, out);
    return arena_text(arena, out);
}

/* The last address of X-Forwarded-For is the one that our proxy saw. NULL when that is none. */
static const char *last_address(struct arena *arena, const char *forwarded)
{
    struct address address;
    const char *comma = strrchr(forwarded, ',');
    const char *last = comma ? comma + 1 : forwarded;
    last += strspn(last, " \t");
    const char *text = arena_copy(arena, last, strcspn(last, " \t"));
    return address_read(text, &address) && last[strlen(text) + strspn(last + strlen(text), " \t")] == '\0'
               ? address_text(arena, &address)
               : NULL;
}

static void identify(struct arrival *a)
{
    struct request *rq = &a->rq;
    struct address peer;
    bool known =
        address_of(MHD_get_connection_info(a->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS)->client_addr, &peer);
    const char *id = header(a, "X-Request-Id"), *forwarded = header(a, "X-Forwarded-For");
    bool by_proxy = known && networks_have(&a->server->proxies, &peer);
    if (by_proxy && good_request_id(id)) {
        rq->request_id = id;
    } else {
        char *fresh = arena_alloc(rq->arena, 33);
        text_new_uuid(fresh);
        rq->request_id = fresh;
    }
    if (by_proxy && forwarded)
        rq->client_address = last_address(rq->arena, forwarded);
    if (!rq->client_address && known)
        rq->client_address = address_text(rq->arena, &peer);
}

/* Methods are letters; what is not, and comes back in answers and in the log, is "?". */
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
    rq->cookie = cookie(a, "mnemos_session");
    rq->refresh_cookie = cookie(a, "mnemos_refresh");
    rq->origin = header(a, "Origin");
    rq->host = header(a, "Host");
    rq->user_agent = header(a, "User-Agent");
    rq->preflight = header(a, "Access-Control-Request-Method") != NULL;
    identify(a);
}

static struct MHD_Response *response_of(struct request *rq)
{
    size_t size;
    if (rq->file_out > 0) {
        struct MHD_Response *file = MHD_create_response_from_fd(rq->file_out_size, rq->file_out);
        rq->file_out = 0; /* the response closes it */
        return file;
    }
    if (rq->content_type_out && !rq->exact)
        write_line_end(&rq->body_out); /* for those who read replies in a terminal */
    char *bytes = writer_steal(&rq->body_out, &size);
    return MHD_create_response_from_buffer(size, bytes, MHD_RESPMEM_MUST_FREE);
}

static enum MHD_Result send_reply(struct arrival *a)
{
    struct request *rq = &a->rq;
    struct MHD_Response *out = response_of(rq);
    if (!out)
        return MHD_NO;
    if (rq->content_type_out)
        MHD_add_response_header(out, "Content-Type", rq->content_type_out);
    MHD_add_response_header(out, "X-Request-Id", rq->request_id);
    MHD_add_response_header(out, "Cache-Control", "no-store");
    if (atomic_load_explicit(&a->server->draining, memory_order_relaxed))
        MHD_add_response_header(out, "Connection", "close");
    for (int i = 0; i < rq->header_count; i++)
        MHD_add_response_header(out, rq->headers[i].name, rq->headers[i].value);
    enum MHD_Result queued = MHD_queue_response(a->connection, (unsigned)rq->http_status, out);
    MHD_destroy_response(out);
    return queued;
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

static void count_request(struct server *s, const struct request *rq, int64_t duration_us)
{
    size_t index = rq->route ? (size_t)(rq->route - s->config.routes) : s->route_count;
    struct route_metrics *m = &s->metrics[index];
    int i = 0;
    while (i < CODES_MAX - 1 && codes[i] && codes[i] != rq->http_status)
        i++;
    atomic_fetch_add_explicit(&m->by_code[i], 1, memory_order_relaxed);
    histogram_add(&m->duration, duration_us);
}

static struct dispatch dispatch_to(const struct server *s)
{
    return (struct dispatch){s->config.routes, s->config.trust, s->config.cors_origins};
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

/* Nothing is kept meanwhile but the connection and the head of the request. When it goes on, on_access comes again. */
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

/* Once more from the beginning: a session may have ended meanwhile. What was waited is not what the service took. */
static void begin_again(struct arrival *a, const struct dispatch *to)
{
    a->waited = false;
    a->begin_us = clock_monotonic_us();
    problem_reset(&a->rq.problem, &a->arena);
    a->status = dispatch_head(&a->rq, to);
}

static void note_outcome(struct arrival *a)
{
    struct request *rq = &a->rq;
    if (a->status != OK)
        reply_problem(rq, a->status);
    int64_t duration_us = clock_monotonic_us() - a->begin_us;
    log_request(a, duration_us);
    count_request(a->server, rq, duration_us);
}

static enum MHD_Result finish(struct arrival *a)
{
    struct request *rq = &a->rq;
    struct dispatch to = dispatch_to(a->server);
    if (a->waited)
        begin_again(a, &to);
    if (a->status == OK && a->uploading)
        a->status = upload_end(a->uploading, &rq->input.form, &rq->upload, &rq->problem);
    if (a->status == OK)
        a->status = dispatch_body(rq, &to);
    db_done(&rq->db);
    if (a->status == OK && rq->place)
        return lie_still(a);
    note_outcome(a);
    enum MHD_Result sent = send_reply(a);
    release(a);
    return sent;
}

/* Everything that can be said before the body is here. */
static enum MHD_Result begin(struct arrival *a, struct MHD_Connection *connection, const char *method)
{
    struct request *rq = &a->rq;
    struct server *s = a->server;
    struct dispatch to = dispatch_to(s);
    a->begun = true;
    a->connection = connection;
    a->begin_us = clock_monotonic_us();
    rq->arena = &a->arena;
    rq->app = s->config.app;
    rq->room = s->config.room;
    problem_reset(&rq->problem, &a->arena);
    rq->db = (struct db){.pool = s->config.pool, .arena = &a->arena, .why = &rq->problem};
    read_head(a, method);
    a->status = dispatch_head(rq, &to);
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

/* Memory for a body is what was declared, or grows by doubling. What it leaves is wiped: there may be passwords in it.
 */
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

static enum MHD_Result on_access(void *cls, struct MHD_Connection *connection, const char *url, const char *method,
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

/* In flight is a request until its reply has left or its connection has broken. */
static void *request_begins(void *cls, const char *uri)
{
    struct server *s = cls;
    struct arrival *a = calloc(1, sizeof *a);
    if (!a || !(a->url = strdup(uri)))
        abort();
    a->server = s;
    atomic_fetch_add(&s->in_flight, 1);
    return a;
}

static void request_ends(void *cls, struct MHD_Connection *connection, void **con_cls,
                         enum MHD_RequestTerminationCode how)
{
    struct arrival *a = *con_cls;
    (void)connection, (void)how;
    if (!a)
        return;
    release(a);
    free(a->url);
    free(a);
    *con_cls = NULL;
    atomic_fetch_sub(&((struct server *)cls)->in_flight, 1);
}

int server_listen(const char *address, int port)
{
    struct address wanted;
    struct sockaddr_storage at;
    if (!address_read(address, &wanted)) {
        fprintf(stderr, "%s is not an address of IPv4 or IPv6\n", address);
        return -1;
    }
    socklen_t size = address_with_port(&wanted, port, &at);
    int on = 1, off = 0, fd = socket(at.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    /* Whatever the system's default is, :: is for clients of IPv4, too. */
    if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
        (at.ss_family == AF_INET || setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off) == 0) &&
        bind(fd, (struct sockaddr *)&at, size) == 0 && listen(fd, 1024) == 0)
        return fd;
    fprintf(stderr, "cannot listen on %s port %d: %s\n", address, port, strerror(errno));
    if (fd >= 0)
        close(fd);
    return -1;
}

int server_socket_port(int fd)
{
    struct sockaddr_storage at = {0};
    socklen_t size = sizeof at;
    return getsockname(fd, (struct sockaddr *)&at, &size) == 0 ? address_port(&at) : 0;
}

static bool start_daemon(struct server *s, int fd)
{
    struct MHD_OptionItem options[] = {
        {MHD_OPTION_NOTIFY_COMPLETED, (intptr_t)request_ends, s},
        {MHD_OPTION_URI_LOG_CALLBACK, (intptr_t)request_begins, s},
        {MHD_OPTION_LISTEN_SOCKET, fd, NULL},
        {MHD_OPTION_THREAD_POOL_SIZE, s->config.threads, NULL},
        {MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS_MAX, NULL},
        {MHD_OPTION_CONNECTION_TIMEOUT, IDLE_TIMEOUT_S, NULL},
        {MHD_OPTION_END, 0, NULL},
    };
    s->daemon = MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME, (uint16_t)s->port, NULL,
                                 NULL, on_access, s, MHD_OPTION_ARRAY, options, MHD_OPTION_END);
    return s->daemon != NULL;
}

struct server *server_start(const struct server_config *config)
{
    struct networks proxies;
    if (!networks_read(config->trusted_proxy ? config->trusted_proxy : "", &proxies)) {
        fprintf(stderr, "%s is not a list of networks\n", config->trusted_proxy);
        return NULL;
    }
    int fd = server_listen(config->address, config->port);
    if (fd < 0)
        return NULL;
    struct server *s = calloc(1, sizeof *s);
    if (!s)
        abort();
    s->config = *config;
    s->proxies = proxies;
    s->listening = fd;
    s->port = server_socket_port(fd);
    while (config->routes[s->route_count].method)
        s->route_count++;
    s->metrics = calloc(s->route_count + 1, sizeof *s->metrics);
    if (s->metrics && start_daemon(s, fd))
        return s;
    fprintf(stderr, "the HTTP server cannot be started\n");
    close(fd);
    free(s->metrics);
    free(s);
    return NULL;
}

int server_port(const struct server *s)
{
    return s->port;
}

void server_drain(struct server *s)
{
    atomic_store(&s->draining, true);
    if (s->config.room)
        waiting_room_empty(s->config.room);
}

/* Busy clients go by themselves, because the next answer asks them to. Otherwise a while without a request is waited
 * for: one may be on its way, or on a connection that a thread has just accepted and nobody counts yet. */
static void wait_for_clients(struct server *s)
{
    struct timespec pause = {.tv_nsec = DRAIN_STEP_MS * 1000L * 1000};
    int quiet_ms = 0;
    for (int waited = 0; waited < DRAIN_LIMIT_MS && quiet_ms < DRAIN_QUIET_MS; waited += DRAIN_STEP_MS) {
        nanosleep(&pause, NULL);
        quiet_ms = atomic_load(&s->in_flight) > 0 ? 0 : quiet_ms + DRAIN_STEP_MS;
    }
}

/* Closing a listening socket breaks the connections that wait to be accepted, although their clients believe themselves
 * served. So nobody begins one any more (the filter drops segments that open a connection, and no others; the client
 * tries again a second later, at a closed port), and those in the queue or on their way there are let in. */
static void empty_queue(const struct server *s)
{
    enum { FLAGS_AT = 13, SYN = 0x02, ACK = 0x10 };
    struct sock_filter openings[] = {
        BPF_STMT(BPF_LD | BPF_B | BPF_ABS, FLAGS_AT),   BPF_STMT(BPF_ALU | BPF_AND | BPF_K, SYN | ACK),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYN, 0, 1), BPF_STMT(BPF_RET | BPF_K, 0),
        BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
    };
    struct sock_fprog program = {COUNT(openings), openings};
    struct timespec pause = {.tv_nsec = 1000L * 1000};
    struct tcp_info queue;
    socklen_t size = sizeof queue;
    if (setsockopt(s->listening, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) != 0)
        return;
    /* Of a listening socket, tcpi_unacked is the length of its queue. */
    for (int waited = 0, empty = 0; waited < DRAIN_LIMIT_MS && empty < QUEUE_EMPTY_MS; waited++) {
        if (getsockopt(s->listening, IPPROTO_TCP, TCP_INFO, &queue, &size) != 0)
            return;
        empty = queue.tcpi_unacked == 0 ? empty + 1 : 0;
        nanosleep(&pause, NULL);
    }
}

void server_stop(struct server *s)
{
    if (!s)
        return;
    server_drain(s);
    empty_queue(s);
    /* Who connects from now on is refused at once. */
    int fd = MHD_quiesce_daemon(s->daemon);
    if (fd >= 0)
        shutdown(fd, SHUT_RDWR);
    wait_for_clients(s);
    MHD_stop_daemon(s->daemon);
    if (fd >= 0)
        close(fd);
    free(s->metrics);
    free(s);
}

void server_metrics(struct server *s, struct writer *to)
{
    char labels[300];
    metric_head(to, "mnemos_http_requests_total", "counter", "Requests answered.");
    for (size_t i = 0; i <= s->route_count; i++) {
        const struct route *r = &s->config.routes[i]; /* the last row has no method */
        for (int c = 0; c < CODES_MAX; c++) {
            uint64_t n = atomic_load_explicit(&s->metrics[i].by_code[c], memory_order_relaxed);
            if (n == 0)
                continue;
            snprintf(labels, sizeof labels, "method=\"%s\",route=\"%s\",status=\"%d\"", r->method ? r->method : "",
                     r->path ? r->path : "", codes[c]);
            metric_sample(to, "mnemos_http_requests_total", labels, (double)n);
        }
    }
    metric_head(to, "mnemos_http_request_duration_seconds", "histogram", "From the request being read to the reply.");
    for (size_t i = 0; i < s->route_count; i++) {
        const struct route *r = &s->config.routes[i];
        snprintf(labels, sizeof labels, "method=\"%s\",route=\"%s\"", r->method, r->path);
        histogram_print(&s->metrics[i].duration, "mnemos_http_request_duration_seconds", labels, to);
    }
    metric_head(to, "mnemos_http_requests_in_flight", "gauge", "Requests being answered now.");
    metric_sample(to, "mnemos_http_requests_in_flight", "", atomic_load(&s->in_flight));
    if (!s->config.room)
        return;
    metric_head(to, "mnemos_http_requests_waiting", "gauge", "Requests that wait for something to happen.");
    metric_sample(to, "mnemos_http_requests_waiting", "", waiting_room_count(s->config.room));
}
