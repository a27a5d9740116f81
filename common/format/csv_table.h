/* A table as text (csv.h) whose first line names its columns: the columns that a caller wants, found by their names,
 * and the rows. Other columns are not looked at.
 *
 *     TRY(csv_table_begin(&t, &wanted, text, size, why));
 *     while ((status = csv_table_next(&t, why)) == OK)
 *         TRY(take(csv_table_cell(&t, AGE), csv_table_cell(&t, SEX)));
 *     return if_any(status); */
#pragma once

#include "common/format/csv.h"

struct csv_wanted {
    const char *called;       /* what refusals call the table */
    char separator;           /* 0: find it */
    bool optional;            /* columns may be missing; otherwise each must be there, and once */
    size_t rows_max;          /* 0: any number */
    size_t count;             /* of names, up to CSV_COLUMNS_MAX */
    const char *const *names; /* NULL among them: that column is not wanted */
};

struct csv_table {
    struct csv_wanted wanted;
    size_t rows, line;          /* read so far; where the last of them begins */
    size_t width;               /* cells of the first line */
    size_t at[CSV_COLUMNS_MAX]; /* of each name; SIZE_MAX: there is no such column */
    struct csv csv;
};

/* Reads the first line and finds the columns. Overwrites the text and the byte after its end; both the text and the
 * names are borrowed. INVALID: it is empty, or a column is not there once; MALFORMED as in csv_next. */
enum status csv_table_begin(struct csv_table *t, const struct csv_wanted *wanted, char *text, size_t size,
                            struct problem *why);

/* The next row. NOT_FOUND, without a refusal: there are no more. MALFORMED also when it is wider or narrower than the
 * first line; TOO_LARGE. */
enum status csv_table_next(struct csv_table *t, struct problem *why);

/* How many rows may follow at most, to make room for them. */
size_t csv_table_room(const struct csv_table *t);

/* The row's cell in a column wanted; NULL: there is no such column. It lives as long as the text. */
const char *csv_table_cell(const struct csv_table *t, size_t column);

/* INVALID: that cell must be something else. */
enum status csv_table_refuse(const struct csv_table *t, size_t column, const char *must, struct problem *why);
