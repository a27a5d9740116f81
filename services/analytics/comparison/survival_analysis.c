#include "services/analytics/comparison/survival_analysis.h"

#include "services/analytics/comparison/comparison_chart.h"

#include "common/base/text.h"
#include "common/base/words.h"
#include "common/http/reply_chart.h"
#include "common/science/treatment/patient_table.h"

#include <math.h>
#include <string.h>

enum { TABLE_BYTES_MAX = 32 * 1024 * 1024, TIMES_MAX = 20, NAME_MAX_LENGTH = 200, LIST_MAX_LENGTH = 4000 };

static const char *const table_types[] = {"text/csv", NULL};

const struct upload_rule survival_table = {TABLE_BYTES_MAX, table_types,
                                           "A table (CSV) whose first line names the columns"};

#define NAME(m, ...) FIELD_TEXT(struct survival_order, m, .min = 1, .max = NAME_MAX_LENGTH, __VA_ARGS__)
#define LIST(m, ...) FIELD_TEXT(struct survival_order, m, .min = 1, .max = LIST_MAX_LENGTH, __VA_ARGS__)

SCHEMA(survival_order_schema, "NewSurvivalAnalysis", struct survival_order,
       NAME(time, .rules = REQUIRED, .summary = "The column of times"),
       NAME(event, .rules = REQUIRED, .summary = "Column that is 1 for an event, 0 for no event yet"),
       NAME(treatment, .rules = REQUIRED, .summary = "The column of treatments"),
       NAME(start, .summary = "Column of the times at which observation began; 0 for all by default"),
       NAME(strata, .summary = "Column by which the baseline hazard is stratified"),
       LIST(covariates, .summary = "Columns to adjust for, as a,b,c"),
       LIST(factors, .summary = "Covariates that are factors although written as numbers"),
       LIST(interactions, .summary = "Covariates whose effect may differ by treatment"),
       NAME(reference, .summary = "The treatment that the others are compared with"),
       LIST(times, .summary = "Times at which survival is reported, as 365,730"),
       FIELD_REAL(struct survival_order, horizon, .min = 1e-9, .max = SURVIVAL_VALUE_MAX,
                  .summary = "Horizon; by default as far as a tenth of each treatment is under observation"),
       FIELD_ENUM(struct survival_order, ties, cox_ties_names, .summary = "efron by default"),
       FIELD_INTEGER(struct survival_order, bootstrap, .min = 0, .max = COMPARISON_BOOTSTRAP_MAX,
                     .summary = "Draws for the adjusted means; 0: the analytic errors stand alone"),
       FIELD_INTEGER(struct survival_order, seed, .min = 0, .max = 9007199254740991,
                     .summary = "The same seed gives the same draws; 1 by default"),
       FIELD_REAL(struct survival_order, level, .min = 0.5, .max = 0.999,
                  .summary = "Confidence level of all limits; 0.95 by default"),
       NAME(unit, .summary = "Unit of time, for pictures: days by default"),
       FIELD_ENUM(struct survival_order, curves, comparison_curves_names,
                  .summary = "Curves that a picture shows; those of the verdict by default"));

LOCAL_SCHEMA(empty_schema, "EmptyCells", struct patient_table_empty, FIELD_TEXT(struct patient_table_empty, column),
             FIELD_COUNT(struct patient_table_empty, rows, .summary = "Number of rows in which it is empty"));

SCHEMA(survival_analysis_schema, "SurvivalAnalysis", struct survival_analysis,
       FIELD_COUNT(struct survival_analysis, rows),
       FIELD_COUNT(struct survival_analysis, left_out,
                   .summary = "Rows without time, event, treatment, start or stratum"),
       FIELD_RECORDS(struct survival_analysis, empty, empty_schema),
       FIELD_RECORD(struct survival_analysis, answer, comparison_record_schema, struct comparison_record));

/* ---- what is asked ---- */

static struct patient_table_columns columns_of(const struct survival_order *o, struct arena *arena)
{
    struct patient_table_columns c = {.time = o->time,
                                      .event = o->event,
                                      .arm = o->treatment,
                                      .start = o->start,
                                      .strata = o->strata,
                                      .reference = o->reference};
    c.covariates = words_split(o->covariates, arena, &c.covariate_count);
    c.factors = words_split(o->factors, arena, &c.factor_count);
    c.interactions = words_split(o->interactions, arena, &c.interaction_count);
    return c;
}

