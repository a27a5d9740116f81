/* Tokens for clients: the client credentials grant of OAuth 2.0 (RFC 6749, section 4.4). Problems are told as
 * everywhere in this API, as problem documents. */
#ifndef MNEMOS_AUTH_GRANT_H
#define MNEMOS_AUTH_GRANT_H

#include "services/auth/session/session.h"

struct grant {
    const char *grant_type, *client_id, *client_secret;
    const char *scope; /* what is asked for; NULL: all that the client may */
};
extern const struct schema grant_schema;

enum status grant_token(struct request *rq);

/* grant_store.c */
struct client_credentials {
    struct account account;
    const char *secret_hash; /* hexadecimal */
};
enum status client_credentials_find(struct db *db, const char *id, struct client_credentials *out);

/* NOT_FOUND when the client is no longer of that version. */
enum status client_session_insert(struct db *db, const struct new_session *s, const struct account *account);

#endif
