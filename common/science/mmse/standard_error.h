/* How much a score of the Mini-Mental State Examination varies from one measurement of the same person to the next. */
#pragma once

#include "common/base/setting.h"

/* The row of a service's settings; the member is a double, in points. More than a third of the scale would call every
 * change error. */
#define MMSE_STANDARD_ERROR_SETTING(struct_, member_) \
    SETTING_REAL(struct_, member_, "MMSE_STANDARD_ERROR", .fallback = "1.0", .min = 0.1, .max = 10, \
                 .summary = "standard error of measurement of one Mini-Mental State Examination, points")
