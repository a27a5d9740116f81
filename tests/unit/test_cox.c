#include "common/science/statistics/cox.h"
#include "tests/support/trial.h"
#include "tests/support/unit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- the trial: every model of cox.json, its columns made from their names in R ---------------------------------- */

#define TOLERANCE 1e-9

struct trial {
    size_t count, width;
    double *stop, *covariates; /* column by column */
    bool *event;
    int *stratum;
    json_t *reference;
    struct survival_data data;
    struct cox_model model;
};

/* sex, rxLev+5FU, factor(extent)3 */
static double factor_value(const char *name, size_t row)
{
    if (strncmp(name, "rx", 2) == 0)
        return trial_column("rx")[row] == (strcmp(name, "rxLev") == 0 ? 1 : 2);
    const char *open = strchr(name, '('), *close = strchr(name, ')');
    if (!open || !close)
        return trial_column(name)[row];
    char column[32];
    snprintf(column, sizeof column, "%.*s", (int)(close - open - 1), open + 1);
    double value = trial_column(column)[row];
    if (isnan(value))
        return NAN;
    return value == strtod(close + 1, NULL) ? 1 : 0;
}

static double covariate_value(const char *name, size_t row)
{
    const char *colon = strchr(name, ':');
    if (!colon)
        return factor_value(name, row);
    char first[32];
    snprintf(first, sizeof first, "%.*s", (int)(colon - name), name);
    return factor_value(first, row) * factor_value(colon + 1, row);
}

static const char *covariate_name(const struct trial *t, size_t j)
{
    return json_string_value(json_object_get(json_array_get(trial_at(t->reference, "coefficients", NULL), j), "name"));
}

static bool row_is_complete(const struct trial *t, size_t row)
{
    for (size_t j = 0; j < t->width; j++)
        if (isnan(covariate_value(covariate_name(t, j), row)))
            return false;
    return true;
}

static void trial_row(struct trial *t, size_t row)
{
    t->stop[t->count] = trial_column("time")[row];
    t->event[t->count] = trial_column("status")[row] == 1;
    t->stratum[t->count] = (int)trial_column("node4")[row];
    for (size_t j = 0; j < t->width; j++)
        t->covariates[j * t->data.count + t->count] = covariate_value(covariate_name(t, j), row);
    t->count++;
}

static struct trial trial_of(struct arena *a, const char *model)
{
    struct trial t = {.reference = trial_at(trial_reference("cox.json"), model, NULL)};
    t.width = json_array_size(trial_at(t.reference, "coefficients", NULL));
    t.data.count = (size_t)json_integer_value(trial_at(t.reference, "n", NULL));
    t.stop = arena_alloc(a, t.data.count * sizeof *t.stop);
    t.event = arena_alloc(a, t.data.count * sizeof *t.event);
    t.stratum = arena_alloc(a, t.data.count * sizeof *t.stratum);
    t.covariates = arena_alloc(a, t.data.count * t.width * sizeof *t.covariates);
    for (size_t row = 0; row < TRIAL_ROWS; row++)
        if (row_is_complete(&t, row))
            trial_row(&t, row);
    ck_assert_uint_eq(t.count, t.data.count);
    t.data.stop = t.stop;
    t.data.event = t.event;
    if (strstr(model, "stratified")) {
        t.data.stratum = t.stratum;
        t.data.stratum_count = 2;
    }
    t.model = (struct cox_model){t.covariates, t.width, strstr(model, "breslow") ? COX_BRESLOW : COX_EFRON, false};
    return t;
}

static void ck_near(double value, double expected, double tolerance)
{
    ck_assert_msg(fabs(value - expected) <= tolerance * fabs(expected), "%.15g instead of %.15g", value, expected);
}

static void ck_test(json_t *reference, const char *member, struct cox_test test)
{
    json_t *expected = trial_at(reference, member, NULL);
    ck_member(expected, "chisq", test.chi_square, TOLERANCE);
    ck_member(expected, "df", (double)test.degrees_of_freedom, 0);
    ck_member(expected, "p", test.p, 10 * TOLERANCE); /* the tail's relative error is chi-square's times its half */
}

