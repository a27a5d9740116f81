/* An axis: it maps values to places and chooses the ticks. */
#pragma once

#include <stddef.h>

enum { CHART_TICKS_MAX = 16 };

enum chart_scale {
    CHART_NUMBER,
    CHART_PERCENT, /* 0.25 is written as 25% */
    CHART_DATE,    /* days since 1970-01-01, written as 2026, 2026-04 or 2026-04-01 */
};

struct chart_axis {
    const char *title, *unit; /* NULL: none */
    enum chart_scale scale;
    double min, max; /* equal: as far as the data go, up to a tick */
    double step;     /* between two ticks, from min; 0: a round number */
};

/* A date as CHART_DATE takes it; year, month and day exist. */
double scale_day(int year, int month, int day);

struct scale {
    enum chart_scale kind;
    double min, max; /* min < max */
    double step;     /* of a date: days, or months where it is negative */
    size_t tick_count;
    double ticks[CHART_TICKS_MAX];
};

/* At most ticks_max ticks; low and high are the ends of the data, low > high when there are none. */
struct scale scale_make(const struct chart_axis *axis, double low, double high, size_t ticks_max);

/* 0 at min, 1 at max. */
double scale_place(const struct scale *s, double value);

enum { SCALE_LABEL_SIZE = 40 };
void scale_label(const struct scale *s, double value, char out[SCALE_LABEL_SIZE]);
