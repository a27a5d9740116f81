/* `mnemosctl survival --json`: the record of the comparison, as the analytics service gives it, and beside it members
 * that only this command has, which show the same records with more figures or under other names. */
#include "services/ctl/survival.h"

#include "common/science/treatment/comparison_record.h"

#include <math.h>

/* Of a struct inside, under its own name. */
#define NUMBER_OF(s, at, m) FIELD_NUMBER(struct s, at.m, .name = #m)
#define COUNT_OF(s, at, m)  FIELD_COUNT(struct s, at.m, .name = #m)
#define TEXT_OF(s, at, m)   FIELD_TEXT(struct s, at.m, .name = #m)

/* ---- curves ------------------------------------------------------------------------------------------------------ */

struct curve_row {
    const char *arm;
    struct survival_curve curve;
    const struct survival_time *median, *first_quartile, *third_quartile;
    struct record_list survival_at, restricted_mean;
};

/* clang-format off */
#define CURVE_FIELDS \
    NUMBER_OF(curve_row, curve, patients), \
    NUMBER_OF(curve_row, curve, events), \
    NUMBER_OF(curve_row, curve, last_time), \
    FIELD_RECORD(struct curve_row, median, survival_time_schema, const struct survival_time), \
    FIELD_RECORD(struct curve_row, first_quartile, survival_time_schema, const struct survival_time), \
    FIELD_RECORD(struct curve_row, third_quartile, survival_time_schema, const struct survival_time), \
    FIELD_RECORDS(struct curve_row, survival_at, survival_point_schema), \
    FIELD_RECORDS(struct curve_row, restricted_mean, survival_mean_schema)

LOCAL_SCHEMA(overall_schema, "Overall", struct curve_row, CURVE_FIELDS);
LOCAL_SCHEMA(arm_schema, "Arm", struct curve_row, FIELD_TEXT(struct curve_row, arm), CURVE_FIELDS);
/* clang-format on */

static struct survival_time *quantile_of(const struct survival_report *r, const struct survival_curve *curve,
                                         double part)
{
    struct survival_time *out = arena_alloc(r->arena, sizeof *out);
    *out = survival_quantile(curve, part);
    return out;
}

static struct curve_row curve_of(const struct survival_report *r, const char *arm, const struct comparison_estimate *e)
{
    return (struct curve_row){
        .arm = arm,
        .curve = e->curve,
        .median = &e->median,
        .first_quartile = quantile_of(r, &e->curve, 0.25),
        .third_quartile = quantile_of(r, &e->curve, 0.75),
        .survival_at = record_list_of(e->at, r->options.time_count),
        .restricted_mean = record_list_of(e->means, r->options.time_count),
    };
}

static void list_arms(const struct survival_report *r, struct record_list *out)
{
    RECORD_LIST(r->arena, out, r->comparison.arm_count, curve_row);
    for (size_t a = 0; a < out->count; a++)
        items[a] = curve_of(r, r->table.arms[a], &r->comparison.arms[a].unadjusted);
}

/* ---- log-rank tests ---------------------------------------------------------------------------------------------- */

struct logrank_row {
    struct cox_test test;
    struct real_list observed, expected;
};

struct pair_row {
    struct text_list arms;
    struct comparison_test test;
};

/* clang-format off */
LOCAL_SCHEMA(logrank_schema, "LogRank", struct logrank_row,
             COMPARISON_TEST_FIELDS(struct logrank_row, test.),
             FIELD_REALS(struct logrank_row, observed),
             FIELD_REALS(struct logrank_row, expected));

LOCAL_SCHEMA(pair_schema, "Pair", struct pair_row,
             FIELD_TEXTS(struct pair_row, arms),
             COMPARISON_TEST_FIELDS(struct pair_row, test.),
             NUMBER_OF(pair_row, test, p_holm));
/* clang-format on */

/* An empty list is one, too. */
static struct real_list reals_of(const struct survival_report *r, const double *values, size_t count)
{
    return (struct real_list){values ? values : arena_alloc(r->arena, sizeof *values), count};
}

