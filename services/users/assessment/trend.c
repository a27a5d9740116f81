#include "services/users/assessment/trend.h"

#include "services/users/assessment/assessment.h"

#include "common/http/reply_chart.h"
#include "common/science/statistics/line.h"
#include "common/science/statistics/numbers.h"
#include "common/science/statistics/reliable_change.h"

#include <math.h>

static const double LEVEL = 0.95, DAYS_PER_YEAR = 365.25;

LOCAL_SCHEMA(score_schema, "TrendScore", struct trend_score, FIELD_DATE(struct trend_score, assessed_on),
             FIELD_INTEGER(struct trend_score, mmse, .min = 0, .max = 30));
LOCAL_SCHEMA(change_schema, "TrendChange", struct trend_change,
             FIELD_DATE(struct trend_change, from, .summary = "The day of the earlier score"),
             FIELD_INTEGER(struct trend_change, change, .summary = "Change in points; negative: a loss"),
             FIELD_REAL(struct trend_change, years),
             FIELD_REAL(struct trend_change, reliable_change_index,
                        .summary = "The change over the standard error of a difference (Jacobson & Truax 1991)"),
             FIELD_BOOLEAN(struct trend_change, within_measurement_error,
                           .summary = "The change is within the variation of unchanged people"));
LOCAL_SCHEMA(slope_schema, "TrendSlope", struct trend_slope,
             FIELD_REAL(struct trend_slope, points_per_year, .summary = "Slope of the least-squares line"),
             FIELD_REAL(struct trend_slope, low, .summary = "Lower limit by Student's t; null with two scores"),
             FIELD_REAL(struct trend_slope, high));
LOCAL_SCHEMA(error_schema, "TrendMeasurementError", struct trend_error,
             FIELD_REAL(struct trend_error, standard_error, .summary = "Standard error of one examination, points"),
             FIELD_REAL(struct trend_error, threshold, .summary = "Largest difference within the measurement error"),
             FIELD_TEXT(struct trend_error, source));
LOCAL_SCHEMA(
    rank_schema, "TrendRank", struct trend_rank,
    FIELD_REAL(
        struct trend_rank, percentile,
        .summary =
            "Share of the group with a lower score, plus half of those with the same; null for fewer than 20 patients"),
    FIELD_INTEGER(struct trend_rank, patients, .summary = "The group: patients of this age and schooling"),
    FIELD_INTEGER(struct trend_rank, below), FIELD_INTEGER(struct trend_rank, equal),
    FIELD_INTEGER(struct trend_rank, min_age), FIELD_INTEGER(struct trend_rank, max_age),
    FIELD_INTEGER(struct trend_rank, min_schooling_years, .summary = "null: patients of unknown schooling"),
    FIELD_INTEGER(struct trend_rank, max_schooling_years));

SCHEMA(trend_schema, "Trend", struct trend, FIELD_UUID(struct trend, patient_id), FIELD_TEXT(struct trend, loinc),
       FIELD_INTEGER(struct trend, mmse, .summary = "The latest score"),
       FIELD_REAL(struct trend, level, .summary = "Confidence level of limits and thresholds"),
       FIELD_RECORD(struct trend, since_first, change_schema, struct trend_change, .rules = OMIT_NULL),
       FIELD_RECORD(struct trend, since_previous, change_schema, struct trend_change, .rules = OMIT_NULL),
       FIELD_RECORD(struct trend, slope, slope_schema, struct trend_slope, .rules = OMIT_NULL),
       FIELD_RECORD(struct trend, measurement_error, error_schema, struct trend_error),
       FIELD_RECORD(struct trend, rank, rank_schema, struct trend_rank),
       FIELD_RECORDS(struct trend, scores, score_schema, .summary = "Oldest first"));

/* ---- the figures ------------------------------------------------------------------------------------------------ */

static double day_of(const struct trend_score *s)
{
    struct date d = {0};
    date_parse(s->assessed_on, &d);
    return scale_day(d.year, d.month, d.day);
}

static struct trend_change *change_since(struct request *rq, const struct trend_score *before,
                                         const struct trend_score *after)
{
    const struct users *users = rq->app;
    struct reliable_change c =
        reliable_change((double)before->mmse.value, (double)after->mmse.value, users->mmse_standard_error, LEVEL);
    struct trend_change *out = arena_alloc(rq->arena, sizeof *out);
    *out = (struct trend_change){.from = before->assessed_on,
                                 .change = {true, after->mmse.value - before->mmse.value},
                                 .years = {true, (day_of(after) - day_of(before)) / DAYS_PER_YEAR},
                                 .reliable_change_index = {true, c.index},
                                 .within_measurement_error = {true, c.within_error}};
    return out;
}

static struct trend_error *error_of(struct request *rq)
{
    const struct users *users = rq->app;
    struct trend_error *out = arena_alloc(rq->arena, sizeof *out);
    *out = (struct trend_error){.standard_error = {true, users->mmse_standard_error},
                                .threshold = {true, reliable_change(0, 0, users->mmse_standard_error, LEVEL).threshold},
                                .source = users->mmse_standard_error_source};
    return out;
}

/* Scores and days as columns. */
struct course {
    size_t count;
    double *day, *mmse;
    bool fitted;
    struct line line; /* points a day */
};

