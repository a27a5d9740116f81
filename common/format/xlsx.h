/* Reads the first sheet of an XLSX workbook (ECMA-376) row by row, from a file at bounded memory.
 *
 * A cell comes as text: numbers in their shortest form, dates (numbers whose style shows a day) as YYYY-MM-DD, with a
 * time behind it where they have one, booleans as TRUE and FALSE. A formula has no value here: its stored result may be
 * stale, so the cell is marked and holds nothing. The references of a formula are never followed.
 *
 * Refused with a sentence: a file that is not XLSX; encrypted parts; more parts, bytes, shared texts, columns or rows
 * than below; parts that unpack to more than XLSX_RATIO_MAX times their size; a document type (so no entities); rows
 * and cells out of order. */
#pragma once

#include "common/base/problem.h"

#include <stdbool.h>

enum {
    XLSX_PARTS_MAX = 1000,
    XLSX_COLUMNS_MAX = 1000,
    XLSX_ROW_BYTES_MAX = 1024 * 1024,
    XLSX_UNPACKED_MAX = 512 * 1024 * 1024,
    XLSX_RATIO_MAX = 200, /* of a part of more than a MiB */
    XLSX_SHARED_MAX = 1000 * 1000,
    XLSX_SHARED_BYTES_MAX = 32 * 1024 * 1024,
    XLSX_STYLES_MAX = 64 * 1024,
};

enum xlsx_kind { XLSX_EMPTY, XLSX_TEXT, XLSX_NUMBER, XLSX_DATE, XLSX_BOOLEAN, XLSX_FORMULA, XLSX_ERROR };

struct xlsx_cell {
    const char *text; /* never NULL; lives until the next row */
    enum xlsx_kind kind;
};

struct xlsx_row {
    size_t number; /* the first is 1 */
    size_t count;  /* cells up to the last one present */
    const struct xlsx_cell *cells;
};

struct xlsx;

/* True if the file begins like a zip archive. Keeps the position of fd. */
bool xlsx_looks_like(int fd);

/* fd must be open for reading and is not closed. MALFORMED or TOO_LARGE with a sentence. */
enum status xlsx_open(int fd, struct xlsx **out, struct problem *why);

/* The next row that has cells. NOT_FOUND, without a refusal: there are no more. */
enum status xlsx_next(struct xlsx *x, struct xlsx_row *out, struct problem *why);

void xlsx_close(struct xlsx *x); /* NULL is fine */
