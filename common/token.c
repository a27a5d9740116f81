/* One access token against one key. */
#include "common/clock.h"
#include "common/status.h"
#include "common/text.h"
#include "common/trust.h"

#include <jansson.h>
#include <jwt.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

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
    if (!text_is(json, "alg", "ES256") || !text_is(json, "typ", "at+jwt") || !key_id || strlen(key_id) >= KEY_ID_SIZE)
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

bool token_check(const char *token, const char *public_key_pem, const char *issuer, const char *audience,
                 struct principal *out)
{
    AUTO(jwt_drop) jwt_t *jwt = NULL;
    struct principal p = {0};
    if (strnlen(token, TOKEN_SIZE_MAX) == TOKEN_SIZE_MAX ||
        jwt_decode(&jwt, token, (const unsigned char *)public_key_pem, (int)strlen(public_key_pem)) != 0)
        return false;
    if (jwt_get_alg(jwt) != JWT_ALG_ES256 || !claim_is(jwt, "iss", issuer) || !claim_is(jwt, "aud", audience))
        return false;
    p.expires = jwt_get_grant_int(jwt, "exp");
    p.role = role_parse(jwt_get_grant(jwt, "role"));
    p.specialty = specialty_parse(jwt_get_grant(jwt, "specialty"));
    if (p.expires <= clock_now() || p.role == 0 || !claim_uuid(jwt, "sub", p.account_id) ||
        !claim_uuid(jwt, "sid", p.session_id))
        return false;
    *out = p;
    return true;
}
