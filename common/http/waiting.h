/* Requests that wait for something to happen, without keeping a thread or a connection to the database meanwhile.
 *
 * A room has WAITING_PLACES, and each account WAITING_PLACES_EACH of them; a request that finds none is answered at
 * once and asks again. A place waits for the payload of a notification of PostgreSQL. It is taken before the handler
 * checks whether the event has happened, so that nothing is missed; when the room's connection was lost all are called,
 * to check again. */
#pragma once

#include <stdint.h>

enum { WAITING_PLACES = 256, WAITING_PLACES_EACH = 8, WAITING_MAX_S = 20 /* less than proxies wait for an answer */ };

struct waiting_room;
struct waiting_place;

struct waiting_room *waiting_room_start(const char *database_url, const char *application, const char *channel);
void waiting_room_stop(struct waiting_room *room); /* when it is empty */

/* Calls all places; none is given from now on. */
void waiting_room_empty(struct waiting_room *room);
int waiting_room_count(struct waiting_room *room);

/* NULL: no place is left. what: an id; until_us: of the monotonic clock. */
struct waiting_place *waiting_take(struct waiting_room *room, const char *what, const char *account, int64_t until_us);

/* A place is left or sat down on: then call comes once, from any thread, perhaps at once, and the place is gone. */
void waiting_leave(struct waiting_room *room, struct waiting_place *place);
void waiting_sit(struct waiting_room *room, struct waiting_place *place, void (*call)(void *arg), void *arg);
