#include "services/analytics/model/report_page.h"

#include "common/chart/chart.h"

#include <math.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char style[] =
    "body{font:16px/1.5 'DejaVu Sans',Verdana,sans-serif;color:#1b1b1b;max-width:50rem;margin:2rem auto;padding:0 1rem}"
    "h1{font-size:1.6rem}h2{font-size:1.2rem;margin-top:2rem}table{border-collapse:collapse;margin:1rem 0}"
    "th,td{border-bottom:1px solid #ccc;padding:.2rem .7rem;text-align:right}"
    "th:first-child,td:first-child{text-align:left}svg{max-width:100%;height:auto}";

/* ---- Text ---- */

static void put(struct writer *w, const char *html)
{
    write_bytes(w, html, strlen(html));
}

static void put_element(struct writer *w, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static void put_element(struct writer *w, const char *name, const char *format, ...)
{
    char text[600];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    put(w, "<");
    put(w, name);
    put(w, ">");
    write_markup_text(w, text);
    put(w, "</");
    put(w, name);
    put(w, ">\n");
}

/* ---- Pictures ---- */

enum { POINTS_MAX = 2000, SCORE_STEP = 5, PLOT_WIDTH = 560, PLOT_HEIGHT = 420 };

struct points {
    size_t count;
    double *predicted, *observed, *residual;
};

static int by_prediction(const void *left, const void *right)
{
    const struct judged *a = *(const struct judged *const *)left, *b = *(const struct judged *const *)right;
    if (a->prediction.score != b->prediction.score)
        return a->prediction.score < b->prediction.score ? -1 : 1;
    return (a > b) - (a < b);
}

/* In the order of predictions; of many, every so-manieth. */
static struct points points_make(const struct evaluation *e, struct arena *arena)
{
    const size_t each = sizeof(void *);
    const struct judged **order = arena_alloc(arena, (e->count + 1) * each);
    size_t step = e->count / POINTS_MAX + 1, room = (e->count / step + 1) * sizeof(double);
    struct points p = {0, arena_alloc(arena, room), arena_alloc(arena, room), arena_alloc(arena, room)};
    for (size_t i = 0; i < e->count; i++)
        order[i] = &e->judged[i];
    qsort(order, e->count, each, by_prediction);
    for (size_t i = 0; i < e->count; i += step, p.count++) {
        p.predicted[p.count] = order[i]->prediction.score;
        p.observed[p.count] = order[i]->observed;
        p.residual[p.count] = order[i]->observed - order[i]->prediction.score;
    }
    return p;
}

static const double diagonal[] = {0, SCORE_MAX};

static struct chart_axis score_axis(const char *title)
{
    return (struct chart_axis){.title = title, .unit = "points", .max = SCORE_MAX, .step = SCORE_STEP};
}

static enum status put_chart(struct writer *w, struct chart chart, struct problem *why)
{
    chart.width = PLOT_WIDTH;
    chart.plot_height = PLOT_HEIGHT;
    return chart_draw(&chart, "image/svg+xml", w, why);
}

static enum status put_agreement(struct writer *w, const struct points *p, struct problem *why)
{
    const struct chart_curve curves[] = {
        {.label = "people", .style = CHART_POINTS, .count = p->count, .x = p->predicted, .y = p->observed},
        {.label = "as predicted", .style = CHART_LINE, .count = COUNT(diagonal), .x = diagonal, .y = diagonal}};
    return put_chart(w,
                     (struct chart){.title = "Predicted and observed",
                                    .x = score_axis("Predicted"),
                                    .y = score_axis("Observed"),
                                    .curves = curves,
                                    .curve_count = COUNT(curves)},
                     why);
}

static enum status put_calibration(struct writer *w, const struct evaluation *e, struct problem *why)
{
    double predicted[CALIBRATION_BINS], observed[CALIBRATION_BINS];
    size_t count = 0;
    for (int i = 0; i < CALIBRATION_BINS; i++) {
        const struct calibration_bin *bin = &e->calibration[i];
        if (bin->count == 0)
            continue;
        predicted[count] = bin->predicted;
        observed[count++] = bin->observed;
    }
    const struct chart_curve curves[] = {
        {.label = "tenths of the predictions", .style = CHART_TRAIL, .count = count, .x = predicted, .y = observed},
        {.label = "as predicted", .style = CHART_LINE, .count = COUNT(diagonal), .x = diagonal, .y = diagonal}};
    return put_chart(w,
                     (struct chart){.title = "Calibration",
                                    .x = score_axis("Mean prediction"),
                                    .y = score_axis("Mean observed"),
                                    .curves = curves,
                                    .curve_count = COUNT(curves)},
                     why);
}

static enum status put_residuals(struct writer *w, const struct points *p, struct problem *why)
{
    const struct chart_curve curves[] = {
        {.label = "people", .style = CHART_POINTS, .count = p->count, .x = p->predicted, .y = p->residual}};
    static const struct chart_line lines[] = {{.at = 0, .label = NULL}};
    return put_chart(w,
                     (struct chart){.title = "Residuals",
                                    .x = score_axis("Predicted"),
                                    .y = {.title = "Observed minus predicted", .unit = "points"},
                                    .curves = curves,
                                    .curve_count = COUNT(curves),
                                    .lines = lines,
                                    .line_count = COUNT(lines)},
                     why);
}

/* ---- Tables ---- */

static void put_cells(struct writer *w, const char *name, const struct metrics *m)
{
    put(w, "<tr>");
    put_element(w, "td", "%s", name);
    put_element(w, "td", "%zu", m->count);
    put_element(w, "td", "%.2f", m->mae);
    put_element(w, "td", "%.2f", m->rmse);
    put_element(w, "td", "%+.2f", m->bias);
    put_element(w, "td", "%.3f", m->coverage);
    put_element(w, "td", "%.1f", m->mean_width);
    put(w, "</tr>\n");
}

static void put_head(struct writer *w, const char *first)
{
    put(w, "<table><thead><tr>");
    put_element(w, "th", "%s", first);
    put(w, "<th>people</th><th>MAE</th><th>RMSE</th><th>bias</th><th>in the 90% interval</th><th>its mean width</th>"
           "</tr></thead><tbody>\n");
}

static void put_parts(struct writer *w, const char *first, const char *const *names, const struct metrics *parts,
                      int count)
{
    put_head(w, first);
    for (int i = 0; i < count; i++)
        if (parts[i].count > 0)
            put_cells(w, names[i], &parts[i]);
    put(w, "</tbody></table>\n");
}

static void put_figures(struct writer *w, const struct evaluation *e)
{
    put_head(w, "");
    put_cells(w, e->method->name, &e->overall);
    put_cells(w, "last_value", &e->last_value);
    put(w, "</tbody></table>\n");
    put_element(w, "p", "RMSE is %+.3f points off that of the last value, 95%% from %+.3f to %+.3f: %s.", e->rmse.value,
                e->rmse.lower, e->rmse.upper, e->beats_last_value ? "better, beyond noise" : "not better beyond noise");
    put_parts(w, "last score", score_band_names, e->by_band, SCORE_BANDS);
    put_parts(w, "years ahead", validation_horizon_names, e->by_horizon, HORIZON_BANDS);
}

static void put_data(struct writer *w, const struct model_card *card)
{
    const struct card_data *d = card->data;
    put_element(w, "p", "%lld visits of %lld people from %s to %s; %lld of them have two visits or more.",
                (long long)d->visits.value, (long long)d->subjects.value, d->first_visit ? d->first_visit : "?",
                d->last_visit ? d->last_visit : "?", (long long)d->with_two_visits.value);
    put_element(w, "p", "Method %s: %s. Seed %lld, %lld folds by person.", card->method, card->summary,
                (long long)card->seed.value, (long long)card->folds.value);
}

static void put_checks(struct writer *w, const struct model_card *card)
{
    const struct card_check *checks = card->checks.items;
    put(w, "<ul>\n");
    for (size_t i = 0; i < card->checks.count; i++)
        put_element(w, "li", "%s %s: %s.", checks[i].passed.value ? "passed" : "NOT passed", checks[i].check,
                    checks[i].detail);
    put(w, "</ul>\n");
}

static void put_limits(struct writer *w, const struct model_card *card)
{
    put(w, "<ul>\n");
    for (size_t i = 0; i < card->known_limits.count; i++)
        put_element(w, "li", "%s", card->known_limits.items[i]);
    put(w, "</ul>\n");
}

enum status report_page_make(const struct training *t, const struct model_card *card, const struct evaluation *e,
                             struct arena *arena, struct problem *why, const char **out)
{
    AUTO(writer_release) struct writer w = {0};
    struct points points = points_make(e, arena);
    put(&w, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    put_element(&w, "title", "%s", t->name);
    put(&w, "<style>");
    put(&w, style);
    put(&w, "</style>\n</head>\n<body>\n");
    put_element(&w, "h1", "%s", t->name);
    put_data(&w, card);
    put(&w, "<h2>Against what came</h2>\n<p>On people whom it had not seen, in cross-validation.</p>\n");
    put_figures(&w, e);
    TRY(put_agreement(&w, &points, why));
    TRY(put_calibration(&w, e, why));
    TRY(put_residuals(&w, &points, why));
    put(&w, "<h2>Checks</h2>\n");
    put_checks(&w, card);
    put(&w, "<h2>What it cannot do</h2>\n");
    put_limits(&w, card);
    put(&w, "</body>\n</html>\n");
    *out = writer_text(&w, arena);
    return OK;
}

/* By what stands in the page: one that was made by an earlier version has the style sheet of then. All else that came
 * from outside is escaped, so the first <style> is ours. */
const char *report_page_policy(struct arena *arena, const char *page)
{
    static const char begin[] = "<style>";
    const char *sheet = strstr(page, begin), *end = sheet ? strstr(sheet, "</style>") : NULL;
    unsigned char hash[crypto_hash_sha256_BYTES];
    char text[sodium_base64_ENCODED_LEN(sizeof hash, sodium_base64_VARIANT_ORIGINAL)] = "";
    if (end) {
        sheet += sizeof begin - 1;
        crypto_hash_sha256(hash, (const unsigned char *)sheet, (size_t)(end - sheet));
        sodium_bin2base64(text, sizeof text, hash, sizeof hash, sodium_base64_VARIANT_ORIGINAL);
    }
    return arena_printf(arena,
                        "default-src 'none'; style-src 'sha256-%s'; base-uri 'none'; form-action 'none';"
                        " frame-ancestors 'none'",
                        text);
}
