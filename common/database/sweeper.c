#include "common/database/sweeper.h"

#include "common/base/condition.h"
#include "common/base/log.h"

#include <stdlib.h>

struct sweeper {
    struct db_pool *pool;
    const char *sql;
    long every_s;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t stopped;
    bool stopping;
};

struct swept {
    struct maybe_integer gone;
};
LOCAL_SCHEMA(swept_schema, "Swept", struct swept, FIELD_INTEGER(struct swept, gone));

/* True: there may be more. */
static bool sweep_some(const struct sweeper *s)
{
    AUTO(db_errand_end) struct db_errand e;
    struct swept swept = {0};
    db_errand_begin(&e, s->pool);
    enum status status = db_one(&e.db, s->sql, NO_PARAMS, &swept_schema, &swept);
    if (status != OK)
        log_line(LOG_WARNING, "what has expired cannot be taken away: %s", e.why.detail ? e.why.detail : "no database");
    return status == OK && swept.gone.value > 0;
}

/* The lock is held. */
static void wait_for_next(struct sweeper *s)
{
    int64_t next_us = condition_deadline_us(s->every_s);
    while (!s->stopping && condition_wait(&s->stopped, &s->lock, next_us))
        continue;
}

static void *sweep(void *arg)
{
    struct sweeper *s = arg;
    bool more = false;
    pthread_mutex_lock(&s->lock);
    for (;;) {
        if (!more)
            wait_for_next(s);
        if (s->stopping)
            break;
        pthread_mutex_unlock(&s->lock);
        more = sweep_some(s);
        pthread_mutex_lock(&s->lock);
    }
    pthread_mutex_unlock(&s->lock);
    return NULL;
}

struct sweeper *sweeper_start(struct db_pool *pool, const char *sql, long every_s)
{
    struct sweeper *s = calloc(1, sizeof *s);
    if (!s)
        abort();
    s->pool = pool;
    s->sql = sql;
    s->every_s = every_s;
    pthread_mutex_init(&s->lock, NULL);
    condition_init(&s->stopped);
    if (pthread_create(&s->thread, NULL, sweep, s) != 0)
        abort();
    return s;
}

void sweeper_stop(struct sweeper *s)
{
    if (!s)
        return;
    pthread_mutex_lock(&s->lock);
    s->stopping = true;
    pthread_cond_signal(&s->stopped);
    pthread_mutex_unlock(&s->lock);
    pthread_join(s->thread, NULL);
    pthread_cond_destroy(&s->stopped);
    pthread_mutex_destroy(&s->lock);
    free(s);
}
