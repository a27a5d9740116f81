/* The pen that draws a chart: a few strokes and fills, into SVG by pen_svg.c, into PNG and PDF by pen_cairo.c.
 *
 * Lengths are pixels of 1/96 inch, y goes down. Texts are well-formed UTF-8 without control characters. */
#pragma once

#include "common/base/status.h"
#include "common/base/writer.h"

#include <stdint.h>

#define PEN_FONT "DejaVu Sans"

struct point {
    double x, y;
};

struct ink {
    uint32_t colour; /* 0xRRGGBB */
    double alpha;
    double width;         /* of strokes */
    const double *dashes; /* lengths of dash and gap in turn, NULL: solid */
    int dash_count;
};

enum anchor { ANCHOR_START, ANCHOR_MIDDLE, ANCHOR_END };

struct lettering {
    double size;
    uint32_t colour;
    bool bold;
    enum anchor anchor;
    bool upwards; /* turned by a quarter, to be read from the right */
};

struct pen {
    void (*stroke)(struct pen *p, const struct ink *ink, const struct point *points, size_t count);
    void (*fill)(struct pen *p, const struct ink *ink, const struct point *corners, size_t count);
    void (*disc)(struct pen *p, const struct ink *ink, struct point centre, double radius);
    void (*text)(struct pen *p, const struct lettering *how, struct point at, const char *text); /* at its baseline */
    void (*clip)(struct pen *p, struct point corner, double width, double height); /* until unclip; not nested */
    void (*unclip)(struct pen *p);
    enum status (*end)(struct pen *p); /* releases the pen, also when nothing was drawn; FAULT: a part is missing */
};

struct page_size {
    int width, height;
};

/* The pens append to out, which must stay in place until end. title is for screen readers. NULL: no such pen. */
struct pen *pen_svg(struct page_size size, const char *title, struct writer *out);
struct pen *pen_png(struct page_size size, struct writer *out);
struct pen *pen_pdf(struct page_size size, const char *title, struct writer *out);

/* The width of a text. */
double pen_text_width(double size, bool bold, const char *text);
