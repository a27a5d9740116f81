/* Reference values: R 4.2.2, nnet 7.3-18, on tests/data/survival/colon_death.csv:
 *     multinom(rx ~ ..., d, maxit = 1000, reltol = 1e-15, abstol = 1e-12, Hess = TRUE)
 * whose optimiser comes within 1e-6 of the maximum; and numbers that can be had on paper. */
#include "common/science/statistics/multinomial.h"
#include "tests/support/trial.h"
#include "tests/support/unit.h"

#include <math.h>

static void ck_near(double value, double expected, double tolerance)
{
    ck_assert_msg(fabs(value - expected) <= tolerance * fmax(1, fabs(expected)), "%.12g instead of %.12g", value,
                  expected);
}

/* The trial's arms by covariates, complete rows only. */
static struct multinomial_data arms_by(struct arena *a, const char *const *names, size_t count, double *weight)
{
    double *covariates = arena_alloc(a, TRIAL_ROWS * count * sizeof *covariates);
    int *outcome = arena_alloc(a, TRIAL_ROWS * sizeof *outcome);
    size_t rows = 0;
    for (int pass = 0; pass < 2; pass++) { /* counts, then fills */
        size_t row = 0;
        for (size_t i = 0; i < TRIAL_ROWS; i++) {
            if (isnan(trial_column("nodes")[i]) || isnan(trial_column("differ")[i]))
                continue;
            for (size_t j = 0; pass && j < count; j++)
                covariates[j * rows + row] = trial_column(names[j])[i];
            weight[row] = fmod(trial_column("age")[i], 3) + 1;
            outcome[row++] = (int)trial_column("rx")[i];
        }
        rows = row;
    }
    return (struct multinomial_data){
        .count = rows, .outcome_count = 3, .covariate_count = count, .outcome = outcome, .covariates = covariates};
}

START_TEST(multinomial_is_what_r_says)
{
    SCENE(s);
    static const double coefficient[] = {
        0.148787909095,   0.134346867572,   0.00417653164982, -0.0251464245041, 0.1663560080134,  0.0573803194752,
        -0.0214678602247, -0.2592340062644, 0.0324915157908,  -0.185573157624,  0.1907810888510,  0.221823682979,
        -0.253656956662,  0.00236227465074, -0.1736991490338, 0.0563457009363,  -0.1429611797581, -0.0387838256890,
        0.0770836353196,  -0.0706798516344, -0.241517227218,  0.0379818218299};
    static const double error[] = {0.731590545691, 0.165188425130,  0.00697017923657, 0.207361646577,  0.477218366623,
                                   0.235306810644, 0.0349604216421, 0.165158699257,   0.178156703967,  0.183887663716,
                                   0.285525725282, 0.724560087516,  0.165442307036,   0.00699271997959};
    double weight[TRIAL_ROWS];
    struct multinomial_data data = arms_by(&s.arena, trial_covariates, TRIAL_COVARIATES, weight);
    struct multinomial_fit fit;
    ck_assert_int_eq(multinomial_fit(&s.arena, &data, &fit), MULTINOMIAL_FITTED);
    ck_assert(fit.logits == 2 && fit.width == 11 && data.count == 888);
    for (size_t j = 0; j < COUNT(coefficient); j++)
        ck_near(fit.coefficient[j], coefficient[j], 1e-6);
    for (size_t j = 0; j < COUNT(error); j++)
        ck_near(fit.std_error[j], error[j], 1e-6);
    ck_near(fit.log_likelihood, -967.294986143, 1e-11);
}
END_TEST

START_TEST(multinomial_counts_weights_as_r_does)
{
    SCENE(s);
    static const char *const names[] = {"sex", "age", "node4"};
    static const double coefficient[] = {-0.1859049260972, 0.0125700974625,  0.002452789282281, -0.0683001684863,
                                         0.0936662294347,  -0.2881850637609, 0.000551765113672, -0.2492678888452};
    static const double error[] = {0.316755672602, 0.115752412673, 0.00496642069624, 0.129944813247,
                                   0.317687557808, 0.116626070225, 0.00500954403372, 0.134139030781};
    double weight[TRIAL_ROWS];
    struct multinomial_data data = arms_by(&s.arena, names, 3, weight);
    data.weight = weight;
    struct multinomial_fit fit;
    ck_assert_int_eq(multinomial_fit(&s.arena, &data, &fit), MULTINOMIAL_FITTED);
    for (size_t j = 0; j < COUNT(coefficient); j++) {
        ck_near(fit.coefficient[j], coefficient[j], 1e-6);
        ck_near(fit.std_error[j], error[j], 1e-6);
    }
    ck_near(fit.log_likelihood, -1954.10049923, 1e-11);
}
END_TEST

