/* Administrators: the accounts that manage others. Superusers manage them; at least one superuser that is not disabled
 * is always left, which the database sees to. */
#ifndef MNEMOS_AUTH_ADMIN_H
#define MNEMOS_AUTH_ADMIN_H

#include "services/auth/auth.h"

struct admin {
    const char *id, *name, *password;
    const char *role; /* as shown: "superuser" or "normal" */
    struct maybe_boolean disabled;
    const char *created_at;
    struct maybe_integer version;
    const char *page_key;
};
extern const struct schema admin_schema, new_admin_schema, admin_change_schema;

struct admin_query {
    struct page page;
};
extern const struct schema admin_query_schema;

enum status admin_create(struct request *rq);
enum status admin_list(struct request *rq);
enum status admin_get(struct request *rq);
enum status admin_update(struct request *rq);
enum status admin_delete(struct request *rq);

/* admin_store.c; update and delete answer NOT_FOUND when the version is no longer that one. */
enum status admin_insert(struct db *db, const struct admin *a, const char *password_hash, struct admin *out);
enum status admin_find(struct db *db, const char *id, struct admin *out);
enum status admin_page(struct db *db, const struct page_params *page, struct record_list *out);
enum status admin_update_row(struct db *db, const struct admin *a, struct admin *out);
enum status admin_delete_row(struct db *db, const struct admin *a);

#endif
