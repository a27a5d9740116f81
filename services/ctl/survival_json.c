/* `mnemosctl survival --json`: the record of the comparison, as the analytics service gives it, and members that only
 * this command adds. Lists whose items differ in their members are JSON texts inside the record. */
#include "services/ctl/survival.h"

#include "common/science/statistics/distribution.h"
#include "common/science/treatment/comparison_record.h"

#include <math.h>
#include <stdint.h>

#define NUMBER(s, m, ...)             FIELD_NUMBER(struct s, m, __VA_ARGS__)
#define COUNT_OF(s, m, ...)           FIELD_COUNT(struct s, m, __VA_ARGS__)
#define TEXT(s, m, ...)               FIELD_TEXT(struct s, m, __VA_ARGS__)
#define JSON(s, m, ...)               FIELD_JSON(struct s, m, __VA_ARGS__)
#define RECORDS(s, m, sub, ...)       FIELD_RECORDS(struct s, m, sub, __VA_ARGS__)
#define RECORD(s, m, sub, type, ...)  FIELD_RECORD(struct s, m, sub, struct type, __VA_ARGS__)
#define FIGURES(s, m, sub, type, ...) FIELD_RECORD(struct s, m, sub, const struct type, __VA_ARGS__)

/* A list of count new records, and its items. */
#define LIST(r, out, number, type) \
    *(out) = (struct record_list){arena_alloc((r)->arena, ((number) + 1) * sizeof(struct type)), (number)}; \
    struct type *items = (out)->items

/* ---- curves ------------------------------------------------------------------------------------------------------ */

struct curve_summary {
    const char *arm;
    double patients, events, last_time;
    struct survival_time *median, *first_quartile, *third_quartile;
    struct record_list survival_at, restricted_mean;
};

#define SUMMARY_ROWS \
    NUMBER(curve_summary, patients), NUMBER(curve_summary, events), NUMBER(curve_summary, last_time), \
        RECORD(curve_summary, median, survival_time_schema, survival_time), \
        RECORD(curve_summary, first_quartile, survival_time_schema, survival_time), \
        RECORD(curve_summary, third_quartile, survival_time_schema, survival_time), \
        RECORDS(curve_summary, survival_at, survival_point_schema), \
        RECORDS(curve_summary, restricted_mean, survival_mean_schema)
LOCAL_SCHEMA(overall_schema, "Overall", struct curve_summary, SUMMARY_ROWS);
LOCAL_SCHEMA(arm_schema, "Arm", struct curve_summary, TEXT(curve_summary, arm), SUMMARY_ROWS);

static struct survival_time *quantile_of(const struct survival_report *r, const struct survival_curve *curve,
                                         double part)
{
    struct survival_time *out = arena_alloc(r->arena, sizeof *out);
    *out = survival_quantile(curve, part);
    return out;
}

static struct record_list points_of(const struct survival_report *r, const struct survival_curve *curve)
{
    struct record_list out;
    LIST(r, &out, r->options.time_count, survival_point);
    for (size_t i = 0; i < out.count; i++)
        items[i] = survival_at(curve, r->options.times[i]);
    return out;
}

static struct record_list means_of(const struct survival_report *r, const struct survival_curve *curve)
{
    struct record_list out;
    LIST(r, &out, r->options.time_count, survival_mean);
    for (size_t i = 0; i < out.count; i++)
        items[i] = survival_restricted_mean(curve, r->options.times[i]);
    return out;
}

static struct curve_summary summary_of(const struct survival_report *r, const char *arm,
                                       const struct survival_curve *curve)
{
    return (struct curve_summary){
        .arm = arm,
        .patients = curve->patients,
        .events = curve->events,
        .last_time = curve->last_time,
        .median = quantile_of(r, curve, 0.5),
        .first_quartile = quantile_of(r, curve, 0.25),
        .third_quartile = quantile_of(r, curve, 0.75),
        .survival_at = points_of(r, curve),
        .restricted_mean = means_of(r, curve),
    };
}

