/* Waiting is polling for a condition, bounded. */
#ifndef MNEMOS_TEST_WAIT_H
#define MNEMOS_TEST_WAIT_H

#include "common/clock.h"

#include <check.h>
#include <time.h>

/* Evaluates the condition every 5 ms until it holds; fails the test after limit_ms. */
#define WAIT_UNTIL(condition, limit_ms) \
    do { \
        int64_t wait_end_ = clock_monotonic_us() + (limit_ms)*INT64_C(1000); \
        while (!(condition)) { \
            ck_assert_msg(clock_monotonic_us() < wait_end_, "still not after %d ms: %s", (limit_ms), #condition); \
            nanosleep(&(struct timespec){.tv_nsec = 5 * 1000 * 1000}, NULL); \
        } \
    } while (0)

#endif
