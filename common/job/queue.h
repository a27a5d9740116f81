/* Queue of tasks in PostgreSQL, for workers. A claimed task is the claimer's until its lease ends; a beat renews it. */
#pragma once

#include "common/database/db.h"

/* A row of shared.task_claim. */
struct claim {
    const char *task_id, *lease, *kind, *input, *owner_id, *owner_role;
    struct maybe_integer attempt;
};

/* kinds and leases are array literals of PostgreSQL. */
enum status queue_claim(struct db *db, const char *kinds, const char *leases, int wanted, struct record_list *out);

struct pulse {
    const char *task_id;
    struct maybe_boolean held, cancel_requested;
};
enum status queue_heartbeat(struct db *db, const char *jobs, struct record_list *out);

/* "held", "cancelled" or "lost". */
enum status queue_fence(struct db *db, const struct claim *claim, const char **out);

/* towards: "finished", "error", "cancelled", "retry" or "returned"; out: the state of the task, NULL when it was lost.
 */
struct ending {
    const char *towards, *result, *report;
    int retry_ms;
};
enum status queue_end(struct db *db, const struct claim *claim, const struct ending *how, const char **out);

enum status queue_tend(struct db *db, long keep_days);

struct queue_figure {
    const char *kind, *state;
    struct maybe_integer tasks;
    struct maybe_real age_s;
};
enum status queue_figures(struct db *db, struct record_list *out);
