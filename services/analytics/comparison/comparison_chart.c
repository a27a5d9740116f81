#include "services/analytics/comparison/comparison_chart.h"

#include "services/analytics/comparison/registry.h"

#include "common/base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const comparison_curves_names[] = {"unadjusted", "adjusted", "predicted", NULL};

struct drawing {
    const struct comparison_record *comparison;
    const struct comparison_chart *how;
    struct arena *arena;
    struct chart_curve curves[CHART_CURVES_MAX];
    const struct at_risk_record *at_risk[CHART_CURVES_MAX];
    size_t count, left_out;
};

static const char *label_of(const struct comparison_chart *how, const char *code)
{
    for (size_t i = 0; i < how->label_count; i++)
        if (strcmp(how->codes[i], code) == 0)
            return how->labels[i];
    return code;
}

enum comparison_curves comparison_curves_wanted(const char *name, const struct comparison_record *c)
{
    if (name)
        return (enum comparison_curves)text_position(comparison_curves_names, name);
    return c->verdict && c->verdict->figures.adjusted ? CURVES_ADJUSTED : CURVES_UNADJUSTED;
}

/* ---- curves ---- */

static void add_curve(struct drawing *d, const char *arm, const struct curve_record *curve,
                      const struct at_risk_record *at_risk)
{
    if (!curve || curve->time.count == 0)
        return;
    if (d->count == CHART_CURVES_MAX) {
        d->left_out++;
        return;
    }
    d->at_risk[d->count] = at_risk;
    d->curves[d->count++] = (struct chart_curve){
        .label = label_of(d->how, arm),
        .style = CHART_STEPS,
        .count = curve->time.count,
        .x = curve->time.items,
        .y = curve->survival.items,
        .low = curve->lower.items,
        .high = curve->upper.items,
        .marks = curve->censored.items,
        .mark_count = curve->censored.count,
    };
}

static int by_patients(const void *a, const void *b)
{
    size_t x = (*(const struct arm_record *const *)a)->figures.patients;
    size_t y = (*(const struct arm_record *const *)b)->figures.patients;
    if (x != y)
        return x > y ? -1 : 1;
    return (*(const struct arm_record *const *)a > *(const struct arm_record *const *)b) -
           (*(const struct arm_record *const *)a <
            *(const struct arm_record *const *)b); /* as the comparison has them */
}

/* In the order of the comparison, unless some have to be left out. */
static void add_arms(struct drawing *d)
{
    const struct record_list *arms = &d->comparison->arms;
    const struct arm_record **sorted = arena_alloc(d->arena, (arms->count + 1) * sizeof(struct arm_record *));
    for (size_t i = 0; i < arms->count; i++)
        sorted[i] = (const struct arm_record *)arms->items + i;
    if (arms->count > CHART_CURVES_MAX)
        qsort(sorted, arms->count, sizeof(struct arm_record *), by_patients);
    for (size_t i = 0; i < arms->count; i++) {
        const struct estimate_record *e =
            d->how->curves == CURVES_ADJUSTED ? sorted[i]->adjusted : sorted[i]->unadjusted;
        if (e)
            add_curve(d, sorted[i]->arm, e->curve, e->at_risk);
    }
}

static void add_predictions(struct drawing *d)
{
    const struct prediction_record *p = d->comparison->predictions.items;
    for (size_t i = 0; i < d->comparison->predictions.count; i++)
        add_curve(d, p[i].arm, p[i].curve, NULL);
}

/* ---- the table ---- */

/* The arms have the same times. */
static const struct chart_table *table_of(const struct drawing *d)
{
    if (d->count == 0 || !d->at_risk[0])
        return NULL;
    const struct real_list *times = &d->at_risk[0]->time;
    double *values = arena_alloc(d->arena, d->count * times->count * sizeof *values);
    for (size_t i = 0; i < d->count; i++)
        for (size_t k = 0; k < times->count; k++)
            values[i * times->count + k] = round(d->at_risk[i]->at_risk.items[k]);
    struct chart_table *table = arena_alloc(d->arena, sizeof *table);
    *table = (struct chart_table){
        .title = d->how->curves == CURVES_ADJUSTED ? "Weight at risk" : "Number at risk",
        .columns = times->count,
        .at = times->items,
        .values = values,
    };
    return table;
}

