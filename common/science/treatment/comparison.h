/* Compares treatments by the time that they gave to patients, from curves to a verdict, in one call.
 *
 * Pure: a table in, an answer out, nothing kept. Every row is one patient, watched over (start, stop], and has one
 * treatment, the group of its survival_data. Two kinds of answer stand side by side. Unadjusted: all patients as they
 * are. Adjusted: the complete ones (those with every covariate), weighted so that each arm looks like all of them
 * together: by stabilised inverse probability of treatment weights (Robins, Hernan & Brumback, Epidemiology 11 (2000)
 * 550; Xie & Liu, Stat Med 24 (2005) 3089 for curves) from a multinomial logistic model. Standard errors of adjusted
 * curves and means are analytic, by influence functions that know the weights were estimated; see adjusted.h.
 *
 * A value that cannot be had is NaN, or a state that says why: an arm without patients, a model that does not exist and
 * a follow-up that ends early are answers and no errors. Times are in the unit of the data. */
#pragma once

#include "common/base/arena.h"
#include "common/base/problem.h"
#include "common/science/statistics/cox.h"
#include "common/science/statistics/design.h"
#include "common/science/statistics/logrank.h"
#include "common/science/statistics/survival.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum { COMPARISON_TIMES_MAX = 100, COMPARISON_BOOTSTRAP_MAX = 2000, COMPARISON_LARGEST = 5 };

/* A patient to predict for. */
struct comparison_profile {
    const double *values; /* per covariate: the number, of a factor the number of the level; NaN: not known */
    int stratum;
};

struct comparison_data {
    struct survival_data survival; /* group: the treatment; no weights */
    size_t covariate_count;
    const struct design_covariate *covariates; /* as long as survival */
    size_t profile_count;
    const struct comparison_profile *profiles;
};

/* All 0 is fine: the default stands behind the colon. */
struct comparison_options {
    size_t time_count;
    const double *times; /* at which survival, and up to which restricted means are wanted */
    double horizon;      /* the restricted mean that decides counts time up to here: the last time at which a tenth of
                          * the patients of each treatment to be judged is still watched */
    enum cox_ties ties;
    double level;              /* of limits: 0.95 */
    enum survival_scale scale; /* of the limits of curves: SURVIVAL_LOG */
    uint64_t seed;             /* equal seeds give equal answers */
    size_t bootstrap;          /* draws for the adjusted means; 0: none, the analytic errors stand alone */
    size_t patients_min;       /* a treatment with fewer patients is not judged: 10 */
    size_t events_min; /* an arm of that many patients with fewer events can neither be recommended nor passed: 10 */
    const atomic_bool *cancel; /* looked at between the steps and draws; NULL: cannot be cancelled */
};

/* ---- per treatment ---- */

struct comparison_estimate {
    bool known;                  /* false: nothing below; no patients, or no weights */
    struct survival_curve curve; /* ready for survival_at and survival_quantile; the adjusted one counts weight at risk.
                                  * survival_restricted_mean is for the unadjusted one only */
    struct survival_time median;
    const struct survival_point *at;   /* per time of the options */
    const struct survival_mean *means; /* per time of the options */
    struct survival_mean mean;         /* up to the horizon */
};

struct comparison_weights {               /* of the patients of an arm */
    double mean, largest, effective_size; /* effective: (sum w)^2 / sum w^2, Kish 1965 */
};

struct comparison_spread { /* of the draws of a bootstrap; the limits are percentiles */
    double standard_error, lower, upper;
};

struct comparison_arm {
    size_t patients, events;                   /* all */
    size_t complete_patients, complete_events; /* with every covariate: those of the adjusted numbers */
    double last_time;
    double
        mean_observed; /* mean of the times as they are, censored or not: the historic figure; NaN without patients */
    struct comparison_estimate unadjusted, adjusted;
    struct comparison_weights weights;
    double best_share; /* of draws from the joint distribution of the means that decide: how often it is the longest */
    const struct comparison_spread *bootstrap; /* of the adjusted mean; NULL without draws */
};

/* ---- Cox models ---- */

enum comparison_adjustment { BY_NOTHING, BY_COVARIATES, BY_WEIGHTS, BY_BOTH, COMPARISON_ADJUSTMENTS };
extern const char *const comparison_adjustment_names[]; /* ends with NULL, as do all such lists */

