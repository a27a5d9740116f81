#include "services/auth/outside/issuer.h"

#include "common/base/address.h"
#include "common/base/text.h"
#include "common/identity/principal.h"
#include "services/auth/outside/jwk.h"

#include <curl/curl.h>
#include <stdio.h>
#include <string.h>

enum {
    LEEWAY = 30, /* seconds, where nothing is said */
    LEEWAY_MAX = 60,
    AGE = 3600,
    AGE_MAX = 86400,
};

/* Superusers are made here only, and a patient or a caregiver is a person of the clinic's records. */
static const char *const mapped_roles[] = {"healthpro", "researcher", "admin", NULL};

LOCAL_SCHEMA(role_rule_schema, "RoleRule", struct role_rule,
             FIELD_TEXT(struct role_rule, value, .rules = REQUIRED, .min = 1, .max = 200),
             FIELD_ENUM(struct role_rule, role, mapped_roles, .rules = REQUIRED),
             FIELD_ENUM(struct role_rule, specialty, specialty_names));

LOCAL_SCHEMA(issuer_schema, "Issuer", struct issuer,
             FIELD_TEXT(struct issuer, name, .rules = REQUIRED | TRIMMED, .min = 1, .max = 40),
             FIELD_TEXT(struct issuer, issuer, .rules = REQUIRED | TRIMMED, .min = 1, .max = 200),
             FIELD_TEXT(struct issuer, audience, .rules = REQUIRED, .min = 1, .max = 200),
             FIELD_TEXT(struct issuer, authorized_party, .min = 1, .max = 200),
             FIELD_TEXT(struct issuer, key_set_url, .rules = REQUIRED, .min = 1, .max = 500),
             FIELD_TEXTS(struct issuer, algorithms, .rules = REQUIRED, .min = 1, .max = 6),
             FIELD_TEXTS(struct issuer, role_claim, .min = 1, .max = 5),
             FIELD_RECORDS(struct issuer, roles, role_rule_schema, .min = 1, .max = 50),
             FIELD_TEXT(struct issuer, name_claim, .min = 1, .max = 100), FIELD_BOOLEAN(struct issuer, provision),
             FIELD_INTEGER(struct issuer, leeway_seconds, .min = 0, .max = LEEWAY_MAX),
             FIELD_INTEGER(struct issuer, max_age_seconds, .min = 60, .max = AGE_MAX));

struct issuers_file {
    struct record_list issuers;
};
LOCAL_SCHEMA(issuers_file_schema, "Issuers", struct issuers_file,
             FIELD_RECORDS(struct issuers_file, issuers, issuer_schema, .rules = REQUIRED, .min = 0,
                           .max = ISSUERS_MAX));

/* Refuses a member of the issuer at that place. */
#define REFUSE(why, at, member, ...) \
    fail(why, INVALID, arena_printf((why)->arena, "/issuers/%zu/%s", (at), (member)), __VA_ARGS__)

/* host: a name, an address of IPv4, or one of IPv6 in brackets. */
static bool is_loopback(const char *host)
{
    struct address address;
    char text[ADDRESS_SIZE];
    bool v6 = host[0] == '[';
    if (strcmp(host, "localhost") == 0)
        return true;
    snprintf(text, sizeof text, "%.*s", (int)strcspn(host + v6, "]"), host + v6);
    return address_read(text, &address) && address_is_loopback(&address);
}

static void url_drop(CURLU **url)
{
    curl_url_cleanup(*url);
}

static void part_drop(char **part)
{
    curl_free(*part);
}

static bool good_url(const char *text)
{
    AUTO(url_drop) CURLU *url = curl_url();
    AUTO(part_drop) char *scheme = NULL;
    AUTO(part_drop) char *host = NULL;
    AUTO(part_drop) char *user = NULL;
    if (curl_url_set(url, CURLUPART_URL, text, 0) != CURLUE_OK ||
        curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK ||
        curl_url_get(url, CURLUPART_HOST, &host, 0) != CURLUE_OK ||
        curl_url_get(url, CURLUPART_USER, &user, 0) == CURLUE_OK)
        return false;
    return strcmp(scheme, "https") == 0 || (strcmp(scheme, "http") == 0 && is_loopback(host));
}

static bool algorithm_known(const char *name)
{
    for (const char *const *a = jwk_algorithms; *a; a++)
        if (strcmp(*a, name) == 0)
            return true;
    return false;
}

