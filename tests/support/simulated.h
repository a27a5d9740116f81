/* A memory clinic that does not exist: cohorts for the models of the MMSE score, the same from the same seed. */
#pragma once

#include "common/science/mmse/cohort.h"

#include <stdint.h>

/* Subjects with 1 to 7 visits some two years apart: a line of their own, whole points, a ceiling at 30. One in ten has
 * no education on record. Sorted by subject and age. */
struct visit_row *simulated_rows(struct arena *arena, size_t subjects, uint64_t seed, size_t *out_count);
struct cohort simulated_cohort(struct arena *arena, size_t subjects, uint64_t seed);

/* The same as a file: id,age,mmse,male,educ. In the arena. */
char *simulated_table(struct arena *arena, size_t subjects, uint64_t seed);
