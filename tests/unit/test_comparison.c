/* Weighted values: R 4.2.2 with nnet 7.3-18 and survival 3.5-3 on the complete rows of tests/data/survival:
 *     p <- fitted(multinom(rx ~ sex + ... + node4, d, maxit = 1000, reltol = 1e-15, abstol = 1e-12))
 *     w <- as.numeric((table(d$rx) / nrow(d))[d$rx]) / p[cbind(seq_len(nrow(d)), as.integer(d$rx))]
 *     survfit(Surv(time, status) ~ 1, d[d$rx == a, ], weights = w[d$rx == a])
 *     coxph(Surv(time, status) ~ rx, d, weights = w, robust = TRUE)
 * R's weights are good to 1e-7, as its optimiser is. */
#include "common/science/statistics/adjusted.h"
#include "common/science/treatment/comparison.h"
#include "tests/support/trial.h"
#include "tests/support/unit.h"

#include <math.h>
#include <stdatomic.h>
#include <string.h>

enum { OBS, LEV, LEV_5FU };

static const double times[] = {365, 730, 1095, 1825, 2555};
static const struct comparison_options of_trial = {.time_count = COUNT(times), .times = times, .horizon = 1825};

static void ck_near(double value, double expected, double tolerance)
{
    ck_assert_msg(fabs(value - expected) <= tolerance * fabs(expected), "%.12g instead of %.12g", value, expected);
}

static struct comparison answer_to(struct scene *s, const struct comparison_data *data,
                                   struct comparison_options options)
{
    struct comparison c;
    enum status status = comparison_run(data, &options, &s->arena, &c, &s->why);
    ck_assert_msg(status == OK, "%s", s->why.error_count ? s->why.errors[0].detail : s->why.detail);
    return c;
}

static const struct comparison_pair *pair_of(const struct comparison *c, size_t a, size_t b)
{
    for (size_t i = 0; i < c->pair_count; i++)
        if (c->pairs[i].a == a && c->pairs[i].b == b)
            return &c->pairs[i];
    ck_abort_msg("there is no such pair");
}

static bool has_reason(const struct comparison *c, enum comparison_reason_code code, int treatment)
{
    for (size_t i = 0; i < c->verdict.reason_count; i++)
        if (c->verdict.reasons[i].code == code && c->verdict.reasons[i].treatment == treatment)
            return true;
    return false;
}

/* ---- the trial --------------------------------------------------------------------------------------------------- */

START_TEST(comparison_of_the_trial_has_the_curves_that_r_has)
{
    SCENE(s);
    static const char *const arms[] = {"Obs", "Lev", "Lev+5FU"};
    struct comparison_data data = trial_comparison(&s.arena);
    struct comparison c = answer_to(&s, &data, of_trial);
    ck_assert(c.rows == 929 && c.design.rows == 888 && c.design.left_out == 41);
    ck_assert(c.design.missing[5] == 18 && c.design.missing[6] == 23); /* nodes, differ */
    for (size_t a = 0; a < 3; a++) {
        json_t *expected = trial_at(trial_reference("curves.json"), "km_by_rx", arms[a], NULL), *point;
        ck_member(expected, "n", (double)c.arms[a].patients, 0);
        ck_member(expected, "events", (double)c.arms[a].events, 0);
        ck_member(expected, "median", c.arms[a].unadjusted.median.time, 1e-9);
        size_t i;
        json_array_foreach(json_object_get(expected, "survival_at"), i, point)
        {
            ck_member(point, "surv", c.arms[a].unadjusted.at[i].survival, 1e-9);
            ck_member(point, "std_err", c.arms[a].unadjusted.at[i].standard_error, 1e-9);
        }
        point = json_array_get(json_object_get(expected, "rmst"), 0);
        ck_member(point, "rmst", c.arms[a].unadjusted.mean.mean, 1e-9);
    }
}
END_TEST

START_TEST(comparison_weighs_as_r_does)
{
    SCENE(s);
    static const double effective[] = {302.257472395, 288.387764700, 282.531849898};
    static const double year[] = {0.924722692856, 0.900748053288, 0.914871942243};
    static const double five_years[] = {0.529513223554, 0.556191995456, 0.630592401434};
    static const double mean[] = {1349.78714081, 1335.29312069, 1451.44238362};
    struct comparison_data data = trial_comparison(&s.arena);
    struct comparison c = answer_to(&s, &data, of_trial);
    ck_assert_int_eq(c.diagnostics.weighting, WEIGHTING_DONE);
    for (size_t a = 0; a < 3; a++) {
        ck_near(c.arms[a].weights.effective_size, effective[a], 1e-7);
        ck_near(c.arms[a].adjusted.at[0].survival, year[a], 1e-7);
        ck_near(c.arms[a].adjusted.at[3].survival, five_years[a], 1e-7);
        ck_near(c.arms[a].adjusted.mean.mean, mean[a], 1e-7);
        ck_near(c.arms[a].adjusted.means[3].mean, mean[a], 1e-7);
    }
    ck_near(c.diagnostics.largest[0].weight, 1.60595781147, 1e-6);
}
END_TEST

