#include "common/base/clock.h"

#include "common/base/text.h"

#include <stdatomic.h>
#include <stdio.h>

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

static struct date date_of(time_t at)
{
    struct tm tm;
    gmtime_r(&at, &tm);
    return (struct date){tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday};
}

struct date clock_today(void)
{
    return date_of(clock_now());
}

bool date_parse(const char *text, struct date *out)
{
    struct date d;
    if (!text_date(text, &d.year, &d.month, &d.day))
        return false;
    *out = d;
    return true;
}

void date_print(struct date d, char out[DATE_SIZE])
{
    snprintf(out, DATE_SIZE, "%04d-%02d-%02d", d.year % 10000, d.month % 100, d.day % 100);
}

int date_compare(struct date a, struct date b)
{
    if (a.year != b.year)
        return a.year < b.year ? -1 : 1;
    if (a.month != b.month)
        return a.month < b.month ? -1 : 1;
    return a.day < b.day ? -1 : a.day > b.day;
}

static bool leap_year(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

struct date date_years_before(struct date d, int years)
{
    d.year -= years;
    if (d.month == 2 && d.day == 29 && !leap_year(d.year))
        d.day = 28;
    return d;
}

struct date date_plus_days(struct date d, int days)
{
    struct tm tm = {.tm_year = d.year - 1900, .tm_mon = d.month - 1, .tm_mday = d.day + days};
    return date_of(timegm(&tm));
}

int date_years_between(struct date from, struct date to)
{
    bool before_birthday = to.month < from.month || (to.month == from.month && to.day < from.day);
    return to.year - from.year - before_birthday;
}

void clock_print(time_t at, char out[TIMESTAMP_SIZE])
{
    struct tm tm;
    gmtime_r(&at, &tm);
    strftime(out, TIMESTAMP_SIZE, "%Y-%m-%dT%H:%M:%SZ", &tm);
}
