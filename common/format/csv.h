/* Reads tables of comma-separated values (RFC 4180), record by record: of a text in the place where it lies, or of a
 * file through a window, in the same memory however long the file is.
 *
 * Quoted cells may hold separators, line ends and doubled quotes; lines end with LF or CR LF; a byte order mark and
 * empty lines are skipped. The text is UTF-8. What is not a table is refused with its line: nothing is guessed but the
 * separator, and that only where none is told. */
#pragma once

#include "common/base/problem.h"

#include <stdbool.h>

enum { CSV_COLUMNS_MAX = 1000, CSV_RECORD_MAX = 1024 * 1024 /* bytes of a record of a file */ };

struct csv {
    char *next, *end;
    char separator;
    size_t line, next_line; /* where the record begins, the first being 1 */
    size_t count;
    char
        *cells[CSV_COLUMNS_MAX]; /* of the record, terminated; of a text they live as long as it, else until the next */
    int fd;                      /* -1: a text, or a file that is read to its end */
    bool begun;
    char *window;
};

/* The text is written over, also the byte behind its end. Separator 0: the one of comma, semicolon and tab that the
 * first line has most of. */
void csv_begin(struct csv *c, char *text, size_t size, char separator);

/* The same from where fd stands; it stays open, and is read in steps. Ends with csv_end. */
void csv_begin_file(struct csv *c, int fd, char separator);
void csv_end(struct csv *c);

/* The next record. NOT_FOUND, without a refusal: there are no more. MALFORMED names the line; FAULT: a file that cannot
 * be read. */
enum status csv_next(struct csv *c, struct problem *why);

/* How many cells of the record say that, and the first of them; for the line of headings. */
size_t csv_find(const struct csv *c, const char *heading, size_t *out);

/* MALFORMED unless the record has as many cells as the first line had. */
enum status csv_check_width(const struct csv *c, size_t width, struct problem *why);

/* INVALID: a cell of the record, under that heading, must be something else. */
enum status csv_refuse(const struct csv *c, const char *heading, size_t at, const char *must, struct problem *why);
