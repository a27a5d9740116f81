/* A worker: threads that carry out the tasks of a service.
 *
 * Tasks are claimed when there is a thread for them, and not before, so none waits behind another one in a worker while
 * a second worker is idle. PostgreSQL notifies; a look once in a second finds what a notification has missed. One more
 * thread asks the queue for all jobs: claims, heartbeats with progress, cancellations, and workers that fell silent. */
#pragma once

#include "common/job/job.h"

enum { WORKER_CONNECTIONS = 2 /* of the pool, besides one for each thread */ };

struct worker_config {
    const char *database_url, *application;
    const struct job_kind *kinds; /* ends with a row without a name */
    struct db_pool *pool;
    int threads;
    long keep_days; /* tasks that are over for so long are removed */
    void *app;
};

struct worker;

/* The configuration is kept, not copied. */
struct worker *worker_start(const struct worker_config *config);

/* Claims nothing new from now on. */
void worker_drain(struct worker *w);
bool worker_is_idle(struct worker *w);

/* Gives back the tasks still in work, once their handlers have noticed, and stops. */
void worker_stop(struct worker *w);

/* Asks the queue, too. */
void worker_metrics(struct worker *w, struct writer *to);
