/* An account, with the hash that its password is checked against. */
#pragma once

#include "services/auth/auth.h"

struct account {
    const char *id, *name, *role, *specialty, *password_hash;
    const char *scope; /* of a client: the scopes of its token */
    struct maybe_boolean disabled;
    struct maybe_integer version;
};
extern const struct schema account_schema;

/* The caller's own account. */
enum status account_me(struct request *rq);

/* account_store.c */
enum status account_find(struct db *db, const char *id, struct account *out);
enum status account_find_by_name(struct db *db, const char *name, struct account *out);
enum status account_find_by_session(struct db *db, const char *session_id, struct account *out);

/* The account of an identity at another issuer. role, specialty: from the issuer's claims, or NULL. name: of the
 * account to make for an unknown identity, or NULL. NOT_FOUND if there is no account. */
struct account_identity {
    const char *issuer, *subject, *role, *specialty, *name;
};
enum status account_find_by_identity(struct db *db, const struct account_identity *identity, struct account *out);

/* Stores a new hash of the same password; NOT_FOUND if the hash has changed meanwhile. */
enum status account_renew_hash(struct db *db, const struct account *account, const char *renewed);

/* Stores a new password and ends the account's other sessions. NOT_FOUND as above. */
enum status account_change_password(struct db *db, const struct account *account, const char *hash,
                                    const char *session_id);