static struct curve_summary *overall_of(const struct survival_report *r)
{
    struct survival_curve curve;
    struct survival_limits limits = {r->comparison.level, r->options.scale};
    struct curve_summary *out = arena_alloc(r->arena, sizeof *out);
    survival_estimate(&r->table.data.survival, -1, limits, r->arena, &curve);
    *out = summary_of(r, NULL, &curve);
    return out;
}

static void list_arms(const struct survival_report *r, struct record_list *out)
{
    LIST(r, out, r->comparison.arm_count, curve_summary);
    for (size_t a = 0; a < out->count; a++)
        items[a] = summary_of(r, r->table.arms[a], &r->comparison.arms[a].unadjusted.curve);
}

/* ---- log-rank tests ---------------------------------------------------------------------------------------------- */

#define TEST_ROWS(s, test) \
    NUMBER(s, test.chi_square, .name = "chi_square"), \
        COUNT_OF(s, test.degrees_of_freedom, .name = "degrees_of_freedom"), NUMBER(s, test.p, .name = "p")

struct logrank_row {
    struct cox_test test;
    struct real_list observed, expected;
};
LOCAL_SCHEMA(logrank_schema, "LogRank", struct logrank_row, TEST_ROWS(logrank_row, test),
             FIELD_REALS(struct logrank_row, observed), FIELD_REALS(struct logrank_row, expected));

struct pair_row {
    struct text_list arms;
    struct comparison_test test;
};
LOCAL_SCHEMA(pair_schema, "Pair", struct pair_row, FIELD_TEXTS(struct pair_row, arms), TEST_ROWS(pair_row, test),
             NUMBER(pair_row, test.p_holm, .name = "p_holm"));

/* An empty list is one, too. */
static struct real_list reals_of(const struct survival_report *r, const double *values, size_t count)
{
    return (struct real_list){values ? values : arena_alloc(r->arena, sizeof *values), count};
}

static struct logrank_row *logrank_of(const struct survival_report *r, const struct logrank *l)
{
    struct logrank_row *out = arena_alloc(r->arena, sizeof *out);
    *out = (struct logrank_row){{l->chi_square, (size_t)l->degrees_of_freedom, l->p},
                                reals_of(r, l->observed, l->group_count),
                                reals_of(r, l->expected, l->group_count)};
    return out;
}

static void list_pairs(const struct survival_report *r, struct record_list *out)
{
    LIST(r, out, r->comparison.pair_count, pair_row);
    for (size_t i = 0; i < out->count; i++) {
        const struct comparison_pair *p = &r->comparison.pairs[i];
        const char **arms = arena_alloc(r->arena, 2 * sizeof *arms);
        arms[0] = r->table.arms[p->a];
        arms[1] = r->table.arms[p->b];
        items[i] = (struct pair_row){{arms, 2}, p->logrank};
    }
}

/* ---- Cox models -------------------------------------------------------------------------------------------------- */

struct column_row {
    const char *column;
    double coefficient, standard_error, robust_standard_error, hazard_ratio, z, p;
};
LOCAL_SCHEMA(column_schema, "Column", struct column_row, TEXT(column_row, column), NUMBER(column_row, coefficient),
             NUMBER(column_row, standard_error), NUMBER(column_row, robust_standard_error),
             NUMBER(column_row, hazard_ratio), NUMBER(column_row, z), NUMBER(column_row, p));

struct baseline_row {
    const char *stratum;
    double time, cumulative_hazard;
};
LOCAL_SCHEMA(baseline_schema, "Baseline", struct baseline_row, TEXT(baseline_row, stratum), NUMBER(baseline_row, time),
             NUMBER(baseline_row, cumulative_hazard));

struct term_row {
    const char *term;
    struct cox_test test;
};
LOCAL_SCHEMA(term_schema, "Term", struct term_row, TEXT(term_row, term), TEST_ROWS(term_row, test));
LOCAL_SCHEMA(test_schema, "Test", struct cox_test, NUMBER(cox_test, chi_square), COUNT_OF(cox_test, degrees_of_freedom),
             NUMBER(cox_test, p));

