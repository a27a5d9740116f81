/* Takes away what has expired, in a thread of its own, a little at a time, so that nobody waits for a great clean-up.
 *
 * The statement, for nobody in particular (a SECURITY DEFINER function), takes some away and says how much: SELECT ...
 * AS gone. While that is more than 0 it is asked again at once, and otherwise after so many seconds. Services that do
 * so at the same time are the statement's business (FOR UPDATE SKIP LOCKED). */
#pragma once

#include "common/database/db.h"

struct sweeper;

/* sql: a static string. */
struct sweeper *sweeper_start(struct db_pool *pool, const char *sql, long every_s);

/* Waits for a statement that runs. NULL is fine. */
void sweeper_stop(struct sweeper *s);
