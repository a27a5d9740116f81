#include "common/science/mmse/visit_table.h"

#include "common/base/text.h"
#include "common/format/csv.h"
#include "common/science/mmse/validation.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ID, AGE, MMSE, MALE, EDUCATION, FOLD, COLUMNS };

struct reader {
    const char *names[COLUMNS]; /* NULL: not wanted */
    size_t at[COLUMNS], width;
    struct csv csv;
    struct visit_row *rows;
    size_t *lines; /* where each row stood */
    size_t count;
    const char *folds[VALIDATION_FOLDS_MAX];
    struct visit_table table;
};

static enum status columns_find(struct reader *r, struct problem *why)
{
    r->width = r->csv.count;
    for (int column = 0; column < COLUMNS; column++) {
        size_t found = r->names[column] ? csv_find(&r->csv, r->names[column], &r->at[column]) : 0;
        if (r->names[column] && found != 1)
            return fail(why, INVALID, NULL, "%s column is called '%s'.", found ? "More than one" : "No",
                        r->names[column]);
    }
    return OK;
}

static const char *cell(const struct reader *r, int column)
{
    return r->csv.cells[r->at[column]];
}

/* Empty: NaN. */
static enum status number_take(const struct reader *r, int column, double *out, struct problem *why)
{
    *out = NAN;
    if (!*cell(r, column) || text_real(cell(r, column), out))
        return OK;
    return csv_refuse(&r->csv, r->names[column], r->at[column], "a number", why);
}

static enum status fold_take(struct reader *r, int *out, struct problem *why)
{
    *out = 0;
    if (!r->names[FOLD])
        return OK;
    size_t i = 0;
    while (i < r->table.folds && strcmp(r->folds[i], cell(r, FOLD)) != 0)
        i++;
    if (i == VALIDATION_FOLDS_MAX)
        return fail(why, INVALID, NULL, "Line %zu, column '%s': there may be %d folds at most.", r->csv.line,
                    r->names[FOLD], VALIDATION_FOLDS_MAX);
    if (i == r->table.folds)
        r->folds[r->table.folds++] = cell(r, FOLD);
    *out = (int)i;
    return OK;
}

static enum status row_take(struct reader *r, struct problem *why)
{
    TRY(csv_check_width(&r->csv, r->width, why));
    struct visit_row row = {.id = cell(r, ID)};
    r->table.rows++;
    if (!*row.id)
        return fail(why, INVALID, NULL, "Line %zu, column '%s' is empty.", r->csv.line, r->names[ID]);
    TRY(number_take(r, AGE, &row.visit.age, why));
    TRY(number_take(r, MMSE, &row.visit.score, why));
    TRY(number_take(r, MALE, &row.male, why));
    TRY(number_take(r, EDUCATION, &row.education, why));
    if (isnan(row.visit.age) || isnan(row.visit.score)) {
        r->table.left_out++;
        return OK;
    }
    TRY(fold_take(r, &row.fold, why));
    r->lines[r->count] = r->csv.line;
    r->rows[r->count++] = row;
    return OK;
}

/* "/3/age" must be ...: as a sentence with the line. */
static enum status refused(const struct reader *r, const struct problem *found, struct problem *why)
{
    char *column = NULL;
    size_t row = strtoull(found->errors[0].pointer + 1, &column, 10);
    return fail(why, INVALID, NULL, "Line %zu, column '%s' %s.", r->lines[row], column + 1, found->errors[0].detail);
}

static int by_name(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* Numbered in the order of their names, whatever the order of the rows. */
static void folds_number(struct reader *r)
{
    const char *sorted[VALIDATION_FOLDS_MAX];
    int number[VALIDATION_FOLDS_MAX];
    memcpy(sorted, r->folds, sizeof sorted);
    qsort(sorted, r->table.folds, sizeof *sorted, by_name);
    for (size_t i = 0; i < r->table.folds; i++)
        for (size_t j = 0; j < r->table.folds; j++)
            if (sorted[j] == r->folds[i])
                number[i] = (int)j;
    for (size_t i = 0; r->table.folds && i < r->count; i++)
        r->rows[i].fold = number[r->rows[i].fold];
}

static void tally(struct visit_table *t)
{
    for (size_t i = 0; i < t->cohort.count; i++) {
        t->without_sex += isnan(t->cohort.subjects[i].male);
        t->without_education += isnan(t->cohort.subjects[i].education);
    }
}

static enum status rows_read(struct reader *r, struct problem *why)
{
    enum status status = csv_next(&r->csv, why);
    if (status == NOT_FOUND)
        return fail(why, INVALID, NULL, "The table is empty: its first line must name the columns.");
    TRY(status);
    TRY(columns_find(r, why));
    while ((status = csv_next(&r->csv, why)) == OK)
        TRY(row_take(r, why));
    return if_any(status);
}

enum status visit_table_read(struct arena *arena, char *text, size_t size, const char *fold_column,
                             struct visit_table *out, struct problem *why)
{
    if (text_length(text, size) < 0)
        return fail(why, MALFORMED, NULL, "The table is not UTF-8.");
    AUTO(arena_release) struct arena scratch = {0};
    struct reader *r = arena_alloc(&scratch, sizeof *r);
    *r = (struct reader){.names = {"id", "age", "mmse", "male", "educ", fold_column}};
    size_t lines = 1;
    for (size_t i = 0; i < size; i++)
        lines += text[i] == '\n';
    r->rows = arena_alloc(&scratch, lines * sizeof *r->rows);
    r->lines = arena_alloc(&scratch, lines * sizeof *r->lines);
    csv_begin(&r->csv, text, size, ',');
    TRY(rows_read(r, why));
    folds_number(r);
    struct problem *found = arena_alloc(&scratch, sizeof *found);
    problem_reset(found, &scratch);
    if (cohort_make(arena, r->rows, r->count, &r->table.cohort, found) != OK)
        return refused(r, found, why);
    tally(&r->table);
    *out = r->table;
    return OK;
}
