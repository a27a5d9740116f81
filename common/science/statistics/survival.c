#include "common/science/statistics/survival.h"

#include "common/science/statistics/distribution.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

const char *const survival_scale_names[] = {[SURVIVAL_LOG] = "log", [SURVIVAL_LOG_LOG] = "log-log", NULL};

/* ---- is it data? ------------------------------------------------------------------------------------------------ */

static enum status refuse(struct problem *why, const char *column, size_t row, const char *sentence)
{
    return fail(why, INVALID, arena_printf(why->arena, "/%s/%zu", column, row), "%s", sentence);
}

static bool usable(double value)
{
    return value >= 0 && value <= SURVIVAL_VALUE_MAX; /* NaN is neither */
}

static bool usable_weight(double weight)
{
    return weight == 0 || (weight >= SURVIVAL_WEIGHT_MIN && weight <= SURVIVAL_VALUE_MAX);
}

static bool member_of(const int *column, size_t count, size_t row)
{
    return !column || (column[row] >= 0 && (size_t)column[row] < count);
}

static enum status row_check(const struct survival_data *data, size_t row, struct problem *why)
{
    if (!usable(data->stop[row]))
        return refuse(why, "stop", row, "must be a number from 0 to 1e100");
    if (data->start && !usable(data->start[row]))
        return refuse(why, "start", row, "must be a number from 0 to 1e100");
    if (data->start && data->stop[row] <= data->start[row])
        return refuse(why, "stop", row, "must be later than start");
    if (data->weight && !usable_weight(data->weight[row]))
        return refuse(why, "weight", row, "must be 0 or a number from 1e-100 to 1e100");
    if (!member_of(data->group, data->group_count, row))
        return refuse(why, "group", row, "must be one of the groups");
    if (!member_of(data->stratum, data->stratum_count, row))
        return refuse(why, "stratum", row, "must be one of the strata");
    return OK;
}

enum status survival_check(const struct survival_data *data, struct problem *why)
{
    if (data->group && data->group_count > SURVIVAL_GROUPS_MAX)
        fail(why, INVALID, "group", "must not have more than %d groups", SURVIVAL_GROUPS_MAX);
    for (size_t row = 0; row < data->count && why->error_count < PROBLEM_ERRORS_MAX; row++)
        row_check(data, row, why);
    return problem_status(why);
}

/* ---- the curve of one group -------------------------------------------------------------------------------------- */

struct survival_entry {
    double time, weight; /* of this and all later entries, once the curve is made */
};

struct row {
    double stop, weight;
    bool event;
};

/* Both structs begin with time and weight. Ties go by weight, so that sums do not depend on the order of rows. */
static int by_time_and_weight(const void *a, const void *b)
{
    const double *x = a, *y = b;
    if (x[0] != y[0])
        return x[0] < y[0] ? -1 : 1;
    return (x[1] > y[1]) - (x[1] < y[1]);
}

static bool belongs(const struct survival_data *data, size_t row, int group)
{
    return (!data->weight || data->weight[row] > 0) && (group < 0 || (data->group ? data->group[row] : 0) == group);
}

/* Rows are for the making, entries belong to the curve. */
static struct row *rows_of(const struct survival_data *data, int group, struct arena *scratch, struct arena *arena,
                           struct survival_curve *curve)
{
    size_t most = 0;
    for (size_t i = 0; i < data->count; i++)
        most += belongs(data, i, group);
    struct row *rows = arena_alloc(scratch, (most + 1) * sizeof *rows);
    if (data->start)
        curve->entries = arena_alloc(arena, (most + 1) * sizeof *curve->entries);
    for (size_t i = 0; i < data->count; i++) {
        if (!belongs(data, i, group))
            continue;
        double weight = data->weight ? data->weight[i] : 1;
        rows[curve->rows++] = (struct row){data->stop[i], weight, data->event[i]};
        if (data->start)
            curve->entries[curve->entry_count++] = (struct survival_entry){data->start[i], weight};
    }
    qsort(rows, curve->rows, sizeof *rows, by_time_and_weight);
    if (data->start)
        qsort(curve->entries, curve->entry_count, sizeof *curve->entries, by_time_and_weight);
    return rows;
}

