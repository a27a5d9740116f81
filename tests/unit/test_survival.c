#include "tests/support/unit.h"

#include "common/science/statistics/survival.h"
#include "tests/support/trial.h"

#include <math.h>

/* ---- is it data? ------------------------------------------------------------------------------------------------ */

START_TEST(survival_check_passes_sound_columns_and_no_rows_at_all)
{
    SCENE(s);
    const struct survival_data plain = {.count = 3, .stop = (double[]){0, 4, 4}, .event = (bool[]){true, false, true}};
    ck_assert_int_eq(survival_check(&plain, &s.why), OK);
    const struct survival_data full = {.count = 2,
                                       .start = (double[]){0, 2},
                                       .stop = (double[]){2, 3},
                                       .event = (bool[]){true, false},
                                       .weight = (double[]){0, 1.5},
                                       .group = (int[]){1, 0},
                                       .group_count = 2,
                                       .stratum = (int[]){0, 2},
                                       .stratum_count = 3};
    ck_assert_int_eq(survival_check(&full, &s.why), OK);
    ck_assert_int_eq(survival_check(&(struct survival_data){0}, &s.why), OK);
}
END_TEST

START_TEST(survival_check_names_row_and_column_of_each_bad_cell)
{
    SCENE(s);
    const struct survival_data data = {.count = 8,
                                       .start = (double[]){0, 0, 5, NAN, 0, 0, 0, 0},
                                       .stop = (double[]){NAN, INFINITY, 5, 7, 8, 9, 9, 1e101},
                                       .event = (bool[8]){0},
                                       .weight = (double[]){1, 1, 1, 1, -1, 1, 1, 1},
                                       .group = (int[]){0, 0, 0, 0, 0, 2, 0, 0},
                                       .group_count = 2,
                                       .stratum = (int[]){0, 0, 0, 0, 0, 0, -1, 0},
                                       .stratum_count = 1};
    ck_assert_int_eq(survival_check(&data, &s.why), INVALID);
    ck_assert_int_eq(s.why.error_count, 8);
    ck_noted(&s.why, "/stop/0", "number");
    ck_noted(&s.why, "/stop/1", "number");
    ck_noted(&s.why, "/stop/2", "later than start");
    ck_noted(&s.why, "/start/3", "number");
    ck_noted(&s.why, "/weight/4", "number");
    ck_noted(&s.why, "/group/5", "groups");
    ck_noted(&s.why, "/stratum/6", "strata");
    ck_noted(&s.why, "/stop/7", "1e100");
}
END_TEST

START_TEST(survival_check_stops_counting_after_a_hundred_bad_cells)
{
    SCENE(s);
    static double stop[1000];
    static bool event[1000];
    for (size_t row = 0; row < 1000; row++)
        stop[row] = -1;
    ck_assert_int_eq(survival_check(&(struct survival_data){.count = 1000, .stop = stop, .event = event}, &s.why),
                     INVALID);
    ck_assert_int_eq(s.why.error_count, PROBLEM_ERRORS_MAX);
}
END_TEST

/* ---- the trial, against R ---------------------------------------------------------------------------------------- */

static const struct survival_limits by_log = {.level = 0.95, .scale = SURVIVAL_LOG};
static const struct survival_limits by_log_log = {.level = 0.95, .scale = SURVIVAL_LOG_LOG};
static const char *const arms[] = {"Obs", "Lev", "Lev+5FU"};

static void ck_point(json_t *expected, const struct survival_curve *curve)
{
    struct survival_point p = survival_at(curve, json_number_value(json_object_get(expected, "time")));
    ck_assert(!p.beyond_follow_up);
    ck_member(expected, "surv", p.survival, 1e-9);
    ck_member(expected, "std_err", p.standard_error, 1e-9);
    ck_member(expected, "lower95", p.lower, 1e-9);
    ck_member(expected, "upper95", p.upper, 1e-9);
    ck_member(expected, "n_risk", p.at_risk, 0);
}

