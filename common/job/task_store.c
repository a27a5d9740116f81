#include "common/job/task_private.h"

#include "common/job/job_private.h"

#define PUBLISHED \
    "id, kind, state, priority, step, steps, message, attempts, max_attempts, cancel_requested, created_at, due_at," \
    " pending_at, started_at, ended_at, result, report, version"
#define COLUMNS \
    "id AS task_id, kind, state, (ARRAY['low', 'normal', 'high'])[priority + 1] AS priority, step, steps, message," \
    " attempts, max_attempts, cancel_requested, created_at, due_at, pending_at, started_at, ended_at, result," \
    " CASE WHEN state = 'finished' THEN report END AS report, CASE WHEN state <> 'finished' THEN report END AS error," \
    " version"

struct made {
    const char *id;
};
LOCAL_SCHEMA(made_schema, "Made", struct made, FIELD_UUID(struct made, id));

enum status task_insert(struct db *db, const struct task_order *order, const char *input, const char **out)
{
    static const char sql[] = "SELECT shared.task_submit($1::text, $2::json, $3::int, $4::int, $5::int, $6::int) AS id";
    static const char *const levels[] = {[TASK_LOW] = "0", [TASK_NORMAL] = "1", [TASK_HIGH] = "2"};
    struct made made;
    TRY(db_one(db, sql,
               PARAMS(order->kind->name, input, levels[order->priority], db_number(db, order->delay_s),
                      db_number(db, job_max_attempts(order->kind)), db_number(db, TASK_OPEN_MAX)),
               &made_schema, &made));
    *out = made.id;
    return OK;
}

/* The key of a page is text of fixed width, so that whatever comes as one is only compared. */
enum status task_page(struct db *db, const struct task_query *query, const struct page *page, struct record_list *out)
{
    static const char sql[] = "WITH own AS (SELECT " PUBLISHED ","
                              " to_char(created_at, 'YYYYMMDDHH24MISSUS') || id::text COLLATE \"C\" AS page_key"
                              "  FROM shared.task t"
                              "  WHERE ($1::text IS NULL OR state = $1) AND ($2::text IS NULL OR kind = $2))"
                              " SELECT " COLUMNS ", page_key"
                              " FROM own"
                              " WHERE $3::text IS NULL OR page_key < $3"
                              " ORDER BY page_key DESC LIMIT $4::int";
    return db_all(db, sql, PARAMS(query->state, query->kind, page->after, page->limit), &task_schema, out);
}

enum status task_find(struct db *db, const char *id, struct task *out)
{
    static const char sql[] = "SELECT " COLUMNS " FROM shared.task WHERE id = $1::uuid";
    return db_one(db, sql, PARAMS(id), &task_schema, out);
}

enum status task_watch(struct db *db, const char *id, int64_t seconds, const char **out)
{
    static const char sql[] = "SELECT state FROM shared.task_watch($1::uuid, $2::int) state WHERE state IS NOT NULL";
    struct task task;
    TRY(db_one(db, sql, PARAMS(id, db_number(db, seconds)), &task_schema, &task));
    *out = task.state;
    return OK;
}

enum status task_cancel_own(struct db *db, const char *id)
{
    static const char sql[] = "SELECT state FROM shared.task_cancel($1::uuid) state WHERE state IS NOT NULL";
    return db_run(db, sql, PARAMS(id));
}
