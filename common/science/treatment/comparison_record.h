/* A comparison of treatments (common/science/treatment/comparison.h) as a record, so that it can be written as JSON,
 * described in the API document and read back to be drawn.
 *
 * Where its structs have the shape of the JSON, the field tables describe them as they are, and the record points to
 * them; the structs below are the rest. Unknown values are null. Treatments are named, not numbered. Curves are thinned
 * for a screen or a page: all their steps where there are few, a part of them, evenly chosen, where there are many;
 * each is exact. */
#pragma once

#include "common/record/field.h"
#include "common/science/treatment/comparison.h"

enum { RECORD_STEPS_MAX = 250 };

/* Of the structs of survival.h with these names, and of struct comparison_test. */
extern const struct schema survival_time_schema, survival_point_schema, survival_mean_schema, comparison_test_schema;

/* The members of a test that stands inside of a struct, at `test.`, or that is the struct. */
#define COMPARISON_TEST_FIELDS(struct_, at) \
    FIELD_NUMBER(struct_, at chi_square, .name = "chi_square"), \
        FIELD_COUNT(struct_, at degrees_of_freedom, .name = "degrees_of_freedom"), \
        FIELD_NUMBER(struct_, at p, .name = "p")

/* Columns of the same length. It begins at 0 and holds from each time on. */
struct curve_record {
    struct real_list time, survival, lower, upper;
    struct real_list censored; /* times at which a patient was last seen alive; empty when there are too many to show */
};

/* For the table under a chart. */
struct at_risk_record {
    struct real_list time, at_risk;
};

struct estimate_record {
    const struct survival_time *median;
    const struct survival_mean *restricted_mean;      /* up to the horizon */
    struct record_list survival_at, restricted_means; /* struct survival_point, struct survival_mean */
    struct curve_record *curve;
    struct at_risk_record *at_risk;
};

struct arm_record {
    const char *arm;
    struct comparison_arm figures;
    struct estimate_record *unadjusted, *adjusted;
    const struct comparison_weights *weights;
};

struct ratios_record {
    const struct comparison_ratio *unadjusted, *covariates, *weights, *weights_and_covariates;
};

struct differences_record {
    const struct comparison_difference *unadjusted, *adjusted;
};

struct pair_record {
    const char *arm, *against;
    struct differences_record *restricted_mean_difference;
    struct ratios_record *hazard_ratio;
    const struct comparison_test *logrank, *logrank_stratified;
    const struct comparison_imbalance *imbalance;
};

struct coefficient_record {
    const char *column;
    double coefficient, standard_error, robust_standard_error, ratio, lower, upper;
    double z, p; /* not in the schema */
};

struct proportionality_record {
    const char *term; /* NULL: all of them */
    struct cox_test test;
};
extern const struct schema proportionality_record_schema;

struct model_record {
    const char *adjustment, *state, *sentence, *blamed, *reference;
    size_t patients, events, iterations;
    double log_likelihood_null, log_likelihood, concordance;
    const struct comparison_test *likelihood_ratio, *wald, *score;
    struct record_list coefficients, proportionality;
};

struct missing_record {
    const char *covariate;
    size_t patients;
};

struct omission_record {
    const char *column, *reason, *sentence;
};

struct overlap_record {
    const char *treatment, *group;
    struct comparison_overlap figures;
};

struct balance_record {
    const char *column, *arm, *against;
    struct comparison_balance figures;
};

struct weight_record {
    const char *arm;
    double weight;
};

struct diagnostics_record {
    const char *weighting, *sentence, *blamed;
    double outside_support;
    struct record_list overlap, balance, largest_weights;
};

struct reason_record {
    const char *code, *sentence, *arm, *other;
    double value, bound;
};

struct verdict_record {
    const char *decision, *arm, *runner_up;
    struct comparison_verdict figures;
    struct record_list reasons;
};

struct historic_record {
    const char *label, *arm;
    struct record_list arms; /* struct arm_record */
};

struct prediction_record {
    const char *arm, *state, *sentence, *missing;
    double restricted_mean, median;
    struct record_list survival_at;
    struct curve_record *curve;
};

struct comparison_record {
    double level, horizon;
    size_t patients, complete_patients, left_out;
    struct record_list missing, omissions;
    struct verdict_record *verdict;
    struct record_list arms, pairs;
    const struct comparison_test *logrank, *logrank_stratified, *peto_peto;
    struct record_list models;
    struct diagnostics_record *diagnostics;
    struct historic_record *historic;
    struct record_list predictions; /* of the first profile */
};
extern const struct schema comparison_record_schema;

/* arms: the names of the groups of data, which was compared. The arena owns the record, which borrows names and the
 * data of the comparison's arena. */
void comparison_record_make(const struct comparison *c, const struct comparison_data *data, const char *const *arms,
                            struct arena *arena, struct comparison_record *out);

/* Parts of it, for the command that shows more: the tests of proportionality, where the treatments and the test of all
 * terms have these names; and the prediction for any profile, without its curve. */
void comparison_record_proportionality(const struct comparison_model *model, const struct comparison_data *data,
                                       const char *treatments, const char *all, struct arena *arena,
                                       struct record_list *out);
struct prediction_record comparison_record_prediction(const struct comparison *c, const struct comparison_data *data,
                                                      const char *const *arms, const struct comparison_prediction *p);
