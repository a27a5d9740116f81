/* The trial of tests/data/survival and what R says about it. The files are read once. */
#pragma once

#include "common/science/statistics/survival.h"
#include "common/science/treatment/comparison.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

enum { TRIAL_ROWS = 929, TRIAL_PARTS = 13 };

/* A column by its name in the file; missing cells are NaN. Of rx the values are 0 Obs, 1 Lev, 2 Lev+5FU. */
const double *trial_column(const char *name);

/* The patients of whom up to three columns have a value within limits. The reference has an answer for each part. */
struct trial_part {
    const char *name;
    struct {
        const char *column;
        double min, max;
    } criteria[3];
};
extern const struct trial_part trial_parts[TRIAL_PARTS];
bool trial_part_has(const struct trial_part *part, size_t row);

/* Time to death of the patients of a part (NULL: all), grouped by the values of a column as they are. The strata are
 * those of node4; a test that wants none of them sets stratum to NULL. */
struct survival_data trial_data(struct arena *arena, const struct trial_part *part, const char *group);

/* All patients with the covariates of the main Cox model (TRIAL_COVARIATES numbers), as a comparison takes them. */
enum { TRIAL_COVARIATES = 10 };
extern const char *const trial_covariates[TRIAL_COVARIATES];
struct comparison_data trial_comparison(struct arena *arena);

/* A file of numbers beside the trial: "curves.json". Borrowed. */
json_t *trial_reference(const char *file);

/* By a path of members: trial_at(r, "km_by_rx", "Obs", NULL). Fails the test when there is none. */
json_t *trial_at(json_t *reference, ...) __attribute__((sentinel));

/* The member is this number to a relative tolerance; null and a missing member stand for NaN. */
void ck_member(json_t *object, const char *member, double value, double tolerance);
