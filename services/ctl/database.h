/* The operator's own connection: no pool, no time limits, and PostgreSQL's answers as sentences. */
#pragma once

#include "common/database/db.h"

#include <libpq-fe.h>

enum status database_open(struct problem *why, PGconn **out); /* DATABASE_URL */
void database_close(PGconn **pg);

/* One or several statements without parameters; a result with rows is thrown away. */
enum status database_run(PGconn *pg, const char *sql, struct problem *why);

/* One statement with parameters; the result, of rows or none, is the caller's. */
enum status database_ask(PGconn *pg, const char *sql, int count, const char *const *values, struct problem *why,
                         PGresult **out);

/* Leaves the sentence about a failed result, which may be NULL. */
enum status database_refused(PGconn *pg, const PGresult *r, struct problem *why);
