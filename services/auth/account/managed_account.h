/* Accounts as administrators see them: the person of each, and whether it can log in. The users service manages the
 * people, superusers manage administrators. */
#pragma once

#include "services/auth/auth.h"

struct managed_account {
    const char *id, *name, *role, *specialty;
    struct maybe_boolean disabled;
    const char *created_at;
    struct maybe_integer version;
};
extern const struct schema managed_account_schema, account_change_schema;

/* The account of the path's account_id, if the caller may manage it; NOT_FOUND is noted. */
enum status managed_account_of_path(struct request *rq, struct managed_account *out);

enum status managed_account_get(struct request *rq);
enum status managed_account_update(struct request *rq);

/* managed_account_store.c. Only superusers find administrators. */
enum status managed_account_find(struct db *db, const char *id, enum role asking, struct managed_account *out);
enum status managed_account_update_row(struct db *db, const struct managed_account *a, enum role asking,
                                       struct managed_account *out);
