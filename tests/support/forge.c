#include "tests/support/forge.h"

#include "common/base/status.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VARIANT = sodium_base64_VARIANT_URLSAFE_NO_PADDING, SIGNATURE_MAX = 1024 };

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
static size_t raw_signature(const unsigned char *der, size_t size, size_t coordinate, unsigned char *out)
{
    ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &der, (long)size);
    BN_bn2binpad(ECDSA_SIG_get0_r(pair), out, (int)coordinate);
    BN_bn2binpad(ECDSA_SIG_get0_s(pair), out + coordinate, (int)coordinate);
    ECDSA_SIG_free(pair);
    return 2 * coordinate;
}

static const EVP_MD *digest_of(const char *algorithm)
{
    return strstr(algorithm, "512") ? EVP_sha512() : strstr(algorithm, "384") ? EVP_sha384() : EVP_sha256();
}

char *forge_signed(EVP_PKEY *pair, const char *algorithm, const char *header, const char *payload)
{
    unsigned char signature[SIGNATURE_MAX], raw[SIGNATURE_MAX];
    size_t size = sizeof signature;
    char *input = signing_input(header, payload);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_PKEY_CTX *key_context;
    if (EVP_DigestSignInit(context, &key_context, digest_of(algorithm), NULL, pair) != 1)
        abort();
    if (algorithm[0] == 'P' && (EVP_PKEY_CTX_set_rsa_padding(key_context, RSA_PKCS1_PSS_PADDING) != 1 ||
                                EVP_PKEY_CTX_set_rsa_pss_saltlen(key_context, RSA_PSS_SALTLEN_DIGEST) != 1))
        abort();
    if (EVP_DigestSign(context, signature, &size, (const unsigned char *)input, strlen(input)) != 1)
        abort();
    EVP_MD_CTX_free(context);
    if (!EVP_PKEY_is_a(pair, "EC"))
        return joined(input, base64(signature, size));
    size = raw_signature(signature, size, (size_t)EVP_PKEY_get_bits(pair) / 8, raw);
    return joined(input, base64(raw, size));
}

char *forge_es256(const char *private_pem, const char *header, const char *payload)
{
    BIO *bio = BIO_new_mem_buf(private_pem, -1);
    EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
    char *token = forge_signed(key, "ES256", header, payload);
    EVP_PKEY_free(key);
    BIO_free(bio);
    return token;
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
