#include "tests/support/unit.h"

#include "common/science/statistics/logrank.h"
#include "tests/support/trial.h"

#include <math.h>

/* ---- the trial, against R ---------------------------------------------------------------------------------------- */

static void ck_test(json_t *expected, const struct logrank *l)
{
    ck_member(expected, "chisq", l->chi_square, 1e-9);
    ck_member(expected, "df", l->degrees_of_freedom, 0);
    ck_member(expected, "p", l->p, 1e-9);
    size_t i, next = 0;
    json_t *number;
    json_array_foreach(trial_at(expected, "observed", NULL), i, number)
    {
        while (next < l->group_count && l->expected[next] == 0)
            next++; /* the reference leaves out who is not compared */
        ck_assert(next < l->group_count);
        double expectation = json_number_value(json_array_get(trial_at(expected, "expected", NULL), i));
        ck_assert(fabs(l->observed[next] / json_number_value(number) - 1) < 1e-9);
        ck_assert(fabs(l->expected[next] / expectation - 1) < 1e-9);
        next++;
    }
    ck_assert_uint_ge(i, 2);
}

static struct logrank tested(struct scene *s, const struct survival_data *data, double rho)
{
    struct logrank l;
    ck_assert_int_eq(survival_check(data, &s->why), OK);
    logrank_test(data, (struct logrank_options){.rho = rho}, &s->arena, &l);
    return l;
}

START_TEST(logrank_of_the_treatments_agrees_with_r_plain_weighted_and_stratified)
{
    SCENE(s);
    json_t *r = trial_at(trial_reference("curves.json"), "logrank", NULL);
    struct survival_data data = trial_data(&s.arena, NULL, "rx"), plain = data;
    plain.stratum = NULL;
    struct logrank l = tested(&s, &plain, 0);
    ck_test(trial_at(r, "rx", NULL), &l);
    l = tested(&s, &plain, 1);
    ck_test(trial_at(r, "rx_peto_rho1", NULL), &l);
    l = tested(&s, &data, 0);
    ck_test(trial_at(r, "rx_stratified_by_node4", NULL), &l);
}
END_TEST

START_TEST(logrank_of_each_pair_of_treatments_agrees_with_r)
{
    SCENE(s);
    json_t *r = trial_at(trial_reference("curves.json"), "logrank", NULL);
    struct survival_data data = trial_data(&s.arena, NULL, "rx");
    data.stratum = NULL;
    static const struct {
        const char *name;
        int a, b;
    } pairs[] = {{"Obs_vs_Lev", 0, 1}, {"Obs_vs_Lev5FU", 0, 2}, {"Lev_vs_Lev5FU", 2, 1}};
    for (size_t i = 0; i < COUNT(pairs); i++) {
        struct logrank l;
        logrank_pair(&data, pairs[i].a, pairs[i].b, 0, &s.arena, &l);
        ck_test(trial_at(r, pairs[i].name, NULL), &l);
    }
}
END_TEST

START_TEST(logrank_of_traits_agrees_with_r)
{
    SCENE(s);
    json_t *r = trial_at(trial_reference("curves.json"), "logrank", NULL);
    static const char *const traits[] = {"sex", "node4", "extent"}; /* extent begins with 1: group 0 is empty */
    for (size_t i = 0; i < COUNT(traits); i++) {
        struct survival_data data = trial_data(&s.arena, NULL, traits[i]);
        data.stratum = NULL;
        struct logrank l = tested(&s, &data, 0);
        ck_test(trial_at(r, traits[i], NULL), &l);
    }
}
END_TEST

START_TEST(logrank_agrees_with_r_in_every_patient_group)
{
    SCENE(s);
    json_t *r = trial_at(trial_reference("curves.json"), "subgroups", NULL);
    for (size_t i = 0; i < TRIAL_PARTS; i++) {
        struct survival_data data = trial_data(&s.arena, &trial_parts[i], "rx");
        data.stratum = NULL;
        struct logrank l = tested(&s, &data, 0);
        ck_test(trial_at(r, trial_parts[i].name, "logrank", NULL), &l);
    }
}
END_TEST

/* ---- by hand ----------------------------------------------------------------------------------------------------- */

static bool about(double a, double b)
{
    return fabs(a - b) <= 1e-12 * fmax(fabs(a), fabs(b));
}