static struct logrank_row logrank_of(const struct survival_report *r, const struct logrank *l)
{
    return (struct logrank_row){{l->chi_square, (size_t)l->degrees_of_freedom, l->p},
                                reals_of(r, l->observed, l->group_count),
                                reals_of(r, l->expected, l->group_count)};
}

static void list_pairs(const struct survival_report *r, struct record_list *out)
{
    RECORD_LIST(r->arena, out, r->comparison.pair_count, pair_row);
    for (size_t i = 0; i < out->count; i++) {
        const struct comparison_pair *p = &r->comparison.pairs[i];
        const char **arms = arena_alloc(r->arena, 2 * sizeof *arms);
        arms[0] = r->table.arms[p->a];
        arms[1] = r->table.arms[p->b];
        items[i] = (struct pair_row){{arms, 2}, p->logrank};
    }
}

/* ---- Cox models -------------------------------------------------------------------------------------------------- */

struct baseline_row {
    const char *stratum;
    double time, cumulative_hazard;
};

struct model_row {
    struct model_record record;
    const char *ties, *variance, *robust_variance;
    bool fitted;
    const struct cox_concordance *concordance;
    struct record_list baseline_hazard;
};

/* clang-format off */
#define TEST(m) \
    FIELD_RECORD(struct model_row, record.m, comparison_test_schema, const struct comparison_test, .name = #m)

LOCAL_SCHEMA(column_schema, "Column", struct coefficient_record,
             FIELD_TEXT(struct coefficient_record, column),
             FIELD_NUMBER(struct coefficient_record, coefficient),
             FIELD_NUMBER(struct coefficient_record, standard_error),
             FIELD_NUMBER(struct coefficient_record, robust_standard_error),
             FIELD_NUMBER(struct coefficient_record, ratio, .name = "hazard_ratio"),
             FIELD_NUMBER(struct coefficient_record, z),
             FIELD_NUMBER(struct coefficient_record, p));

LOCAL_SCHEMA(concordance_schema, "Concordance", struct cox_concordance,
             FIELD_NUMBER(struct cox_concordance, c),
             FIELD_NUMBER(struct cox_concordance, concordant),
             FIELD_NUMBER(struct cox_concordance, discordant),
             FIELD_NUMBER(struct cox_concordance, tied_x),
             FIELD_NUMBER(struct cox_concordance, tied_y),
             FIELD_NUMBER(struct cox_concordance, tied_xy));

LOCAL_SCHEMA(baseline_schema, "Baseline", struct baseline_row,
             FIELD_TEXT(struct baseline_row, stratum),
             FIELD_NUMBER(struct baseline_row, time),
             FIELD_NUMBER(struct baseline_row, cumulative_hazard));

LOCAL_SCHEMA(model_schema, "Model", struct model_row,
             TEXT_OF(model_row, record, adjustment),
             FIELD_TEXT(struct model_row, ties),
             FIELD_FLAG(struct model_row, fitted),
             TEXT_OF(model_row, record, state),
             TEXT_OF(model_row, record, blamed),
             COUNT_OF(model_row, record, patients),
             COUNT_OF(model_row, record, events),
             COUNT_OF(model_row, record, iterations),
             TEXT_OF(model_row, record, reference),
             FIELD_RECORDS(struct model_row, record.coefficients, column_schema, .name = "columns"),
             FIELD_JSON(struct model_row, variance),
             FIELD_JSON(struct model_row, robust_variance, .rules = OMIT_NULL),
             NUMBER_OF(model_row, record, log_likelihood_null),
             NUMBER_OF(model_row, record, log_likelihood),
             TEST(likelihood_ratio),
             TEST(wald),
             TEST(score),
             FIELD_RECORD(struct model_row, concordance, concordance_schema, const struct cox_concordance),
             FIELD_RECORDS(struct model_row, baseline_hazard, baseline_schema),
             FIELD_RECORDS(struct model_row, record.proportionality, proportionality_record_schema,
                           .name = "proportionality", .rules = OMIT_NULL));
/* clang-format on */

static void list_baseline(const struct survival_report *r, const struct cox_fit *fit, struct record_list *out)
{
    size_t times = r->options.time_count;
    RECORD_LIST(r->arena, out, fit->stratum_count * times, baseline_row);
    for (size_t i = 0; i < out->count; i++) {
        size_t stratum = i / times;
        double time = r->options.times[i % times];
        items[i] = (struct baseline_row){r->table.stratum_count ? r->table.strata[stratum] : NULL, time,
                                         cox_baseline_hazard(fit, stratum, time)};
    }
}

static const char *matrix_of(const struct survival_report *r, const double *matrix, size_t size)
{
    struct writer w = {0};
    if (!matrix)
        return NULL;
    write_array(&w);
    for (size_t j = 0; j < size; j++) {
        write_array(&w);
        for (size_t k = 0; k < size; k++)
            write_real(&w, matrix[j * size + k]);
        write_array_end(&w);
    }
    write_array_end(&w);
    return writer_text(&w, r->arena);
}

static void add_fit(const struct survival_report *r, const struct comparison_model *m, struct model_row *out)
{
    const struct cox_fit *fit = &m->fit;
    out->variance = matrix_of(r, fit->variance, m->column_count);
    out->robust_variance = matrix_of(r, fit->robust_variance, m->column_count);
    out->concordance = &fit->concordance;
    list_baseline(r, fit, &out->baseline_hazard);
    if (m->proportionality)
        comparison_record_proportionality(m, &r->table.data, r->arm_column, "GLOBAL", r->arena,
                                          &out->record.proportionality);
}

/* A model without covariates and weights is called "none" here, and has been ever since. */
static void list_models(const struct survival_report *r, const struct record_list *records, struct record_list *out)
{
    const struct model_record *record = records->items;
    RECORD_LIST(r->arena, out, records->count, model_row);
    out->count = 0;
    for (size_t by = 0; by < records->count; by++) {
        const struct comparison_model *m = &r->comparison.models[by];
        struct model_row *row = &items[out->count];
        if (!m->wanted)
            continue;
        *row = (struct model_row){
            .record = record[by], .ties = cox_ties_names[r->options.ties], .fitted = m->fit.state == COX_FITTED};
        row->record.state = cox_state_text(m->fit.state);
        if (by == BY_NOTHING)
            row->record.adjustment = "none";
        if (row->fitted)
            add_fit(r, m, row);
        out->count++;
    }
}

/* ---- profiles ---------------------------------------------------------------------------------------------------- */

struct prediction_row {
    struct prediction_record record;
    struct record_list restricted_mean;
};

struct profile_row {
    const char *profile, *best;
    struct record_list arms;
};

/* clang-format off */
LOCAL_SCHEMA(predicted_mean_schema, "PredictedMean", struct survival_mean,
             FIELD_NUMBER(struct survival_mean, tau),
             FIELD_NUMBER(struct survival_mean, mean));

LOCAL_SCHEMA(prediction_schema, "Prediction", struct prediction_row,
             TEXT_OF(prediction_row, record, arm),
             TEXT_OF(prediction_row, record, state),
             FIELD_TEXT(struct prediction_row, record.missing, .name = "not_known", .rules = OMIT_NULL),
             FIELD_RECORDS(struct prediction_row, record.survival_at, survival_point_schema, .name = "survival_at"),
             FIELD_RECORDS(struct prediction_row, restricted_mean, predicted_mean_schema),
             FIELD_NUMBER(struct prediction_row, record.restricted_mean, .name = "restricted_mean_to_horizon"),
             NUMBER_OF(prediction_row, record, median));

LOCAL_SCHEMA(profile_schema, "Profile", struct profile_row,
             FIELD_TEXT(struct profile_row, profile),
             FIELD_TEXT(struct profile_row, best),
             FIELD_RECORDS(struct profile_row, arms, prediction_schema));
/* clang-format on */

static void list_predicted_means(const struct survival_report *r, const struct comparison_prediction *p,
                                 struct record_list *out)
{
    RECORD_LIST(r->arena, out, r->options.time_count, survival_mean);
    for (size_t i = 0; i < out->count; i++)
        items[i] = (struct survival_mean){.tau = r->options.times[i], .mean = p->means[i]};
}

/* Notes which treatment is the best, by the restricted mean to the horizon. */
static void list_predictions(const struct survival_report *r, const struct comparison_prediction *p,
                             struct profile_row *out)
{
    double most = -INFINITY;
    RECORD_LIST(r->arena, &out->arms, r->comparison.arm_count, prediction_row);
    for (size_t a = 0; a < out->arms.count; a++) {
        items[a].record = comparison_record_prediction(&r->comparison, &r->table.data, r->table.arms, &p[a]);
        if (p[a].state != PREDICTION_DONE)
            continue;
        list_predicted_means(r, &p[a], &items[a].restricted_mean);
        if (p[a].mean > most) {
            most = p[a].mean;
            out->best = r->table.arms[a];
        }
    }
}

static void list_profiles(const struct survival_report *r, struct record_list *out)
{
    RECORD_LIST(r->arena, out, r->table.data.profile_count, profile_row);
    for (size_t i = 0; i < out->count; i++) {
        items[i].profile = r->table.profile_names[i];
        list_predictions(r, &r->comparison.predictions[i * r->comparison.arm_count], &items[i]);
    }
}

/* ---- all of it --------------------------------------------------------------------------------------------------- */

struct report_row {
    size_t rows, left_out;
    const char *empty;
    struct curve_row *overall;
    struct record_list arms, pairs, cox, profiles;
    struct logrank_row *logrank, *logrank_stratified, *peto_peto;
    struct comparison_record *comparison;
};

/* clang-format off */
LOCAL_SCHEMA(report_schema, "Report", struct report_row,
             FIELD_COUNT(struct report_row, rows),
             FIELD_COUNT(struct report_row, left_out),
             FIELD_JSON(struct report_row, empty),
             FIELD_RECORD(struct report_row, overall, overall_schema, struct curve_row),
             FIELD_RECORDS(struct report_row, arms, arm_schema),
             FIELD_RECORD(struct report_row, logrank, logrank_schema, struct logrank_row),
             FIELD_RECORD(struct report_row, logrank_stratified, logrank_schema, struct logrank_row,
                          .rules = OMIT_NULL),
             FIELD_RECORD(struct report_row, peto_peto, logrank_schema, struct logrank_row),
             FIELD_RECORDS(struct report_row, pairs, pair_schema),
             FIELD_RECORDS(struct report_row, cox, model_schema),
             FIELD_RECORDS(struct report_row, profiles, profile_schema),
             FIELD_RECORD(struct report_row, comparison, comparison_record_schema, struct comparison_record));
/* clang-format on */

static const char *empty_of(const struct survival_report *r)
{
    struct writer w = {0};
    write_object(&w);
    for (size_t i = 0; i < r->table.empty_count; i++) {
        write_key(&w, r->table.empty[i].column);
        write_integer(&w, (int64_t)r->table.empty[i].rows);
    }
    write_object_end(&w);
    return writer_text(&w, r->arena);
}

void survival_put_json(struct writer *w, const struct survival_report *r)
{
    const struct comparison *c = &r->comparison;
    struct comparison_record comparison;
    struct comparison_estimate all;
    comparison_record_make(c, &r->table.data, r->table.arms, r->arena, &comparison);
    comparison_unadjusted(&r->table.data.survival, -1, &r->options, r->arena, &all);
    struct curve_row overall = curve_of(r, NULL, &all);
    struct logrank_row logrank = logrank_of(r, &c->logrank), stratified = logrank_of(r, &c->logrank_stratified),
                       peto_peto = logrank_of(r, &c->peto_peto);
    struct report_row row = {
        .rows = r->table.rows,
        .left_out = r->table.left_out,
        .empty = empty_of(r),
        .overall = &overall,
        .logrank = &logrank,
        .logrank_stratified = r->table.stratum_count ? &stratified : NULL,
        .peto_peto = &peto_peto,
        .comparison = &comparison,
    };
    list_arms(r, &row.arms);
    list_pairs(r, &row.pairs);
    list_models(r, &comparison.models, &row.cox);
    list_profiles(r, &row.profiles);
    schema_write(&report_schema, &row, w);
    write_line_end(w);
}
