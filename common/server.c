/* What ulfius does and what it does not (2.7.13):
 * - Its default is a thread per connection; we start it on libmicrohttpd's epoll pool.
 * - A body over max_post_body_size is cut and the callback runs all the same, so the limit is one byte more than we
 *   allow and a longer body is refused here.
 * - Path and query share one map and repeated keys are joined, so both are read from the URL as it was sent.
 * - Wrong methods are 404 and built-in errors are text, so everything goes through one default endpoint and our table.
 * - client_address holds 16 bytes, enough for IPv4 only; behind the gateway the address comes from its header. */
#include "common/server.h"

#include "common/clock.h"
#include "common/dispatch.h"
#include "common/log.h"
#include "common/text.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <ulfius.h>
#include <unistd.h>

enum {
    CONNECTIONS_MAX = 4096,
    IDLE_TIMEOUT_S = 75,
    DRAIN_LIMIT_MS = 30000,
    DRAIN_STEP_MS = 5,
    DRAIN_QUIET_MS = 100,
    CODES_MAX = 24
};

struct route_metrics {
    _Atomic uint64_t by_code[CODES_MAX];
    struct histogram duration;
};

struct server {
    struct server_config config;
    struct _u_instance instance;
    int port, listening;
    _Atomic int in_flight;
    _Atomic bool draining;
    size_t route_count, body_max;
    struct route_metrics *metrics; /* one per route, and a last one for requests that fit none */
};

static const int codes[CODES_MAX] = {200, 201, 202, 204, 304, 400, 401, 403, 404, 405,
                                     409, 412, 413, 415, 422, 428, 429, 500, 503};

static const char *header(const struct _u_request *in, const char *name)
{
    return u_map_get_case(in->map_header, name);
}

static bool network_has(const char *network, size_t size, struct in_addr address)
{
    char text[32];
    if (size >= sizeof text)
        return false;
    memcpy(text, network, size);
    text[size] = '\0';
    char *slash = strchr(text, '/');
    long bits = slash ? strtol(slash + 1, NULL, 10) : 32;
    if (slash)
        *slash = '\0';
    struct in_addr base;
    if (inet_pton(AF_INET, text, &base) != 1 || bits < 0 || bits > 32)
        return false;
    uint32_t mask = bits == 0 ? 0 : htonl(UINT32_MAX << (32 - bits));
    return (base.s_addr & mask) == (address.s_addr & mask);
}

static bool trusted(const char *networks, const struct sockaddr *peer)
{
    static const char separators[] = ", ";
    if (!peer || peer->sa_family != AF_INET)
        return false;
    struct in_addr address = ((const struct sockaddr_in *)(const void *)peer)->sin_addr;
    for (const char *n = networks + strspn(networks, separators); *n; n += strspn(n, separators)) {
        size_t size = strcspn(n, separators);
        if (network_has(n, size, address))
            return true;
        n += size;
    }
    return false;
}

