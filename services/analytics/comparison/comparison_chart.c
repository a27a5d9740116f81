#include "services/analytics/comparison/comparison_chart.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const comparison_curves_names[] = {"unadjusted", "adjusted", "predicted", NULL};

struct drawing {
    const struct comparison_answer *answer;
    const struct comparison_chart *how;
    struct arena *arena;
    struct chart_curve curves[CHART_CURVES_MAX];
    const struct answer_at_risk *at_risk[CHART_CURVES_MAX];
    size_t count, left_out;
};

static const char *label_of(const struct comparison_chart *how, const char *code)
{
    for (size_t i = 0; i < how->label_count; i++)
        if (strcmp(how->codes[i], code) == 0)
            return how->labels[i];
    return code;
}

enum comparison_curves comparison_curves_wanted(const char *name, const struct comparison_answer *answer)
{
    for (int i = 0; name && comparison_curves_names[i]; i++)
        if (strcmp(name, comparison_curves_names[i]) == 0)
            return (enum comparison_curves)i;
    return answer->verdict && answer->verdict->adjusted.value ? CURVES_ADJUSTED : CURVES_UNADJUSTED;
}

/* ---- curves ---- */

static void add_curve(struct drawing *d, const char *arm, const struct answer_curve *curve,
                      const struct answer_at_risk *at_risk)
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
    int64_t x = (*(const struct answer_arm *const *)a)->patients.value;
    int64_t y = (*(const struct answer_arm *const *)b)->patients.value;
    if (x != y)
        return x > y ? -1 : 1;
    return (*(const struct answer_arm *const *)a > *(const struct answer_arm *const *)b) -
           (*(const struct answer_arm *const *)a < *(const struct answer_arm *const *)b); /* as the answer has them */
}

/* In the order of the answer, unless some have to be left out. */
static void add_arms(struct drawing *d)
{
    const struct record_list *arms = &d->answer->arms;
    const struct answer_arm **sorted = arena_alloc(d->arena, (arms->count + 1) * sizeof(struct answer_arm *));
    for (size_t i = 0; i < arms->count; i++)
        sorted[i] = (const struct answer_arm *)arms->items + i;
    if (arms->count > CHART_CURVES_MAX)
        qsort(sorted, arms->count, sizeof(struct answer_arm *), by_patients);
    for (size_t i = 0; i < arms->count; i++) {
        const struct answer_estimate *e =
            d->how->curves == CURVES_ADJUSTED ? sorted[i]->adjusted : sorted[i]->unadjusted;
        if (e)
            add_curve(d, sorted[i]->arm, e->curve, e->at_risk);
    }
}

static void add_predictions(struct drawing *d)
{
    const struct answer_prediction *p = d->answer->predictions.items;
    for (size_t i = 0; i < d->answer->predictions.count; i++)
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
    bool death = how->outcome && strcmp(how->outcome, "death") == 0;
    bool progression = how->outcome && strcmp(how->outcome, "progression") == 0;
    if (how->curves == CURVES_PREDICTED)
        return death ? "Predicted survival of the patient" : "Predicted course of the patient";
    return death ? "Overall survival" : progression ? "Survival without progression" : "Survival without the event";
}

static const char *verdict_of(const struct drawing *d)
{
    const struct answer_verdict *v = d->answer->verdict;
    if (!v || strcmp(v->decision, "recommended") != 0 || !v->arm)
        return "The evidence is insufficient to recommend a treatment.";
    const char *arm = label_of(d->how, v->arm);
    if (!v->gain.known || !v->gain_lower.known || !v->gain_upper.known)
        return arena_printf(d->arena, "Recommended: %s", arm);
    return arena_printf(d->arena, "Recommended: %s, %.1f %s more (%.1f to %.1f) than the next", arm, v->gain.value,
                        d->how->unit, v->gain_lower.value, v->gain_upper.value);
}

static const char *note_of(const struct drawing *d)
{
    static const char *const about[] = {
        [CURVES_UNADJUSTED] = "as they are, not adjusted",
        [CURVES_ADJUSTED] = "weighted so that each treatment's look like all of them",
        [CURVES_PREDICTED] = "as the Cox model has it",
    };
    int64_t patients =
        d->how->curves == CURVES_UNADJUSTED ? d->answer->patients.value : d->answer->complete_patients.value;
    const char *note = arena_printf(d->arena, "%" PRId64 " patients, %s. Bands: %.4g%% limits.", patients,
                                    about[d->how->curves], 100 * d->answer->level.value);
    return d->left_out > 0
               ? arena_printf(d->arena, "%s %zu treatments with fewer patients are not drawn.", note, d->left_out)
               : note;
}

/* Curves that are predicted have no table, and their axis has the steps of the others'. */
static double step_of(const struct drawing *d)
{
    const struct answer_arm *arms = d->answer->arms.items;
    for (size_t i = 0; i < d->answer->arms.count; i++) {
        const struct answer_at_risk *at_risk = arms[i].unadjusted ? arms[i].unadjusted->at_risk : NULL;
        if (at_risk && at_risk->time.count > 1)
            return at_risk->time.items[1];
    }
    return 0;
}

static const struct chart_line *horizon_of(const struct drawing *d)
{
    if (!d->answer->horizon.known || d->how->curves == CURVES_PREDICTED)
        return NULL;
    struct chart_line *line = arena_alloc(d->arena, sizeof *line);
    *line = (struct chart_line){.vertical = true, .at = d->answer->horizon.value, .label = "horizon"};
    return line;
}

struct chart comparison_chart(const struct comparison_answer *answer, const struct comparison_chart *how,
                              struct arena *arena)
{
    struct drawing *d = arena_alloc(arena, sizeof *d);
    d->answer = answer;
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
