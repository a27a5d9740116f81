/* Tokens of other issuers become sessions, and what is wrong with them does not. */
#include "tests/api/auth/outside.h"

#include "tests/support/forge.h"

#include <openssl/pem.h>
#include <pthread.h>
#include <string.h>

/* The clinic's issuer with its first keys, and a service that has not asked for them yet. */
static void begin_anew(void)
{
    outside_has(&rsa, &ec);
    api_restart(&auth_service);
    forget_failures();
}

static const char *token_from(const struct reply *r)
{
    return kept_at(r, "access_token");
}

START_TEST(a_token_of_the_clinic_becomes_a_session_like_any_other)
{
    const char *name = new_name("Outside"), *subject = new_id();
    REPLY r = enter(CLINIC, subject, name, "m-neuro");
    ck_reply(&r, 200, "account/name", name);
    ck_reply(&r, 200, "account/role", "healthpro");
    ck_reply(&r, 200, "account/specialty", "neurologist");
    ck_reply(&r, 200, "expires_in", "1800");
    REPLY me = api_get(token_from(&r), "/api/v1/auth/me");
    ck_reply(&me, 200, "name", name);
    REPLY on =
        api_post(ANONYMOUSLY, "/api/v1/auth/refresh", R"({"refresh_token": "%s"})", text_at(&r, "refresh_token"));
    ck_reply(&on, 200, "account/name", name);
    REPLY again = enter(CLINIC, subject, "Another name at the issuer", "m-neuro");
    ck_reply(&again, 200, "account/id", text_at(&r, "account/id"));
    ck_reply(&again, 200, "account/name", name);
}
END_TEST

START_TEST(a_token_can_be_exchanged_until_it_expires_and_not_after)
{
    forget_failures();
    json_t *claims = claims_of(CLINIC, new_id(), new_name("Twice"), "m-neuro");
    char *token = outside_key_sign(&ec, claims);
    json_decref(claims);
    REPLY one = exchange_text(token), two = exchange_text(token);
    ck_status(&one, 200);
    ck_reply(&two, 200, "account/id", text_at(&one, "account/id"));
    ck_assert_str_ne(text_at(&one, "refresh_token"), text_at(&two, "refresh_token"));
    clock_set(time(NULL) + 331);
    REPLY late = exchange_text(token);
    clock_set(0);
    ck_status(&late, 401);
    free(token);
}
END_TEST

static json_t *good_claims(void)
{
    return claims_of(CLINIC, new_id(), new_name("Good"), "m-neuro");
}

static json_t *with(const char *claim, json_t *value)
{
    json_t *claims = good_claims();
    json_object_set_new(claims, claim, value);
    return claims;
}

static void ck_refused(struct reply r, const char *what)
{
    ck_assert_msg(r.status == 401, "%s: %ld %s", what, r.status, r.body);
    ck_reply(&r, 401, "detail", "The token is not accepted here.");
    ck_assert_ptr_null(header_of(&r, "Set-Cookie"));
    reply_drop(&r);
    forget_failures();
}

START_TEST(the_fault_of_a_token_is_not_told)
{
    forget_failures();
    time_t now = time(NULL);
    ck_refused(exchange_claims(&rsa, with("aud", json_string("other"))), "wrong aud");
    ck_refused(exchange_claims(&rsa, with("aud", json_pack("[s,s]", "other", "mnemos"))), "several, and no azp");
    ck_refused(exchange_claims(&rsa, with("iss", json_string("https://evil.example"))), "wrong iss");
    ck_refused(exchange_claims(&rsa, with("exp", json_integer(now - 31))), "expired");
    ck_refused(exchange_claims(&rsa, with("nbf", json_integer(now + 60))), "not yet");
    ck_refused(exchange_claims(&rsa, with("iat", json_integer(now - 4000))), "too old");
    ck_refused(exchange_claims(&rotated, good_claims()), "unknown key");
    ck_refused(exchange_claims(&rsa, claims_of(CLINIC, new_id(), new_name("No"), "nothing")), "no role");
    ck_refused(exchange_claims(&rsa, claims_of(CLINIC, new_id(), new_name("No"), NULL)), "no roles at all");
    ck_refused(exchange_claims(&rsa, claims_of(OTHER, new_id(), new_name("No"), "m-neuro")), "nobody linked");
    ck_refused(exchange_text("nonsense"), "no token");
}
END_TEST

/* A token of good claims with that header, signed by the key as that algorithm. */
static struct reply forged(const struct outside_key *key, const char *algorithm, const char *header)
{
    json_auto_t *claims = good_claims();
    char *payload = json_dumps(claims, 0), *token = forge_signed(key->pair, algorithm, header, payload);
    struct reply r = exchange_text(token);
    free(token);
    free(payload);
    return r;
}