static void ck_curve(json_t *expected, const struct survival_curve *curve)
{
    ck_member(expected, "n", curve->patients, 0);
    ck_member(expected, "events", curve->events, 0);
    ck_member(expected, "max_time", curve->last_time, 0);
    struct survival_time median = survival_quantile(curve, 0.5);
    ck_member(expected, "median", median.time, 1e-9);
    ck_member(expected, "median_lower95", median.lower, 1e-9);
    ck_member(expected, "median_upper95", median.upper, 1e-9);
    ck_member(expected, "q25", survival_quantile(curve, 0.25).time, 1e-9);
    ck_member(expected, "q75", survival_quantile(curve, 0.75).time, 1e-9);
    size_t i;
    json_t *row;
    ck_assert(json_array_size(trial_at(expected, "survival_at", NULL)) >= 4);
    ck_assert(json_array_size(trial_at(expected, "rmst", NULL)) >= 1);
    json_array_foreach(json_object_get(expected, "survival_at"), i, row) ck_point(row, curve);
    json_array_foreach(json_object_get(expected, "rmst"), i, row)
    {
        struct survival_mean m = survival_restricted_mean(curve, json_number_value(json_object_get(row, "tau")));
        ck_member(row, "rmst", m.mean, 1e-9);
        ck_member(row, "std_err", m.standard_error, 1e-9);
    }
}

static void ck_arms(json_t *expected, const struct survival_data *data, struct survival_limits limits, struct scene *s)
{
    for (int arm = 0; arm < 3; arm++) {
        struct survival_curve curve;
        survival_estimate(data, arm, limits, &s->arena, &curve);
        ck_curve(trial_at(expected, arms[arm], NULL), &curve);
    }
}

START_TEST(survival_curves_of_the_trial_agree_with_r_overall_and_by_treatment)
{
    SCENE(s);
    json_t *r = trial_reference("curves.json");
    struct survival_data data = trial_data(&s.arena, NULL, "rx");
    struct survival_curve all;
    survival_estimate(&data, -1, by_log, &s.arena, &all);
    ck_curve(trial_at(r, "km_overall", NULL), &all);
    ck_arms(trial_at(r, "km_by_rx", NULL), &data, by_log, &s);
    ck_arms(trial_at(r, "km_by_rx_loglog_ci", NULL), &data, by_log_log, &s);
}
END_TEST

START_TEST(survival_curves_agree_with_r_in_every_patient_group)
{
    SCENE(s);
    json_t *r = trial_at(trial_reference("curves.json"), "subgroups", NULL);
    ck_assert_uint_eq(json_object_size(r), TRIAL_PARTS);
    for (size_t i = 0; i < TRIAL_PARTS; i++) {
        struct survival_data data = trial_data(&s.arena, &trial_parts[i], "rx");
        ck_member(trial_at(r, trial_parts[i].name, NULL), "n", (double)data.count, 0);
        ck_arms(trial_at(r, trial_parts[i].name, "km_by_rx", NULL), &data, by_log, &s);
    }
}
END_TEST

/* ---- by hand ----------------------------------------------------------------------------------------------------- */

static struct survival_curve curve_of(struct scene *s, const struct survival_data *data)
{
    struct survival_curve curve;
    ck_assert_int_eq(survival_check(data, &s->why), OK);
    survival_estimate(data, -1, by_log, &s->arena, &curve);
    return curve;
}

static bool about(double a, double b)
{
    return fabs(a - b) <= 1e-12 * fmax(fabs(a), fabs(b));
}

static const double four[] = {1, 2, 3, 4};
static const bool events[] = {true, true, true, true}, censored[] = {false, false, false, false};

START_TEST(survival_median_is_the_middle_of_a_stretch_at_exactly_one_half)
{
    SCENE(s);
    struct survival_curve c = curve_of(&s, &(struct survival_data){.count = 4, .stop = four, .event = events});
    ck_assert(survival_quantile(&c, 0.5).time == 2.5);
    ck_assert(survival_quantile(&c, 0.25).time == 1.5);
    ck_assert(survival_quantile(&c, 0.9).time == 4);
    const bool two[] = {true, true, false, false};
    c = curve_of(&s, &(struct survival_data){.count = 4, .stop = four, .event = two});
    ck_assert(survival_quantile(&c, 0.5).time == 2); /* the stretch ends with the follow-up */
}
END_TEST

