#include "common/job/job_private.h"

#include "common/base/text.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *const job_outcomes[JOB_OUTCOMES] = {"finished", "pending", "error", "cancelled", "lost", "unknown"};

int job_lease_s(const struct job_kind *kind)
{
    return kind->lease_s ? kind->lease_s : 30;
}

int job_limit_s(const struct job_kind *kind)
{
    return kind->limit_s ? kind->limit_s : 3600;
}

int job_max_attempts(const struct job_kind *kind)
{
    return kind->max_attempts ? kind->max_attempts : 3;
}

bool job_goes_on(const struct job *job)
{
    return attempt_goes_on(job->shared);
}

static enum status stopped(struct job *job)
{
    return fail(&job->problem, UNAVAILABLE, NULL, "The job was stopped.");
}

enum status job_step(struct job *job, int step, int steps, const char *format, ...)
{
    struct attempt *attempt = job->shared;
    va_list args;
    pthread_mutex_lock(&attempt->lock);
    attempt->step = step;
    attempt->steps = steps;
    va_start(args, format);
    vsnprintf(attempt->message, sizeof attempt->message, format, args);
    va_end(args);
    text_mend(attempt->message);
    attempt->changed = true;
    pthread_mutex_unlock(&attempt->lock);
    return job_goes_on(job) ? OK : stopped(job);
}

static void set_finishing(struct attempt *attempt, bool finishing)
{
    pthread_mutex_lock(&attempt->lock);
    attempt->finishing = finishing;
    pthread_mutex_unlock(&attempt->lock);
}

enum status job_finishing(struct job *job)
{
    const char *lease;
    assert(!job->shared->finishing);
    set_finishing(job->shared, true);
    TRY(db_begin(&job->db));
    TRY(queue_fence(&job->db, &job->shared->claim, &lease));
    if (strcmp(lease, "held") == 0)
        return OK;
    attempt_stop(job->shared, strcmp(lease, "lost") == 0 ? ATTEMPT_LOST : ATTEMPT_CANCELLED);
    return stopped(job);
}

/* In one transaction with whatever the handler has written since job_finishing. */
static enum status finish(struct job *job)
{
    const struct ending how = {.towards = "finished", .result = job->result, .report = job->report};
    const char *state;
    if (!job->shared->finishing)
        TRY(job_finishing(job));
    assert(job->db.depth == 1); /* the commit is ours */
    TRY(queue_end(&job->db, &job->shared->claim, &how, &state));
    return db_commit(&job->db);
}

/* One that outlives the job. */
static const char *outcome_named(const char *name)
{
    for (int i = 0; i < JOB_OUTCOMES; i++)
        if (strcmp(job_outcomes[i], name) == 0)
            return job_outcomes[i];
    return "unknown";
}

static const char *direction(enum attempt_stop stop, enum status status)
{
    if (stop == ATTEMPT_CANCELLED)
        return "cancelled";
    if (stop == ATTEMPT_RETURNED)
        return "returned";
    if (stop == ATTEMPT_OVERTIME)
        return "error";
    return status == FAULT || status == UNAVAILABLE || status == TOO_MANY ? "retry" : "error";
}

/* The handler's changes are gone with its transaction. */
static const char *give_up(struct job *job, enum status status)
{
    struct attempt *attempt = job->shared;
    enum attempt_stop stop = (enum attempt_stop)atomic_load(&attempt->stop);
    struct writer report = {0};
    const char *state = NULL;
    db_done(&job->db);
    set_finishing(attempt, false);
    if (stop == ATTEMPT_LOST)
        return "lost";
    if (stop == ATTEMPT_OVERTIME) {
        problem_reset(&job->problem, job->arena);
        status = fail(&job->problem, UNAVAILABLE, NULL, "It took longer than %d seconds.", job_limit_s(attempt->kind));
    }
    problem_write(&job->problem, status, "task_id", job->task_id, &report);
    const struct ending how = {.towards = direction(stop, status),
                               .report = report.bytes,
                               .retry_ms = attempt->kind->retry_ms ? attempt->kind->retry_ms : 2000};
    enum status told = queue_end(&job->db, &attempt->claim, &how, &state);
    writer_release(&report);
    return outcome_named(told != OK ? "unknown" : state ? state : "lost");
}

/* Written by this suite, but perhaps by another version of it. */
static enum status read_input(struct job *job, json_t **json)
{
    const struct schema *s = job->kind->input;
    json_error_t error;
    if (!s)
        return OK;
    *json = json_loads(job->shared->claim.input, JSON_REJECT_DUPLICATES, &error);
    if (!json_is_object(*json))
        return fail(&job->problem, INVALID, NULL, "The task's input is no JSON object.");
    void *record = arena_alloc(job->arena, s->size);
    const struct input in = {.arena = job->arena, .json = *json};
    TRY(schema_decode(s, &in, record, &job->problem));
    job->input = record;
    return OK;
}

static enum status run_kind(struct job *job)
{
    AUTO(json_decrefp) json_t *json = NULL;
    TRY(read_input(job, &json));
    if (!job_goes_on(job))
        return stopped(job);
    TRY(job->kind->run(job));
    return finish(job);
}

const char *job_carry_out(struct attempt *attempt)
{
    const struct claim *claim = &attempt->claim;
    struct arena arena = {0};
    struct db_actor owner = {.role = claim->owner_role ? claim->owner_role : "",
                             .account_id = claim->owner_id ? claim->owner_id : "",
                             .request = arena_printf(&arena, "%s %s ", claim->kind, claim->task_id)};
    struct job job = {.kind = attempt->kind,
                      .task_id = claim->task_id,
                      .attempt = (int)claim->attempt.value,
                      .app = attempt->app,
                      .arena = &arena,
                      .shared = attempt};
    problem_reset(&job.problem, &arena);
    job.db = (struct db){.pool = attempt->pool, .arena = &arena, .why = &job.problem, .actor = &owner};
    enum status status = run_kind(&job);
    const char *outcome = status == OK ? "finished" : give_up(&job, status);
    db_done(&job.db);
    arena_release(&arena);
    return outcome;
}