LOCAL_SCHEMA(concordance_schema, "Concordance", struct cox_concordance, NUMBER(cox_concordance, c),
             NUMBER(cox_concordance, concordant), NUMBER(cox_concordance, discordant), NUMBER(cox_concordance, tied_x),
             NUMBER(cox_concordance, tied_y), NUMBER(cox_concordance, tied_xy));

struct model_row {
    const char *adjustment, *ties, *state, *blamed, *reference;
    bool fitted;
    struct cox_fit fit;
    struct record_list columns, baseline_hazard, proportionality;
    const char *variance, *robust_variance;
    const struct cox_test *likelihood_ratio, *wald, *score;
    const struct cox_concordance *concordance;
};

#define MODEL_ROWS \
    TEXT(model_row, adjustment), TEXT(model_row, ties), FIELD_FLAG(struct model_row, fitted), TEXT(model_row, state)
LOCAL_SCHEMA(blamed_schema, "NoModel", struct model_row, MODEL_ROWS, TEXT(model_row, blamed));
LOCAL_SCHEMA(fitted_schema, "Model", struct model_row, MODEL_ROWS, COUNT_OF(model_row, fit.count, .name = "patients"),
             COUNT_OF(model_row, fit.events, .name = "events"),
             COUNT_OF(model_row, fit.iterations, .name = "iterations"), TEXT(model_row, reference),
             RECORDS(model_row, columns, column_schema), JSON(model_row, variance),
             JSON(model_row, robust_variance, .rules = OMIT_NULL),
             NUMBER(model_row, fit.log_likelihood_null, .name = "log_likelihood_null"),
             NUMBER(model_row, fit.log_likelihood, .name = "log_likelihood"),
             FIGURES(model_row, likelihood_ratio, test_schema, cox_test),
             FIGURES(model_row, wald, test_schema, cox_test), FIGURES(model_row, score, test_schema, cox_test),
             FIGURES(model_row, concordance, concordance_schema, cox_concordance),
             RECORDS(model_row, baseline_hazard, baseline_schema),
             RECORDS(model_row, proportionality, term_schema, .rules = OMIT_NULL));

static const char *both(const struct survival_report *r, const char *left, const char *right)
{
    if (!left || !right)
        return left ? left : right;
    return arena_printf(r->arena, "%s:%s", left, right);
}

static const char *column_name(const struct survival_report *r, const struct comparison_column *c)
{
    return both(r, c->treatment >= 0 ? r->table.arms[c->treatment] : NULL, c->name);
}

/* The covariate's name, and the treatments' column before it where the two interact. */
static const char *term_name(const struct survival_report *r, const struct comparison_model *m, size_t term)
{
    size_t covariate = m->term_covariate[term], column = 0;
    while (m->columns[column].term != term)
        column++;
    return both(r, m->columns[column].treatment >= 0 ? r->arm_column : NULL,
                covariate == SIZE_MAX ? NULL : r->table.data.covariates[covariate].name);
}

static void list_columns(const struct survival_report *r, const struct comparison_model *m, struct record_list *out)
{
    LIST(r, out, m->column_count, column_row);
    for (size_t j = 0; j < out->count; j++) {
        double value = m->fit.coefficient[j], robust = m->fit.robust_std_error ? m->fit.robust_std_error[j] : NAN;
        double z = value / (isnan(robust) ? m->fit.std_error[j] : robust);
        items[j] = (struct column_row){
            column_name(r, &m->columns[j]), value, m->fit.std_error[j], robust, exp(value), z, normal_two_sided(z)};
    }
}

static void list_baseline(const struct survival_report *r, const struct cox_fit *fit, struct record_list *out)
{
    size_t times = r->options.time_count;
    LIST(r, out, fit->stratum_count * times, baseline_row);
    for (size_t i = 0; i < out->count; i++) {
        size_t stratum = i / times;
        double time = r->options.times[i % times];
        items[i] = (struct baseline_row){r->table.stratum_count ? r->table.strata[stratum] : NULL, time,
                                         cox_baseline_hazard(fit, stratum, time)};
    }
}

