/* Work that takes longer than a request.
 *
 * A *task* is work that an account has asked for: a row of shared.task, made in the transaction of the request, seen by
 * its owner at /api/v1/tasks (task.h). A *job* is one attempt at it in a worker (worker.h), which calls the run
 * function of the task's kind. Kinds are rows of a table that the API and the worker of a service share:
 *
 *     SCHEMA(training_schema, "Training", struct training, FIELD_UUID(struct training, model_id, .rules = REQUIRED));
 *
 *     const struct job_kind analytics_jobs[] = {
 *         {"model.train", model_train, &training_schema, .max_attempts = 3},
 *         {0},
 *     };
 *
 *     static enum status model_train(struct job *job)
 *     {
 *         const struct training *t = job->input;
 *         TRY(rows_read(&job->db, ...));                        on behalf of the task's owner
 *         for (int k = 1; k <= FOLDS; k++) {
 *             TRY(job_step(job, k, FOLDS, "fold %d", k));       stops a job that was cancelled
 *             ...
 *         }
 *         TRY(job_finishing(job));                              from here on: one transaction
 *         TRY(model_insert(&job->db, ...));
 *         job->result = arena_printf(job->arena, "/api/v1/models/%s", t->model_id);
 *         return OK;
 *     }
 *
 * What always holds: a task is finished once. A worker that falls silent loses its lease and another one takes over;
 * the first one can write only in the transaction that finishes the task, and that one is refused. */
#pragma once

#include "common/database/db.h"

struct job;

struct job_kind {
    const char *name; /* "model.train"; also the action of its jobs in the access log */
    enum status (*run)(struct job *job);
    const struct schema *input; /* of the task's input; NULL: none */
    int max_attempts;           /* 0: 3 */
    int lease_s;                /* how long a worker may be silent; 0: 30 */
    int limit_s;                /* a job that takes longer is stopped, and its task fails; 0: an hour */
    int retry_ms;               /* the pause after the first failure, doubled with each further one; 0: 2000 */
};

/* One attempt. Texts live as long as it. */
struct job {
    const struct job_kind *kind;
    const char *task_id;
    int attempt;       /* 1: the first */
    const void *input; /* a record of the kind's schema */
    void *app;         /* made by the worker's start */
    struct arena *arena;
    struct db db; /* acts for the owner of the task, with the owner's role of the time of asking */
    struct problem problem;

    /* Output, besides the rows that the handler writes; both may stay NULL. */
    const char *result;     /* the path of the record made */
    const char *report;     /* a JSON object, up to 256 KiB */
    struct attempt *shared; /* with the thread that looks after it */
};

/* Reports progress; step may be 0. Not OK when the job has to stop: cancelled, its lease lost, over its limit, or the
 * worker ends. Then return that status; the task's fate is decided elsewhere. Costs no round trip: the progress goes
 * with the next heartbeat. */
enum status job_step(struct job *job, int step, int steps, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* True until the job has to stop. For loops that cannot TRY; threads of a handler may ask. */
bool job_goes_on(const struct job *job);

/* Begins the transaction that finishes the task. All that the handler writes from here on happens together with that,
 * or not at all. No worker takes the task over meanwhile, so it should be short. Without it, it begins after run. */
enum status job_finishing(struct job *job);

/* The effect of the status that run returns: FAULT, UNAVAILABLE and TOO_MANY are tried again after a pause, until
 * max_attempts is reached; any other one is final, because it would be the same tomorrow. The problem is the error
 * report; of a fault it says only that. */
