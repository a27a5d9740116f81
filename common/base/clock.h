/* Time. The clocks of the machine, unless a test has set them. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

time_t clock_now(void);
int64_t clock_monotonic_us(void);

/* For tests: set the time that clock_now and clock_monotonic_us return; 0 goes back to the machine's clock. */
void clock_set(time_t now);
void clock_set_monotonic(int64_t now_us);

/* A calendar day. */
struct date {
    int year, month, day;
};

enum { DATE_SIZE = 16 };

struct date clock_today(void); /* in UTC */

bool date_parse(const char *text, struct date *out);
void date_print(struct date d, char out[DATE_SIZE]);
int date_compare(struct date a, struct date b);

/* The same day that many years earlier; 29 February becomes 28 February in a year without it. */
struct date date_years_before(struct date d, int years);
struct date date_plus_days(struct date d, int days);

/* Completed years from one day to another. A person born on 29 February completes a year on 1 March of a year without
 * that day. */
int date_years_between(struct date from, struct date to);

enum { TIMESTAMP_SIZE = 32 };
void clock_print(time_t at, char out[TIMESTAMP_SIZE]); /* RFC 3339 in UTC, to the second */