/* Counts from the last time backwards, so that the few who are left late are a sum of few numbers and not the small
 * difference of large ones. Heads are counted beside the weights: only they tell for certain that all had the event. */
static void count_at_risk(struct survival_curve *curve, const struct row *rows)
{
    size_t entry = curve->entry_count, step = curve->step_count;
    double leaving = 0, entering = 0; /* at this time or later */
    for (size_t row = curve->rows; row > 0;) {
        struct survival_step *s = &curve->steps[--step];
        size_t events = 0;
        s->time = rows[row - 1].stop;
        for (; row > 0 && rows[row - 1].stop == s->time; row--) {
            *(rows[row - 1].event ? &s->events : &s->censored) += rows[row - 1].weight;
            events += rows[row - 1].event;
            leaving += rows[row - 1].weight;
        }
        for (; entry > 0 && curve->entries[entry - 1].time >= s->time; entry--) {
            entering += curve->entries[entry - 1].weight;
            curve->entries[entry - 1].weight = entering;
        }
        size_t heads = curve->rows - row - (curve->entry_count - entry);
        s->at_risk = heads == events ? s->events : leaving - entering;
        curve->events += s->events;
    }
    for (; entry > 0; entry--)
        curve->entries[entry - 1].weight = entering += curve->entries[entry - 1].weight;
    curve->patients = leaving;
}

void survival_step_limits(struct survival_step *s, double log_error, const struct survival_limits *limits, double z)
{
    s->standard_error = s->lower = s->upper = NAN;
    if (s->survival == 0)
        return;
    s->standard_error = s->survival * log_error;
    if (limits->scale == SURVIVAL_LOG) {
        s->lower = s->survival * exp(-z * log_error);
        s->upper = fmin(s->survival * exp(z * log_error), 1);
    } else if (s->survival < 1) {
        double height = log(-log(s->survival)), error = z * log_error / log(s->survival); /* a negative one */
        s->lower = exp(-exp(height - error));
        s->upper = exp(-exp(height + error));
    }
}

void survival_estimate(const struct survival_data *data, int group, struct survival_limits limits, struct arena *arena,
                       struct survival_curve *out)
{
    assert(limits.level > 0 && limits.level < 1);
    AUTO(arena_release) struct arena scratch = {0};
    struct survival_curve curve = {.last_time = NAN, .limits = limits};
    const struct row *rows = rows_of(data, group, &scratch, arena, &curve);
    for (size_t i = 0; i < curve.rows; i++)
        curve.step_count += i == 0 || rows[i].stop > rows[i - 1].stop;
    curve.steps = arena_alloc(arena, (curve.step_count + 1) * sizeof *curve.steps);
    count_at_risk(&curve, rows);

    double survival = 1, variance = 0, z = normal_limit(limits.level);
    for (struct survival_step *s = curve.steps; s < curve.steps + curve.step_count; s++) {
        double left = s->at_risk - s->events;
        if (s->events > 0) {
            survival *= left / s->at_risk;
            variance += left > 0 ? s->events / (s->at_risk * left) : 0;
        }
        s->survival = survival;
        survival_step_limits(s, sqrt(variance), &limits, z);
        curve.last_time = s->time;
    }
    *out = curve;
}

/* ---- reading a curve --------------------------------------------------------------------------------------------- */

/* How many steps lie before a time, or with itself counted, too. */
static size_t steps_before(const struct survival_curve *curve, double time, bool itself)
{
    size_t low = 0, high = curve->step_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        double other = curve->steps[middle].time;
        if (other < time || (itself && other == time))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static double entering_from(const struct survival_curve *curve, double time)
{
    size_t low = 0, high = curve->entry_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (curve->entries[middle].time < time)
            low = middle + 1;
        else
            high = middle;
    }
    return low < curve->entry_count ? curve->entries[low].weight : 0;
}

