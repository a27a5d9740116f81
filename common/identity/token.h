/* Access tokens: JWT (RFC 7519) signed with ES256 (RFC 7518, ECDSA on P-256 with SHA-256).
 *
 * RFC 9068 tells an access token from other kinds signed with the same key by typ at+jwt. libjwt 1.10 writes and
 * accepts no typ but JWT, so the claim token_use does it: "access", or "enrolment" for a caller that can only set up a
 * second factor. */
#pragma once

#include "common/identity/principal.h"

#include <jansson.h>
#include <stdbool.h>

enum {
    TOKEN_SIZE_MAX = 4096,
    TOKEN_SECONDS_MAX = 86400, /* no access token lives longer */
    KEY_ID_SIZE = 40,
    SIGNING_KEYS_MAX = 16, /* believed at a time: former, present and coming ones */
};

struct signing_key {
    char id[KEY_ID_SIZE]; /* the key's JWK thumbprint (RFC 7638), base64url, shortened to 32 characters */
    char *private_pem, *public_pem;
};

bool signing_key_generate(struct signing_key *out);
void signing_key_release(struct signing_key *key); /* overwrites the private half */

/* The public key as a JWK (RFC 7517); a new reference, NULL if it is not a P-256 key. */
json_t *public_key_jwk(const char *public_pem, const char *id);

/* malloc'd; NULL only when signing fails. */
char *token_sign(const struct signing_key *key, const struct principal *who, const char *issuer, const char *audience);

/* Checks one token against one key, and keeps nothing: size, algorithm, type, signature, issuer, audience, expiry, that
 * it is an access token, and that every claim is there. */
bool token_check(const char *token, const char *public_pem, const char *issuer, const char *audience,
                 struct principal *out);

/* The key id in a token's header, when the header is one of ours (ES256, JWT). */
bool token_key_id(const char *token, char out[KEY_ID_SIZE]);