START_TEST(comparison_has_the_hazard_ratios_of_r)
{
    SCENE(s);
    /* Lev and Lev+5FU over Obs, by each adjustment; the third line is the second over the first. */
    static const double log_ratio[][3] = {{-0.0266374628674, -0.371710277913, -0.345072815046},
                                          {-0.0415267504, -0.3625916525, -0.3210649021},
                                          {-0.056340800203, -0.336604166455, -0.280263366252},
                                          {-0.047107270495, -0.377444024593, -0.330336754098}};
    static const double error[][2] = {{0.110303995447, 0.118753999627},
                                      {0.1143712361, 0.1221479432},
                                      {0.114950215578, 0.121516731946},
                                      {0.115992925803, 0.127552876294}};
    struct comparison_data data = trial_comparison(&s.arena);
    struct comparison c = answer_to(&s, &data, of_trial);
    for (int by = 0; by < COMPARISON_ADJUSTMENTS; by++)
        for (int i = 0; i < 3; i++) {
            const struct comparison_ratio *r = &pair_of(&c, i == 2, i == 0 ? LEV : LEV_5FU)->hazard[by];
            ck_near(r->log_ratio, log_ratio[by][i], 1e-6);
            ck_near(r->ratio, exp(r->log_ratio), 1e-15);
            if (i < 2)
                ck_near(r->standard_error, error[by][i], 1e-6);
        }
    ck_assert(c.models[BY_COVARIATES].term_count == 11 && c.models[BY_COVARIATES].fit.count == 888);
    json_t *tests = trial_at(trial_reference("cox.json"), "all_numeric", "ph_test_km_transform", NULL);
    for (size_t i = 0; i < 11; i++)
        ck_member(json_array_get(tests, i), "chisq", c.models[BY_COVARIATES].proportionality[i].chi_square, 1e-8);
    ck_member(json_array_get(tests, 11), "chisq", c.models[BY_COVARIATES].proportionality_global.chi_square, 1e-8);
}
END_TEST

START_TEST(comparison_of_the_trial_recommends_what_the_trial_found)
{
    SCENE(s);
    struct comparison_data data = trial_comparison(&s.arena);
    struct comparison c = answer_to(&s, &data, of_trial);
    ck_assert(c.verdict.decision == RECOMMENDED && c.verdict.treatment == LEV_5FU && c.verdict.adjusted);
    ck_assert(c.verdict.p < 0.05 && c.verdict.gain_lower > 0 && c.verdict.best_share > 0.95);
    ck_assert_uint_eq(c.verdict.reason_count, 0);
    ck_near(c.arms[0].best_share + c.arms[1].best_share + c.arms[2].best_share, 1, 1e-12);
    ck_assert(c.historic.treatment == LEV_5FU && fabs(c.arms[OBS].mean_observed - 1600.0) < 0.1);
    const struct comparison_pair *p = pair_of(&c, LEV, LEV_5FU);
    ck_near(p->logrank.chi_square, 8.20707, 1e-6);
    ck_assert(p->imbalance.before > 0.1 && p->imbalance.after < 0.05);
}
END_TEST

/* Smallest p times 3, next times 2, and never less than one before it. */
START_TEST(comparison_corrects_by_holm)
{
    SCENE(s);
    struct comparison_data data = trial_comparison(&s.arena);
    struct comparison c = answer_to(&s, &data, of_trial);
    const struct comparison_test *first = &pair_of(&c, OBS, LEV_5FU)->logrank,
                                 *second = &pair_of(&c, LEV, LEV_5FU)->logrank,
                                 *third = &pair_of(&c, OBS, LEV)->logrank;
    ck_assert(first->p < second->p && second->p < third->p);
    ck_near(first->p_holm, 3 * first->p, 1e-12);
    ck_near(second->p_holm, fmax(first->p_holm, 2 * second->p), 1e-12);
    ck_near(third->p_holm, third->p, 1e-12);
}
END_TEST

/* VanderWeele & Ding 2017: RR + sqrt(RR (RR - 1)), a protective effect being turned round first; the hazard ratio of a
 * frequent event becomes a risk ratio by the square-root formula, that of a rare one is one. */
START_TEST(comparison_has_e_values)
{
    SCENE(s);
    struct comparison_data data = trial_comparison(&s.arena);
    struct comparison c = answer_to(&s, &data, of_trial);
    const struct comparison_ratio *r = &pair_of(&c, OBS, LEV_5FU)->hazard[BY_NOTHING];
    double risk = (1 - pow(0.5, sqrt(1 / r->ratio))) / (1 - pow(0.5, sqrt(r->ratio)));
    ck_near(r->e_value, risk + sqrt(risk * (risk - 1)), 1e-12);
    ck_assert(r->e_value_limit > 1 && r->e_value_limit < r->e_value);
    ck_assert(pair_of(&c, OBS, LEV)->hazard[BY_NOTHING].e_value_limit == 1); /* covers no difference */

    bool *rare = arena_alloc(&s.arena, TRIAL_ROWS * sizeof *rare);
    for (size_t i = 0; i < TRIAL_ROWS; i++)
        rare[i] = data.survival.event[i] && i % 4 == 0;
    data.survival.event = rare;
    c = answer_to(&s, &data, of_trial);
    r = &pair_of(&c, OBS, LEV_5FU)->hazard[BY_NOTHING];
    risk = fmax(r->ratio, 1 / r->ratio);
    ck_near(r->e_value, risk + sqrt(risk * (risk - 1)), 1e-12);
}
END_TEST

