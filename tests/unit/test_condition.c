#include "common/base/clock.h"
#include "common/base/condition.h"
#include "tests/support/unit.h"

struct room {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool done;
};

static void room_open(struct room *r)
{
    pthread_mutex_init(&r->lock, NULL);
    condition_init(&r->changed);
    r->done = false;
}

static void room_close(struct room *r)
{
    pthread_cond_destroy(&r->changed);
    pthread_mutex_destroy(&r->lock);
}

static void *finish(void *arg)
{
    struct room *r = arg;
    pthread_mutex_lock(&r->lock);
    r->done = true;
    pthread_cond_signal(&r->changed);
    pthread_mutex_unlock(&r->lock);
    return NULL;
}

START_TEST(a_wait_ends_when_its_time_has_come)
{
    struct room r;
    room_open(&r);
    int64_t until_us = condition_deadline_us(0) + 20000;
    pthread_mutex_lock(&r.lock);
    while (condition_wait(&r.changed, &r.lock, until_us))
        continue;
    pthread_mutex_unlock(&r.lock);
    ck_assert_int_ge(condition_deadline_us(0), until_us);
    room_close(&r);
}
END_TEST

static void wait_for_a_signal(int64_t until_us)
{
    struct room r;
    pthread_t thread;
    bool in_time = true;
    room_open(&r);
    pthread_mutex_lock(&r.lock);
    ck_assert_int_eq(pthread_create(&thread, NULL, finish, &r), 0);
    while (!r.done && in_time)
        in_time = condition_wait(&r.changed, &r.lock, until_us);
    pthread_mutex_unlock(&r.lock);
    pthread_join(thread, NULL);
    ck_assert(in_time);
    room_close(&r);
}

START_TEST(a_signal_ends_a_wait_that_has_a_limit_or_none)
{
    wait_for_a_signal(condition_deadline_us(60));
    wait_for_a_signal(INT64_MAX);
}
END_TEST

START_TEST(a_deadline_is_not_moved_with_the_clock_of_a_test)
{
    int64_t before_us = condition_deadline_us(2);
    clock_set_monotonic(1);
    int64_t after_us = condition_deadline_us(2);
    clock_set_monotonic(0);
    ck_assert_int_ge(after_us, before_us);
}
END_TEST

int main(void)
{
    return UNIT_TESTS(a_wait_ends_when_its_time_has_come, a_signal_ends_a_wait_that_has_a_limit_or_none,
                      a_deadline_is_not_moved_with_the_clock_of_a_test);
}