START_TEST(survival_counts_late_entries_from_their_entry_on)
{
    SCENE(s);
    const double start[] = {0, 0, 2, 3}, stop[] = {2, 5, 4, 6};
    const bool event[] = {true, true, true, false};
    struct survival_curve c =
        curve_of(&s, &(struct survival_data){.count = 4, .start = start, .stop = stop, .event = event});
    static const double at_risk[] = {2, 3, 2, 1}, survival[] = {1. / 2, 1. / 3, 1. / 6, 1. / 6};
    ck_assert_uint_eq(c.step_count, 4);
    for (size_t i = 0; i < 4; i++)
        ck_assert(c.steps[i].at_risk == at_risk[i] && about(c.steps[i].survival, survival[i]));
    static const double risk_at[] = {2, 2, 2, 2, 3, 2, 1, 0}; /* at 0, 1, .. 7 */
    ck_assert(survival_at(&c, 2.5).at_risk == 2);
    ck_assert(survival_at(&c, 3).at_risk == 2);
    ck_assert(survival_at(&c, 3.5).at_risk == 3);
    for (int t = 1; t < 8; t++)
        ck_assert_msg(survival_at(&c, t).at_risk == risk_at[t], "at %d: %g", t, survival_at(&c, t).at_risk);
}
END_TEST

START_TEST(survival_weights_count_patients)
{
    SCENE(s);
    const double stop[] = {1, 2, 2, 3, 5}, weight[] = {2, 1, 3, 0, 2};
    const bool event[] = {true, true, false, true, true};
    const double each[] = {1, 1, 2, 2, 2, 2, 5, 5};
    const bool each_event[] = {true, true, true, false, false, false, true, true};
    struct survival_curve a =
        curve_of(&s, &(struct survival_data){.count = 5, .stop = stop, .event = event, .weight = weight});
    struct survival_curve b = curve_of(&s, &(struct survival_data){.count = 8, .stop = each, .event = each_event});
    ck_assert_uint_eq(a.step_count, b.step_count);
    ck_assert(a.rows == 4 && a.patients == 8 && a.events == b.events);
    for (size_t i = 0; i < a.step_count; i++)
        ck_assert(a.steps[i].at_risk == b.steps[i].at_risk && a.steps[i].events == b.steps[i].events &&
                  a.steps[i].censored == b.steps[i].censored && a.steps[i].survival == b.steps[i].survival);
    ck_assert(about(survival_restricted_mean(&a, 4).standard_error, survival_restricted_mean(&b, 4).standard_error));
}
END_TEST

START_TEST(survival_says_so_beyond_the_last_follow_up)
{
    SCENE(s);
    struct survival_curve c = curve_of(&s, &(struct survival_data){.count = 4, .stop = four, .event = censored});
    ck_assert(!survival_at(&c, 4).beyond_follow_up && survival_at(&c, 4).survival == 1);
    ck_assert(survival_at(&c, 4.5).beyond_follow_up && isnan(survival_at(&c, 4.5).survival));
    ck_assert(!survival_restricted_mean(&c, 4).beyond_follow_up && survival_restricted_mean(&c, 4).mean == 4);
    ck_assert(survival_restricted_mean(&c, 4.5).beyond_follow_up && isnan(survival_restricted_mean(&c, 4.5).mean));
    ck_assert(isnan(survival_quantile(&c, 0.5).time));

    c = curve_of(&s, &(struct survival_data){.count = 4, .stop = four, .event = events}); /* nobody is left: known */
    ck_assert(!survival_at(&c, 9).beyond_follow_up && survival_at(&c, 9).survival == 0);
    ck_assert(isnan(survival_at(&c, 9).standard_error) && isnan(survival_at(&c, 9).upper));
    ck_assert(about(survival_restricted_mean(&c, 9).mean, 2.5));
}
END_TEST