START_TEST(comparison_predicts_every_profile_as_r_does)
{
    SCENE(s);
    static const char *const arms[] = {"Obs", "Lev", "Lev+5FU"};
    json_t *profiles = trial_at(trial_reference("profiles.json"), "all_numeric", "profiles", NULL), *point;
    double values[5][TRIAL_COVARIATES];
    struct comparison_profile profile[5];
    for (size_t i = 0; i < 5; i++) {
        profile[i] = (struct comparison_profile){values[i], 0};
        for (size_t j = 0; j < TRIAL_COVARIATES; j++)
            values[i][j] =
                json_number_value(trial_at(json_array_get(profiles, i), "covariates", trial_covariates[j], NULL));
    }
    struct comparison_data data = trial_comparison(&s.arena);
    data.profile_count = json_array_size(profiles);
    ck_assert_uint_eq(data.profile_count, 5);
    data.profiles = profile;
    struct comparison c = answer_to(&s, &data, of_trial);
    ck_assert_uint_eq(c.prediction_count, 15);
    for (size_t i = 0; i < 15; i++) {
        const struct comparison_prediction *p = &c.predictions[i];
        json_t *expected = trial_at(json_array_get(profiles, p->profile), "treatments", arms[p->treatment], NULL);
        ck_assert_int_eq(p->state, PREDICTION_DONE);
        size_t k;
        json_array_foreach(json_object_get(expected, "survival_at"), k, point)
        {
            ck_member(point, "surv", p->at[k].survival, 1e-9);
            ck_member(point, "std_err", p->at[k].standard_error, 1e-9);
            ck_member(point, "lower95", p->at[k].lower, 1e-9);
            ck_member(point, "upper95", p->at[k].upper, 1e-9);
        }
        ck_member(json_array_get(json_object_get(expected, "rmst"), 0), "rmst", p->mean, 1e-9);
        ck_member(expected, "median", p->median, 0);
        ck_assert(p->step_count == 256 && p->steps[255].time == 2910);
    }
}
END_TEST

START_TEST(comparison_lets_an_effect_depend_on_the_patient)
{
    SCENE(s);
    struct comparison_data data = trial_comparison(&s.arena);
    static const char *const wanted[] = {"sex", "node4", "age", "obstruct", "adhere", "extent", "surg"};
    struct design_covariate covariates[COUNT(wanted)];
    for (size_t j = 0; j < COUNT(wanted); j++)
        covariates[j] =
            (struct design_covariate){.name = wanted[j], .number = trial_column(wanted[j]), .interacts = j < 2};
    data.covariates = covariates;
    data.covariate_count = COUNT(wanted);
    struct comparison c = answer_to(&s, &data, of_trial);
    const struct comparison_model *m = &c.models[BY_COVARIATES];
    json_t *expected = trial_at(trial_reference("cox.json"), "rx_interactions", NULL);
    ck_assert_uint_eq(m->column_count, 2 + 7 + 4);
    ck_member(expected, "loglik", m->fit.log_likelihood, 1e-9);
    ck_assert(isnan(pair_of(&c, OBS, LEV)->hazard[BY_COVARIATES].ratio));
    ck_assert(!isnan(pair_of(&c, OBS, LEV)->hazard[BY_WEIGHTS].ratio));
    ck_assert_uint_eq(m->term_count, 1 + 7 + 2);
}
END_TEST

/* ---- errors that know where the weights come from ---------------------------------------------------------------- */

START_TEST(adjusted_errors_are_greenwood_s_where_everybody_weighs_the_same)
{
    SCENE(s);
    struct survival_data data = trial_data(&s.arena, NULL, "rx");
    struct survival_limits limits = {0.95, SURVIVAL_LOG};
    struct adjusted a;
    adjusted_init(&a, &data, NULL, &s.arena);
    for (size_t g = 0; g < 3; g++) {
        struct survival_curve plain, weighted;
        struct adjusted_mean mean;
        survival_estimate(&data, (int)g, limits, &s.arena, &plain);
        adjusted_estimate(&a, g, limits, &s.arena, &weighted);
        ck_assert_uint_eq(plain.step_count, weighted.step_count);
        for (size_t i = 0; i < plain.step_count; i++)
            if (plain.steps[i].standard_error > 0)
                ck_near(weighted.steps[i].standard_error, plain.steps[i].standard_error, 1e-9);
        adjusted_restricted_mean(&a, &weighted, g, 1825, &s.arena, &mean);
        struct survival_mean expected = survival_restricted_mean(&plain, 1825);
        ck_near(mean.mean, expected.mean, 1e-12);
        ck_near(sqrt(adjusted_covariance(&a, &mean, &mean)), expected.standard_error, 1e-9);
    }
}
END_TEST

