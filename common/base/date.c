#include "common/base/date.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct date date_at(time_t at)
{
    struct tm tm;
    gmtime_r(&at, &tm);
    return (struct date){tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday};
}

static bool leap_year(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

bool date_parse(const char *text, struct date *out)
{
    static const char digits[] = "0123456789";
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (strspn(text, digits) != 4 || text[4] != '-' || strspn(text + 5, digits) != 2 || text[7] != '-' ||
        strspn(text + 8, digits) != 2 || text[10])
        return false;
    struct date d = {(int)strtol(text, NULL, 10), (int)strtol(text + 5, NULL, 10), (int)strtol(text + 8, NULL, 10)};
    if (d.year < 1 || d.month < 1 || d.month > 12 || d.day < 1)
        return false;
    if (d.day > days[d.month - 1] + (d.month == 2 && leap_year(d.year)))
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
    return date_at(timegm(&tm));
}

int date_years_between(struct date from, struct date to)
{
    bool before_birthday = to.month < from.month || (to.month == from.month && to.day < from.day);
    return to.year - from.year - before_birthday;
}
