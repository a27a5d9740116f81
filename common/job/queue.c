#include "common/job/queue.h"

LOCAL_SCHEMA(claim_schema, "TaskClaim", struct claim, FIELD_UUID(struct claim, task_id),
             FIELD_UUID(struct claim, lease), FIELD_TEXT(struct claim, kind), FIELD_TEXT(struct claim, input),
             FIELD_UUID(struct claim, owner_id), FIELD_TEXT(struct claim, owner_role),
             FIELD_INTEGER(struct claim, attempt));

LOCAL_SCHEMA(pulse_schema, "TaskPulse", struct pulse, FIELD_UUID(struct pulse, task_id),
             FIELD_BOOLEAN(struct pulse, held), FIELD_BOOLEAN(struct pulse, cancel_requested));

LOCAL_SCHEMA(figure_schema, "TaskFigure", struct queue_figure, FIELD_TEXT(struct queue_figure, kind),
             FIELD_TEXT(struct queue_figure, state), FIELD_INTEGER(struct queue_figure, tasks),
             FIELD_REAL(struct queue_figure, age_s));

struct word {
    const char *word;
};
LOCAL_SCHEMA(word_schema, "Word", struct word, FIELD_TEXT(struct word, word));

enum status queue_claim(struct db *db, const char *kinds, const char *leases, int wanted, struct record_list *out)
{
    static const char sql[] = "SELECT * FROM shared.task_claim($1::text[], $2::int[], $3::int)";
    return db_all(db, sql, PARAMS(kinds, leases, db_number(db, wanted)), &claim_schema, out);
}

enum status queue_heartbeat(struct db *db, const char *jobs, struct record_list *out)
{
    static const char sql[] = "SELECT * FROM shared.task_heartbeat($1::json)";
    return db_all(db, sql, PARAMS(jobs), &pulse_schema, out);
}

enum status queue_fence(struct db *db, const struct claim *claim, const char **out)
{
    static const char sql[] = "SELECT shared.task_fence($1::uuid, $2::uuid) AS word";
    struct word found;
    TRY(db_one(db, sql, PARAMS(claim->task_id, claim->lease), &word_schema, &found));
    *out = found.word;
    return OK;
}

enum status queue_end(struct db *db, const struct claim *claim, const struct ending *how, const char **out)
{
    static const char sql[] =
        "SELECT shared.task_end($1::uuid, $2::uuid, $3::text, $4::text, $5::json, $6::int) AS word";
    struct word found;
    TRY(db_one(
        db, sql,
        PARAMS(claim->task_id, claim->lease, how->towards, how->result, how->report, db_number(db, how->retry_ms)),
        &word_schema, &found));
    *out = found.word;
    return OK;
}

enum status queue_tend(struct db *db, long keep_days)
{
    static const char sql[] = "SELECT shared.task_tend($1::int)";
    return db_run(db, sql, PARAMS(db_number(db, keep_days)));
}

enum status queue_figures(struct db *db, struct record_list *out)
{
    static const char sql[] = "SELECT * FROM shared.task_figures()";
    return db_all(db, sql, NO_PARAMS, &figure_schema, out);
}
