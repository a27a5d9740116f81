#include "services/analytics/model/promotion.h"

#include "services/analytics/model/model_cache.h"

SCHEMA(promotion_schema, "Promotion", struct promotion,
       FIELD_BOOLEAN(struct promotion, force,
                     .summary = "Promote a model that does not beat the last value; superusers only, with a reason"),
       FIELD_TEXT(struct promotion, reason, .rules = TRIMMED, .min = 1, .max = 500));

enum status promotion_check(const struct model *m, struct problem *why)
{
    if (m->beats_last_value.value)
        return OK;
    return fail(
        why, CONFLICT, NULL,
        "It does not beat the last value beyond noise: RMSE %.3f against %.3f, a difference between %+.3f and %+.3f"
        " (95%%, paired bootstrap). A superuser can force it with a reason.",
        m->rmse.value, m->last_value_rmse.value, m->difference_lower.value, m->difference_upper.value);
}

static enum status check_force(struct request *rq, const struct promotion *p)
{
    bool forced = p->force.known && p->force.value;
    if (!forced && p->reason)
        return fail(&rq->problem, INVALID, "reason", "is for forced promotions only");
    if (forced && rq->who.role != SUPERUSER)
        return request_refuse(rq, "Only superusers can force a promotion.");
    if (forced && !p->reason)
        return fail(&rq->problem, INVALID, "reason", "must be given where a promotion is forced");
    return OK;
}

/* Figures that are good need no force, and none is noted then. */
enum status promotion_create(struct request *rq)
{
    struct promotion p = {0};
    struct model m;
    const char *id;
    TRY(request_id(rq, "model_id", &id));
    TRY(model_find(&rq->db, id, &m));
    TRY(request_input(rq, &p));
    TRY(check_force(rq, &p));
    TRY(model_cache_check(&rq->db, id));
    if (!p.reason)
        TRY(promotion_check(&m, &rq->problem));
    TRY(promotion_insert(&rq->db, id, m.beats_last_value.value ? NULL : p.reason));
    TRY(model_find(&rq->db, id, &m));
    return reply_record(rq, &m);
}

enum status promotion_delete(struct request *rq)
{
    const char *id;
    TRY(request_id(rq, "model_id", &id));
    TRY(promotion_delete_row(&rq->db, id));
    return reply_empty(rq);
}
