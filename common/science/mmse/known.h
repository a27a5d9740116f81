/* All that a method sees when it predicts: the data known before the target date. No way leads from it to the score
 * asked for. */
#pragma once

#include "common/science/mmse/cohort.h"

struct known {
    double male, education; /* NaN: not known */
    size_t count;           /* of visits; one at least */
    const struct visit *visits;
    double target_age;
};

/* INVALID unless there are visits, each before the next, all before the target, all within range. */
enum status known_check(const struct known *k, struct problem *why);

/* The data known before visit number `visit` (1 at least) of a subject. With a buffer the visits are copied to it, so
 * that not even memory leads to the target; without one they are borrowed, which is for learning only. */
struct known known_before(const struct subject *s, size_t visit, struct visit *buffer);

const struct visit *known_last(const struct known *k);

/* The learners' view of it. */
enum feature {
    FEATURE_LAST_SCORE,
    FEATURE_MEAN_SCORE,
    FEATURE_TARGET_AGE,
    FEATURE_GAP_YEARS, /* from the last visit to the target */
    FEATURE_SLOPE,     /* of the least squares line through the visits, points a year; 0 with one visit */
    FEATURE_MALE,
    FEATURE_EDUCATION,
    FEATURES
};
extern const char *const known_feature_names[FEATURES];
void known_features(const struct known *k, double out[FEATURES]);
