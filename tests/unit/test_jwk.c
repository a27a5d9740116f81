#include "services/auth/outside/jwk.h"
#include "tests/support/outside_issuer.h"
#include "tests/support/unit.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[] = {"RS256", "RS384", "RS512", "PS256", "ES256", "ES384"};
static struct outside_key keys[COUNT(names) + 1];

static void set_drop(struct jwk_set *set)
{
    jwk_set_release(set);
}
#define SET(variable) AUTO(set_drop) struct jwk_set variable = {0}

static bool parse(const char *text, struct jwk_set *out)
{
    return jwk_set_parse(text, strlen(text), out);
}

static void parse_all(struct jwk_set *out)
{
    char *text = outside_key_set(keys);
    ck_assert(parse(text, out));
    free(text);
}

/* Takes the jwk. */
static size_t parse_jwk(json_t *jwk, struct jwk_set *out)
{
    json_auto_t *json = json_pack("{s:[o]}", "keys", jwk);
    char *text = json_dumps(json, 0);
    bool any = parse(text, out);
    ck_assert_int_eq(any, out->count > 0);
    free(text);
    return out->count;
}

/* A signature of that key, checked as one of that algorithm with the key that the set has for it. */
static bool verifies(const struct jwk_set *set, const struct outside_key *signer, const char *algorithm)
{
    unsigned char signature[SIGNATURE_SIZE_MAX];
    size_t size;
    json_auto_t *claims = json_object();
    char *token = outside_key_sign(signer, claims), *last = strrchr(token, '.');
    ck_assert_int_eq(sodium_base642bin(signature, sizeof signature, last + 1, strlen(last + 1), NULL, &size, NULL,
                                       sodium_base64_VARIANT_URLSAFE_NO_PADDING),
                     0);
    EVP_PKEY *key = jwk_set_find(set, signer->id, algorithm);
    bool good = key && jwk_verify(key, algorithm, token, (size_t)(last - token), signature, size);
    EVP_PKEY_free(key);
    free(token);
    return good;
}

START_TEST(each_algorithm_is_verified_with_its_own_key_only)
{
    SET(set);
    parse_all(&set);
    ck_assert_uint_eq(set.count, COUNT(names));
    for (size_t k = 0; k < COUNT(names); k++)
        for (size_t a = 0; a < COUNT(names); a++)
            ck_assert_msg(verifies(&set, &keys[k], names[a]) == (k == a), "%s as %s", names[k], names[a]);
}
END_TEST

START_TEST(a_key_without_an_algorithm_serves_those_that_fit_it)
{
    SET(set);
    json_t *jwk = outside_key_jwk(&keys[0]);
    json_object_del(jwk, "alg");
    ck_assert_uint_eq(parse_jwk(jwk, &set), 1);
    for (size_t a = 0; a < COUNT(names); a++) {
        EVP_PKEY *key = jwk_set_find(&set, keys[0].id, names[a]);
        ck_assert_msg((key != NULL) == (names[a][0] != 'E'), "%s", names[a]);
        EVP_PKEY_free(key);
    }
    ck_assert(verifies(&set, &keys[0], "RS256"));
    ck_assert(!verifies(&set, &keys[0], "RS512"));
    ck_assert(!verifies(&set, &keys[0], "PS256"));
}
END_TEST

START_TEST(algorithms_that_are_not_listed_find_no_key)
{
    static const char *const others[] = {"none", "None", "", "HS256", "RS1", "ES256K", "EdDSA", "rs256", "RS256 "};
    SET(set);
    json_t *jwk = outside_key_jwk(&keys[0]);
    json_object_del(jwk, "alg");
    ck_assert_uint_eq(parse_jwk(jwk, &set), 1);
    for (size_t i = 0; i < COUNT(others); i++) {
        ck_assert_msg(!jwk_set_find(&set, keys[0].id, others[i]), "%s", others[i]);
        ck_assert(!jwk_verify(keys[0].pair, others[i], "x", 1, (const unsigned char *)"", 0));
    }
}
END_TEST

START_TEST(signatures_of_a_wrong_size_are_refused)
{
    SET(set);
    parse_all(&set);
    unsigned char zeros[SIGNATURE_SIZE_MAX] = {0};
    static const size_t sizes[] = {0, 1, 63, 64, 65, 95, 96, 97, 255, 256, 257, 1024};
    for (size_t k = 0; k < COUNT(names); k++)
        for (size_t i = 0; i < COUNT(sizes); i++) {
            EVP_PKEY *key = jwk_set_find(&set, keys[k].id, names[k]);
            ck_assert(!jwk_verify(key, names[k], "text", 4, zeros, sizes[i]));
            EVP_PKEY_free(key);
        }
}
END_TEST

