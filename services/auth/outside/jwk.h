/* Public keys of other issuers (RFC 7517), and the check of their signatures (RFC 7515, RFC 7518).
 *
 * OpenSSL does it and not libjwt, whose version 1.10 wants PEM, knows no key sets, takes no typ but JWT, and lets the
 * key decide the kind of signature. Here the algorithm comes from a closed list and the key has to fit it. */
#pragma once

#include <openssl/evp.h>
#include <stdbool.h>
#include <stddef.h>

enum {
    JWK_SET_SIZE_MAX = 128 * 1024,
    JWK_SET_KEYS_MAX = 64, /* further ones are ignored */
    JWK_ID_SIZE = 132,
    SIGNATURE_SIZE_MAX = 1024, /* of an RSA key with 8,192 bits */
};

/* Asymmetric ones only: with HS256 everybody who knows the public key could sign, and "none" is no signature. */
extern const char *const jwk_algorithms[]; /* ends with NULL */

struct jwk {
    char id[JWK_ID_SIZE];
    char algorithm[8]; /* the only one it may be used with; empty: any that fits */
    EVP_PKEY *key;
};
struct jwk_set {
    struct jwk keys[JWK_SET_KEYS_MAX];
    size_t count;
};

/* Ignores unusable keys (other types, for encryption, without an id, too short, malformed). False if none is left. */
bool jwk_set_parse(const char *text, size_t size, struct jwk_set *out);
void jwk_set_release(struct jwk_set *set);

/* True if the set has a key of that id, for any algorithm. */
bool jwk_set_names(const struct jwk_set *set, const char *id);

/* A new reference to the key of that id; NULL if there is none that fits the algorithm. */
EVP_PKEY *jwk_set_find(const struct jwk_set *set, const char *id, const char *algorithm);

bool jwk_verify(EVP_PKEY *key, const char *algorithm, const char *text, size_t size, const unsigned char *signature,
                size_t signature_size);
