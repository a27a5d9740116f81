/* Time to an event: curves, restricted means and tests that allow for censoring.
 *
 * Pure statistics: no input, no output, nothing kept. A patient (a row) is watched over (start, stop] and at the end of
 * it either has the event or is censored. Times are compared exactly: two rows are tied when their times are equal. NaN
 * stands for "not given" in every answer, and only for that; no failure is a silent number. */
#pragma once

#include "common/base/arena.h"
#include "common/base/problem.h"

#include <stdbool.h>

enum { SURVIVAL_GROUPS_MAX = 64 };

/* Larger numbers and smaller weights are refused, so that squares stay within what a double holds. */
#define SURVIVAL_VALUE_MAX  1e100
#define SURVIVAL_WEIGHT_MIN 1e-100

/* Columns of count rows each. The caller owns them. */
struct survival_data {
    size_t count;
    const double *start; /* left truncation; NULL: all entered at 0 */
    const double *stop;
    const bool *event;
    const double *weight; /* how many patients the row stands for; NULL: 1 each */
    const int *group;     /* the arm, 0 .. group_count-1; NULL: one */
    size_t group_count;
    const int *stratum; /* 0 .. stratum_count-1; NULL: one */
    size_t stratum_count;
};

/* Everything below takes only data that passed this. INVALID names row and column as "/stop/17" (the first row is 0):
 * NaN, infinite or huge, stop <= start, a negative weight, an unknown group or stratum. Without start columns a stop of
 * 0 is fine: a patient who dies on the first day was at risk on it. Data without rows pass. */
enum status survival_check(const struct survival_data *data, struct problem *why);

/* How limits are made: S exp(+-z se) up to 1, or on the scale of log(-log S), which stays within 0 and 1 by itself and
 * has none where S is 1 or 0 (Kalbfleisch & Prentice 1980). */
enum survival_scale { SURVIVAL_LOG, SURVIVAL_LOG_LOG };
extern const char *const survival_scale_names[]; /* ends with NULL */
struct survival_limits {
    double level; /* 0.95; within 0 and 1 */
    enum survival_scale scale;
};

/* At each time of an event or a censoring. */
struct survival_step {
    double time, at_risk, events, censored; /* patients, counted by weight */
    double survival;                        /* from this time on */
    double standard_error, lower, upper;    /* NaN once survival is 0 */
};

/* The product-limit estimate of one group (Kaplan & Meier 1958), the variance being Greenwood's (1926): at an event
 * time d of n at risk have the event, S = prod (1 - d/n), var S = S^2 sum d / (n (n - d)). Under left truncation n
 * counts the patients who have entered before (Tsai, Jewell & Wang 1987); if all then at risk have the event, S is 0
 * for good, however many enter later. Weights count patients; they are not sampling weights, whose variance differs. */
struct survival_curve {
    size_t rows; /* with a weight */
    double patients, events;
    double last_time; /* end of the longest follow-up; NaN in a group without patients */
    size_t step_count;
    struct survival_step *steps;
    struct survival_limits limits;
    size_t entry_count; /* entries in order, with all weight that enters then or later; none when all entered at 0 */
    struct survival_entry *entries;
};

/* Of one group, or with -1 of all patients; the strata play no part. n log n steps. The arena owns its arrays. */
void survival_estimate(const struct survival_data *data, int group, struct survival_limits limits, struct arena *arena,
                       struct survival_curve *out);

/* Sets standard error and limits of a step from the standard error of log(survival); z is normal_limit of the level.
 * For estimates whose variance is not Greenwood's. */
void survival_step_limits(struct survival_step *step, double log_error, const struct survival_limits *limits, double z);

/* True if the follow-up reaches this time, or survival has reached 0 before. */
bool survival_known_at(const struct survival_curve *curve, double time);

/* Beyond the last follow-up numbers are NaN (beyond_follow_up is true), unless survival has reached 0. */
struct survival_point {
    bool beyond_follow_up;
    double time, at_risk, survival, standard_error, lower, upper;
};
struct survival_point survival_at(const struct survival_curve *curve, double time);

/* The time by which this part (0.5: the median) has had the event, and where the limits of the curve cross the same
 * height (Brookmeyer & Crowley 1982); NaN: not reached. Where the curve runs exactly at the height it is the middle of
 * that stretch; its beginning when the follow-up ends on it. */
struct survival_time {
    double time, lower, upper;
};
struct survival_time survival_quantile(const struct survival_curve *curve, double part);

/* Mean time to the event of which tau at most is counted: the area under the curve from 0 to tau (Irwin 1949), with the
 * variance sum A(t)^2 d / (n (n - d)), A(t) being the area from t to tau (Klein & Moeschberger 2003, 4.5). */
struct survival_mean {
    bool beyond_follow_up;
    double tau, mean, standard_error, lower, upper;
};
struct survival_mean survival_restricted_mean(const struct survival_curve *curve, double tau);