START_TEST(signatures_that_are_none_are_refused)
{
    forget_failures();
    json_auto_t *claims = good_claims();
    char *payload = json_dumps(claims, 0);
    char *unsigned_one = forge_unsigned(R"({"alg":"none","kid":"rsa"})", payload);
    ck_refused(exchange_text(unsigned_one), "alg none");
    free(unsigned_one);
    unsigned_one = forge_unsigned(R"({"alg":"RS256","kid":"rsa"})", payload);
    ck_refused(exchange_text(unsigned_one), "no signature");
    free(unsigned_one);

    BIO *bio = BIO_new(BIO_s_mem());
    char *pem;
    PEM_write_bio_PUBKEY(bio, rsa.pair);
    long size = BIO_get_mem_data(bio, &pem);
    char *secret = strndup(pem, (size_t)size);
    char *confused = forge_hs256(secret, R"({"alg":"HS256","kid":"rsa"})", payload);
    ck_refused(exchange_text(confused), "HS256 with the public key");
    free(confused);
    confused = forge_hs256(secret, R"({"alg":"RS256","kid":"rsa"})", payload);
    ck_refused(exchange_text(confused), "HS256 that says RS256");
    free(confused);
    free(secret);
    BIO_free(bio);
    free(payload);

    ck_refused(forged(&ec, "ES256", R"({"alg":"RS256","kid":"ec"})"), "RS256 with the elliptic key");
    ck_refused(forged(&rsa, "RS256", R"({"alg":"ES256","kid":"rsa"})"), "ES256 with the RSA key");
    ck_refused(forged(&rotated, "RS256", R"({"alg":"RS256","kid":"rsa"})"), "another key of that id");
    ck_refused(forged(&rsa, "RS512", R"({"alg":"RS512","kid":"rsa"})"), "RS512, which is not allowed");
}
END_TEST

START_TEST(a_part_of_a_token_that_is_changed_is_noticed)
{
    forget_failures();
    json_auto_t *claims = good_claims();
    char *token = outside_key_sign(&rsa, claims);
    size_t header = strcspn(token, "."), end = strlen(token);
    const size_t places[] = {3, header + 20, header + 60, end - 40};
    for (size_t i = 0; i < COUNT(places); i++) {
        char *c = token + places[i], was = *c;
        *c = was == 'A' ? 'B' : 'A';
        ck_refused(exchange_text(token), text_of("at %zu", places[i]));
        *c = was;
    }
    free(token);
}
END_TEST

START_TEST(a_rotated_key_is_fetched_once_and_the_old_one_is_gone)
{
    begin_anew();
    int asked = outside_issuer_asked(outside);
    REPLY before = exchange_claims(&rsa, good_claims());
    ck_status(&before, 200);
    outside_has(&rotated, NULL);
    ck_refused(exchange_claims(&rotated, good_claims()), "within the minute");
    ck_assert_int_eq(outside_issuer_asked(outside), asked + 1);
    clock_set(time(NULL) + 61);
    REPLY after = exchange_claims(&rotated, good_claims());
    ck_status(&after, 200);
    for (int i = 0; i < 5; i++)
        ck_refused(exchange_claims(&rsa, good_claims()), "the old key");
    ck_assert_int_eq(outside_issuer_asked(outside), asked + 2);
    clock_set(0);
    begin_anew();
}
END_TEST

START_TEST(an_issuer_that_is_down_is_503_and_no_failed_login)
{
    begin_anew();
    outside_issuer_answer(outside, 500, NULL, "");
    for (int i = 0; i < 8; i++) {
        REPLY down = exchange_claims(&rsa, good_claims());
        ck_reply(&down, 503, "type", "/problems/unavailable");
        ck_assert_ptr_nonnull(header_of(&down, "Retry-After"));
    }
    begin_anew();
    REPLY up = exchange_claims(&rsa, good_claims());
    ck_status(&up, 200);
    outside_issuer_answer(outside, 500, NULL, "");
    clock_set(time(NULL) + 3700);
    REPLY still = exchange_claims(&rsa, good_claims());
    clock_set(0);
    ck_status(&still, 200);
    begin_anew();
}
END_TEST

