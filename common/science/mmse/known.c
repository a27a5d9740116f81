#include "common/science/mmse/known.h"

#include <string.h>

const char *const known_feature_names[FEATURES] = {"last_mmse",      "mean_mmse", "target_age", "gap_years",
                                                   "slope_per_year", "male",      "educ"};

enum status known_check(const struct known *k, struct problem *why)
{
    if (k->count == 0)
        return fail(why, INVALID, NULL, "A prediction needs an earlier visit.");
    for (size_t i = 0; i < k->count; i++) {
        const struct visit *v = &k->visits[i];
        double next = i + 1 < k->count ? k->visits[i + 1].age : k->target_age;
        if (!(v->age >= 0 && v->age <= VISIT_AGE_MAX && v->score >= 0 && v->score <= SCORE_MAX))
            return fail(why, INVALID, NULL, "A visit's age or score is out of range.");
        if (!(v->age < next))
            return fail(why, INVALID, NULL,
                        "Only what was known before the target date may be used: each visit must be before the next "
                        "and all before the target.");
    }
    if (!(k->target_age >= 0 && k->target_age <= VISIT_AGE_MAX))
        return fail(why, INVALID, NULL, "The age at the target date is out of range.");
    return OK;
}

struct known known_before(const struct subject *s, size_t visit, struct visit *buffer)
{
    if (buffer)
        memcpy(buffer, s->visits, visit * sizeof *buffer);
    return (struct known){s->male, s->education, visit, buffer ? buffer : s->visits, s->visits[visit].age};
}

const struct visit *known_last(const struct known *k)
{
    return &k->visits[k->count - 1];
}

void known_features(const struct known *k, double out[FEATURES])
{
    double age = 0, score = 0, square = 0, product = 0;
    for (size_t i = 0; i < k->count; i++) {
        age += k->visits[i].age;
        score += k->visits[i].score;
    }
    age /= (double)k->count;
    score /= (double)k->count;
    for (size_t i = 0; i < k->count; i++) {
        double from_mean = k->visits[i].age - age;
        square += from_mean * from_mean;
        product += from_mean * (k->visits[i].score - score);
    }
    out[FEATURE_LAST_SCORE] = known_last(k)->score;
    out[FEATURE_MEAN_SCORE] = score;
    out[FEATURE_TARGET_AGE] = k->target_age;
    out[FEATURE_GAP_YEARS] = k->target_age - known_last(k)->age;
    out[FEATURE_SLOPE] = k->count > 1 ? product / square : 0;
    out[FEATURE_MALE] = k->male;
    out[FEATURE_EDUCATION] = k->education;
}