static void ck_fit(const struct trial *t, const struct cox_fit *f)
{
    json_t *coefficient, *row;
    size_t j;
    ck_assert_uint_eq(f->column, SIZE_MAX);
    ck_member(t->reference, "n", (double)f->count, 0);
    ck_member(t->reference, "events", (double)f->events, 0);
    json_array_foreach(json_object_get(t->reference, "coefficients"), j, coefficient)
    {
        ck_member(coefficient, "coef", f->coefficient[j], TOLERANCE);
        ck_member(coefficient, "se", f->std_error[j], TOLERANCE);
    }
    json_array_foreach(json_object_get(t->reference, "variance_matrix"), j, row)
    {
        for (size_t k = 0; k < t->width; k++)
            ck_near(f->variance[j * t->width + k], json_number_value(json_array_get(row, k)), 1e-8);
    }
    ck_member(t->reference, "loglik_null", f->log_likelihood_null, TOLERANCE);
    ck_member(t->reference, "loglik", f->log_likelihood, TOLERANCE);
    ck_test(t->reference, "lr_test", f->likelihood_ratio);
    ck_test(t->reference, "wald_test", f->wald);
    ck_test(t->reference, "score_test", f->score);
}

static void ck_concordance(const struct trial *t, const struct cox_fit *f)
{
    json_t *expected = trial_at(t->reference, "concordance", NULL);
    ck_member(expected, "c", f->concordance.c, TOLERANCE);
    ck_member(expected, "concordant", f->concordance.concordant, 0);
    ck_member(expected, "discordant", f->concordance.discordant, 0);
    ck_member(expected, "tied_x", f->concordance.tied_x, 0);
    ck_member(expected, "tied_y", f->concordance.tied_y, 0);
    ck_member(expected, "tied_xy", f->concordance.tied_xy, 0);
}

static void ck_baseline(const struct trial *t, const struct cox_fit *f)
{
    json_t *point;
    size_t i;
    json_array_foreach(json_object_get(t->reference, "baseline_cumhaz_at_zero_covariates"), i, point) ck_member(
        point, "cumhaz", cox_baseline_hazard(f, 0, json_number_value(json_object_get(point, "time"))), TOLERANCE);
}

START_TEST(every_model_of_the_trial_is_what_r_says)
{
    const char *model;
    json_t *reference;
    json_object_foreach(trial_reference("cox.json"), model, reference)
    {
        SCENE(s);
        struct trial t = trial_of(&s.arena, model);
        struct cox_fit f;
        ck_assert_msg(cox_fit(&s.arena, &t.data, &t.model, &f) == COX_FITTED, "%s", model);
        ck_fit(&t, &f);
        ck_concordance(&t, &f);
        ck_baseline(&t, &f);
    }
}
END_TEST

/* rxLev+5FU:sex belongs to rx:sex, factor(extent)3 to factor(extent) */
static size_t term_of(json_t *terms, const char *column)
{
    char name[64] = "";
    if (strncmp(column, "rx", 2) == 0)
        snprintf(name, sizeof name, "rx%s", strchr(column, ':') ? strchr(column, ':') : "");
    else
        snprintf(name, sizeof name, "%.*s", (int)(strchr(column, ')') ? strchr(column, ')') + 1 - column : 60), column);
    json_t *term;
    size_t i;
    json_array_foreach(terms, i,
                       term) if (strcmp(json_string_value(json_object_get(term, "term")), name) == 0) return i;
    ck_abort_msg("no term %s", name);
}

