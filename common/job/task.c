#include "common/job/task.h"

#include "common/http/waiting.h"
#include "common/job/job_private.h"
#include "common/job/task_private.h"

#include <string.h>

static const char *const states[] = {"created", "pending", "executing", "finished", "error", "cancelled", NULL};
static const char *const priorities[] = {"low", "normal", "high", NULL};

SCHEMA(
    task_schema, "Task", struct task, FIELD_UUID(struct task, task_id),
    FIELD_TEXT(struct task, kind, .summary = "Kind of work", .example = "model.train"),
    FIELD_ENUM(struct task, state, states,
               .summary =
                   "created: waits for its time; pending: waits for a worker, also after a failed attempt; executing;"
                   " over: finished, error or cancelled"),
    FIELD_ENUM(struct task, priority, priorities),
    FIELD_INTEGER(struct task, step, .summary = "Progress of the attempt: step of steps"),
    FIELD_INTEGER(struct task, steps), FIELD_TEXT(struct task, message, .summary = "Description of the current step"),
    FIELD_INTEGER(struct task, attempts, .summary = "Number of attempts"), FIELD_INTEGER(struct task, max_attempts),
    FIELD_BOOLEAN(struct task, cancel_requested), FIELD_TIME(struct task, created_at),
    FIELD_TIME(struct task, due_at, .summary = "Earliest time of the next attempt"),
    FIELD_TIME(struct task, pending_at), FIELD_TIME(struct task, started_at, .summary = "Start of the last attempt"),
    FIELD_TIME(struct task, ended_at),
    FIELD_TEXT(struct task, result, .summary = "Path of the result", .example = "/api/v1/models/{id}"),
    FIELD_JSON(struct task, report, .summary = "Report of the finished task"),
    FIELD_JSON(struct task, error, .summary = "Reason for the failure of the last attempt, as a problem document"),
    FIELD_INTEGER(struct task, version, .rules = HIDDEN), FIELD_TEXT(struct task, page_key, .rules = HIDDEN));

SCHEMA(task_query_schema, "TaskQuery", struct task_query, FIELD_PAGE(struct task_query, page),
       FIELD_ENUM(struct task_query, state, states, .summary = "Only tasks in this state"),
       FIELD_TEXT(struct task_query, kind, .min = 1, .max = 80, .summary = "Only tasks of this kind"));

struct task_wait {
    struct maybe_integer wait;
};
SCHEMA(task_wait_schema, "TaskWait", struct task_wait,
       FIELD_INTEGER(struct task_wait, wait, .min = 0, .max = WAITING_MAX_S,
                     .summary = "Seconds to wait for the task to end; the answer comes as soon as it does"));

enum status task_submit(struct request *rq, const struct task_order *order, struct task *out)
{
    const struct schema *schema = order->kind->input;
    const char *id, *input = schema ? schema_text(schema, order->input, rq->arena) : "{}";
    TRY(task_insert(&rq->db, order, input, &id));
    if (!id)
        return fail(&rq->problem, TOO_MANY, NULL, "You have %d tasks that are not over yet; wait for some of them.",
                    TASK_OPEN_MAX);
    return task_find(&rq->db, id, out);
}

enum status task_reply(struct request *rq, const struct task *task)
{
    reply_header(rq, "Location", "/api/v1/tasks/%s", task->task_id);
    return reply_record(rq, task);
}

enum status task_list(struct request *rq)
{
    struct task_query query = {0};
    struct record_list list;
    TRY(request_input(rq, &query));
    TRY(task_page(&rq->db, &query, &rq->page, &list));
    return reply_page(rq, &list);
}

static bool is_over(const char *state)
{
    return strcmp(state, "finished") == 0 || strcmp(state, "error") == 0 || strcmp(state, "cancelled") == 0;
}

/* The place comes first, then the word that somebody waits: an end between the two is seen here or notified. */
static enum status wait_for_end(struct request *rq, const char *id, int64_t seconds, struct task *task)
{
    const char *state;
    if (is_over(task->state) || !request_wait(rq, id, seconds))
        return OK;
    TRY(task_watch(&rq->db, id, seconds, &state));
    if (!is_over(state))
        return OK;
    request_wait_no_more(rq);
    return task_find(&rq->db, id, task);
}

enum status task_get(struct request *rq)
{
    const char *id;
    struct task_wait in = {0};
    struct task task;
    TRY(request_id(rq, "task_id", &id));
    TRY(request_input(rq, &in));
    TRY(task_find(&rq->db, id, &task));
    TRY(wait_for_end(rq, id, in.wait.value, &task));
    return reply_record(rq, &task);
}

enum status task_cancel(struct request *rq)
{
    const char *id;
    TRY(request_id(rq, "task_id", &id));
    TRY(task_cancel_own(&rq->db, id));
    return reply_empty(rq);
}
