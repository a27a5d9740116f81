/* The caller's second factor: setting it up, making new recovery codes, and removing it. */
#pragma once

#include "services/auth/session/second_factor.h"

struct enrolment {
    const char *secret, *otpauth_uri;
};
extern const struct schema enrolment_schema;

struct own_second_factor_input {
    const char *password, *code;
};
extern const struct schema enrolment_request_schema, enrolment_code_schema, second_factor_proof_schema;

enum status own_second_factor_get(struct request *rq);
enum status own_second_factor_begin(struct request *rq);
enum status own_second_factor_confirm(struct request *rq);
enum status own_second_factor_remove(struct request *rq);
enum status own_second_factor_renew_codes(struct request *rq);
