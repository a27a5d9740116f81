#include "common/identity/token.h"

#include "common/base/clock.h"
#include "common/base/status.h"
#include "common/base/text.h"

#include <jwt.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum { COORDINATE_SIZE = 32, COORDINATE_TEXT = 44 };

static char *bio_text(BIO *bio)
{
    char *bytes;
    long size = BIO_get_mem_data(bio, &bytes);
    char *text = size > 0 ? strndup(bytes, (size_t)size) : NULL;
    BIO_free(bio);
    return text;
}

static bool coordinate(EVP_PKEY *key, const char *name, char out[COORDINATE_TEXT])
{
    unsigned char bytes[COORDINATE_SIZE];
    BIGNUM *number = NULL;
    bool good =
        EVP_PKEY_get_bn_param(key, name, &number) == 1 && BN_bn2binpad(number, bytes, sizeof bytes) == COORDINATE_SIZE;
    BN_free(number);
    return good &&
           sodium_bin2base64(out, COORDINATE_TEXT, bytes, sizeof bytes, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

static bool coordinates(const char *public_pem, char x[COORDINATE_TEXT], char y[COORDINATE_TEXT])
{
    BIO *bio = BIO_new_mem_buf(public_pem, -1);
    EVP_PKEY *key = PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL);
    bool good = key && coordinate(key, OSSL_PKEY_PARAM_EC_PUB_X, x) && coordinate(key, OSSL_PKEY_PARAM_EC_PUB_Y, y);
    EVP_PKEY_free(key);
    BIO_free(bio);
    return good;
}

json_t *public_key_jwk(const char *public_pem, const char *id)
{
    char x[COORDINATE_TEXT], y[COORDINATE_TEXT];
    if (!coordinates(public_pem, x, y))
        return NULL;
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "kty", "EC", "crv", "P-256", "x", x, "y", y, "kid", id,
                     "use", "sig", "alg", "ES256");
}

/* RFC 7638: the hash of the required members in lexicographic order, without white space. */
static bool thumbprint(const char *public_pem, char out[KEY_ID_SIZE])
{
    char x[COORDINATE_TEXT], y[COORDINATE_TEXT], json[200], text[64];
    unsigned char hash[crypto_hash_sha256_BYTES];
    if (!coordinates(public_pem, x, y))
        return false;
    int size = snprintf(json, sizeof json, "{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"%s\",\"y\":\"%s\"}", x, y);
    crypto_hash_sha256(hash, (const unsigned char *)json, (unsigned long long)size);
    sodium_bin2base64(text, sizeof text, hash, sizeof hash, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    snprintf(out, KEY_ID_SIZE, "%.32s", text);
    return true;
}

bool signing_key_generate(struct signing_key *out)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    BIO *private = BIO_new(BIO_s_mem()), *public = BIO_new(BIO_s_mem());
    bool good = key && PEM_write_bio_PrivateKey(private, key, NULL, NULL, 0, NULL, NULL) == 1 &&
                PEM_write_bio_PUBKEY(public, key) == 1;
    struct signing_key made = {.private_pem = bio_text(private), .public_pem = bio_text(public)};
    EVP_PKEY_free(key);
    if (good && made.public_pem && thumbprint(made.public_pem, made.id)) {
        *out = made;
        return true;
    }
    signing_key_release(&made);
    return false;
}

void signing_key_release(struct signing_key *key)
{
    if (key->private_pem)
        sodium_memzero(key->private_pem, strlen(key->private_pem));
    free(key->private_pem);
    free(key->public_pem);
    *key = (struct signing_key){0};
}

static void jwt_drop(jwt_t **jwt)
{
    jwt_free(*jwt);
}

static bool text_is(json_t *object, const char *key, const char *expected)
{
    const char *value = json_string_value(json_object_get(object, key));
    return value && strcmp(value, expected) == 0;
}

/* The header is read here and not by libjwt, because the key to verify with is named in it and because only one
 * algorithm is ever allowed: an HS256 token "signed" with our public key must not get as far as a signature check. */
