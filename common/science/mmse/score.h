/* A score of the Mini-Mental State Examination, 0 to 30 points. */
#pragma once

#include "common/base/setting.h"

#define SCORE_MAX 30.0

/* The band of a score by which models are calibrated and judged: 0-9, 10-18, 19-23, 24-26, 27-30. The first three
 * are severe, moderate and mild impairment as usual (Mungas, Neurology 41 (1991) 1755); those above the usual cut-off
 * of 24 are parted because their errors meet the ceiling of 30. */
enum { SCORE_BANDS = 5 };
extern const char *const score_band_names[SCORE_BANDS];
int score_band(double score);

double score_clip(double score);

/* The variation of a score between measurements of the same person: the row of a service's settings. The member is a
 * double, in points. More than a third of the scale would call every change error. */
#define MMSE_STANDARD_ERROR_SETTING(struct_, member_) \
    SETTING_REAL(struct_, member_, "MMSE_STANDARD_ERROR", .fallback = "1.0", .min = 0.1, .max = 10, \
                 .summary = "standard error of measurement of one Mini-Mental State Examination, points")
