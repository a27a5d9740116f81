#include "common/chart/chart.h"
#include "tests/support/unit.h"

#include <cairo.h>
#include <expat.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SVG chart_media_types[0]
#define PNG chart_media_types[1]
#define PDF chart_media_types[2]

static const double times[] = {0, 6, 12, 30, 48}, falls[] = {1, 0.9, 0.7, 0.4, 0.1};
static const double lower[] = {1, 0.8, 0.5, 0.2, 0}, upper[] = {1, 1, 0.9, 0.6, 0.3};
static const struct chart_curve fall = {"treated", CHART_STEPS, 5, times, falls, lower, upper, (const double[]){9}, 1};

/* A survival curve; members that are named replace its own. */
#define CHART(...) \
    (struct chart) \
    { \
        .title = "Survival", .x = {.title = "Time", .unit = "months", .step = 12, .min = 0, .max = 48}, \
        .y = {.title = "Surviving", .scale = CHART_PERCENT, .min = 0, .max = 1}, .curves = &fall, .curve_count = 1, \
        __VA_ARGS__ \
    }

static struct writer draw(const struct chart *c, const char *media_type)
{
    SCENE(s);
    struct writer out = {0};
    ck_assert_int_eq(chart_draw(c, media_type, &out, &s.why), OK);
    return out;
}
#define PICTURE AUTO(writer_release) struct writer

static void ck_refuses_to_draw(const struct chart *c, const char *sentence)
{
    SCENE(s);
    PICTURE out = {0};
    ck_assert_int_eq(chart_draw(c, SVG, &out, &s.why), INVALID);
    ck_assert_uint_eq(out.used, 0);
    ck_assert_msg(strstr(s.why.detail, sentence) != NULL, "%s", s.why.detail);
}

/* ---- SVG -------------------------------------------------------------------------------------------------------- */

/* The content that a reader of the XML finds. */
struct found {
    char texts[20000];
    int polylines, polygons, circles;
    const char *only; /* an attribute that is counted where it is set */
    int with;
};

static void on_element(void *user, const char *name, const char **attributes)
{
    struct found *f = user;
    f->polylines += strcmp(name, "polyline") == 0;
    f->polygons += strcmp(name, "polygon") == 0;
    f->circles += strcmp(name, "circle") == 0;
    for (; *attributes; attributes += 2) {
        f->with += f->only && strcmp(attributes[0], f->only) == 0;
        ck_assert_msg(!strstr(attributes[1], "nan") && !strstr(attributes[1], "inf"), "%s", attributes[1]);
    }
}

static void on_text(void *user, const char *text, int size)
{
    strncat(((struct found *)user)->texts, text, (size_t)size);
}

static void on_end(void *user, const char *name)
{
    if (strcmp(name, "text") == 0 || strcmp(name, "title") == 0)
        strcat(((struct found *)user)->texts, "|");
}

static void read_svg(const struct writer *svg, struct found *out)
{
    XML_Parser parser = XML_ParserCreate("UTF-8");
    XML_SetUserData(parser, out);
    XML_SetElementHandler(parser, on_element, on_end);
    XML_SetCharacterDataHandler(parser, on_text);
    ck_assert_msg(XML_Parse(parser, svg->bytes, (int)svg->used, 1) == XML_STATUS_OK, "%s in line %lu",
                  XML_ErrorString(XML_GetErrorCode(parser)), XML_GetCurrentLineNumber(parser));
    XML_ParserFree(parser);
}

static void ck_shows(const struct chart *c, const char *text)
{
    PICTURE svg = draw(c, SVG);
    struct found f = {0};
    read_svg(&svg, &f);
    ck_assert_msg(strstr(f.texts, text) != NULL, "no %s in %s", text, f.texts);
}

