/* The cohort of a comparison: patients who are like the one it is for. Without I/O.
 *
 *     all      all patients
 *     any      patients alike in at least one trait: the historic rule, which lets in nearly all
 *     all_of   patients alike in all traits; a trait is only alike if it is known of both
 *     nearest  the k at the smallest distance of Gower (J. C. Gower, Biometrics 27 (1971) 857)
 *
 * Gower's distance is 1 - S, S being the mean likeness over the traits that are known of both: 1 or 0 of a factor, 1 -
 * |x - y| / range of a number, the range being that of all patients given and the one they are compared with. Yes and
 * no count the same (Gower's qualitative, not his dichotomous character). */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum cohort_rule { COHORT_ALL, COHORT_ANY, COHORT_ALL_OF, COHORT_NEAREST };
extern const char *const cohort_rules[]; /* ends with NULL */

struct cohort_criterion {
    const double *values; /* one for each patient, NaN where it is not known */
    double wanted;        /* of the patient they are compared with; NaN when not known */
    bool is_number;
    double near; /* numbers that differ by no more are alike */
};

/* distance: of each patient, NaN where no trait is known of both. */
void cohort_rule_distances(const struct cohort_criterion *criteria, size_t count, size_t patients, double *distance);

/* Removes patients that do not belong: in[i] is true on entry for each candidate. Of patients at the same distance the
 * first are taken. Returns how many are left. distance: room for each patient, filled for `nearest` only. */
size_t cohort_rule_choose(enum cohort_rule rule, const struct cohort_criterion *criteria, size_t count, size_t patients,
                          size_t k, double *distance, bool *in);
