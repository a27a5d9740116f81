/* The answered requests of a server: their number by route and status, and their duration. */
#pragma once

#include "common/base/metric.h"
#include "common/http/request.h"

struct traffic {
    const struct route *routes;
    size_t route_count;
    struct route_metrics *metrics; /* one per route, and a last one for requests that fit none */
};

void traffic_init(struct traffic *t, const struct route *routes);
void traffic_release(struct traffic *t);
void traffic_count(struct traffic *t, const struct request *rq, int64_t duration_us);
void traffic_print(const struct traffic *t, struct writer *to);
