/* Failed logins: who guesses waits, and nobody else. */
#include "services/auth/session/throttle.h"
#include "tests/api/auth/accounts.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static struct reply login_from(const char *address, const char *name, const char *password)
{
    return api_call((struct call){.method = "POST",
                                  .path = "/api/v1/auth/login",
                                  .body = text_of(R"({"name": "%s", "password": "%s"})", name, password),
                                  .headers = {text_of("X-Forwarded-For: %s", address)}});
}

#define HERE "192.0.2.7"

static long status_from(const char *address, const char *name, const char *password)
{
    REPLY r = login_from(address, name, password);
    return r.status;
}

static void fail_times(int times, const char *name)
{
    for (int i = 0; i < times; i++)
        ck_assert_int_eq(status_from(HERE, name, "not the password"), 401);
}

/* Beyond what is free, and as often that the wait outlasts any test. */
static void guess_too_often(const char *name)
{
    fail_times(FREE_FAILURES + 1, name);
    failures_multiply();
}

START_TEST(the_first_failures_are_free_and_then_the_wait_doubles_up_to_five_minutes)
{
    ck_assert_str_eq(sql_value("SELECT string_agg(auth.login_wait(n, now())::text, ' ' ORDER BY n)"
                               "  FROM generate_series(%d, 16) n",
                               FREE_FAILURES),
                     "0 1 2 4 8 16 32 64 128 256 300 300");
    const char *name = new_neurologist();
    guess_too_often(name);
    REPLY refused = login_from(HERE, name, "not the password");
    ck_reply(&refused, 429, "type", "/problems/too-many-requests");
    int wait = atoi(header_of(&refused, "Retry-After"));
    ck_assert_int_gt(wait, 200);
    ck_assert_int_le(wait, 300 + 1); /* whole seconds, rounded up, of clocks that differ a little between processors */
    failures_age("5 minutes");
    fail_times(1, name);
    ck_assert_int_eq(status_from(HERE, name, "not the password"), 429);
}
END_TEST

START_TEST(the_right_password_waits_too_and_then_forgets_the_wrong_ones)
{
    const char *name = new_neurologist();
    guess_too_often(name);
    ck_assert_int_eq(status_from(HERE, name, PASSWORD), 429);
    failures_age("5 minutes");
    ck_assert_int_eq(status_from(HERE, name, PASSWORD), 200);
    fail_times(FREE_FAILURES + 1, name);
}
END_TEST

START_TEST(guesses_elsewhere_keep_nobody_waiting_here)
{
    const char *name = new_neurologist();
    guess_too_often(name);
    ck_assert_int_eq(status_from("192.0.2.200", name, PASSWORD), 429); /* the same network */
    ck_assert_int_eq(status_from("192.0.3.7", name, PASSWORD), 200);
    ck_assert_int_eq(status_from("2001:db8:1::7", name, PASSWORD), 200);
    ck_assert_int_eq(status_from(HERE, new_neurologist(), PASSWORD), 200);
    ck_assert_int_eq(status_from(HERE, name, PASSWORD), 429); /* success elsewhere forgives nothing here */
}
END_TEST

START_TEST(a_name_in_another_case_is_the_same_name)
{
    const char *name = new_neurologist();
    char *other = text_of("%s", name);
    for (char *c = other; *c; c++)
        *c = (char)(*c >= 'a' && *c <= 'z' ? *c - 32 : *c);
    guess_too_often(name);
    ck_assert_int_eq(status_from(HERE, other, PASSWORD), 429);
}
END_TEST

static void ck_same_refusal(const char *const names[2], long status)
{
    REPLY known = login_from(HERE, names[0], "not the password");
    REPLY unknown = login_from(HERE, names[1], "not the password");
    ck_assert_int_eq(known.status, status);
    json_object_del(known.json, "request_id");
    json_object_del(unknown.json, "request_id");
    if (status == 429) { /* it names the seconds, which go by */
        json_object_del(known.json, "detail");
        json_object_del(unknown.json, "detail");
        ck_assert(abs(atoi(header_of(&known, "Retry-After")) - atoi(header_of(&unknown, "Retry-After"))) < 60);
    }
    ck_assert(json_equal(known.json, unknown.json));
}

