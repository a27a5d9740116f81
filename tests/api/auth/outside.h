/* Shared by the tests of other issuers: two of them, whose keys come from one small issuer in this process. The
 * clinic's makes accounts for whoever has one of its roles; the other one's people are linked by administrators. */
#pragma once

#include "common/base/clock.h"
#include "tests/api/auth/accounts.h"
#include "tests/support/outside_issuer.h"

#include <stdlib.h>

#define CLINIC "https://id.clinic.example/realms/clinic"
#define OTHER  "https://accounts.other.example"

static struct outside_issuer *outside;
static struct outside_key rsa, ec, rotated;

/* The issuer has these keys from now on; up to two. */
static inline void outside_has(const struct outside_key *one, const struct outside_key *other)
{
    struct outside_key keys[3] = {*one};
    if (other)
        keys[1] = *other;
    char *body = outside_key_set(keys);
    outside_issuer_answer(outside, 200, NULL, body);
    free(body);
}

/* Before API_TESTS. */
static inline void outside_begin(void)
{
    rsa = outside_key_new("rsa", "RS256");
    ec = outside_key_new("ec", "ES256");
    rotated = outside_key_new("rotated", "RS256");
    outside = outside_issuer_start();
    outside_has(&rsa, &ec);
    int port = outside_issuer_port(outside);
    char *setting;
    if (asprintf(&setting,
                 R"({"issuers": [{"name": "clinic", "issuer": "%s", "audience": "mnemos",)"
                 R"( "key_set_url": "http://127.0.0.1:%d/certs", "algorithms": ["RS256", "ES256"],)"
                 R"( "role_claim": ["realm_access", "roles"], "name_claim": "name", "provision": true,)"
                 R"( "roles": [{"value": "m-admin", "role": "admin"},)"
                 R"( {"value": "m-neuro", "role": "healthpro", "specialty": "neurologist"},)"
                 R"( {"value": "m-psycho", "role": "healthpro", "specialty": "psychologist"}]},)"
                 R"( {"name": "other", "issuer": "%s", "audience": "mnemos",)"
                 R"( "key_set_url": "http://127.0.0.1:%d/certs", "algorithms": ["RS256"]}]})",
                 CLINIC, port, OTHER, port) < 0)
        abort();
    setenv("EXTERNAL_ISSUERS", setting, 1);
    free(setting);
}

static inline void outside_end(void)
{
    outside_issuer_stop(outside);
    outside_key_drop(&rsa);
    outside_key_drop(&ec);
    outside_key_drop(&rotated);
}

/* Good claims of that issuer; a new reference. role: in the clinic, or NULL. */
static inline json_t *claims_of(const char *issuer, const char *subject, const char *name, const char *role)
{
    json_int_t now = clock_now();
    json_t *claims = json_pack("{s:s, s:s, s:s, s:s, s:I, s:I}", "iss", issuer, "sub", subject, "aud", "mnemos", "name",
                               name, "iat", now, "exp", now + 300);
    if (role)
        json_object_set_new(claims, "realm_access", json_pack("{s:[s,s]}", "roles", "offline", role));
    return claims;
}

static inline struct reply exchange_text(const char *token)
{
    return api_post(ANONYMOUSLY, "/api/v1/auth/exchange", R"({"subject_token": "%s"})", token);
}

/* Takes the claims. */
static inline struct reply exchange_claims(const struct outside_key *key, json_t *claims)
{
    char *token = outside_key_sign(key, claims);
    json_decref(claims);
    struct reply r = exchange_text(token);
    free(token);
    return r;
}

static inline struct reply enter(const char *issuer, const char *subject, const char *name, const char *role)
{
    return exchange_claims(&rsa, claims_of(issuer, subject, name, role));
}

/* Wrong tokens of other scenes keep nobody waiting. */
static inline void forget_failures(void)
{
    sql_value("DELETE FROM auth.failed_login");
}

static inline struct reply link_identity(const char *token, const char *account_id, const char *issuer,
                                         const char *subject)
{
    return api_post(token, text_of("/api/v1/accounts/%s/identities", account_id),
                    R"({"issuer": "%s", "subject": "%s"})", issuer, subject);
}
