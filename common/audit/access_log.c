#include "common/audit/access_log.h"

#include "common/base/text.h"

/* The first variable of a row about one person is an id, or a historic path's name. */
static const char *person_asked_for(struct request *rq)
{
    char id[33];
    const struct form *path = &rq->input.path;
    if (rq->route->about != ONE_PERSON || path->count == 0 || !text_uuid(path->pairs[0].value, id))
        return NULL;
    return arena_text(rq->arena, id);
}

enum status access_log_refusal(struct request *rq)
{
    static const char sql[] = "INSERT INTO auth.access_entry (subject_id, object, outcome)"
                              " VALUES ($1::uuid, 'route', 'refused')";
    if (rq->route->about == NOBODY || rq->route->about == THINGS || rq->who.role == ANONYMOUS)
        return OK;
    return db_run(&rq->db, sql, PARAMS(person_asked_for(rq)));
}