START_TEST(keys_that_cannot_be_used_are_overlooked)
{
    static const struct {
        int key; /* in keys */
        const char *member, *value;
    } cases[] = {
        {0, "kid", NULL},
        {0, "kid", "''"},
        {0, "kid", "7"},
        {0, "kty", NULL},
        {0, "kty", "'oct'"},
        {0, "kty", "'EC'"},
        {0, "kty", "'OKP'"},
        {0, "use", "'enc'"},
        {0, "use", "1"},
        {0, "key_ops", "[]"},
        {0, "key_ops", "'verify'"},
        {0, "key_ops", "['sign', 7]"},
        {0, "alg", "'HS256'"},
        {0, "alg", "'none'"},
        {0, "alg", "'RSA-OAEP'"},
        {0, "n", NULL},
        {0, "n", "''"},
        {0, "n", "'AQAB'"},
        {0, "n", "'!!!'"},
        {0, "n", "[]"},
        {0, "e", NULL},
        {0, "e", "'AQ'"},
        {0, "e", "'Ag'"},
        {0, "e", "'AAAAAAAB'"},
        {0, "e", "'AQAB='"},
        {4, "crv", "'P-384'"},
        {4, "crv", "'P-521'"},
        {4, "crv", "'secp256k1'"},
        {4, "crv", NULL},
        {4, "x", "'AQAB'"},
        {4, "y", NULL},
        {4, "kty", "'RSA'"},
        {4, "x", "'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        SET(set);
        json_t *jwk = outside_key_jwk(&keys[cases[i].key]);
        if (cases[i].value)
            json_object_set_new(jwk, cases[i].member, json_of(cases[i].value));
        else
            json_object_del(jwk, cases[i].member);
        ck_assert_msg(parse_jwk(jwk, &set) == 0, "%s: %s", cases[i].member, cases[i].value);
    }
}
END_TEST

START_TEST(good_keys_among_bad_ones_are_kept)
{
    SET(set);
    json_t *list = json_array();
    json_array_append_new(list, json_null());
    json_array_append_new(list, json_of("{'kty':'RSA','kid':'broken','n':'AQAB','e':'AQAB'}"));
    json_array_append_new(list, outside_key_jwk(&keys[4]));
    json_array_append_new(list, json_of("['x']"));
    json_array_append_new(list, json_of("{'kty':'oct','kid':'secret','k':'c2VjcmV0','alg':'HS256'}"));
    json_array_append_new(list, outside_key_jwk(&keys[0]));
    json_auto_t *json = json_pack("{s:o, s:s}", "keys", list, "more", "is no matter");
    char *text = json_dumps(json, 0);
    ck_assert(parse(text, &set));
    ck_assert_uint_eq(set.count, 2);
    ck_assert(jwk_set_names(&set, keys[0].id) && jwk_set_names(&set, keys[4].id) && !jwk_set_names(&set, "broken"));
    free(text);
}
END_TEST

START_TEST(a_set_without_a_key_is_none)
{
    static const char *const texts[] = {"",
                                        "{",
                                        "[]",
                                        "null",
                                        "{}",
                                        R"({"keys": []})",
                                        R"({"keys": {}})",
                                        R"({"keys": [1, null, {}]})",
                                        R"({"keys": [], "keys": []})"};
    for (size_t i = 0; i < COUNT(texts); i++) {
        SET(set);
        ck_assert_msg(!parse(texts[i], &set), "%s", texts[i]);
        ck_assert_uint_eq(set.count, 0);
    }
}
END_TEST

START_TEST(a_set_is_bounded_in_size_and_in_keys)
{
    SET(set);
    json_auto_t *json = json_pack("{s:[]}", "keys");
    for (int i = 0; i < JWK_SET_KEYS_MAX + 5; i++)
        json_array_append_new(json_object_get(json, "keys"), outside_key_jwk(&keys[4]));
    char *text = json_dumps(json, 0);
    ck_assert(parse(text, &set));
    ck_assert_uint_eq(set.count, JWK_SET_KEYS_MAX);
    free(text);
    jwk_set_release(&set);
    char *large = outside_key_set(keys), *padded = malloc(JWK_SET_SIZE_MAX + 2);
    memset(padded, ' ', JWK_SET_SIZE_MAX + 2);
    memcpy(padded, large, strlen(large));
    ck_assert(!jwk_set_parse(padded, JWK_SET_SIZE_MAX + 1, &set));
    ck_assert(jwk_set_parse(padded, JWK_SET_SIZE_MAX, &set));
    free(large);
    free(padded);
}
END_TEST

int main(void)
{
    for (size_t i = 0; i < COUNT(names); i++)
        keys[i] = outside_key_new(names[i], names[i]);
    int status = UNIT_TESTS(each_algorithm_is_verified_with_its_own_key_only,
                            a_key_without_an_algorithm_serves_those_that_fit_it,
                            algorithms_that_are_not_listed_find_no_key, signatures_of_a_wrong_size_are_refused,
                            keys_that_cannot_be_used_are_overlooked, good_keys_among_bad_ones_are_kept,
                            a_set_without_a_key_is_none, a_set_is_bounded_in_size_and_in_keys);
    for (size_t i = 0; i < COUNT(names); i++)
        outside_key_drop(&keys[i]);
    return status;
}
