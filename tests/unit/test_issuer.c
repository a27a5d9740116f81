/* The setting EXTERNAL_ISSUERS. */
#include "services/auth/outside/issuer.h"
#include "tests/support/unit.h"

#include <stdlib.h>
#include <string.h>

#define GOOD \
    "{'name':'clinic','issuer':'https://id.example/realms/clinic','audience':'mnemos'," \
    "'key_set_url':'https://id.example/certs','algorithms':['RS256'],'role_claim':['realm_access','roles']," \
    "'roles':[{'value':'neuro','role':'healthpro','specialty':'neurologist'},{'value':'boss','role':'admin'}]," \
    "'name_claim':'name','provision':true}"

static void issuers_drop(struct issuers *issuers)
{
    issuers_release(issuers);
}
#define ISSUERS(variable) AUTO(issuers_drop) struct issuers variable = {0}

/* The complaint about the text, in which ' stands for "; "" when it is good. Free it. */
static char *said_about(const char *text, struct issuers *out)
{
    char *json = json_text_of(text), *said = NULL;
    size_t size;
    FILE *err = open_memstream(&said, &size);
    bool good = issuers_read(json, out, err);
    fclose(err);
    free(json);
    ck_assert_msg(good == (size == 0), "%s", said);
    return said;
}

START_TEST(a_good_file_is_read_with_its_defaults)
{
    ISSUERS(issuers);
    char *said = said_about("{'issuers':[" GOOD "]}", &issuers);
    ck_assert_str_eq(said, "");
    free(said);
    ck_assert_uint_eq(issuers.count, 1);
    const struct issuer *i = issuers_find(&issuers, "https://id.example/realms/clinic");
    ck_assert_str_eq(i->name, "clinic");
    ck_assert_int_eq(i->leeway_seconds.value, 30);
    ck_assert_int_eq(i->max_age_seconds.value, 3600);
    ck_assert_uint_eq(i->roles.count, 2);
    ck_assert_ptr_null(issuers_find(&issuers, "https://id.example/realms/clinic/"));
}
END_TEST

START_TEST(nothing_said_is_no_issuers)
{
    static const char *const texts[] = {"", "{'issuers':[]}"};
    for (size_t i = 0; i < COUNT(texts); i++) {
        ISSUERS(issuers);
        char *said = said_about(texts[i], &issuers);
        ck_assert_str_eq(said, "");
        ck_assert_uint_eq(issuers.count, 0);
        free(said);
    }
}
END_TEST

START_TEST(text_that_is_no_object_of_issuers_is_refused)
{
    static const struct {
        const char *text, *sentence;
    } cases[] = {{"nonsense", "must be a JSON object"},
                 {"[]", "it is something else"},
                 {"{'issuers':[],'issuers':[]}", "must be a JSON object"},
                 {"{}", "/issuers is required"},
                 {"{'issuers':{}}", "/issuers must be an array"},
                 {"{'issuers':[1]}", "/issuers/0 must be an object"},
                 {"{'issuer':[]}", "/issuer is not known here"},
                 {"{'issuers':[" GOOD "," GOOD "]}", "/issuers/1/issuer is that of another issuer, too"},
                 {"{'issuers':[" GOOD "," GOOD "]}", "/issuers/1/name is that of another issuer, too"}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        ISSUERS(issuers);
        char *said = said_about(cases[i].text, &issuers);
        ck_assert_msg(strstr(said, "EXTERNAL_ISSUERS") && strstr(said, cases[i].sentence), "%s: %s", cases[i].text,
                      said);
        free(said);
    }
}
END_TEST

