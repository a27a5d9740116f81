/* The edge is libmicrohttpd, on its epoll pool. ulfius stands on it, too, and serves the operations port, but its
 * dispatcher gathers bodies in memory before anything can refuse them (a raw body of 200 MB took 220 MB).
 *
 * This file has the socket and the daemon, arrival.c the way of a request, proxy.c its client, departure.c the way
 * back, traffic.c the figures, and drain.c the end. */
#include "common/http/server.h"

#include "common/http/arrival_private.h"
#include "common/http/drain_private.h"
#include "common/http/waiting.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CONNECTIONS_MAX = 4096, IDLE_TIMEOUT_S = 75 };

struct server {
    struct server_config config;
    struct arrivals arrivals;
    struct MHD_Daemon *daemon;
    int port, listening;
};

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
    /* :: is for clients of IPv4, too, independently of the system's default. */
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
        {MHD_OPTION_NOTIFY_COMPLETED, (intptr_t)arrival_drop, &s->arrivals},
        {MHD_OPTION_URI_LOG_CALLBACK, (intptr_t)arrival_new, &s->arrivals},
        {MHD_OPTION_LISTEN_SOCKET, fd, NULL},
        {MHD_OPTION_THREAD_POOL_SIZE, s->config.threads, NULL},
        {MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS_MAX, NULL},
        {MHD_OPTION_CONNECTION_TIMEOUT, IDLE_TIMEOUT_S, NULL},
        {MHD_OPTION_END, 0, NULL},
    };
    s->daemon = MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME, (uint16_t)s->port, NULL,
                                 NULL, arrival_access, &s->arrivals, MHD_OPTION_ARRAY, options, MHD_OPTION_END);
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
    s->arrivals = (struct arrivals){
        .to = {config->routes, config->trust, config->cors_origins},
        .pool = config->pool,
        .room = config->room,
        .app = config->app,
        .proxies = proxies,
    };
    traffic_init(&s->arrivals.traffic, config->routes);
    s->listening = fd;
    s->port = server_socket_port(fd);
    if (start_daemon(s, fd))
        return s;
    fprintf(stderr, "the HTTP server cannot be started\n");
    close(fd);
    traffic_release(&s->arrivals.traffic);
    free(s);
    return NULL;
}

int server_port(const struct server *s)
{
    return s->port;
}

void server_drain(struct server *s)
{
    atomic_store(&s->arrivals.draining, true);
    if (s->config.room)
        waiting_room_empty(s->config.room);
}

void server_stop(struct server *s)
{
    if (!s)
        return;
    server_drain(s);
    drain_queue(s->listening);
    /* From now on a connection is refused at once. */
    int fd = MHD_quiesce_daemon(s->daemon);
    if (fd >= 0)
        shutdown(fd, SHUT_RDWR);
    drain_clients(&s->arrivals.in_flight);
    MHD_stop_daemon(s->daemon);
    if (fd >= 0)
        close(fd);
    traffic_release(&s->arrivals.traffic);
    free(s);
}

void server_metrics(struct server *s, struct writer *to)
{
    traffic_print(&s->arrivals.traffic, to);
    metric_head(to, "mnemos_http_requests_in_flight", "gauge", "Requests being answered now.");
    metric_sample(to, "mnemos_http_requests_in_flight", "", atomic_load(&s->arrivals.in_flight));
    if (!s->config.room)
        return;
    metric_head(to, "mnemos_http_requests_waiting", "gauge", "Requests that wait for something to happen.");
    metric_sample(to, "mnemos_http_requests_waiting", "", waiting_room_count(s->config.room));
}
