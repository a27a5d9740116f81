/* Key sets of other issuers: fetched from a small one on this machine, and how often. */
#include "common/base/clock.h"
#include "services/auth/outside/key_cache.h"
#include "services/auth/outside/key_fetch.h"
#include "tests/support/outside_issuer.h"
#include "tests/support/unit.h"
#include "tests/support/wait.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { NOW = 1800000000 };

static struct outside_key first, second;

/* A small issuer and a cache that knows of it; the clock stands at NOW. */
struct place {
    struct outside_issuer *outside;
    struct issuer issuer;
    struct issuers issuers;
    struct key_cache *cache;
    char url[64];
};

static void answer_with(struct place *p, const char *header, const struct outside_key *one,
                        const struct outside_key *other)
{
    struct outside_key keys[3] = {*one};
    if (other)
        keys[1] = *other;
    char *body = outside_key_set(keys);
    outside_issuer_answer(p->outside, 200, header, body);
    free(body);
}

static void place_begin(struct place *p)
{
    clock_set(NOW);
    p->outside = outside_issuer_start();
    snprintf(p->url, sizeof p->url, "http://127.0.0.1:%d/certs", outside_issuer_port(p->outside));
    p->issuer = (struct issuer){.name = "small", .key_set_url = p->url};
    p->issuers = (struct issuers){.items = &p->issuer, .count = 1};
    p->cache = key_cache_new(&p->issuers);
    answer_with(p, NULL, &first, NULL);
}

static void place_end(struct place *p)
{
    key_cache_drop(p->cache);
    outside_issuer_stop(p->outside);
    clock_set(0);
}
#define PLACE(variable) \
    AUTO(place_end) struct place variable = {0}; \
    place_begin(&variable)

/* retry_after may be NULL. */
static enum status find_as(struct place *p, const char *id, const char *algorithm, int *retry_after)
{
    SCENE(s);
    EVP_PKEY *key;
    enum status status = key_cache_find(p->cache, &p->issuer, id, algorithm, &key, &s.why);
    if (status == OK)
        EVP_PKEY_free(key);
    if (retry_after)
        *retry_after = s.why.retry_after_s;
    return status;
}

static enum status find(struct place *p, const char *id)
{
    return find_as(p, id, "ES256", NULL);
}

static void ck_asked(struct place *p, int times)
{
    ck_assert_int_eq(outside_issuer_asked(p->outside), times);
}

START_TEST(a_set_is_fetched_once_for_many_tokens)
{
    PLACE(p);
    for (int i = 0; i < 10; i++)
        ck_assert_int_eq(find(&p, "first"), OK);
    ck_asked(&p, 1);
}
END_TEST

START_TEST(a_set_is_kept_as_long_as_its_issuer_says_within_bounds)
{
    static const struct {
        const char *header;
        int kept;
    } cases[] = {{NULL, KEYS_FRESH_DEFAULT},
                 {"Cache-Control: max-age=600", 600},
                 {"Cache-Control: public, max-age=7200, must-revalidate", 7200},
                 {"Cache-Control: max-age=1", KEYS_FRESH_MIN},
                 {"Cache-Control: no-cache", KEYS_FRESH_MIN},
                 {"Cache-Control: max-age=600, no-store", KEYS_FRESH_MIN},
                 {"Cache-Control: max-age=99999999999999999999", KEYS_FRESH_MAX},
                 {"Cache-Control: max-age=", KEYS_FRESH_MIN},
                 {"Cache-Control: s-maxage=600", KEYS_FRESH_DEFAULT}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        PLACE(p);
        answer_with(&p, cases[i].header, &first, NULL);
        ck_assert_int_eq(find(&p, "first"), OK);
        clock_set(NOW + cases[i].kept - 1);
        ck_assert_int_eq(find(&p, "first"), OK);
        ck_asked(&p, 1);
        clock_set(NOW + cases[i].kept);
        ck_assert_int_eq(find(&p, "first"), OK);
        ck_asked(&p, 2);
    }
}
END_TEST

START_TEST(an_unknown_key_id_fetches_the_set_once_a_minute)
{
    PLACE(p);
    ck_assert_int_eq(find(&p, "first"), OK);
    for (int second_of = 0; second_of < 180; second_of++) {
        clock_set(NOW + second_of);
        for (int i = 0; i < 5; i++)
            ck_assert_int_eq(find(&p, "unknown"), NOT_FOUND);
    }
    ck_asked(&p, 3);
}
END_TEST