/* Sixty patients whose treatment and survival depend on x. */
struct sixty {
    double start[60], stop[60], x[60];
    bool event[60];
    int group[60];
    struct survival_data data;
    struct multinomial_data model;
};

static struct sixty *sixty_new(struct scene *s, bool late)
{
    struct sixty *t = arena_alloc(&s->arena, sizeof *t);
    for (int i = 0; i < 60; i++) {
        t->x[i] = unit_random_between(0, 100) / 50.0;
        t->group[i] = unit_random_between(0, 100) < 30 + 20 * t->x[i];
        t->stop[i] = unit_random_between(1, 1000) + 100 * t->x[i];
        t->start[i] = t->stop[i] * unit_random_between(0, 60) / 100;
        t->event[i] = unit_random_between(0, 2) > 0;
    }
    t->data = (struct survival_data){.count = 60,
                                     .start = late ? t->start : NULL,
                                     .stop = t->stop,
                                     .event = t->event,
                                     .group = t->group,
                                     .group_count = 2};
    t->model = (struct multinomial_data){
        .count = 60, .outcome_count = 2, .covariate_count = 1, .outcome = t->group, .covariates = t->x};
    return t;
}

/* Weights, survival at 300 and the restricted mean to 700 of group 1 anew, one patient counting a little more. */
static void answers_with(const struct sixty *t, int patient, double more, double out[2])
{
    SCENE(s);
    struct multinomial_fit fit;
    struct survival_curve curve;
    double weight[60];
    for (int k = 0; k < 60; k++)
        weight[k] = 1 + (k == patient ? more : 0);
    struct multinomial_data model = t->model;
    model.weight = weight;
    ck_assert_int_eq(multinomial_fit(&s.arena, &model, &fit), MULTINOMIAL_FITTED);
    for (int k = 0; k < 60; k++)
        weight[k] /= fit.probability[2 * k + t->group[k]];
    struct survival_data drawn = t->data;
    drawn.weight = weight;
    survival_estimate(&drawn, 1, (struct survival_limits){0.95, SURVIVAL_LOG}, &s.arena, &curve);
    out[0] = survival_at(&curve, 300).survival;
    out[1] = survival_restricted_mean(&curve, 700).mean;
}

/* The influence of a patient is the slope of the answer in his weight: what the formulas say against small changes, the
 * model of weights being fitted anew each time. */
START_TEST(adjusted_errors_are_the_slopes_of_the_answer)
{
    for (int late = 0; late < 2; late++) {
        SCENE(s);
        const struct sixty *t = sixty_new(&s, late);
        double squares[2] = {0, 0}, less[2], more[2];
        for (int i = 0; i < 60; i++) {
            answers_with(t, i, -1e-4, less);
            answers_with(t, i, 1e-4, more);
            for (int k = 0; k < 2; k++)
                squares[k] += (more[k] - less[k]) / 2e-4 * (more[k] - less[k]) / 2e-4;
        }
        struct multinomial_fit fit;
        struct adjusted a;
        struct survival_curve curve;
        struct adjusted_mean mean;
        ck_assert_int_eq(multinomial_fit(&s.arena, &t->model, &fit), MULTINOMIAL_FITTED);
        adjusted_init(&a, &t->data, &fit, &s.arena);
        adjusted_estimate(&a, 1, (struct survival_limits){0.95, SURVIVAL_LOG}, &s.arena, &curve);
        adjusted_restricted_mean(&a, &curve, 1, 700, &s.arena, &mean);
        ck_near(survival_at(&curve, 300).standard_error, sqrt(squares[0]), 1e-5);
        ck_near(sqrt(adjusted_covariance(&a, &mean, &mean)), sqrt(squares[1]), 1e-5);
    }
}
END_TEST

START_TEST(comparison_s_bootstrap_agrees_with_its_formulas)
{
    SCENE(s);
    struct comparison_data data = trial_comparison(&s.arena);
    struct comparison_options options = of_trial;
    options.bootstrap = 200;
    options.seed = 5;
    struct comparison c = answer_to(&s, &data, options), again = answer_to(&s, &data, options);
    for (size_t a = 0; a < 3; a++) {
        ck_near(c.arms[a].bootstrap->standard_error, c.arms[a].adjusted.mean.standard_error,
                0.15); /* of 200 draws: +-5% */
        ck_assert(c.arms[a].bootstrap->standard_error == again.arms[a].bootstrap->standard_error);
        ck_assert(c.arms[a].bootstrap->lower < c.arms[a].adjusted.mean.mean);
        ck_assert(c.arms[a].bootstrap->upper > c.arms[a].adjusted.mean.mean);
    }
    const struct comparison_difference *d = &pair_of(&c, OBS, LEV_5FU)->adjusted;
    ck_near(d->bootstrap->standard_error, d->standard_error, 0.15);
}
END_TEST

