#include "services/ctl/survival.h"

#include "common/science/treatment/comparison_record.h"

#include <math.h>
#include <stdint.h>

static const char *const adjustments[COMPARISON_ADJUSTMENTS] = {"none", "covariates", "weights",
                                                                "weights_and_covariates"};

static void put_real(struct writer *w, const char *key, double value)
{
    write_key(w, key);
    write_real(w, value);
}

static void put_count(struct writer *w, const char *key, size_t value)
{
    write_key(w, key);
    write_integer(w, (int64_t)value);
}

static void put_text(struct writer *w, const char *key, const char *value)
{
    write_key(w, key);
    write_text(w, value);
}

static void put_reals(struct writer *w, const char *key, const double *values, size_t count)
{
    write_key(w, key);
    write_array(w);
    for (size_t i = 0; i < count; i++)
        write_real(w, values[i]);
    write_array_end(w);
}

static void begin_object(struct writer *w, const char *key)
{
    write_key(w, key);
    write_object(w);
}

static void begin_array(struct writer *w, const char *key)
{
    write_key(w, key);
    write_array(w);
}

static void put_limits(struct writer *w, double lower, double upper)
{
    put_real(w, "lower", lower);
    put_real(w, "upper", upper);
    write_object_end(w);
}

/* ---- curves ------------------------------------------------------------------------------------------------------ */

static void put_time(struct writer *w, const char *key, const struct survival_curve *curve, double part)
{
    struct survival_time t = survival_quantile(curve, part);
    begin_object(w, key);
    put_real(w, "time", t.time);
    put_limits(w, t.lower, t.upper);
}

static void put_point(struct writer *w, struct survival_point p)
{
    write_object(w);
    put_real(w, "time", p.time);
    write_key(w, "beyond_follow_up");
    write_boolean(w, p.beyond);
    put_real(w, "at_risk", p.at_risk);
    put_real(w, "survival", p.survival);
    put_real(w, "standard_error", p.standard_error);
    put_limits(w, p.lower, p.upper);
}

static void put_mean(struct writer *w, struct survival_mean m)
{
    write_object(w);
    put_real(w, "tau", m.tau);
    write_key(w, "beyond_follow_up");
    write_boolean(w, m.beyond);
    put_real(w, "mean", m.mean);
    put_real(w, "standard_error", m.standard_error);
    put_limits(w, m.lower, m.upper);
}

static void put_curve(struct writer *w, const struct survival_report *r, const struct survival_curve *curve)
{
    const struct comparison_options *o = &r->options;
    put_real(w, "patients", curve->patients);
    put_real(w, "events", curve->events);
    put_real(w, "last_time", curve->last_time);
    put_time(w, "median", curve, 0.5);
    put_time(w, "first_quartile", curve, 0.25);
    put_time(w, "third_quartile", curve, 0.75);
    begin_array(w, "survival_at");
    for (size_t i = 0; i < o->time_count; i++)
        put_point(w, survival_at(curve, o->times[i]));
    write_array_end(w);
    begin_array(w, "restricted_mean");
    for (size_t i = 0; i < o->time_count; i++)
        put_mean(w, survival_restricted_mean(curve, o->times[i]));
    write_array_end(w);
}

static void put_arms(struct writer *w, const struct survival_report *r)
{
    begin_array(w, "arms");
    for (size_t a = 0; a < r->comparison.arm_count; a++) {
        write_object(w);
        put_text(w, "arm", r->table.arms[a]);
        put_curve(w, r, &r->comparison.arms[a].unadjusted.curve);
        write_object_end(w);
    }
    write_array_end(w);
}

static void put_overall(struct writer *w, const struct survival_report *r)
{
    struct survival_curve curve;
    struct survival_limits limits = {r->comparison.level, r->options.scale};
    survival_estimate(&r->table.data.survival, -1, limits, r->arena, &curve);
    begin_object(w, "overall");
    put_curve(w, r, &curve);
    write_object_end(w);
}

/* ---- log-rank tests ---------------------------------------------------------------------------------------------- */

static void put_test_numbers(struct writer *w, double chi_square, size_t df, double p)
{
    put_real(w, "chi_square", chi_square);
    put_count(w, "degrees_of_freedom", df);
    put_real(w, "p", p);
}

static void put_logrank(struct writer *w, const char *key, const struct logrank *l)
{
    begin_object(w, key);
    put_test_numbers(w, l->chi_square, (size_t)l->degrees_of_freedom, l->p);
    put_reals(w, "observed", l->observed, l->group_count);
    put_reals(w, "expected", l->expected, l->group_count);
    write_object_end(w);
}

