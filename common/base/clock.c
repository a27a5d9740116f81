#include "common/base/clock.h"

#include <stdatomic.h>

static _Atomic time_t fixed;
static _Atomic int64_t fixed_us;

time_t clock_now(void)
{
    time_t at = atomic_load_explicit(&fixed, memory_order_relaxed);
    return at ? at : time(NULL);
}

void clock_set(time_t now)
{
    atomic_store(&fixed, now);
}

void clock_set_monotonic(int64_t now_us)
{
    atomic_store(&fixed_us, now_us);
}

int64_t clock_monotonic_us(void)
{
    struct timespec t;
    int64_t at_us = atomic_load_explicit(&fixed_us, memory_order_relaxed);
    if (at_us)
        return at_us;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

struct date clock_today(void)
{
    return date_at(clock_now());
}

void clock_print(time_t at, char out[TIMESTAMP_SIZE])
{
    struct tm tm;
    gmtime_r(&at, &tm);
    strftime(out, TIMESTAMP_SIZE, "%Y-%m-%dT%H:%M:%SZ", &tm);
}
