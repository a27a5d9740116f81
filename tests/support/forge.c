#include "tests/support/forge.h"

#include "common/status.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VARIANT = sodium_base64_VARIANT_URLSAFE_NO_PADDING, COORDINATE = 32 };

static char *base64(const void *bytes, size_t size)
{
    size_t length = sodium_base64_ENCODED_LEN(size, VARIANT);
    return sodium_bin2base64(malloc(length), length, bytes, size, VARIANT);
}

/* Takes left and right. */
static char *joined(char *left, char *right)
{
    char *both = malloc(strlen(left) + strlen(right) + 2);
    sprintf(both, "%s.%s", left, right);
    free(left);
    free(right);
    return both;
}

static char *signing_input(const char *header, const char *payload)
{
    return joined(base64(header, strlen(header)), base64(payload, strlen(payload)));
}

/* JWS has r and s side by side (RFC 7518, section 3.4), OpenSSL gives them in DER. */
static void raw_signature(const unsigned char *der, size_t size, unsigned char out[2 * COORDINATE])
{
    ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &der, (long)size);
    BN_bn2binpad(ECDSA_SIG_get0_r(pair), out, COORDINATE);
    BN_bn2binpad(ECDSA_SIG_get0_s(pair), out + COORDINATE, COORDINATE);
    ECDSA_SIG_free(pair);
}

char *forge_es256(const char *private_pem, const char *header, const char *payload)
{
    unsigned char der[128], raw[2 * COORDINATE];
    size_t size = sizeof der;
    char *input = signing_input(header, payload);
    BIO *bio = BIO_new_mem_buf(private_pem, -1);
    EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    if (EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key) != 1 ||
        EVP_DigestSign(context, der, &size, (const unsigned char *)input, strlen(input)) != 1)
        abort();
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    BIO_free(bio);
    raw_signature(der, size, raw);
    return joined(input, base64(raw, sizeof raw));
}

char *forge_hs256(const char *secret, const char *header, const char *payload)
{
    unsigned char mac[32];
    unsigned size = sizeof mac;
    char *input = signing_input(header, payload);
    HMAC(EVP_sha256(), secret, (int)strlen(secret), (const unsigned char *)input, strlen(input), mac, &size);
    return joined(input, base64(mac, size));
}

char *forge_unsigned(const char *header, const char *payload)
{
    return joined(signing_input(header, payload), strdup(""));
}
