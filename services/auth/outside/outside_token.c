#include "services/auth/outside/outside_token.h"

#include "common/base/status.h"
#include "common/base/text.h"

#include <sodium.h>
#include <string.h>
#include <strings.h>

enum { HEADER_MAX = 4096, NAME_MAX_CHARACTERS = 80 };

static const double TIME_MAX = 1e11; /* some 3,000 years */

/* A part that is base64url of a JSON object. */
static json_t *object_of(const char *text, size_t size)
{
    unsigned char bytes[OUTSIDE_TOKEN_MAX];
    size_t used;
    if (sodium_base642bin(bytes, sizeof bytes, text, size, NULL, &used, NULL,
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0)
        return NULL;
    json_t *json = json_loadb((const char *)bytes, used, JSON_REJECT_DUPLICATES, NULL);
    if (json_is_object(json))
        return json;
    json_decref(json);
    return NULL;
}

static const char *text_member(json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

/* An access or an identity token; a logout token, say, is signed with the same keys. */
static bool good_type(json_t *header)
{
    json_t *type = json_object_get(header, "typ");
    const char *name = json_string_value(type);
    return !type || (name && (strcasecmp(name, "JWT") == 0 || strcasecmp(name, "at+jwt") == 0 ||
                              strcasecmp(name, "application/at+jwt") == 0));
}

static bool read_header(struct outside_token *t)
{
    t->algorithm = text_member(t->header, "alg");
    t->key_id = text_member(t->header, "kid");
    /* crit names extensions that must be understood (RFC 7515); we understand none. */
    return t->algorithm && t->key_id && *t->key_id && strlen(t->key_id) < JWK_ID_SIZE && good_type(t->header) &&
           !json_object_get(t->header, "crit");
}

static bool read_claims(struct outside_token *t)
{
    t->issuer = text_member(t->claims, "iss");
    t->subject = text_member(t->claims, "sub");
    return t->issuer && t->subject && *t->subject && strlen(t->subject) <= OUTSIDE_SUBJECT_MAX &&
           !text_has_control(t->subject, strlen(t->subject));
}

static bool read_parts(const char *text, struct outside_token *t)
{
    const char *dot = strchr(text, '.'), *second = dot ? strchr(dot + 1, '.') : NULL;
    if (!second || dot - text > HEADER_MAX)
        return false;
    t->text = text;
    t->signed_size = (size_t)(second - text);
    t->header = object_of(text, (size_t)(dot - text));
    t->claims = object_of(dot + 1, (size_t)(second - dot - 1));
    return t->header && t->claims &&
           sodium_base642bin(t->signature, sizeof t->signature, second + 1, strlen(second + 1), NULL,
                             &t->signature_size, NULL, sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0;
}

bool outside_token_parse(const char *text, struct outside_token *out)
{
    *out = (struct outside_token){0};
    if (strnlen(text, OUTSIDE_TOKEN_MAX + 1) <= OUTSIDE_TOKEN_MAX && read_parts(text, out) && read_header(out) &&
        read_claims(out))
        return true;
    outside_token_release(out);
    return false;
}

void outside_token_release(struct outside_token *t)
{
    json_decref(t->header);
    json_decref(t->claims);
    *t = (struct outside_token){0};
}

static bool listed(const struct text_list *list, const char *text)
{
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->items[i], text) == 0)
            return true;
    return false;
}

bool outside_token_signed(const struct outside_token *t, const struct issuer *issuer, EVP_PKEY *key)
{
    return listed(&issuer->algorithms, t->algorithm) &&
           jwk_verify(key, t->algorithm, t->text, t->signed_size, t->signature, t->signature_size);
}

/* Is the value this text, or a list that has it? */
static bool value_has(json_t *value, const char *text)
{
    size_t i;
    json_t *item;
    if (json_is_string(value))
        return strcmp(json_string_value(value), text) == 0;
    json_array_foreach(value, i, item)
    {
        if (json_is_string(item) && strcmp(json_string_value(item), text) == 0)
            return true;
    }
    return false;
}

/* A token for several parties says for whom it was made (OpenID Connect Core, section 2). */
static bool good_audience(const struct outside_token *t, const struct issuer *issuer)
{
    json_t *audience = json_object_get(t->claims, "aud");
    const char *party = issuer->authorized_party ? issuer->authorized_party : issuer->audience;
    if (!value_has(audience, issuer->audience))
        return false;
    if (json_array_size(audience) <= 1 && !issuer->authorized_party)
        return true;
    const char *given = text_member(t->claims, "azp");
    return given && strcmp(given, party) == 0;
}

/* A point in time as the claims have it; -1 when it is missing or none. */
static double time_member(json_t *claims, const char *name)
{
    json_t *value = json_object_get(claims, name);
    double at = json_number_value(value);
    return json_is_number(value) && at >= 0 && at < TIME_MAX ? at : -1;
}

const char *outside_token_refusal(const struct outside_token *t, const struct issuer *issuer, time_t now)
{
    double leeway = (double)issuer->leeway_seconds.value, age_max = (double)issuer->max_age_seconds.value;
    double issued = time_member(t->claims, "iat"), expires = time_member(t->claims, "exp"),
           begins = time_member(t->claims, "nbf"), at = (double)now;
    if (strcmp(t->issuer, issuer->issuer) != 0)
        return "it is of another issuer";
    if (!good_audience(t, issuer))
        return "it is for somebody else";
    if (issued < 0 || expires < 0 || (begins < 0 && json_object_get(t->claims, "nbf")))
        return "its times are missing or none";
    if (expires <= at - leeway)
        return "it has expired";
    if (issued > at + leeway || begins > at + leeway)
        return "its time has not come";
    if (issued < at - age_max - leeway)
        return "it is too old";
    if (json_object_get(t->claims, "events")) /* RFC 8417; a logout token has it */
        return "it tells of an event";
    return NULL;
}

const struct role_rule *outside_token_role(const struct outside_token *t, const struct issuer *issuer)
{
    const struct role_rule *rules = issuer->roles.items;
    json_t *value = t->claims;
    for (size_t i = 0; i < issuer->role_claim.count; i++)
        value = json_object_get(value, issuer->role_claim.items[i]);
    for (size_t i = 0; i < issuer->roles.count; i++)
        if (value_has(value, rules[i].value))
            return &rules[i];
    return NULL;
}

const char *outside_token_name(const struct outside_token *t, const struct issuer *issuer)
{
    const char *name = issuer->name_claim ? text_member(t->claims, issuer->name_claim) : NULL;
    size_t size = name ? strlen(name) : 0;
    bool trimmed = size > 0 && name[0] != ' ' && name[size - 1] != ' ';
    if (!trimmed || text_length(name, size) > NAME_MAX_CHARACTERS || text_has_control(name, size))
        return NULL;
    return name;
}
