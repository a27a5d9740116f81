#include "services/analytics/model/promotion.h"

enum status promotion_insert(struct db *db, const char *model_id, const char *reason)
{
    static const char sql[] = "INSERT INTO analytics.promotion (target, serves, model_id, forced_reason)"
                              " SELECT target, analytics.served(), id, $2::text"
                              " FROM analytics.model"
                              " WHERE id = $1::uuid AND analytics.served() IS NOT NULL"
                              " ON CONFLICT (target, serves)"
                              " DO UPDATE SET model_id = excluded.model_id, forced_reason = excluded.forced_reason,"
                              " promoted_by = shared.acting_account(), promoted_at = clock_timestamp()";
    return db_run(db, sql, PARAMS(model_id, reason));
}

enum status promotion_delete_row(struct db *db, const char *model_id)
{
    static const char sql[] = "DELETE FROM analytics.promotion WHERE model_id = $1::uuid";
    return db_run(db, sql, PARAMS(model_id));
}
