/* From top to bottom: title, subtitle, legend, the plot with its axes, the table, the note. The legend stands above the
 * plot, where it hides nothing. */
#include "common/chart/chart.h"

#include "common/base/text.h"
#include "common/chart/plot_private.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
    WIDTH_DEFAULT = 760,
    PLOT_HEIGHT_DEFAULT = 340,
    WIDTH_MIN = 320,
    PLOT_HEIGHT_MIN = 120,
    SIDE_MAX = 2000,
    TEXT_MAX = 500, /* bytes */
};

#define ELLIPSIS "\u2026"

static const double MARGIN = 14, RIGHT = 26, VALUE_BOUND = 1e12;
static const double TITLE = 17, BODY = 12.5, SMALL = 11.5;
static const double TITLE_ROW = 26, SUBTITLE_ROW = 19, LEGEND_ROW = 21, TICK_ROW = 22, AXIS_TITLE_ROW = 21,
                    TABLE_ROW = 18, NOTE_ROW = 22;
static const double SAMPLE = 30, TABLE_SAMPLE = 22, SAMPLE_GAP = 7, ENTRY_GAP = 24;
static const uint32_t BLACK = 0x1a1a1a, DARK = 0x444444, GRID = 0xe3e3e3, WHITE = 0xffffff;

const char *const chart_media_types[] = {"image/svg+xml", "image/png", "application/pdf", NULL};

/* ---- texts ------------------------------------------------------------------------------------------------------- */

struct shown_text {
    char bytes[TEXT_MAX + sizeof ELLIPSIS];
};

