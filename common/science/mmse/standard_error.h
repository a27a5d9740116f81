/* The variation of a score of the Mini-Mental State Examination between measurements of the same person. */
#pragma once

#include "common/base/setting.h"

/* The row of a service's settings; the member is a double, in points. More than a third of the scale would call every
 * change error. */
#define MMSE_STANDARD_ERROR_SETTING(struct_, member_) \
    SETTING_REAL(struct_, member_, "MMSE_STANDARD_ERROR", .fallback = "1.0", .min = 0.1, .max = 10, \
                 .summary = "standard error of measurement of one Mini-Mental State Examination, points")