START_TEST(proportionality_of_every_model_is_what_r_says)
{
    const char *model;
    json_t *reference;
    json_object_foreach(trial_reference("cox.json"), model, reference)
    {
        SCENE(s);
        struct trial t = trial_of(&s.arena, model);
        struct cox_fit f;
        json_t *terms = json_object_get(reference, "ph_test_km_transform");
        size_t term[32], count = json_array_size(terms) - 1;
        struct cox_test tests[32];
        for (size_t j = 0; j < t.width; j++)
            term[j] = term_of(terms, covariate_name(&t, j));
        ck_assert_int_eq(cox_fit(&s.arena, &t.data, &t.model, &f), COX_FITTED);
        cox_proportionality(&t.data, &t.model, &f, term, count, tests, &tests[count]);
        for (size_t i = 0; i <= count; i++) {
            ck_member(json_array_get(terms, i), "chisq", tests[i].chi_square, 1e-8);
            ck_member(json_array_get(terms, i), "df", (double)tests[i].degrees_of_freedom, 0);
            ck_member(json_array_get(terms, i), "p", tests[i].p, 1e-8);
        }
    }
}
END_TEST

static double profile_value(json_t *profile, const char *arm, const char *name)
{
    char first[32];
    const char *colon = strchr(name, ':');
    snprintf(first, sizeof first, "%.*s", (int)(colon ? colon - name : 31), name);
    double value = strncmp(first, "rx", 2) == 0 ? strcmp(first + 2, arm) == 0
                                                : json_number_value(trial_at(profile, "covariates", first, NULL));
    return colon ? value * profile_value(profile, arm, colon + 1) : value;
}

static void ck_profile(const struct cox_fit *f, const double *covariates, json_t *expected)
{
    json_t *point;
    size_t i;
    json_array_foreach(json_object_get(expected, "survival_at"), i, point)
    {
        struct survival_point p;
        double time = json_number_value(json_object_get(point, "time"));
        cox_predict(f, 0, covariates, 0.95, &time, 1, &p);
        ck_member(point, "surv", p.survival, TOLERANCE);
        ck_member(point, "std_err", p.standard_error, TOLERANCE);
        ck_member(point, "lower95", p.lower, TOLERANCE);
        ck_member(point, "upper95", p.upper, TOLERANCE);
    }
    json_array_foreach(json_object_get(expected, "rmst"), i, point)
    {
        double tau = json_number_value(json_object_get(point, "tau"));
        ck_member(point, "rmst", cox_predict_restricted_mean(f, 0, covariates, tau), TOLERANCE);
    }
    ck_member(expected, "median", cox_predict_median(f, 0, covariates), 0);
}

START_TEST(every_profile_has_the_curve_that_r_predicts)
{
    const char *model, *arm;
    json_t *reference, *profile, *expected;
    size_t i;
    json_object_foreach(trial_reference("profiles.json"), model, reference)
    {
        SCENE(s);
        struct trial t = trial_of(&s.arena, model);
        struct cox_fit f;
        ck_assert_int_eq(cox_fit(&s.arena, &t.data, &t.model, &f), COX_FITTED);
        json_array_foreach(json_object_get(reference, "profiles"), i, profile)
        {
            json_object_foreach(json_object_get(profile, "treatments"), arm, expected)
            {
                double covariates[32];
                for (size_t j = 0; j < t.width; j++)
                    covariates[j] = profile_value(profile, arm, covariate_name(&t, j));
                ck_profile(&f, covariates, expected);
            }
        }
    }
}
END_TEST

/* ---- what must be so for any data -------------------------------------------------------------------------------- */

enum { ROWS = 300 };

struct made {
    double start[ROWS], stop[ROWS], weight[ROWS], x[2 * ROWS];
    bool event[ROWS];
    int stratum[ROWS];
    struct survival_data data;
    struct cox_model model;
};

/* Few distinct times when they are whole. */
static void make(struct made *m, bool whole)
{
    *m =
        (struct made){.data = {.count = ROWS, .stop = m->stop, .event = m->event}, .model = {m->x, 2, COX_EFRON, true}};
    for (int i = 0; i < ROWS; i++) {
        m->x[i] = unit_random_between(0, 1);
        m->x[ROWS + i] = unit_random_between(-1000, 1000) / 500.0;
        double time = -log(unit_random_between(1, 999999) / 1e6) * exp(-m->x[i] + 0.5 * m->x[ROWS + i]) * 20;
        m->stop[i] = whole ? ceil(time) : time;
        m->event[i] = unit_random_between(0, 2) > 0;
        m->weight[i] = unit_random_between(1, 3);
        m->stratum[i] = unit_random_between(0, 3);
        m->start[i] = 0;
    }
}

