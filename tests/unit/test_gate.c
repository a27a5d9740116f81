#include "tests/support/unit.h"

#include "common/base/clock.h"
#include "common/base/gate.h"
#include "tests/support/wait.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

struct visitor {
    struct gate *gate;
    atomic_bool in, may_go;
    enum status status;
    pthread_t thread;
};

static void *visit_it(void *arg)
{
    struct visitor *v = arg;
    struct gate_visit visit;
    SCENE(s);
    v->status = gate_enter(v->gate, &visit, &s.why);
    atomic_store(&v->in, true);
    while (v->status == OK && !atomic_load(&v->may_go))
        sched_yield();
    if (v->status == OK)
        gate_leave(&visit);
    return NULL;
}

static void come(struct visitor *v, struct gate *gate)
{
    *v = (struct visitor){.gate = gate};
    pthread_create(&v->thread, NULL, visit_it, v);
}

static void go(struct visitor *v)
{
    atomic_store(&v->may_go, true);
    pthread_join(v->thread, NULL);
}

START_TEST(beyond_those_who_run_and_wait_everybody_is_sent_away_with_the_sentence)
{
    SCENE(s);
    struct gate_visit visit;
    struct gate *gate = gate_new(1, 0, "Come back later.");
    struct visitor first;
    come(&first, gate);
    WAIT_UNTIL(atomic_load(&first.in));
    ck_assert_int_eq(gate_enter(gate, &visit, &s.why), UNAVAILABLE);
    ck_assert_str_eq(s.why.detail, "Come back later.");
    go(&first);
    ck_assert_int_eq(gate_enter(gate, &visit, &s.why), OK);
    gate_leave(&visit);
    gate_drop(gate);
}
END_TEST

START_TEST(a_waiting_visit_gets_in_when_another_leaves)
{
    struct gate *gate = gate_new(1, 1, "Come back later.");
    struct visitor first, second;
    come(&first, gate);
    WAIT_UNTIL(atomic_load(&first.in));
    come(&second, gate);
    go(&first);
    WAIT_UNTIL(atomic_load(&second.in));
    go(&second);
    ck_assert_int_eq(second.status, OK);
    gate_drop(gate);
}
END_TEST

/* A thread that is kept at the gate, and then comes again whenever it is called. */
struct kept {
    struct gate *gate;
    int64_t ms;
    atomic_int calls, comings;
    bool let_in;
    pthread_t thread;
};

static bool enter_for(struct gate *gate, int64_t ms)
{
    SCENE(s);
    struct gate_visit visit;
    if (gate_enter(gate, &visit, &s.why) != OK)
        return false;
    clock_set_monotonic(clock_monotonic_us() + ms * 1000);
    gate_leave(&visit);
    return true;
}

static void *come_again(void *arg)
{
    struct kept *k = arg;
    k->let_in = enter_for(k->gate, k->ms);
    for (int i = 1; i <= 3; i++) {
        atomic_store(&k->comings, i);
        while (atomic_load(&k->calls) < i)
            sched_yield();
        k->let_in = enter_for(k->gate, 0);
    }
    atomic_store(&k->comings, 4);
    return NULL;
}

static bool is_let_in(struct kept *k)
{
    atomic_fetch_add(&k->calls, 1);
    WAIT_UNTIL(atomic_load(&k->comings) > atomic_load(&k->calls));
    return k->let_in;
}

static void ck_impatient_for_a_second(struct gate *gate, int64_t ms)
{
    struct visitor first;
    struct kept k = {.gate = gate, .ms = ms};
    pthread_create(&k.thread, NULL, come_again, &k);
    WAIT_UNTIL(atomic_load(&k.comings) == 1);
    come(&first, gate);
    WAIT_UNTIL(atomic_load(&first.in));
    ck_assert(!is_let_in(&k));
    go(&first);
    ck_assert(is_let_in(&k)); /* there is no line */
    clock_set_monotonic(clock_monotonic_us() + 1100 * 1000);
    come(&first, gate);
    atomic_store(&first.may_go, true);
    ck_assert(is_let_in(&k));
    go(&first);
    pthread_join(k.thread, NULL);
}

START_TEST(a_thread_that_was_kept_for_long_stands_in_no_line_for_a_second)
{
    static const int64_t kept_ms[] = {300, 900, 1500};
    struct gate *gate = gate_new(1, 1, "Come back later.");
    clock_set_monotonic(3600 * INT64_C(1000000));
    for (size_t i = 0; i < COUNT(kept_ms); i++)
        ck_impatient_for_a_second(gate, kept_ms[i]);
    clock_set_monotonic(0);
    gate_drop(gate);
}
END_TEST

int main(void)
{
    return UNIT_TESTS(a_thread_that_was_kept_for_long_stands_in_no_line_for_a_second,
                      beyond_those_who_run_and_wait_everybody_is_sent_away_with_the_sentence,
                      a_waiting_visit_gets_in_when_another_leaves);
}