START_TEST(a_new_key_is_found_by_its_id_and_the_old_one_is_forgotten)
{
    PLACE(p);
    ck_assert_int_eq(find(&p, "first"), OK);
    answer_with(&p, NULL, &first, &second);
    clock_set(NOW + 59);
    ck_assert_int_eq(find(&p, "second"), NOT_FOUND);
    clock_set(NOW + 60);
    ck_assert_int_eq(find(&p, "second"), OK);
    ck_assert_int_eq(find(&p, "first"), OK);
    answer_with(&p, NULL, &second, NULL);
    clock_set(NOW + 60 + KEYS_FRESH_DEFAULT);
    ck_assert_int_eq(find(&p, "second"), OK);
    ck_assert_int_eq(find(&p, "first"), NOT_FOUND);
    ck_asked(&p, 3);
}
END_TEST

START_TEST(a_key_that_does_not_fit_the_algorithm_fetches_nothing)
{
    PLACE(p);
    ck_assert_int_eq(find(&p, "first"), OK);
    clock_set(NOW + 120);
    ck_assert_int_eq(find_as(&p, "first", "RS256", NULL), NOT_FOUND);
    ck_assert_int_eq(find_as(&p, "first", "HS256", NULL), NOT_FOUND);
    ck_asked(&p, 1);
}
END_TEST

START_TEST(an_issuer_that_is_down_says_when_to_come_back)
{
    PLACE(p);
    int wait;
    outside_issuer_answer(p.outside, 500, NULL, "");
    ck_assert_int_eq(find_as(&p, "first", "ES256", &wait), UNAVAILABLE);
    ck_assert_int_eq(wait, KEYS_FETCH_PAUSE);
    clock_set(NOW + 50);
    ck_assert_int_eq(find_as(&p, "first", "ES256", &wait), UNAVAILABLE);
    ck_assert_int_eq(wait, 10);
    ck_asked(&p, 1);
    answer_with(&p, NULL, &first, NULL);
    clock_set(NOW + 60);
    ck_assert_int_eq(find(&p, "first"), OK);
}
END_TEST

START_TEST(keys_outlive_an_outage_of_hours_and_not_of_days)
{
    PLACE(p);
    ck_assert_int_eq(find(&p, "first"), OK);
    outside_issuer_answer(p.outside, 503, NULL, "");
    clock_set(NOW + KEYS_FRESH_DEFAULT);
    ck_assert_int_eq(find(&p, "first"), OK);
    ck_assert_int_eq(find(&p, "unknown"), UNAVAILABLE); /* it may be a new one */
    ck_asked(&p, 2);
    clock_set(NOW + KEYS_FRESH_DEFAULT + KEYS_STALE_MAX - 1);
    ck_assert_int_eq(find(&p, "first"), OK);
    clock_set(NOW + KEYS_FRESH_DEFAULT + KEYS_STALE_MAX);
    ck_assert_int_eq(find(&p, "first"), UNAVAILABLE);
}
END_TEST

START_TEST(nobody_at_the_other_end_is_unavailable)
{
    PLACE(p);
    snprintf(p.url, sizeof p.url, "http://127.0.0.1:1/certs");
    ck_assert_int_eq(find(&p, "first"), UNAVAILABLE);
}
END_TEST

START_TEST(answers_that_are_no_key_set_leave_the_one_before)
{
    char *large = malloc(JWK_SET_SIZE_MAX + 100), *good = outside_key_set((struct outside_key[]){second, {0}});
    memset(large, ' ', JWK_SET_SIZE_MAX + 99);
    memcpy(large, good, strlen(good));
    large[JWK_SET_SIZE_MAX + 99] = '\0';
    const struct {
        int status;
        const char *header, *body;
    } cases[] = {{200, NULL, "nonsense"},
                 {200, NULL, R"({"keys": []})"},
                 {200, NULL, large},
                 {404, NULL, good},
                 {302, "Location: http://127.0.0.1:1/", good},
                 {204, NULL, ""}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        PLACE(p);
        ck_assert_int_eq(find(&p, "first"), OK);
        outside_issuer_answer(p.outside, cases[i].status, cases[i].header, cases[i].body);
        clock_set(NOW + 60);
        ck_assert_int_eq(find(&p, "second"), UNAVAILABLE);
        ck_asked(&p, 2);
        ck_assert_int_eq(find(&p, "first"), OK);
    }
    free(large);
    free(good);
}
END_TEST

/* A client that does not check certificates gets an answer. */
static bool answers_the_careless(const char *url)
{
    CURL *curl = curl_easy_init();
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
    curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
    CURLcode code = curl_easy_perform(curl);
    curl_easy_cleanup(curl);
    return code == CURLE_OK;
}

