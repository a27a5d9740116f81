#include "common/identity/secret.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

_Static_assert(SECRET_KEY_SIZE == crypto_secretbox_KEYBYTES, "it seals");
_Static_assert(SECRET_KEY_SIZE == crypto_generichash_KEYBYTES, "it is the key of hashes");

bool secret_is_good(const char *secret)
{
    return strlen(secret) == SECRET_DIGITS && strspn(secret, "0123456789abcdefABCDEF") == SECRET_DIGITS;
}

void secret_key(const char *secret, const char *purpose, unsigned char out[SECRET_KEY_SIZE])
{
    assert(strlen(purpose) <= crypto_generichash_KEYBYTES_MAX);
    crypto_generichash(out, SECRET_KEY_SIZE, (const unsigned char *)secret, strlen(secret),
                       (const unsigned char *)purpose, strlen(purpose));
}

static void sealing_key(const char *secret, const char *purpose, unsigned char out[SECRET_KEY_SIZE])
{
    if (purpose)
        secret_key(secret, purpose, out);
    else
        sodium_hex2bin(out, SECRET_KEY_SIZE, secret, strlen(secret), NULL, NULL, NULL);
}

const char *secret_seal(const char *secret, struct arena *arena, const char *purpose, const char *text)
{
    unsigned char key[SECRET_KEY_SIZE];
    size_t size = strlen(text), sealed_size = crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES + size;
    unsigned char *sealed = arena_alloc(arena, sealed_size);
    char *hex = arena_alloc(arena, 2 * sealed_size + 1);
    sealing_key(secret, purpose, key);
    randombytes_buf(sealed, crypto_secretbox_NONCEBYTES);
    crypto_secretbox_easy(sealed + crypto_secretbox_NONCEBYTES, (const unsigned char *)text, size, sealed, key);
    sodium_memzero(key, sizeof key);
    return sodium_bin2hex(hex, 2 * sealed_size + 1, sealed, sealed_size);
}

const char *secret_unseal(const char *secret, struct arena *arena, const char *purpose, const char *sealed)
{
    unsigned char key[SECRET_KEY_SIZE];
    size_t hex_size = strlen(sealed), size;
    unsigned char *bytes = arena_alloc(arena, hex_size / 2 + 1);
    const size_t extra = crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES;
    if (sodium_hex2bin(bytes, hex_size / 2, sealed, hex_size, NULL, &size, NULL) != 0 || size <= extra)
        return NULL;
    char *text = arena_alloc(arena, size - extra + 1);
    sealing_key(secret, purpose, key);
    int wrong = crypto_secretbox_open_easy((unsigned char *)text, bytes + crypto_secretbox_NONCEBYTES,
                                           size - crypto_secretbox_NONCEBYTES, bytes, key);
    sodium_memzero(key, sizeof key);
    return wrong ? NULL : text;
}
