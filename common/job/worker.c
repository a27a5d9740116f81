/* A slot is a thread and the attempt that it works on. It is idle or busy: the tender makes it busy by giving it a
 * claim, and its own thread makes it idle when the attempt has ended, whatever became of it.
 *
 * The tender is the one thread that asks the queue for all slots. In each round it does what is due: claims for idle
 * slots, heartbeats for busy ones, a look after the queue once in a second. Then it waits for news or for the next
 * time.
 *
 *     given (of a slot)   the tender, with a claim; worker_stop, at the end    wakes the slot's thread
 *     news                a slot that has become idle, a notification, and
 *                         worker_stop                                          wake the tender
 *
 * worker_drain ends the claims. worker_stop asks the attempts to stop, too; the tender goes on with heartbeats until
 * all slots are idle and then ends, and after it the slots' threads do.
 *
 * What holds always:
 * - A thread never waits for the database with a lock in its hands.
 * - The worker's lock comes before the lock of an attempt.
 * - A claim that arrives while the worker stops is given to a slot all the same, which gives the task back.
 * - No heartbeat is sent for an attempt that is finishing: its transaction holds the row. So a lease that is gone then
 *   says nothing, and the fence in that transaction decides. */
#include "common/job/worker.h"

#include "common/base/clock.h"
#include "common/base/condition.h"
#include "common/base/log.h"
#include "common/base/metric.h"
#include "common/database/watch.h"
#include "common/job/job_private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LOOK_MS = 1000, BEAT_MS = 500 };

/* A thread that works, and what it works on. */
struct slot {
    struct worker *worker;
    pthread_t thread;
    pthread_cond_t given;
    bool busy;                 /* until the thread has come back for more */
    int64_t began_us, beat_us; /* of the attempt, and its last heartbeat */
    struct attempt attempt;
    struct arena arena; /* of the claim */
};

struct kind_metrics {
    _Atomic uint64_t ended[JOB_OUTCOMES];
    struct histogram duration;
};

struct worker {
    struct worker_config config;
    struct watch *watch;
    pthread_t tender;
    pthread_mutex_t lock; /* of what follows, and of busy in slots */
    pthread_cond_t news;  /* for the tender */
    bool draining, stopping, over;
    bool more;  /* there may be tasks that wait */
    bool hurry; /* ask at once who was cancelled */
    int64_t look_us, beat_us;
    char *kinds, *leases; /* array literals */
    struct kind_metrics *metrics;
    struct slot *slots;
};

/* Working */

static void log_job(const struct slot *s, const char *outcome, int64_t duration_us)
{
    struct writer *w = log_begin(strcmp(outcome, "error") == 0 ? LOG_WARNING : LOG_INFO, "job");
    if (!w)
        return;
    write_key(w, "task_id");
    write_text(w, s->attempt.claim.task_id);
    write_key(w, "kind");
    write_text(w, s->attempt.kind->name);
    write_key(w, "attempt");
    write_integer(w, s->attempt.claim.attempt.value);
    write_key(w, "outcome");
    write_text(w, outcome);
    write_key(w, "duration_us");
    write_integer(w, duration_us);
    log_end(w);
}

static void count_job(struct slot *s, const char *outcome, int64_t duration_us)
{
    struct kind_metrics *m = &s->worker->metrics[s->attempt.kind - s->worker->config.kinds];
    for (int i = 0; i < JOB_OUTCOMES; i++)
        if (strcmp(job_outcomes[i], outcome) == 0)
            atomic_fetch_add_explicit(&m->ended[i], 1, memory_order_relaxed);
    histogram_add(&m->duration, duration_us);
}

