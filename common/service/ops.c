#include "common/service/ops.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <ulfius.h>
#include <unistd.h>

struct ops {
    struct ops_config config;
    struct _u_instance instance;
    int port;
    time_t started;
    _Atomic bool draining;
};

struct check {
    struct maybe_integer applied;
};
LOCAL_SCHEMA(check_schema, "Check", struct check, FIELD_INTEGER(struct check, applied));

struct readiness {
    bool reachable, migrated, prepared;
};

static struct readiness ask_database(const struct ops *o)
{
    static const char sql[] = "SELECT count(*) AS applied FROM sqitch.changes WHERE project = 'mnemos' AND change = $1";
    AUTO(db_errand_end) struct db_errand e;
    struct check check = {0};
    db_errand_begin(&e, o->config.pool);
    enum status status = db_one(&e.db, sql, PARAMS(o->config.migration), &check_schema, &check);
    struct readiness r = {.reachable = status != UNAVAILABLE, .migrated = status == OK && check.applied.value > 0};
    r.prepared = r.migrated && (!o->config.ready || o->config.ready(o->config.app, &e.db));
    return r;
}

static void write_check(struct writer *w, const char *name, bool good)
{
    write_key(w, name);
    write_text(w, good ? "ok" : "failed");
}

static void answer(struct _u_response *out, int status, const char *type, struct writer *w)
{
    size_t size;
    out->status = status;
    u_map_put(out->map_header, "Content-Type", type);
    out->binary_body = writer_steal(w, &size);
    out->binary_body_length = size;
}

static void answer_ready(const struct ops *o, struct _u_response *out)
{
    struct writer w = {0};
    struct readiness r = ask_database(o);
    bool draining = atomic_load(&o->draining), trusting = !o->config.trust || trust_ready(o->config.trust);
    bool ready = r.prepared && trusting && !draining;
    write_object(&w);
    write_key(&w, "status");
    write_text(&w, ready ? "ready" : "not ready");
    write_check(&w, "database", r.reachable);
    write_check(&w, "schema", r.migrated);
    write_check(&w, "service", r.prepared);
    if (o->config.trust)
        write_check(&w, "signing_keys", trusting);
    write_check(&w, "serving", !draining);
    write_object_end(&w);
    answer(out, ready ? 200 : 503, "application/json", &w);
}

static double resident_bytes(void)
{
    char sizes[100] = "";
    FILE *f = fopen("/proc/self/statm", "re");
    if (!f)
        return 0;
    bool read = fgets(sizes, sizeof sizes, f) != NULL;
    fclose(f);
    const char *resident = read ? strchr(sizes, ' ') : NULL; /* in pages, the second number */
    return resident ? strtod(resident, NULL) * (double)sysconf(_SC_PAGESIZE) : 0;
}

static void answer_metrics(const struct ops *o, struct _u_response *out)
{
    struct writer w = {0};
    struct db_pool_state pool = db_pool_state(o->config.pool);
    if (o->config.server)
        server_metrics(o->config.server, &w);
    if (o->config.worker)
        worker_metrics(o->config.worker, &w);
    metric_head(&w, "mnemos_database_connections", "gauge", "Connections by state.");
    metric_sample(&w, "mnemos_database_connections", "state=\"open\"", pool.open);
    metric_sample(&w, "mnemos_database_connections", "state=\"busy\"", pool.busy);
    metric_sample(&w, "mnemos_database_connections", "state=\"allowed\"", pool.size);
    metric_head(&w, "mnemos_database_waits_total", "counter", "Requests that had to wait for a connection.");
    metric_sample(&w, "mnemos_database_waits_total", "", (double)pool.waits);
    metric_head(&w, "process_resident_memory_bytes", "gauge", "Resident memory.");
    metric_sample(&w, "process_resident_memory_bytes", "", resident_bytes());
    metric_head(&w, "process_start_time_seconds", "gauge", "Start of the process, seconds since 1970.");
    metric_sample(&w, "process_start_time_seconds", "", (double)o->started);
    answer(out, 200, "text/plain; version=0.0.4; charset=utf-8", &w);
}

static int on_request(const struct _u_request *in, struct _u_response *out, void *user)
{
    const struct ops *o = user;
    struct writer w = {0};
    if (strcmp(in->url_path, "/readyz") == 0) {
        answer_ready(o, out);
    } else if (strcmp(in->url_path, "/metrics") == 0) {
        answer_metrics(o, out);
    } else {
        bool live = strcmp(in->url_path, "/livez") == 0;
        write_raw(&w, live ? "ok\n" : "not found\n", live ? 3 : 10);
        answer(out, live ? 200 : 404, "text/plain", &w);
    }
    return U_CALLBACK_COMPLETE;
}

struct ops *ops_start(const struct ops_config *config)
{
    int fd = server_listen(config->address, config->port);
    if (fd < 0)
        return NULL;
    struct ops *o = calloc(1, sizeof *o);
    if (!o)
        abort();
    o->config = *config;
    o->port = server_socket_port(fd);
    o->started = time(NULL);
    struct MHD_OptionItem options[] = {
        {MHD_OPTION_NOTIFY_COMPLETED, (intptr_t)mhd_request_completed, NULL},
        {MHD_OPTION_URI_LOG_CALLBACK, (intptr_t)ulfius_uri_logger, NULL},
        {MHD_OPTION_LISTEN_SOCKET, fd, NULL},
        {MHD_OPTION_CONNECTION_LIMIT, 64, NULL},
        {MHD_OPTION_CONNECTION_TIMEOUT, 10, NULL},
        {MHD_OPTION_END, 0, NULL},
    };
    if (ulfius_init_instance(&o->instance, (unsigned)o->port, NULL, NULL) == U_OK &&
        ulfius_set_default_endpoint(&o->instance, on_request, o) == U_OK &&
        ulfius_start_framework_with_mhd_options(&o->instance, MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ITC, options) ==
            U_OK)
        return o;
    fprintf(stderr, "the operations port cannot be served\n");
    close(fd);
    free(o);
    return NULL;
}

int ops_port(const struct ops *o)
{
    return o->port;
}

void ops_drain(struct ops *o)
{
    atomic_store(&o->draining, true);
}

void ops_stop(struct ops *o)
{
    if (!o)
        return;
    ulfius_stop_framework(&o->instance);
    ulfius_clean_instance(&o->instance);
    free(o);
}
