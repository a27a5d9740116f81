#include "common/service/service.h"

#include "common/base/address.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/http/openapi.h"
#include "common/http/server.h"
#include "common/http/waiting.h"
#include "common/job/worker.h"
#include "common/service/ops.h"

#include <malloc.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

struct service_handle {
    const struct service *service;
    struct service_settings settings;
    struct setting *table; /* the common settings with this service's ports as defaults */
    char defaults[3][16];  /* of HTTP_PORT, OPS_PORT, HTTP_THREADS */
    char application[32];
    void *app;
    bool app_started;
    struct db_pool *pool;
    struct trust *trust;
    struct waiting_room *room;
    struct server *server; /* or */
    struct worker *worker;
    struct ops *ops;
};

/* Rows whose default depends on the service or the machine have NULL here; see set_default. */
#define DATABASE_SETTINGS(pool_summary) \
    SETTING_TEXT(struct service_settings, database_url, "DATABASE_URL", .rules = SETTING_REQUIRED | SETTING_SECRET, \
                 .summary = "libpq connection string of the service's own role"), \
        SETTING_INTEGER(struct service_settings, database_pool, "DATABASE_POOL", .fallback = "0", .min = 0, \
                        .max = 256, .summary = (pool_summary))
#define OPERATIONS_SETTINGS \
    SETTING_TEXT(struct service_settings, ops_address, "OPS_ADDRESS", .fallback = "127.0.0.1", \
                 .summary = "address of the operations port, of IPv4 or IPv6"), \
        SETTING_INTEGER(struct service_settings, ops_port, "OPS_PORT", .max = 65535, \
                        .summary = "port of /livez, /readyz and /metrics"), \
        SETTING_TEXT(struct service_settings, log_level, "LOG_LEVEL", .fallback = "info", \
                     .summary = "debug, info, warning or error")
#define DRAIN_SETTING(summary_) \
    SETTING_INTEGER(struct service_settings, drain_seconds, "DRAIN_SECONDS", .fallback = "0", .min = 0, .max = 300, \
                    .summary = (summary_))

static const struct setting serving_settings[] = {
    DATABASE_SETTINGS("connections to PostgreSQL; 0: one per HTTP thread and one more"),
    SETTING_TEXT(struct service_settings, http_address, "HTTP_ADDRESS", .fallback = "127.0.0.1",
                 .summary = "address to serve on, of IPv4 or IPv6; `::` is all of both"),
    SETTING_INTEGER(struct service_settings, http_port, "HTTP_PORT", .max = 65535, .summary = "port to serve on"),
    SETTING_INTEGER(struct service_settings, http_threads, "HTTP_THREADS", .min = 0, .max = 128,
                    .summary = "threads that answer; 0: two per core"),
    OPERATIONS_SETTINGS,
    SETTING_TEXT(struct service_settings, token_issuer, "TOKEN_ISSUER", .fallback = "mnemos",
                 .summary = "`iss` of access tokens"),
    SETTING_TEXT(struct service_settings, token_audience, "TOKEN_AUDIENCE", .fallback = "mnemos",
                 .summary = "`aud` of access tokens"),
    SETTING_TEXT(struct service_settings, cors_origins, "CORS_ORIGINS",
                 .summary = "exact origins of web applications on other hosts, separated by spaces"),
    SETTING_TEXT(struct service_settings, trusted_proxy, "TRUSTED_PROXY", .fallback = "127.0.0.1/32 ::1/128",
                 .summary = "networks whose X-Request-Id and X-Forwarded-For are trusted, separated by spaces"),
    SETTING_TEXT(struct service_settings, upload_directory, "UPLOAD_DIRECTORY", .fallback = "/var/tmp",
                 .summary = "directory of uploaded and exported files, without a name, while a request works on them"),
    DRAIN_SETTING("seconds of serving on, not ready, after SIGTERM"),
    {0},
};

static const struct setting working_settings[] = {
    DATABASE_SETTINGS("connections to PostgreSQL; 0: one per thread and two more"),
    SETTING_INTEGER(struct service_settings, worker_threads, "WORKER_THREADS", .fallback = "0", .min = 0, .max = 64,
                    .summary = "concurrent tasks; 0: one per core"),
    SETTING_INTEGER(struct service_settings, task_keep_days, "TASK_KEEP_DAYS", .fallback = "30", .min = 1, .max = 3650,
                    .summary = "days for which finished tasks can be read"),
    OPERATIONS_SETTINGS,
    DRAIN_SETTING("how long jobs may go on after SIGTERM before they are given back"),
    {0},
};

/* What --check has to know. */
static const struct setting operations_settings[] = {OPERATIONS_SETTINGS, {0}};

