/* Clients: machines that act on their own behalf; their scopes say what they may do (common/identity/principal.c has
 * the table).
 *
 * Administrators manage them. The secret is shown when it is made and never again. A change of scopes, secret or active
 * flag ends the client's sessions, so that its tokens are worth nothing any more. */
#pragma once

#include "services/auth/auth.h"

struct client {
    const char *id, *name, *scope, *client_secret;
    struct maybe_boolean active;
    const char *created_at;
    struct maybe_integer version;
    const char *page_key;
};
extern const struct schema client_schema, new_client_schema, client_change_schema, client_with_secret_schema;

enum status client_create(struct request *rq);
enum status client_list(struct request *rq);
enum status client_get(struct request *rq);
enum status client_update(struct request *rq);
enum status client_delete(struct request *rq);
enum status client_renew_secret(struct request *rq);

/* client_store.c. Update and delete return NOT_FOUND if the version has changed. */
enum status client_insert(struct db *db, const struct client *c, const char *secret_hash, struct client *out);
enum status client_find(struct db *db, const char *id, struct client *out);
enum status client_page(struct db *db, const struct page *page, struct record_list *out);
enum status client_update_row(struct db *db, const struct client *c);
enum status client_delete_row(struct db *db, const struct client *c);
enum status client_set_secret(struct db *db, const char *id, const char *secret_hash);