static struct cox_fit fit_of(struct scene *s, const struct survival_data *data, const struct cox_model *model)
{
    struct cox_fit f;
    ck_assert_int_eq(cox_fit(&s->arena, data, model, &f), COX_FITTED);
    return f;
}

static void ck_same(const struct cox_fit *a, const struct cox_fit *b, double tolerance)
{
    for (size_t j = 0; j < a->covariate_count; j++) {
        ck_near(a->coefficient[j], b->coefficient[j], tolerance);
        ck_near(a->std_error[j], b->std_error[j], tolerance);
    }
    for (int time = 1; time < 30; time += 7)
        ck_near(cox_baseline_hazard(a, 0, time), cox_baseline_hazard(b, 0, time), tolerance);
}

START_TEST(a_patient_may_be_cut_into_intervals)
{
    SCENE(s);
    struct made m, cut = {0};
    make(&m, true);
    m.data.count = ROWS / 3;
    m.model.robust = false;
    memmove(m.x + ROWS / 3, m.x + ROWS, ROWS / 3 * sizeof *m.x);
    size_t n = 0, per = ROWS / 3;
    double x[2 * ROWS];
    for (size_t i = 0; i < per; i++)
        for (int part = 0; part < 3 && (part == 0 || m.stop[i] > 4 * part); part++, n++) {
            cut.start[n] = 4 * part;
            cut.stop[n] = part < 2 ? fmin(m.stop[i], 4 * part + 4) : m.stop[i];
            cut.event[n] = m.event[i] && cut.stop[n] == m.stop[i];
            cut.x[n] = m.x[i];
            cut.weight[n] = m.x[per + i];
        }
    memcpy(x, cut.x, n * sizeof *x);
    memcpy(x + n, cut.weight, n * sizeof *x);
    struct survival_data data = {.count = n, .start = cut.start, .stop = cut.stop, .event = cut.event};
    struct cox_model model = {x, 2, COX_EFRON, false};
    struct cox_fit whole = fit_of(&s, &m.data, &m.model), parts = fit_of(&s, &data, &model);
    ck_same(&parts, &whole, 1e-9);
    ck_near(parts.log_likelihood, whole.log_likelihood, 1e-12);
    ck_assert(parts.concordance.concordant == whole.concordance.concordant);
    ck_assert(parts.concordance.discordant == whole.concordance.discordant);
}
END_TEST

/* With Breslow's ties a weight of 2 is the same as two patients; to Efron they are tied with each other. */
START_TEST(a_weight_counts_a_patient_so_many_times)
{
    SCENE(s);
    struct made m;
    make(&m, false);
    static double stop[3 * ROWS], x[6 * ROWS];
    static bool event[3 * ROWS];
    size_t n = 0;
    for (int i = 0; i < ROWS; i++)
        for (int k = 0; k < m.weight[i]; k++, n++) {
            stop[n] = m.stop[i];
            event[n] = m.event[i];
            x[n] = m.x[i];
        }
    for (size_t i = 0, k = n; i < ROWS; i++)
        for (int copy = 0; copy < m.weight[i]; copy++)
            x[k++] = m.x[ROWS + i];
    m.data.weight = m.weight;
    m.model.ties = COX_BRESLOW;
    struct cox_fit weighted = fit_of(&s, &m.data, &m.model);
    struct cox_fit repeated = fit_of(&s, &(struct survival_data){.count = n, .stop = stop, .event = event},
                                     &(struct cox_model){x, 2, COX_BRESLOW, false});
    ck_same(&weighted, &repeated, 1e-9);
    ck_near(weighted.log_likelihood, repeated.log_likelihood, 1e-12);
    ck_near(weighted.concordance.concordant, repeated.concordance.concordant, 0);
    ck_near(weighted.concordance.discordant, repeated.concordance.discordant, 0);
}
END_TEST