START_TEST(svg_is_well_formed_and_says_everything_as_text)
{
    const struct chart_line lines[] = {{.at = 0.5, .label = "median"},
                                       {.vertical = true, .at = 24, .label = "two years"}};
    const struct chart_table risk = {"At risk", 2, (const double[]){0, 24}, (const double[]){50, 20}};
    struct chart c =
        CHART(.subtitle = "All patients", .note = "Strokes: censored", .lines = lines, .line_count = 2, .table = &risk);
    static const char *const texts[] = {
        "Survival|", "All patients|", "treated|",          "Time (months)|", "\n0|",    "\n12|",      "\n24|",
        "\n48|",     "\n0%|",         "\n100%|",           "Surviving|",     "median|", "two years|", "At risk|",
        "\n50|",     "\n20|",         "Strokes: censored|"};
    for (size_t i = 0; i < COUNT(texts); i++)
        ck_shows(&c, texts[i]);
}
END_TEST

START_TEST(markup_and_control_characters_in_texts_are_harmless)
{
    struct chart c = CHART(.title = R"(<script>alert('1')</script> & "x")", .note = "a\001b\xef\xbf\xbf"
                                                                                    "c\xc2\x85"
                                                                                    "d");
    PICTURE svg = draw(&c, SVG);
    struct found f = {0};
    read_svg(&svg, &f);
    ck_assert_ptr_null(strstr(svg.bytes, "<script"));
    ck_assert_ptr_nonnull(strstr(f.texts, R"(<script>alert('1')</script> & "x"|)"));
    ck_assert_ptr_nonnull(strstr(f.texts, "a b c d|"));
}
END_TEST

START_TEST(text_that_is_no_utf8_becomes_a_question_mark)
{
    struct chart c = CHART(.title = "Ge\xe4ndert");
    ck_shows(&c, "?|");
    PICTURE png = draw(&c, PNG), pdf = draw(&c, PDF);
    ck_assert_uint_gt(png.used + pdf.used, 0);
}
END_TEST

START_TEST(texts_that_do_not_fit_are_cut_with_an_ellipsis)
{
    char title[3000];
    memset(title, 'w', sizeof title - 1);
    title[sizeof title - 1] = '\0';
    struct chart c = CHART(.title = title, .x = {.title = title, .unit = title});
    ck_shows(&c, "w\u2026|");
    PICTURE svg = draw(&c, SVG);
    ck_assert_uint_lt(svg.used, 20000);
}
END_TEST

START_TEST(a_text_of_wide_characters_is_cut_between_two_of_them)
{
    char title[1300] = "";
    for (int i = 0; i < 250; i++)
        strcat(title, "\u00e4\u6f22");
    struct chart c = CHART(.title = title);
    ck_shows(&c, "\u2026|");
}
END_TEST

START_TEST(svgs_can_share_a_page_because_they_have_no_ids)
{
    struct chart c = CHART();
    PICTURE svg = draw(&c, SVG);
    struct found f = {.only = "id"};
    read_svg(&svg, &f);
    ck_assert_int_eq(f.with, 0);
    ck_assert_mem_eq(svg.bytes, "<svg ", 5);
}
END_TEST

START_TEST(curves_differ_in_colour_and_in_dashes)
{
    struct chart_curve curves[CHART_CURVES_MAX];
    for (size_t i = 0; i < COUNT(curves); i++)
        curves[i] = fall;
    struct chart c = CHART(.curves = curves, .curve_count = COUNT(curves));
    PICTURE svg = draw(&c, SVG);
    static const char *const styles[] = {
        R"(#0072b2" stroke-width="2" stroke-linejoin="round" points)",
        R"(#d55e00" stroke-width="2" stroke-linejoin="round" stroke-dasharray="7 4")",
        R"(#009e73" stroke-width="2" stroke-linejoin="round" stroke-dasharray="2 3")",
        R"(#cc79a7" stroke-width="2" stroke-linejoin="round" stroke-dasharray="10 3 2 3")",
    };
    for (size_t i = 0; i < COUNT(styles); i++)
        ck_assert_msg(strstr(svg.bytes, styles[i]) != NULL, "%s", styles[i]);
}
END_TEST

