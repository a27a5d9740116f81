/* Judges a method on people it has not seen. The task: each subject's last visit from all before it.
 *
 * Cross-validation is by subject with fixed folds: for each fold the method learns from all others, errors for the
 * intervals included, and predicts the fold. last_value is judged on the same folds and subjects, and the differences
 * get paired bootstrap intervals over subjects (B. Efron & R. Tibshirani, An Introduction to the Bootstrap (1993), 13).
 * The interval score is that of T. Gneiting & A. Raftery, JASA 102 (2007) 359: width, plus 2/a times the distance to an
 * interval that was missed. Bias is prediction minus score.
 *
 * The method gets a copy of the visits before the target and nothing else, so it cannot know more;
 * validation_finds_leak finds a method that knows the target all the same. */
#pragma once

#include "common/science/mmse/mmse_model.h"

enum { VALIDATION_FOLDS = 5, VALIDATION_FOLDS_MAX = 50, HORIZON_BANDS = 4, CALIBRATION_BINS = 10 };
extern const char *const validation_horizon_names[HORIZON_BANDS]; /* years from the last visit to the target */
int validation_horizon(double gap_years);

struct judged {
    const char *id;
    int fold; /* -1: judged by a model of another cohort */
    size_t visits_before;
    double last_score, target_age, gap_years, observed;
    struct mmse_prediction prediction; /* interval of 90% */
    struct mmse_prediction last_value;
    struct conformal_limits intervals[CONFORMAL_LEVELS];
};

/* NaN throughout where count is 0. */
struct metrics {
    size_t count;
    double mae, rmse, bias;
    double coverage, mean_width, interval_score; /* of the 90% interval; ends belong to it */
};

struct difference {
    double value, lower, upper; /* method minus last_value; 95% */
};

/* The subjects whose prediction lies in one tenth of all predictions. */
struct calibration_bin {
    size_t count;
    double predicted, observed; /* means */
};

struct evaluation {
    const struct mmse_method *method;
    uint64_t seed;
    unsigned folds; /* 0: one model, of another cohort */
    size_t subjects, visits;
    size_t count; /* judged */
    const struct judged *judged;
    struct metrics overall, last_value;
    struct metrics by_band[SCORE_BANDS]; /* of the last score */
    struct metrics by_horizon[HORIZON_BANDS];
    double coverage[CONFORMAL_LEVELS]; /* of the interval of each level */
    struct calibration_bin calibration[CALIBRATION_BINS];
    struct difference mae, rmse;
    unsigned bootstrap_samples;
    bool beats_last_value; /* on RMSE, beyond noise: the whole interval lies below 0 */
};

/* VALIDATION_FOLDS folds by seed and ids, in any order of subjects, equal but for one task. Shares the visits. */
struct cohort validation_folds(struct arena *arena, const struct cohort *cohort, uint64_t seed);

/* By the folds of the cohort, 2 to VALIDATION_FOLDS_MAX of them, numbered from 0. Steps of the watch are counted over
 * all folds. INVALID: too small, with the numbers needed and found. */
enum status validation_run(struct arena *arena, const struct mmse_method *method, const struct cohort *cohort,
                           const struct mmse_options *options, struct evaluation *out, struct problem *why);

/* A model, judged by another cohort than its own. last_value: a model of that method fitted to the same cohort as the
 * first; NULL: the last value is compared without intervals. */
enum status validation_of_model(struct arena *arena, const struct mmse_model *model,
                                const struct mmse_model *last_value, const struct cohort *cohort,
                                struct evaluation *out, struct problem *why);

/* Judges twice, the second time with other scores at the targets of one fold after the other. A method that then
 * predicts anything else has known the target: *leaks is the number of such subjects. */
enum status validation_finds_leak(const struct mmse_method *method, const struct cohort *cohort,
                                  const struct mmse_options *options, size_t *leaks, struct problem *why);

/* One JSON object; judged subjects with 12 digits only if asked for. */
void validation_write(const struct evaluation *e, bool with_subjects, struct writer *w);