/* ---- bad input --------------------------------------------------------------------------------------------------- */

/* A small table whose columns tests change. */
struct table {
    double stop[80], x[80], y[80];
    bool event[80];
    int group[80];
    struct design_covariate covariates[2];
    struct comparison_data data;
};

static struct table *table_new(struct scene *s)
{
    struct table *t = arena_alloc(&s->arena, sizeof *t);
    for (int i = 0; i < 80; i++) {
        t->stop[i] = unit_random_between(1, 500);
        t->x[i] = unit_random_between(0, 9);
        t->y[i] = unit_random_between(40, 80);
        t->event[i] = unit_random_between(0, 3) > 0;
        t->group[i] = i % 2;
    }
    t->covariates[0] = (struct design_covariate){.name = "x", .number = t->x};
    t->covariates[1] = (struct design_covariate){.name = "y", .number = t->y};
    t->data = (struct comparison_data){
        .survival = {.count = 80, .stop = t->stop, .event = t->event, .group = t->group, .group_count = 2},
        .covariate_count = 2,
        .covariates = t->covariates};
    return t;
}

static struct comparison insufficient(struct scene *s, const struct table *t)
{
    struct comparison c = answer_to(s, &t->data, (struct comparison_options){.time_count = 5, .times = times});
    ck_assert_int_eq(c.verdict.decision, INSUFFICIENT_EVIDENCE);
    ck_assert_uint_gt(c.verdict.reason_count, 0);
    return c;
}

START_TEST(comparison_of_nobody_and_of_one_patient_says_so)
{
    SCENE(s);
    struct table *t = table_new(&s);
    t->data.survival.count = 0;
    struct comparison c = insufficient(&s, t);
    ck_assert(has_reason(&c, REASON_NO_PATIENTS, -1) && c.verdict.treatment == -1 && c.historic.treatment == -1);
    ck_assert(isnan(c.arms[0].mean_observed) && !c.arms[0].unadjusted.known && isnan(c.horizon));
    t->data.survival.count = 1;
    c = insufficient(&s, t);
    ck_assert(has_reason(&c, REASON_ONE_TREATMENT, -1) && has_reason(&c, REASON_TOO_FEW_PATIENTS, 0));
    ck_assert(c.arms[0].mean_observed == t->stop[0] && c.diagnostics.weighting == WEIGHTING_ONE_TREATMENT);
}
END_TEST

START_TEST(comparison_of_one_treatment_says_so)
{
    SCENE(s);
    struct table *t = table_new(&s);
    for (int i = 0; i < 80; i++)
        t->group[i] = 1;
    struct comparison c = insufficient(&s, t);
    ck_assert(has_reason(&c, REASON_ONE_TREATMENT, -1) && c.verdict.treatment == 1);
    ck_assert(isnan(pair_of(&c, 0, 1)->logrank.p) && isnan(pair_of(&c, 0, 1)->hazard[0].ratio));
    t->data.survival.group = NULL;
    c = insufficient(&s, t);
    ck_assert(c.arm_count == 1 && c.pair_count == 0);
}
END_TEST

START_TEST(comparison_without_events_says_so)
{
    SCENE(s);
    struct table *t = table_new(&s);
    memset(t->event, 0, sizeof t->event);
    struct comparison c = insufficient(&s, t);
    ck_assert(has_reason(&c, REASON_TOO_FEW_EVENTS, 0) && has_reason(&c, REASON_TOO_FEW_EVENTS, 1));
    ck_assert(has_reason(&c, REASON_NO_DIFFERENCE, c.verdict.treatment));
    ck_assert(c.models[BY_COVARIATES].fit.state == COX_NO_ROWS && isnan(c.logrank.p));
    ck_assert(c.arms[0].unadjusted.at[0].survival == 1 && isnan(c.arms[0].unadjusted.median.time));
}
END_TEST

START_TEST(comparison_with_events_in_one_arm_only_gives_no_infinite_ratio)
{
    SCENE(s);
    struct table *t = table_new(&s);
    for (int i = 0; i < 80; i++)
        t->event[i] = t->group[i] == 0;
    struct comparison c = insufficient(&s, t);
    ck_assert(has_reason(&c, REASON_TOO_FEW_EVENTS, 1) && !has_reason(&c, REASON_TOO_FEW_EVENTS, 0));
    for (int by = 0; by < COMPARISON_ADJUSTMENTS; by++)
        ck_assert(isnan(pair_of(&c, 0, 1)->hazard[by].ratio));
    ck_assert(pair_of(&c, 0, 1)->logrank.p < 1e-6);
}
END_TEST

START_TEST(comparison_of_identical_times_is_an_answer)
{
    SCENE(s);
    struct table *t = table_new(&s);
    for (int i = 0; i < 80; i++)
        t->stop[i] = 100;
    struct comparison c = insufficient(&s, t);
    ck_assert(c.arms[0].unadjusted.median.time == 100 && c.horizon == 100);
    for (int i = 0; i < 80; i++) {
        t->event[i] = true;
        t->stop[i] = 0;
    }
    c = insufficient(&s, t);
    ck_assert(c.arms[0].unadjusted.median.time == 0);
}
END_TEST