/* ---- curves ----------------------------------------------------------------------------------------------------- */

static struct found found_in(const struct chart *c)
{
    PICTURE svg = draw(c, SVG);
    struct found f = {0};
    read_svg(&svg, &f);
    return f;
}

START_TEST(a_missing_value_interrupts_the_line)
{
    const double x[] = {0, 1, 2, 3, 4}, whole[] = {1, 2, 3, 4, 5}, broken[] = {1, 2, NAN, 4, 5};
    struct chart_curve curve = {.style = CHART_LINE, .count = 5, .x = x, .y = whole};
    struct chart c = {.curves = &curve, .curve_count = 1};
    int before = found_in(&c).polylines;
    curve.y = broken;
    ck_assert_int_eq(found_in(&c).polylines, before + 1);
}
END_TEST

START_TEST(points_are_drawn_one_by_one_and_a_trail_joins_them)
{
    struct chart_curve curve = {.style = CHART_POINTS, .count = 5, .x = times, .y = falls};
    struct chart c = {.curves = &curve, .curve_count = 1};
    struct found apart = found_in(&c);
    curve.style = CHART_TRAIL;
    struct found joined = found_in(&c);
    ck_assert_int_eq(apart.circles, 5);
    ck_assert_int_eq(joined.circles, 5);
    ck_assert_int_eq(joined.polylines, apart.polylines + 1);
}
END_TEST

START_TEST(a_long_curve_makes_a_small_picture_that_keeps_its_peaks)
{
    enum { LENGTH = 400000 };
    double *x = calloc(LENGTH, sizeof *x), *y = calloc(LENGTH, sizeof *y);
    for (int i = 0; i < LENGTH; i++)
        x[i] = i, y[i] = i % 2;
    y[LENGTH / 2] = 10;
    struct chart_curve curve = {.style = CHART_LINE, .count = LENGTH, .x = x, .y = y};
    struct chart c = {.y = {.min = 0, .max = 10}, .curves = &curve, .curve_count = 1};
    PICTURE svg = draw(&c, SVG);
    ck_assert_uint_lt(svg.used, 200000);
    ck_assert_ptr_nonnull(strstr(svg.bytes, ",26 ")); /* the upper end of the plot, where no title is */
    free(x);
    free(y);
}
END_TEST

START_TEST(nothing_to_draw_is_said)
{
    struct chart c = {.title = "Empty"};
    const double none[] = {NAN};
    struct chart_curve curve = {.style = CHART_TRAIL, .count = 1, .x = times, .y = none};
    ck_shows(&c, "No data|");
    c.curves = &curve, c.curve_count = 1;
    ck_shows(&c, "No data|");
}
END_TEST

START_TEST(a_single_value_has_room_around_it)
{
    const double x[] = {5}, y[] = {20};
    struct chart_curve curve = {.style = CHART_POINTS, .count = 1, .x = x, .y = y};
    struct chart c = {.curves = &curve, .curve_count = 1};
    ck_assert_int_eq(found_in(&c).circles, 1);
    ck_shows(&c, "\n20.0|");
}
END_TEST

START_TEST(more_than_a_chart_holds_is_refused)
{
    static const struct chart_curve curves[CHART_CURVES_MAX + 1];
    static const struct chart_line lines[CHART_LINES_MAX + 1];
    struct chart_curve crowd = {.style = CHART_POINTS, .count = CHART_POINTS_MAX + 1};
    struct chart_curve far = {.style = CHART_LINE, .count = 1, .x = (const double[]){1e300}, .y = falls};
    struct chart_table wide = {.columns = CHART_TICKS_MAX + 1};
    ck_refuses_to_draw(&(struct chart){.curves = curves, .curve_count = COUNT(curves)}, "8 curves");
    ck_refuses_to_draw(&(struct chart){.lines = lines, .line_count = COUNT(lines)}, "8 lines");
    ck_refuses_to_draw(&(struct chart){.curves = &crowd, .curve_count = 1}, "20000 points");
    ck_refuses_to_draw(&(struct chart){.curves = &far, .curve_count = 1}, "too large");
    ck_refuses_to_draw(&(struct chart){.table = &wide}, "16 columns");
}
END_TEST

