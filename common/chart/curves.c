#include "common/chart/plot_private.h"

#include <math.h>
#include <stdlib.h>

static const double PRESSED = 10000; /* what lies farther out is drawn there, which nobody sees */
static const double RADIUS = 3.2;
static const double MARK = 4; /* half of a stroke across a curve */

static const double dashed[] = {7, 4}, dotted[] = {2, 3}, dash_dotted[] = {10, 3, 2, 3}, long_dashed[] = {15, 5},
                    dash_dot_dotted[] = {10, 3, 2, 3, 2, 3}, short_dashed[] = {4, 2}, sparse[] = {3, 7};

/* The palette of Okabe & Ito without its yellow, which white paper swallows. */
static const struct ink inks[CHART_CURVES_MAX] = {
    {0x0072b2, 1, 2, NULL, 0},
    {0xd55e00, 1, 2, dashed, 2},
    {0x009e73, 1, 2, dotted, 2},
    {0xcc79a7, 1, 2, dash_dotted, 4},
    {0x000000, 1, 2, long_dashed, 2},
    {0xe69f00, 1, 2, short_dashed, 2},
    {0x56b4e9, 1, 2, dash_dot_dotted, 6},
    {0x666666, 1, 2, sparse, 2},
};

struct points {
    struct point *items;
    size_t count, size;
};

static void points_add(struct points *l, struct point p)
{
    if (l->count == l->size) {
        l->size = l->size ? 2 * l->size : 256;
        l->items = realloc(l->items, l->size * sizeof *l->items);
        if (!l->items)
            abort();
    }
    l->items[l->count++] = p;
}

static void points_drop(struct points *l)
{
    free(l->items);
}

static double pressed(double value)
{
    return fmin(fmax(value, -PRESSED), PRESSED);
}

struct point plot_point(const struct plot *p, double x, double y)
{
    return (struct point){pressed(p->left + p->width * scale_place(&p->x, x)),
                          pressed(p->top + p->height * (1 - scale_place(&p->y, y)))};
}

/* ---- lines ------------------------------------------------------------------------------------------------------- */

static bool has_line(const struct chart_curve *c)
{
    return c->style != CHART_POINTS;
}

static bool has_points(const struct chart_curve *c)
{
    return c->style == CHART_POINTS || c->style == CHART_TRAIL;
}

static bool there(const struct chart_curve *c, size_t i)
{
    return isfinite(c->x[i]) && isfinite(c->y[i]);
}

static void add_vertex(struct points *to, bool steps, struct point p)
{
    if (steps && to->count > 0)
        points_add(to, (struct point){p.x, to->items[to->count - 1].y});
    points_add(to, p);
}

/* Adds the values of one run. Of those that share half a pixel of width, the first, lowest, highest and last are all
 * that can be seen; so a picture stays small however long the curve is. */
static void add_run(const struct plot *p, const struct chart_curve *c, const double *y, size_t from, size_t to,
                    struct points *out)
{
    bool steps = c->style == CHART_STEPS;
    for (size_t i = from; i < to;) {
        double column = floor(2 * plot_point(p, c->x[i], y[i]).x);
        size_t low = i, high = i, last = i;
        for (; last + 1 < to && floor(2 * plot_point(p, c->x[last + 1], y[last + 1]).x) <= column; last++) {
            low = y[last + 1] < y[low] ? last + 1 : low;
            high = y[last + 1] > y[high] ? last + 1 : high;
        }
        size_t seen[] = {i, low < high ? low : high, low < high ? high : low, last};
        for (size_t k = 0; k < COUNT(seen); k++)
            if (k == 0 || seen[k] != seen[k - 1])
                add_vertex(out, steps, plot_point(p, c->x[seen[k]], y[seen[k]]));
        i = last + 1;
    }
}

/* Calls draw for each stretch of values without a gap. */
static void each_run(const struct plot *p, const struct chart_curve *c, const struct ink *ink,
                     void (*draw)(const struct plot *, const struct chart_curve *, const struct ink *, size_t, size_t))
{
    for (size_t from = 0, to; from < c->count; from = to) {
        to = from + 1;
        if (!there(c, from))
            continue;
        while (to < c->count && there(c, to))
            to++;
        draw(p, c, ink, from, to);
    }
}

static void stroke_values(const struct plot *p, const struct chart_curve *c, const double *y, const struct ink *ink,
                          size_t from, size_t to)
{
    AUTO(points_drop) struct points line = {0};
    add_run(p, c, y, from, to, &line);
    if (line.count > 1)
        p->pen->stroke(p->pen, ink, line.items, line.count);
}

static void draw_line(const struct plot *p, const struct chart_curve *c, const struct ink *ink, size_t from, size_t to)
{
    stroke_values(p, c, c->y, ink, from, to);
}

/* A band is there where both of its edges are. */
static bool band_there(const struct chart_curve *c, size_t i)
{
    return isfinite(c->low[i]) && isfinite(c->high[i]);
}