static void check_algorithms(const struct issuer *issuer, size_t at, struct problem *why)
{
    for (size_t i = 0; i < issuer->algorithms.count; i++)
        if (issuer->algorithms.items[i] && !algorithm_known(issuer->algorithms.items[i]))
            REFUSE(why, at, "algorithms", "may name RS256, RS384, RS512, PS256, ES256 and ES384 only");
}

static void check_roles(const struct issuer *issuer, size_t at, struct problem *why)
{
    const struct role_rule *rules = issuer->roles.items;
    for (size_t i = 0; i < issuer->roles.count; i++) {
        bool healthpro = rules[i].role && strcmp(rules[i].role, "healthpro") == 0;
        if (rules[i].role && healthpro != (rules[i].specialty != NULL))
            REFUSE(why, at, "roles", "must name a specialty for healthpro, and for nobody else");
    }
    if ((issuer->roles.count > 0) != (issuer->role_claim.count > 0))
        REFUSE(why, at, "role_claim", "and roles must be given together");
    if (issuer->provision.value && (issuer->roles.count == 0 || !issuer->name_claim))
        REFUSE(why, at, "provision", "needs role_claim, roles and name_claim");
}

static void check_one(const struct issuers_file *file, size_t at, struct problem *why)
{
    const struct issuer *all = file->issuers.items, *issuer = &all[at];
    if (issuer->key_set_url && !good_url(issuer->key_set_url))
        REFUSE(why, at, "key_set_url", "must begin with https:// (with http:// on this machine only), without a user");
    check_algorithms(issuer, at, why);
    check_roles(issuer, at, why);
    for (size_t i = 0; i < at; i++) {
        if (issuer->name && all[i].name && strcmp(all[i].name, issuer->name) == 0)
            REFUSE(why, at, "name", "is that of another issuer, too");
        if (issuer->issuer && all[i].issuer && strcmp(all[i].issuer, issuer->issuer) == 0)
            REFUSE(why, at, "issuer", "is that of another issuer, too");
    }
}

static void set_defaults(struct issuer *issuer)
{
    if (!issuer->leeway_seconds.known)
        issuer->leeway_seconds = (struct maybe_integer){true, LEEWAY};
    if (!issuer->max_age_seconds.known)
        issuer->max_age_seconds = (struct maybe_integer){true, AGE};
}

static void decode(struct issuers *issuers, struct problem *why)
{
    struct issuers_file file = {0};
    struct input in = {.arena = &issuers->arena, .json = issuers->json};
    schema_decode(&issuers_file_schema, &in, &file, why);
    struct issuer *items = file.issuers.items;
    for (size_t i = 0; i < file.issuers.count; i++) {
        check_one(&file, i, why);
        set_defaults(&items[i]);
    }
    issuers->items = items;
    issuers->count = file.issuers.count;
}

bool issuers_read(const char *text, struct issuers *out, FILE *err)
{
    struct issuers issuers = {0};
    struct problem why;
    json_error_t error;
    *out = issuers;
    if (!*text)
        return true;
    issuers.json = json_loads(text, JSON_REJECT_DUPLICATES, &error);
    if (!json_is_object(issuers.json)) {
        fprintf(err, "EXTERNAL_ISSUERS must be a JSON object like {\"issuers\": [...]}: %s\n",
                issuers.json ? "it is something else" : error.text);
        json_decref(issuers.json);
        return false;
    }
    problem_reset(&why, &issuers.arena);
    decode(&issuers, &why);
    for (int i = 0; i < why.error_count; i++)
        fprintf(err, "EXTERNAL_ISSUERS: %s %s\n", why.errors[i].pointer, why.errors[i].detail);
    if (problem_status(&why) == OK) {
        *out = issuers;
        return true;
    }
    issuers_release(&issuers);
    return false;
}

void issuers_release(struct issuers *issuers)
{
    arena_release(&issuers->arena);
    json_decref(issuers->json);
    *issuers = (struct issuers){0};
}

const struct issuer *issuers_find(const struct issuers *issuers, const char *issuer)
{
    for (size_t i = 0; i < issuers->count; i++)
        if (strcmp(issuers->items[i].issuer, issuer) == 0)
            return &issuers->items[i];
    return NULL;
}
