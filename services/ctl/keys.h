/* Signing keys as the operator sees them. Rules and life of a key: services/auth/session/signer.h. */
#pragma once

#include "services/ctl/database.h"

#include "common/identity/token.h"

/* Of one key; texts live in the result. */
struct key_row {
    const char *id, *sealed; /* sealed: in hexadecimal */
    const char *state;       /* "waits", "signs", "believed" or "retired" */
    const char *use_from, *retired_at;
};

/* keys_store.c. Functions that change something need a transaction that keys_lock has begun. */
enum status keys_lock(PGconn *pg, struct problem *why);
enum status keys_read(PGconn *pg, struct problem *why, PGresult **out); /* the last to be used first */
struct key_row keys_row(const PGresult *keys, int row);

/* Publishes the key, to be used in so many seconds, and dates the retirement of the others; deletes keys that were
 * retired a month ago. */
enum status keys_insert(PGconn *pg, const struct signing_key *key, const char *sealed, long after_s,
                        struct problem *why);

/* Retires it at once. A key that has not been used yet leaves the one that signs without a successor. */
enum status keys_retire(PGconn *pg, const char *id, struct problem *why);