/* ---- axes ------------------------------------------------------------------------------------------------------- */

static void ck_ticks(const struct chart *c, size_t count, double first, double last)
{
    double ticks[CHART_TICKS_MAX];
    ck_assert_uint_eq(chart_x_ticks(c, ticks), count);
    ck_assert_double_eq_tol(ticks[0], first, 1e-9);
    ck_assert_double_eq_tol(ticks[count - 1], last, 1e-9);
}

static struct chart over(double from, double to, enum chart_scale scale)
{
    static struct chart_curve curve = {.style = CHART_LINE, .count = 2};
    static double x[2];
    static const double y[] = {0, 1};
    x[0] = from, x[1] = to;
    curve.x = x, curve.y = y;
    return (struct chart){.x = {.scale = scale}, .curves = &curve, .curve_count = 1};
}

START_TEST(ticks_are_round_and_hold_the_data)
{
    struct chart c = over(0.3, 97, CHART_NUMBER);
    ck_ticks(&c, 11, 0, 100);
    c = over(-0.12, 0.13, CHART_NUMBER);
    ck_ticks(&c, 7, -0.15, 0.15);
    ck_shows(&c, "\u22120.15|");
    ck_shows(&c, "\n0.00|");
    c = CHART();
    ck_ticks(&c, 5, 0, 48);
}
END_TEST

START_TEST(days_are_counted_as_the_calendar_does)
{
    ck_assert_double_eq(scale_day(1970, 1, 1), 0);
    ck_assert_double_eq(scale_day(1969, 12, 31), -1);
    ck_assert_double_eq(scale_day(2000, 3, 1), 11017);
    ck_assert_double_eq(scale_day(2026, 11, 21), 20778);
    ck_assert_double_eq(scale_day(1900, 3, 1) - scale_day(1900, 2, 28), 1);
}
END_TEST

START_TEST(dates_have_ticks_at_years_months_or_days)
{
    struct chart c = over(scale_day(2019, 5, 3), scale_day(2025, 8, 1), CHART_DATE);
    ck_ticks(&c, 6, scale_day(2020, 1, 1), scale_day(2025, 1, 1));
    ck_shows(&c, "\n2023|");
    c = over(scale_day(2025, 1, 20), scale_day(2025, 6, 3), CHART_DATE);
    ck_ticks(&c, 5, scale_day(2025, 2, 1), scale_day(2025, 6, 1));
    ck_shows(&c, "\n2025-02|");
    c = over(scale_day(2025, 2, 2), scale_day(2025, 2, 5), CHART_DATE);
    ck_shows(&c, "\n2025-02-04|");
    c = over(scale_day(1, 1, 1), scale_day(3000, 2, 5), CHART_DATE);
    ck_shows(&c, "\n2000|");
}
END_TEST

/* ---- PNG and PDF ------------------------------------------------------------------------------------------------ */

struct reader {
    const char *bytes;
    size_t left;
};

static cairo_status_t give(void *closure, unsigned char *out, unsigned size)
{
    struct reader *r = closure;
    if (size > r->left)
        return CAIRO_STATUS_READ_ERROR;
    memcpy(out, r->bytes, size);
    r->bytes += size, r->left -= size;
    return CAIRO_STATUS_SUCCESS;
}

static uint32_t pixel(cairo_surface_t *s, int x, int y)
{
    uint32_t value;
    memcpy(&value, cairo_image_surface_get_data(s) + (size_t)y * cairo_image_surface_get_stride(s) + (size_t)x * 4, 4);
    return value & 0xffffff;
}

