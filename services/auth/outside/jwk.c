#include "services/auth/outside/jwk.h"

#include "common/base/status.h"

#include <jansson.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum {
    RSA_BITS_MIN = 2048,
    RSA_BITS_MAX = 8192,
    NUMBER_SIZE_MAX = RSA_BITS_MAX / 8,
    EXPONENT_SIZE_MAX = 4,
    COORDINATE_SIZE_MAX = 48,
    DER_SIZE_MAX = 2 * COORDINATE_SIZE_MAX + 16,
};

const char *const jwk_algorithms[] = {"RS256", "RS384", "RS512", "PS256", "ES256", "ES384", NULL};

/* coordinate: bytes of r and of s in an ECDSA signature; 0: RSA. */
static const struct algorithm {
    const char *name;
    const EVP_MD *(*digest)(void);
    bool pss;
    size_t coordinate;
} algorithms[] = {
    {"RS256", EVP_sha256, false, 0}, {"RS384", EVP_sha384, false, 0},  {"RS512", EVP_sha512, false, 0},
    {"PS256", EVP_sha256, true, 0},  {"ES256", EVP_sha256, false, 32}, {"ES384", EVP_sha384, false, 48},
};

static const struct algorithm *algorithm_find(const char *name)
{
    for (size_t i = 0; i < COUNT(algorithms); i++)
        if (strcmp(algorithms[i].name, name) == 0)
            return &algorithms[i];
    return NULL;
}

static const struct curve {
    const char *name, *group;
    size_t coordinate;
} curves[] = {{"P-256", "prime256v1", 32}, {"P-384", "secp384r1", 48}};

static const char *text_member(json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

static size_t bytes_member(json_t *object, const char *name, unsigned char *out, size_t room)
{
    const char *text = text_member(object, name);
    size_t size = 0;
    if (!text || sodium_base642bin(out, room, text, strlen(text), NULL, &size, NULL,
                                   sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0)
        return 0;
    return size;
}

static void builder_drop(OSSL_PARAM_BLD **b)
{
    OSSL_PARAM_BLD_free(*b);
}

static void params_drop(OSSL_PARAM **p)
{
    OSSL_PARAM_free(*p);
}

static void number_drop(BIGNUM **n)
{
    BN_free(*n);
}

static void context_drop(EVP_PKEY_CTX **c)
{
    EVP_PKEY_CTX_free(*c);
}

/* NULL when OpenSSL does not take it; of elliptic curves, also a point that is not on the curve. */
static EVP_PKEY *key_of(const char *type, OSSL_PARAM_BLD *builder)
{
    AUTO(params_drop) OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(builder);
    AUTO(context_drop) EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
    EVP_PKEY *key = NULL;
    if (!params || EVP_PKEY_fromdata_init(context) != 1 ||
        EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, params) != 1)
        return NULL;
    return key;
}

static EVP_PKEY *rsa_key(json_t *jwk)
{
    unsigned char n[NUMBER_SIZE_MAX], e[EXPONENT_SIZE_MAX];
    size_t n_size = bytes_member(jwk, "n", n, sizeof n), e_size = bytes_member(jwk, "e", e, sizeof e);
    if (n_size == 0 || e_size == 0)
        return NULL;
    AUTO(number_drop) BIGNUM *modulus = BN_bin2bn(n, (int)n_size, NULL);
    AUTO(number_drop) BIGNUM *exponent = BN_bin2bn(e, (int)e_size, NULL);
    AUTO(builder_drop) OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    bool sound =
        BN_num_bits(modulus) >= RSA_BITS_MIN && BN_is_odd(modulus) && BN_is_odd(exponent) && !BN_is_one(exponent);
    if (!sound || OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, modulus) != 1 ||
        OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, exponent) != 1)
        return NULL;
    return key_of("RSA", builder);
}

static bool on_curve(EVP_PKEY *key)
{
    AUTO(context_drop) EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
    return context && EVP_PKEY_public_check(context) == 1;
}

static EVP_PKEY *ec_key_on(const struct curve *curve, json_t *jwk)
{
    unsigned char point[1 + 2 * COORDINATE_SIZE_MAX] = {POINT_CONVERSION_UNCOMPRESSED};
    size_t size = curve->coordinate;
    if (bytes_member(jwk, "x", point + 1, size) != size || bytes_member(jwk, "y", point + 1 + size, size) != size)
        return NULL;
    AUTO(builder_drop) OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    if (OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, curve->group, 0) != 1 ||
        OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, point, 1 + 2 * size) != 1)
        return NULL;
    EVP_PKEY *key = key_of("EC", builder);
    if (key && on_curve(key))
        return key;
    EVP_PKEY_free(key);
    return NULL;
}

static EVP_PKEY *ec_key(json_t *jwk)
{
    const char *name = text_member(jwk, "crv");
    for (size_t i = 0; name && i < COUNT(curves); i++)
        if (strcmp(curves[i].name, name) == 0)
            return ec_key_on(&curves[i], jwk);
    return NULL;
}

