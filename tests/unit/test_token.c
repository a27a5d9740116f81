#include "common/base/clock.h"
#include "common/identity/token.h"
#include "tests/support/forge.h"
#include "tests/support/unit.h"

#include <stdlib.h>
#include <string.h>

#define ACCOUNT "0123456789abcdef0123456789abcdef"
#define SESSION "fedcba9876543210fedcba9876543210"
#define HEADER  R"({"alg":"ES256","typ":"JWT","kid":"k"})"

enum { NOW = 1800000000, LATER = NOW + 1800 };

static struct signing_key key, other_key;

static char *good_token(void)
{
    struct principal who = {.role = HEALTHPRO, .specialty = NEUROLOGIST, .expires = LATER};
    strcpy(who.account_id, ACCOUNT);
    strcpy(who.session_id, SESSION);
    return token_sign(&key, &who, "mnemos", "clinic");
}

static bool passes(const char *token)
{
    struct principal who = {.role = SUPERUSER};
    bool good = token_check(token, key.public_pem, "mnemos", "clinic", &who);
    ck_assert_msg(good || who.role == SUPERUSER, "a refused token wrote to its principal");
    return good;
}

/* A token of our own key with that header and payload, in which ' stands for ". */
static bool forged_passes(const char *header, const char *payload)
{
    char *json = json_text_of(payload);
    char *token = forge_es256(key.private_pem, header, json);
    bool good = passes(token);
    free(token);
    free(json);
    return good;
}

START_TEST(a_token_says_who_it_was_made_for)
{
    char *token = good_token(), key_id[KEY_ID_SIZE];
    struct principal who;
    ck_assert(token_check(token, key.public_pem, "mnemos", "clinic", &who));
    ck_assert_int_eq(who.role, HEALTHPRO);
    ck_assert_int_eq(who.specialty, NEUROLOGIST);
    ck_assert_str_eq(who.account_id, ACCOUNT);
    ck_assert_str_eq(who.session_id, SESSION);
    ck_assert(who.expires == LATER);
    ck_assert(token_key_id(token, key_id));
    ck_assert_str_eq(key_id, key.id);
    free(token);
}
END_TEST

START_TEST(an_account_without_a_specialty_gets_a_token_without)
{
    struct principal who = {.role = PATIENT, .account_id = ACCOUNT, .session_id = SESSION, .expires = LATER}, again;
    char *token = token_sign(&key, &who, "mnemos", "clinic");
    ck_assert(token_check(token, key.public_pem, "mnemos", "clinic", &again));
    ck_assert_int_eq(again.role, PATIENT);
    ck_assert_int_eq(again.specialty, 0);
    free(token);
}
END_TEST

START_TEST(a_client_gets_a_token_with_its_scopes)
{
    struct principal who = {.role = CLIENT,
                            .scopes = COUNTS_READ | ELEMENTS_WRITE,
                            .account_id = ACCOUNT,
                            .session_id = SESSION,
                            .expires = LATER},
                     again;
    char *token = token_sign(&key, &who, "mnemos", "clinic");
    ck_assert(token_check(token, key.public_pem, "mnemos", "clinic", &again));
    ck_assert_int_eq(again.role, CLIENT);
    ck_assert_uint_eq(again.scopes, COUNTS_READ | ELEMENTS_WRITE);
    free(token);
    who.role = RESEARCHER;
    token = token_sign(&key, &who, "mnemos", "clinic");
    ck_assert(token_check(token, key.public_pem, "mnemos", "clinic", &again));
    ck_assert_uint_eq(again.scopes, 0);
    free(token);
}
END_TEST

START_TEST(an_enrolment_token_opens_enrolling_and_is_no_access_token)
{
    struct principal who = {.role = ENROLLING, .account_id = ACCOUNT, .session_id = SESSION, .expires = LATER}, again;
    char *token = token_sign(&key, &who, "mnemos", "clinic");
    ck_assert(token_check(token, key.public_pem, "mnemos", "clinic", &again));
    ck_assert_int_eq(again.role, ENROLLING);
    ck_assert_str_eq(again.account_id, ACCOUNT);
    free(token);
    token = forge_es256(key.private_pem, HEADER,
                        R"({"token_use":"enrolment","iss":"mnemos","aud":"clinic","exp":1800001800,)"
                        R"("sub":"0123456789abcdef0123456789abcdef","sid":"fedcba9876543210fedcba9876543210",)"
                        R"("role":"superuser"})");
    ck_assert(token_check(token, key.public_pem, "mnemos", "clinic", &again));
    ck_assert_int_eq(again.role, ENROLLING);
    free(token);
}
END_TEST