/* The sandwich is the sum of squares of what the coefficients would change by if each patient were left out a little.
 */
START_TEST(the_robust_variance_is_that_of_the_infinitesimal_jackknife)
{
    SCENE(s);
    struct made m;
    make(&m, false);
    m.data.weight = m.weight;
    struct cox_fit f = fit_of(&s, &m.data, &m.model);
    double sum[4] = {0};
    for (int i = 0; i < ROWS; i++) {
        double weight = m.weight[i], h = 1e-3 * weight, change[2];
        m.weight[i] = weight + h;
        struct cox_fit more = fit_of(&s, &m.data, &m.model);
        m.weight[i] = weight - h;
        struct cox_fit less = fit_of(&s, &m.data, &m.model);
        m.weight[i] = weight;
        for (int j = 0; j < 2; j++)
            change[j] = (more.coefficient[j] - less.coefficient[j]) / (2 * h) * weight;
        for (int j = 0; j < 4; j++)
            sum[j] += change[j / 2] * change[j % 2];
    }
    for (int j = 0; j < 4; j++)
        ck_near(f.robust_variance[j], sum[j], 1e-5);
    ck_near(f.robust_std_error[1], sqrt(sum[3]), 1e-5);
}
END_TEST

START_TEST(units_and_order_of_the_rows_do_not_matter)
{
    SCENE(s);
    struct made m, turned;
    make(&m, true);
    m.data.stratum = m.stratum;
    m.data.stratum_count = 5; /* the last one has nobody */
    turned = m;
    for (int i = 0; i < ROWS; i++) {
        turned.stop[i] = m.stop[ROWS - 1 - i];
        turned.event[i] = m.event[ROWS - 1 - i];
        turned.stratum[i] = m.stratum[ROWS - 1 - i];
        turned.x[i] = 1e9 + 1e-3 * m.x[ROWS - 1 - i];
        turned.x[ROWS + i] = 1e40 * m.x[2 * ROWS - 1 - i];
    }
    struct survival_data data = {
        .count = ROWS, .stop = turned.stop, .event = turned.event, .stratum = turned.stratum, .stratum_count = 5};
    struct cox_model model = {turned.x, 2, COX_EFRON, true};
    struct cox_fit a = fit_of(&s, &m.data, &m.model), b = fit_of(&s, &data, &model);
    ck_near(b.coefficient[0], 1e3 * a.coefficient[0], 1e-3); /* 1e9 leaves four digits of the thousandth */
    ck_near(b.coefficient[1], 1e-40 * a.coefficient[1], 1e-6);
    ck_near(b.robust_std_error[1], 1e-40 * a.robust_std_error[1], 1e-6);
    ck_near(b.log_likelihood, a.log_likelihood, 1e-8);
    double profile[2] = {1, 0.5}, time = 3;
    struct survival_point p;
    cox_predict(&a, 4, profile, 0.95, &time, 1, &p);
    ck_assert(isnan(p.survival) && isnan(cox_baseline_hazard(&a, 4, 3)) && isnan(cox_predict_median(&a, 4, profile)));
    cox_predict(&a, 0, profile, 0.95, &time, 1, &p);
    ck_assert(p.lower < p.survival && p.survival < p.upper && p.upper <= 1);
}
END_TEST

START_TEST(a_giant_that_leaves_takes_no_digits_along)
{
    SCENE(s);
    struct made m;
    make(&m, true);
    for (int i = 0; i < ROWS; i++) { /* whoever enters at 1000 is of another world and meets nobody of this one */
        m.start[i] = i % 2 ? 1000 : 0;
        m.stop[i] += m.start[i];
        m.x[ROWS + i] = m.x[ROWS + i] + (i % 2 ? -50 : 0);
    }
    m.data.start = m.start;
    struct cox_fit f = fit_of(&s, &m.data, &m.model);
    for (int i = 0; i < ROWS; i++)
        m.stratum[i] = i % 2;
    m.data.stratum = m.stratum;
    m.data.stratum_count = 2;
    struct cox_fit apart = fit_of(&s, &m.data, &m.model);
    ck_near(f.coefficient[0], apart.coefficient[0], 1e-9);
    ck_near(f.coefficient[1], apart.coefficient[1], 1e-9);
    ck_near(f.log_likelihood, apart.log_likelihood, 1e-10);
    ck_near(f.robust_std_error[0], apart.robust_std_error[0], 1e-4); /* from differences of the cumulative hazard */
}
END_TEST

