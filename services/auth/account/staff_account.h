/* Staff accounts: those of people without a record in the users service.
 *
 * Superusers manage administrators; the database keeps at least one superuser that is not disabled. Administrators
 * manage researchers. The table in staff_account.c has the differences between both; the path chooses its row. */
#pragma once

#include "services/auth/auth.h"

struct staff_account {
    const char *id, *name, *password;
    const char *role; /* as shown: "superuser" or "normal" of an administrator, "researcher" */
    struct maybe_boolean disabled;
    const char *created_at;
    struct maybe_integer version;
    const char *page_key;
};
extern const struct schema admin_schema, new_admin_schema, admin_change_schema;
extern const struct schema researcher_schema, new_researcher_schema, researcher_change_schema;

enum status staff_account_create(struct request *rq);
enum status staff_account_list(struct request *rq);
enum status staff_account_get(struct request *rq);
enum status staff_account_update(struct request *rq);
enum status staff_account_delete(struct request *rq);

/* staff_account_store.c. among: roles as a PostgreSQL array. Update and delete: NOT_FOUND for another version. */
enum status staff_account_insert(struct db *db, const struct staff_account *a, const char *password_hash,
                                 struct staff_account *out);
enum status staff_account_find(struct db *db, const char *among, const char *id, struct staff_account *out);
enum status staff_account_page(struct db *db, const char *among, const struct page *page, struct record_list *out);
enum status staff_account_update_row(struct db *db, const struct staff_account *a, struct staff_account *out);
enum status staff_account_delete_row(struct db *db, const struct staff_account *a);
