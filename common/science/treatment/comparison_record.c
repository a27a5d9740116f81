#include "common/science/treatment/comparison_record.h"

#include "common/science/statistics/distribution.h"

#include <math.h>

/* ---- how records are written: the members and what they mean ---- */

#define REAL(s, m, ...)    FIELD_REAL(struct s, m, __VA_ARGS__)
#define INTEGER(s, m, ...) FIELD_INTEGER(struct s, m, __VA_ARGS__)
#define TEXT(s, m, ...)    FIELD_TEXT(struct s, m, __VA_ARGS__)

LOCAL_SCHEMA(time_schema, "SurvivalTime", struct answer_time, REAL(answer_time, time, .summary = "null: not reached"),
             REAL(answer_time, lower), REAL(answer_time, upper));

LOCAL_SCHEMA(point_schema, "SurvivalPoint", struct answer_point, REAL(answer_point, time),
             FIELD_BOOLEAN(struct answer_point, beyond_follow_up), REAL(answer_point, at_risk),
             REAL(answer_point, survival), REAL(answer_point, standard_error), REAL(answer_point, lower),
             REAL(answer_point, upper));

LOCAL_SCHEMA(mean_schema, "RestrictedMean", struct answer_mean,
             REAL(answer_mean, tau, .summary = "Time is counted up to here"),
             FIELD_BOOLEAN(struct answer_mean, beyond_follow_up), REAL(answer_mean, mean),
             REAL(answer_mean, standard_error), REAL(answer_mean, lower), REAL(answer_mean, upper));

LOCAL_SCHEMA(curve_schema, "SurvivalCurve", struct answer_curve, FIELD_REALS(struct answer_curve, time),
             FIELD_REALS(struct answer_curve, survival, .summary = "From that time on"),
             FIELD_REALS(struct answer_curve, lower), FIELD_REALS(struct answer_curve, upper),
             FIELD_REALS(struct answer_curve, censored, .rules = OMIT_NULL,
                         .summary = "When somebody was last seen without the event"));

LOCAL_SCHEMA(at_risk_schema, "NumbersAtRisk", struct answer_at_risk, FIELD_REALS(struct answer_at_risk, time),
             FIELD_REALS(struct answer_at_risk, at_risk, .summary = "Patients, or the weight of them where adjusted"));

LOCAL_SCHEMA(estimate_schema, "SurvivalEstimate", struct answer_estimate,
             FIELD_RECORD(struct answer_estimate, median, time_schema, struct answer_time),
             FIELD_RECORD(struct answer_estimate, restricted_mean, mean_schema, struct answer_mean),
             FIELD_RECORDS(struct answer_estimate, survival_at, point_schema),
             FIELD_RECORDS(struct answer_estimate, restricted_means, mean_schema),
             FIELD_RECORD(struct answer_estimate, curve, curve_schema, struct answer_curve),
             FIELD_RECORD(struct answer_estimate, at_risk, at_risk_schema, struct answer_at_risk));

LOCAL_SCHEMA(weights_schema, "ArmWeights", struct answer_weights, REAL(answer_weights, mean),
             REAL(answer_weights, largest),
             REAL(answer_weights, effective_size, .summary = "As many unweighted patients would say as much"));

LOCAL_SCHEMA(bootstrap_schema, "Bootstrap", struct answer_bootstrap, REAL(answer_bootstrap, standard_error),
             REAL(answer_bootstrap, lower), REAL(answer_bootstrap, upper));

LOCAL_SCHEMA(arm_schema, "ComparisonArm", struct answer_arm, TEXT(answer_arm, arm), INTEGER(answer_arm, patients),
             INTEGER(answer_arm, events),
             INTEGER(answer_arm, complete_patients,
                     .summary = "With every covariate: whom the adjusted numbers are of"),
             INTEGER(answer_arm, complete_events), REAL(answer_arm, last_time),
             REAL(answer_arm, best_share, .summary = "How often this one is the best, were the study repeated"),
             FIELD_RECORD(struct answer_arm, unadjusted, estimate_schema, struct answer_estimate),
             FIELD_RECORD(struct answer_arm, adjusted, estimate_schema, struct answer_estimate),
             FIELD_RECORD(struct answer_arm, weights, weights_schema, struct answer_weights),
             FIELD_RECORD(struct answer_arm, bootstrap, bootstrap_schema, struct answer_bootstrap, .rules = OMIT_NULL));

