#include "common/database/history.h"

const char *const history_kinds[] = {"created", "changed", "removed", NULL};

SCHEMA(as_of_schema, "AsOf", struct as_of,
       FIELD_TIME(struct as_of, as_of, .summary = "Show the record as of this past time"));

enum status history_as_of_check(struct db *db, const struct as_of *at)
{
    static const char sql[] = "SELECT 1 WHERE $1::timestamptz > clock_timestamp() + interval '1 second'";
    if (!at->as_of)
        return OK;
    enum status to_come = db_run(db, sql, PARAMS(at->as_of));
    if (to_come == OK)
        return fail(db->why, INVALID, "as_of", "must not be in the future");
    return if_any(to_come);
}
