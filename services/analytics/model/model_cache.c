#include "services/analytics/model/model_cache.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct model_entry {
    struct model_entry *next;
    char id[33];
    struct arena arena;
    struct mmse_model model;
    int holders; /* the cache is one of them as long as it is in the list */
};

struct model_cache {
    pthread_mutex_t lock;
    struct model_entry *entries; /* the one used last comes first */
    size_t count;
};

struct model_cache *model_cache_new(void)
{
    struct model_cache *cache = calloc(1, sizeof *cache);
    if (!cache)
        abort();
    pthread_mutex_init(&cache->lock, NULL);
    return cache;
}

static void let_go(struct model_entry *e)
{
    if (--e->holders > 0)
        return;
    arena_release(&e->arena);
    free(e);
}

void model_cache_drop(struct model_cache *cache)
{
    for (struct model_entry *e = cache->entries, *next; e; e = next) {
        next = e->next;
        let_go(e);
    }
    pthread_mutex_destroy(&cache->lock);
    free(cache);
}

void model_cache_release(struct held_model *held)
{
    if (!held->entry)
        return;
    pthread_mutex_lock(&held->cache->lock);
    let_go(held->entry);
    pthread_mutex_unlock(&held->cache->lock);
}

static void to_front(struct model_cache *cache, struct model_entry *e)
{
    e->next = cache->entries;
    cache->entries = e;
}

/* Takes it out of the list. */
static struct model_entry *take(struct model_cache *cache, const char *id)
{
    for (struct model_entry **at = &cache->entries; *at; at = &(*at)->next)
        if (strcmp((*at)->id, id) == 0) {
            struct model_entry *found = *at;
            *at = found->next;
            return found;
        }
    return NULL;
}

static void drop_oldest(struct model_cache *cache)
{
    struct model_entry **last = &cache->entries;
    while ((*last)->next)
        last = &(*last)->next;
    let_go(*last);
    *last = NULL;
    cache->count--;
}

static struct model_entry *find(struct model_cache *cache, const char *id)
{
    pthread_mutex_lock(&cache->lock);
    struct model_entry *e = take(cache, id);
    if (e) {
        to_front(cache, e);
        e->holders++;
    }
    pthread_mutex_unlock(&cache->lock);
    return e;
}

/* Two threads may have read the same one: the first stays in the list, the other lives as long as it is held. */
static void add(struct model_cache *cache, struct model_entry *e)
{
    pthread_mutex_lock(&cache->lock);
    struct model_entry *same = take(cache, e->id);
    to_front(cache, same ? same : e);
    if (!same) {
        e->holders++;
        cache->count++;
    }
    if (cache->count > MODEL_CACHE_SIZE)
        drop_oldest(cache);
    pthread_mutex_unlock(&cache->lock);
}

/* ---- Reading ---- */

struct artefact {
    const char *artefact;
};
LOCAL_SCHEMA(artefact_schema, "Artefact", struct artefact, FIELD_TEXT(struct artefact, artefact));

static enum status model_read(struct db *db, const char *id, struct arena *arena, struct mmse_model *out)
{
    static const char sql[] = "SELECT artefact FROM analytics.model WHERE id = $1::uuid";
    struct artefact a = {0};
    struct problem why;
    TRY(db_one(db, sql, PARAMS(id), &artefact_schema, &a));
    problem_reset(&why, db->arena);
    if (mmse_model_read(arena, a.artefact, strlen(a.artefact), out, &why) == OK)
        return OK;
    return fail(db->why, CONFLICT, NULL, "The model that is kept is damaged and not used: %s",
                why.detail ? why.detail : "it cannot be read.");
}

enum status model_cache_check(struct db *db, const char *id)
{
    AUTO(arena_release) struct arena arena = {0};
    struct mmse_model model;
    return model_read(db, id, &arena, &model);
}

enum status model_cache_get(struct model_cache *cache, struct db *db, const char *id, struct held_model *out)
{
    struct model_entry *e = find(cache, id);
    if (!e) {
        e = calloc(1, sizeof *e);
        if (!e)
            abort();
        e->holders = 1;
        memcpy(e->id, id, sizeof e->id - 1);
        enum status read = model_read(db, id, &e->arena, &e->model);
        if (read != OK) {
            let_go(e);
            return read;
        }
        add(cache, e);
    }
    *out = (struct held_model){&e->model, cache, e};
    return OK;
}