static void put_pairs(struct writer *w, const struct survival_report *r)
{
    begin_array(w, "pairs");
    for (size_t i = 0; i < r->comparison.pair_count; i++) {
        const struct comparison_pair *p = &r->comparison.pairs[i];
        write_object(w);
        begin_array(w, "arms");
        write_text(w, r->table.arms[p->a]);
        write_text(w, r->table.arms[p->b]);
        write_array_end(w);
        put_test_numbers(w, p->logrank.chi_square, (size_t)p->logrank.degrees_of_freedom, p->logrank.p);
        put_real(w, "p_holm", p->logrank.p_holm);
        write_object_end(w);
    }
    write_array_end(w);
}

/* ---- Cox models -------------------------------------------------------------------------------------------------- */

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

static void put_columns(struct writer *w, const struct survival_report *r, const struct comparison_model *m)
{
    begin_array(w, "columns");
    for (size_t j = 0; j < m->column_count; j++) {
        double error = m->fit.robust_std_error ? m->fit.robust_std_error[j] : m->fit.std_error[j];
        write_object(w);
        put_text(w, "column", column_name(r, &m->columns[j]));
        put_real(w, "coefficient", m->fit.coefficient[j]);
        put_real(w, "standard_error", m->fit.std_error[j]);
        put_real(w, "robust_standard_error", m->fit.robust_std_error ? error : NAN);
        put_real(w, "hazard_ratio", exp(m->fit.coefficient[j]));
        put_real(w, "z", m->fit.coefficient[j] / error);
        put_real(w, "p", erfc(fabs(m->fit.coefficient[j] / error) / sqrt(2)));
        write_object_end(w);
    }
    write_array_end(w);
}

static void put_matrix(struct writer *w, const char *key, const double *matrix, size_t size)
{
    if (!matrix)
        return;
    begin_array(w, key);
    for (size_t j = 0; j < size; j++) {
        write_array(w);
        for (size_t k = 0; k < size; k++)
            write_real(w, matrix[j * size + k]);
        write_array_end(w);
    }
    write_array_end(w);
}

static void put_test(struct writer *w, const char *key, struct cox_test t)
{
    begin_object(w, key);
    put_test_numbers(w, t.chi_square, t.df, t.p);
    write_object_end(w);
}

static void put_concordance(struct writer *w, const struct cox_concordance *c)
{
    begin_object(w, "concordance");
    put_real(w, "c", c->c);
    put_real(w, "concordant", c->concordant);
    put_real(w, "discordant", c->discordant);
    put_real(w, "tied_x", c->tied_x);
    put_real(w, "tied_y", c->tied_y);
    put_real(w, "tied_xy", c->tied_xy);
    write_object_end(w);
}

static void put_baseline(struct writer *w, const struct survival_report *r, const struct cox_fit *fit)
{
    begin_array(w, "baseline_hazard");
    for (size_t g = 0; g < fit->stratum_count; g++)
        for (size_t i = 0; i < r->options.time_count; i++) {
            write_object(w);
            put_text(w, "stratum", r->table.stratum_count ? r->table.strata[g] : NULL);
            put_real(w, "time", r->options.times[i]);
            put_real(w, "cumulative_hazard", cox_baseline_hazard(fit, g, r->options.times[i]));
            write_object_end(w);
        }
    write_array_end(w);
}

static void put_proportionality(struct writer *w, const struct survival_report *r, const struct comparison_model *m)
{
    if (!m->proportionality)
        return;
    begin_array(w, "proportionality");
    for (size_t t = 0; t <= m->term_count; t++) {
        struct cox_test test = t < m->term_count ? m->proportionality[t] : m->proportionality_global;
        write_object(w);
        put_text(w, "term", t < m->term_count ? term_name(r, m, t) : "GLOBAL");
        put_test_numbers(w, test.chi_square, test.df, test.p);
        write_object_end(w);
    }
    write_array_end(w);
}

static void put_fit(struct writer *w, const struct survival_report *r, const struct comparison_model *m)
{
    const struct cox_fit *fit = &m->fit;
    put_count(w, "patients", fit->count);
    put_count(w, "events", fit->events);
    put_count(w, "iterations", fit->iterations);
    put_text(w, "reference", m->reference >= 0 ? r->table.arms[m->reference] : NULL);
    put_columns(w, r, m);
    put_matrix(w, "variance", fit->variance, m->column_count);
    put_matrix(w, "robust_variance", fit->robust_variance, m->column_count);
    put_real(w, "log_likelihood_null", fit->log_likelihood_null);
    put_real(w, "log_likelihood", fit->log_likelihood);
    put_test(w, "likelihood_ratio", fit->likelihood_ratio);
    put_test(w, "wald", fit->wald);
    put_test(w, "score", fit->score);
    put_concordance(w, &fit->concordance);
    put_baseline(w, r, fit);
    put_proportionality(w, r, m);
}