static bool for_verification(json_t *jwk)
{
    json_t *use = json_object_get(jwk, "use"), *operations = json_object_get(jwk, "key_ops"), *operation;
    size_t i;
    if (use && strcmp(json_is_string(use) ? json_string_value(use) : "", "sig") != 0)
        return false;
    if (!operations)
        return true;
    json_array_foreach(operations, i, operation)
    {
        if (json_is_string(operation) && strcmp(json_string_value(operation), "verify") == 0)
            return true;
    }
    return false;
}

static bool jwk_parse(json_t *jwk, struct jwk *out)
{
    const char *type = text_member(jwk, "kty"), *id = text_member(jwk, "kid"), *algorithm = text_member(jwk, "alg");
    if (!type || !id || !*id || strlen(id) >= sizeof out->id || !for_verification(jwk) ||
        (algorithm && !algorithm_find(algorithm)))
        return false;
    struct jwk made = {.key = strcmp(type, "RSA") == 0 ? rsa_key(jwk) : strcmp(type, "EC") == 0 ? ec_key(jwk) : NULL};
    if (!made.key)
        return false;
    strcpy(made.id, id);
    strcpy(made.algorithm, algorithm ? algorithm : "");
    *out = made;
    return true;
}

bool jwk_set_parse(const char *text, size_t size, struct jwk_set *out)
{
    size_t i;
    json_t *jwk;
    if (size > JWK_SET_SIZE_MAX)
        return false;
    json_auto_t *json = json_loadb(text, size, JSON_REJECT_DUPLICATES, NULL);
    out->count = 0;
    json_array_foreach(json_object_get(json, "keys"), i, jwk)
    {
        if (out->count < JWK_SET_KEYS_MAX && jwk_parse(jwk, &out->keys[out->count]))
            out->count++;
    }
    return out->count > 0;
}

void jwk_set_release(struct jwk_set *set)
{
    for (size_t i = 0; i < set->count; i++)
        EVP_PKEY_free(set->keys[i].key);
    set->count = 0;
}

bool jwk_set_names(const struct jwk_set *set, const char *id)
{
    for (size_t i = 0; i < set->count; i++)
        if (strcmp(set->keys[i].id, id) == 0)
            return true;
    return false;
}

static bool fits(EVP_PKEY *key, const struct algorithm *a)
{
    if (a->coordinate == 0)
        return EVP_PKEY_is_a(key, "RSA") == 1;
    return EVP_PKEY_is_a(key, "EC") == 1 && EVP_PKEY_get_bits(key) == (int)a->coordinate * 8;
}

EVP_PKEY *jwk_set_find(const struct jwk_set *set, const char *id, const char *algorithm)
{
    const struct algorithm *a = algorithm_find(algorithm);
    for (size_t i = 0; a && i < set->count; i++) {
        const struct jwk *k = &set->keys[i];
        bool allowed = !k->algorithm[0] || strcmp(k->algorithm, algorithm) == 0;
        if (strcmp(k->id, id) == 0 && allowed && fits(k->key, a) && EVP_PKEY_up_ref(k->key) == 1)
            return k->key;
    }
    return NULL;
}

static void pair_drop(ECDSA_SIG **pair)
{
    ECDSA_SIG_free(*pair);
}

/* JWS has r and s side by side (RFC 7518, 3.4), OpenSSL wants DER. Returns the size, 0 if they are no signature. */
static size_t der_of(const unsigned char *raw, size_t size, size_t coordinate, unsigned char out[DER_SIZE_MAX])
{
    if (size != 2 * coordinate)
        return 0;
    AUTO(pair_drop) ECDSA_SIG *pair = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn(raw, (int)coordinate, NULL), *s = BN_bin2bn(raw + coordinate, (int)coordinate, NULL);
    if (!pair || ECDSA_SIG_set0(pair, r, s) != 1)
        abort(); /* no memory */
    int written = i2d_ECDSA_SIG(pair, &out);
    return written > 0 ? (size_t)written : 0;
}

static void digest_drop(EVP_MD_CTX **c)
{
    EVP_MD_CTX_free(*c);
}

bool jwk_verify(EVP_PKEY *key, const char *algorithm, const char *text, size_t size, const unsigned char *signature,
                size_t signature_size)
{
    const struct algorithm *a = algorithm_find(algorithm);
    AUTO(digest_drop) EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_PKEY_CTX *key_context;
    unsigned char der[DER_SIZE_MAX];
    if (!context || !a || !fits(key, a) || EVP_DigestVerifyInit(context, &key_context, a->digest(), NULL, key) != 1)
        return false;
    if (a->pss && (EVP_PKEY_CTX_set_rsa_padding(key_context, RSA_PKCS1_PSS_PADDING) != 1 ||
                   EVP_PKEY_CTX_set_rsa_pss_saltlen(key_context, RSA_PSS_SALTLEN_DIGEST) != 1))
        return false;
    if (a->coordinate > 0) {
        signature_size = der_of(signature, signature_size, a->coordinate, der);
        signature = der;
    }
    return signature_size > 0 &&
           EVP_DigestVerify(context, signature, signature_size, (const unsigned char *)text, size) == 1;
}