/* Nobody leaves between a time and the next step: only who enters in between is at risk there and not yet here. */
static double at_risk(const struct survival_curve *curve, double time)
{
    size_t next = steps_before(curve, time, false);
    if (next == curve->step_count)
        return 0;
    const struct survival_step *s = &curve->steps[next];
    return s->at_risk - (entering_from(curve, time) - entering_from(curve, s->time));
}

bool survival_known_at(const struct survival_curve *curve, double time)
{
    return time <= curve->last_time || (curve->step_count > 0 && curve->steps[curve->step_count - 1].survival == 0);
}

struct survival_point survival_at(const struct survival_curve *curve, double time)
{
    struct survival_point p = {
        .time = time, .at_risk = NAN, .survival = NAN, .standard_error = NAN, .lower = NAN, .upper = NAN};
    if (!(time >= 0))
        return p;
    p.at_risk = at_risk(curve, time);
    p.beyond_follow_up = !survival_known_at(curve, time);
    if (p.beyond_follow_up)
        return p;
    struct survival_step s = {.survival = 1};
    size_t steps = steps_before(curve, time, true);
    if (steps > 0)
        s = curve->steps[steps - 1];
    else
        survival_step_limits(&s, 0, &curve->limits, 0);
    p.survival = s.survival;
    p.standard_error = s.standard_error;
    p.lower = s.lower;
    p.upper = s.upper;
    return p;
}

static double line_survival(const struct survival_step *s)
{
    return s->survival;
}

static double line_lower(const struct survival_step *s)
{
    return s->lower;
}

static double line_upper(const struct survival_step *s)
{
    return s->upper;
}

/* A product that is 0.5 on paper is so up to rounding: heights this near are the same (as in R's survfit). */
static double crossing(const struct survival_curve *curve, double (*line)(const struct survival_step *), double height)
{
    static const double near = 1.4901161193847656e-08; /* 2^-26 */
    size_t i = 0;
    while (i < curve->step_count && !(line(&curve->steps[i]) <= height + near))
        i++;
    if (i == curve->step_count)
        return NAN;
    for (size_t end = i; end < curve->step_count; end++)
        if (line(&curve->steps[end]) <= height - near)
            return curve->steps[i].time + (curve->steps[end].time - curve->steps[i].time) / 2;
    return curve->steps[i].time;
}

struct survival_time survival_quantile(const struct survival_curve *curve, double part)
{
    assert(part > 0 && part < 1);
    return (struct survival_time){.time = crossing(curve, line_survival, 1 - part),
                                  .lower = crossing(curve, line_lower, 1 - part),
                                  .upper = crossing(curve, line_upper, 1 - part)};
}

struct survival_mean survival_restricted_mean(const struct survival_curve *curve, double tau)
{
    struct survival_mean m = {.tau = tau, .mean = NAN, .standard_error = NAN, .lower = NAN, .upper = NAN};
    if (!(tau >= 0))
        return m;
    m.beyond_follow_up = !survival_known_at(curve, tau);
    if (m.beyond_follow_up)
        return m;
    double area = 0, variance = 0, end = tau; /* from the step to tau */
    for (size_t i = steps_before(curve, tau, false); i > 0; i--) {
        const struct survival_step *s = &curve->steps[i - 1];
        double left = s->at_risk - s->events;
        area += s->survival * (end - s->time);
        variance += left > 0 ? area * area * s->events / (s->at_risk * left) : 0;
        end = s->time;
    }
    double error = sqrt(variance), reach = normal_limit(curve->limits.level) * error;
    m.mean = area + end;
    m.standard_error = error;
    m.lower = fmax(m.mean - reach, 0);
    m.upper = fmin(m.mean + reach, tau);
    return m;
}