START_TEST(forged_tokens_make_their_network_wait_and_expired_ones_do_not)
{
    forget_failures();
    for (int i = 0; i < 8; i++) {
        REPLY expired = exchange_claims(&rsa, with("exp", json_integer(time(NULL) - 100)));
        ck_status(&expired, 401);
    }
    for (int i = 0; i < 6; i++) {
        REPLY wrong = forged(&rotated, "RS256", R"({"alg":"RS256","kid":"rsa"})");
        ck_status(&wrong, 401);
    }
    REPLY good = exchange_claims(&rsa, good_claims());
    ck_reply(&good, 429, "type", "/problems/too-many-requests");
    ck_assert_ptr_nonnull(header_of(&good, "Retry-After"));
    struct call elsewhere = {
        .method = "POST", .path = "/api/v1/auth/exchange", .headers = {"X-Forwarded-For: 192.0.2.7"}};
    json_auto_t *claims = good_claims();
    char *token = outside_key_sign(&rsa, claims);
    elsewhere.body = text_of(R"({"subject_token": "%s"})", token);
    free(token);
    REPLY other = api_call(elsewhere);
    ck_status(&other, 200);
    const char *name = new_name("Nearby");
    make_account(name, "healthpro", "general");
    REPLY by_password = login(name, PASSWORD);
    ck_status(&by_password, 200);
    forget_failures();
}
END_TEST

START_TEST(a_name_that_is_taken_is_refused_and_nobody_is_joined)
{
    const char *name = new_id(), *id = make_account(text_of("a%s", name), "healthpro", "general"), *subject = new_id();
    REPLY r = enter(CLINIC, subject, text_of("A%s", name), "m-neuro");
    ck_reply(&r, 409, "type", "/problems/conflict");
    ck_assert_ptr_nonnull(strstr(text_at(&r, "detail"), "ask an administrator"));
    ck_assert_str_eq(sql_value("SELECT count(*) FROM auth.external_identity WHERE account_id = '%s'", id), "0");
    REPLY linked = link_identity(AS_ADMIN, id, CLINIC, subject);
    ck_status(&linked, 201);
    REPLY entered = enter(CLINIC, subject, text_of("A%s", name), "m-neuro");
    ck_reply(&entered, 200, "account/id", id);
    ck_reply(&entered, 200, "account/specialty", "general"); /* the account's own, since it was not made for this */
}
END_TEST

START_TEST(a_name_that_cannot_be_one_makes_no_account)
{
    forget_failures();
    ck_refused(exchange_claims(&rsa, claims_of(CLINIC, new_id(), "  spaced", "m-neuro")), "spaces");
    ck_refused(exchange_claims(&rsa, claims_of(CLINIC, new_id(), "", "m-neuro")), "empty");
}
END_TEST

START_TEST(the_role_follows_the_issuer_and_ends_the_sessions_of_the_old_one)
{
    const char *name = new_name("Changing"), *subject = new_id();
    REPLY neuro = enter(CLINIC, subject, name, "m-neuro");
    ck_reply(&neuro, 200, "account/specialty", "neurologist");
    const char *old = token_from(&neuro);
    REPLY psycho = enter(CLINIC, subject, name, "m-psycho");
    ck_reply(&psycho, 200, "account/specialty", "psychologist");
    WAIT_UNTIL(refused_at(0, "/api/v1/auth/me", old));
    old = token_from(&psycho);
    REPLY admin = enter(CLINIC, subject, name, "m-admin");
    ck_reply(&admin, 200, "account/role", "admin");
    ck_assert_ptr_null(
        text_at(&admin, "account/specialty") && strcmp(text_at(&admin, "account/specialty"), "null") ? "one" : NULL);
    WAIT_UNTIL(refused_at(0, "/api/v1/auth/me", old));
    REPLY me = api_get(token_from(&admin), "/api/v1/auth/me");
    ck_reply(&me, 200, "role", "admin");
}
END_TEST

START_TEST(an_account_that_lost_the_role_at_the_issuer_is_out)
{
    forget_failures();
    const char *name = new_name("Leaving"), *subject = new_id();
    REPLY r = enter(CLINIC, subject, name, "m-neuro");
    ck_status(&r, 200);
    const char *old = token_from(&r);
    ck_refused(enter(CLINIC, subject, name, "nothing"), "without a role");
    WAIT_UNTIL(refused_at(0, "/api/v1/auth/me", old));
}
END_TEST

START_TEST(a_superuser_stays_one_whatever_the_issuer_says)
{
    const char *subject = new_id(), *name = new_name("Super");
    REPLY r = enter(CLINIC, subject, name, "m-admin");
    sql_value("UPDATE auth.account SET role = 'superuser' WHERE id = '%s'", text_at(&r, "account/id"));
    REPLY again = enter(CLINIC, subject, name, "m-neuro");
    ck_reply(&again, 200, "account/role", "superuser");
}
END_TEST

