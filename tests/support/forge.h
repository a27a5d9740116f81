/* Tokens that our own code would never make: any header and any payload, with a signature of one's choice. */
#pragma once

#include <openssl/evp.h>
#include <stddef.h>

/* By a key of whatever type, as the algorithm (RS256, PS256, ES384, ...) says. malloc'd, like all of these. */
char *forge_signed(EVP_PKEY *pair, const char *algorithm, const char *header, const char *payload);

char *forge_es256(const char *private_pem, const char *header, const char *payload);
char *forge_hs256(const char *secret, const char *header, const char *payload);
char *forge_unsigned(const char *header, const char *payload);