LOCAL_SCHEMA(difference_schema, "MeanDifference", struct answer_difference,
             REAL(answer_difference, value, .summary = "Restricted mean of `arm` less that of `against`"),
             REAL(answer_difference, standard_error), REAL(answer_difference, lower), REAL(answer_difference, upper),
             REAL(answer_difference, p), REAL(answer_difference, p_holm),
             FIELD_RECORD(struct answer_difference, bootstrap, bootstrap_schema, struct answer_bootstrap,
                          .rules = OMIT_NULL));

LOCAL_SCHEMA(ratio_schema, "HazardRatio", struct answer_ratio,
             REAL(answer_ratio, ratio, .summary = "Hazard of `arm` over that of `against`"),
             REAL(answer_ratio, log_ratio), REAL(answer_ratio, standard_error, .summary = "Of the logarithm"),
             REAL(answer_ratio, lower), REAL(answer_ratio, upper), REAL(answer_ratio, p), REAL(answer_ratio, p_holm),
             REAL(answer_ratio, e_value, .summary = "How strong an unknown confounder would have to be"),
             REAL(answer_ratio, e_value_limit));

LOCAL_SCHEMA(test_schema, "ChiSquareTest", struct answer_test, REAL(answer_test, chi_square),
             INTEGER(answer_test, degrees_of_freedom), REAL(answer_test, p),
             REAL(answer_test, p_holm, .rules = OMIT_NULL));

#define RATIO(m) FIELD_RECORD(struct answer_ratios, m, ratio_schema, struct answer_ratio)
LOCAL_SCHEMA(ratios_schema, "HazardRatios", struct answer_ratios, RATIO(unadjusted), RATIO(covariates), RATIO(weights),
             RATIO(weights_and_covariates));

LOCAL_SCHEMA(differences_schema, "MeanDifferences", struct answer_differences,
             FIELD_RECORD(struct answer_differences, unadjusted, difference_schema, struct answer_difference),
             FIELD_RECORD(struct answer_differences, adjusted, difference_schema, struct answer_difference));

LOCAL_SCHEMA(imbalance_schema, "Imbalance", struct answer_imbalance,
             REAL(answer_imbalance, before, .summary = "The largest standardised difference of a covariate"),
             REAL(answer_imbalance, after, .summary = "The same of the weighted patients"));

#define TEST(s, m, ...) FIELD_RECORD(struct s, m, test_schema, struct answer_test, __VA_ARGS__)
LOCAL_SCHEMA(pair_schema, "ComparisonPair", struct answer_pair, TEXT(answer_pair, arm), TEXT(answer_pair, against),
             FIELD_RECORD(struct answer_pair, restricted_mean_difference, differences_schema,
                          struct answer_differences),
             FIELD_RECORD(struct answer_pair, hazard_ratio, ratios_schema, struct answer_ratios),
             TEST(answer_pair, logrank), TEST(answer_pair, logrank_stratified, .rules = OMIT_NULL),
             FIELD_RECORD(struct answer_pair, imbalance, imbalance_schema, struct answer_imbalance));

LOCAL_SCHEMA(coefficient_schema, "CoxCoefficient", struct answer_coefficient, TEXT(answer_coefficient, column),
             REAL(answer_coefficient, coefficient), REAL(answer_coefficient, standard_error),
             REAL(answer_coefficient, robust_standard_error, .rules = OMIT_NULL), REAL(answer_coefficient, ratio),
             REAL(answer_coefficient, lower), REAL(answer_coefficient, upper));

LOCAL_SCHEMA(proportionality_schema, "ProportionalityTest", struct answer_proportionality,
             TEXT(answer_proportionality, term, .summary = "null: all of them together"),
             REAL(answer_proportionality, chi_square), INTEGER(answer_proportionality, degrees_of_freedom),
             REAL(answer_proportionality, p));

LOCAL_SCHEMA(model_schema, "CoxModel", struct answer_model, TEXT(answer_model, adjustment), TEXT(answer_model, state),
             TEXT(answer_model, sentence, .rules = OMIT_NULL, .summary = "Why there is none"),
             TEXT(answer_model, blamed, .rules = OMIT_NULL), TEXT(answer_model, reference),
             INTEGER(answer_model, patients), INTEGER(answer_model, events), INTEGER(answer_model, iterations),
             REAL(answer_model, log_likelihood_null), REAL(answer_model, log_likelihood),
             REAL(answer_model, concordance), TEST(answer_model, likelihood_ratio), TEST(answer_model, wald),
             TEST(answer_model, score), FIELD_RECORDS(struct answer_model, coefficients, coefficient_schema),
             FIELD_RECORDS(struct answer_model, proportionality, proportionality_schema, .rules = OMIT_NULL));

LOCAL_SCHEMA(missing_schema, "MissingCovariate", struct answer_missing, TEXT(answer_missing, covariate),
             INTEGER(answer_missing, patients, .summary = "Of whom it is not known"));

