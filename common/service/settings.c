/* The settings that all services have, and reading them together with a service's own. */
#include "common/base/address.h"
#include "common/base/log.h"
#include "common/service/service_private.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool is_address(const char *text)
{
    struct address address;
    return address_read(text, &address);
}

static bool are_networks(const char *text)
{
    struct networks networks;
    return networks_read(text, &networks);
}

_Static_assert(NETWORKS_MAX == 64, "TRUSTED_PROXY says how many");

#define ADDRESS .fits = is_address, .must_be = "an address of IPv4 or IPv6, without brackets and port"

/* Rows whose default depends on the service or the machine have NULL here; see set_default. */
#define DATABASE_SETTINGS(pool_summary) \
    SETTING_TEXT(struct service_settings, database_url, "DATABASE_URL", .rules = SETTING_REQUIRED | SETTING_SECRET, \
                 .summary = "libpq connection string of the service's own role"), \
        SETTING_INTEGER(struct service_settings, database_pool, "DATABASE_POOL", .fallback = "0", .min = 0, \
                        .max = 256, .summary = (pool_summary))
#define OPERATIONS_SETTINGS \
    SETTING_TEXT(struct service_settings, ops_address, "OPS_ADDRESS", .fallback = "127.0.0.1", ADDRESS, \
                 .summary = "address of the operations port, of IPv4 or IPv6"), \
        SETTING_INTEGER(struct service_settings, ops_port, "OPS_PORT", .max = 65535, \
                        .summary = "port of /livez, /readyz and /metrics"), \
        SETTING_CHOICE(struct service_settings, log_level, "LOG_LEVEL", log_level_names, .fallback = "info")
#define DRAIN_SETTING(summary_) \
    SETTING_INTEGER(struct service_settings, drain_seconds, "DRAIN_SECONDS", .fallback = "0", .min = 0, .max = 300, \
                    .summary = (summary_))

static const struct setting serving_settings[] = {
    DATABASE_SETTINGS("connections to PostgreSQL; 0: one per HTTP thread and one more"),
    SETTING_TEXT(struct service_settings, http_address, "HTTP_ADDRESS", .fallback = "127.0.0.1", ADDRESS,
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
                 .fits = are_networks, .must_be = "addresses or networks, such as 10.0.0.0/8 or fd00::/8, at most 64",
                 .summary = "networks whose X-Request-Id and X-Forwarded-For are trusted, separated by spaces"),
    SETTING_TEXT(struct service_settings, upload_directory, "UPLOAD_DIRECTORY", .fallback = "/var/tmp",
                 .summary = "directory of uploaded and exported files, without a name, while a request works on them"),
    DRAIN_SETTING("seconds to go on serving, not ready, after SIGTERM"),
    {0},
};

static const struct setting working_settings[] = {
    DATABASE_SETTINGS("connections to PostgreSQL; 0: one per thread and two more"),
    SETTING_INTEGER(struct service_settings, worker_threads, "WORKER_THREADS", .fallback = "0", .min = 0, .max = 64,
                    .summary = "concurrent tasks; 0: one per core"),
    SETTING_INTEGER(struct service_settings, task_keep_days, "TASK_KEEP_DAYS", .fallback = "30", .min = 1, .max = 3650,
                    .summary = "days for which finished tasks can be read"),
    OPERATIONS_SETTINGS,
    DRAIN_SETTING("seconds that jobs may go on after SIGTERM before they are given back"),
    {0},
};

/* The settings that --check needs. */
static const struct setting operations_settings[] = {OPERATIONS_SETTINGS, {0}};

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

struct service_handle *service_handle_new(const struct service *service)
{
    return handle_with(service_is_worker(service) ? working_settings : serving_settings, service);
}

struct service_handle *service_handle_for_operations(const struct service *service)
{
    return handle_with(operations_settings, service);
}

void service_handle_drop(struct service_handle *h)
{
    settings_release(h->table, &h->settings);
    if (h->service->settings)
        settings_release(h->service->settings, h->service->settings_out);
    free(h->table);
    free(h);
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
        s->database_pool = service_is_worker(h->service) ? s->worker_threads + WORKER_CONNECTIONS : s->http_threads + 1;
}

bool service_settings_read(struct service_handle *h)
{
    struct service_settings *s = &h->settings;
    bool good = settings_read(h->table, s, stderr);
    if (h->service->settings)
        good &= settings_read(h->service->settings, h->service->settings_out, stderr);
    if (!good || (h->service->check && !h->service->check()))
        return false;
    size_threads(h);
    return true;
}
