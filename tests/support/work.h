/* The cost of a request, counted instead of timed: the statements that were sent, the rows that came of them, the
 * hashes that passwords were compared with. The functions of libsodium and libpq do their work as always; a program
 * that uses this has them noted.
 *
 *     work_forget();
 *     REPLY r = login(name, "not the password");
 *     ck_assert_str_eq(work_of(&r, SENT | HASHED), as_before); */
#pragma once

#include "tests/support/api.h"

#include <stdbool.h>

enum work { SENT = 1, FOUND = 2, HASHED = 4 };

/* The note for a hash at the default cost. */
#define DEFAULT_HASH "$argon2id$v=19$m=19456,t=2,p=1\n"

void work_forget(void); /* what was done until now */

/* The work for the request with that reply by a service in this process, NULL: for any request; a line for each. */
const char *work_of(const struct reply *r, int kinds);

/* Comparisons of passwords wait until this is called with false; returns how many wait. */
void work_hold(bool hold);
int work_held(void);
