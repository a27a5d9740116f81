/* Input from other issuers. The first byte says what it is: a key set, a token as it is, or a token made of a
 * header (the first line) and claims (the rest), signed with the issuer's key or not at all. */
#include "services/auth/outside/outside_token.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/forge.h"

#include <openssl/ec.h>
#include <string.h>

enum { KEY_SET, AS_IT_IS, SIGNED, UNSIGNED, WAYS };
enum { NOW = 1800000000, LEEWAY = 30, AGE = 600 };

static const char *algorithms[] = {"ES256", "RS256"}, *role_claim[] = {"realm_access", "roles"};
static struct role_rule rules[] = {{"boss", "admin", NULL}, {"neuro", "healthpro", "neurologist"}};
static const struct issuer issuer = {
    .issuer = "i",
    .audience = "a",
    .algorithms = {algorithms, 2},
    .role_claim = {role_claim, 2},
    .roles = {rules, COUNT(rules)},
    .name_claim = "name",
    .leeway_seconds = {true, LEEWAY},
    .max_age_seconds = {true, AGE},
};
static EVP_PKEY *key;

static void key_drop(void)
{
    EVP_PKEY_free(key);
}

static void prepare(void)
{
    if (key)
        return;
    key = EVP_EC_gen("P-256");
    PROMISE(key);
    atexit(key_drop);
}

static void try_key_set(const char *text, size_t size)
{
    static struct jwk_set set;
    bool any = jwk_set_parse(text, size, &set);
    PROMISE(any == (set.count > 0) && set.count <= JWK_SET_KEYS_MAX);
    for (size_t i = 0; i < set.count; i++) {
        const struct jwk *k = &set.keys[i];
        PROMISE(k->id[0] && jwk_set_names(&set, k->id));
        for (const char *const *a = jwk_algorithms; *a; a++) {
            EVP_PKEY *found = jwk_set_find(&set, k->id, *a);
            PROMISE(!found || !jwk_verify(found, *a, "text", 4, (const unsigned char *)text, size));
            EVP_PKEY_free(found);
        }
    }
    jwk_set_release(&set);
}

static void try_token(const char *text, bool signed_by_us)
{
    struct outside_token t;
    if (!outside_token_parse(text, &t))
        return;
    PROMISE(t.issuer && t.subject && *t.subject && t.key_id && t.algorithm && t.signed_size < strlen(text));
    PROMISE(!outside_token_signed(&t, &issuer, key) || (signed_by_us && strcmp(t.algorithm, "ES256") == 0));
    if (!outside_token_refusal(&t, &issuer, NOW)) {
        double expires = json_number_value(json_object_get(t.claims, "exp")),
               issued = json_number_value(json_object_get(t.claims, "iat"));
        PROMISE(strcmp(t.issuer, "i") == 0 && expires > NOW - LEEWAY);
        PROMISE(issued >= NOW - AGE - LEEWAY && issued <= NOW + LEEWAY);
    }
    const struct role_rule *rule = outside_token_role(&t, &issuer);
    const char *name = outside_token_name(&t, &issuer);
    PROMISE(!rule || rule == &rules[0] || rule == &rules[1]);
    PROMISE(!name || (*name && strlen(name) <= 320));
    outside_token_release(&t);
}

static char *made_of(char *header, bool signed_by_us)
{
    char *claims = strchr(header, '\n');
    if (!claims)
        return strdup("");
    *claims++ = '\0';
    return signed_by_us ? forge_signed(key, "ES256", header, claims) : forge_unsigned(header, claims);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (size == 0)
        return 0;
    prepare();
    int way = bytes[0] % WAYS;
    char *text = strndup((const char *)bytes + 1, size - 1);
    if (way == KEY_SET) {
        try_key_set((const char *)bytes + 1, size - 1);
    } else if (way == AS_IT_IS) {
        try_token(text, false);
    } else {
        char *token = made_of(text, way == SIGNED);
        try_token(token, way == SIGNED);
        free(token);
    }
    free(text);
    return 0;
}