/* Each character becomes another one; the last of a part, which may hold bits that no byte depends on, every other. */
START_TEST(no_part_of_a_token_can_be_changed)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    char *token = good_token();
    for (char *c = token; *c; c++) {
        char was = *c;
        bool last = c[1] == '.' || c[1] == '\0';
        for (const char *d = digits; *d && was != '.' && (last || d < digits + 2); d++) {
            *c = *d;
            ck_assert_msg(*d == was || !passes(token), "%c at position %td", *d, c - token);
        }
        *c = was;
    }
    ck_assert(passes(token));
    free(token);
}
END_TEST

START_TEST(a_token_that_was_cut_or_extended_is_refused)
{
    char *token = good_token();
    size_t size = strlen(token);
    char *longer = malloc(size + 200);
    static const char *const tails[] = {".", ".x", "AAAA", " x"};
    for (size_t i = 0; i < COUNT(tails); i++) {
        sprintf(longer, "%s%s", token, tails[i]);
        ck_assert_msg(!passes(longer), "%s", tails[i]);
    }
    for (size_t cut = 4; cut < size; cut += 7) {
        sprintf(longer, "%.*s", (int)(size - cut), token);
        ck_assert(!passes(longer));
    }
    free(longer);
    free(token);
}
END_TEST

START_TEST(text_that_is_no_token_is_refused)
{
    static const char *const cases[] = {
        "", ".", "..", "...", "a.b.c", "e30.e30.", "e30.e30.e30", "Bearer x", "\xFF\xFF.\xFF.\xFF", "null.null.null",
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char key_id[KEY_ID_SIZE];
        ck_assert_msg(!passes(cases[i]), "%s", cases[i]);
        ck_assert_msg(!token_key_id(cases[i], key_id), "%s", cases[i]);
    }
}
END_TEST

#define PAYLOAD \
    R"({"token_use":"access","iss":"mnemos","aud":"clinic","exp":1800001800,)" \
    R"("sub":"0123456789abcdef0123456789abcdef","sid":"fedcba9876543210fedcba9876543210","role":"superuser"})"

START_TEST(a_token_without_signature_is_refused)
{
    static const char *const headers[] = {R"({"alg":"none","typ":"JWT","kid":"k"})",
                                          R"({"alg":"None","typ":"JWT","kid":"k"})", R"({"typ":"JWT","kid":"k"})",
                                          HEADER};
    for (size_t i = 0; i < COUNT(headers); i++) {
        char *token = forge_unsigned(headers[i], PAYLOAD), key_id[KEY_ID_SIZE];
        ck_assert_msg(!passes(token), "%s", headers[i]);
        ck_assert(headers[i] == headers[3] || !token_key_id(token, key_id));
        free(token);
    }
}
END_TEST

START_TEST(the_public_key_is_not_a_secret_to_sign_with)
{
    char key_id[KEY_ID_SIZE];
    char *token = forge_hs256(key.public_pem, R"({"alg":"HS256","typ":"JWT","kid":"k"})", PAYLOAD);
    ck_assert(!passes(token));
    ck_assert(!token_key_id(token, key_id));
    free(token);
    token = forge_hs256(key.public_pem, HEADER, PAYLOAD);
    ck_assert(!passes(token));
    free(token);
}
END_TEST

START_TEST(a_signature_of_another_key_is_refused)
{
    char *token = forge_es256(other_key.private_pem, HEADER, PAYLOAD);
    ck_assert(!passes(token));
    free(token);
}
END_TEST

START_TEST(a_header_of_another_kind_is_refused)
{
    static const char *const headers[] = {
        R"({"alg":"ES256","typ":"at+jwt","kid":"k"})",
        R"({"alg":"ES256","kid":"k"})",
        R"({"alg":"ES256","typ":"JWT"})",
        R"({"alg":"ES256","typ":"JWT","kid":7})",
        R"({"alg":"ES256","typ":"JWT","kid":"0123456789012345678901234567890123456789"})",
        R"({"alg":"ES384","typ":"JWT","kid":"k"})",
        R"({"alg":"none","alg":"ES256","typ":"JWT","kid":"k"})",
    };
    ck_assert(forged_passes(HEADER, PAYLOAD));
    for (size_t i = 0; i < COUNT(headers); i++) {
        char *token = forge_es256(key.private_pem, headers[i], PAYLOAD), key_id[KEY_ID_SIZE];
        ck_assert_msg(!token_key_id(token, key_id), "%s", headers[i]);
        ck_assert_msg(!passes(token), "%s", headers[i]);
        free(token);
    }
}
END_TEST

/* A token of our own key whose claim is changed, or left out (NULL). */
static bool passes_with(const char *claim, const char *value)
{
    json_auto_t *claims = json_of(PAYLOAD);
    if (value)
        json_object_set_new(claims, claim, json_of(value));
    else
        json_object_del(claims, claim);
    char *payload = json_dumps(claims, JSON_COMPACT);
    bool good = forged_passes(HEADER, payload);
    free(payload);
    return good;
}