/* ---- words ---- */

static const char *title_of(const struct comparison_chart *how)
{
    int outcome = how->outcome ? text_position(outcome_names, how->outcome) : -1;
    bool death = outcome == OUTCOME_DEATH;
    if (how->curves == CURVES_PREDICTED)
        return death ? "Predicted survival of the patient" : "Predicted course of the patient";
    return death                            ? "Overall survival"
           : outcome == OUTCOME_PROGRESSION ? "Survival without progression"
                                            : "Survival without the event";
}

static const char *verdict_of(const struct drawing *d)
{
    const struct verdict_record *v = d->comparison->verdict;
    if (!v || strcmp(v->decision, comparison_decision_names[RECOMMENDED]) != 0 || !v->arm)
        return "The evidence is insufficient to recommend a treatment.";
    const char *arm = label_of(d->how, v->arm);
    const struct comparison_verdict *f = &v->figures;
    if (isnan(f->gain) || isnan(f->gain_lower) || isnan(f->gain_upper))
        return arena_printf(d->arena, "Recommended: %s", arm);
    return arena_printf(d->arena, "Recommended: %s, %.1f %s more (%.1f to %.1f) than the next", arm, f->gain,
                        d->how->unit, f->gain_lower, f->gain_upper);
}

static const char *note_of(const struct drawing *d)
{
    static const char *const about[] = {
        [CURVES_UNADJUSTED] = "as they are, not adjusted",
        [CURVES_ADJUSTED] = "weighted so that each treatment's look like all of them",
        [CURVES_PREDICTED] = "as the Cox model has it",
    };
    bool all = d->how->curves == CURVES_UNADJUSTED;
    size_t patients = all ? d->comparison->patients : d->comparison->complete_patients;
    const char *note = arena_printf(d->arena, "%zu patients, %s. Bands: %.4g%% limits.", patients,
                                    about[d->how->curves], 100 * d->comparison->level);
    return d->left_out > 0
               ? arena_printf(d->arena, "%s %zu treatments with fewer patients are not drawn.", note, d->left_out)
               : note;
}

/* Curves that are predicted have no table, and their axis has the steps of the others'. */
static double step_of(const struct drawing *d)
{
    const struct arm_record *arms = d->comparison->arms.items;
    for (size_t i = 0; i < d->comparison->arms.count; i++) {
        const struct at_risk_record *at_risk = arms[i].unadjusted ? arms[i].unadjusted->at_risk : NULL;
        if (at_risk && at_risk->time.count > 1)
            return at_risk->time.items[1];
    }
    return 0;
}

static const struct chart_line *horizon_of(const struct drawing *d)
{
    if (isnan(d->comparison->horizon) || d->how->curves == CURVES_PREDICTED)
        return NULL;
    struct chart_line *line = arena_alloc(d->arena, sizeof *line);
    *line = (struct chart_line){.vertical = true, .at = d->comparison->horizon, .label = "horizon"};
    return line;
}

struct chart comparison_chart(const struct comparison_record *comparison, const struct comparison_chart *how,
                              struct arena *arena)
{
    struct drawing *d = arena_alloc(arena, sizeof *d);
    d->comparison = comparison;
    d->how = how;
    d->arena = arena;
    if (how->curves == CURVES_PREDICTED)
        add_predictions(d);
    else
        add_arms(d);
    const struct chart_table *table = table_of(d);
    const struct chart_line *horizon = horizon_of(d);
    return (struct chart){
        .title = title_of(how),
        .subtitle = verdict_of(d),
        .note = note_of(d),
        .x = {.title = "Time", .unit = how->unit, .step = step_of(d)},
        .y = {.title = "Without the event", .scale = CHART_PERCENT, .min = 0, .max = 1},
        .curves = d->curves,
        .curve_count = d->count,
        .lines = horizon,
        .line_count = horizon != NULL,
        .table = table,
    };
}
