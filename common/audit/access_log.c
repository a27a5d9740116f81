#include "common/audit/access_log.h"

enum status access_log_refusal(struct db *db, const char *subject_id)
{
    static const char sql[] = "INSERT INTO auth.access_entry (subject_id, object, outcome)"
                              " VALUES ($1::uuid, 'route', 'refused')";
    return db_run(db, sql, PARAMS(subject_id));
}
