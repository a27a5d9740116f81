#include "common/science/mmse/mixed.h"
#include "common/science/statistics/random.h"
#include "tests/support/simulated.h"
#include "tests/support/unit.h"

#include <math.h>
#include <string.h>

/* ---- what the model says, by matrices as large as a subject has visits ------------------------------------------- */

enum { MAX = 20 };

struct dense {
    size_t n;
    double x[MAX][MIXED_EFFECTS], l[MAX][MAX], y[MAX];
};

static void fixed_row(const struct mixed *m, double male, double education, double age, double out[MIXED_EFFECTS])
{
    out[0] = 1;
    out[1] = (age - 75) / 10;
    out[2] = isnan(male) ? m->mean_male : male;
    out[3] = isnan(education) ? m->mean_education : education;
}

static double covariance(const struct mixed *m, double a, double b)
{
    return m->d00 + m->d01 * (a + b) + m->d11 * a * b;
}

static void factor(double l[MAX][MAX], size_t n)
{
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j <= i; j++) {
            double sum = l[i][j];
            for (size_t k = 0; k < j; k++)
                sum -= l[i][k] * l[j][k];
            l[i][j] = i == j ? sqrt(sum) : sum / l[j][j];
        }
}

static void solve(double l[MAX][MAX], size_t n, double *v)
{
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < i; j++)
            v[i] -= l[i][j] * v[j];
        v[i] /= l[i][i];
    }
}

static struct dense dense_of(const struct mixed *m, double male, double education, const struct visit *visits, size_t n)
{
    struct dense d = {.n = n};
    for (size_t i = 0; i < n; i++) {
        fixed_row(m, male, education, visits[i].age, d.x[i]);
        d.y[i] = visits[i].score;
        for (int j = 0; j < MIXED_EFFECTS; j++)
            d.y[i] -= d.x[i][j] * m->fixed[j];
        for (size_t j = 0; j <= i; j++)
            d.l[i][j] = covariance(m, d.x[i][1], d.x[j][1]) + (i == j ? m->sigma2 : 0);
    }
    factor(d.l, n);
    return d;
}

static double dense_log_likelihood(const struct mixed *m, const struct cohort *c)
{
    double sum = 0, information[MAX][MAX] = {{0}};
    for (size_t s = 0; s < c->count; s++) {
        const struct subject *who = &c->subjects[s];
        struct dense d = dense_of(m, who->male, who->education, who->visits, who->count);
        double half[MIXED_EFFECTS][MAX];
        solve(d.l, d.n, d.y);
        for (int j = 0; j < MIXED_EFFECTS; j++) {
            for (size_t i = 0; i < d.n; i++)
                half[j][i] = d.x[i][j];
            solve(d.l, d.n, half[j]);
            for (int k = 0; k <= j; k++)
                for (size_t i = 0; i < d.n; i++)
                    information[j][k] += half[j][i] * half[k][i];
        }
        for (size_t i = 0; i < d.n; i++)
            sum -= log(2 * M_PI) / 2 + log(d.l[i][i]) + d.y[i] * d.y[i] / 2;
    }
    if (!m->reml)
        return sum;
    factor(information, MIXED_EFFECTS);
    for (int j = 0; j < MIXED_EFFECTS; j++)
        sum += log(2 * M_PI) / 2 - log(information[j][j]);
    return sum;
}

static double dense_prediction(const struct mixed *m, const struct known *k)
{
    struct dense d = dense_of(m, k->male, k->education, k->visits, k->count);
    double target[MIXED_EFFECTS], with[MAX], sum = 0;
    fixed_row(m, k->male, k->education, k->target_age, target);
    for (size_t i = 0; i < d.n; i++)
        with[i] = covariance(m, target[1], d.x[i][1]);
    solve(d.l, d.n, d.y);
    solve(d.l, d.n, with);
    for (int j = 0; j < MIXED_EFFECTS; j++)
        sum += target[j] * m->fixed[j];
    for (size_t i = 0; i < d.n; i++)
        sum += with[i] * d.y[i];
    return sum;
}

/* ---- scenes ------------------------------------------------------------------------------------------------------ */

static struct mixed fitted(struct scene *s, const struct cohort *c, bool reml)
{
    struct mixed m;
    ck_assert(mixed_fit(&s->arena, c, reml, NULL, &m));
    return m;
}

