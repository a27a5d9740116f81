#include "common/science/mmse/conformal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* More units of the least spread than there are points: limits that exclude nothing. */
#define EVERYTHING 1000.0
#define SPREAD_MIN 0.1

const double conformal_levels[CONFORMAL_LEVELS] = {0.5, 0.8, 0.9, 0.95};

static int by_band_and_error(const void *left, const void *right)
{
    const struct conformal_error *a = left, *b = right;
    if (a->band != b->band)
        return a->band < b->band ? -1 : 1;
    return (a->error > b->error) - (a->error < b->error);
}

static int by_error(const void *left, const void *right)
{
    const struct conformal_error *a = left, *b = right;
    return (a->error > b->error) - (a->error < b->error);
}

/* The errors are in order. Ranks begin with 1. The tiny shift keeps 0.05 * 20 from being less than 1. */
static struct conformal_limits limits_of(const struct conformal_error *errors, size_t count, double level)
{
    double tail = (1 - level) / 2 * (double)(count + 1);
    size_t lower = (size_t)floor(tail + 1e-9), upper = (size_t)ceil((double)(count + 1) - tail - 1e-9);
    return (struct conformal_limits){
        lower >= 1 ? errors[lower - 1].error : -EVERYTHING,
        upper <= count ? errors[upper - 1].error : EVERYTHING,
    };
}

/* Bands first..last share what they have. */
static void bands_settle(struct conformal *c, int first, int last, struct conformal_error *errors, size_t count)
{
    qsort(errors, count, sizeof *errors, by_error);
    for (int band = first; band <= last; band++) {
        c->count[band] = count;
        for (int level = 0; level < CONFORMAL_LEVELS; level++)
            c->limits[band][level] = limits_of(errors, count, conformal_levels[level]);
    }
}

static double spread_at(const struct conformal *c, double gap_years)
{
    return fmax(c->spread + c->spread_per_year * gap_years, SPREAD_MIN);
}

/* The least squares line through the sizes of the errors, as far as it rises and begins above 0. */
static void spread_fit(struct conformal *c, const struct conformal_error *errors, size_t count)
{
    double gap = 0, size = 0, square = 0, product = 0;
    for (size_t i = 0; i < count; i++) {
        gap += errors[i].gap_years / (double)count;
        size += fabs(errors[i].error) / (double)count;
    }
    for (size_t i = 0; i < count; i++) {
        double from_mean = errors[i].gap_years - gap;
        square += from_mean * from_mean;
        product += from_mean * (fabs(errors[i].error) - size);
    }
    double steepest = gap > 0 ? size / gap : 0;
    c->spread_per_year = square > 0 ? fmin(fmax(product / square, 0), steepest) : 0;
    c->spread = fmax(size - c->spread_per_year * gap, 0);
}

/* From the top, where most subjects are; a group too small at the bottom joins the one above it. */
struct conformal conformal_calibrate(struct conformal_error *errors, size_t count)
{
    struct conformal c = {.errors = count};
    struct conformal_error nobody;
    if (count == 0)
        errors = &nobody; /* qsort wants a place even for nothing */
    spread_fit(&c, errors, count);
    for (size_t i = 0; i < count; i++)
        errors[i].error /= spread_at(&c, errors[i].gap_years);
    qsort(errors, count, sizeof *errors, by_band_and_error);
    size_t begin[SCORE_BANDS + 1] = {0};
    for (size_t i = 0; i < count; i++)
        begin[errors[i].band + 1]++;
    for (int band = 0; band < SCORE_BANDS; band++)
        begin[band + 1] += begin[band];
    for (int last = SCORE_BANDS - 1, first; last >= 0; last = first - 1) {
        first = last;
        while (first > 0 && begin[last + 1] - begin[first] < CONFORMAL_BAND_MIN)
            first--;
        if (begin[first] < CONFORMAL_BAND_MIN)
            first = 0;
        bands_settle(&c, first, last, errors + begin[first], begin[last + 1] - begin[first]);
    }
    return c;
}

