/* The operator's own connection: no pool, no time limits, and PostgreSQL's answers as sentences. */
#ifndef MNEMOS_CTL_DATABASE_H
#define MNEMOS_CTL_DATABASE_H

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

/* Rows on their way into a table, streamed: one value after the other, then the end of the row. */
struct copy {
    PGconn *pg;
    struct problem *why;
    size_t used;
    char buffer[64 * 1024];
};
enum status copy_begin(struct copy *c, PGconn *pg, const char *sql, struct problem *why);
void copy_value(struct copy *c, const char *value); /* NULL or up to 1000 bytes */
enum status copy_row_end(struct copy *c);
enum status copy_end(struct copy *c);

#endif
