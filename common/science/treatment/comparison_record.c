#include "common/science/treatment/comparison_record.h"

#include "common/science/statistics/distribution.h"

#include <math.h>

/* ---- the members and what they mean ---- */

#define NUMBER(s, m, ...)             FIELD_NUMBER(struct s, m, __VA_ARGS__)
#define COUNT_OF(s, m, ...)           FIELD_COUNT(struct s, m, __VA_ARGS__)
#define TEXT(s, m, ...)               FIELD_TEXT(struct s, m, __VA_ARGS__)
#define REALS(s, m, ...)              FIELD_REALS(struct s, m, __VA_ARGS__)
#define RECORDS(s, m, sub, ...)       FIELD_RECORDS(struct s, m, sub, __VA_ARGS__)
#define RECORD(s, m, sub, type, ...)  FIELD_RECORD(struct s, m, sub, struct type, __VA_ARGS__)
#define FIGURES(s, m, sub, type, ...) FIELD_RECORD(struct s, m, sub, const struct type, __VA_ARGS__)
#define TEST(s, m, ...)               FIGURES(s, m, comparison_test_schema, comparison_test, __VA_ARGS__)
#define LIMITS(s)                     NUMBER(s, lower), NUMBER(s, upper)
/* Of the struct inside that is copied as it is. */
#define PART(s, m, ...)               FIELD_NUMBER(struct s, figures.m, .name = #m, __VA_ARGS__)
#define PART_COUNT(s, m, ...)         FIELD_COUNT(struct s, figures.m, .name = #m, __VA_ARGS__)

/* clang-format off */
SCHEMA(survival_time_schema, "SurvivalTime", struct survival_time,
       NUMBER(survival_time, time, .summary = "null: not reached"),
       LIMITS(survival_time));

SCHEMA(survival_point_schema, "SurvivalPoint", struct survival_point,
       NUMBER(survival_point, time),
       FIELD_FLAG(struct survival_point, beyond_follow_up),
       NUMBER(survival_point, at_risk),
       NUMBER(survival_point, survival),
       NUMBER(survival_point, standard_error), LIMITS(survival_point));

SCHEMA(survival_mean_schema, "RestrictedMean", struct survival_mean,
       NUMBER(survival_mean, tau, .summary = "Restriction time of the mean"),
       FIELD_FLAG(struct survival_mean, beyond_follow_up),
       NUMBER(survival_mean, mean),
       NUMBER(survival_mean, standard_error), LIMITS(survival_mean));

LOCAL_SCHEMA(curve_schema, "SurvivalCurve", struct curve_record,
       REALS(curve_record, time),
       REALS(curve_record, survival, .summary = "Survival from each time on"),
       REALS(curve_record, lower), REALS(curve_record, upper),
       REALS(curve_record, censored, .rules = OMIT_NULL, .summary = "Times of censoring"));

LOCAL_SCHEMA(at_risk_schema, "NumbersAtRisk", struct at_risk_record,
       REALS(at_risk_record, time),
       REALS(at_risk_record, at_risk, .summary = "Patients; where adjusted, the sum of their weights"));

LOCAL_SCHEMA(estimate_schema, "SurvivalEstimate", struct estimate_record,
       FIGURES(estimate_record, median, survival_time_schema, survival_time),
       FIGURES(estimate_record, restricted_mean, survival_mean_schema, survival_mean),
       RECORDS(estimate_record, survival_at, survival_point_schema),
       RECORDS(estimate_record, restricted_means, survival_mean_schema),
       RECORD(estimate_record, curve, curve_schema, curve_record),
       RECORD(estimate_record, at_risk, at_risk_schema, at_risk_record));

LOCAL_SCHEMA(weights_schema, "ArmWeights", struct comparison_weights,
       NUMBER(comparison_weights, mean), NUMBER(comparison_weights, largest),
       NUMBER(comparison_weights, effective_size,
              .summary = "Effective sample size: as many unweighted patients give the same precision"));

LOCAL_SCHEMA(spread_schema, "Bootstrap", struct comparison_spread,
       NUMBER(comparison_spread, standard_error), LIMITS(comparison_spread));

