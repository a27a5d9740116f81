/* Tokens for clients: the client credentials grant of OAuth 2.0 (RFC 6749, section 4.4). Failures are problem
 * documents, as everywhere in this API. */
#pragma once

#include "services/auth/session/session.h"

struct grant {
    const char *grant_type, *client_id, *client_secret;
    const char *scope; /* the scopes asked for; NULL: all of the client */
};
extern const struct schema grant_schema;

enum status grant_token(struct request *rq);

/* grant_store.c */
struct grant_client {
    struct account account;
    const char *secret_hash; /* hexadecimal */
};
enum status grant_find_client(struct db *db, const char *id, struct grant_client *out);

/* NOT_FOUND if the client's version has changed. */
enum status grant_insert_session(struct db *db, const struct new_session *s, const struct account *account);
