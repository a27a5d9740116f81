/* Reads tables of comma-separated values (RFC 4180), record by record: from a text, in place, or from a file through a
 * window, in the same memory however long the file is.
 *
 * Quoted cells may hold separators, line ends and doubled quotes; lines end with LF or CR LF; a byte order mark and
 * empty lines are skipped. The text is UTF-8. Anything else is refused with its line. Only the separator is guessed,
 * and only if the caller gives none. */
#pragma once

#include "common/base/problem.h"

#include <stdbool.h>

enum { CSV_COLUMNS_MAX = 1000, CSV_RECORD_MAX = 1024 * 1024 /* bytes of a record of a file */ };

struct csv {
    char *next, *end;
    char separator;
    size_t line, next_line; /* where the record begins, the first being 1 */
    size_t count;
    char *cells[CSV_COLUMNS_MAX]; /* terminated; of a text they live as long as it, of a file until the next record */
    int fd;                       /* -1: a text, or a file that is read to its end */
    bool begun;
    char *window;
};

/* Overwrites the text and the byte after it. Separator 0: the most frequent of comma, semicolon and tab in line 1. */
void csv_begin(struct csv *c, char *text, size_t size, char separator);

/* The same from the position of fd, which is read in steps and stays open. Ends with csv_end. */
void csv_begin_file(struct csv *c, int fd, char separator);
void csv_end(struct csv *c);

/* The next record. NOT_FOUND, unrefused: no more. MALFORMED names the line; FAULT: the file cannot be read. */
enum status csv_next(struct csv *c, struct problem *why);