LOCAL_SCHEMA(arm_schema, "ComparisonArm", struct arm_record,
       TEXT(arm_record, arm),
       PART_COUNT(arm_record, patients), PART_COUNT(arm_record, events),
       PART_COUNT(arm_record, complete_patients, .summary = "Patients with all covariates known"),
       PART_COUNT(arm_record, complete_events),
       PART(arm_record, last_time),
       PART(arm_record, best_share, .summary = "Share of sampling draws in which this arm is best"),
       RECORD(arm_record, unadjusted, estimate_schema, estimate_record),
       RECORD(arm_record, adjusted, estimate_schema, estimate_record),
       FIGURES(arm_record, weights, weights_schema, comparison_weights),
       FIGURES(arm_record, figures.bootstrap, spread_schema, comparison_spread, .name = "bootstrap",
               .rules = OMIT_NULL));

LOCAL_SCHEMA(historic_row_schema, "HistoricArm", struct arm_record,
       TEXT(arm_record, arm), PART_COUNT(arm_record, patients), PART(arm_record, mean_observed));

LOCAL_SCHEMA(difference_schema, "MeanDifference", struct comparison_difference,
       NUMBER(comparison_difference, value, .summary = "Restricted mean of `arm` minus that of `against`"),
       NUMBER(comparison_difference, standard_error), LIMITS(comparison_difference),
       NUMBER(comparison_difference, p), NUMBER(comparison_difference, p_holm),
       FIGURES(comparison_difference, bootstrap, spread_schema, comparison_spread, .rules = OMIT_NULL));

LOCAL_SCHEMA(ratio_schema, "HazardRatio", struct comparison_ratio,
       NUMBER(comparison_ratio, ratio, .summary = "Hazard of `arm` divided by that of `against`"),
       NUMBER(comparison_ratio, log_ratio),
       NUMBER(comparison_ratio, standard_error, .summary = "Standard error of the log hazard ratio"),
       LIMITS(comparison_ratio),
       NUMBER(comparison_ratio, p), NUMBER(comparison_ratio, p_holm),
       NUMBER(comparison_ratio, e_value, .summary = "E-value: unmeasured confounding that would explain the ratio"),
       NUMBER(comparison_ratio, e_value_limit));

SCHEMA(comparison_test_schema, "ChiSquareTest", struct comparison_test,
       COMPARISON_TEST_FIELDS(struct comparison_test, ),
       NUMBER(comparison_test, p_holm, .rules = OMIT_NULL));

LOCAL_SCHEMA(ratios_schema, "HazardRatios", struct ratios_record,
       FIGURES(ratios_record, unadjusted, ratio_schema, comparison_ratio),
       FIGURES(ratios_record, covariates, ratio_schema, comparison_ratio),
       FIGURES(ratios_record, weights, ratio_schema, comparison_ratio),
       FIGURES(ratios_record, weights_and_covariates, ratio_schema, comparison_ratio));

LOCAL_SCHEMA(differences_schema, "MeanDifferences", struct differences_record,
       FIGURES(differences_record, unadjusted, difference_schema, comparison_difference),
       FIGURES(differences_record, adjusted, difference_schema, comparison_difference));

LOCAL_SCHEMA(imbalance_schema, "Imbalance", struct comparison_imbalance,
       NUMBER(comparison_imbalance, before, .summary = "Largest standardised difference before weighting"),
       NUMBER(comparison_imbalance, after, .summary = "The same after weighting"));

LOCAL_SCHEMA(pair_schema, "ComparisonPair", struct pair_record,
       TEXT(pair_record, arm), TEXT(pair_record, against),
       RECORD(pair_record, restricted_mean_difference, differences_schema, differences_record),
       RECORD(pair_record, hazard_ratio, ratios_schema, ratios_record),
       TEST(pair_record, logrank),
       TEST(pair_record, logrank_stratified, .rules = OMIT_NULL),
       FIGURES(pair_record, imbalance, imbalance_schema, comparison_imbalance));

LOCAL_SCHEMA(coefficient_schema, "CoxCoefficient", struct coefficient_record,
       TEXT(coefficient_record, column),
       NUMBER(coefficient_record, coefficient),
       NUMBER(coefficient_record, standard_error),
       NUMBER(coefficient_record, robust_standard_error, .rules = OMIT_NULL),
       NUMBER(coefficient_record, ratio), LIMITS(coefficient_record));

