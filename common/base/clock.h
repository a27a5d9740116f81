/* Time. The clocks of the machine, unless a test has set them. */
#pragma once

#include "common/base/date.h"

#include <stdint.h>

time_t clock_now(void);
int64_t clock_monotonic_us(void);

/* For tests: set the time that clock_now and clock_monotonic_us return; 0 goes back to the machine's clock. */
void clock_set(time_t now);
void clock_set_monotonic(int64_t now_us);

struct date clock_today(void); /* in UTC */

enum { TIMESTAMP_SIZE = 32 };
void clock_print(time_t at, char out[TIMESTAMP_SIZE]); /* RFC 3339 in UTC, to the second */
