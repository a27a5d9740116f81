/* The public keys that verify our tokens, as a JSON Web Key Set (RFC 7517). */
#pragma once

#include "services/auth/auth.h"

struct key_set {
    const char *keys;
};
extern const struct schema key_set_schema;

enum status key_set_get(struct request *rq);