static struct course course_of(struct request *rq, const struct record_list *scores)
{
    const struct trend_score *s = scores->items;
    struct course c = {.count = scores->count,
                       .day = arena_alloc(rq->arena, scores->count * sizeof *c.day),
                       .mmse = arena_alloc(rq->arena, scores->count * sizeof *c.mmse)};
    for (size_t i = 0; i < c.count; i++) {
        c.day[i] = day_of(&s[i]);
        c.mmse[i] = (double)s[i].mmse.value;
    }
    c.fitted = line_fit(c.day, c.mmse, c.count, LEVEL, &c.line);
    return c;
}

static struct trend_slope *slope_of(struct request *rq, const struct course *c)
{
    struct trend_slope *out = c->fitted ? arena_alloc(rq->arena, sizeof *out) : NULL;
    if (out)
        *out = (struct trend_slope){.points_per_year = {true, c->line.slope * DAYS_PER_YEAR},
                                    .low = {!isnan(c->line.slope_low), c->line.slope_low * DAYS_PER_YEAR},
                                    .high = {!isnan(c->line.slope_high), c->line.slope_high * DAYS_PER_YEAR}};
    return out;
}

static enum status rank_of(struct request *rq, const struct trend_score *latest, struct trend_rank **out)
{
    struct date born = {0}, today = clock_today();
    date_parse(latest->birth_date, &born);
    struct trend_group g = trend_group_of(date_years_between(born, today), latest->schooling_years);
    struct trend_rank *r = arena_alloc(rq->arena, sizeof *r);
    TRY(trend_rank_find(&rq->db, &g, today, latest->mmse.value, r));
    r->min_age = (struct maybe_integer){true, g.min_age};
    r->max_age = (struct maybe_integer){true, g.max_age};
    r->min_schooling_years = (struct maybe_integer){g.schooled, g.min_schooling};
    r->max_schooling_years = (struct maybe_integer){g.schooled, g.max_schooling};
    if (r->patients.value >= RANKED_MIN)
        r->percentile =
            (struct maybe_real){true, numbers_percentile_rank(r->below.value, r->equal.value, r->patients.value)};
    *out = r;
    return OK;
}

static enum status trend_make(struct request *rq, const struct record_list *scores, const struct course *course,
                              struct trend *out)
{
    const struct trend_score *first = scores->items, *latest = first + scores->count - 1;
    *out = (struct trend){.patient_id = latest->patient_id,
                          .loinc = MMSE_LOINC,
                          .mmse = latest->mmse,
                          .level = {true, LEVEL},
                          .slope = slope_of(rq, course),
                          .measurement_error = error_of(rq),
                          .scores = *scores};
    if (scores->count > 1) {
        out->since_first = change_since(rq, first, latest);
        out->since_previous = change_since(rq, latest - 1, latest);
    }
    return rank_of(rq, latest, &out->rank);
}

/* ---- the picture ------------------------------------------------------------------------------------------------ */

enum { LINE_POINTS = 60 };

static void add_line(struct request *rq, const struct course *c, const struct trend_slope *slope,
                     struct chart_curve *out)
{
    double *at = arena_alloc(rq->arena, sizeof *at * 4 * LINE_POINTS);
    double *y = at + LINE_POINTS, *low = y + LINE_POINTS, *high = low + LINE_POINTS;
    double first = c->day[0], step = (c->day[c->count - 1] - first) / (LINE_POINTS - 1);
    for (int i = 0; i < LINE_POINTS; i++) {
        at[i] = first + i * step;
        y[i] = line_at(&c->line, at[i]);
        low[i] = y[i] - line_margin(&c->line, at[i]);
        high[i] = y[i] + line_margin(&c->line, at[i]);
    }
    bool band = slope->low.known;
    const char *label = band ? arena_printf(rq->arena, "%+.1f points a year (95%% limits %+.1f to %+.1f)",
                                            slope->points_per_year.value, slope->low.value, slope->high.value)
                             : arena_printf(rq->arena, "%+.1f points a year", slope->points_per_year.value);
    *out = (struct chart_curve){label, CHART_LINE, LINE_POINTS, at, y, band ? low : NULL, band ? high : NULL};
}

static const char *note_of(struct request *rq, const struct trend *t)
{
    if (!t->since_first)
        return NULL;
    return arena_printf(rq->arena, "Change since the first score: %+d points, %s (up to %.1f points).",
                        (int)t->since_first->change.value,
                        t->since_first->within_measurement_error.value ? "within measurement error"
                                                                       : "more than measurement error",
                        t->measurement_error->threshold.value);
}

static enum status reply_picture(struct request *rq, const struct trend *t, const struct course *course)
{
    struct chart_curve curves[2] = {{"Score", CHART_TRAIL, course->count, course->day, course->mmse}};
    if (t->slope)
        add_line(rq, course, t->slope, &curves[1]);
    struct chart chart = {.title = "Mini-Mental State Examination",
                          .note = note_of(rq, t),
                          .x = {.title = "Day of the examination", .scale = CHART_DATE},
                          .y = {.title = "Score", .unit = "points", .min = 0, .max = 30, .step = 5},
                          .curves = curves,
                          .curve_count = t->slope ? 2 : 1};
    return reply_chart(rq, t, &chart);
}

enum status trend_get(struct request *rq)
{
    struct record_list scores;
    struct trend trend;
    const char *patient_id;
    TRY(request_id(rq, "patient_id", &patient_id));
    TRY(trend_scores(&rq->db, patient_id, &scores));
    if (scores.count == 0)
        return assessment_no_patient(rq, patient_id);
    struct course course = course_of(rq, &scores);
    TRY(trend_make(rq, &scores, &course, &trend));
    return request_wants_json(rq) ? reply_record(rq, &trend) : reply_picture(rq, &trend, &course);
}
