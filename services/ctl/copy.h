/* Streams rows into a table: one value after the other, then the end of the row. */
#pragma once

#include "services/ctl/database.h"

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
