/* Refresh tokens: opaque secrets. Each is used once and gives its successor; one that
 * comes again ends its session (auth.rotate_refresh_token has the rules). */
#ifndef MNEMOS_AUTH_REFRESH_H
#define MNEMOS_AUTH_REFRESH_H

#include "services/auth/account/random_secret.h"
#include "services/auth/auth.h"

struct refresh_token {
    char text[RANDOM_SECRET_TEXT_SIZE]; /* what the client holds */
    char hash[RANDOM_SECRET_HASH_SIZE]; /* what the database holds */
};

void refresh_token_new(struct refresh_token *out);

struct refresh_request {
    const char *refresh_token;
};
extern const struct schema refresh_schema;

enum status session_refresh(struct request *rq);

/* The session that a refresh token goes on with. */
struct rotation {
    const char *session_id, *account_id;
    struct maybe_integer ends; /* seconds since 1970 */
    struct maybe_boolean reused;
};

/* Where a session is used from; NULL: not known. */
struct session_use {
    const char *device, *address;
};
struct session_use session_use_of(struct request *rq);

/* refresh_store.c */
enum status refresh_token_rotate(struct db *db, const char *given_hash, const char *new_hash,
                                 const struct session_use *from, struct rotation *out);

#endif
