/* Conditions of threads whose waits end by the monotonic clock: setting the machine's time neither cuts one short nor
 * makes it longer. */
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

void condition_init(pthread_cond_t *condition);

/* So many seconds from now, by the machine's clock and not by one that a test has set. */
int64_t condition_deadline_us(long seconds);

/* With the lock held. False when that time has come, with INT64_MAX never; true may come for nothing, so ask again. */
bool condition_wait(pthread_cond_t *condition, pthread_mutex_t *lock, int64_t until_us);
