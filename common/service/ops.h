/* The operations port: /livez (the process runs), /readyz (it can do its work), /metrics (Prometheus). */
#pragma once

#include "common/http/server.h"
#include "common/job/worker.h"

struct ops_config {
    const char *address; /* of IPv4 or IPv6 */
    int port;
    const char *migration;
    struct server *server; /* NULL in a worker */
    struct trust *trust;   /* NULL in a worker */
    struct worker *worker; /* NULL in a service that serves */
    struct db_pool *pool;
    bool (*ready)(void *app, struct db *db); /* or NULL */
    void *app;
};

struct ops;

struct ops *ops_start(const struct ops_config *config);
int ops_port(const struct ops *o);
void ops_drain(struct ops *o); /* not ready from now on */
void ops_stop(struct ops *o);
