/* Tokens of other issuers: their shape, their claims, the role and the name they give. */
#include "services/auth/outside/outside_token.h"
#include "tests/support/forge.h"
#include "tests/support/outside_issuer.h"
#include "tests/support/unit.h"

#include <stdlib.h>
#include <string.h>

enum { NOW = 1800000000 };

#define HEADER "{'alg':'ES256','typ':'JWT','kid':'k'}"
#define CLAIMS \
    "{'iss':'https://id.example','sub':'ada','aud':'mnemos','iat':1800000000,'exp':1800000300,'name':'Ada Neuro'," \
    "'realm_access':{'roles':['other','neuro']}}"

static const char *algorithms[] = {"ES256"}, *role_claim[] = {"realm_access", "roles"};
static struct role_rule rules[] = {{"boss", "admin", NULL}, {"neuro", "healthpro", "neurologist"}};
static const struct issuer issuer = {
    .issuer = "https://id.example",
    .audience = "mnemos",
    .algorithms = {algorithms, 1},
    .role_claim = {role_claim, 2},
    .roles = {rules, COUNT(rules)},
    .name_claim = "name",
    .leeway_seconds = {true, 30},
    .max_age_seconds = {true, 600},
};
static struct outside_key key;

#define TOKEN(variable) AUTO(outside_token_release) struct outside_token variable = {0}

/* In all of these ' stands for ". The token's text; free it after the token. */
static char *forged(const char *header, const char *claims)
{
    char *head = json_text_of(header), *body = json_text_of(claims);
    char *text = forge_signed(key.pair, "ES256", head, body);
    free(head);
    free(body);
    return text;
}

static void ck_shape(const char *text, bool good)
{
    TOKEN(t);
    ck_assert_msg(outside_token_parse(text, &t) == good, "%s", text);
    ck_assert_msg((t.issuer != NULL) == good, "%s", text);
}

START_TEST(a_token_names_its_issuer_and_key)
{
    TOKEN(t);
    char *text = forged(HEADER, CLAIMS);
    ck_assert(outside_token_parse(text, &t));
    ck_assert_str_eq(t.issuer, "https://id.example");
    ck_assert_str_eq(t.subject, "ada");
    ck_assert_str_eq(t.key_id, "k");
    ck_assert(outside_token_signed(&t, &issuer, key.pair));
    ck_assert_ptr_null(outside_token_refusal(&t, &issuer, NOW));
    free(text);
}
END_TEST

START_TEST(text_of_another_shape_is_no_token)
{
    static const char *const texts[] = {"",        ".",           "..",           "...",        "a.b.c",
                                        "e30.e30", "e30.e30.e30", "e30.e30.e30.", "null..null", "W10.W10.W10"};
    for (size_t i = 0; i < COUNT(texts); i++)
        ck_shape(texts[i], false);
    char *text = forged(HEADER, CLAIMS), *longer = malloc(strlen(text) + 10);
    static const char *const tails[] = {".", ".AAAA", "=", " ", "\n"};
    for (size_t i = 0; i < COUNT(tails); i++) {
        sprintf(longer, "%s%s", text, tails[i]);
        ck_shape(longer, false);
    }
    free(longer);
    free(text);
}
END_TEST

