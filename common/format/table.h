/* A table in a file, row by row: comma-separated values (csv.h) or the first sheet of an XLSX workbook (xlsx.h). The
 * first bytes of the file tell which. */
#pragma once

#include "common/base/problem.h"
#include "common/format/xlsx.h"

enum { TABLE_COLUMNS_MAX = 1000 };

struct table_row {
    size_t line; /* of CSV the line where it begins, of XLSX the number of the row; the first is 1 */
    size_t count;
    const struct xlsx_cell *cells; /* of CSV all are text; they live until the next row */
};

struct table;

/* Reads fd from its beginning; it stays open. Separator 0: find it. */
enum status table_open(int fd, char separator, struct table **out, struct problem *why);

/* NOT_FOUND, without a refusal: there are no more rows. */
enum status table_next(struct table *t, struct table_row *out, struct problem *why);

void table_close(struct table *t); /* NULL is fine */
