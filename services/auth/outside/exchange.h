/* Logging in with the token of another issuer: token exchange in the manner of RFC 8693. */
#pragma once

#include "services/auth/auth.h"

struct exchange {
    const char *subject_token, *subject_token_type, *code;
};
extern const struct schema exchange_schema;

enum status exchange_token(struct request *rq);
