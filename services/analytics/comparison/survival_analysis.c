#include "services/analytics/comparison/survival_analysis.h"

#include "services/analytics/comparison/comparison_chart.h"

#include "common/http/reply_chart.h"

enum { TABLE_BYTES_MAX = 32 * 1024 * 1024, NAME_MAX_LENGTH = 200, LIST_MAX_LENGTH = 4000 };

static const char *const table_types[] = {"text/csv", NULL};

const struct upload_rule survival_table = {TABLE_BYTES_MAX, table_types,
                                           "A table (CSV) whose first line names the columns"};

#define NAME(m, ...)    FIELD_TEXT(struct survival_order, m, .min = 1, .max = NAME_MAX_LENGTH, __VA_ARGS__)
#define LIST(m, ...)    FIELD_TEXT(struct survival_order, m, .min = 1, .max = LIST_MAX_LENGTH, __VA_ARGS__)
#define COLUMN(m, ...)  NAME(columns.m, .name = #m, __VA_ARGS__)
#define COLUMNS(m, ...) LIST(columns.m, .name = #m, __VA_ARGS__)

/* clang-format off */
SCHEMA(survival_order_schema, "NewSurvivalAnalysis", struct survival_order,
       COLUMN(time, .rules = REQUIRED, .summary = "The column of times"),
       COLUMN(event, .rules = REQUIRED, .summary = "Column that is 1 for an event, 0 for no event yet"),
       NAME(columns.arm, .name = "treatment", .rules = REQUIRED, .summary = "The column of treatments"),
       COLUMN(start, .summary = "Column of the times at which observation began; 0 for all by default"),
       COLUMN(strata, .summary = "Column by which the baseline hazard is stratified"),
       COLUMNS(covariates, .summary = "Columns to adjust for, as a,b,c"),
       COLUMNS(factors, .summary = "Covariates that are factors although written as numbers"),
       COLUMNS(interactions, .summary = "Covariates whose effect may differ by treatment"),
       COLUMN(reference, .summary = "The treatment that the others are compared with"),
       LIST(times, .summary = "Times at which survival is reported, as 365,730"),
       COMPARISON_HORIZON_FIELD(struct survival_order, choices, 0, "", .min = 1e-9, .max = SURVIVAL_VALUE_MAX),
       COMPARISON_CHOICE_FIELDS(struct survival_order, choices, 0),
       NAME(unit, .summary = "Unit of time, for pictures: days by default"),
       COMPARISON_CURVES_FIELD(struct survival_order));

LOCAL_SCHEMA(empty_schema, "EmptyCells", struct patient_table_empty,
             FIELD_TEXT(struct patient_table_empty, column),
             FIELD_COUNT(struct patient_table_empty, rows, .summary = "Rows without a value"));

SCHEMA(survival_analysis_schema, "SurvivalAnalysis", struct survival_analysis,
       FIELD_COUNT(struct survival_analysis, rows),
       FIELD_COUNT(struct survival_analysis, left_out,
                   .summary = "Rows without time, event, treatment, start or stratum"),
       FIELD_RECORDS(struct survival_analysis, empty, empty_schema),
       FIELD_RECORD(struct survival_analysis, answer, comparison_record_schema, struct comparison_record));
/* clang-format on */

/* ---- what is asked ---- */

static enum status options_of(const struct survival_order *o, struct arena *arena, struct comparison_options *out,
                              struct problem *why)
{
    struct comparison_options options = comparison_choices_options(&o->choices);
    if (!comparison_choices_times(o->times, COMPARISON_CHOICE_TIMES_MAX, arena, &options))
        return fail(why, INVALID, "times", "must be at most %d numbers with commas between them",
                    COMPARISON_CHOICE_TIMES_MAX);
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
    struct patient_table_columns columns = patient_table_columns_of(&order->columns, rq->arena);
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
    TRY(analytics_draws_check(order->choices.bootstrap.value, table.data.survival.count, &rq->problem));
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