START_TEST(comparison_names_the_covariate_that_separates)
{
    SCENE(s);
    struct table *t = table_new(&s);
    for (int i = 0; i < 80; i++)
        t->y[i] = t->group[i] ? 100 + i : i;
    struct comparison c = insufficient(&s, t);
    ck_assert(has_reason(&c, REASON_SEPARATED, -1) && c.diagnostics.weighting == WEIGHTING_SEPARATED);
    ck_assert_str_eq(c.design.columns[c.diagnostics.blamed].name, "y");
    ck_assert(!c.arms[0].adjusted.known && isnan(pair_of(&c, 0, 1)->adjusted.value) && !c.verdict.adjusted);
    ck_assert(!c.models[BY_WEIGHTS].wanted && !isnan(pair_of(&c, 0, 1)->unadjusted.value));
}
END_TEST

/* Patients with a larger x get the second treatment, but for ten in the middle. */
START_TEST(comparison_says_when_patients_have_no_like)
{
    SCENE(s);
    struct table *t = table_new(&s);
    for (int i = 0; i < 80; i++) {
        t->x[i] = i;
        t->group[i] = i >= 35 && i < 45 ? i % 2 : i >= 40;
    }
    struct comparison c = insufficient(&s, t);
    ck_assert(c.diagnostics.weighting == WEIGHTING_DONE && c.diagnostics.outside_support > 0.5);
    ck_assert(has_reason(&c, REASON_NO_OVERLAP, -1));
    ck_assert(has_reason(&c, REASON_IMBALANCE, 0) && pair_of(&c, 0, 1)->imbalance.before > 2);
    ck_assert(c.diagnostics.overlap_count == 4 && c.diagnostics.overlap[0].min <= c.diagnostics.overlap[0].q05);
}
END_TEST

/* One patient of each treatment is like the forty of the other, and counts for all of them. */
START_TEST(comparison_says_when_few_patients_carry_the_weight)
{
    SCENE(s);
    struct table *t = table_new(&s);
    for (int i = 0; i < 80; i++)
        t->x[i] = i < 2 ? !t->group[i] : t->group[i];
    t->data.covariate_count = 1;
    struct comparison c = insufficient(&s, t);
    ck_assert(has_reason(&c, REASON_LARGE_WEIGHTS, 0) && has_reason(&c, REASON_LARGE_WEIGHTS, 1));
    ck_assert(c.arms[0].weights.effective_size < 5 && c.arms[0].weights.largest > 10);
    ck_assert(c.diagnostics.largest_count == 5 && c.diagnostics.largest[0].row < 2 && c.diagnostics.largest[1].row < 2);
}
END_TEST

START_TEST(comparison_leaves_a_constant_covariate_out_and_says_so)
{
    SCENE(s);
    struct table *t = table_new(&s);
    for (int i = 0; i < 80; i++)
        t->y[i] = 7;
    struct comparison c = answer_to(&s, &t->data, (struct comparison_options){0});
    ck_assert(c.design.count == 1 && c.design.omission_count == 1 && c.design.omissions[0].gap == DESIGN_CONSTANT);
    ck_assert(c.diagnostics.weighting == WEIGHTING_DONE && c.models[BY_COVARIATES].fit.state == COX_FITTED);
}
END_TEST

START_TEST(comparison_sees_no_imbalance_between_arms_in_which_a_number_is_the_same_for_all)
{
    SCENE(s);
    struct table *t = table_new(&s);
    t->data.survival.group_count = 3;
    for (int i = 0; i < 80; i++) {
        t->group[i] = i % 3;
        t->y[i] = i % 3 < 2 ? 65.3 : unit_random_between(50, 80);
    }
    struct comparison c = answer_to(&s, &t->data, (struct comparison_options){0});
    ck_assert_int_eq(c.diagnostics.weighting, WEIGHTING_DONE);
    const struct comparison_balance *b = c.diagnostics.balance;
    size_t seen = 0;
    for (size_t i = 0; i < c.diagnostics.balance_count; i++)
        if (b[i].column == 1 && c.pairs[b[i].pair].a == 0 && c.pairs[b[i].pair].b == 1)
            seen += b[i].before == 0 && b[i].after == 0;
    ck_assert_uint_eq(seen, 1);
}
END_TEST

START_TEST(comparison_leaves_rows_with_a_missing_covariate_out_of_the_adjusted_part)
{
    SCENE(s);
    struct table *t = table_new(&s);
    for (int i = 0; i < 30; i++)
        t->x[i] = NAN;
    struct comparison c = answer_to(&s, &t->data, (struct comparison_options){0});
    ck_assert(c.design.left_out == 30 && c.design.missing[0] == 30 && c.design.missing[1] == 0);
    ck_assert(c.arms[0].patients == 40 && c.arms[0].complete_patients == 25);
    for (int i = 0; i < 80; i++)
        t->x[i] = NAN;
    c = insufficient(&s, t);
    ck_assert(has_reason(&c, REASON_TOO_FEW_PATIENTS, 0) && c.arms[0].unadjusted.known);
}
END_TEST