SCHEMA(proportionality_record_schema, "ProportionalityTest", struct proportionality_record,
       TEXT(proportionality_record, term, .summary = "Term of the model; null: the global test"),
       COMPARISON_TEST_FIELDS(struct proportionality_record, test.));

LOCAL_SCHEMA(model_schema, "CoxModel", struct model_record,
       TEXT(model_record, adjustment),
       TEXT(model_record, state),
       TEXT(model_record, sentence, .rules = OMIT_NULL, .summary = "Reason why the model was not fitted"),
       TEXT(model_record, blamed, .rules = OMIT_NULL),
       TEXT(model_record, reference),
       COUNT_OF(model_record, patients), COUNT_OF(model_record, events), COUNT_OF(model_record, iterations),
       NUMBER(model_record, log_likelihood_null), NUMBER(model_record, log_likelihood),
       NUMBER(model_record, concordance),
       TEST(model_record, likelihood_ratio), TEST(model_record, wald), TEST(model_record, score),
       RECORDS(model_record, coefficients, coefficient_schema),
       RECORDS(model_record, proportionality, proportionality_record_schema, .rules = OMIT_NULL));

LOCAL_SCHEMA(missing_schema, "MissingCovariate", struct missing_record,
       TEXT(missing_record, covariate),
       COUNT_OF(missing_record, patients, .summary = "Patients without a value of the covariate"));

LOCAL_SCHEMA(omission_schema, "OmittedColumn", struct omission_record,
       TEXT(omission_record, column), TEXT(omission_record, reason), TEXT(omission_record, sentence));

LOCAL_SCHEMA(overlap_schema, "PropensityOverlap", struct overlap_record,
       TEXT(overlap_record, treatment, .summary = "Treatment that the propensity is for"),
       TEXT(overlap_record, group, .summary = "Treatment that these patients received"),
       PART(overlap_record, min), PART(overlap_record, q05), PART(overlap_record, q25), PART(overlap_record, median),
       PART(overlap_record, q75), PART(overlap_record, q95), PART(overlap_record, max));

LOCAL_SCHEMA(balance_schema, "CovariateBalance", struct balance_record,
       TEXT(balance_record, column), TEXT(balance_record, arm), TEXT(balance_record, against),
       PART(balance_record, before, .summary = "Standardised difference before weighting"),
       PART(balance_record, after, .summary = "The same after weighting"));

LOCAL_SCHEMA(weight_schema, "LargestWeight", struct weight_record,
       TEXT(weight_record, arm), NUMBER(weight_record, weight));

LOCAL_SCHEMA(diagnostics_schema, "ComparisonDiagnostics", struct diagnostics_record,
       TEXT(diagnostics_record, weighting), TEXT(diagnostics_record, sentence),
       TEXT(diagnostics_record, blamed, .rules = OMIT_NULL),
       NUMBER(diagnostics_record, outside_support,
              .summary = "Share of patients outside common propensity support"),
       RECORDS(diagnostics_record, overlap, overlap_schema),
       RECORDS(diagnostics_record, balance, balance_schema),
       RECORDS(diagnostics_record, largest_weights, weight_schema));

LOCAL_SCHEMA(reason_schema, "VerdictReason", struct reason_record,
       TEXT(reason_record, code), TEXT(reason_record, sentence),
       TEXT(reason_record, arm), TEXT(reason_record, other),
       NUMBER(reason_record, value, .summary = "Value found"),
       NUMBER(reason_record, bound, .summary = "Threshold for the value"));

LOCAL_SCHEMA(verdict_schema, "Verdict", struct verdict_record,
       FIELD_ENUM(struct verdict_record, decision, comparison_decision_names),
       TEXT(verdict_record, arm, .summary = "Arm with the longest restricted mean, recommended or not"),
       TEXT(verdict_record, runner_up),
       FIELD_FLAG(struct verdict_record, figures.adjusted, .name = "adjusted",
                  .summary = "Rests on adjusted numbers"),
       PART(verdict_record, gain, .summary = "Restricted mean minus that of the runner-up"),
       PART(verdict_record, gain_lower), PART(verdict_record, gain_upper),
       PART(verdict_record, p),
       PART(verdict_record, best_share, .summary = "Share of sampling draws in which `arm` is best"),
       RECORDS(verdict_record, reasons, reason_schema));

