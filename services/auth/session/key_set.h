/* The public keys that our tokens are verified with, as a JSON Web Key Set (RFC 7517). */
#ifndef MNEMOS_AUTH_KEY_SET_H
#define MNEMOS_AUTH_KEY_SET_H

#include "services/auth/auth.h"

struct key_set {
    const char *keys;
};
extern const struct schema key_set_schema;

enum status key_set_get(struct request *rq);

#endif