LOCAL_SCHEMA(omission_schema, "OmittedColumn", struct answer_omission, TEXT(answer_omission, column),
             TEXT(answer_omission, reason), TEXT(answer_omission, sentence));

LOCAL_SCHEMA(overlap_schema, "PropensityOverlap", struct answer_overlap,
             TEXT(answer_overlap, treatment, .summary = "The propensity to get this one"),
             TEXT(answer_overlap, group, .summary = "Of those who got this one"), REAL(answer_overlap, min),
             REAL(answer_overlap, q05), REAL(answer_overlap, q25), REAL(answer_overlap, median),
             REAL(answer_overlap, q75), REAL(answer_overlap, q95), REAL(answer_overlap, max));

LOCAL_SCHEMA(balance_schema, "CovariateBalance", struct answer_balance, TEXT(answer_balance, column),
             TEXT(answer_balance, arm), TEXT(answer_balance, against),
             REAL(answer_balance, before, .summary = "Standardised difference"),
             REAL(answer_balance, after, .summary = "The same of the weighted patients"));

LOCAL_SCHEMA(weight_schema, "LargestWeight", struct answer_weight, TEXT(answer_weight, arm),
             REAL(answer_weight, weight));

LOCAL_SCHEMA(diagnostics_schema, "ComparisonDiagnostics", struct answer_diagnostics,
             TEXT(answer_diagnostics, weighting), TEXT(answer_diagnostics, sentence),
             TEXT(answer_diagnostics, blamed, .rules = OMIT_NULL),
             REAL(answer_diagnostics, outside_support,
                  .summary = "Share of patients with a propensity that does not occur in every arm"),
             FIELD_RECORDS(struct answer_diagnostics, overlap, overlap_schema),
             FIELD_RECORDS(struct answer_diagnostics, balance, balance_schema),
             FIELD_RECORDS(struct answer_diagnostics, largest_weights, weight_schema));

LOCAL_SCHEMA(reason_schema, "VerdictReason", struct answer_reason, TEXT(answer_reason, code),
             TEXT(answer_reason, sentence), TEXT(answer_reason, arm), TEXT(answer_reason, other),
             REAL(answer_reason, value, .summary = "What was found"),
             REAL(answer_reason, bound, .summary = "What was asked"));

static const char *const decisions[] = {
    [INSUFFICIENT_EVIDENCE] = "insufficient_evidence", [RECOMMENDED] = "recommended", NULL};

LOCAL_SCHEMA(verdict_schema, "Verdict", struct answer_verdict, FIELD_ENUM(struct answer_verdict, decision, decisions),
             TEXT(answer_verdict, arm, .summary = "With the longest restricted mean, recommended or not"),
             TEXT(answer_verdict, runner_up),
             FIELD_BOOLEAN(struct answer_verdict, adjusted, .summary = "It rests on adjusted numbers"),
             REAL(answer_verdict, gain, .summary = "Restricted mean over that of the runner-up"),
             REAL(answer_verdict, gain_lower), REAL(answer_verdict, gain_upper), REAL(answer_verdict, p),
             REAL(answer_verdict, best_share, .summary = "How often it would be the best, were the study repeated"),
             FIELD_RECORDS(struct answer_verdict, reasons, reason_schema));

LOCAL_SCHEMA(historic_row_schema, "HistoricArm", struct answer_historic_row, TEXT(answer_historic_row, arm),
             INTEGER(answer_historic_row, patients), REAL(answer_historic_row, mean_observed));

LOCAL_SCHEMA(historic_schema, "HistoricTable", struct answer_historic, TEXT(answer_historic, label),
             TEXT(answer_historic, arm, .summary = "What the historic rule would choose"),
             FIELD_RECORDS(struct answer_historic, arms, historic_row_schema));

LOCAL_SCHEMA(prediction_schema, "PredictedSurvival", struct answer_prediction, TEXT(answer_prediction, arm),
             TEXT(answer_prediction, state), TEXT(answer_prediction, sentence),
             TEXT(answer_prediction, missing, .rules = OMIT_NULL, .summary = "The covariate that is not known"),
             REAL(answer_prediction, restricted_mean), REAL(answer_prediction, median),
             FIELD_RECORDS(struct answer_prediction, survival_at, point_schema),
             FIELD_RECORD(struct answer_prediction, curve, curve_schema, struct answer_curve));