static void ck_is_a_maximum(const struct mixed *m, const struct cohort *c)
{
    double at = dense_log_likelihood(m, c);
    ck_assert_double_eq_tol(m->log_likelihood, at, 1e-7);
    double *const parameters[] = {&((struct mixed *)(uintptr_t)m)->d00,      &((struct mixed *)(uintptr_t)m)->d01,
                                  &((struct mixed *)(uintptr_t)m)->d11,      &((struct mixed *)(uintptr_t)m)->sigma2,
                                  &((struct mixed *)(uintptr_t)m)->fixed[0], &((struct mixed *)(uintptr_t)m)->fixed[1],
                                  &((struct mixed *)(uintptr_t)m)->fixed[3]};
    for (size_t i = 0; i < COUNT(parameters); i++)
        for (int sign = -1; sign <= 1; sign += 2) {
            double before = *parameters[i];
            *parameters[i] += sign * (0.003 * fabs(before) + 1e-4);
            ck_assert_msg(dense_log_likelihood(m, c) < at + 1e-9, "parameter %zu is not at its best", i);
            *parameters[i] = before;
        }
}

START_TEST(mixed_finds_the_maximum_of_the_likelihood)
{
    SCENE(s);
    struct cohort c = simulated_cohort(&s.arena, 300, 11);
    struct mixed m = fitted(&s, &c, false);
    ck_is_a_maximum(&m, &c);
}
END_TEST

START_TEST(mixed_finds_the_maximum_of_the_restricted_likelihood)
{
    SCENE(s);
    struct cohort c = simulated_cohort(&s.arena, 60, 12);
    struct mixed ml = fitted(&s, &c, false), reml = fitted(&s, &c, true);
    double at = dense_log_likelihood(&reml, &c);
    ck_assert_double_eq_tol(reml.log_likelihood, at, 1e-7);
    ck_assert(reml.sigma2 + reml.d00 + reml.d11 > ml.sigma2 + ml.d00 + ml.d11);
    struct mixed other = ml;
    other.reml = true;
    ck_assert(dense_log_likelihood(&other, &c) < at);
}
END_TEST

START_TEST(mixed_finds_again_what_the_scores_were_made_from)
{
    SCENE(s);
    enum { SUBJECTS = 4000, VISITS = 5 };
    struct random random = random_from(5);
    struct visit_row *rows = arena_alloc(&s.arena, SUBJECTS * VISITS * sizeof *rows);
    for (size_t i = 0, row = 0; i < SUBJECTS; i++) {
        double u0 = 0.8 * random_normal(&random), u1 = 0.5 * u0 + 0.6 * random_normal(&random);
        for (int v = 0; v < VISITS; v++, row++) {
            double age = 70 + 3 * v, a = (age - 75) / 10, error = 0.7 * random_normal(&random);
            double score = 15 - a + 0.5 * (double)(i % 2) + (double)(i % 3 == 0) + u0 + u1 * a + error;
            rows[row] =
                (struct visit_row){arena_printf(&s.arena, "%zu", i), {age, score}, (double)(i % 2), i % 3 == 0, 0};
        }
    }
    struct cohort c;
    ck_assert_int_eq(cohort_make(&s.arena, rows, SUBJECTS * VISITS, &c, &s.why), OK);
    struct mixed m = fitted(&s, &c, false);
    ck_assert_double_eq_tol(m.fixed[0], 15, 0.1);
    ck_assert_double_eq_tol(m.fixed[1], -1, 0.1);
    ck_assert_double_eq_tol(m.fixed[2], 0.5, 0.1);
    ck_assert_double_eq_tol(m.fixed[3], 1, 0.1);
    ck_assert_double_eq_tol(m.d00, 0.64, 0.06);
    ck_assert_double_eq_tol(m.d01, 0.32, 0.06);
    ck_assert_double_eq_tol(m.d11, 0.52, 0.06);
    ck_assert_double_eq_tol(m.sigma2, 0.49, 0.02);
}
END_TEST

START_TEST(mixed_predicts_as_the_formula_with_large_matrices_does)
{
    SCENE(s);
    struct cohort c = simulated_cohort(&s.arena, 200, 13);
    struct mixed m = fitted(&s, &c, false);
    for (size_t i = 0; i < c.count; i++) {
        if (c.subjects[i].count < 2)
            continue;
        struct known k = known_before(&c.subjects[i], c.subjects[i].count - 1, NULL);
        ck_assert_double_eq_tol(mixed_predict(&m, &k), dense_prediction(&m, &k), 1e-10);
    }
}
END_TEST

