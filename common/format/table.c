#include "common/format/table.h"

#include "common/format/csv.h"

#include <stdlib.h>
#include <unistd.h>

_Static_assert((int)TABLE_COLUMNS_MAX >= (int)CSV_COLUMNS_MAX && (int)TABLE_COLUMNS_MAX >= (int)XLSX_COLUMNS_MAX,
               "each has room");

struct table {
    struct xlsx *workbook; /* NULL: the other one */
    struct csv csv;
    struct xlsx_cell cells[TABLE_COLUMNS_MAX];
};

enum status table_open(int fd, char separator, struct table **out, struct problem *why)
{
    struct table *t = calloc(1, sizeof *t);
    if (!t)
        abort();
    enum status status = OK;
    if (xlsx_looks_like(fd))
        status = xlsx_open(fd, &t->workbook, why);
    else if (lseek(fd, 0, SEEK_SET) == 0)
        csv_begin_file(&t->csv, fd, separator);
    else
        status = FAULT;
    if (status == OK)
        *out = t;
    else
        table_close(t);
    return status;
}

static enum status next_of_csv(struct table *t, struct table_row *out, struct problem *why)
{
    TRY(csv_next(&t->csv, why));
    for (size_t i = 0; i < t->csv.count; i++)
        t->cells[i] = (struct xlsx_cell){t->csv.cells[i], *t->csv.cells[i] ? XLSX_TEXT : XLSX_EMPTY};
    *out = (struct table_row){t->csv.line, t->csv.count, t->cells};
    return OK;
}

enum status table_next(struct table *t, struct table_row *out, struct problem *why)
{
    struct xlsx_row row;
    if (!t->workbook)
        return next_of_csv(t, out, why);
    TRY(xlsx_next(t->workbook, &row, why));
    *out = (struct table_row){row.number, row.count, row.cells};
    return OK;
}

void table_close(struct table *t)
{
    if (!t)
        return;
    xlsx_close(t->workbook);
    csv_end(&t->csv);
    free(t);
}
