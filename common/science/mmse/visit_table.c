#include "common/science/mmse/visit_table.h"

#include "common/base/text.h"
#include "common/format/csv_table.h"
#include "common/science/mmse/validation.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ID, AGE, MMSE, MALE, EDUCATION, FOLD, COLUMNS };

struct reader {
    const char *fold_column;
    struct csv_table csv;
    struct visit_row *rows;
    size_t *lines; /* where each row stood */
    size_t count;
    const char *folds[VALIDATION_FOLDS_MAX];
    struct visit_table table;
};

/* Empty: NaN. */
static enum status number_take(const struct reader *r, size_t column, double *out, struct problem *why)
{
    const char *cell = csv_table_cell(&r->csv, column);
    *out = NAN;
    return !*cell || text_real(cell, out) ? OK : csv_table_refuse(&r->csv, column, "a number", why);
}

static enum status fold_take(struct reader *r, int *out, struct problem *why)
{
    const char *cell = csv_table_cell(&r->csv, FOLD);
    *out = 0;
    if (!cell)
        return OK;
    size_t i = 0;
    while (i < r->table.folds && strcmp(r->folds[i], cell) != 0)
        i++;
    if (i == VALIDATION_FOLDS_MAX)
        return fail(why, INVALID, NULL, "Line %zu, column '%s': there may be %d folds at most.", r->csv.line,
                    r->fold_column, VALIDATION_FOLDS_MAX);
    if (i == r->table.folds)
        r->folds[r->table.folds++] = cell;
    *out = (int)i;
    return OK;
}

static enum status row_take(struct reader *r, struct problem *why)
{
    struct visit_row row = {.id = csv_table_cell(&r->csv, ID)};
    if (!*row.id)
        return fail(why, INVALID, NULL, "Line %zu, column 'id' is empty.", r->csv.line);
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

static enum status rows_read(struct reader *r, char *text, size_t size, struct arena *scratch, struct problem *why)
{
    const char *const names[COLUMNS] = {"id", "age", "mmse", "male", "educ", r->fold_column};
    const struct csv_wanted wanted = {.called = "table", .separator = ',', .count = COLUMNS, .names = names};
    enum status status;
    TRY(csv_table_begin(&r->csv, &wanted, text, size, why));
    size_t room = csv_table_room(&r->csv);
    r->rows = arena_alloc(scratch, room * sizeof *r->rows);
    r->lines = arena_alloc(scratch, room * sizeof *r->lines);
    while ((status = csv_table_next(&r->csv, why)) == OK)
        TRY(row_take(r, why));
    r->table.rows = r->csv.rows;
    return if_any(status);
}

enum status visit_table_read(struct arena *arena, char *text, size_t size, const char *fold_column,
                             struct visit_table *out, struct problem *why)
{
    AUTO(arena_release) struct arena scratch = {0};
    struct reader *r = arena_alloc(&scratch, sizeof *r);
    r->fold_column = fold_column;
    TRY(rows_read(r, text, size, &scratch, why));
    folds_number(r);
    struct problem *found = arena_alloc(&scratch, sizeof *found);
    problem_reset(found, &scratch);
    if (cohort_make(arena, r->rows, r->count, &r->table.cohort, found) != OK)
        return refused(r, found, why);
    tally(&r->table);
    *out = r->table;
    return OK;
}
