#include "services/users/person/as_of.h"

SCHEMA(as_of_schema, "Moment", struct as_of,
       FIELD_TIME(struct as_of, as_of, .summary = "Show the record as of this past time"));

enum status as_of_check(struct request *rq, const struct as_of *as_of)
{
    static const char sql[] = "SELECT 1 WHERE $1::timestamptz > clock_timestamp() + interval '1 second'";
    enum status to_come = db_run(&rq->db, sql, PARAMS(as_of->as_of));
    if (to_come == OK)
        return fail(&rq->problem, INVALID, "as_of", "must not be in the future");
    return to_come == NOT_FOUND ? OK : to_come;
}
