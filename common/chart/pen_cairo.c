#include "common/chart/pen.h"

#include <cairo-pdf.h>
#include <cairo.h>
#include <math.h>
#include <stdlib.h>

enum { PNG_SCALE = 2 };
static const double PDF_SCALE = 72.0 / 96;

struct cairo_pen {
    struct pen pen;
    struct writer *out;
    cairo_surface_t *surface;
    cairo_t *cr;
    bool png;
};

#ifdef __SANITIZE_ADDRESS__
/* Memory that fontconfig keeps for good when the first letter is drawn; it does not grow. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libfontconfig.so";
}
#endif

static cairo_status_t append(void *closure, const unsigned char *bytes, unsigned size)
{
    write_bytes(closure, (const char *)bytes, size);
    return CAIRO_STATUS_SUCCESS;
}

/* Letters as wide as their outlines are, however large the pixels: text that fits in one format fits in all. */
static void set_font(cairo_t *cr, double size, bool bold)
{
    cairo_font_options_t *options = cairo_font_options_create();
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
    cairo_set_font_options(cr, options);
    cairo_font_options_destroy(options);
    cairo_select_font_face(cr, PEN_FONT, CAIRO_FONT_SLANT_NORMAL,
                           bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
    cairo_set_font_size(cr, size);
}

static void set_ink(cairo_t *cr, uint32_t colour, double alpha)
{
    cairo_set_source_rgba(cr, (colour >> 16) / 255.0, (colour >> 8 & 0xff) / 255.0, (colour & 0xff) / 255.0, alpha);
}

static void trace(cairo_t *cr, const struct point *points, size_t count)
{
    cairo_new_path(cr);
    for (size_t i = 0; i < count; i++)
        cairo_line_to(cr, points[i].x, points[i].y);
}

static void cairo_pen_stroke(struct pen *p, const struct ink *ink, const struct point *points, size_t count)
{
    cairo_t *cr = ((struct cairo_pen *)p)->cr;
    set_ink(cr, ink->colour, ink->alpha);
    cairo_set_line_width(cr, ink->width);
    cairo_set_dash(cr, ink->dashes, ink->dashes ? ink->dash_count : 0, 0);
    trace(cr, points, count);
    cairo_stroke(cr);
}

static void cairo_pen_fill(struct pen *p, const struct ink *ink, const struct point *corners, size_t count)
{
    cairo_t *cr = ((struct cairo_pen *)p)->cr;
    set_ink(cr, ink->colour, ink->alpha);
    trace(cr, corners, count);
    cairo_fill(cr);
}

static void cairo_pen_disc(struct pen *p, const struct ink *ink, struct point centre, double radius)
{
    cairo_t *cr = ((struct cairo_pen *)p)->cr;
    set_ink(cr, ink->colour, ink->alpha);
    cairo_new_path(cr);
    cairo_arc(cr, centre.x, centre.y, radius, 0, 2 * M_PI);
    cairo_fill(cr);
}

static double advance(cairo_t *cr, const char *text)
{
    cairo_text_extents_t extents;
    cairo_text_extents(cr, text, &extents);
    return extents.x_advance;
}

static void cairo_pen_text(struct pen *p, const struct lettering *how, struct point at, const char *text)
{
    cairo_t *cr = ((struct cairo_pen *)p)->cr;
    set_ink(cr, how->colour, 1);
    set_font(cr, how->size, how->bold);
    double back = how->anchor == ANCHOR_START ? 0 : advance(cr, text) * (how->anchor == ANCHOR_END ? 1 : 0.5);
    cairo_save(cr);
    cairo_translate(cr, at.x, at.y);
    if (how->upwards)
        cairo_rotate(cr, -M_PI / 2);
    cairo_move_to(cr, -back, 0);
    cairo_show_text(cr, text);
    cairo_restore(cr);
}

static void cairo_pen_clip(struct pen *p, struct point corner, double width, double height)
{
    cairo_t *cr = ((struct cairo_pen *)p)->cr;
    cairo_rectangle(cr, corner.x, corner.y, width, height);
    cairo_clip(cr);
}

static void cairo_pen_unclip(struct pen *p)
{
    cairo_reset_clip(((struct cairo_pen *)p)->cr);
}

static enum status cairo_pen_end(struct pen *p)
{
    struct cairo_pen *c = (struct cairo_pen *)p;
    cairo_status_t status = cairo_status(c->cr);
    cairo_destroy(c->cr);
    if (status == CAIRO_STATUS_SUCCESS && c->png)
        status = cairo_surface_write_to_png_stream(c->surface, append, c->out);
    cairo_surface_finish(c->surface);
    if (status == CAIRO_STATUS_SUCCESS)
        status = cairo_surface_status(c->surface);
    cairo_surface_destroy(c->surface);
    free(c);
    return status == CAIRO_STATUS_SUCCESS ? OK : FAULT;
}

static struct pen *pen_on(cairo_surface_t *surface, double scale, bool png, struct writer *out)
{
    struct cairo_pen *c = calloc(1, sizeof *c);
    if (!c)
        abort();
    *c = (struct cairo_pen){.pen = {cairo_pen_stroke, cairo_pen_fill, cairo_pen_disc, cairo_pen_text, cairo_pen_clip,
                                    cairo_pen_unclip, cairo_pen_end},
                            .out = out,
                            .surface = surface,
                            .cr = cairo_create(surface),
                            .png = png};
    cairo_scale(c->cr, scale, scale);
    cairo_set_line_join(c->cr, CAIRO_LINE_JOIN_ROUND);
    return &c->pen;
}

struct pen *pen_png(struct page_size size, struct writer *out)
{
    cairo_surface_t *s =
        cairo_image_surface_create(CAIRO_FORMAT_RGB24, size.width * PNG_SCALE, size.height * PNG_SCALE);
    return pen_on(s, PNG_SCALE, true, out);
}

/* The time at which a page was made would make each one different. */
struct pen *pen_pdf(struct page_size size, const char *title, struct writer *out)
{
    cairo_surface_t *s =
        cairo_pdf_surface_create_for_stream(append, out, size.width * PDF_SCALE, size.height * PDF_SCALE);
    cairo_pdf_surface_set_metadata(s, CAIRO_PDF_METADATA_TITLE, title);
    cairo_pdf_surface_set_metadata(s, CAIRO_PDF_METADATA_CREATE_DATE, "");
    return pen_on(s, PDF_SCALE, false, out);
}

double pen_text_width(double size, bool bold, const char *text)
{
    cairo_surface_t *s = cairo_image_surface_create(CAIRO_FORMAT_A8, 1, 1);
    cairo_t *cr = cairo_create(s);
    set_font(cr, size, bold);
    double width = advance(cr, text);
    cairo_destroy(cr);
    cairo_surface_destroy(s);
    return width;
}
