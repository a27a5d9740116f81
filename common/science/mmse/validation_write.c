#include "common/science/mmse/validation.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Twelve digits: more than any two compilers agree on would differ for nothing. */
static void real_write(struct writer *w, const char *member, double value)
{
    char digits[32];
    snprintf(digits, sizeof digits, "%.12g", value);
    write_key(w, member);
    write_real(w, isfinite(value) ? strtod(digits, NULL) : NAN);
}

static void count_write(struct writer *w, const char *member, size_t value)
{
    write_key(w, member);
    write_integer(w, (int64_t)value);
}

static void text_write(struct writer *w, const char *member, const char *value)
{
    write_key(w, member);
    write_text(w, value);
}

static void metrics_members(struct writer *w, const struct metrics *m)
{
    count_write(w, "n", m->count);
    real_write(w, "mae", m->mae);
    real_write(w, "rmse", m->rmse);
    real_write(w, "bias", m->bias);
    real_write(w, "coverage_90", m->coverage);
    real_write(w, "mean_width_90", m->mean_width);
    real_write(w, "interval_score_90", m->interval_score);
}

static void metrics_write(struct writer *w, const char *member, const struct metrics *m)
{
    write_key(w, member);
    write_object(w);
    metrics_members(w, m);
    write_object_end(w);
}

static void parts_write(struct writer *w, const char *member, const char *of, const char *const *names,
                        const struct metrics *parts, int count)
{
    write_key(w, member);
    write_array(w);
    for (int i = 0; i < count; i++) {
        write_object(w);
        text_write(w, of, names[i]);
        metrics_members(w, &parts[i]);
        write_object_end(w);
    }
    write_array_end(w);
}

static void difference_write(struct writer *w, const char *member, const struct difference *d)
{
    write_key(w, member);
    write_object(w);
    real_write(w, "value", d->value);
    real_write(w, "lower_95", d->lower);
    real_write(w, "upper_95", d->upper);
    write_object_end(w);
}

static void comparison_write(struct writer *w, const struct evaluation *e)
{
    write_key(w, "difference_to_last_value");
    write_object(w);
    difference_write(w, "mae", &e->mae);
    difference_write(w, "rmse", &e->rmse);
    count_write(w, "bootstrap_samples", e->bootstrap_samples);
    write_key(w, "beats_last_value");
    write_boolean(w, e->beats_last_value);
    write_object_end(w);
}

static void coverage_write(struct writer *w, const struct evaluation *e)
{
    write_key(w, "coverage");
    write_array(w);
    for (int level = 0; level < CONFORMAL_LEVELS; level++) {
        write_object(w);
        real_write(w, "level", conformal_levels[level]);
        real_write(w, "covered", e->coverage[level]);
        write_object_end(w);
    }
    write_array_end(w);
}

static void calibration_write(struct writer *w, const struct evaluation *e)
{
    write_key(w, "calibration");
    write_array(w);
    for (int i = 0; i < CALIBRATION_BINS; i++) {
        const struct calibration_bin *bin = &e->calibration[i];
        write_object(w);
        count_write(w, "n", bin->count);
        real_write(w, "predicted", bin->predicted);
        real_write(w, "observed", bin->observed);
        write_object_end(w);
    }
    write_array_end(w);
}

static void judged_write(struct writer *w, const struct judged *j)
{
    write_object(w);
    text_write(w, "id", j->id);
    write_key(w, "fold");
    if (j->fold < 0)
        write_null(w);
    else
        write_integer(w, j->fold);
    count_write(w, "visits_before", j->visits_before);
    real_write(w, "last_mmse", j->last_score);
    real_write(w, "target_age", j->target_age);
    real_write(w, "gap_years", j->gap_years);
    real_write(w, "predicted", j->prediction.score);
    real_write(w, "lower_90", j->prediction.lower);
    real_write(w, "upper_90", j->prediction.upper);
    real_write(w, "observed", j->observed);
    write_object_end(w);
}

void validation_write(const struct evaluation *e, bool with_subjects, struct writer *w)
{
    write_object(w);
    text_write(w, "method", e->method->name);
    count_write(w, "seed", e->seed);
    count_write(w, "folds", e->folds);
    count_write(w, "subjects", e->subjects);
    count_write(w, "visits", e->visits);
    metrics_write(w, "metrics", &e->overall);
    metrics_write(w, "last_value", &e->last_value);
    comparison_write(w, e);
    parts_write(w, "by_band", "last_mmse", score_band_names, e->by_band, SCORE_BANDS);
    parts_write(w, "by_horizon", "years", validation_horizon_names, e->by_horizon, HORIZON_BANDS);
    coverage_write(w, e);
    calibration_write(w, e);
    if (with_subjects) {
        write_key(w, "predictions");
        write_array(w);
        for (size_t i = 0; i < e->count; i++)
            judged_write(w, &e->judged[i]);
        write_array_end(w);
    }
    write_object_end(w);
}
