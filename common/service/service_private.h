/* Shared by the files of a service's program. */
#pragma once

#include "common/service/ops.h"
#include "common/service/service.h"

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

static inline bool service_is_worker(const struct service *service)
{
    return service->routes == NULL;
}

/* settings.c: a handle with the table of common settings, which differs between services and workers; or with those
 * that --check needs. Nothing is read or running yet. */
struct service_handle *service_handle_new(const struct service *service);
struct service_handle *service_handle_for_operations(const struct service *service);
void service_handle_drop(struct service_handle *h);

/* False after sentences on standard error. */
bool service_settings_read(struct service_handle *h);

/* service.c: serves or works until a signal ends it; the exit status. */
int service_run(const struct service *service);
