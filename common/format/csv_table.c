#include "common/format/csv_table.h"

#include <stdint.h>
#include <string.h>

static enum status find_column(struct csv_table *t, size_t column, struct problem *why)
{
    const char *name = t->wanted.names[column];
    size_t found = 0;
    t->at[column] = SIZE_MAX;
    for (size_t i = 0; name && i < t->width; i++)
        if (strcmp(t->csv.cells[i], name) == 0 && found++ == 0)
            t->at[column] = i;
    if (!name || found == 1 || t->wanted.optional)
        return OK;
    return fail(why, INVALID, NULL, "%s column is called '%.80s'.", found ? "More than one" : "No", name);
}

enum status csv_table_begin(struct csv_table *t, const struct csv_wanted *wanted, char *text, size_t size,
                            struct problem *why)
{
    csv_begin(&t->csv, text, size, wanted->separator);
    enum status status = csv_next(&t->csv, why);
    if (status == NOT_FOUND)
        return fail(why, INVALID, NULL, "The %s is empty: its first line must name the columns.", wanted->called);
    TRY(status);
    t->wanted = *wanted;
    t->rows = 0;
    t->width = t->csv.count;
    for (size_t column = 0; column < wanted->count; column++)
        TRY(find_column(t, column, why));
    return OK;
}

enum status csv_table_next(struct csv_table *t, struct problem *why)
{
    TRY(csv_next(&t->csv, why));
    t->line = t->csv.line;
    if (t->csv.count != t->width)
        return fail(why, MALFORMED, NULL, "Line %zu has %zu cells, and the first line %zu.", t->line, t->csv.count,
                    t->width);
    if (t->wanted.rows_max && t->rows == t->wanted.rows_max)
        return fail(why, TOO_LARGE, NULL, "The %s has more rows than %zu.", t->wanted.called, t->wanted.rows_max);
    t->rows++;
    return OK;
}

/* A row ends with a line and has a separator or a line end after each cell, so that empty lines make no room. */
size_t csv_table_room(const struct csv_table *t)
{
    const struct csv *c = &t->csv;
    size_t lines = 1, most = (size_t)(c->end - c->next) / t->width + 1;
    for (const char *at = c->next; (at = memchr(at, '\n', (size_t)(c->end - at))); at++)
        lines++;
    if (t->wanted.rows_max && t->wanted.rows_max < most)
        most = t->wanted.rows_max;
    return lines < most ? lines : most;
}

const char *csv_table_cell(const struct csv_table *t, size_t column)
{
    return t->at[column] == SIZE_MAX ? NULL : t->csv.cells[t->at[column]];
}

enum status csv_table_refuse(const struct csv_table *t, size_t column, const char *must, struct problem *why)
{
    return fail(why, INVALID, NULL, "Line %zu, column '%.80s': '%.40s' must be %s.", t->line, t->wanted.names[column],
                csv_table_cell(t, column), must);
}
