/* SVG is written here and not by cairo, which turns letters into outlines: this stays text that can be searched and
 * read aloud, is a tenth of the size, and has no ids, so that several pictures can stand in one page. */
#include "common/chart/pen.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct svg {
    struct pen pen;
    struct writer *out;
};

static void put(struct svg *s, const char *text)
{
    write_bytes(s->out, text, strlen(text));
}

static void put_format(struct svg *s, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void put_format(struct svg *s, const char *format, ...)
{
    char text[400];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    put(s, text);
}

/* Two places are enough for a screen and for print. */
static void put_number(struct svg *s, double value)
{
    char text[32];
    int size = snprintf(text, sizeof text, "%.2f", value);
    while (text[size - 1] == '0')
        size--;
    if (text[size - 1] == '.')
        size--;
    text[size] = '\0';
    put(s, strcmp(text, "-0") == 0 ? "0" : text);
}

static void put_attribute(struct svg *s, const char *name, double value)
{
    put_format(s, " %s=\"", name);
    put_number(s, value);
    put(s, "\"");
}

static void put_points(struct svg *s, const struct point *points, size_t count)
{
    put(s, " points=\"");
    for (size_t i = 0; i < count; i++) {
        put(s, i > 0 ? " " : "");
        put_number(s, points[i].x);
        put(s, ",");
        put_number(s, points[i].y);
    }
    put(s, "\"");
}

static void put_fill(struct svg *s, const struct ink *ink)
{
    put_format(s, " fill=\"#%06x\"", ink->colour);
    if (ink->alpha < 1)
        put_attribute(s, "fill-opacity", ink->alpha);
}

static void svg_stroke(struct pen *p, const struct ink *ink, const struct point *points, size_t count)
{
    struct svg *s = (struct svg *)p;
    put_format(s, "<polyline fill=\"none\" stroke=\"#%06x\"", ink->colour);
    put_attribute(s, "stroke-width", ink->width);
    put(s, " stroke-linejoin=\"round\"");
    if (ink->alpha < 1)
        put_attribute(s, "stroke-opacity", ink->alpha);
    if (ink->dashes) {
        put(s, " stroke-dasharray=\"");
        for (int i = 0; i < ink->dash_count; i++) {
            put(s, i > 0 ? " " : "");
            put_number(s, ink->dashes[i]);
        }
        put(s, "\"");
    }
    put_points(s, points, count);
    put(s, "/>\n");
}

static void svg_fill(struct pen *p, const struct ink *ink, const struct point *corners, size_t count)
{
    struct svg *s = (struct svg *)p;
    put(s, "<polygon");
    put_fill(s, ink);
    put_points(s, corners, count);
    put(s, "/>\n");
}

static void svg_disc(struct pen *p, const struct ink *ink, struct point centre, double radius)
{
    struct svg *s = (struct svg *)p;
    put(s, "<circle");
    put_fill(s, ink);
    put_attribute(s, "cx", centre.x);
    put_attribute(s, "cy", centre.y);
    put_attribute(s, "r", radius);
    put(s, "/>\n");
}

static void svg_text(struct pen *p, const struct lettering *how, struct point at, const char *text)
{
    static const char *const anchors[] = {"start", "middle", "end"};
    struct svg *s = (struct svg *)p;
    put(s, "<text");
    if (how->upwards) {
        put(s, " transform=\"translate(");
        put_number(s, at.x);
        put(s, " ");
        put_number(s, at.y);
        put(s, ") rotate(-90)\"");
    } else {
        put_attribute(s, "x", at.x);
        put_attribute(s, "y", at.y);
    }
    put_attribute(s, "font-size", how->size);
    if (how->bold)
        put(s, " font-weight=\"bold\"");
    if (how->anchor != ANCHOR_START)
        put_format(s, " text-anchor=\"%s\"", anchors[how->anchor]);
    put_format(s, " fill=\"#%06x\">", how->colour);
    write_markup_text(s->out, text);
    put(s, "</text>\n");
}

/* A drawing within the drawing shows nothing beyond its edges; a clipPath would need an id. */
static void svg_clip(struct pen *p, struct point corner, double width, double height)
{
    struct svg *s = (struct svg *)p;
    put(s, "<svg overflow=\"hidden\"");
    put_attribute(s, "x", corner.x);
    put_attribute(s, "y", corner.y);
    put_attribute(s, "width", width);
    put_attribute(s, "height", height);
    put(s, " viewBox=\"");
    const double box[] = {corner.x, corner.y, width, height};
    for (size_t i = 0; i < COUNT(box); i++) {
        put(s, i > 0 ? " " : "");
        put_number(s, box[i]);
    }
    put(s, "\">\n");
}

static void svg_unclip(struct pen *p)
{
    put((struct svg *)p, "</svg>\n");
}

static enum status svg_end(struct pen *p)
{
    put((struct svg *)p, "</svg>\n");
    free(p);
    return OK;
}

struct pen *pen_svg(struct page_size size, const char *title, struct writer *out)
{
    struct svg *s = calloc(1, sizeof *s);
    if (!s)
        abort();
    s->pen = (struct pen){svg_stroke, svg_fill, svg_disc, svg_text, svg_clip, svg_unclip, svg_end};
    s->out = out;
    put_format(s,
               "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" role=\"img\""
               " font-family=\"'" PEN_FONT "', Verdana, sans-serif\" xml:space=\"preserve\">\n<title>",
               size.width, size.height, size.width, size.height);
    write_markup_text(s->out, title);
    put(s, "</title>\n");
    return &s->pen;
}
