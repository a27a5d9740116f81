/* The models that serve: one for each target, of the clinic and of each client. */
#pragma once

#include "services/analytics/model/model.h"

struct promotion {
    struct maybe_boolean force;
    const char *reason;
};
extern const struct schema promotion_schema;

enum status promotion_create(struct request *rq);
enum status promotion_delete(struct request *rq);

/* CONFLICT with the figures unless the model beats the last value. */
enum status promotion_check(const struct model *m, struct problem *why);

/* promotion_store.c. NOT_FOUND: there is no such model, or the caller can promote for neither clinic nor client. */
enum status promotion_insert(struct db *db, const char *model_id, const char *reason);
enum status promotion_delete_row(struct db *db, const char *model_id);
