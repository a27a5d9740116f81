#include "common/database/watch.h"

#include "common/base/log.h"
#include "common/database/db.h"

#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { RETRY_MS = 500, ALIVE_CHECK_MS = 5000 };

struct watch {
    pthread_t thread;
    char *url, *application;
    const struct watch_handler *handler;
    void *owner;
    int stop_fd;
};

/* False when the watcher is to stop. */
static bool wait_for(const struct watch *w, int fd, int timeout_ms)
{
    struct pollfd fds[] = {{.fd = w->stop_fd, .events = POLLIN}, {.fd = fd, .events = POLLIN}};
    poll(fds, fd < 0 ? 1 : 2, timeout_ms);
    return fds[0].revents == 0;
}

static bool command(PGconn *pg, const char *sql)
{
    PGresult *r = PQexec(pg, sql);
    ExecStatusType status = PQresultStatus(r);
    PQclear(r);
    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY;
}

/* Listening comes before loading, so that nothing falls between the two. */
static bool begin(const struct watch *w, PGconn *pg)
{
    if (PQstatus(pg) != CONNECTION_OK)
        return false;
    for (const char *const *c = w->handler->channels; *c; c++) {
        char sql[80];
        snprintf(sql, sizeof sql, "LISTEN %s", *c);
        if (!command(pg, sql))
            return false;
    }
    return w->handler->load(w->owner, pg);
}

static bool deliver(const struct watch *w, PGconn *pg)
{
    PGnotify *n;
    bool good = true;
    while (good && (n = PQnotifies(pg))) {
        good = w->handler->notified(w->owner, pg, n->relname, n->extra);
        PQfreemem(n);
    }
    return good;
}

/* Until the connection is of no more use (true) or the watcher is stopped (false). A quiet connection is asked now and
 * then whether it is still there. */
static bool listen_on(const struct watch *w, PGconn *pg)
{
    for (;;) {
        if (!deliver(w, pg))
            return true;
        if (!wait_for(w, PQsocket(pg), ALIVE_CHECK_MS))
            return false;
        struct pollfd readable = {.fd = PQsocket(pg), .events = POLLIN};
        bool alive = poll(&readable, 1, 0) > 0 ? PQconsumeInput(pg) : command(pg, "");
        if (!alive || PQstatus(pg) != CONNECTION_OK)
            return true;
    }
}

static void *watch_run(void *arg)
{
    struct watch *w = arg;
    bool going = true;
    while (going) {
        PGconn *pg = db_connect(w->url, w->application);
        going = begin(w, pg) ? listen_on(w, pg) : true;
        PQfinish(pg);
        going = going && wait_for(w, -1, RETRY_MS);
    }
    return NULL;
}

struct watch *watch_start(const char *url, const char *application, const struct watch_handler *handler, void *owner)
{
    struct watch *w = calloc(1, sizeof *w);
    if (!w)
        abort();
    *w = (struct watch){.url = strdup(url),
                        .application = strdup(application),
                        .handler = handler,
                        .owner = owner,
                        .stop_fd = eventfd(0, EFD_CLOEXEC)};
    if (pthread_create(&w->thread, NULL, watch_run, w) != 0)
        abort();
    return w;
}

void watch_stop(struct watch *w)
{
    if (!w)
        return;
    eventfd_write(w->stop_fd, 1);
    pthread_join(w->thread, NULL);
    close(w->stop_fd);
    free(w->url);
    free(w->application);
    free(w);
}