static void draw_band_run(const struct plot *p, const struct chart_curve *c, const struct ink *ink, size_t from,
                          size_t to)
{
    struct ink inside = {ink->colour, 0.15, 0, NULL, 0}, edge = {ink->colour, 0.45, 0.75, NULL, 0};
    AUTO(points_drop) struct points outline = {0};
    AUTO(points_drop) struct points below = {0};
    add_run(p, c, c->high, from, to, &outline);
    add_run(p, c, c->low, from, to, &below);
    while (below.count > 0)
        points_add(&outline, below.items[--below.count]);
    p->pen->fill(p->pen, &inside, outline.items, outline.count);
    stroke_values(p, c, c->low, &edge, from, to);
    stroke_values(p, c, c->high, &edge, from, to);
}

static void draw_band(const struct plot *p, const struct chart_curve *c, const struct ink *ink, size_t from, size_t to)
{
    for (size_t begin = from, end; begin < to; begin = end) {
        end = begin + 1;
        if (!band_there(c, begin))
            continue;
        while (end < to && band_there(c, end))
            end++;
        draw_band_run(p, c, ink, begin, end);
    }
}

/* ---- points and marks -------------------------------------------------------------------------------------------- */

static void draw_point(const struct plot *p, size_t index, const struct ink *ink, struct point at)
{
    static const struct point shapes[][4] = {
        {{-0.9, -0.9}, {0.9, -0.9}, {0.9, 0.9}, {-0.9, 0.9}}, /* square */
        {{0, -1.3}, {1.15, 0.8}, {-1.15, 0.8}, {0, -1.3}},    /* triangle */
        {{0, -1.35}, {1.35, 0}, {0, 1.35}, {-1.35, 0}},       /* diamond */
    };
    size_t shape = index % (COUNT(shapes) + 1);
    if (shape == 0) {
        p->pen->disc(p->pen, ink, at, RADIUS);
        return;
    }
    struct point corners[4];
    for (size_t i = 0; i < COUNT(corners); i++)
        corners[i] = (struct point){at.x + RADIUS * shapes[shape - 1][i].x, at.y + RADIUS * shapes[shape - 1][i].y};
    p->pen->fill(p->pen, ink, corners, COUNT(corners));
}

/* Many points let those below shine through. */
static struct ink point_ink(const struct chart_curve *c, size_t index)
{
    struct ink ink = inks[index];
    ink.alpha = c->count > 200 ? 0.35 : 1;
    return ink;
}

static void draw_points(const struct plot *p, const struct chart_curve *c, size_t index)
{
    struct ink ink = point_ink(c, index);
    for (size_t i = 0; i < c->count; i++)
        if (there(c, i))
            draw_point(p, index, &ink, plot_point(p, c->x[i], c->y[i]));
}

/* The curve's value at x; NAN where it has none. */
static double value_at(const struct chart_curve *c, double x)
{
    size_t low = 0, high = c->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (c->x[middle] <= x)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0)
        return NAN;
    if (c->style == CHART_STEPS || low == c->count)
        return c->y[low - 1];
    double share = (x - c->x[low - 1]) / (c->x[low] - c->x[low - 1]);
    return c->y[low - 1] + share * (c->y[low] - c->y[low - 1]);
}

static void draw_marks(const struct plot *p, const struct chart_curve *c, const struct ink *ink)
{
    struct ink thin = {ink->colour, 1, 1.2, NULL, 0};
    double last = -PRESSED;
    for (size_t i = 0; i < c->mark_count; i++) {
        double y = value_at(c, c->marks[i]);
        if (!isfinite(y))
            continue;
        struct point at = plot_point(p, c->marks[i], y);
        if (fabs(at.x - last) < 0.5)
            continue;
        last = at.x;
        p->pen->stroke(p->pen, &thin, (struct point[]){{at.x, at.y - MARK}, {at.x, at.y + MARK}}, 2);
    }
}

/* ---- all of them ------------------------------------------------------------------------------------------------- */

void curves_sample(const struct plot *p, size_t index, struct point from, double length)
{
    const struct chart_curve *c = &p->curves[index];
    struct ink band = {inks[index].colour, 0.15, 0, NULL, 0};
    struct point to = {from.x + length, from.y};
    if (c->low && c->high)
        p->pen->fill(p->pen, &band,
                     (struct point[]){{from.x, from.y - 6}, {to.x, to.y - 6}, {to.x, to.y + 6}, {from.x, from.y + 6}},
                     4);
    if (has_line(c))
        p->pen->stroke(p->pen, &inks[index], (struct point[]){from, to}, 2);
    if (has_points(c))
        draw_point(p, index, &inks[index], (struct point){from.x + length / 2, from.y});
}

double curves_edge(const struct plot *p)
{
    for (size_t i = 0; i < p->curve_count; i++)
        if (has_points(&p->curves[i]))
            return 1.4 * RADIUS;
    return 1;
}

/* Bands lie below all curves. */
void curves_draw(const struct plot *p)
{
    for (size_t i = 0; i < p->curve_count; i++)
        if (p->curves[i].low && p->curves[i].high)
            each_run(p, &p->curves[i], &inks[i], draw_band);
    for (size_t i = 0; i < p->curve_count; i++) {
        const struct chart_curve *c = &p->curves[i];
        if (has_line(c))
            each_run(p, c, &inks[i], draw_line);
        if (has_points(c))
            draw_points(p, c, i);
        draw_marks(p, c, &inks[i]);
    }
}
