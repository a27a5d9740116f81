/* No service believes a token that was changed, made by somebody else, or meant for somebody else: each forgery is
 * shown to every one of them over HTTP. What is checked in which order is common/identity/token.c's business
 * (tests/unit/test_token.c). */
#include "common/base/clock.h"
#include "common/identity/token.h"
#include "tests/support/forge.h"
#include "tests/support/places.h"
#include "tests/support/wait.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum { VARIANT = sodium_base64_VARIANT_URLSAFE_NO_PADDING, PARTS = 3 };

/* One key that all services know, and one that nobody has heard of. */
static struct signing_key known, unknown;

static bool believed_by(const struct service *service, const char *token)
{
    static const struct principal meant = {.role = HEALTHPRO, .specialty = NEUROLOGIST};
    REPLY r = api_call(
        (struct call){.method = "GET", .token = token, .path = place_path(service, &meant), .port = api_open(service)});
    ck_assert_msg(r.status == 401 || r.status < 300 || r.status == 404, "%ld: %s", r.status, r.body);
    return r.status != 401;
}

static int believers(const char *token)
{
    int count = 0;
    for (size_t i = 0; i < PLACES; i++)
        count += believed_by(services[i], token);
    return count;
}

static void ck_believed_by_none(const char *token, const char *why)
{
    ck_assert_msg(believers(token) == 0, "believed: %s", why);
}

/* The payloads that are signed in these scenes; ' stands for ". */
static char *payload_with(const char *claim, const char *value)
{
    json_auto_t *claims =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:I}", "token_use", "access", "iss", "mnemos", "aud",
                  "mnemos", "sub", new_id(), "sid", new_id(), "role", "healthpro", "specialty", "neurologist", "iat",
                  (json_int_t)time(NULL), "exp", (json_int_t)time(NULL) + 3600);
    if (claim && value)
        json_object_set_new(claims, claim, json_loads(value, JSON_DECODE_ANY, NULL));
    else if (claim)
        json_object_del(claims, claim);
    char *text = json_dumps(claims, JSON_COMPACT), *kept = text_of("%s", text);
    free(text);
    return kept;
}

static const char *header_naming(const char *key_id)
{
    return text_of(R"({"alg":"ES256","typ":"JWT","kid":"%s"})", key_id);
}

static const char *kept(char *token)
{
    const char *text = text_of("%s", token);
    free(token);
    return text;
}

static const char *good_token(const struct signing_key *key)
{
    return kept(forge_es256(key->private_pem, header_naming(key->id), payload_with(NULL, NULL)));
}

/* One that all services believe as it is. */
static const char *our_token(void)
{
    static bool published;
    if (!published)
        key_publish(&known);
    published = true;
    const char *token = good_token(&known);
    WAIT_UNTIL(believers(token) == PLACES);
    return token;
}

/* ---- a token taken apart ---- */

struct parts {
    unsigned char bytes[PARTS][1000];
    size_t size[PARTS];
};

static struct parts taken_apart(const char *token)
{
    struct parts p;
    for (int i = 0; i < PARTS; i++) {
        size_t length = strcspn(token, ".");
        ck_assert_int_eq(
            sodium_base642bin(p.bytes[i], sizeof p.bytes[i], token, length, NULL, &p.size[i], NULL, VARIANT), 0);
        token += length + 1;
    }
    return p;
}

static const char *put_together(const struct parts *p)
{
    char text[PARTS][1400];
    for (int i = 0; i < PARTS; i++)
        sodium_bin2base64(text[i], sizeof text[i], p->bytes[i], p->size[i], VARIANT);
    return text_of("%s.%s.%s", text[0], text[1], text[2]);
}

START_TEST(no_byte_of_a_token_can_be_changed_at_any_service)
{
    const char *token = our_token();
    struct parts p = taken_apart(token);
    ck_assert_str_eq(put_together(&p), token);
    for (int part = 0; part < PARTS; part++)
        for (size_t i = 0; i < p.size[part]; i++) {
            unsigned char bit = (unsigned char)(1 << i % 8);
            p.bytes[part][i] ^= bit;
            ck_believed_by_none(put_together(&p), text_of("byte %zu of part %d", i, part));
            p.bytes[part][i] ^= bit;
        }
    ck_assert_int_eq(believers(token), PLACES);
}
END_TEST

START_TEST(a_token_has_one_spelling)
{
    const char *token = our_token();
    size_t last = strlen(token) - 1;
    for (const char *c = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=+/"; *c; c++) {
        char *other = text_of("%s", token);
        other[last] = *c;
        if (*c != token[last])
            ck_believed_by_none(other, text_of("ends with %c instead of %c", *c, token[last]));
    }
    ck_believed_by_none(text_of("%s=", token), "padded");
    ck_believed_by_none(text_of("%s==", token), "padded");
}
END_TEST

