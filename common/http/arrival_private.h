/* A request from its first line to its reply, as libmicrohttpd calls: new with the line, access with the head, with
 * each piece of the body and at its end, drop when the reply has left or the connection has broken.
 *
 * The head is decided first. A refused body is thrown away as it arrives, a file goes to the disk, and memory is given
 * only to bodies within the route's limit.
 *
 * - Path and query are read from the URL as it was sent: libmicrohttpd decodes both.
 * - Headers that come twice are joined, so that a proxy and this server read the same value.
 * - A refused client that waits for "100 Continue" is answered at once. The others may go on sending, because they
 * would lose the answer if the connection were closed on them; a body that never comes to an end is cut off. */
#pragma once

#include "common/base/address.h"
#include "common/http/dispatch.h"
#include "common/http/traffic_private.h"

#include <microhttpd.h>
#include <stdatomic.h>

/* The state that the requests of a server share. */
struct arrivals {
    struct dispatch to;
    struct db_pool *pool;
    struct waiting_room *room; /* NULL where no row may wait */
    void *app;
    struct networks proxies;
    struct traffic traffic;
    _Atomic int in_flight; /* a request is in flight until its reply has left or its connection has broken */
    _Atomic bool draining; /* clients are asked to close their connections */
};

/* The first argument of each is the struct arrivals. */
void *arrival_new(void *arrivals, const char *uri);
enum MHD_Result arrival_access(void *arrivals, struct MHD_Connection *connection, const char *url, const char *method,
                               const char *version, const char *bytes, size_t *size, void **arrival);
void arrival_drop(void *arrivals, struct MHD_Connection *connection, void **arrival,
                  enum MHD_RequestTerminationCode how);
