/* Officials: accounts of people who have no record in the users service.
 *
 * Superusers manage administrators, of whom at least one superuser that is not disabled is always left, which the
 * database sees to. Administrators manage researchers. The table in official.c says what is different; which row of it
 * is meant is in the path. */
#ifndef MNEMOS_AUTH_OFFICIAL_H
#define MNEMOS_AUTH_OFFICIAL_H

#include "services/auth/auth.h"

struct official {
    const char *id, *name, *password;
    const char *role; /* as shown: "superuser" or "normal" of an administrator, "researcher" */
    struct maybe_boolean disabled;
    const char *created_at;
    struct maybe_integer version;
    const char *page_key;
};
extern const struct schema admin_schema, new_admin_schema, admin_change_schema;
extern const struct schema researcher_schema, new_researcher_schema, researcher_change_schema;

struct official_query {
    struct page page;
};
extern const struct schema official_query_schema;

enum status official_create(struct request *rq);
enum status official_list(struct request *rq);
enum status official_get(struct request *rq);
enum status official_update(struct request *rq);
enum status official_delete(struct request *rq);

/* official_store.c; among is an array of roles as PostgreSQL writes it. Update and delete answer NOT_FOUND when the
 * version is no longer that one. */
enum status official_insert(struct db *db, const struct official *o, const char *password_hash, struct official *out);
enum status official_find(struct db *db, const char *among, const char *id, struct official *out);
enum status official_page(struct db *db, const char *among, const struct page_params *page, struct record_list *out);
enum status official_update_row(struct db *db, const struct official *o, struct official *out);
enum status official_delete_row(struct db *db, const struct official *o);

#endif