static void *work(void *arg)
{
    struct slot *s = arg;
    struct worker *w = s->worker;
    pthread_mutex_lock(&w->lock);
    for (;;) {
        while (!s->busy && !w->over)
            pthread_cond_wait(&s->given, &w->lock);
        if (!s->busy)
            break;
        pthread_mutex_unlock(&w->lock);
        const char *outcome = job_carry_out(&s->attempt);
        int64_t duration_us = clock_monotonic_us() - s->began_us;
        log_job(s, outcome, duration_us);
        count_job(s, outcome, duration_us);
        pthread_mutex_lock(&w->lock);
        s->busy = false;
        pthread_cond_signal(&w->news);
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

/* Claiming */

static const struct job_kind *kind_named(const struct worker *w, const char *name)
{
    const struct job_kind *k = w->config.kinds;
    while (strcmp(k->name, name) != 0) /* only those in the table are claimed */
        k++;
    return k;
}

static void claim_copy(const struct claim *from, struct arena *arena, struct claim *out)
{
    *out = (struct claim){.task_id = arena_text(arena, from->task_id),
                          .lease = arena_text(arena, from->lease),
                          .kind = arena_text(arena, from->kind),
                          .input = arena_text(arena, from->input),
                          .owner_id = from->owner_id ? arena_text(arena, from->owner_id) : NULL,
                          .owner_role = from->owner_role ? arena_text(arena, from->owner_role) : NULL,
                          .attempt = from->attempt};
}

/* To a slot that is idle; the lock is held. */
static void give(struct slot *s, const struct claim *claim)
{
    struct attempt *attempt = &s->attempt;
    arena_release(&s->arena);
    claim_copy(claim, &s->arena, &attempt->claim);
    attempt->kind = kind_named(s->worker, claim->kind);
    atomic_store(&attempt->stop, ATTEMPT_GOES_ON);
    attempt->finishing = attempt->changed = false;
    attempt->step = attempt->steps = 0;
    attempt->message[0] = '\0';
    s->began_us = s->beat_us = clock_monotonic_us();
    s->busy = true;
    if (s->worker->stopping) /* it was on its way; its thread gives it back */
        attempt_stop(attempt, ATTEMPT_RETURNED);
    pthread_cond_signal(&s->given);
}

static void give_all(struct worker *w, const struct record_list *claims)
{
    const struct claim *c = claims->items, *end = c + claims->count;
    pthread_mutex_lock(&w->lock);
    for (int i = 0; i < w->config.threads && c < end; i++)
        if (!w->slots[i].busy)
            give(&w->slots[i], c++);
    pthread_mutex_unlock(&w->lock);
}

static void claim(struct worker *w, int wanted)
{
    struct db_errand errand;
    struct record_list claims = {0};
    db_errand_begin(&errand, w->config.pool);
    pthread_mutex_lock(&w->lock);
    w->more = false; /* a notification from here on is news again */
    pthread_mutex_unlock(&w->lock);
    enum status status = queue_claim(&errand.db, w->kinds, w->leases, wanted, &claims);
    db_done(&errand.db); /* for the next to begin */
    if (status == OK)
        give_all(w, &claims);
    pthread_mutex_lock(&w->lock);
    w->more |= status == OK && (int)claims.count == wanted;
    pthread_mutex_unlock(&w->lock);
    db_errand_end(&errand);
}

/* Heartbeats */

static void write_pulse(struct slot *s, struct writer *out)
{
    struct attempt *attempt = &s->attempt;
    write_object(out);
    write_key(out, "id");
    write_text(out, attempt->claim.task_id);
    write_key(out, "lease");
    write_text(out, attempt->claim.lease);
    write_key(out, "lease_s");
    write_integer(out, job_lease_s(attempt->kind));
    if (attempt->steps > 0) {
        write_key(out, "step");
        write_integer(out, attempt->step);
        write_key(out, "steps");
        write_integer(out, attempt->steps);
        write_key(out, "message");
        write_text(out, attempt->message);
    }
    write_object_end(out);
}

/* Those whose progress is news or whose lease has gone by for a third; all when somebody was cancelled. */
static int write_pulses(struct worker *w, bool all, struct writer *out)
{
    int64_t now_us = clock_monotonic_us();
    int count = 0;
    write_array(out);
    for (int i = 0; i < w->config.threads; i++) {
        struct slot *s = &w->slots[i];
        if (!s->busy)
            continue;
        if (now_us - s->began_us > job_limit_s(s->attempt.kind) * INT64_C(1000000))
            attempt_stop(&s->attempt, ATTEMPT_OVERTIME);
        pthread_mutex_lock(&s->attempt.lock);
        bool due =
            all || s->attempt.changed || now_us - s->beat_us >= job_lease_s(s->attempt.kind) * INT64_C(1000000) / 3;
        if (due && !s->attempt.finishing) {
            write_pulse(s, out);
            s->attempt.changed = false;
            s->beat_us = now_us;
            count++;
        }
        pthread_mutex_unlock(&s->attempt.lock);
    }
    write_array_end(out);
    return count;
}

static void take_pulse(struct worker *w, const struct pulse *p)
{
    for (int i = 0; i < w->config.threads; i++) {
        struct slot *s = &w->slots[i];
        if (!s->busy || strcmp(s->attempt.claim.task_id, p->task_id) != 0)
            continue;
        pthread_mutex_lock(&s->attempt.lock);
        bool ends_anyway = s->attempt.finishing; /* which is why the lease is gone */
        pthread_mutex_unlock(&s->attempt.lock);
        if (!p->held.value && !ends_anyway)
            attempt_stop(&s->attempt, ATTEMPT_LOST);
        else if (p->cancel_requested.value)
            attempt_stop(&s->attempt, ATTEMPT_CANCELLED);
    }
}

/* The database could not be told: again with the next beat, not after another third of the lease. */
static void take_no_answer(struct worker *w)
{
    for (int i = 0; i < w->config.threads; i++)
        w->slots[i].beat_us = 0;
}

static void beat(struct worker *w, bool all)
{
    struct db_errand errand;
    struct writer jobs = {0};
    struct record_list pulses = {0};
    db_errand_begin(&errand, w->config.pool);
    pthread_mutex_lock(&w->lock);
    int count = write_pulses(w, all, &jobs);
    pthread_mutex_unlock(&w->lock);
    enum status status = count > 0 ? queue_heartbeat(&errand.db, jobs.bytes, &pulses) : OK;
    pthread_mutex_lock(&w->lock);
    if (status != OK)
        take_no_answer(w);
    for (size_t i = 0; i < pulses.count; i++)
        take_pulse(w, &((const struct pulse *)pulses.items)[i]);
    pthread_mutex_unlock(&w->lock);
    writer_release(&jobs);
    db_errand_end(&errand);
}

static void look_after_queue(struct worker *w)
{
    struct db_errand errand;
    db_errand_begin(&errand, w->config.pool);
    queue_tend(&errand.db, w->config.keep_days);
    db_errand_end(&errand);
}

/* Tending */

static int idle_slots(const struct worker *w)
{
    int idle = 0;
    for (int i = 0; i < w->config.threads; i++)
        idle += !w->slots[i].busy;
    return idle;
}

/* The chores of this moment; the lock is held. */
struct chores {
    bool look, beat, hurry, end;
    int claim;
};

static struct chores chores_now(struct worker *w)
{
    int64_t now_us = clock_monotonic_us();
    int idle = idle_slots(w);
    struct chores c = {.look = now_us >= w->look_us && !w->stopping,
                       .beat = idle < w->config.threads && now_us >= w->beat_us,
                       .hurry = w->hurry && idle < w->config.threads,
                       .end = w->stopping && idle == w->config.threads};
    c.claim = (w->more || c.look) && !w->draining ? idle : 0;
    w->hurry = false;
    if (c.look)
        w->look_us = now_us + LOOK_MS * INT64_C(1000);
    if (c.beat || c.hurry)
        w->beat_us = now_us + BEAT_MS * INT64_C(1000);
    return c;
}

static void wait_for_news(struct worker *w)
{
    int64_t until_us = idle_slots(w) < w->config.threads && w->beat_us < w->look_us ? w->beat_us : w->look_us;
    condition_wait(&w->news, &w->lock, until_us);
}

static void *tend(void *arg)
{
    struct worker *w = arg;
    for (;;) {
        pthread_mutex_lock(&w->lock);
        struct chores c = chores_now(w);
        bool nothing = !c.look && !c.beat && !c.hurry && !c.end && !c.claim;
        if (nothing)
            wait_for_news(w);
        pthread_mutex_unlock(&w->lock);
        if (c.end)
            return NULL;
        if (c.beat || c.hurry)
            beat(w, c.hurry);
        if (c.look)
            look_after_queue(w);
        if (c.claim > 0)
            claim(w, c.claim);
    }
}

/* Notifications */

static const char *const channels[] = {"task_pending", "task_cancelled", NULL};

static void wake(struct worker *w, bool more, bool hurry)
{
    pthread_mutex_lock(&w->lock);
    w->more |= more;
    w->hurry |= hurry;
    pthread_cond_signal(&w->news);
    pthread_mutex_unlock(&w->lock);
}

static bool connected(void *owner, PGconn *pg)
{
    (void)pg;
    wake(owner, true, true);
    return true;
}

static bool notified(void *owner, PGconn *pg, const char *channel, const char *payload)
{
    if (strcmp(channel, channels[1]) == 0)
        wake(owner, false, true);
    else if (strcmp(payload, PQuser(pg)) == 0) /* the tasks of this service */
        wake(owner, true, false);
    return true;
}

static const struct watch_handler listener = {channels, connected, notified};

/* Life */

static char *literal_of(const char *words)
{
    char *text;
    if (asprintf(&text, "{%s}", words) < 0)
        abort();
    return text;
}

static void name_kinds(struct worker *w)
{
    struct writer kinds = {0}, leases = {0};
    size_t count = 0;
    for (const struct job_kind *k = w->config.kinds; k->name; k++, count++) {
        write_text(&kinds, k->name);
        write_integer(&leases, job_lease_s(k));
    }
    w->kinds = literal_of(kinds.bytes ? kinds.bytes : "");
    w->leases = literal_of(leases.bytes ? leases.bytes : "");
    w->metrics = calloc(count + 1, sizeof *w->metrics);
    if (!w->metrics)
        abort();
    writer_release(&kinds);
    writer_release(&leases);
}

static void slot_start(struct slot *s, struct worker *w)
{
    s->worker = w;
    s->attempt.pool = w->config.pool;
    s->attempt.app = w->config.app;
    pthread_mutex_init(&s->attempt.lock, NULL);
    pthread_cond_init(&s->given, NULL);
    if (pthread_create(&s->thread, NULL, work, s) != 0)
        abort();
}

struct worker *worker_start(const struct worker_config *config)
{
    struct worker *w = calloc(1, sizeof *w);
    if (!w || !(w->slots = calloc((size_t)config->threads, sizeof *w->slots)))
        abort();
    w->config = *config;
    name_kinds(w);
    pthread_mutex_init(&w->lock, NULL);
    condition_init(&w->news);
    for (int i = 0; i < config->threads; i++)
        slot_start(&w->slots[i], w);
    if (pthread_create(&w->tender, NULL, tend, w) != 0)
        abort();
    w->watch = watch_start(config->database_url, config->application, &listener, w);
    return w;
}

void worker_drain(struct worker *w)
{
    pthread_mutex_lock(&w->lock);
    w->draining = true;
    pthread_mutex_unlock(&w->lock);
}

bool worker_is_idle(struct worker *w)
{
    pthread_mutex_lock(&w->lock);
    bool idle = idle_slots(w) == w->config.threads;
    pthread_mutex_unlock(&w->lock);
    return idle;
}

static void stop_jobs(struct worker *w)
{
    pthread_mutex_lock(&w->lock);
    w->draining = w->stopping = true;
    for (int i = 0; i < w->config.threads; i++)
        if (w->slots[i].busy)
            attempt_stop(&w->slots[i].attempt, ATTEMPT_RETURNED);
    pthread_cond_signal(&w->news);
    pthread_mutex_unlock(&w->lock);
}

static void let_threads_go(struct worker *w)
{
    pthread_mutex_lock(&w->lock);
    w->over = true;
    for (int i = 0; i < w->config.threads; i++)
        pthread_cond_signal(&w->slots[i].given);
    pthread_mutex_unlock(&w->lock);
}

static void slot_release(struct slot *s)
{
    pthread_join(s->thread, NULL);
    pthread_cond_destroy(&s->given);
    pthread_mutex_destroy(&s->attempt.lock);
    arena_release(&s->arena);
}

void worker_stop(struct worker *w)
{
    if (!w)
        return;
    watch_stop(w->watch);
    stop_jobs(w);
    pthread_join(w->tender, NULL); /* goes on with heartbeats until all have stopped */
    let_threads_go(w);
    for (int i = 0; i < w->config.threads; i++)
        slot_release(&w->slots[i]);
    pthread_cond_destroy(&w->news);
    pthread_mutex_destroy(&w->lock);
    free(w->kinds);
    free(w->leases);
    free(w->metrics);
    free(w->slots);
    free(w);
}

/* Figures */

static void queue_metrics(struct worker *w, struct writer *to)
{
    struct db_errand errand;
    struct record_list figures = {0};
    char labels[200];
    db_errand_begin(&errand, w->config.pool);
    queue_figures(&errand.db, &figures);
    const struct queue_figure *f = figures.items;
    metric_head(to, "mnemos_tasks", "gauge", "Tasks of the service by state; error: the dead letters.");
    for (size_t i = 0; i < figures.count; i++) {
        snprintf(labels, sizeof labels, "kind=\"%s\",state=\"%s\"", f[i].kind, f[i].state);
        metric_sample(to, "mnemos_tasks", labels, (double)f[i].tasks.value);
    }
    metric_head(to, "mnemos_task_age_seconds", "gauge", "For how long the oldest is due, or being executed.");
    for (size_t i = 0; i < figures.count; i++) {
        snprintf(labels, sizeof labels, "kind=\"%s\",state=\"%s\"", f[i].kind, f[i].state);
        metric_sample(to, "mnemos_task_age_seconds", labels, f[i].age_s.value);
    }
    db_errand_end(&errand);
}

void worker_metrics(struct worker *w, struct writer *to)
{
    char labels[200];
    const struct job_kind *kinds = w->config.kinds;
    queue_metrics(w, to);
    metric_head(to, "mnemos_jobs_total", "counter", "Attempts by what became of them; pending: to be tried again.");
    for (size_t k = 0; kinds[k].name; k++)
        for (int i = 0; i < JOB_OUTCOMES; i++) {
            snprintf(labels, sizeof labels, "kind=\"%s\",outcome=\"%s\"", kinds[k].name, job_outcomes[i]);
            metric_sample(to, "mnemos_jobs_total", labels, (double)atomic_load(&w->metrics[k].ended[i]));
        }
    metric_head(to, "mnemos_job_duration_seconds", "histogram", "How long attempts took.");
    for (size_t k = 0; kinds[k].name; k++) {
        snprintf(labels, sizeof labels, "kind=\"%s\"", kinds[k].name);
        histogram_print(&w->metrics[k].duration, "mnemos_job_duration_seconds", labels, to);
    }
    pthread_mutex_lock(&w->lock);
    int busy = w->config.threads - idle_slots(w);
    pthread_mutex_unlock(&w->lock);
    metric_head(to, "mnemos_worker_threads", "gauge", "Threads that work, by what they do.");
    metric_sample(to, "mnemos_worker_threads", "state=\"busy\"", busy);
    metric_sample(to, "mnemos_worker_threads", "state=\"idle\"", w->config.threads - busy);
}