struct comparison_column {
    const char *name; /* of the covariate's column; NULL for a treatment alone */
    int treatment;    /* compared with the first treatment of the model; -1: none */
    size_t covariate, term;
    int level;
};

/* Treatment, and covariates and weights by adjustment. Without treatments without events: their effect is infinite. */
struct comparison_model {
    bool wanted;        /* false without covariates, but for the unadjusted one, and where there are no weights */
    struct cox_fit fit; /* fit.state says whether there is one, fit.column which column is to blame */
    int reference;      /* the treatment the others are compared with; -1: none */
    size_t column_count;
    const struct comparison_column *columns;
    size_t term_count;                      /* 0: treatment, then each covariate that has columns, then interactions */
    const size_t *term_covariate;           /* per term; SIZE_MAX: the treatment alone */
    const struct cox_test *proportionality; /* per term; NULL for weighted models */
    struct cox_test proportionality_global;
};

/* ---- per pair of treatments: b against a, a < b ---- */

struct comparison_difference { /* restricted mean of b less that of a, up to the horizon */
    double value, standard_error, lower, upper, p, p_holm;
    const struct comparison_spread *bootstrap; /* of the adjusted one; NULL without draws */
};

struct comparison_ratio { /* hazard of b over that of a; robust errors where weights are in it */
    double ratio, log_ratio, standard_error /* of the logarithm */, lower, upper, p, p_holm;
    double e_value, e_value_limit; /* how strong an unknown confounder must be to explain the ratio, or its limit
                                    * next to 1: VanderWeele & Ding, Ann Intern Med 167 (2017) 268 */
};

struct comparison_test {
    double chi_square, p, p_holm;
    size_t degrees_of_freedom;
};

struct comparison_imbalance { /* the largest standardised difference of any covariate; NaN: none */
    double before, after;
};

struct comparison_pair {
    size_t a, b;
    struct comparison_difference unadjusted, adjusted;
    struct comparison_ratio hazard[COMPARISON_ADJUSTMENTS]; /* NaN where the model lacks one of the two, or where the
                                                             * treatment's effect depends on the patient */
    struct comparison_test logrank, logrank_stratified;     /* stratified: NaN without strata */
    struct comparison_imbalance imbalance;
};

/* ---- diagnostics ---- */

enum comparison_weighting {
    WEIGHTING_DONE,
    WEIGHTING_NOT_ASKED,     /* no covariates */
    WEIGHTING_ONE_TREATMENT, /* fewer than two have complete patients */
    WEIGHTING_TOO_FEW,       /* fewer patients in an arm than the model has columns */
    WEIGHTING_SEPARATED,     /* a covariate tells the treatment for certain */
    WEIGHTING_NOT_CONVERGED,
    WEIGHTING_STATES
};

/* Propensities for `treatment` of the patients who got `group`. */
struct comparison_overlap {
    size_t treatment, group;
    double min, q05, q25, median, q75, q95, max;
};

struct comparison_balance { /* standardised difference of a column's means: b less a over the root of the mean variance
                             */
    size_t column, pair;
    double before, after;
};

struct comparison_largest {
    size_t row; /* of the caller's table */
    size_t treatment;
    double weight;
};

struct comparison_diagnostics {
    enum comparison_weighting weighting;
    size_t blamed; /* WEIGHTING_SEPARATED: the column of the design; SIZE_MAX: unknown */
    size_t overlap_count;
    const struct comparison_overlap *overlap;
    double outside_support; /* share of patients with a propensity that does not occur in every arm */
    size_t balance_count;
    const struct comparison_balance *balance;
    size_t largest_count;
    struct comparison_largest largest[COMPARISON_LARGEST]; /* weights, the largest first */
};

/* ---- the verdict ---- */

enum comparison_reason_code {
    REASON_NO_PATIENTS,
    REASON_ONE_TREATMENT,       /* fewer than two treatments can be judged */
    REASON_TOO_FEW_PATIENTS,    /* of a treatment, which is then not judged; does not stand in the way of a verdict */
    REASON_TOO_FEW_EVENTS,      /* of a treatment */
    REASON_FOLLOW_UP_TOO_SHORT, /* of a treatment: it ends before the horizon */
    REASON_NO_WEIGHTS,          /* the adjustment asked for was not possible; diagnostics.weighting says why */
    REASON_SEPARATED,           /* ... because a covariate tells the treatment for certain */
    REASON_NO_OVERLAP,          /* too many patients of one arm have no like in another */
    REASON_LARGE_WEIGHTS,       /* of a treatment: few patients carry all of the weight */
    REASON_IMBALANCE,           /* between a pair, after weighting */
    REASON_NO_DIFFERENCE,       /* between a pair: the interval covers none */
    REASON_CODES
};