SCHEMA(comparison_answer_schema, "ComparisonAnswer", struct comparison_answer,
       REAL(comparison_answer, level, .summary = "Of all limits"),
       REAL(comparison_answer, horizon, .summary = "Time is counted up to here; null: nobody is watched"),
       INTEGER(comparison_answer, patients),
       INTEGER(comparison_answer, complete_patients, .summary = "With every covariate"),
       INTEGER(comparison_answer, left_out, .summary = "Of the adjusted numbers, because a covariate is not known"),
       FIELD_RECORDS(struct comparison_answer, missing, missing_schema),
       FIELD_RECORDS(struct comparison_answer, omissions, omission_schema,
                     .summary = "Covariates, or values of them, that say nothing"),
       FIELD_RECORD(struct comparison_answer, verdict, verdict_schema, struct answer_verdict),
       FIELD_RECORDS(struct comparison_answer, arms, arm_schema),
       FIELD_RECORDS(struct comparison_answer, pairs, pair_schema), TEST(comparison_answer, logrank),
       TEST(comparison_answer, logrank_stratified, .rules = OMIT_NULL), TEST(comparison_answer, peto_peto),
       FIELD_RECORDS(struct comparison_answer, models, model_schema),
       FIELD_RECORD(struct comparison_answer, diagnostics, diagnostics_schema, struct answer_diagnostics),
       FIELD_RECORD(struct comparison_answer, historic, historic_schema, struct answer_historic),
       FIELD_RECORDS(struct comparison_answer, predictions, prediction_schema,
                     .summary = "The patient's own curve under each treatment"));

/* ---- from numbers to records ---- */

struct making {
    const struct comparison *c;
    const struct comparison_data *data;
    const char *const *arms;
    struct arena *arena;
};

#define NEW(m, type) ((struct type *)arena_alloc((m)->arena, sizeof(struct type)))

/* A list of count records, and its items. */
static struct record_list list_of(const struct making *m, size_t count, size_t size)
{
    return (struct record_list){arena_alloc(m->arena, (count + 1) * size), count};
}
#define LIST(m, out, count, type) \
    *(out) = list_of((m), (count), sizeof(struct type)); \
    struct type *items = (out)->items

static struct maybe_real real(double value)
{
    return (struct maybe_real){isfinite(value), value};
}

static struct maybe_integer integer(size_t value)
{
    return (struct maybe_integer){true, (int64_t)value};
}

static struct maybe_boolean boolean(bool value)
{
    return (struct maybe_boolean){true, value};
}

static const char *arm_name(const struct making *m, int arm)
{
    return arm >= 0 ? m->arms[arm] : NULL;
}

static const char *covariate_name(const struct making *m, size_t covariate)
{
    return covariate < m->data->covariate_count ? m->data->covariates[covariate].name : NULL;
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

static struct answer_curve *curve_new(const struct making *m, size_t count)
{
    struct answer_curve *curve = NEW(m, answer_curve);
    curve->time = reals(m, count);
    curve->survival = reals(m, count);
    curve->lower = reals(m, count);
    curve->upper = reals(m, count);
    return curve;
}

static void curve_set(struct answer_curve *curve, size_t i, double time, double survival, double lower, double upper)
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
    return count < ANSWER_STEPS_MAX ? count : ANSWER_STEPS_MAX;
}

/* The censored times of a curve, unless there are too many to be told apart. */
static void add_censored(const struct making *m, const struct survival_curve *from, struct answer_curve *out)
{
    size_t count = 0;
    for (size_t i = 0; i < from->step_count; i++)
        count += from->steps[i].censored > 0;
    if (count > ANSWER_STEPS_MAX)
        return;
    out->censored = reals(m, count);
    count = 0;
    for (size_t i = 0; i < from->step_count; i++)
        if (from->steps[i].censored > 0)
            items_of(&out->censored)[count++] = from->steps[i].time;
}