LOCAL_SCHEMA(historic_schema, "HistoricTable", struct historic_record,
       TEXT(historic_record, label),
       TEXT(historic_record, arm, .summary = "Arm that the historic rule chooses"),
       RECORDS(historic_record, arms, historic_row_schema));

LOCAL_SCHEMA(prediction_schema, "PredictedSurvival", struct prediction_record,
       TEXT(prediction_record, arm),
       TEXT(prediction_record, state), TEXT(prediction_record, sentence),
       TEXT(prediction_record, missing, .rules = OMIT_NULL, .summary = "Covariate that is unknown for the patient"),
       NUMBER(prediction_record, restricted_mean), NUMBER(prediction_record, median),
       RECORDS(prediction_record, survival_at, survival_point_schema),
       RECORD(prediction_record, curve, curve_schema, curve_record));

SCHEMA(comparison_record_schema, "ComparisonAnswer", struct comparison_record,
       NUMBER(comparison_record, level, .summary = "Confidence level of all limits"),
       NUMBER(comparison_record, horizon, .summary = "Restriction time of the means; null: nobody under observation"),
       COUNT_OF(comparison_record, patients),
       COUNT_OF(comparison_record, complete_patients, .summary = "Patients with all covariates known"),
       COUNT_OF(comparison_record, left_out, .summary = "Patients left out of adjusted numbers: unknown covariates"),
       RECORDS(comparison_record, missing, missing_schema),
       RECORDS(comparison_record, omissions, omission_schema,
               .summary = "Covariates or levels left out of the models"),
       RECORD(comparison_record, verdict, verdict_schema, verdict_record),
       RECORDS(comparison_record, arms, arm_schema),
       RECORDS(comparison_record, pairs, pair_schema),
       TEST(comparison_record, logrank),
       TEST(comparison_record, logrank_stratified, .rules = OMIT_NULL),
       TEST(comparison_record, peto_peto),
       RECORDS(comparison_record, models, model_schema),
       RECORD(comparison_record, diagnostics, diagnostics_schema, diagnostics_record),
       RECORD(comparison_record, historic, historic_schema, historic_record),
       RECORDS(comparison_record, predictions, prediction_schema,
               .summary = "The patient's curve by treatment"));
/* clang-format on */

/* ---- from a comparison to its record ---- */

struct making {
    const struct comparison *c;
    const struct comparison_data *data;
    const char *const *arms;
    struct arena *arena;
};

#define NEW(m, type) ((struct type *)arena_alloc((m)->arena, sizeof(struct type)))

static const char *arm_name(const struct making *m, int arm)
{
    return arm >= 0 ? m->arms[arm] : NULL;
}

/* ---- curves ---- */

static struct real_list reals(const struct making *m, size_t count)
{
    return (struct real_list){arena_alloc(m->arena, (count + 1) * sizeof(double)), count};
}

static double *items_of(const struct real_list *list)
{
    return (double *)(uintptr_t)list->items;
}

static struct curve_record *curve_new(const struct making *m, size_t count)
{
    struct curve_record *curve = NEW(m, curve_record);
    curve->time = reals(m, count);
    curve->survival = reals(m, count);
    curve->lower = reals(m, count);
    curve->upper = reals(m, count);
    return curve;
}

static void curve_set(struct curve_record *curve, size_t i, double time, double survival, double lower, double upper)
{
    items_of(&curve->time)[i] = time;
    items_of(&curve->survival)[i] = survival;
    items_of(&curve->lower)[i] = lower;
    items_of(&curve->upper)[i] = upper;
}

/* Which of count things is the i-th of those that are shown: evenly chosen, the last one always. */
static size_t shown_index(size_t i, size_t shown, size_t count)
{
    return ((i + 1) * count) / shown - 1;
}

static size_t shown_of(size_t count)
{
    return count < RECORD_STEPS_MAX ? count : RECORD_STEPS_MAX;
}

/* The censored times of a curve, unless there are too many to be told apart. */
static void add_censored(const struct making *m, const struct survival_curve *from, struct curve_record *out)
{
    size_t count = 0;
    for (size_t i = 0; i < from->step_count; i++)
        count += from->steps[i].censored > 0;
    if (count > RECORD_STEPS_MAX)
        return;
    out->censored = reals(m, count);
    count = 0;
    for (size_t i = 0; i < from->step_count; i++)
        if (from->steps[i].censored > 0)
            items_of(&out->censored)[count++] = from->steps[i].time;
}