START_TEST(parts_of_two_tokens_make_no_third)
{
    struct parts one = taken_apart(our_token()), two = taken_apart(good_token(&known));
    for (int part = 0; part < PARTS; part++) {
        struct parts mixed = one;
        memcpy(mixed.bytes[part], two.bytes[part], sizeof mixed.bytes[part]);
        mixed.size[part] = two.size[part];
        if (part > 0) /* both headers are the same */
            ck_believed_by_none(put_together(&mixed), text_of("part %d of another", part));
    }
}
END_TEST

/* ---- algorithms and keys ---- */

START_TEST(a_token_without_a_signature_is_believed_by_nobody)
{
    our_token();
    static const char *const algorithms[] = {"none", "None", "NONE", "nOnE", "", "ES256"};
    for (size_t i = 0; i < COUNT(algorithms); i++) {
        const char *header = text_of(R"({"alg":"%s","typ":"JWT","kid":"%s"})", algorithms[i], known.id);
        ck_believed_by_none(kept(forge_unsigned(header, payload_with(NULL, NULL))), header);
    }
}
END_TEST

START_TEST(a_signature_made_with_the_public_key_is_believed_by_nobody)
{
    our_token();
    json_auto_t *jwk = public_key_jwk(known.public_pem, known.id);
    const char *x = json_string_value(json_object_get(jwk, "x"));
    const char *const secrets[] = {
        known.public_pem, text_of("%.*s", (int)strlen(known.public_pem) - 1, known.public_pem), x, known.id, ""};
    static const char *const algorithms[] = {"HS256", "hs256", "ES256"};
    for (size_t s = 0; s < COUNT(secrets); s++)
        for (size_t a = 0; a < COUNT(algorithms); a++) {
            const char *header = text_of(R"({"alg":"%s","typ":"JWT","kid":"%s"})", algorithms[a], known.id);
            ck_believed_by_none(kept(forge_hs256(secrets[s], header, payload_with(NULL, NULL))), header);
        }
}
END_TEST