START_TEST(logrank_counts_late_entries_from_their_entry_on)
{
    SCENE(s);
    const double start[] = {0, 0, 1, 2}, stop[] = {2, 4, 3, 5};
    const bool event[] = {true, false, true, true};
    struct logrank l = tested(
        &s,
        &(struct survival_data){
            .count = 4, .start = start, .stop = stop, .event = event, .group = (int[]){0, 0, 1, 1}, .group_count = 2},
        0);
    /* at 2: rows 0, 1, 2 at risk; at 3: rows 1, 2, 3; at 5: row 3 */
    ck_assert(about(l.expected[0], 2. / 3 + 1. / 3) && about(l.expected[1], 1. / 3 + 2. / 3 + 1));
    ck_assert(about(l.variance[0], 4. / 9) && about(l.variance[1], -4. / 9));
    ck_assert(fabs(l.chi_square) < 1e-12 && l.degrees_of_freedom == 1);
}
END_TEST

START_TEST(logrank_of_entries_at_zero_is_that_without_entries_in_each_stratum)
{
    SCENE(s);
    static double zeros[TRIAL_ROWS], twos[TRIAL_ROWS];
    struct survival_data data = trial_data(&s.arena, NULL, "rx");
    for (size_t i = 0; i < data.count; i++)
        twos[i] = 2;
    for (int half = 0; half <= 2; half++) {
        double rho = half / 2.0;
        struct survival_data late = data, heavy = data;
        late.start = zeros;
        heavy.weight = twos;
        struct logrank a = tested(&s, &data, rho), b = tested(&s, &late, rho), c = tested(&s, &heavy, rho);
        ck_assert(about(a.chi_square, b.chi_square) && about(2 * a.expected[1], c.expected[1]));
    }
}
END_TEST

START_TEST(logrank_says_when_there_is_nothing_to_compare)
{
    SCENE(s);
    const double stop[] = {1, 2, 3, 4};
    const bool all[] = {true, true, true, true}, none[] = {false, false, false, false};
    const int same[] = {0, 0, 0, 0}, two[] = {0, 1, 0, 1};
    const struct survival_data without[] = {
        {0},
        {.count = 1, .stop = stop, .event = all, .group = same, .group_count = 2},
        {.count = 4, .stop = stop, .event = all},
        {.count = 4, .stop = stop, .event = all, .group = same, .group_count = 3},
        {.count = 4, .stop = stop, .event = none, .group = two, .group_count = 2},
        {.count = 4, .stop = (double[]){5, 5, 5, 5}, .event = all, .group = two, .group_count = 2},
        {.count = 4, .stop = stop, .event = all, .group = two, .group_count = 2, .stratum = two, .stratum_count = 2},
        {.count = 4, .stop = stop, .event = all, .weight = (double[4]){0}, .group = two, .group_count = 2},
    };
    for (size_t i = 0; i < COUNT(without); i++) {
        struct logrank l = tested(&s, &without[i], 1);
        ck_assert_msg(isnan(l.chi_square) && isnan(l.p) && l.degrees_of_freedom == 0, "case %zu: %g", i, l.chi_square);
    }
}
END_TEST

START_TEST(logrank_of_an_empty_group_is_that_of_the_others)
{
    SCENE(s);
    const double stop[] = {1, 2, 2, 3, 4, 4};
    const bool event[] = {true, true, false, true, true, true};
    struct logrank a =
        tested(&s,
               &(struct survival_data){
                   .count = 6, .stop = stop, .event = event, .group = (int[]){0, 0, 1, 1, 0, 1}, .group_count = 2},
               0);
    struct logrank b =
        tested(&s,
               &(struct survival_data){
                   .count = 6, .stop = stop, .event = event, .group = (int[]){1, 1, 3, 3, 1, 3}, .group_count = 5},
               0);
    ck_assert(a.degrees_of_freedom == 1 && b.degrees_of_freedom == 1);
    ck_assert(a.chi_square > 0 && about(a.chi_square, b.chi_square) && b.observed[2] == 0 && b.expected[0] == 0);
}
END_TEST

int main(void)
{
    return UNIT_TESTS(logrank_of_the_treatments_agrees_with_r_plain_weighted_and_stratified,
                      logrank_of_each_pair_of_treatments_agrees_with_r, logrank_of_traits_agrees_with_r,
                      logrank_agrees_with_r_in_every_patient_group, logrank_counts_late_entries_from_their_entry_on,
                      logrank_of_entries_at_zero_is_that_without_entries_in_each_stratum,
                      logrank_says_when_there_is_nothing_to_compare, logrank_of_an_empty_group_is_that_of_the_others);
}