struct conformal_limits conformal_interval(const struct conformal *c, const struct known *k, double prediction,
                                           int level)
{
    const struct visit *last = known_last(k);
    struct conformal_limits limits = c->limits[score_band(last->score)][level];
    double spread = spread_at(c, k->target_age - last->age);
    return (struct conformal_limits){score_clip(prediction + spread * limits.lower),
                                     score_clip(prediction + spread * limits.upper)};
}

void conformal_write(const struct conformal *c, struct writer *w)
{
    write_object(w);
    write_key(w, "errors");
    write_integer(w, (int64_t)c->errors);
    write_key(w, "spread");
    write_real(w, c->spread);
    write_key(w, "spread_per_year");
    write_real(w, c->spread_per_year);
    write_key(w, "bands");
    write_array(w);
    for (int band = 0; band < SCORE_BANDS; band++) {
        write_object(w);
        write_key(w, "last_mmse");
        write_text(w, score_band_names[band]);
        write_key(w, "errors");
        write_integer(w, (int64_t)c->count[band]);
        write_key(w, "limits");
        write_array(w);
        for (int level = 0; level < CONFORMAL_LEVELS; level++) {
            write_array(w);
            write_real(w, conformal_levels[level]);
            write_real(w, c->limits[band][level].lower);
            write_real(w, c->limits[band][level].upper);
            write_array_end(w);
        }
        write_array_end(w);
        write_object_end(w);
    }
    write_array_end(w);
    write_object_end(w);
}

static bool limits_read(const json_t *json, int level, struct conformal_limits *out)
{
    const json_t *at = json_array_get(json, 0), *lower = json_array_get(json, 1), *upper = json_array_get(json, 2);
    *out = (struct conformal_limits){json_number_value(lower), json_number_value(upper)};
    return json_is_number(at) && json_number_value(at) == conformal_levels[level] && json_is_number(lower) &&
           json_is_number(upper) && out->lower <= out->upper && out->lower >= -EVERYTHING && out->upper <= EVERYTHING;
}

static bool spread_read(const json_t *json, const char *member, double *out)
{
    const json_t *value = json_object_get(json, member);
    *out = json_number_value(value);
    return json_is_number(value) && *out >= 0 && *out <= EVERYTHING;
}

static bool count_read(const json_t *json, size_t *out)
{
    *out = (size_t)json_integer_value(json);
    return json_is_integer(json) && json_integer_value(json) >= 0;
}

static bool band_read(const json_t *json, struct conformal *c, int band)
{
    const json_t *limits = json_object_get(json, "limits");
    const char *name = json_string_value(json_object_get(json, "last_mmse"));
    if (!name || strcmp(name, score_band_names[band]) != 0 ||
        !count_read(json_object_get(json, "errors"), &c->count[band]) || json_array_size(limits) != CONFORMAL_LEVELS)
        return false;
    for (int level = 0; level < CONFORMAL_LEVELS; level++)
        if (!limits_read(json_array_get(limits, (size_t)level), level, &c->limits[band][level]))
            return false;
    return true;
}

enum status conformal_read(const json_t *json, struct conformal *out, struct problem *why)
{
    const json_t *bands = json_object_get(json, "bands");
    struct conformal c;
    bool whole = count_read(json_object_get(json, "errors"), &c.errors) && spread_read(json, "spread", &c.spread) &&
                 spread_read(json, "spread_per_year", &c.spread_per_year) && json_array_size(bands) == SCORE_BANDS;
    for (int band = 0; whole && band < SCORE_BANDS; band++)
        whole = band_read(json_array_get(bands, (size_t)band), &c, band);
    if (!whole)
        return fail(why, INVALID, NULL, "The model's intervals are damaged.");
    *out = c;
    return OK;
}
