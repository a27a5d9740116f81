/* The life of a service or a worker, in one process.
 *
 * It is built from the bottom: settings, pool, the service's own state, then the parts that serve (trust in tokens,
 * perhaps a waiting room, the HTTP server) or the worker, and at last the operations port, so that nothing is called
 * ready before it is. service_close takes it down and accepts a half-built one: first the server or the worker, because
 * their threads use all the rest, and last the pool and the settings, to which the others point.
 *
 * SIGTERM and SIGINT are blocked before the first thread starts, so only the main thread sees one, in sigwait. Then the
 * operations port says "not ready" while the server goes on, for DRAIN_SECONDS, so that load balancers go elsewhere; a
 * worker claims nothing new, and its jobs have that long to end before they are given back. A second signal ends the
 * wait. The server's own drain (http/drain.c) comes after that and loses no request. */
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/http/waiting.h"
#include "common/service/service_private.h"

#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

static bool may_wait(const struct route *routes)
{
    for (const struct route *r = routes; r->method; r++)
        if (r->rules & MAY_WAIT)
            return true;
    return false;
}

static bool start_serving(struct service_handle *h)
{
    const struct service_settings *s = &h->settings;
    if (may_wait(h->service->routes))
        h->room = waiting_room_start(s->database_url, h->application, "task_ended");
    h->trust = trust_start(s->database_url, h->application, s->token_issuer, s->token_audience);
    struct server_config http = {
        .address = s->http_address,
        .port = (int)s->http_port,
        .threads = (int)s->http_threads,
        .routes = h->service->routes,
        .pool = h->pool,
        .trust = h->trust,
        .room = h->room,
        .app = h->app,
        .trusted_proxy = s->trusted_proxy,
        .cors_origins = s->cors_origins,
    };
    h->server = server_start(&http);
    return h->server != NULL;
}

static bool start_working(struct service_handle *h)
{
    struct worker_config config = {
        .database_url = h->settings.database_url,
        .application = h->application,
        .kinds = h->service->jobs,
        .pool = h->pool,
        .threads = (int)h->settings.worker_threads,
        .keep_days = h->settings.task_keep_days,
        .app = h->app,
    };
    h->worker = worker_start(&config);
    return true;
}

static bool serve(struct service_handle *h)
{
    const struct service *service = h->service;
    const struct service_settings *s = &h->settings;
    log_start(service->name, (enum log_level)s->log_level);
    if (s->upload_directory) /* a worker takes no files */
        upload_directory(s->upload_directory);
    h->pool = db_pool_new(s->database_url, h->application, (int)s->database_pool, service->constraints);
    if (service->start && !service->start(s, h->pool, &h->app))
        return false;
    h->app_started = true;
    if (!(service_is_worker(service) ? start_working(h) : start_serving(h)))
        return false;
    struct ops_config ops = {.address = s->ops_address,
                             .port = (int)s->ops_port,
                             .migration = service->migration,
                             .server = h->server,
                             .worker = h->worker,
                             .pool = h->pool,
                             .trust = h->trust,
                             .ready = service->ready,
                             .app = h->app};
    h->ops = ops_start(&ops);
    return h->ops != NULL;
}

static void say_where(const struct service_handle *h)
{
    if (service_is_worker(h->service))
        log_line(LOG_INFO, "working on %ld at a time, operations on port %d", h->settings.worker_threads,
                 service_ops_port(h));
    else
        log_line(LOG_INFO, "serving on port %d, operations on port %d", service_port(h), service_ops_port(h));
}

struct service_handle *service_open(const struct service *service)
{
    struct service_handle *h = service_handle_new(service);
    if (!service_settings_read(h)) {
        service_handle_drop(h);
        return NULL;
    }
    if (serve(h)) {
        say_where(h);
        return h;
    }
    service_close(h);
    return NULL;
}

void service_close(struct service_handle *h)
{
    server_stop(h->server);
    waiting_room_stop(h->room);
    worker_stop(h->worker);
    ops_stop(h->ops);
    trust_stop(h->trust);
    if (h->app_started && h->service->stop)
        h->service->stop(h->app);
    db_pool_drop(h->pool);
    service_handle_drop(h);
}

int service_port(const struct service_handle *h)
{
    return server_port(h->server);
}

int service_ops_port(const struct service_handle *h)
{
    return ops_port(h->ops);
}

bool service_check_settings(const struct service *service)
{
    struct service_handle *h = service_handle_new(service);
    bool good = service_settings_read(h);
    service_handle_drop(h);
    return good;
}

/* A second signal ends the wait. */
static bool told_again_within(const sigset_t *stop, struct timespec pause)
{
    return sigtimedwait(stop, NULL, &pause) > 0;
}

static void finish_jobs(struct worker *worker, long seconds, const sigset_t *stop)
{
    int64_t end_us = clock_monotonic_us() + seconds * INT64_C(1000000);
    worker_drain(worker);
    while (!worker_is_idle(worker) && clock_monotonic_us() < end_us)
        if (told_again_within(stop, (struct timespec){.tv_nsec = 20L * 1000 * 1000}))
            return;
}

static void drain(struct service_handle *h, const sigset_t *stop)
{
    log_line(LOG_INFO, "stopping");
    ops_drain(h->ops);
    if (h->worker) {
        finish_jobs(h->worker, h->settings.drain_seconds, stop);
        return;
    }
    server_drain(h->server);
    told_again_within(stop, (struct timespec){.tv_sec = h->settings.drain_seconds});
}

/* The larger pieces of a request's arena come from the kernel and go back to it with the request. Left to itself, the
 * allocator learns from the first large one to keep what is freed, 15 to 60 MB seen for each thread that made a
 * comparison. */
static void give_memory_back(void)
{
#ifdef M_MMAP_THRESHOLD
    mallopt(M_MMAP_THRESHOLD, 1024 * 1024);
#endif
}

int service_run(const struct service *service)
{
    give_memory_back();
    /* Blocked before any thread starts, so that the signal waits for sigwait here. */
    sigset_t stop;
    sigemptyset(&stop);
    sigaddset(&stop, SIGTERM);
    sigaddset(&stop, SIGINT);
    pthread_sigmask(SIG_BLOCK, &stop, NULL);
    signal(SIGPIPE, SIG_IGN);
    struct service_handle *h = service_open(service);
    if (!h)
        return EXIT_FAILURE;
    int signal_number;
    sigwait(&stop, &signal_number);
    drain(h, &stop);
    service_close(h);
    log_line(LOG_INFO, "stopped");
    return EXIT_SUCCESS;
}
