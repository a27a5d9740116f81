/* task_store.c: the statements of task.c, on behalf of the caller. */
#pragma once

#include "common/job/task.h"

enum { TASK_OPEN_MAX = 100 /* of an account, in a service */ };

struct task_query {
    struct page_query page;
    const char *state, *kind;
};

/* out: NULL when the account has as many open tasks as it may have. */
enum status task_insert(struct db *db, const struct task_order *order, const char *input, const char **out);

enum status task_page(struct db *db, const struct task_query *query, const struct page *page, struct record_list *out);
enum status task_find(struct db *db, const char *id, struct task *out);
enum status task_watch(struct db *db, const char *id, int64_t seconds, const char **out); /* its state */
enum status task_cancel_own(struct db *db, const char *id);