static size_t character_size(const char *text)
{
    unsigned char first = (unsigned char)*text;
    return first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

/* XML has neither control characters nor U+FFFE and U+FFFF. */
static bool may_be_shown(const char *text, size_t size)
{
    bool none = size == 3 && (memcmp(text, "\xef\xbf\xbe", 3) == 0 || memcmp(text, "\xef\xbf\xbf", 3) == 0);
    return !none && !text_has_control(text, size);
}

static struct shown_text clean(const char *text)
{
    struct shown_text out = {""};
    size_t used = 0;
    if (text_length(text, strlen(text)) < 0)
        text = "?";
    for (size_t size; *text; text += size) {
        size = character_size(text);
        bool shown = may_be_shown(text, size);
        if (used + size > TEXT_MAX)
            break;
        memcpy(out.bytes + used, shown ? text : " ", shown ? size : 1);
        used += shown ? size : 1;
    }
    return out;
}

/* As much of the text as the width holds, with an ellipsis where something is missing. */
static struct shown_text fitted(const char *text, double size, bool bold, double width)
{
    struct shown_text out = clean(text);
    size_t used = strlen(out.bytes);
    while (used > 0 && pen_text_width(size, bold, out.bytes) > width) {
        do
            used--;
        while (((unsigned char)out.bytes[used] & 0xc0) == 0x80);
        memcpy(out.bytes + used, ELLIPSIS, sizeof ELLIPSIS);
    }
    return out;
}

static void letter(const struct plot *p, struct lettering how, double x, double y, const char *text)
{
    p->pen->text(p->pen, &how, (struct point){x, y}, text);
}

static void rule(const struct plot *p, struct ink ink, double x1, double y1, double x2, double y2)
{
    p->pen->stroke(p->pen, &ink, (struct point[]){{x1, y1}, {x2, y2}}, 2);
}

static void cover(const struct plot *p, struct ink ink, double x, double y, double width, double height)
{
    p->pen->fill(p->pen, &ink, (struct point[]){{x, y}, {x + width, y}, {x + width, y + height}, {x, y + height}}, 4);
}

/* ---- what there is ----------------------------------------------------------------------------------------------- */

static enum status check_values(const double *values, size_t count, struct problem *why)
{
    for (size_t i = 0; values && i < count; i++)
        if (isfinite(values[i]) && fabs(values[i]) > VALUE_BOUND)
            return fail(why, INVALID, NULL, "A number is too large to be drawn.");
    return OK;
}

static enum status check_curve(const struct chart_curve *c, size_t *values, size_t *points, struct problem *why)
{
    *values += c->count + c->mark_count;
    *points += c->style == CHART_POINTS || c->style == CHART_TRAIL ? c->count : 0;
    if (*values > CHART_VALUES_MAX || *points > CHART_POINTS_MAX)
        return fail(why, INVALID, NULL, "There are too many values to draw: %d, and %d points, are what a chart holds.",
                    CHART_VALUES_MAX, CHART_POINTS_MAX);
    TRY(check_values(c->x, c->count, why));
    TRY(check_values(c->y, c->count, why));
    TRY(check_values(c->low, c->count, why));
    TRY(check_values(c->high, c->count, why));
    return check_values(c->marks, c->mark_count, why);
}

static enum status check(const struct chart *c, struct problem *why)
{
    size_t values = 0, points = 0;
    if (c->curve_count > CHART_CURVES_MAX || c->line_count > CHART_LINES_MAX)
        return fail(why, INVALID, NULL, "A chart holds %d curves and %d lines.", CHART_CURVES_MAX, CHART_LINES_MAX);
    if (c->table && c->table->columns > CHART_TICKS_MAX)
        return fail(why, INVALID, NULL, "The table of a chart has up to %d columns.", CHART_TICKS_MAX);
    for (size_t i = 0; i < c->curve_count; i++)
        TRY(check_curve(&c->curves[i], &values, &points, why));
    for (size_t i = 0; i < c->line_count; i++)
        TRY(check_values(&c->lines[i].at, 1, why));
    const double bounds[] = {c->x.min, c->x.max, c->y.min, c->y.max};
    return check_values(bounds, COUNT(bounds), why);
}

struct range {
    double low, high;
};

static void reach(struct range *r, const double *values, size_t count)
{
    for (size_t i = 0; values && i < count; i++) {
        if (!isfinite(values[i]))
            continue;
        r->low = fmin(r->low, values[i]);
        r->high = fmax(r->high, values[i]);
    }
}

static void find_ranges(const struct chart *c, struct range *x, struct range *y)
{
    *x = *y = (struct range){INFINITY, -INFINITY};
    for (size_t i = 0; i < c->curve_count; i++) {
        reach(x, c->curves[i].x, c->curves[i].count);
        reach(y, c->curves[i].y, c->curves[i].count);
        reach(y, c->curves[i].low, c->curves[i].count);
        reach(y, c->curves[i].high, c->curves[i].count);
    }
    for (size_t i = 0; i < c->line_count; i++)
        reach(c->lines[i].vertical ? x : y, &c->lines[i].at, 1);
}

static bool is_empty(const struct chart *c)
{
    struct range x, y;
    find_ranges(c, &x, &y);
    return x.low > x.high || y.low > y.high;
}

/* ---- where everything goes --------------------------------------------------------------------------------------- */

static double clamp(double value, double min, double max)
{
    return fmin(fmax(value, min), max);
}

static double widest_label(const struct scale *s)
{
    double widest = 0;
    char label[SCALE_LABEL_SIZE];
    for (size_t i = 0; i < s->tick_count; i++) {
        scale_label(s, s->ticks[i], label);
        widest = fmax(widest, pen_text_width(BODY, false, label));
    }
    return widest;
}

static double left_of_table(const struct chart *c, double page_width)
{
    double widest = 0;
    for (size_t i = 0; c->table && i < c->curve_count; i++)
        if (c->curves[i].label)
            widest = fmax(widest, pen_text_width(SMALL, false, clean(c->curves[i].label).bytes));
    return c->table ? fmin(MARGIN + TABLE_SAMPLE + SAMPLE_GAP + widest + 26, 0.28 * page_width) : 0;
}

/* Draws the legend where a pen is given; how many rows it takes. */
static int legend_rows(const struct plot *p, double page_width, double y, bool draw)
{
    double x = MARGIN, end = page_width - MARGIN;
    int rows = 0;
    for (size_t i = 0; i < p->chart->curve_count; i++) {
        if (!p->chart->curves[i].label)
            continue;
        struct shown_text label = fitted(p->chart->curves[i].label, BODY, false, end - MARGIN - SAMPLE - SAMPLE_GAP);
        double width = SAMPLE + SAMPLE_GAP + pen_text_width(BODY, false, label.bytes);
        if (rows == 0 || x + width > end)
            x = MARGIN, rows++;
        double middle = y + LEGEND_ROW * (rows - 0.5);
        if (draw) {
            curves_sample(p, i, (struct point){x, middle}, SAMPLE);
            letter(p, (struct lettering){.size = BODY, .colour = BLACK}, x + SAMPLE + SAMPLE_GAP, middle + 4.5,
                   label.bytes);
        }
        x += width + ENTRY_GAP;
    }
    return rows;
}

static double legend_top(const struct chart *c)
{
    return MARGIN + (c->title ? TITLE_ROW : 0) + (c->subtitle ? SUBTITLE_ROW : 0);
}

static size_t table_rows(const struct chart *c)
{
    size_t rows = 1;
    for (size_t i = 0; i < c->curve_count; i++)
        rows += c->curves[i].label != NULL;
    return c->table ? rows : 0;
}

static bool has_title(const struct chart_axis *a)
{
    return a->title || a->unit;
}

static double below_plot(const struct chart *c)
{
    return TICK_ROW + (has_title(&c->x) ? AXIS_TITLE_ROW : 0) +
           (c->table ? 10 + TABLE_ROW * (double)table_rows(c) : 0) + (c->note ? NOTE_ROW : 0) + MARGIN;
}

static struct plot lay_out(const struct chart *c)
{
    struct plot p = {.chart = c, .curves = c->curves, .curve_count = c->curve_count};
    struct range x, y;
    double page_width = clamp(c->width ? c->width : WIDTH_DEFAULT, WIDTH_MIN, SIDE_MAX);
    find_ranges(c, &x, &y);
    p.height = clamp(c->plot_height ? c->plot_height : PLOT_HEIGHT_DEFAULT, PLOT_HEIGHT_MIN, SIDE_MAX);
    p.y = scale_make(&c->y, y.low, y.high, (size_t)(p.height / 48));
    p.left = fmax(MARGIN + (has_title(&c->y) ? 22 : 0) + widest_label(&p.y) + 10, left_of_table(c, page_width));
    p.width = page_width - p.left - RIGHT;
    p.x = scale_make(&c->x, x.low, x.high, (size_t)(p.width / (c->x.scale == CHART_DATE ? 84 : 62)));
    p.top = legend_top(c) + LEGEND_ROW * legend_rows(&p, page_width, 0, false) + 12;
    p.page = (struct page_size){(int)page_width, (int)ceil(p.top + p.height + below_plot(c))};
    return p;
}

size_t chart_x_ticks(const struct chart *c, double out[CHART_TICKS_MAX])
{
    struct plot p = lay_out(c);
    memcpy(out, p.x.ticks, p.x.tick_count * sizeof *out);
    return p.x.tick_count;
}

/* ---- the frame --------------------------------------------------------------------------------------------------- */

static void draw_head(const struct plot *p)
{
    const struct chart *c = p->chart;
    double room = p->page.width - 2 * MARGIN, y = MARGIN;
    if (c->title)
        letter(p, (struct lettering){.size = TITLE, .colour = BLACK, .bold = true}, MARGIN, y + 15,
               fitted(c->title, TITLE, true, room).bytes);
    y += c->title ? TITLE_ROW : 0;
    if (c->subtitle)
        letter(p, (struct lettering){.size = BODY, .colour = DARK}, MARGIN, y + 11,
               fitted(c->subtitle, BODY, false, room).bytes);
    legend_rows(p, p->page.width, legend_top(c), true);
}

static void draw_grid(const struct plot *p)
{
    for (size_t i = 0; i < p->y.tick_count; i++) {
        double y = plot_point(p, p->x.min, p->y.ticks[i]).y;
        rule(p, (struct ink){GRID, 1, 1, NULL, 0}, p->left, y, p->left + p->width, y);
    }
}

/* "Time since operation (months)" */
static struct shown_text axis_title(const struct chart_axis *a, double room)
{
    char text[2 * sizeof(struct shown_text) + 8];
    struct shown_text title = clean(a->title ? a->title : ""), unit = clean(a->unit ? a->unit : "");
    if (a->title && a->unit)
        snprintf(text, sizeof text, "%s (%s)", title.bytes, unit.bytes);
    else
        snprintf(text, sizeof text, "%s%s", title.bytes, unit.bytes);
    return fitted(text, BODY, false, room);
}

static void draw_x_axis(const struct plot *p)
{
    double bottom = p->top + p->height;
    char label[SCALE_LABEL_SIZE];
    rule(p, (struct ink){DARK, 1, 1, NULL, 0}, p->left, bottom, p->left + p->width, bottom);
    for (size_t i = 0; i < p->x.tick_count; i++) {
        double x = plot_point(p, p->x.ticks[i], 0).x;
        rule(p, (struct ink){DARK, 1, 1, NULL, 0}, x, bottom, x, bottom + 5);
        scale_label(&p->x, p->x.ticks[i], label);
        letter(p, (struct lettering){.size = BODY, .colour = BLACK, .anchor = ANCHOR_MIDDLE}, x, bottom + 19, label);
    }
    if (has_title(&p->chart->x))
        letter(p, (struct lettering){.size = BODY, .colour = DARK, .anchor = ANCHOR_MIDDLE}, p->left + p->width / 2,
               bottom + TICK_ROW + 15, axis_title(&p->chart->x, p->width).bytes);
}

static void draw_y_axis(const struct plot *p)
{
    char label[SCALE_LABEL_SIZE];
    rule(p, (struct ink){DARK, 1, 1, NULL, 0}, p->left, p->top, p->left, p->top + p->height);
    for (size_t i = 0; i < p->y.tick_count; i++) {
        double y = plot_point(p, p->x.min, p->y.ticks[i]).y;
        rule(p, (struct ink){DARK, 1, 1, NULL, 0}, p->left - 5, y, p->left, y);
        scale_label(&p->y, p->y.ticks[i], label);
        letter(p, (struct lettering){.size = BODY, .colour = BLACK, .anchor = ANCHOR_END}, p->left - 9, y + 4.5, label);
    }
    if (has_title(&p->chart->y))
        letter(p, (struct lettering){.size = BODY, .colour = DARK, .anchor = ANCHOR_MIDDLE, .upwards = true},
               p->left - widest_label(&p->y) - 20, p->top + p->height / 2,
               axis_title(&p->chart->y, p->height + 40).bytes);
}

/* ---- reference lines --------------------------------------------------------------------------------------------- */

/* A label on a piece of paper of its own, so that curves do not run through it. */
static void draw_label(const struct plot *p, const char *text, double x, double y, enum anchor anchor)
{
    struct shown_text label = fitted(text, SMALL, false, p->width / 2);
    double width = pen_text_width(SMALL, false, label.bytes), from = anchor == ANCHOR_END ? x - width : x;
    cover(p, (struct ink){WHITE, 0.8, 0, NULL, 0}, from - 2, y - 11, width + 4, 14);
    letter(p, (struct lettering){.size = SMALL, .colour = DARK, .anchor = anchor}, x, y, label.bytes);
}

/* Labels of vertical lines begin at the top and go down in steps, so that neighbours do not collide. */
static void draw_line(const struct plot *p, const struct chart_line *l, int step)
{
    static const double dashes[] = {5, 4};
    struct ink ink = {0x777777, 1, 1.2, dashes, 2};
    double place = scale_place(l->vertical ? &p->x : &p->y, l->at);
    if (!(place >= 0 && place <= 1))
        return;
    if (l->vertical) {
        double x = p->left + p->width * place, away = place > 0.7 ? -5 : 5;
        rule(p, ink, x, p->top, x, p->top + p->height);
        if (l->label)
            draw_label(p, l->label, x + away, p->top + 12 + 16 * step, place > 0.7 ? ANCHOR_END : ANCHOR_START);
    } else {
        double y = p->top + p->height * (1 - place);
        rule(p, ink, p->left, y, p->left + p->width, y);
        if (l->label)
            draw_label(p, l->label, p->left + p->width - 4, place > 0.93 ? y + 13 : y - 5, ANCHOR_END);
    }
}

static void draw_lines(const struct plot *p)
{
    int step = 0;
    for (size_t i = 0; i < p->chart->line_count; i++) {
        draw_line(p, &p->chart->lines[i], step);
        step += p->chart->lines[i].vertical && p->chart->lines[i].label;
    }
}

/* ---- below ------------------------------------------------------------------------------------------------------- */

static void draw_table_row(const struct plot *p, size_t index, double y)
{
    const struct chart_table *t = p->chart->table;
    struct lettering how = {.size = SMALL, .colour = BLACK};
    double label_x = MARGIN + TABLE_SAMPLE + SAMPLE_GAP;
    curves_sample(p, index, (struct point){MARGIN, y - 4}, TABLE_SAMPLE);
    letter(p, how, label_x, y, fitted(p->chart->curves[index].label, SMALL, false, p->left - label_x - 22).bytes);
    how.anchor = ANCHOR_MIDDLE;
    for (size_t i = 0; i < t->columns; i++) {
        double value = t->values[index * t->columns + i], place = scale_place(&p->x, t->at[i]);
        char text[SCALE_LABEL_SIZE];
        if (!isfinite(value) || !(place >= 0 && place <= 1))
            continue;
        snprintf(text, sizeof text, "%.15g", value);
        letter(p, how, p->left + p->width * place, y, text);
    }
}

static double draw_table(const struct plot *p, double y)
{
    const struct chart *c = p->chart;
    y += 10 + TABLE_ROW;
    if (c->table->title)
        letter(p, (struct lettering){.size = SMALL, .colour = BLACK, .bold = true}, MARGIN, y - 4,
               fitted(c->table->title, SMALL, true, p->page.width - 2 * MARGIN).bytes);
    for (size_t i = 0; i < c->curve_count; i++)
        if (c->curves[i].label) {
            y += TABLE_ROW;
            draw_table_row(p, i, y - 4);
        }
    return y;
}

static void draw_foot(const struct plot *p)
{
    const struct chart *c = p->chart;
    double y = p->top + p->height + TICK_ROW + (has_title(&c->x) ? AXIS_TITLE_ROW : 0);
    if (c->table)
        y = draw_table(p, y);
    if (c->note)
        letter(p, (struct lettering){.size = SMALL, .colour = DARK}, MARGIN, y + NOTE_ROW - 4,
               fitted(c->note, SMALL, false, p->page.width - 2 * MARGIN).bytes);
}

/* ---- all of it --------------------------------------------------------------------------------------------------- */

static void draw(const struct plot *p)
{
    cover(p, (struct ink){WHITE, 1, 0, NULL, 0}, 0, 0, p->page.width, p->page.height);
    draw_head(p);
    draw_grid(p);
    double edge = curves_edge(p);
    p->pen->clip(p->pen, (struct point){p->left - edge, p->top - edge}, p->width + 2 * edge, p->height + 2 * edge);
    curves_draw(p);
    p->pen->unclip(p->pen);
    draw_lines(p);
    draw_x_axis(p);
    draw_y_axis(p);
    if (is_empty(p->chart))
        letter(p, (struct lettering){.size = TITLE, .colour = DARK, .anchor = ANCHOR_MIDDLE}, p->left + p->width / 2,
               p->top + p->height / 2, "No data");
    draw_foot(p);
}

static struct pen *pen_for(const char *media_type, struct page_size size, const char *title, struct writer *out)
{
    if (strcmp(media_type, chart_media_types[0]) == 0)
        return pen_svg(size, title, out);
    if (strcmp(media_type, chart_media_types[1]) == 0)
        return pen_png(size, out);
    if (strcmp(media_type, chart_media_types[2]) == 0)
        return pen_pdf(size, title, out);
    return NULL;
}

enum status chart_draw(const struct chart *c, const char *media_type, struct writer *out, struct problem *why)
{
    TRY(check(c, why));
    struct plot p = lay_out(c);
    struct shown_text title = clean(c->title ? c->title : "Chart");
    p.pen = pen_for(media_type, p.page, title.bytes, out);
    if (!p.pen)
        return fail(why, FAULT, NULL, "There is no pen for %s.", media_type);
    draw(&p);
    return p.pen->end(p.pen);
}
