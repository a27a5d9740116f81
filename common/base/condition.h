/* Condition variables whose waits end by the monotonic clock: setting the machine's time does not change a wait. */
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

void condition_init(pthread_cond_t *condition);

/* The time that many seconds from now, by the machine's clock and not by a clock that a test has set. */
int64_t condition_deadline_us(long seconds);

/* The caller holds the lock. False once until_us has come (INT64_MAX: never); true may be spurious, so check again. */
bool condition_wait(pthread_cond_t *condition, pthread_mutex_t *lock, int64_t until_us);