START_TEST(each_rule_is_refused_in_a_sentence_that_names_its_member)
{
    static const struct {
        const char *member, *value, *sentence; /* value NULL: left out */
    } cases[] = {
        {"name", NULL, "is required"},
        {"issuer", NULL, "is required"},
        {"audience", NULL, "is required"},
        {"key_set_url", NULL, "is required"},
        {"algorithms", NULL, "is required"},
        {"colour", "'red'", "is not known here"},
        {"key_set_url", "'http://id.example/certs'", "must begin with https://"},
        {"key_set_url", "'ftp://127.0.0.1/certs'", "must begin with https://"},
        {"key_set_url", "'file:///etc/passwd'", "must begin with https://"},
        {"key_set_url", "'https://user:secret@id.example/certs'", "must begin with https://"},
        {"key_set_url", "'http://127.0.0.1.id.example/'", "must begin with https://"},
        {"key_set_url", "'http://[2001:db8::1]/certs'", "must begin with https://"},
        {"key_set_url", "'http://[::2]/certs'", "must begin with https://"},
        {"key_set_url", "'http://128.0.0.1/certs'", "must begin with https://"},
        {"key_set_url", "'certs'", "must begin with https://"},
        {"algorithms", "[]", "must have 1 to 6 items"},
        {"algorithms", "['RS256','none']", "may name RS256"},
        {"algorithms", "['HS256']", "may name RS256"},
        {"algorithms", "['rs256']", "may name RS256"},
        {"algorithms", "'RS256'", "must be an array"},
        {"algorithms", "[256]", "must be text"},
        {"role_claim", NULL, "and roles must be given together"},
        {"role_claim", "'roles'", "must be an array"},
        {"roles", NULL, "and roles must be given together"},
        {"roles", NULL, "needs role_claim, roles and name_claim"},
        {"roles", "[{'value':'x','role':'superuser'}]", "must be one of: healthpro, researcher, admin"},
        {"roles", "[{'value':'x','role':'patient'}]", "must be one of"},
        {"roles", "[{'value':'x','role':'caregiver'}]", "must be one of"},
        {"roles", "[{'value':'x','role':'client'}]", "must be one of"},
        {"roles", "[{'value':'x','role':'healthpro'}]", "must name a specialty"},
        {"roles", "[{'value':'x','role':'admin','specialty':'general'}]", "must name a specialty"},
        {"roles", "[{'role':'admin'}]", "/value is required"},
        {"roles", "[{'value':'x','role':'admin','more':1}]", "/more is not known here"},
        {"name_claim", NULL, "needs role_claim, roles and name_claim"},
        {"provision", "'yes'", "must be true or false"},
        {"leeway_seconds", "61", "must be between 0 and 60"},
        {"leeway_seconds", "-1", "must be between 0 and 60"},
        {"max_age_seconds", "0", "must be between 60 and 86400"},
        {"max_age_seconds", "86401", "must be between 60 and 86400"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        ISSUERS(issuers);
        json_auto_t *json = json_of("{'issuers':[" GOOD "]}");
        json_t *issuer = json_array_get(json_object_get(json, "issuers"), 0);
        if (cases[i].value)
            json_object_set_new(issuer, cases[i].member, json_of(cases[i].value));
        else
            json_object_del(issuer, cases[i].member);
        char *text = json_dumps(json, 0), *said = said_about(text, &issuers);
        ck_assert_msg(strstr(said, cases[i].sentence), "%s %s: %s", cases[i].member, cases[i].value, said);
        ck_assert_msg(strstr(said, "/issuers/0/"), "%s", said);
        ck_assert_ptr_null(strstr(said, "secret"));
        free(text);
        free(said);
    }
}
END_TEST

START_TEST(http_is_for_this_machine_only)
{
    static const char *const urls[] = {"http://127.0.0.1:8080/certs", "http://localhost/certs",
                                       "http://[::1]:8/certs",        "http://127.9.9.9/certs",
                                       "http://[0:0:0:0:0:0:0:1]/",   "http://[::ffff:127.0.0.1]/"};
    for (size_t i = 0; i < COUNT(urls); i++) {
        ISSUERS(issuers);
        json_auto_t *json = json_of("{'issuers':[" GOOD "]}");
        json_object_set_new(json_array_get(json_object_get(json, "issuers"), 0), "key_set_url", json_string(urls[i]));
        char *text = json_dumps(json, 0), *said = said_about(text, &issuers);
        ck_assert_str_eq(said, "");
        free(text);
        free(said);
    }
}
END_TEST

START_TEST(the_example_of_the_readme_is_good)
{
    ISSUERS(issuers);
    char readme[32 * 1024] = "";
    FILE *f = fopen(PROJECT_DIR "/services/auth/README.md", "r");
    ck_assert_uint_lt(fread(readme, 1, sizeof readme, f), sizeof readme);
    fclose(f);
    char *begin = strstr(readme, "```json"), *end = begin ? strstr(begin + 7, "```") : NULL;
    ck_assert_ptr_nonnull(end);
    *end = '\0';
    char *said = said_about(begin + 7, &issuers);
    ck_assert_str_eq(said, "");
    ck_assert_uint_eq(issuers.count, 2);
    free(said);
}
END_TEST

int main(void)
{
    return UNIT_TESTS(a_good_file_is_read_with_its_defaults, nothing_said_is_no_issuers,
                      text_that_is_no_object_of_issuers_is_refused,
                      each_rule_is_refused_in_a_sentence_that_names_its_member, http_is_for_this_machine_only,
                      the_example_of_the_readme_is_good);
}
