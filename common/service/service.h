/* A service, or the worker of one: settings, pool, routes or jobs, operations port, signals, drain. Its service.c
 * fills one table, its main.c makes one call. */
#pragma once

#include "common/base/setting.h"
#include "common/database/db.h"
#include "common/http/route.h"
#include "common/job/job.h"

/* The settings of every service. */
struct service_settings {
    char *database_url;
    long database_pool;
    char *http_address, *ops_address;
    long http_port, http_threads, ops_port;
    unsigned log_level; /* enum log_level */
    char *token_issuer, *token_audience;
    char *cors_origins, *trusted_proxy;
    char *upload_directory;
    long drain_seconds;
    long worker_threads, task_keep_days; /* of workers */
};

struct service {
    const char *name;    /* "users"; the executable is mnemos-users */
    const char *summary; /* one sentence */
    int http_port, ops_port;
    int http_threads;           /* by default; 0: two per core, the best for handlers that only wait for the database */
    const char *migration;      /* the newest change of migrations/ that it needs */
    const struct route *routes; /* NULL: a worker, which serves no requests */
    const struct job_kind *jobs; /* of a worker */
    const struct constraint *constraints;
    const struct setting *settings; /* its own, or NULL */
    void *settings_out;             /* where they are kept */

    /* Checks them by rules that the table cannot say. False after sentences on standard error. May be NULL. */
    bool (*check)(void);

    /* Makes the state that handlers find in rq->app. False after a sentence on standard error. May be NULL. */
    bool (*start)(const struct service_settings *common, struct db_pool *pool, void **app);
    void (*stop)(void *app);

    /* True if all it needs besides database, schema and keys is there; asked by /readyz. May be NULL. */
    bool (*ready)(void *app, struct db *db);
};

/* The whole program: does what the option says (see options.c), or serves until SIGTERM; a second ends the drain. */
int service_main(const struct service *service, int argc, char **argv);

/* The same in process, for tests: reads the environment, serves, stops. NULL after a sentence on standard error. */
struct service_handle;
struct service_handle *service_open(const struct service *service);
void service_close(struct service_handle *handle);
int service_port(const struct service_handle *handle); /* not of a worker */
int service_ops_port(const struct service_handle *handle);

/* Checks the environment only; sentences go to standard error. */
bool service_check_settings(const struct service *service);
