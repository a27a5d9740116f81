/* A token (JWT, RFC 7519) of an issuer outside Mnemos: its claims, and whether to believe them.
 *
 * No claim is believed before all checks have passed; until then iss only says which issuer to ask and kid for which
 * key. */
#pragma once

#include "services/auth/outside/issuer.h"
#include "services/auth/outside/jwk.h"

#include <time.h>

enum {
    OUTSIDE_TOKEN_MAX = 16384, /* those of Keycloak list all roles of all clients */
    OUTSIDE_SUBJECT_MAX = 255,
};

struct outside_token {
    const char *issuer, *subject, *key_id, *algorithm;
    json_t *header, *claims;
    const char *text; /* header and claims as they were signed */
    size_t signed_size;
    unsigned char signature[SIGNATURE_SIZE_MAX];
    size_t signature_size;
};

/* False unless text has the shape of a token: three parts, a header that names the algorithm, claims that name an
 * issuer and a subject. text must outlive out. */
bool outside_token_parse(const char *text, struct outside_token *out);
void outside_token_release(struct outside_token *t);

/* True if the key signed it, with one of the issuer's algorithms. */
bool outside_token_signed(const struct outside_token *t, const struct issuer *issuer, EVP_PKEY *key);

/* The reason to refuse the claims now, in words for the log; NULL if they are good. */
const char *outside_token_refusal(const struct outside_token *t, const struct issuer *issuer, time_t now);

/* The rule for the role that the claims give, or NULL. */
const struct role_rule *outside_token_role(const struct outside_token *t, const struct issuer *issuer);

/* The name for an account; NULL if the claims have none that is valid. */
const char *outside_token_name(const struct outside_token *t, const struct issuer *issuer);
