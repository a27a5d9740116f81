/* An attempt at a task: shared by the thread that works on it (job.c) and the thread that looks after all attempts
 * (worker.c). The first one reports progress, the second one says when to stop. */
#pragma once

#include "common/job/queue.h"

#include <pthread.h>
#include <stdatomic.h>

struct job_kind;

enum attempt_stop {
    ATTEMPT_GOES_ON,
    ATTEMPT_CANCELLED, /* by its owner, or an operator */
    ATTEMPT_LOST,      /* its lease, to another worker */
    ATTEMPT_OVERTIME,
    ATTEMPT_RETURNED, /* the worker ends, and gives it back */
};

enum { ATTEMPT_MESSAGE_SIZE = 200 };

struct attempt {
    const struct job_kind *kind;
    struct claim claim;
    struct db_pool *pool;
    void *app;
    _Atomic int stop; /* enum attempt_stop; the first reason counts */

    pthread_mutex_t lock; /* of the rest */
    bool finishing;       /* holds the lock of the row: no heartbeat is needed, and none would get through */
    bool changed;         /* since the last heartbeat */
    int step, steps;
    char message[ATTEMPT_MESSAGE_SIZE];
};

void attempt_stop(struct attempt *attempt, enum attempt_stop why);
bool attempt_goes_on(const struct attempt *attempt);
