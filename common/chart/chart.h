/* Draws charts into memory: curves, steps with bands, points, reference lines and a table under the axis, as SVG, PNG
 * or PDF.
 *
 *     const struct chart_curve curves[] = {{.label = "treated", .style = CHART_STEPS, .count = n, .x = t, .y = s,
 *                                           .low = low, .high = high}};
 *     const struct chart c = {.title = "Overall survival",
 *                             .x = {.title = "Time since operation", .unit = "months"},
 *                             .y = {.title = "Surviving", .scale = CHART_PERCENT, .min = 0, .max = 1},
 *                             .curves = curves, .curve_count = 1};
 *     TRY(chart_draw(&c, "image/svg+xml", &out, why));
 *
 * The same chart gives the same bytes. Curves differ in colour (the palette of Okabe & Ito, "Color Universal Design",
 * 2008, which the colour-blind tell apart), in dashes and in the shape of their points, so that print in black and
 * white can be read as well. Texts are UTF-8 from anywhere: they are escaped, and cut where they do not fit. Arrays
 * stay the caller's. The module does not know the meaning of the numbers. */
#pragma once

#include "common/base/problem.h"
#include "common/base/writer.h"
#include "common/chart/curve.h"
#include "common/chart/scale.h"

enum { CHART_LINES_MAX = 8 };
enum { CHART_VALUES_MAX = 1000000, CHART_POINTS_MAX = 20000 }; /* in all curves together */

struct chart_line {
    bool vertical;
    double at;
    const char *label; /* NULL: none */
};

/* Numbers under the axis, a row for each curve with a label, such as the number at risk at each x. */
struct chart_table {
    const char *title;
    size_t columns;
    const double *at;
    const double *values; /* curve_count x columns, by curves; NAN leaves a cell empty */
};

struct chart {
    const char *title, *subtitle, *note; /* NULL: none */
    struct chart_axis x, y;
    const struct chart_curve *curves;
    size_t curve_count;
    const struct chart_line *lines;
    size_t line_count;
    const struct chart_table *table; /* NULL: none */
    int width, plot_height;          /* of the chart, and between the axes, in pixels of 1/96 inch; 0: 760 and 340 */
};

/* The media types of chart_draw, for .media_types of a route row. The PNG has two pixels for one of the chart. */
extern const char *const chart_media_types[];

/* Appends the picture. INVALID when there is more to draw than the bounds above allow. */
enum status chart_draw(const struct chart *c, const char *media_type, struct writer *out, struct problem *why);

/* The ticks that the x axis will have, so that a table can be made for them. */
size_t chart_x_ticks(const struct chart *c, double out[CHART_TICKS_MAX]);
