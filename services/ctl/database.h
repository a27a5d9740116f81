/* The operator's own connection: no pool, no time limits, and PostgreSQL's refusals as sentences. */
#pragma once

#include "common/database/db.h"

#include <libpq-fe.h>

enum status database_open(struct problem *why, PGconn **out); /* DATABASE_URL */
void database_close(PGconn **pg);

/* Runs one or several statements without parameters; drops a result with rows. */
enum status database_run(PGconn *pg, const char *sql, struct problem *why);

/* Runs one statement with parameters; the caller owns the result, of rows or none. */
enum status database_ask(PGconn *pg, const char *sql, int count, const char *const *values, struct problem *why,
                         PGresult **out);

/* Leaves the sentence about a failed result, which may be NULL. */
enum status database_refused(PGconn *pg, const PGresult *r, struct problem *why);