static void list_terms(const struct survival_report *r, const struct comparison_model *m, struct record_list *out)
{
    if (!m->proportionality)
        return;
    LIST(r, out, m->term_count + 1, term_row);
    for (size_t t = 0; t < m->term_count; t++)
        items[t] = (struct term_row){term_name(r, m, t), m->proportionality[t]};
    items[m->term_count] = (struct term_row){"GLOBAL", m->proportionality_global};
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
    out->fit = *fit;
    out->reference = m->reference >= 0 ? r->table.arms[m->reference] : NULL;
    out->variance = matrix_of(r, fit->variance, m->column_count);
    out->robust_variance = matrix_of(r, fit->robust_variance, m->column_count);
    out->likelihood_ratio = &fit->likelihood_ratio;
    out->wald = &fit->wald;
    out->score = &fit->score;
    out->concordance = &fit->concordance;
    list_columns(r, m, &out->columns);
    list_baseline(r, fit, &out->baseline_hazard);
    list_terms(r, m, &out->proportionality);
}

/* A model without covariates and weights is called "none" here, and has been ever since. */
static void write_model(const struct survival_report *r, enum comparison_adjustment by, struct writer *w)
{
    const struct comparison_model *m = &r->comparison.models[by];
    bool fitted = m->fit.state == COX_FITTED;
    struct model_row row = {.adjustment = by == BY_NOTHING ? "none" : comparison_adjustment_names[by],
                            .ties = cox_ties_names[r->options.ties],
                            .fitted = fitted,
                            .state = cox_state_text(m->fit.state)};
    if (fitted)
        add_fit(r, m, &row);
    else if (m->fit.column < m->column_count)
        row.blamed = column_name(r, &m->columns[m->fit.column]);
    schema_write(fitted ? &fitted_schema : &blamed_schema, &row, w);
}

static const char *models_of(const struct survival_report *r)
{
    struct writer w = {0};
    write_array(&w);
    for (int by = 0; by < COMPARISON_ADJUSTMENTS; by++)
        if (r->comparison.models[by].wanted)
            write_model(r, (enum comparison_adjustment)by, &w);
    write_array_end(&w);
    return writer_text(&w, r->arena);
}

/* ---- profiles ---------------------------------------------------------------------------------------------------- */

LOCAL_SCHEMA(predicted_point_schema, "PredictedPoint", struct survival_point, NUMBER(survival_point, time),
             NUMBER(survival_point, survival), NUMBER(survival_point, standard_error), NUMBER(survival_point, lower),
             NUMBER(survival_point, upper));

LOCAL_SCHEMA(predicted_mean_schema, "PredictedMean", struct survival_mean, NUMBER(survival_mean, tau),
             NUMBER(survival_mean, mean));

struct prediction_row {
    const char *arm, *state, *not_known;
    struct record_list survival_at, restricted_mean;
    double restricted_mean_to_horizon, median;
};

#define PREDICTION_ROWS \
    TEXT(prediction_row, arm), TEXT(prediction_row, state), TEXT(prediction_row, not_known, .rules = OMIT_NULL)
LOCAL_SCHEMA(no_prediction_schema, "NoPrediction", struct prediction_row, PREDICTION_ROWS);
LOCAL_SCHEMA(prediction_schema, "Prediction", struct prediction_row, PREDICTION_ROWS,
             RECORDS(prediction_row, survival_at, predicted_point_schema),
             RECORDS(prediction_row, restricted_mean, predicted_mean_schema),
             NUMBER(prediction_row, restricted_mean_to_horizon), NUMBER(prediction_row, median));

struct profile_row {
    const char *profile, *best, *arms;
};
LOCAL_SCHEMA(profile_schema, "Profile", struct profile_row, TEXT(profile_row, profile), TEXT(profile_row, best),
             JSON(profile_row, arms));

