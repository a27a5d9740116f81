/* The end of a server without a broken connection. The queue is emptied first, then the clients are waited for. */
#pragma once

#include <stdatomic.h>

/* Closing a listening socket breaks the connections that wait to be accepted, although their clients believe that they
 * are served. So no new one can be opened from here on, and those in the queue or on their way there are let in. */
void drain_queue(int listening);

/* Busy clients leave by themselves, because the next reply asks them to. The others get a while without a request: one
 * may be on its way, or on a connection that was just accepted and is not counted yet. */
void drain_clients(const _Atomic int *in_flight);
