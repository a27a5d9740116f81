/* Conformal prediction: intervals that keep their stated coverage, whatever the model.
 *
 * Errors are collected on subjects that the model had not seen: each of a few folds of the training subjects is
 * predicted by a model of the others. Of n such errors and a new one, all equally likely to have any rank, the new one
 * lies between those of rank floor(a/2 (n+1)) and ceil((1 - a/2)(n+1)) with a probability of at least 1 - a; with too
 * few errors for that the interval is everything. Signed errors give both ends their own share, as declines are larger
 * than gains. Within bands that are known beforehand (those of the last score) the same holds band by band; thin bands
 * are joined with their neighbours until they have enough. Errors grow with the years ahead, so they are measured in
 * units of the usual error at their distance, a line through their sizes.
 *
 * Sources: V. Vovk, A. Gammerman & G. Shafer, Algorithmic Learning in a Random World (2005), 4.5 (categories,
 * "Mondrian"); V. Vovk, Ann Math Artif Intell 74 (2015) 9 (cross-conformal); J. Lei, M. G'Sell, A. Rinaldo,
 * R. Tibshirani & L. Wasserman, JASA 113 (2018) 1094 (split conformal; 5.2: local weights); H. Linusson, U. Johansson &
 * T. Loefstroem, PAKDD 2014 (signed errors); R. Barber, E. Candes, A. Ramdas & R. Tibshirani, Ann Statist 49 (2021)
 * 486: jackknife+ and CV+. The guarantee for any data belongs to the split form. As in the cross form of these papers
 * the errors here come from models of most, not all, subjects; that their rank is uniform then rests on the fit being
 * stable, and common/science/mmse/validation.h measures whether it is. */
#pragma once

#include "common/base/problem.h"
#include "common/base/writer.h"
#include "common/science/mmse/known.h"

#include <jansson.h>

enum { CONFORMAL_LEVELS = 4, CONFORMAL_DEFAULT = 2, CONFORMAL_BAND_MIN = 40 };
extern const double conformal_levels[CONFORMAL_LEVELS]; /* 0.5, 0.8, 0.9, 0.95 */

/* An error is score minus prediction, the prediction cut to 0..30 as it is served. */
struct conformal_error {
    int band;
    double gap_years, error;
};

struct conformal_limits {
    double lower, upper;
};

struct conformal {
    size_t errors;
    double spread, spread_per_year; /* size of a usual error, in points: neither is negative */
    size_t count[SCORE_BANDS];      /* errors behind the limits of the band, with those of bands joined to it */
    struct conformal_limits limits[SCORE_BANDS][CONFORMAL_LEVELS]; /* in units of the spread, to be added */
};

/* Sorts and scales the errors. */
struct conformal conformal_calibrate(struct conformal_error *errors, size_t count);

/* Around a prediction, both ends within 0 and 30. */
struct conformal_limits conformal_interval(const struct conformal *c, const struct known *k, double prediction,
                                           int level);

void conformal_write(const struct conformal *c, struct writer *w);
enum status conformal_read(const json_t *json, struct conformal *out, struct problem *why);
