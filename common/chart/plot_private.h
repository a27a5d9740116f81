/* A chart while it is drawn: where everything is, shared by what draws the frame (chart.c) and the curves (curves.c).
 */
#pragma once

#include "common/chart/curve.h"
#include "common/chart/pen.h"
#include "common/chart/scale.h"

struct plot {
    const struct chart *chart; /* the frame and what else is of no interest to curves */
    const struct chart_curve *curves;
    size_t curve_count;
    struct pen *pen;
    struct scale x, y;
    struct page_size page;
    double left, top, width, height; /* of what is between the axes */
};

struct point plot_point(const struct plot *p, double x, double y);

/* A line as the curve of that index is drawn, and one of its points. */
void curve_sample(const struct plot *p, size_t index, struct point from, double length);

/* How far beyond the axes something may be seen, so that what lies on the edge keeps its full width. */
double curves_edge(const struct plot *p);

void curves_draw(const struct plot *p);
