/* Reads tables of comma-separated values (RFC 4180), record by record, in the place where the text lies.
 *
 * Quoted cells may hold separators, line ends and doubled quotes; lines end with LF or CR LF; a byte order mark and
 * empty lines are skipped. What is not a table is refused with its line: nothing is guessed. */
#ifndef MNEMOS_CSV_H
#define MNEMOS_CSV_H

#include "common/problem.h"

enum { CSV_COLUMNS_MAX = 1000 };

struct csv {
    char *next, *end;
    char separator;
    size_t line, next_line; /* where the record begins, the first being 1 */
    size_t count;
    char *cells[CSV_COLUMNS_MAX]; /* of the record, terminated; they live as long as the text */
};

/* The text is written over, also the byte behind its end. */
void csv_begin(struct csv *c, char *text, size_t size, char separator);

/* The next record. NOT_FOUND, without a refusal: there are no more. MALFORMED names the line. */
enum status csv_next(struct csv *c, struct problem *why);

#endif