START_TEST(a_header_that_does_not_say_how_it_is_signed_is_refused)
{
    static const struct {
        const char *header;
        bool good;
    } cases[] = {
        {HEADER, true},
        {"{'alg':'ES256','kid':'k'}", true},
        {"{'alg':'ES256','typ':'at+jwt','kid':'k'}", true},
        {"{'alg':'ES256','typ':'logout+jwt','kid':'k'}", false},
        {"{'alg':'ES256','typ':7,'kid':'k'}", false},
        {"{'alg':'ES256','typ':'JWT'}", false},
        {"{'alg':'ES256','typ':'JWT','kid':''}", false},
        {"{'alg':'ES256','typ':'JWT','kid':7}", false},
        {"{'typ':'JWT','kid':'k'}", false},
        {"{'alg':['ES256'],'kid':'k'}", false},
        {"{'alg':'none','alg':'ES256','kid':'k'}", false},
        {"{'alg':'ES256','kid':'k','crit':['exp']}", false},
        {"[]", false},
        {"{", false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char *text = forged(cases[i].header, CLAIMS);
        ck_shape(text, cases[i].good);
        free(text);
    }
}
END_TEST

START_TEST(claims_without_issuer_or_subject_are_refused)
{
    static const char *const cases[] = {"[]",
                                        "null",
                                        "{'iss':'x'}",
                                        "{'sub':'x'}",
                                        "{'iss':'x','sub':''}",
                                        "{'iss':'x','sub':7}",
                                        "{'iss':['x'],'sub':'x'}",
                                        "{'iss':'x','sub':'a\\u0007b'}",
                                        "{'iss':'x','sub':'x','sub':'y'}"};
    for (size_t i = 0; i < COUNT(cases); i++) {
        char *text = forged(HEADER, cases[i]);
        ck_shape(text, false);
        free(text);
    }
}
END_TEST

START_TEST(sizes_are_bounded)
{
    char *claims = malloc(2 * OUTSIDE_TOKEN_MAX), *header = malloc(2 * OUTSIDE_TOKEN_MAX);
    sprintf(claims, "{'iss':'x','sub':'x','more':'%0*d'}", OUTSIDE_TOKEN_MAX, 0);
    char *text = forged(HEADER, claims);
    ck_shape(text, false);
    free(text);
    sprintf(claims, "{'iss':'x','sub':'%0*d'}", OUTSIDE_SUBJECT_MAX + 1, 0);
    text = forged(HEADER, claims);
    ck_shape(text, false);
    free(text);
    sprintf(claims, "{'iss':'x','sub':'%0*d'}", OUTSIDE_SUBJECT_MAX, 0);
    text = forged(HEADER, claims);
    ck_shape(text, true);
    free(text);
    sprintf(header, "{'alg':'ES256','kid':'%0*d'}", JWK_ID_SIZE, 0);
    text = forged(header, CLAIMS);
    ck_shape(text, false);
    free(text);
    free(header);
    free(claims);
}
END_TEST

/* Claims in which one is changed, or left out (NULL). */
static const char *refusal_with(const char *claim, const char *value, const struct issuer *by)
{
    TOKEN(t);
    json_auto_t *claims = json_of(CLAIMS);
    if (value)
        json_object_set_new(claims, claim, json_of(value));
    else
        json_object_del(claims, claim);
    char *payload = json_dumps(claims, 0), *text = forged(HEADER, payload);
    ck_assert(outside_token_parse(text, &t));
    const char *refusal = outside_token_refusal(&t, by, NOW);
    free(text);
    free(payload);
    return refusal;
}

START_TEST(each_claim_is_checked)
{
    static const struct {
        const char *claim, *value, *reason; /* reason NULL: it is good */
    } cases[] = {
        {"iss", "'https://other.example'", "it is of another issuer"},
        {"aud", NULL, "it is for somebody else"},
        {"aud", "'other'", "it is for somebody else"},
        {"aud", "[]", "it is for somebody else"},
        {"aud", "['mnemos']", NULL},
        {"aud", "['other','mnemos']", "it is for somebody else"},
        {"aud", "{'mnemos':1}", "it is for somebody else"},
        {"exp", NULL, "its times are missing or none"},
        {"exp", "'1800000300'", "its times are missing or none"},
        {"exp", "-1", "its times are missing or none"},
        {"exp", "1e300", "its times are missing or none"},
        {"exp", "1799999970", "it has expired"},
        {"exp", "1799999971", NULL},
        {"exp", "1799999970.5", NULL},
        {"iat", NULL, "its times are missing or none"},
        {"iat", "1800000030", NULL},
        {"iat", "1800000031", "its time has not come"},
        {"iat", "1799999370", NULL},
        {"iat", "1799999369", "it is too old"},
        {"nbf", "1800000030", NULL},
        {"nbf", "1800000031", "its time has not come"},
        {"nbf", "'soon'", "its times are missing or none"},
        {"nbf", "null", "its times are missing or none"},
        {"events", "{}", "it tells of an event"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *refusal = refusal_with(cases[i].claim, cases[i].value, &issuer);
        bool same = refusal && cases[i].reason ? strcmp(refusal, cases[i].reason) == 0 : refusal == cases[i].reason;
        ck_assert_msg(same, "%s %s: %s", cases[i].claim, cases[i].value, refusal);
    }
}
END_TEST

/* Claims with these two. */
static bool good_for(const char *audience, const char *party, const struct issuer *by)
{
    TOKEN(t);
    json_auto_t *claims = json_of(CLAIMS);
    json_object_set_new(claims, "aud", json_of(audience));
    if (party)
        json_object_set_new(claims, "azp", json_of(party));
    char *payload = json_dumps(claims, 0), *text = forged(HEADER, payload);
    ck_assert(outside_token_parse(text, &t));
    bool good = !outside_token_refusal(&t, by, NOW);
    free(text);
    free(payload);
    return good;
}

START_TEST(a_token_for_several_names_its_authorised_party)
{
    struct issuer strict = issuer;
    strict.authorized_party = "front-end";
    ck_assert(good_for("['account','mnemos']", "'mnemos'", &issuer));
    ck_assert(!good_for("['account','mnemos']", "'account'", &issuer));
    ck_assert(!good_for("['account','mnemos']", "['mnemos']", &issuer));
    ck_assert(good_for("'mnemos'", "'whoever'", &issuer));
    ck_assert(good_for("['account','mnemos']", "'front-end'", &strict));
    ck_assert(good_for("'mnemos'", "'front-end'", &strict));
    ck_assert(!good_for("'mnemos'", NULL, &strict));
    ck_assert(!good_for("'mnemos'", "'mnemos'", &strict));
}
END_TEST

START_TEST(the_signature_has_to_be_of_an_algorithm_that_the_issuer_may_use)
{
    TOKEN(t);
    static const char *others[] = {"RS256", "ES384"};
    struct issuer other = issuer;
    other.algorithms = (struct text_list){others, 2};
    char *text = forged(HEADER, CLAIMS);
    ck_assert(outside_token_parse(text, &t));
    ck_assert(!outside_token_signed(&t, &other, key.pair));
    struct outside_key stranger = outside_key_new("k", "ES256");
    ck_assert(!outside_token_signed(&t, &issuer, stranger.pair));
    outside_key_drop(&stranger);
    free(text);
}
END_TEST

START_TEST(the_first_rule_that_fits_gives_the_role)
{
    static const struct {
        const char *value, *role;
    } cases[] = {{"{'roles':['neuro']}", "healthpro"},
                 {"{'roles':['neuro','boss']}", "admin"},
                 {"{'roles':'boss'}", "admin"},
                 {"{'roles':['Boss']}", NULL},
                 {"{'roles':[7,['boss']]}", NULL},
                 {"{'roles':{'boss':1}}", NULL},
                 {"{}", NULL},
                 {"['roles']", NULL},
                 {"'boss'", NULL}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        json_auto_t *claims = json_of(CLAIMS);
        json_object_set_new(claims, "realm_access", json_of(cases[i].value));
        struct outside_token t = {.claims = claims};
        const struct role_rule *rule = outside_token_role(&t, &issuer);
        ck_assert_msg(rule ? cases[i].role && strcmp(rule->role, cases[i].role) == 0 : !cases[i].role, "%s",
                      cases[i].value);
    }
    struct issuer without = issuer;
    without.roles = (struct record_list){0};
    without.role_claim = (struct text_list){0};
    json_auto_t *claims = json_of(CLAIMS);
    ck_assert_ptr_null(outside_token_role(&(struct outside_token){.claims = claims}, &without));
}
END_TEST

START_TEST(names_that_cannot_be_names_are_none)
{
    static const struct {
        const char *value;
        bool good;
    } cases[] = {{"'Ada Neuro'", true}, {"''", false},      {"' Ada'", false}, {"'Ada '", false},
                 {"'A\\u0007'", false}, {"['Ada']", false}, {"7", false},      {"null", false}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        json_auto_t *claims = json_pack("{s:o}", "name", json_of(cases[i].value));
        ck_assert_msg((outside_token_name(&(struct outside_token){.claims = claims}, &issuer) != NULL) == cases[i].good,
                      "%s", cases[i].value);
    }
    char name[82] = "";
    memset(name, 'a', 81);
    json_auto_t *long_one = json_pack("{s:s}", "name", name);
    ck_assert_ptr_null(outside_token_name(&(struct outside_token){.claims = long_one}, &issuer));
}
END_TEST

int main(void)
{
    key = outside_key_new("k", "ES256");
    int status =
        UNIT_TESTS(a_token_names_its_issuer_and_key, text_of_another_shape_is_no_token,
                   a_header_that_does_not_say_how_it_is_signed_is_refused, claims_without_issuer_or_subject_are_refused,
                   sizes_are_bounded, each_claim_is_checked, a_token_for_several_names_its_authorised_party,
                   the_signature_has_to_be_of_an_algorithm_that_the_issuer_may_use,
                   the_first_rule_that_fits_gives_the_role, names_that_cannot_be_names_are_none);
    outside_key_drop(&key);
    return status;
}