START_TEST(multinomial_of_a_table_is_the_log_odds_of_its_cells)
{
    SCENE(s);
    /* x 0: 4, 2, 1 rows of the outcomes; x 1: 3, 6, 5. */
    static const int cells[2][3] = {{4, 2, 1}, {3, 6, 5}};
    int outcome[6];
    double x[6], weight[6];
    for (int i = 0; i < 6; i++) {
        int row = i < 3 ? 0 : 1;
        outcome[i] = i % 3;
        x[i] = row;
        weight[i] = cells[row][i % 3];
    }
    struct multinomial_data data = {
        .count = 6, .outcome_count = 3, .covariate_count = 1, .outcome = outcome, .covariates = x, .weight = weight};
    struct multinomial_fit fit;
    ck_assert_int_eq(multinomial_fit(&s.arena, &data, &fit), MULTINOMIAL_FITTED);
    ck_near(fit.coefficient[0], log(2.0 / 4), 1e-10);
    ck_near(fit.coefficient[1], log(6.0 / 3) - log(2.0 / 4), 1e-10);
    ck_near(fit.coefficient[2], log(1.0 / 4), 1e-10);
    ck_near(fit.coefficient[3], log(5.0 / 3) - log(1.0 / 4), 1e-10);
    ck_near(fit.std_error[0], sqrt(1.0 / 2 + 1.0 / 4), 1e-10); /* Woolf 1955 */
    ck_near(fit.std_error[3], sqrt(1.0 / 5 + 1.0 / 3 + 1.0 + 1.0 / 4), 1e-10);
    for (int k = 0; k < 3; k++) {
        ck_near(fit.probability[k], cells[0][k] / 7.0, 1e-10);
        ck_near(fit.probability[9 + k], cells[1][k] / 14.0, 1e-10);
    }
}
END_TEST

START_TEST(multinomial_does_as_well_with_years_as_with_fractions)
{
    SCENE(s);
    double x[60], year[60];
    int outcome[60];
    struct multinomial_fit small, large;
    for (int i = 0; i < 60; i++) {
        x[i] = unit_random_between(0, 1000) / 1000.0;
        year[i] = 1e7 + 1e4 * x[i];
        outcome[i] = i < 3 ? i : unit_random_between(0, 2);
    }
    struct multinomial_data data = {
        .count = 60, .outcome_count = 3, .covariate_count = 1, .outcome = outcome, .covariates = x};
    ck_assert_int_eq(multinomial_fit(&s.arena, &data, &small), MULTINOMIAL_FITTED);
    data.covariates = year;
    ck_assert_int_eq(multinomial_fit(&s.arena, &data, &large), MULTINOMIAL_FITTED);
    ck_near(large.log_likelihood, small.log_likelihood, 1e-11);
    ck_near(large.coefficient[1] * 1e4, small.coefficient[1], 1e-7);
}
END_TEST

static enum multinomial_state state_of(struct multinomial_data data, size_t *column)
{
    SCENE(s);
    struct multinomial_fit fit;
    enum multinomial_state state = multinomial_fit(&s.arena, &data, &fit);
    *column = fit.column;
    ck_assert(state == MULTINOMIAL_FITTED || fit.coefficient == NULL);
    return state;
}

START_TEST(multinomial_says_which_covariate_separates)
{
    size_t column;
    int outcome[40];
    double x[80];
    for (int i = 0; i < 40; i++) {
        outcome[i] = i % 2;
        x[i] = unit_random_between(0, 9);
        x[40 + i] = outcome[i] == 0 ? i : 100 + i;
    }
    struct multinomial_data data = {
        .count = 40, .outcome_count = 2, .covariate_count = 2, .outcome = outcome, .covariates = x};
    ck_assert_int_eq(state_of(data, &column), MULTINOMIAL_SEPARATED);
    ck_assert_uint_eq(column, 1);
    for (int i = 0; i < 40; i++) /* only one side is certain: who has it got 1 */
        x[40 + i] = outcome[i] == 1 && i < 20;
    ck_assert_int_eq(state_of(data, &column), MULTINOMIAL_SEPARATED);
    ck_assert_uint_eq(column, 1);
}
END_TEST

START_TEST(multinomial_says_why_there_is_no_model)
{
    size_t column;
    int outcome[] = {0, 1, 0, 1, 1, 0};
    double x[] = {1, 2, 3, 4, 5, 7, 2, 4, 6, 8, 10, 14};
    struct multinomial_data data = {
        .count = 6, .outcome_count = 2, .covariate_count = 2, .outcome = outcome, .covariates = x};
    ck_assert_int_eq(state_of(data, &column), MULTINOMIAL_COLLINEAR);
    ck_assert_uint_eq(column, 1);
    x[3] = NAN;
    ck_assert_int_eq(state_of(data, &column), MULTINOMIAL_NOT_FINITE);
    x[3] = 1e200;
    ck_assert_int_eq(state_of(data, &column), MULTINOMIAL_NOT_FINITE);
    data.outcome_count = 3;
    ck_assert_int_eq(state_of(data, &column), MULTINOMIAL_EMPTY_OUTCOME);
    data.outcome_count = 1;
    data.count = 0;
    ck_assert_int_eq(state_of(data, &column), MULTINOMIAL_NO_ROWS);
    for (int i = 0; i < MULTINOMIAL_STATES; i++)
        ck_assert_ptr_nonnull(multinomial_state_text((enum multinomial_state)i));
}
END_TEST

int main(void)
{
    return UNIT_TESTS(multinomial_is_what_r_says, multinomial_counts_weights_as_r_does,
                      multinomial_of_a_table_is_the_log_odds_of_its_cells,
                      multinomial_does_as_well_with_years_as_with_fractions, multinomial_says_which_covariate_separates,
                      multinomial_says_why_there_is_no_model);
}
