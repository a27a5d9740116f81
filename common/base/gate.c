#include "common/base/gate.h"

#include "common/base/clock.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

struct gate {
    pthread_mutex_t lock;
    pthread_cond_t left;
    int running, running_max;
    int waiting, waiting_max;
    const char *sentence;
};

struct gate *gate_new(int running_max, int waiting_max, const char *sentence)
{
    struct gate *gate = calloc(1, sizeof *gate);
    if (!gate)
        abort();
    pthread_mutex_init(&gate->lock, NULL);
    pthread_cond_init(&gate->left, NULL);
    gate->running_max = running_max;
    gate->waiting_max = waiting_max;
    gate->sentence = sentence;
    return gate;
}

void gate_drop(struct gate *gate)
{
    if (!gate)
        return;
    pthread_cond_destroy(&gate->left);
    pthread_mutex_destroy(&gate->lock);
    free(gate);
}

enum { PATIENCE_US = 300 * 1000, LATELY_US = 1000 * 1000 };

static _Thread_local struct {
    int64_t since_us, spent_us;
} lately;

/* Time spent long ago no longer counts. A visit may outlast that period: it counts from its end on. */
static void forget_long_ago(int64_t now_us)
{
    if (now_us - lately.since_us <= LATELY_US)
        return;
    lately.since_us = now_us;
    lately.spent_us = 0;
}

enum status gate_enter(struct gate *gate, struct gate_visit *visit, struct problem *why)
{
    visit->begin_us = clock_monotonic_us();
    forget_long_ago(visit->begin_us);
    bool patient = lately.spent_us < PATIENCE_US;
    pthread_mutex_lock(&gate->lock);
    bool line = gate->running == gate->running_max || gate->waiting > 0;
    bool full = line && (gate->waiting >= gate->waiting_max || !patient);
    if (!full) {
        gate->waiting++;
        while (gate->running == gate->running_max)
            pthread_cond_wait(&gate->left, &gate->lock);
        gate->waiting--;
        gate->running++;
    }
    pthread_mutex_unlock(&gate->lock);
    visit->gate = full ? NULL : gate;
    return full ? fail(why, UNAVAILABLE, NULL, "%s", gate->sentence) : OK;
}

void gate_leave(struct gate_visit *visit)
{
    struct gate *gate = visit->gate;
    if (!gate)
        return;
    visit->gate = NULL;
    pthread_mutex_lock(&gate->lock);
    gate->running--;
    pthread_cond_signal(&gate->left);
    pthread_mutex_unlock(&gate->lock);
    int64_t now_us = clock_monotonic_us();
    forget_long_ago(now_us);
    lately.spent_us += now_us - visit->begin_us;
}