static void list_predicted_means(const struct survival_report *r, const struct comparison_prediction *p,
                                 struct record_list *out)
{
    LIST(r, out, r->options.time_count, survival_mean);
    for (size_t i = 0; i < out->count; i++)
        items[i] = (struct survival_mean){.tau = r->options.times[i], .mean = p->means[i]};
}

static void write_prediction(const struct survival_report *r, const struct comparison_prediction *p, struct writer *w)
{
    bool done = p->state == PREDICTION_DONE;
    struct prediction_row row = {.arm = r->table.arms[p->treatment], .state = comparison_prediction_name(p->state)};
    if (p->state == PREDICTION_NOT_KNOWN)
        row.not_known = r->table.data.covariates[p->missing].name;
    if (done) {
        row.survival_at = (struct record_list){(void *)(uintptr_t)p->at, r->options.time_count};
        row.restricted_mean_to_horizon = p->mean;
        row.median = p->median;
        list_predicted_means(r, p, &row.restricted_mean);
    }
    schema_write(done ? &prediction_schema : &no_prediction_schema, &row, w);
}

/* By the restricted mean to the horizon. */
static const char *best_of(const struct survival_report *r, const struct comparison_prediction *p)
{
    const char *best = NULL;
    double most = -INFINITY;
    for (size_t a = 0; a < r->comparison.arm_count; a++)
        if (p[a].state == PREDICTION_DONE && p[a].mean > most) {
            most = p[a].mean;
            best = r->table.arms[a];
        }
    return best;
}

static const char *predictions_of(const struct survival_report *r, const struct comparison_prediction *p)
{
    struct writer w = {0};
    write_array(&w);
    for (size_t a = 0; a < r->comparison.arm_count; a++)
        write_prediction(r, &p[a], &w);
    write_array_end(&w);
    return writer_text(&w, r->arena);
}

static void list_profiles(const struct survival_report *r, struct record_list *out)
{
    LIST(r, out, r->table.data.profile_count, profile_row);
    for (size_t i = 0; i < out->count; i++) {
        const struct comparison_prediction *p = &r->comparison.predictions[i * r->comparison.arm_count];
        items[i] = (struct profile_row){r->table.profile_names[i], best_of(r, p), predictions_of(r, p)};
    }
}

/* ---- all of it --------------------------------------------------------------------------------------------------- */

struct report_row {
    size_t rows, left_out;
    const char *empty, *cox;
    struct curve_summary *overall;
    struct record_list arms, pairs, profiles;
    struct logrank_row *logrank, *logrank_stratified, *peto_peto;
    struct comparison_record *comparison;
};
LOCAL_SCHEMA(report_schema, "Report", struct report_row, COUNT_OF(report_row, rows), COUNT_OF(report_row, left_out),
             JSON(report_row, empty), RECORD(report_row, overall, overall_schema, curve_summary),
             RECORDS(report_row, arms, arm_schema), RECORD(report_row, logrank, logrank_schema, logrank_row),
             RECORD(report_row, logrank_stratified, logrank_schema, logrank_row, .rules = OMIT_NULL),
             RECORD(report_row, peto_peto, logrank_schema, logrank_row), RECORDS(report_row, pairs, pair_schema),
             JSON(report_row, cox), RECORDS(report_row, profiles, profile_schema),
             RECORD(report_row, comparison, comparison_record_schema, comparison_record));

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
    struct report_row row = {
        .rows = r->table.rows,
        .left_out = r->table.left_out,
        .empty = empty_of(r),
        .cox = models_of(r),
        .overall = overall_of(r),
        .logrank = logrank_of(r, &c->logrank),
        .logrank_stratified = r->table.stratum_count ? logrank_of(r, &c->logrank_stratified) : NULL,
        .peto_peto = logrank_of(r, &c->peto_peto),
        .comparison = &comparison,
    };
    comparison_record_make(c, &r->table.data, r->table.arms, r->arena, &comparison);
    list_arms(r, &row.arms);
    list_pairs(r, &row.pairs);
    list_profiles(r, &row.profiles);
    schema_write(&report_schema, &row, w);
    write_line_end(w);
}
