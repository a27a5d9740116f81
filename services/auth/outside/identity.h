/* Identities at other issuers that log in to an account. Administrators link and unlink them; a first exchange that
 * makes an account links its identity, too. */
#pragma once

#include "services/auth/auth.h"

struct identity {
    const char *id, *issuer, *subject;
    struct maybe_boolean provisioned;
    const char *linked_by, *created_at, *page_key;
};
extern const struct schema identity_schema, new_identity_schema;

enum status identity_list(struct request *rq);
enum status identity_create(struct request *rq);
enum status identity_delete(struct request *rq);

/* identity_store.c */
enum status identity_page(struct db *db, const char *account_id, const struct page *page, struct record_list *out);
enum status identity_insert(struct db *db, const char *account_id, const struct identity *identity,
                            const char *linked_by, struct identity *out);

/* Ends the account's sessions, too: the identity may have opened any of them. */
enum status identity_delete_row(struct db *db, const char *account_id, const char *id);