START_TEST(a_foreign_key_that_calls_itself_ours_is_believed_by_nobody)
{
    our_token();
    ck_believed_by_none(good_token(&unknown), "a key that nobody published");
    ck_believed_by_none(kept(forge_es256(unknown.private_pem, header_naming(known.id), payload_with(NULL, NULL))),
                        "another's name");
    json_auto_t *jwk = public_key_jwk(unknown.public_pem, unknown.id);
    char *own = json_dumps(jwk, JSON_COMPACT);
    const char *brought[] = {text_of(R"("jwk":%s)", own), R"("jku":"http://127.0.0.1:1/keys")",
                             R"("x5u":"http://127.0.0.1:1/chain")", R"("x5c":["MIIB"])"};
    for (size_t i = 0; i < COUNT(brought); i++) {
        const char *header = text_of(R"({"alg":"ES256","typ":"JWT","kid":"%s",%s})", unknown.id, brought[i]);
        ck_believed_by_none(kept(forge_es256(unknown.private_pem, header, payload_with(NULL, NULL))), header);
        header = text_of(R"({"alg":"ES256","typ":"JWT","kid":"%s",%s})", known.id, brought[i]);
        ck_believed_by_none(kept(forge_es256(unknown.private_pem, header, payload_with(NULL, NULL))), header);
    }
    free(own);
}
END_TEST

START_TEST(a_key_is_named_by_nothing_but_its_id)
{
    our_token();
    static const char *const ids[] = {R"("")",
                                      "null",
                                      "7",
                                      R"(["%s"])",
                                      R"("%s ")",
                                      R"(" %s")",
                                      R"("../%s")",
                                      R"("../../../../dev/null")",
                                      R"("/etc/passwd")",
                                      R"("%")",
                                      R"("' OR '1'='1")",
                                      R"("x' UNION SELECT 'k'--")",
                                      R"("%s'; --")",
                                      R"("%s\u0000")",
                                      R"("\r\nX: y")"};
    ck_believed_by_none(
        kept(forge_es256(known.private_pem, R"({"alg":"ES256","typ":"JWT"})", payload_with(NULL, NULL))), "no kid");
    for (size_t i = 0; i < COUNT(ids); i++) {
        const char *at = strstr(ids[i], "%s");
        const char *id = at ? text_of("%.*s%s%s", (int)(at - ids[i]), ids[i], known.id, at + 2) : ids[i];
        const char *header = text_of(R"({"alg":"ES256","typ":"JWT","kid":%s})", id);
        ck_believed_by_none(kept(forge_es256(known.private_pem, header, payload_with(NULL, NULL))), header);
    }
}
END_TEST

START_TEST(a_header_of_another_type_is_believed_by_nobody)
{
    our_token();
    static const char *const headers[] = {
        R"({"alg":"ES256","kid":"%s"})",
        R"({"alg":"ES256","typ":"id+jwt","kid":"%s"})",
        R"({"alg":"ES256","typ":"dpop+jwt","kid":"%s"})",
        R"({"alg":"ES256","typ":["JWT"],"kid":"%s"})",
        R"({"alg":"ES384","typ":"JWT","kid":"%s"})",
        R"({"alg":"RS256","typ":"JWT","kid":"%s"})",
        R"({"alg":"none","alg":"ES256","typ":"JWT","kid":"%s"})",
        R"(["ES256","%s"])",
    };
    for (size_t i = 0; i < COUNT(headers); i++) {
        const char *at = strstr(headers[i], "%s");
        const char *header = text_of("%.*s%s%s", (int)(at - headers[i]), headers[i], known.id, at + 2);
        ck_believed_by_none(kept(forge_es256(known.private_pem, header, payload_with(NULL, NULL))), header);
    }
}
END_TEST

START_TEST(a_token_for_another_purpose_is_believed_by_nobody)
{
    our_token();
    const char *soon = text_of("%ld", (long)time(NULL) + 600), *past = text_of("%ld", (long)time(NULL) - 1);
    const struct {
        const char *claim, *value;
    } cases[] = {
        {"iss", NULL},
        {"iss", R"("https://issuer.example")"},
        {"iss", R"("Mnemos")"},
        {"iss", R"(["mnemos"])"},
        {"aud", NULL},
        {"aud", R"("other")"},
        {"aud", R"("")"},
        {"token_use", NULL},
        {"token_use", R"("id")"},
        {"token_use", R"("refresh")"},
        {"exp", NULL},
        {"exp", past},
        {"exp", "0"},
        {"nbf", soon},
        {"sub", NULL},
        {"sub", R"("' OR 1=1")"},
        {"sid", NULL},
        {"sid", R"("")"},
        {"role", NULL},
        {"role", R"("root")"},
        {"role", "7"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char *payload = payload_with(cases[i].claim, cases[i].value);
        ck_believed_by_none(kept(forge_es256(known.private_pem, header_naming(known.id), payload)), payload);
    }
    ck_assert_int_eq(
        believers(kept(forge_es256(known.private_pem, header_naming(known.id), payload_with("nbf", past)))), PLACES);
}
END_TEST

/* ---- keys that come and go ---- */

START_TEST(a_key_is_believed_from_its_publication_to_its_withdrawal)
{
    our_token();
    struct signing_key key;
    ck_assert(signing_key_generate(&key));
    const char *token = good_token(&key);
    ck_believed_by_none(token, "before the key was published");
    key_publish(&key);
    WAIT_UNTIL(believers(token) == PLACES);
    sql_value("UPDATE auth.signing_key SET retired_at = now() WHERE id = '%s'", key.id);
    WAIT_UNTIL(believers(token) == 0);
    ck_assert_int_eq(believers(good_token(&known)), PLACES);
    signing_key_release(&key);
}
END_TEST

START_TEST(an_ended_session_is_refused_by_every_service)
{
    our_token();
    const char *session = new_id(), *payload = payload_with("sid", text_of(R"("%s")", session));
    const char *token = kept(forge_es256(known.private_pem, header_naming(known.id), payload));
    sql_value("INSERT INTO auth.session (id, expires_at) VALUES ('%s', now() + interval '1 hour')", session);
    ck_assert_int_eq(believers(token), PLACES);
    sql_value("UPDATE auth.session SET ended_at = now() WHERE id = '%s'", session);
    WAIT_UNTIL(believers(token) == 0);
}
END_TEST

int main(void)
{
    if (!signing_key_generate(&known) || !signing_key_generate(&unknown))
        return EXIT_FAILURE;
    int status = API_TESTS(
        &auth_service, no_byte_of_a_token_can_be_changed_at_any_service, a_token_has_one_spelling,
        parts_of_two_tokens_make_no_third, a_token_without_a_signature_is_believed_by_nobody,
        a_signature_made_with_the_public_key_is_believed_by_nobody,
        a_foreign_key_that_calls_itself_ours_is_believed_by_nobody, a_key_is_named_by_nothing_but_its_id,
        a_header_of_another_type_is_believed_by_nobody, a_token_for_another_purpose_is_believed_by_nobody,
        a_key_is_believed_from_its_publication_to_its_withdrawal, an_ended_session_is_refused_by_every_service);
    signing_key_release(&known);
    signing_key_release(&unknown);
    return status;
}