struct comparison_reason {
    enum comparison_reason_code code;
    int treatment, other; /* -1: about none */
    double value, bound;  /* the value found and the bound asked for; NaN: none */
};

enum comparison_decision { INSUFFICIENT_EVIDENCE, RECOMMENDED };
extern const char *const comparison_decision_names[];

struct comparison_verdict {
    enum comparison_decision decision;
    bool adjusted; /* the numbers it rests on */
    int treatment; /* with the longest restricted mean among those judged, recommended or not; -1: none is judged */
    int runner_up; /* -1: none */
    double gain, gain_lower, gain_upper; /* restricted mean over the runner-up's */
    double p;                            /* the largest of its differences to the others judged, each after Holm */
    double best_share;                   /* of the treatment: how sure */
    size_t reason_count;
    const struct comparison_reason *reasons;
};

/* The historic rule: the longest mean of observed times. Wrong under censoring and confounding, and so shown. */
struct comparison_historic {
    int treatment; /* -1: no arm has one */
};

/* ---- one patient ---- */

enum comparison_prediction_state {
    PREDICTION_DONE,
    PREDICTION_NO_MODEL,     /* the covariate model was not fitted */
    PREDICTION_NOT_KNOWN,    /* a covariate of the profile is not known, or a level no patient has */
    PREDICTION_NOT_IN_MODEL, /* the treatment is not in the model */
    PREDICTION_STATES
};

struct comparison_prediction {
    enum comparison_prediction_state state;
    size_t missing; /* PREDICTION_NOT_KNOWN: the covariate */
    size_t profile, treatment;
    const struct survival_point *at; /* per time of the options; NaN beyond the follow-up, and as number at risk */
    const double *means;             /* per time of the options */
    double mean, median;             /* up to the horizon */
    size_t step_count;               /* for drawing: at most a few hundred, at times of events */
    const struct survival_point *steps;
};

/* ---- all of it ---- */

struct comparison {
    double level, horizon; /* the horizon: NaN when there is none */
    size_t time_count;
    const double *times;
    size_t rows;
    struct design design; /* complete rows, missing by covariate, columns left out and why */
    size_t arm_count;
    const struct comparison_arm *arms; /* per treatment, also of those without patients */
    size_t pair_count;
    const struct comparison_pair *pairs;                   /* 01 02 .. 12 ..; all of them */
    struct logrank logrank, logrank_stratified, peto_peto; /* over all treatments; chi_square NaN: cannot be told */
    struct comparison_model models[COMPARISON_ADJUSTMENTS];
    struct comparison_diagnostics diagnostics;
    struct comparison_verdict verdict;
    struct comparison_historic historic;
    size_t prediction_count; /* profiles x treatments, profile by profile */
    const struct comparison_prediction *predictions;
};

/* Models cost rows x (columns x treatments)^2, a bootstrap draws x rows: a comparison beyond these bounds is refused,
 * and not left to run for minutes. 100,000 patients may have 4 treatments and 49 columns, and 200 draws. */
#define COMPARISON_MODEL_WORK_MAX     4e9
#define COMPARISON_BOOTSTRAP_WORK_MAX 2e7

/* INVALID names the error in the input as survival_check and design_build do, or says that it is too much work;
 * UNAVAILABLE: it was cancelled. The answer lives in the arena and borrows names and times of the input. */
enum status comparison_run(const struct comparison_data *data, const struct comparison_options *options,
                           struct arena *arena, struct comparison *out, struct problem *why);

/* Patients as they are: those of one treatment, or all (-1). All of an estimate but its mean up to the horizon. */
void comparison_unadjusted(const struct survival_data *data, int treatment, const struct comparison_options *options,
                           struct arena *arena, struct comparison_estimate *out);

/* Words for machines ("too_few_events", "separated", "not_known") and sentences without a full stop. */
const char *comparison_reason_name(enum comparison_reason_code code);
const char *comparison_reason_text(enum comparison_reason_code code);
const char *comparison_weighting_name(enum comparison_weighting state);
const char *comparison_weighting_text(enum comparison_weighting state);
const char *comparison_prediction_name(enum comparison_prediction_state state);
const char *comparison_prediction_text(enum comparison_prediction_state state);
