/* Shared by the files of the Cox model, and by no others: its rows in order, and the sweep over them.
 *
 * The rows stand in the order of the sweep: stratum by stratum, from the last time to the first, deaths before the
 * censored of the same time. Covariates are centred, scaled and kept row by row, so that the sweep reads memory in a
 * line. Matrices are p x p with the lower triangle (column <= row) in use, which is the upper one to LAPACK. */
#pragma once

#include "common/science/statistics/cox.h"

struct cox_sweep {
    size_t count, width, stratum_count, events;
    size_t *row; /* the caller's */
    int *stratum;
    double *start, *stop, *weight;
    bool *event;
    double *z;
    double *risk;    /* weight times exp(linear predictor) */
    double *linear;  /* the predictor */
    size_t *leaving; /* by stratum, from the last start to the first; NULL: all entered at 0 */
    double *centre, *scale;
    enum cox_ties ties;
};

/* Sums of risk, risk z and risk z z'. */
struct cox_sums {
    double risk;
    double *z, *zz;
};

/* Where the sweep is. The at-risk sums are kept up to date by adding and subtracting; because subtracting a giant
 * leaves rounding error behind, they are summed anew after they have shrunk a lot. */
struct cox_walk {
    const struct cox_sweep *s;
    bool with_products;
    size_t first, next, leave; /* first row of the stratum, rows entered, rows left */
    size_t from, deaths;       /* the dead of this time */
    int stratum;
    double time, death_weight, peak;
    struct cox_sums at_risk, dead;
};

/* The terms of one time of death. Efron's method takes the dead out of the risk set one after the other, as if each had
 * died first equally often: at the k-th of d, each of them counts for 1 - k/d. */
struct cox_moments {
    double log_denominators;               /* times weight */
    double *expected;                      /* sum of the dead's z under the model */
    double *information;                   /* its variance */
    double hazard, hazard_variance;        /* increments */
    double *drift;                         /* increment of hazard times mean z */
    double hazard_of_dead, *drift_of_dead; /* the part of the two for the dead themselves */
};
/* By stratum, from the last time to the first, events first. */
struct cox_key {
    double time;
    int stratum;
    bool event;
    size_t row;
};
int cox_key_compare(const void *left, const void *right);

/* *column: the covariate to blame, or SIZE_MAX. */
enum cox_state cox_sweep_init(struct cox_sweep *s, struct arena *a, const struct survival_data *d,
                              const struct cox_model *m, size_t *column);

/* Linear predictors and risks for coefficients on the inner scale. */
void cox_sweep_set(struct cox_sweep *s, const double *beta);

/* Products cost width squared per row: only where the information is wanted. */
struct cox_walk cox_walk_new(struct arena *a, const struct cox_sweep *s, bool with_products);

/* Goes to the next time of death; false: there is none. */
bool cox_walk_next(struct cox_walk *w);

struct cox_moments cox_moments_new(struct arena *a, size_t width);
void cox_moments_at(struct cox_moments *m, const struct cox_walk *w);

/* The sum of the z of the dead. */
double *cox_observed(const struct cox_walk *w, double *sum);

/* Of a sweep whose risks are set: cox_curve.c and cox_concordance.c. */
const struct cox_baseline *cox_baselines_new(struct arena *a, const struct cox_sweep *s);
size_t cox_steps_until(const struct cox_baseline *b, double time); /* times of death that are not after it */
struct cox_concordance cox_concordance_of(const struct cox_sweep *s);

struct cox_test cox_test_of(double chi_square, size_t df);