static bool is_worker(const struct service *service)
{
    return service->routes == NULL;
}

static void set_default(struct service_handle *h, const char *name, int slot, long value)
{
    for (struct setting *s = h->table; s->name; s++)
        if (strcmp(s->name, name) == 0)
            s->fallback = h->defaults[slot];
    snprintf(h->defaults[slot], sizeof h->defaults[slot], "%ld", value);
}

static struct setting *table_copy(const struct setting *table)
{
    size_t rows = 1;
    while (table[rows - 1].name)
        rows++;
    struct setting *copy = malloc(rows * sizeof *copy);
    if (!copy)
        abort();
    return memcpy(copy, table, rows * sizeof *copy);
}

static struct service_handle *handle_with(const struct setting *table, const struct service *service)
{
    struct service_handle *h = calloc(1, sizeof *h);
    /* A generator of each thread, seeded by the system: request ids without a call to the kernel. */
    randombytes_set_implementation(&randombytes_internal_implementation);
    if (!h || sodium_init() < 0)
        abort();
    h->table = table_copy(table);
    h->service = service;
    snprintf(h->application, sizeof h->application, "mnemos-%s", service->name);
    set_default(h, "HTTP_PORT", 0, service->http_port);
    set_default(h, "OPS_PORT", 1, service->ops_port);
    set_default(h, "HTTP_THREADS", 2, service->http_threads);
    return h;
}

static struct service_handle *handle_new(const struct service *service)
{
    return handle_with(is_worker(service) ? working_settings : serving_settings, service);
}

static void handle_drop(struct service_handle *h)
{
    settings_release(h->table, &h->settings);
    if (h->service->settings)
        settings_release(h->service->settings, h->service->settings_out);
    free(h->table);
    free(h);
}

static int log_level(const char *name)
{
    for (int i = 0; log_level_names[i]; i++)
        if (strcmp(log_level_names[i], name) == 0)
            return i;
    return -1;
}

static void size_threads(struct service_handle *h)
{
    struct service_settings *s = &h->settings;
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    if (s->worker_threads == 0)
        s->worker_threads = cores;
    if (s->http_threads == 0)
        s->http_threads = 2 * cores;
    if (s->http_threads < 2)
        s->http_threads = 2; /* libmicrohttpd's pool */
    if (s->database_pool == 0)
        s->database_pool = is_worker(h->service) ? s->worker_threads + WORKER_CONNECTIONS : s->http_threads + 1;
}

/* text: NULL where the setting is not one of this program. */
static bool good_address(const char *name, const char *text)
{
    struct address address;
    if (!text || address_read(text, &address))
        return true;
    fprintf(stderr, "%s must be an address of IPv4 or IPv6, without brackets and port\n", name);
    return false;
}

static bool good_addresses(const struct service_settings *s)
{
    struct networks networks;
    bool good = good_address("HTTP_ADDRESS", s->http_address);
    good &= good_address("OPS_ADDRESS", s->ops_address);
    if (!s->trusted_proxy || networks_read(s->trusted_proxy, &networks))
        return good;
    fprintf(stderr, "TRUSTED_PROXY must be addresses or networks, such as 10.0.0.0/8 or fd00::/8, at most %d\n",
            NETWORKS_MAX);
    return false;
}

static bool read_settings(struct service_handle *h)
{
    struct service_settings *s = &h->settings;
    bool good = settings_read(h->table, s, stderr);
    good &= good_addresses(s);
    if (h->service->settings)
        good &= settings_read(h->service->settings, h->service->settings_out, stderr);
    if (!good || (h->service->check && !h->service->check()))
        return false;
    if (log_level(s->log_level) < 0) {
        fprintf(stderr, "LOG_LEVEL must be debug, info, warning or error\n");
        return false;
    }
    size_threads(h);
    return true;
}

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
    log_start(service->name, (enum log_level)log_level(s->log_level));
    if (s->upload_directory) /* a worker takes no files */
        upload_directory(s->upload_directory);
    h->pool = db_pool_new(s->database_url, h->application, (int)s->database_pool, service->constraints);
    if (service->start && !service->start(s, h->pool, &h->app))
        return false;
    h->app_started = true;
    if (!(is_worker(service) ? start_working(h) : start_serving(h)))
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
    if (is_worker(h->service))
        log_line(LOG_INFO, "working on %ld at a time, operations on port %d", h->settings.worker_threads,
                 service_ops_port(h));
    else
        log_line(LOG_INFO, "serving on port %d, operations on port %d", service_port(h), service_ops_port(h));
}

