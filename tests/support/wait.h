/* Waiting is polling for a condition. The one limit there is bounds a hang: a machine that is slow or busy does not
 * come near it. */
#pragma once

#include "tests/support/check.h"

#include <stdbool.h>
#include <time.h>

enum { WAIT_MAX_S = 120 };

/* Not by common/base/clock.h, whose clocks a test may stop. */
static inline time_t wait_begin(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec;
}

/* A pause between two looks; false when the limit is reached. */
static inline bool wait_on(time_t begin_s)
{
    nanosleep(&(struct timespec){.tv_nsec = 5 * 1000 * 1000}, NULL);
    return wait_begin() - begin_s <= WAIT_MAX_S;
}

#define WAIT_UNTIL(condition) \
    do { \
        time_t wait_begin_ = wait_begin(); \
        while (!(condition)) \
            ck_assert_msg(wait_on(wait_begin_), "still not after %d s: %s", WAIT_MAX_S, #condition); \
    } while (0)
