/* A comparison of treatments (common/science/treatment/comparison.h) as records, so that it can be written as JSON,
 * described in the API document and read back to be drawn.
 *
 * What is not known is null. Treatments are named, not numbered. Curves are cut to what a screen or a page can show:
 * all their steps where there are few, a part of them, evenly chosen, where there are many; each is exact. */
#ifndef MNEMOS_COMPARISON_ANSWER_H
#define MNEMOS_COMPARISON_ANSWER_H

#include "common/record/field.h"
#include "common/science/treatment/comparison.h"

enum { ANSWER_STEPS_MAX = 250, ANSWER_TICKS_MAX = 12 };

struct answer_time {
    struct maybe_real time, lower, upper;
};

struct answer_point {
    struct maybe_boolean beyond_follow_up;
    struct maybe_real time, at_risk, survival, standard_error, lower, upper;
};

struct answer_mean {
    struct maybe_boolean beyond_follow_up;
    struct maybe_real tau, mean, standard_error, lower, upper;
};

/* Columns of the same length. It begins at 0 and holds from each time on. */
struct answer_curve {
    struct real_list time, survival, lower, upper;
    struct real_list censored; /* times at which somebody was last seen alive; empty when there are too many to show */
};

/* For the table under a chart. */
struct answer_at_risk {
    struct real_list time, at_risk;
};

struct answer_estimate {
    struct answer_time *median;
    struct answer_mean *restricted_mean; /* up to the horizon */
    struct record_list survival_at, restricted_means;
    struct answer_curve *curve;
    struct answer_at_risk *at_risk;
};

struct answer_weights {
    struct maybe_real mean, largest, effective_size;
};

struct answer_bootstrap {
    struct maybe_real standard_error, lower, upper;
};

struct answer_arm {
    const char *arm;
    struct maybe_integer patients, events, complete_patients, complete_events;
    struct maybe_real last_time, best_share;
    struct answer_estimate *unadjusted, *adjusted;
    struct answer_weights *weights;
    struct answer_bootstrap *bootstrap; /* of the adjusted restricted mean */
};

struct answer_difference {
    struct maybe_real value, standard_error, lower, upper, p, p_holm;
    struct answer_bootstrap *bootstrap;
};

struct answer_ratio {
    struct maybe_real ratio, log_ratio, standard_error, lower, upper, p, p_holm, e_value, e_value_limit;
};

struct answer_test {
    struct maybe_real chi_square, p, p_holm;
    struct maybe_integer degrees_of_freedom;
};

struct answer_ratios {
    struct answer_ratio *unadjusted, *covariates, *weights, *weights_and_covariates;
};

struct answer_differences {
    struct answer_difference *unadjusted, *adjusted;
};

struct answer_imbalance {
    struct maybe_real before, after;
};

struct answer_pair {
    const char *arm, *against;
    struct answer_differences *restricted_mean_difference;
    struct answer_ratios *hazard_ratio;
    struct answer_test *logrank, *logrank_stratified;
    struct answer_imbalance *imbalance;
};

struct answer_coefficient {
    const char *column;
    struct maybe_real coefficient, standard_error, robust_standard_error, ratio, lower, upper;
};

struct answer_proportionality {
    const char *term;
    struct maybe_real chi_square, p;
    struct maybe_integer degrees_of_freedom;
};

struct answer_model {
    const char *adjustment, *state, *sentence, *blamed, *reference;
    struct maybe_integer patients, events, iterations;
    struct maybe_real log_likelihood_null, log_likelihood, concordance;
    struct answer_test *likelihood_ratio, *wald, *score;
    struct record_list coefficients, proportionality;
};

struct answer_missing {
    const char *covariate;
    struct maybe_integer patients;
};

struct answer_omission {
    const char *column, *reason, *sentence;
};

struct answer_overlap {
    const char *treatment, *group;
    struct maybe_real min, q05, q25, median, q75, q95, max;
};

struct answer_balance {
    const char *column, *arm, *against;
    struct maybe_real before, after;
};

struct answer_weight {
    const char *arm;
    struct maybe_real weight;
};

struct answer_diagnostics {
    const char *weighting, *sentence, *blamed;
    struct maybe_real outside_support;
    struct record_list overlap, balance, largest_weights;
};

struct answer_reason {
    const char *code, *sentence, *arm, *other;
    struct maybe_real value, bound;
};

struct answer_verdict {
    const char *decision, *arm, *runner_up;
    struct maybe_boolean adjusted;
    struct maybe_real gain, gain_lower, gain_upper, p, best_share;
    struct record_list reasons;
};

struct answer_historic_row {
    const char *arm;
    struct maybe_integer patients;
    struct maybe_real mean_observed;
};

struct answer_historic {
    const char *label, *arm;
    struct record_list arms;
};

struct answer_prediction {
    const char *arm, *state, *sentence, *missing;
    struct maybe_real restricted_mean, median;
    struct record_list survival_at;
    struct answer_curve *curve;
};

struct comparison_answer {
    struct maybe_real level, horizon;
    struct maybe_integer patients, complete_patients, left_out;
    struct record_list missing, omissions;
    struct answer_verdict *verdict;
    struct record_list arms, pairs;
    struct answer_test *logrank, *logrank_stratified, *peto_peto;
    struct record_list models;
    struct answer_diagnostics *diagnostics;
    struct answer_historic *historic;
    struct record_list predictions; /* of the first profile */
};
extern const struct schema comparison_answer_schema;

/* arms, covariates: the names of groups and covariates of data that was compared. The arena owns the answer, which
 * borrows names. */
void comparison_answer_make(const struct comparison *c, const struct comparison_data *data, const char *const *arms,
                            struct arena *arena, struct comparison_answer *out);

#endif
