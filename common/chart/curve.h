/* A curve of a chart, as its caller gives it. */
#pragma once

#include <stddef.h>

enum { CHART_CURVES_MAX = 8 }; /* in one chart */

enum chart_style {
    CHART_STEPS,  /* a value holds until the next x */
    CHART_LINE,   /* straight from point to point */
    CHART_POINTS, /* nothing between them */
    CHART_TRAIL,  /* points, and a line through them */
};

struct chart_curve {
    const char *label; /* in the legend and the table; NULL: in neither */
    enum chart_style style;
    size_t count;
    const double *x, *y;      /* in order of x; a y that is NAN interrupts */
    const double *low, *high; /* the band around y; NULL: none */
    const double *marks;      /* x of small strokes across the curve, such as censored times; NULL: none */
    size_t mark_count;
};