/* The steps with events, and the last one, where the follow-up ends. */
static struct curve_record *make_curve(const struct making *m, const struct survival_curve *from)
{
    const struct survival_step **steps = arena_alloc(m->arena, (from->step_count + 1) * sizeof(struct survival_step *));
    size_t count = 0;
    for (size_t i = 0; i < from->step_count; i++)
        if (from->steps[i].events > 0 || i + 1 == from->step_count)
            steps[count++] = &from->steps[i];
    size_t shown = shown_of(count);
    struct curve_record *curve = curve_new(m, shown + 1);
    curve_set(curve, 0, 0, 1, 1, 1);
    for (size_t i = 0; i < shown; i++) {
        const struct survival_step *s = steps[shown_index(i, shown, count)];
        curve_set(curve, i + 1, s->time, s->survival, s->lower, s->upper);
    }
    add_censored(m, from, curve);
    return curve;
}

/* A round number so that a few of them reach the end: 1, 2 or 5 times a power of ten, or years of months. */
static double tick_step(double end)
{
    static const double months[] = {1, 2, 3, 6, 12, 24, 36, 60, 120};
    for (size_t i = 0; i < COUNT(months); i++)
        if (end / months[i] <= 10)
            return months[i];
    double step = pow(10, floor(log10(end / 10)));
    return end / step <= 10 ? step : end / (2 * step) <= 10 ? 2 * step : end / (5 * step) <= 10 ? 5 * step : 10 * step;
}

static double last_time(const struct making *m)
{
    double last = 0;
    for (size_t i = 0; i < m->c->arm_count; i++)
        last = fmax(last, m->c->arms[i].last_time);
    return last;
}

/* The same times for all arms, so that a table can be made of them. */
static struct at_risk_record *make_at_risk(const struct making *m, const struct survival_curve *from)
{
    double end = last_time(m), step = tick_step(end);
    size_t count = end > 0 ? (size_t)floor(end / step) + 1 : 1;
    struct at_risk_record *out = NEW(m, at_risk_record);
    out->time = reals(m, count);
    out->at_risk = reals(m, count);
    for (size_t i = 0; i < count; i++) {
        struct survival_point p = survival_at(from, step * (double)i);
        items_of(&out->time)[i] = step * (double)i;
        items_of(&out->at_risk)[i] = isfinite(p.at_risk) ? p.at_risk : 0;
    }
    return out;
}

/* ---- arms ---- */

static struct estimate_record *make_estimate(const struct making *m, const struct comparison_estimate *e)
{
    if (!e->known)
        return NULL;
    struct estimate_record *out = NEW(m, estimate_record);
    *out = (struct estimate_record){
        .median = &e->median,
        .restricted_mean = &e->mean,
        .survival_at = record_list_of(e->at, m->c->time_count),
        .restricted_means = record_list_of(e->means, m->c->time_count),
        .curve = make_curve(m, &e->curve),
        .at_risk = make_at_risk(m, &e->curve),
    };
    return out;
}

static void make_arms(const struct making *m, struct record_list *out)
{
    RECORD_LIST(m->arena, out, m->c->arm_count, arm_record);
    for (size_t i = 0; i < out->count; i++) {
        const struct comparison_arm *arm = &m->c->arms[i];
        items[i] = (struct arm_record){
            .arm = m->arms[i],
            .figures = *arm,
            .unadjusted = make_estimate(m, &arm->unadjusted),
            .adjusted = make_estimate(m, &arm->adjusted),
            .weights = arm->adjusted.known ? &arm->weights : NULL,
        };
    }
}

/* ---- pairs ---- */

/* NULL where its first figure is not known: then none is. */
#define KNOWN(figures, first) (isnan((figures)->first) ? NULL : (figures))

static const struct comparison_test *make_test(const struct making *m, double chi_square, size_t df, double p)
{
    struct comparison_test *out = NEW(m, comparison_test);
    *out = (struct comparison_test){chi_square, p, NAN, df};
    return KNOWN(out, chi_square);
}