START_TEST(without_covariates_the_baseline_remains)
{
    SCENE(s);
    const struct survival_data data = {
        .count = 4, .stop = (double[]){1, 2, 2, 3}, .event = (bool[]){true, true, false, true}};
    struct cox_fit f = fit_of(&s, &data, &(struct cox_model){.ties = COX_BRESLOW});
    ck_near(cox_baseline_hazard(&f, 0, 2.5), 1 / 4.0 + 1 / 3.0, 1e-15);
    ck_assert(isnan(f.wald.p) && isnan(cox_baseline_hazard(&f, 0, 3.5)) && cox_baseline_hazard(&f, 0, 0.5) == 0);
}
END_TEST

/* ---- what cannot be fitted --------------------------------------------------------------------------------------- */

static void ck_refused(const struct survival_data *data, const struct cox_model *model, enum cox_state state,
                       size_t column)
{
    SCENE(s);
    struct cox_fit f;
    struct cox_test test, global;
    double time = 1;
    struct survival_point p;
    enum cox_state answer = cox_fit(&s.arena, data, model, &f);
    ck_assert_msg(answer == state, "%s", cox_state_text(answer));
    ck_assert_int_eq(f.state, state);
    ck_assert_uint_eq(f.column, column);
    ck_assert(!f.coefficient && strlen(cox_state_text(state)) > 10);
    cox_predict(&f, 0, NULL, 0.95, &time, 1, &p);
    ck_assert(isnan(p.survival) && isnan(cox_predict_restricted_mean(&f, 0, NULL, 1)));
    cox_proportionality(data, model, &f, (size_t[]){0}, 1, &test, &global);
    ck_assert(isnan(test.p) && isnan(global.p));
}

START_TEST(a_fit_that_fails_says_why)
{
    double stop[] = {1, 2, 3, 4, 5, 6}, same[] = {3, 3, 3, 3, 3, 3}, falling[] = {6, 5, 4, 3, 2, 1};
    double mixed[] = {1, 5, 2, 4, 3, 1}, two[] = {1, 5, 2, 4, 3, 1, 3, 11, 5, 9, 7, 3};
    double bad[] = {1, 5, NAN, 4, 3, 1}, huge[] = {1, 5, 1e200, 4, 3, 1}, infinite[] = {1, 5, -INFINITY, 4, 3, 1};
    double arm[] = {1, 5, 2, 4, 3, 1, 0, 0, 0, 1, 1, 1}; /* its second column: those who are never seen to die */
    bool all[] = {true, true, true, true, true, true}, none[6] = {0}, half[] = {true, true, true, false, false, false};
    const struct survival_data data = {.count = 6, .stop = stop, .event = all};
    struct survival_data other = data;

    ck_refused(&(struct survival_data){0}, &(struct cox_model){0}, COX_NO_ROWS, SIZE_MAX);
    ck_refused(&data, &(struct cox_model){same, 1}, COX_CONSTANT, 0);
    ck_refused(&data, &(struct cox_model){two, 2}, COX_COLLINEAR, 1);
    ck_refused(&data, &(struct cox_model){falling, 1}, COX_SEPARATED, 0);
    ck_refused(&data, &(struct cox_model){bad, 1}, COX_NOT_FINITE, 0);
    ck_refused(&data, &(struct cox_model){infinite, 1}, COX_NOT_FINITE, 0);
    ck_refused(&data, &(struct cox_model){huge, 1}, COX_OUT_OF_RANGE, 0);
    ck_refused(&data, &(struct cox_model){mixed, COX_COVARIATES_MAX + 1}, COX_TOO_MANY_COVARIATES, SIZE_MAX);
    other.event = none;
    ck_refused(&other, &(struct cox_model){mixed, 1}, COX_NO_EVENTS, SIZE_MAX);
    other.event = half;
    ck_refused(&other, &(struct cox_model){arm, 2}, COX_SEPARATED, 1);
    other.event = all;
    other.stop = bad;
    ck_refused(&other, &(struct cox_model){mixed, 1}, COX_BAD_DATA, SIZE_MAX);
    other.stop = stop;
    other.weight = (double[6]){0};
    ck_refused(&other, &(struct cox_model){mixed, 1}, COX_NO_ROWS, SIZE_MAX);
    other.weight = NULL;
    other.count = 1; /* one patient */
    ck_refused(&other, &(struct cox_model){mixed, 1}, COX_CONSTANT, 0);
    other.count = 6; /* all died at the same time: nobody outlived anybody */
    other.stop = same;
    SCENE(s);
    struct cox_fit f = fit_of(&s, &other, &(struct cox_model){mixed, 1, COX_BRESLOW, true});
    ck_assert(fabs(f.coefficient[0]) < 1e-12 && isnan(f.concordance.c));
}
END_TEST