bool token_key_id(const char *token, char out[KEY_ID_SIZE])
{
    unsigned char header[512];
    size_t size;
    const char *dot = memchr(token, '.', strnlen(token, TOKEN_SIZE_MAX));
    if (!dot || sodium_base642bin(header, sizeof header, token, (size_t)(dot - token), NULL, &size, NULL,
                                  sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0)
        return false;
    json_auto_t *json = json_loadb((const char *)header, size, JSON_REJECT_DUPLICATES, NULL);
    const char *key_id = json_string_value(json_object_get(json, "kid"));
    if (!text_is(json, "alg", "ES256") || !text_is(json, "typ", "JWT") || !key_id || strlen(key_id) >= KEY_ID_SIZE)
        return false;
    strcpy(out, key_id);
    return true;
}

static bool claim_uuid(jwt_t *jwt, const char *claim, char out[33])
{
    const char *value = jwt_get_grant(jwt, claim);
    return value && text_uuid(value, out);
}

static bool claim_is(jwt_t *jwt, const char *claim, const char *expected)
{
    const char *value = jwt_get_grant(jwt, claim);
    return value && strcmp(value, expected) == 0;
}

/* An enrolment token opens the rows for ENROLLING and nothing else, whatever its other claims say. */
static enum role role_of(jwt_t *jwt)
{
    if (claim_is(jwt, "token_use", "enrolment"))
        return ENROLLING;
    return claim_is(jwt, "token_use", "access") ? role_parse(jwt_get_grant(jwt, "role")) : 0;
}

/* Three parts of base64url and nothing else: libjwt overlooks what follows. */
static bool has_shape(const char *token)
{
    static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_";
    if (strnlen(token, TOKEN_SIZE_MAX) == TOKEN_SIZE_MAX)
        return false;
    for (int dots = 0; dots < 2; dots++) {
        token += strspn(token, digits);
        if (*token++ != '.')
            return false;
    }
    return token[strspn(token, digits)] == '\0';
}

/* The last character of base64 may hold bits that no byte depends on; with them a signature would have many spellings.
 */
static bool signature_is_exact(const char *token)
{
    unsigned char pair[2 * COORDINATE_SIZE];
    size_t size;
    const char *text = strrchr(token, '.') + 1;
    return sodium_base642bin(pair, sizeof pair, text, strlen(text), NULL, &size, NULL,
                             sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0 &&
           size == sizeof pair;
}

bool token_check(const char *token, const char *public_key_pem, const char *issuer, const char *audience,
                 struct principal *out)
{
    AUTO(jwt_drop) jwt_t *jwt = NULL;
    struct principal p = {0};
    char key_id[KEY_ID_SIZE];
    if (!has_shape(token) || !signature_is_exact(token) || !token_key_id(token, key_id) ||
        jwt_decode(&jwt, token, (const unsigned char *)public_key_pem, (int)strlen(public_key_pem)) != 0)
        return false;
    if (jwt_get_alg(jwt) != JWT_ALG_ES256 || !claim_is(jwt, "iss", issuer) || !claim_is(jwt, "aud", audience) ||
        (p.role = role_of(jwt)) == 0)
        return false;
    p.expires = jwt_get_grant_int(jwt, "exp");
    p.specialty = specialty_parse(jwt_get_grant(jwt, "specialty"));
    p.scopes = p.role == CLIENT ? scopes_parse(jwt_get_grant(jwt, "scope")) : 0;
    if (p.expires <= clock_now() || jwt_get_grant_int(jwt, "nbf") > clock_now() ||
        !claim_uuid(jwt, "sub", p.account_id) || !claim_uuid(jwt, "sid", p.session_id))
        return false;
    *out = p;
    return true;
}

char *token_sign(const struct signing_key *key, const struct principal *who, const char *issuer, const char *audience)
{
    AUTO(jwt_drop) jwt_t *jwt = NULL;
    const char *specialty = specialty_name(who->specialty), *use = who->role == ENROLLING ? "enrolment" : "access";
    char scopes[SCOPES_SIZE];
    scopes_print(who->scopes, scopes);
    if (jwt_new(&jwt) != 0)
        return NULL;
    int wrong = jwt_add_header(jwt, "kid", key->id) | jwt_add_grant(jwt, "token_use", use) |
                jwt_add_grant(jwt, "iss", issuer) | jwt_add_grant(jwt, "aud", audience) |
                jwt_add_grant(jwt, "sub", who->account_id) | jwt_add_grant(jwt, "sid", who->session_id) |
                jwt_add_grant(jwt, "role", role_name(who->role)) | jwt_add_grant_int(jwt, "iat", clock_now()) |
                jwt_add_grant_int(jwt, "exp", who->expires);
    if (specialty)
        wrong |= jwt_add_grant(jwt, "specialty", specialty);
    if (who->role == CLIENT)
        wrong |= jwt_add_grant(jwt, "scope", scopes);
    wrong |= jwt_set_alg(jwt, JWT_ALG_ES256, (const unsigned char *)key->private_pem, (int)strlen(key->private_pem));
    return wrong ? NULL : jwt_encode_str(jwt);
}
