#include "services/auth/account/random_secret.h"

#include <sodium.h>
#include <string.h>

enum { SECRET_SIZE = 32, HASH_SIZE = 32 };

void random_secret_hash(const char *text, char out[RANDOM_SECRET_HASH_SIZE])
{
    unsigned char hash[HASH_SIZE];
    crypto_generichash(hash, sizeof hash, (const unsigned char *)text, strlen(text), NULL, 0);
    sodium_bin2hex(out, RANDOM_SECRET_HASH_SIZE, hash, sizeof hash);
}

void random_secret_new(struct random_secret *out)
{
    unsigned char secret[SECRET_SIZE];
    randombytes_buf(secret, sizeof secret);
    sodium_bin2base64(out->text, sizeof out->text, secret, sizeof secret, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    sodium_memzero(secret, sizeof secret);
    random_secret_hash(out->text, out->hash);
}