static int pixels_of(cairo_surface_t *s, uint32_t colour)
{
    int count = 0;
    for (int y = 0; y < cairo_image_surface_get_height(s); y++)
        for (int x = 0; x < cairo_image_surface_get_width(s); x++)
            count += pixel(s, x, y) == colour;
    return count;
}

START_TEST(png_shows_the_curve_on_white)
{
    struct chart c = CHART(.width = 400, .plot_height = 200);
    PICTURE png = draw(&c, PNG);
    struct reader reader = {png.bytes, png.used};
    cairo_surface_t *s = cairo_image_surface_create_from_png_stream(give, &reader);
    ck_assert_int_eq(cairo_surface_status(s), CAIRO_STATUS_SUCCESS);
    ck_assert_uint_eq(reader.left, 0);
    ck_assert_int_eq(cairo_image_surface_get_width(s), 800);
    ck_assert_uint_eq(pixel(s, 0, 0), 0xffffff);
    ck_assert_int_gt(pixels_of(s, 0x0072b2), 500);
    ck_assert_int_gt(pixels_of(s, 0x1a1a1a), 100); /* letters: there is a font */
    cairo_surface_destroy(s);
}
END_TEST

START_TEST(pdf_is_a_page_with_the_title)
{
    struct chart c = CHART();
    PICTURE pdf = draw(&c, PDF);
    ck_assert_mem_eq(pdf.bytes, "%PDF-1.", 7);
    ck_assert_mem_eq(pdf.bytes + pdf.used - 6, "%%EOF\n", 6);
    ck_assert_ptr_nonnull(memmem(pdf.bytes, pdf.used, "/Title (Survival)", 17));
    ck_assert_ptr_null(memmem(pdf.bytes, pdf.used, "CreationDate", 12));
}
END_TEST

START_TEST(the_same_chart_gives_the_same_bytes)
{
    struct chart c = CHART();
    for (const char *const *type = chart_media_types; *type; type++) {
        PICTURE one = draw(&c, *type), two = draw(&c, *type);
        ck_assert_uint_eq(one.used, two.used);
        ck_assert_mem_eq(one.bytes, two.bytes, one.used);
    }
}
END_TEST

START_TEST(sides_are_bounded)
{
    struct chart c = CHART(.width = 100000, .plot_height = 100000);
    PICTURE svg = draw(&c, SVG);
    ck_assert_ptr_nonnull(strstr(svg.bytes, R"( width="2000")"));
    c = CHART(.width = 1, .plot_height = -5);
    PICTURE small = draw(&c, PNG);
    ck_assert_uint_gt(small.used, 0);
}
END_TEST

START_TEST(another_media_type_is_a_fault)
{
    SCENE(s);
    PICTURE out = {0};
    struct chart c = CHART();
    ck_assert_int_eq(chart_draw(&c, "image/gif", &out, &s.why), FAULT);
}
END_TEST

int main(void)
{
    return UNIT_TESTS(
        svg_is_well_formed_and_says_everything_as_text, markup_and_control_characters_in_texts_are_harmless,
        text_that_is_no_utf8_becomes_a_question_mark, texts_that_do_not_fit_are_cut_with_an_ellipsis,
        a_text_of_wide_characters_is_cut_between_two_of_them, svgs_can_share_a_page_because_they_have_no_ids,
        curves_differ_in_colour_and_in_dashes, a_missing_value_interrupts_the_line,
        points_are_drawn_one_by_one_and_a_trail_joins_them, a_long_curve_makes_a_small_picture_that_keeps_its_peaks,
        nothing_to_draw_is_said, a_single_value_has_room_around_it, more_than_a_chart_holds_is_refused,
        ticks_are_round_and_hold_the_data, days_are_counted_as_the_calendar_does,
        dates_have_ticks_at_years_months_or_days, png_shows_the_curve_on_white, pdf_is_a_page_with_the_title,
        the_same_chart_gives_the_same_bytes, sides_are_bounded, another_media_type_is_a_fault);
}
