/* Logging in, and the tokens that a login or a refresh gives. */
#pragma once

#include "services/auth/account/account.h"
#include "services/auth/account/random_secret.h"

struct credentials {
    const char *name, *password, *code;
};
extern const struct schema credentials_schema;

struct login {
    const char *access_token, *token_type, *scope;
    struct maybe_integer expires_in;
    const char *refresh_token;
    struct maybe_integer refresh_expires_in;
    struct maybe_boolean enrolment_required;
    struct account *account;
};
extern const struct schema login_schema, client_token_schema;

/* The one place where tokens are issued: replies with an access token of the session, which ends at that time. refresh:
 * NULL for neither a refresh token nor cookies. */
enum status login_issue(struct request *rq, struct account *account, const char *session_id, time_t ends,
                        const struct random_secret *refresh);

/* The one place where sessions begin. NOT_FOUND if the account was removed, disabled or changed since it was read. */
enum status login_open(struct request *rq, struct account *account, bool second_factor_shown);

enum status login_create(struct request *rq);
enum status login_create_by_query(struct request *rq);