static const struct comparison_test *make_logrank(const struct making *m, const struct logrank *l)
{
    return make_test(m, l->chi_square, (size_t)l->degrees_of_freedom, l->p);
}

static struct ratios_record *make_ratios(const struct making *m, const struct comparison_ratio *hazard)
{
    struct ratios_record *out = NEW(m, ratios_record);
    *out = (struct ratios_record){KNOWN(&hazard[BY_NOTHING], ratio), KNOWN(&hazard[BY_COVARIATES], ratio),
                                  KNOWN(&hazard[BY_WEIGHTS], ratio), KNOWN(&hazard[BY_BOTH], ratio)};
    return out;
}

static struct differences_record *make_differences(const struct making *m, const struct comparison_pair *p)
{
    struct differences_record *out = NEW(m, differences_record);
    *out = (struct differences_record){KNOWN(&p->unadjusted, value), KNOWN(&p->adjusted, value)};
    return out;
}

static void make_pairs(const struct making *m, struct record_list *out)
{
    RECORD_LIST(m->arena, out, m->c->pair_count, pair_record);
    for (size_t i = 0; i < out->count; i++) {
        const struct comparison_pair *p = &m->c->pairs[i];
        items[i] = (struct pair_record){
            .arm = m->arms[p->b],
            .against = m->arms[p->a],
            .restricted_mean_difference = make_differences(m, p),
            .hazard_ratio = make_ratios(m, p->hazard),
            .logrank = KNOWN(&p->logrank, chi_square),
            .logrank_stratified = KNOWN(&p->logrank_stratified, chi_square),
            .imbalance = &p->imbalance,
        };
    }
}

/* ---- models ---- */

static const char *column_name(const struct making *m, const struct comparison_column *c)
{
    if (c->treatment < 0)
        return c->name;
    return c->name ? arena_printf(m->arena, "%s:%s", m->arms[c->treatment], c->name) : m->arms[c->treatment];
}

static void make_coefficients(const struct making *m, const struct comparison_model *model, struct record_list *out)
{
    const struct cox_fit *fit = &model->fit;
    double reach = normal_limit(m->c->level);
    RECORD_LIST(m->arena, out, model->column_count, coefficient_record);
    for (size_t i = 0; i < out->count; i++) {
        double value = fit->coefficient[i], robust = fit->robust_std_error ? fit->robust_std_error[i] : NAN;
        double error = isnan(robust) ? fit->std_error[i] : robust;
        items[i] = (struct coefficient_record){
            .column = column_name(m, &model->columns[i]),
            .coefficient = value,
            .standard_error = fit->std_error[i],
            .robust_standard_error = robust,
            .ratio = exp(value),
            .lower = exp(value - reach * error),
            .upper = exp(value + reach * error),
            .z = value / error,
            .p = normal_two_sided(value / error),
        };
    }
}

static const char *term_name(const struct comparison_model *model, size_t term, const struct comparison_data *data,
                             const char *treatments, struct arena *arena)
{
    size_t covariate = model->term_covariate[term];
    const char *name = covariate == SIZE_MAX ? treatments : data->covariates[covariate].name;
    for (size_t i = 0; i < model->column_count; i++)
        if (model->columns[i].term == term && model->columns[i].treatment >= 0 && covariate != SIZE_MAX)
            return arena_printf(arena, "%s:%s", treatments, name);
    return name;
}

void comparison_record_proportionality(const struct comparison_model *model, const struct comparison_data *data,
                                       const char *treatments, const char *all, struct arena *arena,
                                       struct record_list *out)
{
    RECORD_LIST(arena, out, model->term_count + 1, proportionality_record);
    for (size_t t = 0; t < model->term_count; t++)
        items[t] =
            (struct proportionality_record){term_name(model, t, data, treatments, arena), model->proportionality[t]};
    items[model->term_count] = (struct proportionality_record){all, model->proportionality_global};
}

static const struct comparison_test *make_cox_test(const struct making *m, const struct cox_test *t)
{
    return make_test(m, t->chi_square, t->degrees_of_freedom, t->p);
}

