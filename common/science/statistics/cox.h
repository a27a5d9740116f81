/* The proportional hazards model of Cox: how covariates multiply the hazard, whatever its course over time.
 *
 * Sources: D. R. Cox, J R Stat Soc B 34 (1972) 187 (the model, partial likelihood); N. Breslow, Biometrics 30 (1974) 89
 * (ties, cumulative baseline hazard); B. Efron, JASA 72 (1977) 557 (the better correction for ties); T. Therneau and
 * P. Grambsch, Modeling Survival Data (2000), 3.1-3.4 and 10.2 (strata, entry after time 0, case weights, Efron's
 * correction in the baseline hazard, variance of a predicted curve) and 7.2 (robust variance); P. Grambsch and
 * T. Therneau, Biometrika 81 (1994) 515 (test of proportionality); F. Harrell, JAMA 247 (1982) 2543 (concordance).
 * Conventions where the sources leave a choice are those of the R package survival.
 *
 * A patient counts as at risk in (start, stop]. Times are equal when they are the same number. After the sort a fit is
 * linear in the number of rows: a sweep from the last time to the first keeps the sums over those at risk. Covariates
 * are centred and scaled inside, so that calendar years do as well as fractions.
 *
 * A model that cannot be fitted gets a state that says why, and no numbers at all: a coefficient that runs to infinity
 * is not reported as a large one. Nothing here reads, writes or remembers anything outside its arguments. */
#pragma once

#include "common/base/arena.h"
#include "common/science/statistics/survival.h"

#include <stdbool.h>
#include <stddef.h>

#define COX_COVARIATES_MAX 200

enum cox_ties { COX_EFRON, COX_BRESLOW };
extern const char *const cox_ties_names[]; /* ends with NULL */

enum cox_state {
    COX_FITTED,
    COX_NO_ROWS,
    COX_TOO_MANY_COVARIATES,
    COX_BAD_DATA,      /* survival_check refuses the rows, and says why */
    COX_NOT_FINITE,    /* a covariate is NaN or infinite */
    COX_OUT_OF_RANGE,  /* ... or so large that its square is useless */
    COX_NO_EVENTS,     /* no patient died */
    COX_CONSTANT,      /* a covariate is the same for all */
    COX_COLLINEAR,     /* a covariate follows from those before it, or never varies among those compared */
    COX_SEPARATED,     /* the likelihood rises for ever with a covariate: all who die first have more (or less) of it */
    COX_NOT_CONVERGED, /* no maximum within the iterations allowed */
    COX_STATE_COUNT
};

struct cox_model {
    const double *covariates; /* column by column, each as long as the data */
    size_t covariate_count;
    enum cox_ties ties;
    bool robust; /* the sandwich variance, too, which weighted fits need */
};

struct cox_test {
    double chi_square;
    size_t degrees_of_freedom;
    double p;
};

/* Pairs of which one is known to have died first; weighted fits count a pair by the product of its weights. */
struct cox_concordance {
    double c; /* NaN without any comparable pair */
    double concordant, discordant;
    double tied_x, tied_y, tied_xy; /* the same linear predictor, died at the same time, both */
};

/* A stratum's hazard at the mean of the covariates, a row per time of death. Only count and time are public. */
struct cox_baseline {
    size_t count;
    const double *time;
    const double *hazard;   /* cumulative */
    const double *variance; /* of hazard, with the coefficients known */
    const double *drift;    /* count x covariates: integral of the mean covariates among those at risk */
    double last;            /* nothing is known after this time */
};

struct cox_fit {
    enum cox_state state;
    size_t column; /* the covariate to blame, or SIZE_MAX */

    /* All below: only where state is COX_FITTED. */
    size_t count, covariate_count, events;
    size_t iterations;
    const double *coefficient, *std_error;
    const double *variance;         /* covariates x covariates */
    const double *robust_std_error; /* NULL unless asked for */
    const double *robust_variance;
    double log_likelihood_null, log_likelihood;
    struct cox_test likelihood_ratio, wald, score;
    struct cox_concordance concordance;
    const struct cox_baseline *strata;
    size_t stratum_count;

    const double *centre, *scale, *scaled_coefficient, *scaled_variance; /* private to cox*.c */
};

/* A constant sentence without a full stop. */
const char *cox_state_text(enum cox_state s);

/* The fit lives in the arena. */
enum cox_state cox_fit(struct arena *a, const struct survival_data *data, const struct cox_model *model,
                       struct cox_fit *out);

/* Cumulative hazard of a patient of the stratum whose covariates are all 0. NaN after the last time of the stratum. */
double cox_baseline_hazard(const struct cox_fit *fit, size_t stratum, double time);

/* The curve of a patient with these covariates at count times, in any order; limits on the log scale, at most 1. NaN
 * after the last time of the stratum, and as the number at risk. */
void cox_predict(const struct cox_fit *fit, size_t stratum, const double *covariates, double level, const double *times,
                 size_t count, struct survival_point *out);

/* Area under the predicted curve from 0 to tau. NaN if tau lies after the last time of the stratum. */
double cox_predict_restricted_mean(const struct cox_fit *fit, size_t stratum, const double *covariates, double tau);

/* The first time at which half or fewer are alive; NaN where the curve ends above. */
double cox_predict_median(const struct cox_fit *fit, size_t stratum, const double *covariates);

/* Tests whether an effect changes over time: the score test against coefficients that move with 1 - S(t), S being the
 * Kaplan-Meier curve of all patients just before t. term[j] is the number of the term that column j belongs to, below
 * term_count. A p of NaN: there is not enough to tell. The data and model must be those of the fit. */
void cox_proportionality(const struct survival_data *data, const struct cox_model *model, const struct cox_fit *fit,
                         const size_t *term, size_t term_count, struct cox_test *out, struct cox_test *global);
