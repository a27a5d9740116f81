/* Removes what has expired, in a thread of its own, a little at a time, so that no request waits for a great clean-up.
 *
 * The statement has no actor (it calls a SECURITY DEFINER function), removes some and returns how much: SELECT ... AS
 * gone. While that is more than 0 it runs again at once, otherwise after every_s seconds. It must allow for services
 * that run it at the same time (FOR UPDATE SKIP LOCKED). */
#pragma once

#include "common/database/db.h"

struct sweeper;

/* sql: a static string. */
struct sweeper *sweeper_start(struct db_pool *pool, const char *sql, long every_s);

/* Waits for a running statement. NULL is fine. */
void sweeper_stop(struct sweeper *s);
