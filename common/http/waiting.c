#include "common/http/waiting.h"

#include "common/base/clock.h"
#include "common/base/condition.h"
#include "common/base/text.h"
#include "common/database/watch.h"

#include <stdlib.h>
#include <string.h>

enum { ID_SIZE = 33 };

struct waiting_place {
    char what[ID_SIZE], account[ID_SIZE];
    int64_t until_us;
    bool happened; /* before somebody sat down */
    void (*call)(void *arg);
    void *arg;
    struct waiting_place *next;
};

struct waiting_room {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct waiting_place *places;
    int count;
    bool closed, stopping;
    const char *channels[2];
    struct watch_handler handler;
    struct watch *watch;
    pthread_t clock;
};

/* The lock is held. */
static void unlink_place(struct waiting_room *room, struct waiting_place *place)
{
    struct waiting_place **at = &room->places;
    while (*at != place)
        at = &(*at)->next;
    *at = place->next;
    room->count--;
}

/* Places it is for: one that is sat on is called and gone, another is called as soon as it is sat on. The lock is held;
 * a call only marks the connection. */
static void call_those(struct waiting_room *room, const char *what, int64_t due_us)
{
    for (struct waiting_place *p = room->places, *next; p; p = next) {
        next = p->next;
        if (!(what && strcmp(p->what, what) == 0) && p->until_us > due_us)
            continue;
        p->happened = true;
        if (!p->call)
            continue;
        unlink_place(room, p);
        p->call(p->arg);
        free(p);
    }
}

static void call_all(struct waiting_room *room)
{
    pthread_mutex_lock(&room->lock);
    call_those(room, NULL, INT64_MAX);
    pthread_mutex_unlock(&room->lock);
}

/* Notifications may have been lost while nobody listened, so all places are called. */
static bool connected(void *owner, PGconn *pg)
{
    (void)pg;
    call_all(owner);
    return true;
}

static bool notified(void *owner, PGconn *pg, const char *channel, const char *payload)
{
    struct waiting_room *room = owner;
    char id[ID_SIZE];
    (void)pg, (void)channel;
    if (!text_uuid(payload, id))
        return true;
    pthread_mutex_lock(&room->lock);
    call_those(room, id, INT64_MIN);
    pthread_mutex_unlock(&room->lock);
    return true;
}

static int64_t first_end_us(const struct waiting_room *room)
{
    int64_t first = INT64_MAX;
    for (const struct waiting_place *p = room->places; p; p = p->next)
        if (p->call && p->until_us < first)
            first = p->until_us;
    return first;
}

static void *watch_the_clock(void *arg)
{
    struct waiting_room *room = arg;
    pthread_mutex_lock(&room->lock);
    while (!room->stopping) {
        call_those(room, NULL, clock_monotonic_us());
        condition_wait(&room->changed, &room->lock, first_end_us(room));
    }
    pthread_mutex_unlock(&room->lock);
    return NULL;
}

struct waiting_room *waiting_room_start(const char *database_url, const char *application, const char *channel)
{
    struct waiting_room *room = calloc(1, sizeof *room);
    if (!room)
        abort();
    pthread_mutex_init(&room->lock, NULL);
    condition_init(&room->changed);
    room->channels[0] = channel;
    room->handler = (struct watch_handler){room->channels, connected, notified};
    if (pthread_create(&room->clock, NULL, watch_the_clock, room) != 0)
        abort();
    room->watch = watch_start(database_url, application, &room->handler, room);
    return room;
}

void waiting_room_stop(struct waiting_room *room)
{
    if (!room)
        return;
    watch_stop(room->watch);
    pthread_mutex_lock(&room->lock);
    room->stopping = true;
    pthread_cond_signal(&room->changed);
    pthread_mutex_unlock(&room->lock);
    pthread_join(room->clock, NULL);
    pthread_cond_destroy(&room->changed);
    pthread_mutex_destroy(&room->lock);
    free(room);
}

void waiting_room_empty(struct waiting_room *room)
{
    pthread_mutex_lock(&room->lock);
    room->closed = true;
    pthread_mutex_unlock(&room->lock);
    call_all(room);
}

int waiting_room_count(struct waiting_room *room)
{
    pthread_mutex_lock(&room->lock);
    int count = room->count;
    pthread_mutex_unlock(&room->lock);
    return count;
}

static bool has_place(const struct waiting_room *room, const char *account)
{
    int own = 0;
    for (const struct waiting_place *p = room->places; p; p = p->next)
        own += strcmp(p->account, account) == 0;
    return !room->closed && room->count < WAITING_PLACES && own < WAITING_PLACES_EACH;
}

struct waiting_place *waiting_take(struct waiting_room *room, const char *what, const char *account, int64_t until_us)
{
    struct waiting_place *place = calloc(1, sizeof *place);
    if (!place)
        abort();
    strncpy(place->what, what, ID_SIZE - 1);
    strncpy(place->account, account, ID_SIZE - 1);
    place->until_us = until_us;
    pthread_mutex_lock(&room->lock);
    bool free_one = has_place(room, account);
    if (free_one) {
        place->next = room->places;
        room->places = place;
        room->count++;
    }
    pthread_mutex_unlock(&room->lock);
    if (free_one)
        return place;
    free(place);
    return NULL;
}

void waiting_leave(struct waiting_room *room, struct waiting_place *place)
{
    pthread_mutex_lock(&room->lock);
    unlink_place(room, place);
    pthread_mutex_unlock(&room->lock);
    free(place);
}

void waiting_sit(struct waiting_room *room, struct waiting_place *place, void (*call)(void *arg), void *arg)
{
    pthread_mutex_lock(&room->lock);
    bool happened = place->happened;
    if (happened) {
        unlink_place(room, place);
    } else {
        place->call = call;
        place->arg = arg;
        pthread_cond_signal(&room->changed);
    }
    pthread_mutex_unlock(&room->lock);
    if (!happened)
        return;
    free(place);
    call(arg);
}
