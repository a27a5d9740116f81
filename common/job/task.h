/* Tasks as their owners see them. job.h says what tasks and jobs are.
 *
 * A service that has tasks puts TASK_ROUTES into its route table. */
#pragma once

#include "common/http/reply.h"
#include "common/job/job.h"

enum task_priority { TASK_NORMAL, TASK_LOW, TASK_HIGH };

struct task_order {
    const struct job_kind *kind;
    const void *input; /* a record of the kind's schema */
    enum task_priority priority;
    int delay_s; /* not before so many seconds from now */
};

struct task {
    const char *task_id, *kind, *state, *priority;
    struct maybe_integer step, steps; /* progress */
    const char *message;
    struct maybe_integer attempts, max_attempts;
    struct maybe_boolean cancel_requested;
    const char *created_at, *due_at, *pending_at, *started_at, *ended_at;
    const char *result;         /* a path */
    const char *report, *error; /* JSON */
    struct maybe_integer version;
    const char *page_key;
};
extern const struct schema task_schema, task_query_schema, task_wait_schema;

/* Makes a task for the actor of the request, in the open transaction if there is one. TOO_MANY when that account has
 * too many open tasks already. */
enum status task_submit(struct request *rq, const struct task_order *order, struct task *out);

/* The reply: the task as the body, and Location. Rows need .output = &task_schema and .success = 202. */
enum status task_reply(struct request *rq, const struct task *task);

enum status task_list(struct request *rq);
enum status task_get(struct request *rq);
enum status task_cancel(struct request *rq);

/* clang-format off */
#define TASK_OWNERS {.roles = USERS | CLIENT}
#define TASK_LIST \
    task_list, .subject = ONESELF, TAKES(task_query_schema, FROM_QUERY), LISTS(task_schema), .action = "task.list", \
    .summary = "The caller's tasks, newest first"
#define TASK_GET \
    task_get, .subject = ONESELF, TAKES(task_wait_schema, FROM_QUERY), GIVES(task_schema), .action = "task.read", \
    .summary = "One of the caller's tasks; with `wait`, answers when it is over or after so many seconds"
#define TASK_CANCEL \
    task_cancel, .subject = ONESELF, .shape = GIVES_NOTHING, .action = "task.cancel", \
    .summary = "Cancel one of the caller's tasks; no effect once it is over"
#define TASK_ROUTES \
    {"GET",    "/api/v1/tasks",          TASK_LIST,   .access = TASK_OWNERS}, \
    {"GET",    "/api/v1/tasks/:task_id", TASK_GET,    .access = TASK_OWNERS, .rules = MAY_WAIT}, \
    {"DELETE", "/api/v1/tasks/:task_id", TASK_CANCEL, .access = TASK_OWNERS}
/* clang-format on */