struct service_handle *service_open(const struct service *service)
{
    struct service_handle *h = handle_new(service);
    if (!read_settings(h)) {
        handle_drop(h);
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
    handle_drop(h);
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
    struct service_handle *h = handle_new(service);
    bool good = read_settings(h);
    handle_drop(h);
    return good;
}

/* Whoever sends one of these signals once more does not want to wait that long. */
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

static int run(const struct service *service)
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

static int print_settings(const struct service *service)
{
    struct service_handle *h = handle_new(service);
    puts("| setting | default | what |\n|---|---|---|");
    settings_print(h->table, stdout);
    if (service->settings)
        settings_print(service->settings, stdout);
    handle_drop(h);
    return EXIT_SUCCESS;
}

static int print_openapi(const struct service *service)
{
    json_t *document = openapi_document(service->name, service->summary, service->routes);
    if (!document)
        return EXIT_FAILURE;
    json_dumpf(document, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
    putchar('\n');
    json_decref(document);
    return EXIT_SUCCESS;
}

/* Where the operations port is reached from here: an address that stands for all is one of loopback. */
static int connect_to_operations(const struct service_settings *s)
{
    struct address address;
    struct sockaddr_storage at;
    struct timeval limit = {.tv_sec = 3};
    if (!good_address("OPS_ADDRESS", s->ops_address))
        return -1;
    address_read(s->ops_address, &address);
    if (address_is_any(&address))
        address_read(address_is_v4(&address) ? "127.0.0.1" : "::1", &address);
    socklen_t size = address_with_port(&address, (int)s->ops_port, &at);
    int fd = socket(at.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    if (connect(fd, (struct sockaddr *)&at, size) == 0)
        return fd;
    close(fd);
    return -1;
}

/* Asks this service's operations port, as a container's health check. */
static int check_ready(const struct service *service)
{
    static const char question[] = "GET /readyz HTTP/1.0\r\n\r\n";
    char reply[16] = "";
    struct service_handle *h = handle_with(operations_settings, service);
    int fd = settings_read(h->table, &h->settings, stderr) ? connect_to_operations(&h->settings) : -1;
    bool ready = fd >= 0 && send(fd, question, sizeof question - 1, MSG_NOSIGNAL) > 0 &&
                 recv(fd, reply, sizeof reply - 1, MSG_WAITALL) > 12 && strncmp(reply + 8, " 200", 4) == 0;
    if (fd >= 0)
        close(fd);
    handle_drop(h);
    puts(ready ? "ready" : "not ready");
    return ready ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int print_routes(const struct service *service)
{
    routes_print(service->routes, stdout);
    return EXIT_SUCCESS;
}

static int print_access(const struct service *service)
{
    routes_print_access(service->routes, stdout);
    return EXIT_SUCCESS;
}

static int print_version(const struct service *service)
{
    printf("mnemos-%s %s\n", service->name, MNEMOS_VERSION);
    return EXIT_SUCCESS;
}

static int check_settings(const struct service *service)
{
    return service_check_settings(service) ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int print_help(const struct service *service);

static const struct {
    const char *name;
    int (*act)(const struct service *service);
    const char *summary;
    bool of_api; /* which workers have none of */
} options[] = {
    {"--help", print_help, "this text"},
    {"--version", print_version, "name and version"},
    {"--settings", print_settings, "the settings, read from the environment"},
    {"--routes", print_routes, "the API as a table", .of_api = true},
    {"--access", print_access, "who may do what with whose data, as a table", .of_api = true},
    {"--openapi", print_openapi, "the API as an OpenAPI 3.1 document", .of_api = true},
    {"--check", check_ready, "ask the running service on OPS_PORT if it is ready"},
    {"--check-settings", check_settings, "say what is wrong with the settings, exit 0 when nothing is"},
};

static bool has_option(const struct service *service, size_t i)
{
    return !options[i].of_api || !is_worker(service);
}

static int print_help(const struct service *service)
{
    printf("mnemos-%s: %s\n\nWithout an option it %s until SIGTERM. Settings come from the environment.\n\n",
           service->name, service->summary, is_worker(service) ? "works" : "serves");
    for (size_t i = 0; i < COUNT(options); i++)
        if (has_option(service, i))
            printf("  %-16s %s\n", options[i].name, options[i].summary);
    return EXIT_SUCCESS;
}

int service_main(const struct service *service, int argc, char **argv)
{
    if (argc < 2)
        return run(service);
    for (size_t i = 0; i < COUNT(options) && argc == 2; i++)
        if (has_option(service, i) && strcmp(options[i].name, argv[1]) == 0)
            return options[i].act(service);
    fprintf(stderr, "mnemos-%s does not know %s; see mnemos-%s --help\n", service->name, argv[argc > 2 ? 2 : 1],
            service->name);
    return EXIT_FAILURE;
}