static enum status read_times(const struct survival_order *o, struct arena *arena, struct comparison_options *out,
                              struct problem *why)
{
    size_t count;
    const char *const *parts = words_split(o->times, arena, &count);
    double *times = arena_alloc(arena, (count + 1) * sizeof *times);
    bool good = count <= TIMES_MAX;
    for (size_t i = 0; i < count && good; i++)
        good = text_real(parts[i], &times[i]) && times[i] >= 0 && times[i] <= SURVIVAL_VALUE_MAX;
    if (!good)
        return fail(why, INVALID, "times", "must be at most %d numbers with commas between them", TIMES_MAX);
    out->times = times;
    out->time_count = count;
    return OK;
}

static enum status options_of(const struct survival_order *o, struct arena *arena, struct comparison_options *out,
                              struct problem *why)
{
    struct comparison_options options = {
        .horizon = o->horizon.known ? o->horizon.value : 0,
        .ties = o->ties ? (enum cox_ties)text_position(cox_ties_names, o->ties) : COX_EFRON,
        .level = o->level.known ? o->level.value : 0,
        .seed = o->seed.known ? (uint64_t)o->seed.value : 1,
        .bootstrap = (size_t)o->bootstrap.value,
    };
    TRY(read_times(o, arena, &options, why));
    *out = options;
    return OK;
}

/* ---- the table ---- */

/* Read into memory, where it is taken apart in its place. */
static enum status read_table(struct request *rq, const struct survival_order *order, struct patient_table *out)
{
    const struct analytics *analytics = rq->app;
    char *text = NULL;
    TRY(upload_read(rq->upload, rq->arena, &rq->problem, &text));
    struct patient_table_columns columns = columns_of(order, rq->arena);
    TRY(patient_table_read(text, rq->upload->size, &columns, rq->arena, out, &rq->problem));
    if (out->data.survival.count > (size_t)analytics->comparison_patients_max)
        return fail(&rq->problem, INVALID, "file", "has more than %ld patients, which is the most that are compared",
                    analytics->comparison_patients_max);
    return OK;
}

/* ---- the answer ---- */

static enum status analyse(struct request *rq, const struct survival_order *order,
                           const struct comparison_options *options, struct survival_analysis *out)
{
    struct patient_table table;
    struct comparison comparison;
    TRY(read_table(rq, order, &table));
    TRY(analytics_draws_check(order->bootstrap.value, table.data.survival.count, &rq->problem));
    TRY(comparison_run(&table.data, options, rq->arena, &comparison, &rq->problem));
    out->answer = arena_alloc(rq->arena, sizeof *out->answer);
    comparison_record_make(&comparison, &table.data, table.arms, rq->arena, out->answer);
    out->rows = table.rows;
    out->left_out = table.left_out;
    out->empty = (struct record_list){table.empty, table.empty_count};
    return OK;
}

static enum status analyse_in_turn(struct request *rq, const struct survival_order *order,
                                   const struct comparison_options *options, struct survival_analysis *out)
{
    const struct analytics *analytics = rq->app;
    AUTO(gate_leave) struct gate_visit visit = {0};
    TRY(gate_enter(analytics->gate, &visit, &rq->problem));
    return analyse(rq, order, options, out);
}

enum status survival_analysis_compute(struct request *rq)
{
    struct survival_order order = {0};
    struct survival_analysis analysis = {0};
    struct comparison_options options;
    TRY(request_input(rq, &order));
    TRY(options_of(&order, rq->arena, &options, &rq->problem));
    TRY(analyse_in_turn(rq, &order, &options, &analysis));
    if (request_wants_json(rq))
        return reply_record(rq, &analysis);
    struct comparison_chart how = {.unit = order.unit ? order.unit : "units of the table"};
    how.curves = comparison_curves_wanted(order.curves, analysis.answer);
    struct chart chart = comparison_chart(analysis.answer, &how, rq->arena);
    return reply_chart(rq, NULL, &chart);
}
