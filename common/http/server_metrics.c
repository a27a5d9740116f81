#include "common/http/server_private.h"
#include "common/http/waiting.h"

#include <stdio.h>

static const int codes[CODES_MAX] = {200, 201, 202, 204, 304, 400, 401, 403, 404, 405,
                                     406, 409, 412, 413, 415, 422, 428, 429, 500, 503};

void server_count(struct server *s, const struct request *rq, int64_t duration_us)
{
    size_t index = rq->route ? (size_t)(rq->route - s->config.routes) : s->route_count;
    struct route_metrics *m = &s->metrics[index];
    int i = 0;
    while (i < CODES_MAX - 1 && codes[i] && codes[i] != rq->http_status)
        i++;
    atomic_fetch_add_explicit(&m->by_code[i], 1, memory_order_relaxed);
    histogram_add(&m->duration, duration_us);
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