START_TEST(comparison_refuses_what_cannot_be_computed_with)
{
    SCENE(s);
    struct table *t = table_new(&s);
    struct comparison c;
    struct comparison_options options = {0};
    static const double bad[] = {NAN, INFINITY, -1, 1e300};
    for (size_t i = 0; i < COUNT(bad); i++) {
        double keep = t->stop[17];
        t->stop[17] = bad[i];
        problem_reset(&s.why, &s.arena);
        ck_assert_int_eq(comparison_run(&t->data, &options, &s.arena, &c, &s.why), INVALID);
        ck_noted(&s.why, "/stop/17", "must be a number from 0 to 1e100");
        t->stop[17] = keep;
    }
    t->x[3] = 1e300;
    problem_reset(&s.why, &s.arena);
    ck_assert_int_eq(comparison_run(&t->data, &options, &s.arena, &c, &s.why), INVALID);
    ck_noted(&s.why, "/x/3", "must be a number within 1e100");
    t->x[3] = 1;
    options.level = 1;
    options.horizon = -5;
    options.bootstrap = 1000000;
    problem_reset(&s.why, &s.arena);
    ck_assert_int_eq(comparison_run(&t->data, &options, &s.arena, &c, &s.why), INVALID);
    ck_assert_int_eq(s.why.error_count, 3);
}
END_TEST

START_TEST(comparison_of_large_numbers_is_that_of_small_ones)
{
    SCENE(s);
    struct table *t = table_new(&s);
    struct comparison small = answer_to(&s, &t->data, (struct comparison_options){0});
    for (int i = 0; i < 80; i++) {
        t->stop[i] *= 1e90;
        t->x[i] *= 1e95;
    }
    struct comparison large = answer_to(&s, &t->data, (struct comparison_options){0});
    const struct comparison_pair *a = pair_of(&small, 0, 1), *b = pair_of(&large, 0, 1);
    ck_near(b->adjusted.value / 1e90, a->adjusted.value, 1e-9);
    ck_near(b->hazard[BY_COVARIATES].log_ratio, a->hazard[BY_COVARIATES].log_ratio, 1e-9);
}
END_TEST

START_TEST(comparison_sets_small_arms_aside_and_goes_on)
{
    SCENE(s);
    struct comparison_data data = trial_comparison(&s.arena);
    int *group = arena_alloc(&s.arena, TRIAL_ROWS * sizeof *group);
    memcpy(group, data.survival.group, TRIAL_ROWS * sizeof *group);
    for (size_t i = 0, moved = 0; moved < 2; i++)
        if (group[i] == LEV) {
            group[i] = 3;
            moved++;
        }
    data.survival.group = group;
    data.survival.group_count = 5; /* 3: two patients, 4: none */
    struct comparison c = answer_to(&s, &data, of_trial);
    ck_assert(c.verdict.decision == RECOMMENDED && c.verdict.treatment == LEV_5FU);
    ck_assert(has_reason(&c, REASON_TOO_FEW_PATIENTS, 3) && !has_reason(&c, REASON_TOO_FEW_PATIENTS, 4));
    ck_assert(!c.arms[3].adjusted.known && c.arms[3].unadjusted.known && !c.arms[4].unadjusted.known);
    ck_assert(isnan(pair_of(&c, 0, 4)->unadjusted.value) && isnan(pair_of(&c, 0, 4)->logrank.p));
}
END_TEST

START_TEST(comparison_knows_when_the_follow_up_is_shorter_than_the_horizon)
{
    SCENE(s);
    struct comparison_data data = trial_comparison(&s.arena);
    struct comparison_options options = of_trial;
    options.horizon = 5000;
    struct comparison c = answer_to(&s, &data, options);
    ck_assert(c.verdict.decision == INSUFFICIENT_EVIDENCE && has_reason(&c, REASON_FOLLOW_UP_TOO_SHORT, OBS));
    ck_assert(c.arms[OBS].unadjusted.mean.beyond_follow_up && isnan(c.arms[OBS].adjusted.mean.mean));
    ck_assert(isnan(c.arms[OBS].adjusted.mean.standard_error) && isnan(c.arms[OBS].adjusted.mean.lower));
    ck_assert(isnan(pair_of(&c, OBS, LEV)->adjusted.value) && isnan(pair_of(&c, OBS, LEV)->adjusted.standard_error));
}
END_TEST

