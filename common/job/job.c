#include "common/job/attempt.h"

#include "common/base/text.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *const attempt_outcomes[ATTEMPT_OUTCOMES] = {"finished", "pending", "error", "cancelled", "lost", "unknown"};

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

void attempt_stop(struct attempt *run, enum job_stop why)
{
    int none = JOB_GOES_ON;
    atomic_compare_exchange_strong(&run->stop, &none, (int)why);
}

bool job_goes_on(const struct job *job)
{
    return atomic_load_explicit(&job->run->stop, memory_order_relaxed) == JOB_GOES_ON;
}

static enum status stopped(struct job *job)
{
    return fail(&job->problem, UNAVAILABLE, NULL, "The job was stopped.");
}

enum status job_step(struct job *job, int step, int steps, const char *format, ...)
{
    struct attempt *run = job->run;
    va_list args;
    pthread_mutex_lock(&run->lock);
    run->step = step;
    run->steps = steps;
    va_start(args, format);
    vsnprintf(run->message, sizeof run->message, format, args);
    va_end(args);
    text_mend(run->message);
    run->changed = true;
    pthread_mutex_unlock(&run->lock);
    return job_goes_on(job) ? OK : stopped(job);
}

static void set_finishing(struct attempt *run, bool finishing)
{
    pthread_mutex_lock(&run->lock);
    run->finishing = finishing;
    pthread_mutex_unlock(&run->lock);
}

enum status job_finishing(struct job *job)
{
    const char *lease;
    assert(!job->run->finishing);
    set_finishing(job->run, true);
    TRY(db_begin(&job->db));
    TRY(task_fence(&job->db, &job->run->claim, &lease));
    if (strcmp(lease, "held") == 0)
        return OK;
    attempt_stop(job->run, strcmp(lease, "lost") == 0 ? JOB_LOST : JOB_CANCELLED);
    return stopped(job);
}

/* In one transaction with whatever the handler has written since job_finishing. */
static enum status finish(struct job *job)
{
    const struct task_ending how = {.towards = "finished", .result = job->result, .report = job->report};
    const char *state;
    if (!job->run->finishing)
        TRY(job_finishing(job));
    assert(job->db.depth == 1); /* the commit is ours */
    TRY(task_end(&job->db, &job->run->claim, &how, &state));
    return db_commit(&job->db);
}

/* One that outlives the job. */
static const char *outcome_named(const char *name)
{
    for (int i = 0; i < ATTEMPT_OUTCOMES; i++)
        if (strcmp(attempt_outcomes[i], name) == 0)
            return attempt_outcomes[i];
    return "unknown";
}

static const char *direction(enum job_stop stop, enum status status)
{
    if (stop == JOB_CANCELLED)
        return "cancelled";
    if (stop == JOB_RETURNED)
        return "returned";
    if (stop == JOB_OVERTIME)
        return "error";
    return status == FAULT || status == UNAVAILABLE || status == TOO_MANY ? "retry" : "error";
}

/* What the handler has written is gone with its transaction. */
static const char *give_up(struct job *job, enum status status)
{
    struct attempt *run = job->run;
    enum job_stop stop = (enum job_stop)atomic_load(&run->stop);
    struct writer report = {0};
    const char *state = NULL;
    db_done(&job->db);
    set_finishing(run, false);
    if (stop == JOB_LOST)
        return "lost";
    if (stop == JOB_OVERTIME) {
        problem_reset(&job->problem, job->arena);
        status = fail(&job->problem, UNAVAILABLE, NULL, "It took longer than %d seconds.", job_limit_s(run->kind));
    }
    problem_write(&job->problem, status, "task_id", job->task_id, &report);
    const struct task_ending how = {.towards = direction(stop, status),
                                    .report = report.bytes,
                                    .retry_ms = run->kind->retry_ms ? run->kind->retry_ms : 2000};
    enum status told = task_end(&job->db, &run->claim, &how, &state);
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
    *json = json_loads(job->run->claim.input, JSON_REJECT_DUPLICATES, &error);
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

const char *attempt_carry_out(struct attempt *run)
{
    const struct task_claim *claim = &run->claim;
    struct arena arena = {0};
    struct db_actor owner = {.role = claim->owner_role ? claim->owner_role : "",
                             .account_id = claim->owner_id ? claim->owner_id : "",
                             .request = arena_printf(&arena, "%s %s ", claim->kind, claim->task_id)};
    struct job job = {.kind = run->kind,
                      .task_id = claim->task_id,
                      .attempt = (int)claim->attempt.value,
                      .app = run->app,
                      .arena = &arena,
                      .run = run};
    problem_reset(&job.problem, &arena);
    job.db = (struct db){.pool = run->pool, .arena = &arena, .why = &job.problem, .actor = &owner};
    enum status status = run_kind(&job);
    const char *outcome = status == OK ? "finished" : give_up(&job, status);
    db_done(&job.db);
    arena_release(&arena);
    return outcome;
}
