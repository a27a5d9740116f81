#include "tests/support/unit.h"

#include "common/gate.h"
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
        gate_leave(v->gate, &visit);
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
    gate_leave(gate, &visit);
    gate_drop(gate);
}
END_TEST

START_TEST(whoever_waits_gets_in_when_somebody_leaves)
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

int main(void)
{
    return UNIT_TESTS(beyond_those_who_run_and_wait_everybody_is_sent_away_with_the_sentence,
                      whoever_waits_gets_in_when_somebody_leaves);
}
