/* HTTP: the edge where libmicrohttpd ends and struct request begins. */
#pragma once

#include "common/base/metric.h"
#include "common/database/db.h"
#include "common/http/route.h"
#include "common/identity/trust.h"

struct server_config {
    const char *address; /* of IPv4 or IPv6; :: means all of both */
    int port;            /* 0: a free one */
    int threads;
    const struct route *routes;
    struct db_pool *pool;
    struct trust *trust;
    struct waiting_room *room; /* NULL where no row may wait */
    void *app;
    const char *trusted_proxy; /* networks whose X-Request-Id and X-Forwarded-For are believed; NULL: none */
    const char *cors_origins;  /* exact origins, separated by spaces or commas */
};

struct server;

/* NULL after a line on standard error. The configuration is kept, not copied. */
struct server *server_start(const struct server_config *config);
int server_port(const struct server *s);

/* Asks clients to close their connections with the next answer, and keeps answering. */
void server_drain(struct server *s);

/* Accepts nothing new, waits (bounded) for requests in flight, stops. */
void server_stop(struct server *s);

void server_metrics(struct server *s, struct writer *to);

/* A listening socket, or -1 after a sentence on standard error. */
int server_listen(const char *address, int port);
int server_socket_port(int fd);
