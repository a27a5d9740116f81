/* A chart while it is drawn: the places of its parts, shared by chart.c (the frame) and curves.c (the curves). */
#pragma once

#include "common/chart/curve.h"
#include "common/chart/pen.h"
#include "common/chart/scale.h"

struct plot {
    const struct chart *chart; /* for the frame; curves have no use for it */
    const struct chart_curve *curves;
    size_t curve_count;
    struct pen *pen;
    struct scale x, y;
    struct page_size page;
    double left, top, width, height; /* of the area between the axes */
};

struct point plot_point(const struct plot *p, double x, double y);

/* Draws a sample of that curve: its line and one of its points. */
void curves_sample(const struct plot *p, size_t index, struct point from, double length);

/* The distance beyond the axes that is still drawn, so that a curve on the edge keeps its full width. */
double curves_edge(const struct plot *p);

void curves_draw(const struct plot *p);