START_TEST(strata_of_one_patient_compare_nobody)
{
    const struct survival_data data = {.count = 3,
                                       .stop = (double[]){1, 2, 3},
                                       .event = (bool[]){true, true, true},
                                       .stratum = (int[]){0, 1, 2},
                                       .stratum_count = 3};
    ck_refused(&data, &(struct cox_model){(double[]){1, 5, 2}, 1}, COX_COLLINEAR, 0);
}
END_TEST

/* Small integers make ties, constants and separation likely; whatever comes out is a number or a reason. */
START_TEST(any_small_table_gets_numbers_or_a_reason)
{
    int seen[COX_STATE_COUNT] = {0};
    for (int round = 0; round < 3000; round++) {
        SCENE(s);
        double start[12], stop[12], weight[12], x[24];
        bool event[12];
        size_t n = (size_t)unit_random_between(1, 12);
        for (size_t i = 0; i < n; i++) {
            start[i] = unit_random_between(0, 3);
            stop[i] = start[i] + unit_random_between(1, 4);
            event[i] = unit_random_between(0, 1);
            weight[i] = (double[]){1, 1e-100, 1e100, 0}[unit_random_between(0, 3)];
            x[i] = unit_random_between(0, 2);
            x[n + i] = unit_random_between(0, 1) * (round % 5 ? 1 : 1e90);
        }
        struct survival_data data = {.count = n, .start = round % 2 ? start : NULL, .stop = stop, .event = event};
        if (round % 7 == 0)
            data.weight = weight;
        struct cox_model model = {x, 2, round % 3 ? COX_EFRON : COX_BRESLOW, true};
        struct cox_fit f;
        enum cox_state state = cox_fit(&s.arena, &data, &model, &f);
        seen[state]++;
        for (size_t j = 0; state == COX_FITTED && j < 2; j++)
            ck_assert(isfinite(f.coefficient[j]) && f.std_error[j] > 0 && isfinite(f.robust_std_error[j]));
    }
    ck_assert_int_gt(seen[COX_FITTED], 300);
    ck_assert_int_gt(seen[COX_SEPARATED], 300);
    ck_assert_int_lt(seen[COX_NOT_CONVERGED], 10);
}
END_TEST

int main(void)
{
    return UNIT_TESTS(every_model_of_the_trial_is_what_r_says, proportionality_of_every_model_is_what_r_says,
                      every_profile_has_the_curve_that_r_predicts, a_patient_may_be_cut_into_intervals,
                      a_weight_counts_a_patient_so_many_times,
                      the_robust_variance_is_that_of_the_infinitesimal_jackknife,
                      units_and_order_of_the_rows_do_not_matter, a_giant_that_leaves_takes_no_digits_along,
                      without_covariates_the_baseline_remains, a_fit_that_fails_says_why,
                      strata_of_one_patient_compare_nobody, any_small_table_gets_numbers_or_a_reason);
}
