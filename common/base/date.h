/* Calendar days. */
#pragma once

#include <stdbool.h>
#include <time.h>

struct date {
    int year, month, day;
};

enum { DATE_SIZE = 16 };

struct date date_at(time_t at); /* in UTC */

/* YYYY-MM-DD; false: the calendar has no such day. */
bool date_parse(const char *text, struct date *out);
void date_print(struct date d, char out[DATE_SIZE]);
int date_compare(struct date a, struct date b);

/* The same day that many years earlier; 29 February becomes 28 February in a year without it. */
struct date date_years_before(struct date d, int years);
struct date date_plus_days(struct date d, int days);

/* Completed years from one day to another. A person born on 29 February completes a year on 1 March of a year without
 * that day. */
int date_years_between(struct date from, struct date to);
