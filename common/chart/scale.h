/* From values to places on an axis, and where its ticks stand. */
#ifndef MNEMOS_CHART_SCALE_H
#define MNEMOS_CHART_SCALE_H

#include "common/chart/chart.h"

struct scale {
    enum chart_scale kind;
    double min, max; /* min < max */
    double step;     /* of a date: days, or months where it is negative */
    size_t tick_count;
    double ticks[CHART_TICKS_MAX];
};

/* At most that many ticks; low and high are where the data end, low > high when there are none. */
struct scale scale_make(const struct chart_axis *axis, double low, double high, size_t ticks_max);

/* 0 at min, 1 at max. */
double scale_place(const struct scale *s, double value);

enum { SCALE_LABEL_SIZE = 40 };
void scale_label(const struct scale *s, double value, char out[SCALE_LABEL_SIZE]);

#endif
