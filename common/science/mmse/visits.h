/* Visits with an MMSE score: the data that models of a score's course learn from, and those that they may know.
 *
 * Ages are years as of birth, scores points from 0 to 30. A subject's visits stand in the order of age, and no two of
 * them on one day. The task throughout is to predict the score of a visit from all visits before it.
 *
 * struct known is all that a method sees when it predicts: the data known before the target date. No way leads from it
 * to the score asked for. Pure: nothing is read or written elsewhere. */
#pragma once

#include "common/base/problem.h"

#include <stdbool.h>
#include <stddef.h>

#define VISIT_AGE_MAX   130.0
#define VISIT_SCORE_MAX 30.0
#define VISIT_DAY       (1 / 365.25)

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

struct known {
    double male, education; /* NaN: not known */
    size_t count;           /* of visits; one at least */
    const struct visit *visits;
    double target_age;
};

/* INVALID unless there are visits, each before the next, all before the target, all within range. */
enum status known_check(const struct known *k, struct problem *why);

/* The data known before visit number `visit` (1 at least) of a subject. With a buffer the visits are copied to it, so
 * that not even memory leads to the target; without one they are borrowed, which is for learning only. */
struct known known_before(const struct subject *s, size_t visit, struct visit *buffer);

const struct visit *known_last(const struct known *k);

/* The learners' view of it. */
enum feature {
    FEATURE_LAST_SCORE,
    FEATURE_MEAN_SCORE,
    FEATURE_TARGET_AGE,
    FEATURE_GAP_YEARS, /* from the last visit to the target */
    FEATURE_SLOPE,     /* of the least squares line through the visits, points a year; 0 with one visit */
    FEATURE_MALE,
    FEATURE_EDUCATION,
    FEATURES
};
extern const char *const feature_names[FEATURES];
void known_features(const struct known *k, double out[FEATURES]);

/* The band of a score by which models are calibrated and judged: 0-9, 10-18, 19-23, 24-26, 27-30. The first three
 * are severe, moderate and mild impairment as usual (Mungas, Neurology 41 (1991) 1755); those above the usual cut-off
 * of 24 are parted because their errors meet the ceiling of 30. */
enum { SCORE_BANDS = 5 };
extern const char *const score_band_names[SCORE_BANDS];
int score_band(double score);

double score_clip(double score);