START_TEST(survival_answers_for_nobody_for_one_and_for_one_time)
{
    SCENE(s);
    struct survival_curve c = curve_of(&s, &(struct survival_data){0});
    ck_assert(c.step_count == 0 && c.patients == 0 && isnan(c.last_time));
    ck_assert(survival_at(&c, 0).beyond_follow_up && survival_at(&c, 0).at_risk == 0);
    ck_assert(survival_restricted_mean(&c, 1).beyond_follow_up && isnan(survival_quantile(&c, 0.5).time));

    c = curve_of(&s, &(struct survival_data){.count = 1, .stop = four, .event = events});
    ck_assert(c.steps[0].survival == 0 && survival_quantile(&c, 0.5).time == 1);
    ck_assert(survival_restricted_mean(&c, 3).mean == 1 && survival_restricted_mean(&c, 3).standard_error == 0);
    c = curve_of(&s, &(struct survival_data){.count = 1, .stop = (double[]){0}, .event = events});
    ck_assert(survival_at(&c, 0).survival == 0 && survival_restricted_mean(&c, 3).mean == 0);

    const double same[] = {7, 7, 7, 7};
    const bool half[] = {true, false, true, false};
    c = curve_of(&s, &(struct survival_data){.count = 4, .stop = same, .event = half});
    ck_assert(c.step_count == 1 && c.steps[0].survival == 0.5 && survival_quantile(&c, 0.5).time == 7);
    ck_assert(c.steps[0].events == 2 && c.steps[0].censored == 2 && c.steps[0].at_risk == 4);
}
END_TEST

START_TEST(survival_of_an_empty_group_is_no_curve)
{
    SCENE(s);
    const int group[] = {0, 2, 0, 2};
    const struct survival_data data = {.count = 4, .stop = four, .event = events, .group = group, .group_count = 3};
    struct survival_curve c;
    survival_estimate(&data, 1, by_log, &s.arena, &c);
    ck_assert(c.step_count == 0 && survival_restricted_mean(&c, 1).beyond_follow_up);
    survival_estimate(&data, 2, by_log, &s.arena, &c);
    ck_assert(c.step_count == 2 && c.last_time == 4);
}
END_TEST

START_TEST(survival_of_huge_and_tiny_values_is_finite)
{
    SCENE(s);
    const double stop[] = {1e-300, 1e99, 1e100, 1e100}, weight[] = {1e100, 1e-100, 1, 1e100};
    const bool event[] = {true, true, true, false};
    struct survival_curve c =
        curve_of(&s, &(struct survival_data){.count = 4, .stop = stop, .event = event, .weight = weight});
    struct survival_mean m = survival_restricted_mean(&c, 1e100);
    ck_assert(isfinite(m.mean) && isfinite(m.standard_error));
    for (size_t i = 0; i < c.step_count; i++)
        ck_assert(isfinite(c.steps[i].lower) && isfinite(c.steps[i].upper) && c.steps[i].at_risk > 0);
}
END_TEST

/* Sums of the same numbers in another order differ in their last digits. */
START_TEST(survival_of_weights_is_the_same_to_the_last_digit_however_the_rows_come)
{
    SCENE(s);
    enum { ROWS = 300 };
    double stop[2][ROWS], weight[2][ROWS];
    bool event[2][ROWS];
    for (int i = 0; i < ROWS; i++) {
        int back = ROWS - 1 - i;
        stop[0][i] = stop[1][back] = i % 7;
        event[0][i] = event[1][back] = i % 3 > 0;
        weight[0][i] = weight[1][back] = 1.0 / (i + 3);
    }
    struct survival_curve c[2];
    for (int i = 0; i < 2; i++)
        c[i] = curve_of(
            &s, &(struct survival_data){.count = ROWS, .stop = stop[i], .event = event[i], .weight = weight[i]});
    for (size_t k = 0; k < c[0].step_count; k++) {
        const struct survival_step *a = &c[0].steps[k], *b = &c[1].steps[k];
        ck_assert(a->at_risk == b->at_risk && a->survival == b->survival && a->events == b->events);
    }
}
END_TEST

int main(void)
{
    return UNIT_TESTS(survival_check_passes_sound_columns_and_no_rows_at_all,
                      survival_check_names_row_and_column_of_each_bad_cell,
                      survival_check_stops_counting_after_a_hundred_bad_cells,
                      survival_curves_of_the_trial_agree_with_r_overall_and_by_treatment,
                      survival_curves_agree_with_r_in_every_patient_group,
                      survival_median_is_the_middle_of_a_stretch_at_exactly_one_half,
                      survival_counts_late_entries_from_their_entry_on, survival_weights_count_patients,
                      survival_says_so_beyond_the_last_follow_up, survival_answers_for_nobody_for_one_and_for_one_time,
                      survival_of_an_empty_group_is_no_curve, survival_of_huge_and_tiny_values_is_finite,
                      survival_of_weights_is_the_same_to_the_last_digit_however_the_rows_come);
}