START_TEST(an_unknown_name_is_answered_like_a_known_one)
{
    const char *const names[] = {new_neurologist(), new_name("Nobody")};
    for (int i = 0; i <= FREE_FAILURES; i++)
        ck_same_refusal(names, 401);
    failures_multiply();
    ck_same_refusal(names, 429);
}
END_TEST

START_TEST(every_path_that_logs_in_waits)
{
    const char *name = new_neurologist();
    guess_too_often(name);
    REPLY historic = api_call((struct call){.method = "POST",
                                            .path = "/login",
                                            .body = text_of(R"({"name": "%s", "password": "%s"})", name, PASSWORD),
                                            .headers = {"X-Forwarded-For: " HERE}});
    ck_status(&historic, 429);
}
END_TEST

START_TEST(replicas_and_restarts_count_together)
{
    const char *name = new_neurologist();
    guess_too_often(name);
    api_restart(&auth_service);
    ck_assert_int_eq(status_from(HERE, name, PASSWORD), 429);
}
END_TEST

struct guess {
    const char *name;
    long status;
};

static void *guess_once(void *guess)
{
    struct guess *g = guess;
    g->status = status_from(HERE, g->name, "not the password");
    return NULL;
}

START_TEST(guessing_in_parallel_is_not_faster)
{
    enum { GUESSES = 8 };
    const char *name = new_neurologist();
    pthread_t threads[GUESSES];
    struct guess guesses[GUESSES];
    int looked_at = 0, refused = 0;
    guess_too_often(name);
    failures_age("5 minutes");
    for (int i = 0; i < GUESSES; i++) {
        guesses[i].name = name;
        ck_assert_int_eq(pthread_create(&threads[i], NULL, guess_once, &guesses[i]), 0);
    }
    for (int i = 0; i < GUESSES; i++) {
        pthread_join(threads[i], NULL);
        looked_at += guesses[i].status == 401;
        refused += guesses[i].status == 429;
    }
    ck_assert_int_eq(looked_at, 1);
    ck_assert_int_eq(refused, GUESSES - 1);
}
END_TEST

START_TEST(failures_an_hour_old_do_not_count_and_are_removed)
{
    const char *name = new_neurologist();
    sql_value("DELETE FROM auth.failed_login");
    fail_times(FREE_FAILURES + 1, name);
    failures_age("1 hour");
    fail_times(FREE_FAILURES + 1, name);
    failures_age("1 hour");
    fail_times(1, new_name("Another"));
    ck_assert_str_eq(sql_value("SELECT count(*) FROM auth.failed_login"), "1");
}
END_TEST

START_TEST(the_name_is_not_kept)
{
    const char *name = new_neurologist();
    sql_value("DELETE FROM auth.failed_login");
    fail_times(1, name);
    ck_assert_str_eq(sql_value("SELECT octet_length(key) FROM auth.failed_login"), "32");
    ck_assert_str_eq(
        sql_value("SELECT position('%s' IN lower(encode(key, 'escape'))) = 0 FROM auth.failed_login", name), "t");
}
END_TEST

START_TEST(networks_are_those_of_the_address)
{
    static const char *const rows[][2] = {
        {"192.0.2.7", "192.0.2.0/24"},
        {"::ffff:192.0.2.7", "192.0.2.0/24"},
        {"2001:db8:1:2::3", "2001:0db8:0001::/48"},
        {"2001:DB8:1:ffff::", "2001:0db8:0001::/48"},
        {"unknown", ""},
        {NULL, ""},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        char network[THROTTLE_NETWORK_SIZE];
        throttle_network(rows[i][0], network);
        ck_assert_str_eq(network, rows[i][1]);
    }
}
END_TEST

int main(void)
{
    return API_TESTS(
        &auth_service, the_first_failures_are_free_and_then_the_wait_doubles_up_to_five_minutes,
        the_right_password_waits_too_and_then_forgets_the_wrong_ones, guesses_elsewhere_keep_nobody_waiting_here,
        a_name_in_another_case_is_the_same_name, an_unknown_name_is_answered_like_a_known_one,
        every_path_that_logs_in_waits, replicas_and_restarts_count_together, guessing_in_parallel_is_not_faster,
        failures_an_hour_old_do_not_count_and_are_removed, the_name_is_not_kept, networks_are_those_of_the_address);
}