static void put_models(struct writer *w, const struct survival_report *r)
{
    begin_array(w, "cox");
    for (int by = 0; by < COMPARISON_ADJUSTMENTS; by++) {
        const struct comparison_model *m = &r->comparison.models[by];
        if (!m->wanted)
            continue;
        write_object(w);
        put_text(w, "adjustment", adjustments[by]);
        put_text(w, "ties", r->options.ties == COX_EFRON ? "efron" : "breslow");
        write_key(w, "fitted");
        write_boolean(w, m->fit.state == COX_FITTED);
        put_text(w, "state", cox_state_text(m->fit.state));
        if (m->fit.state == COX_FITTED)
            put_fit(w, r, m);
        else
            put_text(w, "blamed", m->fit.column < m->column_count ? column_name(r, &m->columns[m->fit.column]) : NULL);
        write_object_end(w);
    }
    write_array_end(w);
}

/* ---- profiles ---------------------------------------------------------------------------------------------------- */

static void put_prediction(struct writer *w, const struct survival_report *r, const struct comparison_prediction *p)
{
    write_object(w);
    put_text(w, "arm", r->table.arms[p->treatment]);
    put_text(w, "state", comparison_prediction_name(p->state));
    if (p->state == PREDICTION_NOT_KNOWN)
        put_text(w, "not_known", r->table.data.covariates[p->missing].name);
    if (p->state == PREDICTION_DONE) {
        begin_array(w, "survival_at");
        for (size_t i = 0; i < r->options.time_count; i++) {
            write_object(w);
            put_real(w, "time", r->options.times[i]);
            put_real(w, "survival", p->at[i].survival);
            put_real(w, "standard_error", p->at[i].std_error);
            put_limits(w, p->at[i].lower, p->at[i].upper);
        }
        write_array_end(w);
        begin_array(w, "restricted_mean");
        for (size_t i = 0; i < r->options.time_count; i++) {
            write_object(w);
            put_real(w, "tau", r->options.times[i]);
            put_real(w, "mean", p->means[i]);
            write_object_end(w);
        }
        write_array_end(w);
        put_real(w, "restricted_mean_to_horizon", p->mean);
        put_real(w, "median", p->median);
    }
    write_object_end(w);
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

static void put_profiles(struct writer *w, const struct survival_report *r)
{
    begin_array(w, "profiles");
    for (size_t i = 0; i < r->table.data.profile_count; i++) {
        const struct comparison_prediction *p = &r->comparison.predictions[i * r->comparison.arm_count];
        write_object(w);
        put_text(w, "profile", r->table.profile_names[i]);
        put_text(w, "best", best_of(r, p));
        begin_array(w, "arms");
        for (size_t a = 0; a < r->comparison.arm_count; a++)
            put_prediction(w, r, &p[a]);
        write_array_end(w);
        write_object_end(w);
    }
    write_array_end(w);
}

/* ---- all of it --------------------------------------------------------------------------------------------------- */

static void put_empty(struct writer *w, const struct patient_table *s)
{
    begin_object(w, "empty");
    for (size_t i = 0; i < s->empty_count; i++)
        put_count(w, s->empty[i].column, s->empty[i].rows);
    write_object_end(w);
}

/* The answer as the analytics service gives it. */
static void put_comparison(struct writer *w, const struct survival_report *r)
{
    struct comparison_answer answer;
    comparison_answer_make(&r->comparison, &r->table.data, r->table.arms, r->arena, &answer);
    write_key(w, "comparison");
    schema_write(&comparison_answer_schema, &answer, w);
}

void survival_put_json(struct writer *w, const struct survival_report *r)
{
    write_object(w);
    put_count(w, "rows", r->table.rows);
    put_count(w, "left_out", r->table.left_out);
    put_empty(w, &r->table);
    put_overall(w, r);
    put_arms(w, r);
    put_logrank(w, "logrank", &r->comparison.logrank);
    if (r->table.stratum_count)
        put_logrank(w, "logrank_stratified", &r->comparison.logrank_stratified);
    put_logrank(w, "peto_peto", &r->comparison.peto_peto);
    put_pairs(w, r);
    put_models(w, r);
    put_profiles(w, r);
    put_comparison(w, r);
    write_object_end(w);
    write_line_end(w);
}
