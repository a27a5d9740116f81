/* Tests whether groups differ in survival: the log-rank test (Mantel 1966; Peto & Peto 1972) and its weighted relatives
 * (Harrington & Fleming 1982), for any number of groups, within strata, under left truncation.
 *
 * At each event time d of n at risk have the event, n_g of them in group g; without a difference d n_g / n of the
 * events are expected there, and the covariances are those of the multivariate hypergeometric distribution. Sums run
 * over event times and strata. Weights count patients. */
#pragma once

#include "common/science/statistics/survival.h"

struct logrank_options {
    double rho;           /* an event counts S(t-)^rho, S over all groups of its stratum: 0 log-rank, 1 Peto-Peto */
    const bool *included; /* per group; NULL: all of them */
};

struct logrank {
    size_t group_count;
    double *observed, *expected; /* per group; 0 when left out or empty */
    double *variance;            /* group_count x group_count */
    double chi_square, p;        /* NaN when the groups cannot be compared: no events, or not two groups at risk */
    int degrees_of_freedom;
};

/* Takes data that survival_check passed. n log n steps, and groups squared at each event time. For the test without
 * strata leave them out of the data. */
void logrank_test(const struct survival_data *data, struct logrank_options options, struct arena *arena,
                  struct logrank *out);

/* Of two groups among several. */
void logrank_pair(const struct survival_data *data, int a, int b, double rho, struct arena *arena, struct logrank *out);
