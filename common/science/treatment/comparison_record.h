/* A comparison of treatments (common/science/treatment/comparison.h) as a record, so that it can be written as JSON,
 * described in the API document and read back to be drawn; and the options that a client may choose.
 *
 * Where its structs have the shape of the JSON, the field tables describe them as they are, and the record points to
 * them; the structs below are the rest. Unknown values are null. Treatments are named, not numbered. Curves are thinned
 * for a screen or a page: all their steps where there are few, a part of them, evenly chosen, where there are many;
 * each is exact. */
#pragma once

#include "common/record/field.h"
#include "common/science/treatment/comparison.h"

enum { RECORD_STEPS_MAX = 250 };

/* ---- options ---- */

/* A client may ask for fewer times than a comparison can have. */
enum { COMPARISON_CHOICE_TIMES_MAX = 20 };

/* Not known: the default. */
struct comparison_choices {
    const char *ties;
    struct maybe_integer bootstrap, seed;
    struct maybe_real horizon, level;
};

/* clang-format off */
#define COMPARISON_HORIZON_FIELD(struct_, choices, rules_, unit, ...) \
    FIELD_REAL(struct_, choices.horizon, .name = "horizon", .rules = (rules_), __VA_ARGS__, \
               .summary = "Horizon" unit "; by default the last with a tenth of each treatment under observation")
#define COMPARISON_CHOICE_FIELDS(struct_, choices, rules_) \
    FIELD_ENUM(struct_, choices.ties, cox_ties_names, .name = "ties", .rules = (rules_), \
               .summary = "efron by default"), \
    FIELD_INTEGER(struct_, choices.bootstrap, .name = "bootstrap", .rules = (rules_), .max = COMPARISON_BOOTSTRAP_MAX, \
                  .summary = "Bootstrap draws for the adjusted means; 0: analytic standard errors only"), \
    FIELD_INTEGER(struct_, choices.seed, .name = "seed", .rules = (rules_), .max = COUNT_MOST, \
                  .summary = "The same seed gives the same draws; 1 by default"), \
    FIELD_REAL(struct_, choices.level, .name = "level", .rules = (rules_), .min = 0.5, .max = 0.999, \
               .summary = "Confidence level of all limits; 0.95 by default")
/* clang-format on */

/* All but the times. */
struct comparison_options comparison_choices_options(const struct comparison_choices *choices);

/* The times in a text with commas between them; false: one is no time, or there are more than at_most. */
bool comparison_times_read(const char *list, size_t at_most, struct arena *arena, struct comparison_options *out);

/* ---- the record ---- */

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

/* Parts of it for those who need more: a term under the name that the treatments have there, and the prediction for any
 * profile, without its curve. */
const char *comparison_record_term(const struct comparison_model *model, size_t term,
                                   const struct comparison_data *data, const char *treatments, struct arena *arena);
struct prediction_record comparison_record_prediction(const struct comparison *c, const struct comparison_data *data,
                                                      const char *const *arms, const struct comparison_prediction *p);