static void fill_fit(const struct making *m, const struct comparison_model *model, struct model_record *out)
{
    const struct cox_fit *fit = &model->fit;
    out->reference = arm_name(m, model->reference);
    out->patients = fit->count;
    out->events = fit->events;
    out->iterations = fit->iterations;
    out->log_likelihood_null = fit->log_likelihood_null;
    out->log_likelihood = fit->log_likelihood;
    out->concordance = fit->concordance.c;
    out->likelihood_ratio = make_cox_test(m, &fit->likelihood_ratio);
    out->wald = make_cox_test(m, &fit->wald);
    out->score = make_cox_test(m, &fit->score);
    make_coefficients(m, model, &out->coefficients);
    if (model->proportionality)
        comparison_record_proportionality(model, m->data, "treatment", NULL, m->arena, &out->proportionality);
}

static void make_model(const struct making *m, const struct comparison_model *model, struct model_record *out)
{
    bool fitted = model->wanted && model->fit.state == COX_FITTED;
    out->state = fitted ? "fitted" : model->wanted ? "not_fitted" : "not_wanted";
    if (fitted) {
        fill_fit(m, model, out);
        return;
    }
    out->sentence = model->wanted ? cox_state_text(model->fit.state) : NULL;
    if (model->wanted && model->fit.column < model->column_count)
        out->blamed = column_name(m, &model->columns[model->fit.column]);
}

static void make_models(const struct making *m, struct record_list *out)
{
    RECORD_LIST(m->arena, out, COMPARISON_ADJUSTMENTS, model_record);
    for (size_t i = 0; i < out->count; i++) {
        schema_clear(&model_schema, &items[i]);
        items[i].adjustment = comparison_adjustment_names[i];
        make_model(m, &m->c->models[i], &items[i]);
    }
}

/* ---- diagnostics ---- */

static void make_overlap(const struct making *m, const struct comparison_diagnostics *d, struct record_list *out)
{
    RECORD_LIST(m->arena, out, d->overlap_count, overlap_record);
    for (size_t i = 0; i < out->count; i++) {
        const struct comparison_overlap *o = &d->overlap[i];
        items[i] = (struct overlap_record){m->arms[o->treatment], m->arms[o->group], *o};
    }
}

static void make_balance(const struct making *m, const struct comparison_diagnostics *d, struct record_list *out)
{
    RECORD_LIST(m->arena, out, d->balance_count, balance_record);
    for (size_t i = 0; i < out->count; i++) {
        const struct comparison_balance *b = &d->balance[i];
        const struct comparison_pair *pair = &m->c->pairs[b->pair];
        items[i] =
            (struct balance_record){m->c->design.columns[b->column].name, m->arms[pair->b], m->arms[pair->a], *b};
    }
}

static void make_largest(const struct making *m, const struct comparison_diagnostics *d, struct record_list *out)
{
    RECORD_LIST(m->arena, out, d->largest_count, weight_record);
    for (size_t i = 0; i < out->count; i++)
        items[i] = (struct weight_record){m->arms[d->largest[i].treatment], d->largest[i].weight};
}

static struct diagnostics_record *make_diagnostics(const struct making *m)
{
    const struct comparison_diagnostics *d = &m->c->diagnostics;
    struct diagnostics_record *out = NEW(m, diagnostics_record);
    out->weighting = comparison_weighting_name(d->weighting);
    out->sentence = comparison_weighting_text(d->weighting);
    if (d->weighting == WEIGHTING_SEPARATED && d->blamed < m->c->design.count)
        out->blamed = m->c->design.columns[d->blamed].name;
    out->outside_support = d->outside_support;
    make_overlap(m, d, &out->overlap);
    make_balance(m, d, &out->balance);
    make_largest(m, d, &out->largest_weights);
    return out;
}

static void make_missing(const struct making *m, struct record_list *out)
{
    RECORD_LIST(m->arena, out, m->c->design.covariate_count, missing_record);
    for (size_t i = 0; i < out->count; i++)
        items[i] = (struct missing_record){m->data->covariates[i].name, m->c->design.missing[i]};
}

static void make_omissions(const struct making *m, struct record_list *out)
{
    RECORD_LIST(m->arena, out, m->c->design.omission_count, omission_record);
    for (size_t i = 0; i < out->count; i++) {
        const struct design_omission *o = &m->c->design.omissions[i];
        items[i] = (struct omission_record){o->name, design_gap_name(o->gap), design_gap_text(o->gap)};
    }
}

