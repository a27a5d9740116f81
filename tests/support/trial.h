/* The trial of tests/data/survival and what R says about it. The files are read once. */
#ifndef MNEMOS_TEST_TRIAL_H
#define MNEMOS_TEST_TRIAL_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

enum { TRIAL_ROWS = 929 };

/* A column by its name in the file; missing cells are NaN. Of rx the values are 0 Obs, 1 Lev, 2 Lev+5FU. */
const double *trial_column(const char *name);

/* A file of numbers beside the trial: "curves.json". Borrowed. */
json_t *trial_reference(const char *file);

/* By a path of members: trial_at(r, "km_by_rx", "Obs", NULL). Fails the test when there is none. */
json_t *trial_at(json_t *reference, ...) __attribute__((sentinel));

/* The member is this number to a relative tolerance; null and a missing member stand for NaN. */
void ck_member(json_t *object, const char *member, double value, double tolerance);

#endif
