#include "services/auth/account/random_secret.h"

#include <sodium.h>
#include <string.h>

enum { SECRET_SIZE = 32, HASH_SIZE = 32 };

void opaque_hash(const char *text, char out[OPAQUE_HASH_SIZE])
{
    unsigned char hash[HASH_SIZE];
    crypto_generichash(hash, sizeof hash, (const unsigned char *)text, strlen(text), NULL, 0);
    sodium_bin2hex(out, OPAQUE_HASH_SIZE, hash, sizeof hash);
}

void opaque_new(char text[OPAQUE_TEXT_SIZE], char hash[OPAQUE_HASH_SIZE])
{
    unsigned char secret[SECRET_SIZE];
    randombytes_buf(secret, sizeof secret);
    sodium_bin2base64(text, OPAQUE_TEXT_SIZE, secret, sizeof secret, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    sodium_memzero(secret, sizeof secret);
    opaque_hash(text, hash);
}