START_TEST(a_disabled_account_is_refused_like_an_unknown_one)
{
    forget_failures();
    const char *subject = new_id(), *name = new_name("Disabled");
    REPLY r = enter(CLINIC, subject, name, "m-neuro");
    ck_status(&r, 200);
    sql_value("UPDATE auth.account SET disabled = true WHERE id = '%s'", text_at(&r, "account/id"));
    ck_refused(enter(CLINIC, subject, name, "m-neuro"), "disabled");
}
END_TEST

START_TEST(no_password_opens_an_account_that_was_made_for_a_token)
{
    const char *name = new_name("Passwordless");
    REPLY r = enter(CLINIC, new_id(), name, "m-neuro");
    ck_status(&r, 200);
    REPLY entered = login(name, PASSWORD), unknown = login(new_name("Nobody"), PASSWORD);
    ck_status(&entered, 401);
    json_object_del(entered.json, "request_id");
    json_object_del(unknown.json, "request_id");
    ck_assert(json_equal(entered.json, unknown.json));
    REPLY change = api_call(
        (struct call){.method = "PUT",
                      .token = token_from(&r),
                      .path = "/api/v1/auth/password",
                      .body = text_of(R"({"current_password": "\u0020", "new_password": "%s and more"})", PASSWORD)});
    ck_reply(&change, 422, "errors/0/pointer", "/current_password");
    forget_failures();
}
END_TEST

struct visitor {
    const char *subject, *name;
    pthread_barrier_t *start;
    long status;
    const char *account_id;
};

static void *visit(void *arg)
{
    struct visitor *v = arg;
    pthread_barrier_wait(v->start);
    REPLY r = enter(CLINIC, v->subject, v->name, "m-neuro");
    v->status = r.status;
    v->account_id = r.status == 200 ? kept_at(&r, "account/id") : NULL;
    return NULL;
}

START_TEST(two_first_visits_at_once_make_one_account)
{
    enum { VISITORS = 4 };
    pthread_t threads[VISITORS];
    struct visitor visitors[VISITORS];
    pthread_barrier_t start;
    forget_failures();
    const char *subject = new_id(), *name = new_name("First");
    pthread_barrier_init(&start, NULL, VISITORS);
    for (int i = 0; i < VISITORS; i++) {
        visitors[i] = (struct visitor){subject, name, &start, 0, NULL};
        ck_assert_int_eq(pthread_create(&threads[i], NULL, visit, &visitors[i]), 0);
    }
    for (int i = 0; i < VISITORS; i++)
        pthread_join(threads[i], NULL);
    pthread_barrier_destroy(&start);
    for (int i = 0; i < VISITORS; i++) {
        ck_assert_int_eq(visitors[i].status, 200);
        ck_assert_str_eq(visitors[i].account_id, visitors[0].account_id);
    }
}
END_TEST

START_TEST(the_other_services_take_the_session_and_not_the_token)
{
    json_auto_t *claims = good_claims();
    char *token = outside_key_sign(&rsa, claims);
    ck_assert(refused_at(0, "/api/v1/auth/me", token));
    free(token);
}
END_TEST

START_TEST(a_form_is_not_taken)
{
    REPLY r = api_call((struct call){.method = "POST",
                                     .path = "/api/v1/auth/exchange",
                                     .type = "application/x-www-form-urlencoded",
                                     .body = "subject_token=x"});
    ck_status(&r, 415);
}
END_TEST

int main(void)
{
    outside_begin();
    int status = API_TESTS(
        &auth_service, a_token_of_the_clinic_becomes_a_session_like_any_other,
        a_token_can_be_exchanged_until_it_expires_and_not_after, the_fault_of_a_token_is_not_told,
        signatures_that_are_none_are_refused, a_part_of_a_token_that_is_changed_is_noticed,
        a_rotated_key_is_fetched_once_and_the_old_one_is_gone, an_issuer_that_is_down_is_503_and_no_failed_login,
        forged_tokens_make_their_network_wait_and_expired_ones_do_not,
        a_name_that_is_taken_is_refused_and_nobody_is_joined, a_name_that_cannot_be_one_makes_no_account,
        the_role_follows_the_issuer_and_ends_the_sessions_of_the_old_one,
        an_account_that_lost_the_role_at_the_issuer_is_out, a_superuser_stays_one_whatever_the_issuer_says,
        a_disabled_account_is_refused_like_an_unknown_one, no_password_opens_an_account_that_was_made_for_a_token,
        two_first_visits_at_once_make_one_account, the_other_services_take_the_session_and_not_the_token,
        a_form_is_not_taken);
    outside_end();
    return status;
}
