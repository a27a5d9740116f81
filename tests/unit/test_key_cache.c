/* Key sets of other issuers: fetched from a small one on this machine, and how often. */
#include "common/clock.h"
#include "services/auth/key_cache.h"
#include "services/auth/key_fetch.h"
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
                 {200, NULL, "{\"keys\": []}"},
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

/* Whoever does not look at certificates gets an answer. */
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

enum { CROWD = 20 };

static void crowd_begin(struct place *p, struct asker askers[CROWD], pthread_t threads[CROWD], const char *id)
{
    for (int i = 0; i < CROWD; i++) {
        askers[i] = (struct asker){p, id, FAULT};
        ck_assert_int_eq(pthread_create(&threads[i], NULL, ask, &askers[i]), 0);
    }
}

static int crowd_end(struct asker askers[CROWD], pthread_t threads[CROWD], enum status status)
{
    int count = 0;
    for (int i = 0; i < CROWD; i++) {
        pthread_join(threads[i], NULL);
        count += askers[i].status == status;
    }
    return count;
}

START_TEST(of_many_at_once_one_fetches_few_wait_and_the_others_come_back)
{
    PLACE(p);
    struct asker askers[CROWD];
    pthread_t threads[CROWD];
    outside_issuer_hold(p.outside, true);
    crowd_begin(&p, askers, threads, "first");
    WAIT_UNTIL(outside_issuer_asked(p.outside) == 1);
    outside_issuer_hold(p.outside, false);
    int served = crowd_end(askers, threads, OK);
    ck_assert_int_ge(served, 1);
    for (int i = 0; i < CROWD; i++)
        ck_assert(askers[i].status == OK || askers[i].status == UNAVAILABLE);
    ck_asked(&p, 1);
}
END_TEST

START_TEST(a_flood_of_unknown_key_ids_keeps_nobody_from_the_known_ones)
{
    PLACE(p);
    struct asker askers[CROWD];
    pthread_t threads[CROWD];
    ck_assert_int_eq(find(&p, "first"), OK);
    clock_set(NOW + 60);
    outside_issuer_hold(p.outside, true);
    crowd_begin(&p, askers, threads, "unknown");
    WAIT_UNTIL(outside_issuer_asked(p.outside) == 2);
    int64_t begin = clock_monotonic_us();
    ck_assert_int_eq(find(&p, "first"), OK);
    ck_assert_int_lt(clock_monotonic_us() - begin, 1000 * 1000);
    outside_issuer_hold(p.outside, false);
    ck_assert_int_eq(crowd_end(askers, threads, OK), 0);
    ck_asked(&p, 2);
}
END_TEST

START_TEST(an_issuer_that_does_not_answer_costs_three_seconds)
{
    PLACE(p);
    outside_issuer_hold(p.outside, true);
    int64_t begin = clock_monotonic_us();
    ck_assert_int_eq(find(&p, "first"), UNAVAILABLE);
    ck_assert_int_lt(clock_monotonic_us() - begin, (KEY_FETCH_TIMEOUT_MS + 2000) * INT64_C(1000));
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
        a_flood_of_unknown_key_ids_keeps_nobody_from_the_known_ones,
        an_issuer_that_does_not_answer_costs_three_seconds);
    outside_key_drop(&first);
    outside_key_drop(&second);
    curl_global_cleanup();
    return status;
}
