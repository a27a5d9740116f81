/* An attempt at a task: what the thread that works on it (job.c) and the thread that looks after all of them (worker.c)
 * share, and what both ask of the queue (queue.c). */
#ifndef MNEMOS_ATTEMPT_H
#define MNEMOS_ATTEMPT_H

#include "common/job/job.h"

#include <pthread.h>
#include <stdatomic.h>

enum job_stop {
    JOB_GOES_ON,
    JOB_CANCELLED, /* by its owner, or an operator */
    JOB_LOST,      /* its lease, to another worker */
    JOB_OVERTIME,
    JOB_RETURNED, /* the worker ends, and gives it back */
};

/* What shared.task_claim gave. */
struct task_claim {
    const char *task_id, *lease, *kind, *input, *owner_id, *owner_role;
    struct maybe_integer attempt;
};

enum { JOB_MESSAGE_SIZE = 200 };

struct attempt {
    const struct job_kind *kind;
    struct task_claim claim;
    struct db_pool *pool;
    void *app;
    _Atomic int stop; /* enum job_stop; the first reason counts */

    pthread_mutex_t lock; /* of the rest */
    bool finishing;       /* holds the lock of the row: no heartbeat is needed, and none would get through */
    bool changed;         /* since the last heartbeat */
    int step, steps;
    char message[JOB_MESSAGE_SIZE];
};

void attempt_stop(struct attempt *run, enum job_stop why);

/* Works on it to its end. What became of the task, one of attempt_outcomes: its state, "lost", or "unknown" when the
 * database could not be told, whereupon the lease will end. */
const char *attempt_carry_out(struct attempt *run);

enum { ATTEMPT_OUTCOMES = 6 };
extern const char *const attempt_outcomes[ATTEMPT_OUTCOMES];

/* With their defaults. */
int job_lease_s(const struct job_kind *kind);
int job_limit_s(const struct job_kind *kind);
int job_max_attempts(const struct job_kind *kind);

/* queue.c. kinds and leases are array literals of PostgreSQL. */
enum status task_claim_some(struct db *db, const char *kinds, const char *leases, int wanted, struct record_list *out);

struct task_pulse {
    const char *task_id;
    struct maybe_boolean held, cancel_requested;
};
enum status task_heartbeat(struct db *db, const char *jobs, struct record_list *out);

/* "held", "cancelled" or "lost". */
enum status task_fence(struct db *db, const struct task_claim *claim, const char **out);

/* towards: "finished", "error", "cancelled", "retry" or "returned"; out: the state of the task, NULL when it was lost.
 */
struct task_ending {
    const char *towards, *result, *report;
    int retry_ms;
};
enum status task_end(struct db *db, const struct task_claim *claim, const struct task_ending *how, const char **out);

enum status task_tend(struct db *db, long keep_days);

struct task_figure {
    const char *kind, *state;
    struct maybe_integer tasks;
    struct maybe_real age_s;
};
enum status task_figures(struct db *db, struct record_list *out);

#endif
