/* Listens to notifications of PostgreSQL in a thread and connection of its own.
 *
 * A notification that is sent while the connection is down is lost, so after every connect the watcher asks its owner
 * to load the whole state anew. */
#pragma once

#include <libpq-fe.h>
#include <stdbool.h>

struct watch_handler {
    const char *const *channels; /* ends with NULL */
    /* False: drop the connection and try again, which begins with load. */
    bool (*load)(void *owner, PGconn *pg);
    bool (*notified)(void *owner, PGconn *pg, const char *channel, const char *payload);
};

struct watch;

struct watch *watch_start(const char *url, const char *application, const struct watch_handler *handler, void *owner);
void watch_stop(struct watch *w);
