/* A cohort's visits with an MMSE score: the data that models of a score's course learn from.
 *
 * Ages are years as of birth, scores points from 0 to 30. A subject's visits stand in the order of age, and no two of
 * them on one day. The task throughout is to predict the score of a visit from all visits before it. */
#pragma once

#include "common/base/problem.h"
#include "common/science/mmse/score.h"

#include <stdbool.h>
#include <stddef.h>

#define VISIT_AGE_MAX 130.0
#define VISIT_DAY     (1 / 365.25)

enum { SUBJECT_VISITS_MAX = 1000 };

struct visit {
    double age, score;
};

/* A line of a table, in any order. */
struct visit_row {
    const char *id;
    struct visit visit;
    double male;      /* 0 or 1; NaN: not known */
    double education; /* schooling in years, or 0 and 1 for a certificate: as the cohort has it; NaN: not known */
    int fold;         /* 0 .. ; the same in all lines of a subject */
};

struct subject {
    const char *id;
    double male, education; /* NaN: not known */
    int fold;
    size_t count;
    const struct visit *visits;
};

struct cohort {
    size_t count, visit_count, task_count; /* tasks: subjects with two or more visits */
    const struct subject *subjects;        /* in the order in which the rows name them first */
    size_t merged;                         /* visits that were on the day of another */
    size_t unordered;                      /* rows that stood behind a later visit of their subject */
};

/* Puts rows in order. The visits of one day (within VISIT_DAY) become one with their mean score and first age: which
 * of them came first is not known. INVALID names the row as "/3/age" (the first is 0): out of range, or a subject whose
 * sex, education or fold is not the same throughout. Borrows the ids; the rest lives in the arena. */
enum status cohort_make(struct arena *arena, const struct visit_row *rows, size_t count, struct cohort *out,
                        struct problem *why);

/* The subjects whose fold is this one, or all others. Shares the subjects' data. */
struct cohort cohort_part(struct arena *arena, const struct cohort *whole, int fold, bool inside);
