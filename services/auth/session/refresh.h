/* Refresh tokens: random secrets. Each is used once and gives its successor; a second use ends its session
 * (auth.refresh_session has the rules). */
#pragma once

#include "services/auth/session/session.h"

struct refresh_request {
    const char *refresh_token;
};
extern const struct schema refresh_schema;

enum status refresh_create(struct request *rq);

/* The session that a refresh token continues. */
struct rotation {
    const char *session_id, *account_id;
    struct maybe_integer ends; /* seconds since 1970 */
    struct maybe_boolean reused;
};

/* refresh_store.c */
enum status refresh_rotate(struct db *db, const char *given_hash, const char *new_hash, const struct session_use *from,
                           struct rotation *out);
