/* What the files of the server share. */
#ifndef MNEMOS_SERVER_PRIVATE_H
#define MNEMOS_SERVER_PRIVATE_H

#include "common/base/address.h"
#include "common/http/request.h"
#include "common/http/server.h"

#include <stdatomic.h>

enum { CODES_MAX = 24 };

struct route_metrics {
    _Atomic uint64_t by_code[CODES_MAX];
    struct histogram duration;
};

struct server {
    struct server_config config;
    struct networks proxies;
    struct MHD_Daemon *daemon;
    int port, listening;
    _Atomic int
        in_flight; /* requests that have arrived until their replies have left or their connections have broken */
    _Atomic bool draining;
    size_t route_count;
    struct route_metrics *metrics; /* one per route, and a last one for requests that fit none */
};

/* server_metrics.c: one more was answered. */
void server_count(struct server *s, const struct request *rq, int64_t duration_us);

#endif
