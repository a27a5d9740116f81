/* A table of visits (comma-separated, one row per visit: id, age, mmse, male, educ) as a cohort.
 *
 * Columns are found by name; others are not looked at, so that nothing of theirs can leak into a forecast. Rows without
 * age or mmse are left out and counted; sex and education may be empty. */
#pragma once

#include "common/science/mmse/cohort.h"

struct visit_table {
    struct cohort cohort;
    size_t rows, left_out;
    size_t without_sex, without_education; /* subjects */
    size_t folds;                          /* different values of the fold column; 0 without one */
};

/* Overwrites the text and the byte after it, and borrows it. fold_column may be NULL. Refusals name line and column. */
enum status visit_table_read(struct arena *arena, char *text, size_t size, const char *fold_column,
                             struct visit_table *out, struct problem *why);