START_TEST(comparison_refuses_work_without_end)
{
    SCENE(s);
    enum { ROWS = 30000 };
    double *stop = arena_alloc(&s.arena, ROWS * sizeof *stop);
    bool *event = arena_alloc(&s.arena, ROWS * sizeof *event);
    int *group = arena_alloc(&s.arena, ROWS * sizeof *group), *level = arena_alloc(&s.arena, ROWS * sizeof *level);
    const char *names[100];
    for (size_t i = 0; i < COUNT(names); i++)
        names[i] = "x";
    for (int i = 0; i < ROWS; i++) {
        stop[i] = unit_random_between(1, 1000);
        event[i] = true;
        group[i] = i % 6;
        level[i] = unit_random_between(0, 99);
    }
    const struct design_covariate wide = {.name = "x", .level = level, .level_count = 100, .level_names = names};
    struct comparison_data data = {
        .survival = {.count = ROWS, .stop = stop, .event = event, .group = group, .group_count = 6},
        .covariate_count = 1,
        .covariates = &wide};
    struct comparison c;
    ck_assert_int_eq(comparison_run(&data, &(struct comparison_options){0}, &s.arena, &c, &s.why), INVALID);
    ck_noted(&s.why, "/covariates", "too many columns");
    const struct design_covariate narrow = {.name = "x", .number = stop};
    problem_reset(&s.why, &s.arena);
    data.covariates = &narrow;
    ck_assert_int_eq(comparison_run(&data, &(struct comparison_options){.bootstrap = 1000}, &s.arena, &c, &s.why),
                     INVALID);
    ck_noted(&s.why, "/bootstrap", "fewer draws");
}
END_TEST

START_TEST(comparison_stops_when_it_is_cancelled)
{
    SCENE(s);
    struct comparison_data data = trial_comparison(&s.arena);
    atomic_bool cancel = true;
    struct comparison_options options = of_trial;
    struct comparison c;
    options.cancel = &cancel;
    ck_assert_int_eq(comparison_run(&data, &options, &s.arena, &c, &s.why), UNAVAILABLE);
}
END_TEST

START_TEST(comparison_counts_late_entry_and_strata)
{
    SCENE(s);
    struct comparison_data data = trial_comparison(&s.arena);
    struct survival_data strata = trial_data(&s.arena, NULL, "rx");
    double *start = arena_alloc(&s.arena, TRIAL_ROWS * sizeof *start);
    for (size_t i = 0; i < TRIAL_ROWS; i++)
        start[i] = data.survival.stop[i] * unit_random_between(0, 50) / 100;
    data.survival.start = start;
    data.survival.stratum = strata.stratum;
    data.survival.stratum_count = 2;
    data.covariate_count--; /* node4 does not vary within its strata */
    struct comparison c = answer_to(&s, &data, of_trial);
    ck_assert(c.models[BY_COVARIATES].fit.state == COX_FITTED && c.models[BY_COVARIATES].fit.stratum_count == 2);
    ck_assert(c.logrank.chi_square != c.logrank_stratified.chi_square && !isnan(c.logrank_stratified.p));
    ck_assert(c.arms[0].adjusted.known && c.arms[0].adjusted.mean.standard_error > 0);
}
END_TEST

START_TEST(comparison_has_words_for_everything)
{
    for (int i = 0; i <= REASON_CODES; i++)
        ck_assert(*comparison_reason_name((enum comparison_reason_code)i) &&
                  *comparison_reason_text((enum comparison_reason_code)i));
    for (int i = 0; i <= WEIGHTING_STATES; i++)
        ck_assert(*comparison_weighting_name((enum comparison_weighting)i) &&
                  *comparison_weighting_text((enum comparison_weighting)i));
    for (int i = 0; i <= PREDICTION_STATES; i++)
        ck_assert(*comparison_prediction_name((enum comparison_prediction_state)i) &&
                  *comparison_prediction_text((enum comparison_prediction_state)i));
}
END_TEST

int main(void)
{
    return UNIT_TESTS(
        comparison_of_the_trial_has_the_curves_that_r_has, comparison_weighs_as_r_does,
        comparison_has_the_hazard_ratios_of_r, comparison_of_the_trial_recommends_what_the_trial_found,
        comparison_corrects_by_holm, comparison_has_e_values, comparison_predicts_every_profile_as_r_does,
        comparison_lets_an_effect_depend_on_the_patient,
        adjusted_errors_are_greenwood_s_where_everybody_weighs_the_same, adjusted_errors_are_the_slopes_of_the_answer,
        comparison_s_bootstrap_agrees_with_its_formulas, comparison_of_nobody_and_of_one_patient_says_so,
        comparison_of_one_treatment_says_so, comparison_without_events_says_so,
        comparison_with_events_in_one_arm_only_gives_no_infinite_ratio, comparison_of_identical_times_is_an_answer,
        comparison_names_the_covariate_that_separates, comparison_says_when_patients_have_no_like,
        comparison_says_when_few_patients_carry_the_weight, comparison_leaves_a_constant_covariate_out_and_says_so,
        comparison_sees_no_imbalance_between_arms_in_which_a_number_is_the_same_for_all,
        comparison_leaves_rows_with_a_missing_covariate_out_of_the_adjusted_part,
        comparison_refuses_what_cannot_be_computed_with, comparison_of_large_numbers_is_that_of_small_ones,
        comparison_sets_small_arms_aside_and_goes_on, comparison_knows_when_the_follow_up_is_shorter_than_the_horizon,
        comparison_refuses_work_without_end, comparison_stops_when_it_is_cancelled,
        comparison_counts_late_entry_and_strata, comparison_has_words_for_everything);
}