START_TEST(a_certificate_that_nobody_vouches_for_is_not_trusted)
{
    PLACE(p);
    outside_issuer_stop(p.outside);
    p.outside = outside_issuer_start_tls();
    answer_with(&p, NULL, &first, NULL);
    snprintf(p.url, sizeof p.url, "https://127.0.0.1:%d/certs", outside_issuer_port(p.outside));
    ck_assert(answers_the_careless(p.url));
    int asked = outside_issuer_asked(p.outside);
    ck_assert_int_eq(find(&p, "first"), UNAVAILABLE);
    ck_asked(&p, asked);
}
END_TEST

START_TEST(no_proxy_of_the_environment_is_asked)
{
    PLACE(p);
    setenv("http_proxy", "http://127.0.0.1:1", 1);
    setenv("all_proxy", "http://127.0.0.1:1", 1);
    ck_assert_int_eq(find(&p, "first"), OK);
    unsetenv("http_proxy");
    unsetenv("all_proxy");
}
END_TEST

struct asker {
    struct place *place;
    const char *id;
    enum status status;
};

static void *ask(void *arg)
{
    struct asker *a = arg;
    a->status = find(a->place, a->id);
    return NULL;
}

enum { CROWD = 20, CROWDS_MAX = 10 };

/* How many of a crowd get that answer, after one fetch for all of them that is under way until found_meanwhile (NULL:
 * none) has been found. Who finds no place to wait is told to come back. */
static int crowd_served(struct place *p, const char *id, const char *found_meanwhile, enum status answer)
{
    struct asker askers[CROWD];
    pthread_t threads[CROWD];
    int count = 0, asked = outside_issuer_asked(p->outside);
    outside_issuer_hold(p->outside, true);
    for (int i = 0; i < CROWD; i++) {
        askers[i] = (struct asker){p, id, FAULT};
        ck_assert_int_eq(pthread_create(&threads[i], NULL, ask, &askers[i]), 0);
    }
    WAIT_UNTIL(outside_issuer_asked(p->outside) == asked + 1);
    if (found_meanwhile)
        ck_assert_int_eq(find(p, found_meanwhile), OK);
    outside_issuer_hold(p->outside, false);
    for (int i = 0; i < CROWD; i++) {
        pthread_join(threads[i], NULL);
        count += askers[i].status == answer;
        ck_assert(askers[i].status == answer || askers[i].status == UNAVAILABLE);
    }
    ck_asked(p, asked + 1);
    return count;
}

/* A machine that stands still for as long as a fetch may take lets it fail: then comes another crowd. */
static void ck_crowd_is_served(struct place *p, const char *id, const char *found_meanwhile, enum status answer)
{
    int crowds = 0;
    do
        clock_set(clock_now() + KEYS_FETCH_PAUSE);
    while (crowd_served(p, id, found_meanwhile, answer) == 0 && ++crowds < CROWDS_MAX);
    ck_assert_int_lt(crowds, CROWDS_MAX);
}

START_TEST(of_many_at_once_one_fetches_few_wait_and_the_others_come_back)
{
    PLACE(p);
    ck_crowd_is_served(&p, "first", NULL, OK);
}
END_TEST

/* Had the known one waited for the fetch, this would have failed before it was answered. */
START_TEST(a_flood_of_unknown_key_ids_keeps_nobody_from_the_known_ones)
{
    PLACE(p);
    ck_assert_int_eq(find(&p, "first"), OK);
    ck_crowd_is_served(&p, "unknown", "first", NOT_FOUND);
}
END_TEST

START_TEST(an_issuer_that_does_not_answer_is_given_up)
{
    PLACE(p);
    outside_issuer_hold(p.outside, true);
    ck_assert_int_eq(find(&p, "first"), UNAVAILABLE);
    ck_asked(&p, 1);
}
END_TEST

int main(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
    first = outside_key_new("first", "ES256");
    second = outside_key_new("second", "ES256");
    int status = UNIT_TESTS(
        a_set_is_fetched_once_for_many_tokens, a_set_is_kept_as_long_as_its_issuer_says_within_bounds,
        an_unknown_key_id_fetches_the_set_once_a_minute, a_new_key_is_found_by_its_id_and_the_old_one_is_forgotten,
        a_key_that_does_not_fit_the_algorithm_fetches_nothing, an_issuer_that_is_down_says_when_to_come_back,
        keys_outlive_an_outage_of_hours_and_not_of_days, nobody_at_the_other_end_is_unavailable,
        answers_that_are_no_key_set_leave_the_one_before, a_certificate_that_nobody_vouches_for_is_not_trusted,
        no_proxy_of_the_environment_is_asked, of_many_at_once_one_fetches_few_wait_and_the_others_come_back,
        a_flood_of_unknown_key_ids_keeps_nobody_from_the_known_ones, an_issuer_that_does_not_answer_is_given_up);
    outside_key_drop(&first);
    outside_key_drop(&second);
    curl_global_cleanup();
    return status;
}