/* The steps with events, and the last one, where the follow-up ends. */
static struct answer_curve *make_curve(const struct making *m, const struct survival_curve *from)
{
    const struct survival_step **steps = arena_alloc(m->arena, (from->step_count + 1) * sizeof(struct survival_step *));
    size_t count = 0;
    for (size_t i = 0; i < from->step_count; i++)
        if (from->steps[i].events > 0 || i + 1 == from->step_count)
            steps[count++] = &from->steps[i];
    size_t shown = shown_of(count);
    struct answer_curve *curve = curve_new(m, shown + 1);
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
static struct answer_at_risk *make_at_risk(const struct making *m, const struct survival_curve *from)
{
    double end = last_time(m), step = tick_step(end);
    size_t count = end > 0 ? (size_t)floor(end / step) + 1 : 1;
    struct answer_at_risk *out = NEW(m, answer_at_risk);
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

static struct answer_time *make_time(const struct making *m, struct survival_time t)
{
    struct answer_time *out = NEW(m, answer_time);
    *out = (struct answer_time){real(t.time), real(t.lower), real(t.upper)};
    return out;
}

static struct answer_mean mean_of(struct survival_mean s)
{
    return (struct answer_mean){
        .beyond_follow_up = boolean(s.beyond),
        .tau = real(s.tau),
        .mean = real(s.mean),
        .standard_error = real(s.standard_error),
        .lower = real(s.lower),
        .upper = real(s.upper),
    };
}

static void make_points(const struct making *m, const struct survival_point *at, struct record_list *out)
{
    LIST(m, out, m->c->time_count, answer_point);
    for (size_t i = 0; i < out->count; i++)
        items[i] = (struct answer_point){
            .beyond_follow_up = boolean(at[i].beyond),
            .time = real(at[i].time),
            .at_risk = real(at[i].at_risk),
            .survival = real(at[i].survival),
            .standard_error = real(at[i].standard_error),
            .lower = real(at[i].lower),
            .upper = real(at[i].upper),
        };
}

static void make_means(const struct making *m, const struct survival_mean *means, struct record_list *out)
{
    LIST(m, out, m->c->time_count, answer_mean);
    for (size_t i = 0; i < out->count; i++)
        items[i] = mean_of(means[i]);
}

static struct answer_estimate *make_estimate(const struct making *m, const struct comparison_estimate *e)
{
    if (!e->known)
        return NULL;
    struct answer_estimate *out = NEW(m, answer_estimate);
    out->median = make_time(m, e->median);
    out->restricted_mean = NEW(m, answer_mean);
    *out->restricted_mean = mean_of(e->mean);
    make_points(m, e->at, &out->survival_at);
    make_means(m, e->means, &out->restricted_means);
    out->curve = make_curve(m, &e->curve);
    out->at_risk = make_at_risk(m, &e->curve);
    return out;
}

static struct answer_bootstrap *make_bootstrap(const struct making *m, double error, double lower, double upper)
{
    if (isnan(error))
        return NULL;
    struct answer_bootstrap *out = NEW(m, answer_bootstrap);
    *out = (struct answer_bootstrap){real(error), real(lower), real(upper)};
    return out;
}

static struct answer_weights *make_weights(const struct making *m, const struct comparison_arm *arm)
{
    if (!arm->adjusted.known)
        return NULL;
    struct answer_weights *out = NEW(m, answer_weights);
    *out =
        (struct answer_weights){real(arm->weights.mean), real(arm->weights.largest), real(arm->weights.effective_size)};
    return out;
}

static void make_arms(const struct making *m, struct record_list *out)
{
    LIST(m, out, m->c->arm_count, answer_arm);
    for (size_t i = 0; i < out->count; i++) {
        const struct comparison_arm *arm = &m->c->arms[i];
        items[i] = (struct answer_arm){
            .arm = m->arms[i],
            .patients = integer(arm->patients),
            .events = integer(arm->events),
            .complete_patients = integer(arm->complete_patients),
            .complete_events = integer(arm->complete_events),
            .last_time = real(arm->last_time),
            .best_share = real(arm->best_share),
            .unadjusted = make_estimate(m, &arm->unadjusted),
            .adjusted = make_estimate(m, &arm->adjusted),
            .weights = make_weights(m, arm),
            .bootstrap = make_bootstrap(m, arm->bootstrap_error, arm->bootstrap_lower, arm->bootstrap_upper),
        };
    }
}

/* ---- pairs ---- */

static struct answer_test *make_test(const struct making *m, double chi_square, int df, double p, double p_holm)
{
    if (isnan(chi_square))
        return NULL;
    struct answer_test *out = NEW(m, answer_test);
    *out = (struct answer_test){real(chi_square), real(p), real(p_holm), {true, df}};
    return out;
}

static struct answer_test *make_logrank(const struct making *m, const struct logrank *l)
{
    return make_test(m, l->chi_square, l->degrees_of_freedom, l->p, NAN);
}

static struct answer_test *make_pair_test(const struct making *m, const struct comparison_test *t)
{
    return make_test(m, t->chi_square, t->degrees_of_freedom, t->p, t->p_holm);
}

static struct answer_difference *make_difference(const struct making *m, const struct comparison_difference *d)
{
    if (isnan(d->value))
        return NULL;
    struct answer_difference *out = NEW(m, answer_difference);
    *out = (struct answer_difference){
        .value = real(d->value),
        .standard_error = real(d->standard_error),
        .lower = real(d->lower),
        .upper = real(d->upper),
        .p = real(d->p),
        .p_holm = real(d->p_holm),
        .bootstrap = make_bootstrap(m, d->bootstrap_error, d->bootstrap_lower, d->bootstrap_upper),
    };
    return out;
}

static struct answer_ratio *make_ratio(const struct making *m, const struct comparison_ratio *r)
{
    if (isnan(r->ratio))
        return NULL;
    struct answer_ratio *out = NEW(m, answer_ratio);
    *out = (struct answer_ratio){
        .ratio = real(r->ratio),
        .log_ratio = real(r->log_ratio),
        .standard_error = real(r->standard_error),
        .lower = real(r->lower),
        .upper = real(r->upper),
        .p = real(r->p),
        .p_holm = real(r->p_holm),
        .e_value = real(r->e_value),
        .e_value_limit = real(r->e_value_limit),
    };
    return out;
}

static struct answer_ratios *make_ratios(const struct making *m, const struct comparison_ratio *hazard)
{
    struct answer_ratios *out = NEW(m, answer_ratios);
    *out = (struct answer_ratios){make_ratio(m, &hazard[BY_NOTHING]), make_ratio(m, &hazard[BY_COVARIATES]),
                                  make_ratio(m, &hazard[BY_WEIGHTS]), make_ratio(m, &hazard[BY_BOTH])};
    return out;
}

static struct answer_differences *make_differences(const struct making *m, const struct comparison_pair *p)
{
    struct answer_differences *out = NEW(m, answer_differences);
    *out = (struct answer_differences){make_difference(m, &p->unadjusted), make_difference(m, &p->adjusted)};
    return out;
}

static struct answer_imbalance *make_imbalance(const struct making *m, const struct comparison_pair *p)
{
    struct answer_imbalance *out = NEW(m, answer_imbalance);
    *out = (struct answer_imbalance){real(p->imbalance_before), real(p->imbalance_after)};
    return out;
}

static void make_pairs(const struct making *m, struct record_list *out)
{
    LIST(m, out, m->c->pair_count, answer_pair);
    for (size_t i = 0; i < out->count; i++) {
        const struct comparison_pair *p = &m->c->pairs[i];
        items[i] = (struct answer_pair){
            .arm = m->arms[p->b],
            .against = m->arms[p->a],
            .restricted_mean_difference = make_differences(m, p),
            .hazard_ratio = make_ratios(m, p->hazard),
            .logrank = make_pair_test(m, &p->logrank),
            .logrank_stratified = make_pair_test(m, &p->logrank_stratified),
            .imbalance = make_imbalance(m, p),
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

static const char *term_name(const struct making *m, const struct comparison_model *model, size_t term)
{
    size_t covariate = model->term_covariate[term];
    const char *name = covariate == SIZE_MAX ? "treatment" : covariate_name(m, covariate);
    for (size_t i = 0; i < model->column_count; i++)
        if (model->columns[i].term == term && model->columns[i].treatment >= 0 && covariate != SIZE_MAX)
            return arena_printf(m->arena, "treatment:%s", name);
    return name;
}

static void make_coefficients(const struct making *m, const struct comparison_model *model, struct record_list *out)
{
    const struct cox_fit *fit = &model->fit;
    double z = normal_limit(m->c->level);
    LIST(m, out, model->column_count, answer_coefficient);
    for (size_t i = 0; i < out->count; i++) {
        double value = fit->coefficient[i], robust = fit->robust_std_error ? fit->robust_std_error[i] : NAN;
        double error = isnan(robust) ? fit->std_error[i] : robust;
        items[i] = (struct answer_coefficient){
            .column = column_name(m, &model->columns[i]),
            .coefficient = real(value),
            .standard_error = real(fit->std_error[i]),
            .robust_standard_error = real(robust),
            .ratio = real(exp(value)),
            .lower = real(exp(value - z * error)),
            .upper = real(exp(value + z * error)),
        };
    }
}

static void make_proportionality(const struct making *m, const struct comparison_model *model, struct record_list *out)
{
    LIST(m, out, model->term_count + 1, answer_proportionality);
    for (size_t i = 0; i < out->count; i++) {
        bool all = i == model->term_count;
        const struct cox_test *t = all ? &model->proportionality_global : &model->proportionality[i];
        items[i] = (struct answer_proportionality){all ? NULL : term_name(m, model, i), real(t->chi_square), real(t->p),
                                                   integer(t->df)};
    }
}

static struct answer_test *make_cox_test(const struct making *m, const struct cox_test *t)
{
    return make_test(m, t->chi_square, (int)t->df, t->p, NAN);
}

static void fill_fit(const struct making *m, const struct comparison_model *model, struct answer_model *out)
{
    const struct cox_fit *fit = &model->fit;
    out->reference = arm_name(m, model->reference);
    out->patients = integer(fit->count);
    out->events = integer(fit->events);
    out->iterations = integer(fit->iterations);
    out->log_likelihood_null = real(fit->log_likelihood_null);
    out->log_likelihood = real(fit->log_likelihood);
    out->concordance = real(fit->concordance.c);
    out->likelihood_ratio = make_cox_test(m, &fit->likelihood_ratio);
    out->wald = make_cox_test(m, &fit->wald);
    out->score = make_cox_test(m, &fit->score);
    make_coefficients(m, model, &out->coefficients);
    if (model->proportionality)
        make_proportionality(m, model, &out->proportionality);
}

static void make_model(const struct making *m, const struct comparison_model *model, struct answer_model *out)
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
    static const char *const names[COMPARISON_ADJUSTMENTS] = {
        [BY_NOTHING] = "unadjusted",
        [BY_COVARIATES] = "covariates",
        [BY_WEIGHTS] = "weights",
        [BY_BOTH] = "weights_and_covariates",
    };
    LIST(m, out, COMPARISON_ADJUSTMENTS, answer_model);
    for (size_t i = 0; i < out->count; i++) {
        items[i].adjustment = names[i];
        make_model(m, &m->c->models[i], &items[i]);
    }
}

/* ---- diagnostics ---- */

static void make_overlap(const struct making *m, const struct comparison_diagnostics *d, struct record_list *out)
{
    LIST(m, out, d->overlap_count, answer_overlap);
    for (size_t i = 0; i < out->count; i++) {
        const struct comparison_overlap *o = &d->overlap[i];
        items[i] =
            (struct answer_overlap){m->arms[o->treatment], m->arms[o->group], real(o->min), real(o->q05), real(o->q25),
                                    real(o->median),       real(o->q75),      real(o->q95), real(o->max)};
    }
}

static void make_balance(const struct making *m, const struct comparison_diagnostics *d, struct record_list *out)
{
    LIST(m, out, d->balance_count, answer_balance);
    for (size_t i = 0; i < out->count; i++) {
        const struct comparison_balance *b = &d->balance[i];
        const struct comparison_pair *pair = &m->c->pairs[b->pair];
        items[i] = (struct answer_balance){m->c->design.columns[b->column].name, m->arms[pair->b], m->arms[pair->a],
                                           real(b->before), real(b->after)};
    }
}

static void make_largest(const struct making *m, const struct comparison_diagnostics *d, struct record_list *out)
{
    LIST(m, out, d->largest_count, answer_weight);
    for (size_t i = 0; i < out->count; i++)
        items[i] = (struct answer_weight){m->arms[d->largest[i].treatment], real(d->largest[i].weight)};
}

static struct answer_diagnostics *make_diagnostics(const struct making *m)
{
    const struct comparison_diagnostics *d = &m->c->diagnostics;
    struct answer_diagnostics *out = NEW(m, answer_diagnostics);
    out->weighting = comparison_weighting_name(d->weighting);
    out->sentence = comparison_weighting_text(d->weighting);
    if (d->weighting == WEIGHTING_SEPARATED && d->blamed < m->c->design.count)
        out->blamed = m->c->design.columns[d->blamed].name;
    out->outside_support = real(d->outside_support);
    make_overlap(m, d, &out->overlap);
    make_balance(m, d, &out->balance);
    make_largest(m, d, &out->largest_weights);
    return out;
}

static void make_missing(const struct making *m, struct record_list *out)
{
    LIST(m, out, m->c->design.covariate_count, answer_missing);
    for (size_t i = 0; i < out->count; i++)
        items[i] = (struct answer_missing){covariate_name(m, i), integer(m->c->design.missing[i])};
}

static void make_omissions(const struct making *m, struct record_list *out)
{
    LIST(m, out, m->c->design.omission_count, answer_omission);
    for (size_t i = 0; i < out->count; i++) {
        const struct design_omission *o = &m->c->design.omissions[i];
        items[i] = (struct answer_omission){o->name, design_gap_name(o->gap), design_gap_text(o->gap)};
    }
}

/* ---- verdict ---- */

static void make_reasons(const struct making *m, const struct comparison_verdict *v, struct record_list *out)
{
    LIST(m, out, v->reason_count, answer_reason);
    for (size_t i = 0; i < out->count; i++) {
        const struct comparison_reason *r = &v->reasons[i];
        items[i] = (struct answer_reason){comparison_reason_name(r->code),
                                          comparison_reason_text(r->code),
                                          arm_name(m, r->treatment),
                                          arm_name(m, r->other),
                                          real(r->value),
                                          real(r->bound)};
    }
}

static struct answer_verdict *make_verdict(const struct making *m)
{
    const struct comparison_verdict *v = &m->c->verdict;
    struct answer_verdict *out = NEW(m, answer_verdict);
    *out = (struct answer_verdict){
        .decision = decisions[v->decision],
        .arm = arm_name(m, v->treatment),
        .runner_up = arm_name(m, v->runner_up),
        .adjusted = boolean(v->adjusted),
        .gain = real(v->gain),
        .gain_lower = real(v->gain_lower),
        .gain_upper = real(v->gain_upper),
        .p = real(v->p),
        .best_share = real(v->best_share),
    };
    make_reasons(m, v, &out->reasons);
    return out;
}

static struct answer_historic *make_historic(const struct making *m)
{
    struct answer_historic *out = NEW(m, answer_historic);
    out->label =
        "Historic rule: the mean of the observed times, as if nobody were censored and nobody had been chosen for "
        "a treatment. Shown for comparison; it is often wrong.";
    out->arm = arm_name(m, m->c->historic.treatment);
    LIST(m, &out->arms, m->c->arm_count, answer_historic_row);
    for (size_t i = 0; i < out->arms.count; i++)
        items[i] = (struct answer_historic_row){m->arms[i], integer(m->c->arms[i].patients),
                                                real(m->c->arms[i].mean_observed)};
    return out;
}

/* ---- the patient ---- */

static struct answer_curve *make_predicted_curve(const struct making *m, const struct comparison_prediction *p)
{
    size_t shown = shown_of(p->step_count);
    struct answer_curve *curve = curve_new(m, shown + 1);
    curve_set(curve, 0, 0, 1, 1, 1);
    for (size_t i = 0; i < shown; i++) {
        size_t step = shown_index(i, shown, p->step_count);
        const struct cox_point *at = &p->steps[step];
        curve_set(curve, i + 1, p->step_times[step], at->survival, at->lower, at->upper);
    }
    return curve;
}

static void make_predicted_points(const struct making *m, const struct comparison_prediction *p,
                                  struct record_list *out)
{
    LIST(m, out, m->c->time_count, answer_point);
    for (size_t i = 0; i < out->count; i++)
        items[i] = (struct answer_point){
            .beyond_follow_up = boolean(isnan(p->at[i].survival)),
            .time = real(m->c->times[i]),
            .survival = real(p->at[i].survival),
            .standard_error = real(p->at[i].std_error),
            .lower = real(p->at[i].lower),
            .upper = real(p->at[i].upper),
        };
}

static void make_prediction(const struct making *m, const struct comparison_prediction *p,
                            struct answer_prediction *out)
{
    out->arm = m->arms[p->treatment];
    out->state = comparison_prediction_name(p->state);
    out->sentence = comparison_prediction_text(p->state);
    if (p->state == PREDICTION_NOT_KNOWN)
        out->missing = covariate_name(m, p->missing);
    if (p->state != PREDICTION_DONE)
        return;
    out->restricted_mean = real(p->mean);
    out->median = real(p->median);
    make_predicted_points(m, p, &out->survival_at);
    out->curve = make_predicted_curve(m, p);
}

static void make_predictions(const struct making *m, struct record_list *out)
{
    size_t count = m->data->profile_count > 0 ? m->c->prediction_count / m->data->profile_count : 0;
    LIST(m, out, count, answer_prediction);
    for (size_t i = 0; i < count; i++)
        make_prediction(m, &m->c->predictions[i], &items[i]);
}

void comparison_answer_make(const struct comparison *c, const struct comparison_data *data, const char *const *arms,
                            struct arena *arena, struct comparison_answer *out)
{
    const struct making m = {c, data, arms, arena};
    *out = (struct comparison_answer){
        .level = real(c->level),
        .horizon = real(c->horizon),
        .patients = integer(c->rows),
        .complete_patients = integer(c->design.rows),
        .left_out = integer(c->design.left_out),
        .verdict = make_verdict(&m),
        .logrank = make_logrank(&m, &c->logrank),
        .logrank_stratified = make_logrank(&m, &c->logrank_stratified),
        .peto_peto = make_logrank(&m, &c->peto_peto),
        .diagnostics = make_diagnostics(&m),
        .historic = make_historic(&m),
    };
    make_missing(&m, &out->missing);
    make_omissions(&m, &out->omissions);
    make_arms(&m, &out->arms);
    make_pairs(&m, &out->pairs);
    make_models(&m, &out->models);
    make_predictions(&m, &out->predictions);
}
