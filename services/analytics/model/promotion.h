/* Which model answers: one for each target and whom it serves. */
#pragma once

#include "services/analytics/model/model.h"

struct promotion {
    struct maybe_boolean force;
    const char *reason;
};
extern const struct schema promotion_schema;

enum status promotion_create(struct request *rq);
enum status promotion_delete(struct request *rq);

/* A model answers when it beats the last value. CONFLICT with the figures. */
enum status promotion_check(const struct model *m, struct problem *why);

/* promotion_store.c. NOT_FOUND: there is no such model, or nobody whom it could serve. */
enum status promotion_insert(struct db *db, const char *model_id, const char *reason);
enum status promotion_delete_row(struct db *db, const char *model_id);
