#include "common/http/traffic_private.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

enum { CODES_MAX = 24 };

struct route_metrics {
    _Atomic uint64_t by_code[CODES_MAX];
    struct histogram duration;
};

static const int codes[CODES_MAX] = {200, 201, 202, 204, 304, 400, 401, 403, 404, 405,
                                     406, 409, 412, 413, 415, 422, 428, 429, 500, 503};

void traffic_init(struct traffic *t, const struct route *routes)
{
    *t = (struct traffic){.routes = routes};
    while (routes[t->route_count].method)
        t->route_count++;
    t->metrics = calloc(t->route_count + 1, sizeof *t->metrics);
    if (!t->metrics)
        abort();
}

void traffic_release(struct traffic *t)
{
    free(t->metrics);
}

void traffic_count(struct traffic *t, const struct request *rq, int64_t duration_us)
{
    size_t index = rq->route ? (size_t)(rq->route - t->routes) : t->route_count;
    struct route_metrics *m = &t->metrics[index];
    int i = 0;
    while (i < CODES_MAX - 1 && codes[i] && codes[i] != rq->http_status)
        i++;
    atomic_fetch_add_explicit(&m->by_code[i], 1, memory_order_relaxed);
    histogram_add(&m->duration, duration_us);
}

void traffic_print(const struct traffic *t, struct writer *to)
{
    char labels[300];
    metric_head(to, "mnemos_http_requests_total", "counter", "Requests answered.");
    for (size_t i = 0; i <= t->route_count; i++) {
        const struct route *r = &t->routes[i]; /* the last row has no method */
        for (int c = 0; c < CODES_MAX; c++) {
            uint64_t n = atomic_load_explicit(&t->metrics[i].by_code[c], memory_order_relaxed);
            if (n == 0)
                continue;
            snprintf(labels, sizeof labels, "method=\"%s\",route=\"%s\",status=\"%d\"", r->method ? r->method : "",
                     r->path ? r->path : "", codes[c]);
            metric_sample(to, "mnemos_http_requests_total", labels, (double)n);
        }
    }
    metric_head(to, "mnemos_http_request_duration_seconds", "histogram", "From the request being read to the reply.");
    for (size_t i = 0; i < t->route_count; i++) {
        const struct route *r = &t->routes[i];
        snprintf(labels, sizeof labels, "method=\"%s\",route=\"%s\"", r->method, r->path);
        histogram_print(&t->metrics[i].duration, "mnemos_http_request_duration_seconds", labels, to);
    }
}
