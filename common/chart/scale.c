#include "common/chart/scale.h"

#include "common/base/status.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <time.h>

/* Room for what adding up steps loses. */
static const double SLACK = 1e-9;

/* ---- days and months --------------------------------------------------------------------------------------------- */

/* Days since 1970-01-01 of a day of a month, the year 0 having the months 0 to 11. */
static double day_of_month(long month_number, int day)
{
    struct tm tm = {.tm_year = -1900, .tm_mon = (int)month_number, .tm_mday = day};
    return (double)timegm(&tm) / 86400;
}

double scale_day(int year, int month, int day)
{
    return day_of_month(year * 12L + month - 1, day);
}

/* The month that a day lies in. */
static long month_at(double day)
{
    long month = (long)floor(day / 30.436875) + 1970L * 12;
    while (day_of_month(month, 1) > day)
        month--;
    while (day_of_month(month + 1, 1) <= day)
        month++;
    return month;
}

/* ---- ticks ------------------------------------------------------------------------------------------------------- */

static double round_step(double span, size_t ticks_max)
{
    double rough = span / (double)ticks_max, power = pow(10, floor(log10(rough)));
    static const double factors[] = {1, 2, 5, 10};
    for (size_t i = 0; i < COUNT(factors); i++)
        if (factors[i] * power * (double)(ticks_max - 1) >= span * (1 - SLACK))
            return factors[i] * power;
    return 20 * power;
}

static void number_ticks(struct scale *s)
{
    double first = ceil(s->min / s->step - SLACK), last = floor(s->max / s->step + SLACK);
    for (; first + (double)s->tick_count <= last && s->tick_count < CHART_TICKS_MAX; s->tick_count++)
        s->ticks[s->tick_count] = (first + (double)s->tick_count) * s->step;
}

/* Steps that the caller chose begin where the axis does. */
static void chosen_ticks(struct scale *s)
{
    for (size_t i = 0; i < CHART_TICKS_MAX; i++) {
        double at = s->min + (double)i * s->step;
        if (at > s->max + SLACK * (s->max - s->min))
            return;
        s->ticks[s->tick_count++] = at;
    }
}

static bool month_ticks(struct scale *s, long step, size_t ticks_max)
{
    long month = (long)ceil((double)month_at(s->min) / (double)step) * step;
    s->tick_count = 0;
    for (; day_of_month(month, 1) <= s->max; month += step) {
        if (day_of_month(month, 1) < s->min)
            continue;
        if (s->tick_count == ticks_max)
            return false;
        s->ticks[s->tick_count++] = day_of_month(month, 1);
    }
    s->step = -(double)step;
    return s->tick_count > 1;
}

static void date_ticks(struct scale *s, size_t ticks_max)
{
    static const long months[] = {1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200, 6000, 12000};
    for (size_t i = 0; i < COUNT(months); i++)
        if (month_ticks(s, months[i], ticks_max))
            return;
    s->tick_count = 0;
    s->step = fmax(1, ceil((s->max - s->min) / (double)(ticks_max > 1 ? ticks_max - 1 : 1)));
    s->min = floor(s->min);
    chosen_ticks(s);
}

/* ---- the axis ---------------------------------------------------------------------------------------------------- */

/* A range that has a length, also around a single value or none. */
static void spread(double *low, double *high, enum chart_scale kind)
{
    double around = kind == CHART_DATE ? 183 : kind == CHART_PERCENT ? 0.05 : 1;
    if (*low > *high)
        *low = 0, *high = kind == CHART_DATE ? 365 : 1;
    else if (*high - *low <= SLACK * fmax(fabs(*low), fabs(*high)))
        *low -= around, *high += around;
}

static void widen_to_ticks(struct scale *s)
{
    s->min = floor(s->min / s->step + SLACK) * s->step;
    s->max = ceil(s->max / s->step - SLACK) * s->step;
}

struct scale scale_make(const struct chart_axis *axis, double low, double high, size_t ticks_max)
{
    struct scale s = {.kind = axis->scale, .min = axis->min, .max = axis->max, .step = axis->step};
    bool fixed = axis->min < axis->max;
    if (ticks_max > CHART_TICKS_MAX)
        ticks_max = CHART_TICKS_MAX;
    if (ticks_max < 2)
        ticks_max = 2;
    if (!fixed) {
        spread(&low, &high, axis->scale);
        s.min = low, s.max = high;
    }
    bool chosen = axis->step > 0 && (s.max - s.min) / axis->step < CHART_TICKS_MAX;
    if (axis->scale == CHART_DATE) {
        double margin = fixed ? 0 : 0.03 * (s.max - s.min);
        s.min -= margin, s.max += margin;
        date_ticks(&s, ticks_max);
    } else {
        if (!chosen)
            s.step = round_step(s.max - s.min, ticks_max);
        if (!fixed)
            widen_to_ticks(&s);
        if (chosen)
            chosen_ticks(&s);
        else
            number_ticks(&s);
    }
    return s;
}

double scale_place(const struct scale *s, double value)
{
    return (value - s->min) / (s->max - s->min);
}

static void date_label(const struct scale *s, double day, char out[SCALE_LABEL_SIZE])
{
    long month = month_at(day);
    int size = snprintf(out, SCALE_LABEL_SIZE, "%04ld", month / 12);
    if (s->step > -12)
        size += snprintf(out + size, SCALE_LABEL_SIZE - (size_t)size, "-%02ld", month % 12 + 1);
    if (s->step > 0)
        snprintf(out + size, SCALE_LABEL_SIZE - (size_t)size, "-%02d", (int)(day - day_of_month(month, 1)) + 1);
}

void scale_label(const struct scale *s, double value, char out[SCALE_LABEL_SIZE])
{
    if (s->kind == CHART_DATE) {
        date_label(s, value, out);
        return;
    }
    double factor = s->kind == CHART_PERCENT ? 100 : 1, step = fabs(s->step) * factor, shown = value * factor;
    int places = 0;
    while (places < 6 && fabs(step - round(step)) > 1e-6 * step)
        step *= 10, places++;
    if (fabs(shown) < SLACK * fmax(fabs(s->min), fabs(s->max)) * factor)
        shown = 0;
    const char *minus = shown < 0 ? "\u2212" : ""; /* as long as a plus, unlike the hyphen */
    if (fabs(shown) >= 1e7 || (shown != 0 && fabs(shown) < 1e-5))
        snprintf(out, SCALE_LABEL_SIZE, "%s%.3g", minus, fabs(shown));
    else
        snprintf(out, SCALE_LABEL_SIZE, "%s%.*f%s", minus, places, fabs(shown), s->kind == CHART_PERCENT ? "%" : "");
}