START_TEST(mixed_ends_at_the_same_maximum_wherever_it_begins)
{
    SCENE(s);
    struct cohort c = simulated_cohort(&s.arena, 200, 14);
    struct mixed cold = fitted(&s, &c, false), warm, odd = {.sigma2 = 1, .d00 = 0, .d11 = 40}, from_odd;
    ck_assert(mixed_fit(&s.arena, &c, false, &cold, &warm) && mixed_fit(&s.arena, &c, false, &odd, &from_odd));
    ck_assert_double_eq_tol(warm.log_likelihood, cold.log_likelihood, 1e-6);
    ck_assert_double_eq_tol(from_odd.log_likelihood, cold.log_likelihood, 1e-6);
    ck_assert(warm.steps < cold.steps);
}
END_TEST

/* One score for everybody: nothing varies, and nothing is divided by it. */
START_TEST(mixed_takes_constant_scores_as_they_are)
{
    SCENE(s);
    struct cohort c = simulated_cohort(&s.arena, 100, 15);
    for (size_t i = 0; i < c.count; i++)
        for (size_t v = 0; v < c.subjects[i].count; v++)
            ((struct visit *)(uintptr_t)c.subjects[i].visits)[v].score = 24;
    struct mixed m = fitted(&s, &c, false);
    struct known k = known_before(&c.subjects[1], c.subjects[1].count - 1, NULL);
    ck_assert(m.sigma2 == 0 && isnan(m.log_likelihood));
    ck_assert_double_eq_tol(mixed_predict(&m, &k), 24, 1e-9);
}
END_TEST

/* Everybody has a score, and keeps it: nothing is left for the errors, and the likelihood has no bound. */
START_TEST(mixed_takes_scores_that_are_constant_for_each_person)
{
    SCENE(s);
    struct cohort c = simulated_cohort(&s.arena, 100, 18);
    for (size_t i = 0; i < c.count; i++)
        for (size_t v = 0; v < c.subjects[i].count; v++)
            ((struct visit *)(uintptr_t)c.subjects[i].visits)[v].score = (double)(10 + i * 7 % 20);
    struct mixed m = fitted(&s, &c, false);
    ck_assert(isnan(m.log_likelihood) && m.d00 > 1);
    for (size_t i = 0; i < c.count; i++) {
        if (c.subjects[i].count < 3)
            continue;
        struct known k = known_before(&c.subjects[i], c.subjects[i].count - 1, NULL);
        ck_assert_double_eq_tol(mixed_predict(&m, &k), known_last(&k)->score, 0.01);
    }
}
END_TEST

START_TEST(mixed_leaves_out_what_follows_from_other_columns)
{
    SCENE(s);
    struct cohort c = simulated_cohort(&s.arena, 100, 16);
    for (size_t i = 0; i < c.count; i++)
        ((struct subject *)(uintptr_t)c.subjects)[i].education = NAN;
    struct mixed m = fitted(&s, &c, false);
    ck_assert(m.fixed[3] == 0 && m.sigma2 > 0 && m.log_likelihood < 0);
    for (size_t i = 0; i < c.count; i++)
        ((struct subject *)(uintptr_t)c.subjects)[i].education = 7;
    struct mixed same = fitted(&s, &c, false);
    ck_assert(same.fixed[3] == 0);
    ck_assert_double_eq_tol(same.log_likelihood, m.log_likelihood, 1e-9);
}
END_TEST

START_TEST(mixed_of_single_visits_has_a_likelihood_all_the_same)
{
    SCENE(s);
    struct cohort c = simulated_cohort(&s.arena, 200, 17);
    for (size_t i = 0; i < c.count; i++)
        ((struct subject *)(uintptr_t)c.subjects)[i].count = 1;
    c.visit_count = c.count;
    struct mixed m = fitted(&s, &c, false);
    ck_assert_double_eq_tol(m.log_likelihood, dense_log_likelihood(&m, &c), 1e-7);
}
END_TEST

int main(void)
{
    return UNIT_TESTS(
        mixed_finds_the_maximum_of_the_likelihood, mixed_finds_the_maximum_of_the_restricted_likelihood,
        mixed_finds_again_what_the_scores_were_made_from, mixed_predicts_as_the_formula_with_large_matrices_does,
        mixed_ends_at_the_same_maximum_wherever_it_begins, mixed_takes_constant_scores_as_they_are,
        mixed_takes_scores_that_are_constant_for_each_person, mixed_leaves_out_what_follows_from_other_columns,
        mixed_of_single_visits_has_a_likelihood_all_the_same);
}