START_TEST(each_claim_is_needed_and_checked)
{
    static const struct {
        const char *claim, *value;
    } cases[] = {
        {"iss", NULL},         {"iss", "'other'"},      {"iss", "['mnemos']"},    {"aud", NULL},
        {"aud", "'other'"},    {"token_use", NULL},     {"token_use", "'reset'"}, {"exp", NULL},
        {"exp", "1800000000"}, {"exp", "-1"},           {"exp", "'1800001800'"},  {"sub", NULL},
        {"sub", "'7'"},        {"sid", NULL},           {"sid", "'x'"},           {"role", NULL},
        {"role", "'root'"},    {"role", "'anonymous'"}, {"nbf", "1800000001"},
    };
    ck_assert(passes_with("role", "'patient'"));
    ck_assert(passes_with("nbf", "1800000000"));
    for (size_t i = 0; i < COUNT(cases); i++)
        ck_assert_msg(!passes_with(cases[i].claim, cases[i].value), "%s %s", cases[i].claim, cases[i].value);
}
END_TEST

START_TEST(claims_that_are_no_object_are_refused)
{
    static const char *const payloads[] = {"[]", "null", "", "{", "{'token_use':'access'"};
    for (size_t i = 0; i < COUNT(payloads); i++)
        ck_assert_msg(!forged_passes(HEADER, payloads[i]), "%s", payloads[i]);
}
END_TEST

START_TEST(a_token_ends_with_its_last_second)
{
    char *token = good_token();
    clock_set(LATER - 1);
    ck_assert(passes(token));
    clock_set(LATER);
    ck_assert(!passes(token));
    clock_set(NOW);
    free(token);
}
END_TEST

START_TEST(an_oversized_token_is_refused)
{
    char key_id[KEY_ID_SIZE];
    char *payload = malloc(10000);
    sprintf(payload,
            R"({"token_use":"access","iss":"mnemos","aud":"clinic","exp":1800001800,"sub":"%s","sid":"%s",)"
            R"("role":"patient","x":"%08000d"})",
            ACCOUNT, SESSION, 0);
    ck_assert(!forged_passes(HEADER, payload));
    memset(payload, 'A', 9999);
    payload[9999] = '\0';
    ck_assert(!passes(payload));
    ck_assert(!token_key_id(payload, key_id));
    free(payload);
}
END_TEST

START_TEST(a_public_key_is_published_as_a_jwk)
{
    json_auto_t *jwk = public_key_jwk(key.public_pem, key.id);
    json_auto_t *fixed = json_of("{'kty':'EC','crv':'P-256','use':'sig','alg':'ES256'}");
    const char *name;
    json_t *value;
    json_object_foreach(fixed, name, value)
    {
        ck_assert_msg(json_equal(json_object_get(jwk, name), value), "%s", name);
    }
    ck_assert_str_eq(json_string_value(json_object_get(jwk, "kid")), key.id);
    ck_assert_uint_eq(json_string_length(json_object_get(jwk, "x")), 43);
    ck_assert_uint_eq(json_string_length(json_object_get(jwk, "y")), 43);
    ck_assert_ptr_null(json_object_get(jwk, "d"));
    ck_assert_ptr_null(public_key_jwk("no key", "k"));
}
END_TEST

START_TEST(keys_are_named_by_their_thumbprint)
{
    ck_assert_uint_eq(strlen(key.id), 32);
    ck_assert_str_ne(key.id, other_key.id);
    ck_assert(strstr(key.private_pem, "PRIVATE KEY"));
    ck_assert(strstr(key.public_pem, "PUBLIC KEY"));
    ck_assert_ptr_null(strstr(key.public_pem, "PRIVATE"));
}
END_TEST

int main(void)
{
    if (!signing_key_generate(&key) || !signing_key_generate(&other_key))
        return EXIT_FAILURE;
    clock_set(NOW);
    int status = UNIT_TESTS(
        a_token_says_who_it_was_made_for, an_account_without_a_specialty_gets_a_token_without,
        a_client_gets_a_token_with_its_scopes, an_enrolment_token_opens_enrolling_and_is_no_access_token,
        no_part_of_a_token_can_be_changed, a_token_that_was_cut_or_extended_is_refused,
        text_that_is_no_token_is_refused, a_token_without_signature_is_refused,
        the_public_key_is_not_a_secret_to_sign_with, a_signature_of_another_key_is_refused,
        a_header_of_another_kind_is_refused, each_claim_is_needed_and_checked, claims_that_are_no_object_are_refused,
        a_token_ends_with_its_last_second, an_oversized_token_is_refused, a_public_key_is_published_as_a_jwk,
        keys_are_named_by_their_thumbprint);
    signing_key_release(&key);
    signing_key_release(&other_key);
    return status;
}