/* ---- verdict ---- */

static void make_reasons(const struct making *m, const struct comparison_verdict *v, struct record_list *out)
{
    RECORD_LIST(m->arena, out, v->reason_count, reason_record);
    for (size_t i = 0; i < out->count; i++) {
        const struct comparison_reason *r = &v->reasons[i];
        items[i] = (struct reason_record){comparison_reason_name(r->code),
                                          comparison_reason_text(r->code),
                                          arm_name(m, r->treatment),
                                          arm_name(m, r->other),
                                          r->value,
                                          r->bound};
    }
}

static struct verdict_record *make_verdict(const struct making *m)
{
    const struct comparison_verdict *v = &m->c->verdict;
    struct verdict_record *out = NEW(m, verdict_record);
    *out = (struct verdict_record){
        .decision = comparison_decision_names[v->decision],
        .arm = arm_name(m, v->treatment),
        .runner_up = arm_name(m, v->runner_up),
        .figures = *v,
    };
    make_reasons(m, v, &out->reasons);
    return out;
}

static struct historic_record *make_historic(const struct making *m, const struct record_list *arms)
{
    struct historic_record *out = NEW(m, historic_record);
    *out = (struct historic_record){
        .label = "Historic rule: the mean of the observed times, as if nobody were censored and nobody had been chosen "
                 "for a treatment. Shown for comparison; it is often wrong.",
        .arm = arm_name(m, m->c->historic.treatment),
        .arms = *arms,
    };
    return out;
}

/* ---- the patient ---- */

static struct curve_record *make_predicted_curve(const struct making *m, const struct comparison_prediction *p)
{
    size_t shown = shown_of(p->step_count);
    struct curve_record *curve = curve_new(m, shown + 1);
    curve_set(curve, 0, 0, 1, 1, 1);
    for (size_t i = 0; i < shown; i++) {
        const struct survival_point *at = &p->steps[shown_index(i, shown, p->step_count)];
        curve_set(curve, i + 1, at->time, at->survival, at->lower, at->upper);
    }
    return curve;
}

struct prediction_record comparison_record_prediction(const struct comparison *c, const struct comparison_data *data,
                                                      const char *const *arms, const struct comparison_prediction *p)
{
    return (struct prediction_record){
        .arm = arms[p->treatment],
        .state = comparison_prediction_name(p->state),
        .sentence = comparison_prediction_text(p->state),
        .missing = p->state == PREDICTION_NOT_KNOWN ? data->covariates[p->missing].name : NULL,
        .restricted_mean = p->mean,
        .median = p->median,
        .survival_at = record_list_of(p->at, c->time_count),
    };
}

static void make_predictions(const struct making *m, struct record_list *out)
{
    size_t count = m->data->profile_count > 0 ? m->c->prediction_count / m->data->profile_count : 0;
    RECORD_LIST(m->arena, out, count, prediction_record);
    for (size_t i = 0; i < count; i++) {
        const struct comparison_prediction *p = &m->c->predictions[i];
        items[i] = comparison_record_prediction(m->c, m->data, m->arms, p);
        items[i].curve = p->state == PREDICTION_DONE ? make_predicted_curve(m, p) : NULL;
    }
}

void comparison_record_make(const struct comparison *c, const struct comparison_data *data, const char *const *arms,
                            struct arena *arena, struct comparison_record *out)
{
    const struct making m = {c, data, arms, arena};
    *out = (struct comparison_record){
        .level = c->level,
        .horizon = c->horizon,
        .patients = c->rows,
        .complete_patients = c->design.rows,
        .left_out = c->design.left_out,
        .verdict = make_verdict(&m),
        .logrank = make_logrank(&m, &c->logrank),
        .logrank_stratified = make_logrank(&m, &c->logrank_stratified),
        .peto_peto = make_logrank(&m, &c->peto_peto),
        .diagnostics = make_diagnostics(&m),
    };
    make_missing(&m, &out->missing);
    make_omissions(&m, &out->omissions);
    make_arms(&m, &out->arms);
    out->historic = make_historic(&m, &out->arms);
    make_pairs(&m, &out->pairs);
    make_models(&m, &out->models);
    make_predictions(&m, &out->predictions);
}