static bool good_request_id(const char *id)
{
    size_t size = id ? strspn(id, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_") : 0;
    return size > 0 && size <= 64 && id[size] == '\0';
}

/* The last address of X-Forwarded-For is the one that our proxy saw. NULL when that is none. */
static const char *last_address(struct arena *arena, const char *forwarded)
{
    char out[INET6_ADDRSTRLEN];
    const char *comma = strrchr(forwarded, ',');
    const char *last = comma ? comma + 1 : forwarded;
    last += strspn(last, " \t");
    const char *text = arena_copy(arena, last, strcspn(last, " \t"));
    return text_address(text, out) && last[strlen(text) + strspn(last + strlen(text), " \t")] == '\0'
               ? arena_text(arena, out)
               : NULL;
}

static const char *peer_address(struct arena *arena, const struct sockaddr *peer)
{
    char out[INET_ADDRSTRLEN];
    if (!peer || peer->sa_family != AF_INET)
        return NULL;
    inet_ntop(AF_INET, &((const struct sockaddr_in *)(const void *)peer)->sin_addr, out, sizeof out);
    return arena_text(arena, out);
}

static void identify(struct request *rq, const struct server *s, const struct _u_request *in)
{
    const char *id = header(in, "X-Request-Id"), *forwarded = header(in, "X-Forwarded-For");
    bool by_proxy = trusted(s->config.trusted_proxy, in->client_address);
    if (by_proxy && good_request_id(id)) {
        rq->request_id = id;
    } else {
        char *fresh = arena_alloc(rq->arena, 33);
        text_new_uuid(fresh);
        rq->request_id = fresh;
    }
    if (by_proxy && forwarded)
        rq->client_address = last_address(rq->arena, forwarded);
    if (!rq->client_address)
        rq->client_address = peer_address(rq->arena, in->client_address);
}

/* Methods are letters; what is not, and comes back in answers and in the log, is "?". */
static const char *method_of(const struct _u_request *in)
{
    size_t size = in->http_verb ? strspn(in->http_verb, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") : 0;
    return size > 0 && size <= 16 && in->http_verb[size] == '\0' ? in->http_verb : "?";
}

static void read_request(struct request *rq, const struct server *s, const struct _u_request *in)
{
    const char *url = in->http_url ? in->http_url : "/";
    size_t path_size = strcspn(url, "?#");
    rq->method = method_of(in);
    rq->path = arena_copy(rq->arena, url, path_size);
    rq->query = url[path_size] == '?' ? url + path_size + 1 : "";
    rq->body = in->binary_body;
    rq->body_size = in->binary_body_length;
    rq->content_type = header(in, "Content-Type");
    rq->if_match = header(in, "If-Match");
    rq->if_none_match = header(in, "If-None-Match");
    rq->idempotency_key = header(in, "Idempotency-Key");
    rq->authorization = header(in, "Authorization");
    rq->cookie = u_map_get(in->map_cookie, "mnemos_session");
    rq->refresh_cookie = u_map_get(in->map_cookie, "mnemos_refresh");
    rq->origin = header(in, "Origin");
    rq->host = header(in, "Host");
    rq->user_agent = header(in, "User-Agent");
    rq->preflight = header(in, "Access-Control-Request-Method") != NULL;
    identify(rq, s, in);
}

/* ulfius keeps one value per spelling of a name: a second cookie is set by another spelling. */
static void put_header(struct _u_response *out, const struct reply_header *h)
{
    bool again = strcmp(h->name, "Set-Cookie") == 0 && u_map_has_key(out->map_header, h->name);
    u_map_put(out->map_header, again ? "set-cookie" : h->name, h->value);
}

static void send_reply(struct request *rq, const struct server *s, struct _u_response *out)
{
    size_t size;
    out->status = rq->http_status;
    if (rq->content_type_out) {
        u_map_put(out->map_header, "Content-Type", rq->content_type_out);
        write_line_end(&rq->body_out); /* for those who read replies in a terminal */
    }
    u_map_put(out->map_header, "X-Request-Id", rq->request_id);
    u_map_put(out->map_header, "Cache-Control", "no-store");
    if (atomic_load_explicit(&s->draining, memory_order_relaxed))
        u_map_put(out->map_header, "Connection", "close");
    for (int i = 0; i < rq->header_count; i++)
        put_header(out, &rq->headers[i]);
    out->binary_body = writer_steal(&rq->body_out, &size);
    out->binary_body_length = size;
}

/* traceparent (W3C Trace Context): 00-<32 hexadecimal digits>-..., or nothing. */
static void log_trace(struct writer *w, const struct _u_request *in)
{
    const char *parent = header(in, "traceparent");
    if (!parent || strlen(parent) != 55 || strspn(parent, "0123456789abcdef-") != 55)
        return;
    char trace[33] = "";
    memcpy(trace, parent + 3, 32);
    write_key(w, "trace_id");
    write_text(w, trace);
}

static void log_request(const struct request *rq, const struct _u_request *in, int64_t duration_us)
{
    enum log_level level = rq->http_status == 500 ? LOG_ERROR : rq->http_status == 503 ? LOG_WARNING : LOG_INFO;
    struct writer *w = log_begin(level, "request");
    if (!w)
        return;
    write_key(w, "request_id");
    write_text(w, rq->request_id);
    log_trace(w, in);
    write_key(w, "method");
    write_text(w, rq->method);
    write_key(w, "route");
    write_text(w, rq->route ? rq->route->path : NULL);
    write_key(w, "status");
    write_integer(w, rq->http_status);
    write_key(w, "duration_us");
    write_integer(w, duration_us);
    write_key(w, "bytes");
    write_integer(w, (int64_t)rq->body_out.used);
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

static int on_request(const struct _u_request *in, struct _u_response *out, void *user)
{
    struct server *s = user;
    int64_t begin = clock_monotonic_us();
    struct arena arena = {0};
    struct request rq = {.arena = &arena, .app = s->config.app};
    problem_reset(&rq.problem, &arena);
    rq.db = (struct db){.pool = s->config.pool, .arena = &arena, .why = &rq.problem};
    read_request(&rq, s, in);

    struct dispatch to = {s->config.routes, s->config.trust, s->config.cors_origins};
    enum status status = dispatch(&rq, &to);
    db_done(&rq.db);
    if (status != OK)
        reply_problem(&rq, status);
    int64_t duration_us = clock_monotonic_us() - begin;
    log_request(&rq, in, duration_us);
    count_request(s, &rq, duration_us);
    send_reply(&rq, s, out);

    json_decref(rq.input.json);
    arena_release(&arena);
    return U_CALLBACK_COMPLETE;
}

/* In flight is a request from its first line until its reply has left or its connection has broken. */
static void *request_begins(void *cls, const char *uri)
{
    atomic_fetch_add(&((struct server *)cls)->in_flight, 1);
    return ulfius_uri_logger(NULL, uri);
}

static void request_ends(void *cls, struct MHD_Connection *connection, void **con_cls,
                         enum MHD_RequestTerminationCode how)
{
    mhd_request_completed(NULL, connection, con_cls, how);
    atomic_fetch_sub(&((struct server *)cls)->in_flight, 1);
}

int server_listen(const char *address, int port)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (inet_pton(AF_INET, address, &at.sin_addr) != 1) {
        fprintf(stderr, "%s is not an IPv4 address\n", address);
    } else if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
               bind(fd, (struct sockaddr *)&at, sizeof at) == 0 && listen(fd, 1024) == 0) {
        return fd;
    } else {
        fprintf(stderr, "cannot listen on %s port %d: %s\n", address, port, strerror(errno));
    }
    if (fd >= 0)
        close(fd);
    return -1;
}

int server_socket_port(int fd)
{
    struct sockaddr_in at = {0};
    socklen_t size = sizeof at;
    return getsockname(fd, (struct sockaddr *)&at, &size) == 0 ? ntohs(at.sin_port) : 0;
}

static bool start_framework(struct server *s, int fd)
{
    if (ulfius_init_instance(&s->instance, (unsigned)s->port, NULL, NULL) != U_OK)
        return false;
    s->instance.max_post_body_size = s->body_max + 1;
    s->instance.check_utf8 = 0;
    s->instance.allowed_post_processor = U_POST_PROCESS_NONE;
    ulfius_set_default_endpoint(&s->instance, on_request, s);
    struct MHD_OptionItem options[] = {
        {MHD_OPTION_NOTIFY_COMPLETED, (intptr_t)request_ends, s},
        {MHD_OPTION_URI_LOG_CALLBACK, (intptr_t)request_begins, s},
        {MHD_OPTION_LISTEN_SOCKET, fd, NULL},
        {MHD_OPTION_THREAD_POOL_SIZE, s->config.threads, NULL},
        {MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS_MAX, NULL},
        {MHD_OPTION_CONNECTION_TIMEOUT, IDLE_TIMEOUT_S, NULL},
        {MHD_OPTION_END, 0, NULL},
    };
    return ulfius_start_framework_with_mhd_options(&s->instance, MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ITC,
                                                   options) == U_OK;
}

struct server *server_start(const struct server_config *config)
{
    int fd = server_listen(config->address, config->port);
    if (fd < 0)
        return NULL;
    struct server *s = calloc(1, sizeof *s);
    if (!s)
        abort();
    s->config = *config;
    s->listening = fd;
    s->port = server_socket_port(fd);
    s->body_max = BODY_MAX_DEFAULT;
    for (const struct route *r = config->routes; r->method; r++, s->route_count++)
        if (r->body_max > s->body_max)
            s->body_max = r->body_max;
    s->metrics = calloc(s->route_count + 1, sizeof *s->metrics);
    if (s->metrics && start_framework(s, fd))
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
}

static bool has_connections(struct server *s)
{
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(s->instance.mhd_daemon, MHD_DAEMON_INFO_CURRENT_CONNECTIONS);
    return !info || info->num_connections > 0;
}

/* Busy clients go by themselves, because the next answer asks them to; for the others a while without a request is
 * waited for, since one may be on its way. */
static void wait_for_clients(struct server *s)
{
    struct timespec pause = {.tv_nsec = DRAIN_STEP_MS * 1000L * 1000};
    int quiet_ms = 0;
    for (int waited = 0; waited < DRAIN_LIMIT_MS; waited += DRAIN_STEP_MS) {
        quiet_ms = atomic_load(&s->in_flight) > 0 ? 0 : quiet_ms + DRAIN_STEP_MS;
        if (quiet_ms > 0 && (!has_connections(s) || quiet_ms >= DRAIN_QUIET_MS))
            return;
        nanosleep(&pause, NULL);
    }
}

/* Closing a listening socket breaks the connections that wait to be accepted, although their clients believe themselves
 * served. So nobody joins the queue any more (the filter drops what would open a connection; the client tries again a
 * second later, at a closed port), and those in it are let in. */
static void empty_queue(const struct server *s)
{
    struct sock_filter nothing = BPF_STMT(BPF_RET | BPF_K, 0);
    struct sock_fprog program = {1, &nothing};
    struct timespec pause = {.tv_nsec = 1000L * 1000};
    struct tcp_info queue;
    socklen_t size = sizeof queue;
    if (setsockopt(s->listening, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) != 0)
        return;
    /* Of a listening socket, tcpi_unacked is the length of its queue. */
    for (int waited = 0; waited < DRAIN_LIMIT_MS; waited++) {
        if (getsockopt(s->listening, IPPROTO_TCP, TCP_INFO, &queue, &size) != 0 || queue.tcpi_unacked == 0)
            return;
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
    int fd = MHD_quiesce_daemon(s->instance.mhd_daemon);
    if (fd >= 0)
        shutdown(fd, SHUT_RDWR);
    wait_for_clients(s);
    ulfius_stop_framework(&s->instance);
    ulfius_clean_instance(&s->instance);
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
}
