#include "tests/support/unit.h"

#include "services/analytics/comparison/cohort_rule.h"
#include "services/analytics/comparison/trait.h"

#include <math.h>
#include <string.h>

#define K NAN

/* Age, side (0 right, 1 left) and grading of six patients, and of the one they are compared with: 60, left, 2. */
static const double age[] = {40, 58, 80, 60, K, K};
static const double side[] = {1, 1, 0, K, 1, K};
static const double grading[] = {2, 1, 2, 2, K, K};
enum { PATIENTS = COUNT(age) };

static const struct cohort_criterion criteria[] = {
    {.values = age, .wanted = 60, .is_number = true, .near = 5},
    {.values = side, .wanted = 1},
    {.values = grading, .wanted = 2},
};

static const char *chosen(enum cohort_rule rule, size_t count, size_t k)
{
    static char text[PATIENTS + 1];
    double distance[PATIENTS];
    bool in[PATIENTS];
    memset(in, true, sizeof in);
    size_t left = cohort_rule_choose(rule, criteria, count, PATIENTS, k, distance, in), counted = 0;
    for (size_t i = 0; i < PATIENTS; i++) {
        counted += in[i];
        text[i] = in[i] ? 'x' : '.';
    }
    ck_assert_uint_eq(left, counted);
    return text;
}

START_TEST(all_takes_everybody_and_any_takes_patients_who_share_a_trait)
{
    ck_assert_str_eq(chosen(COHORT_ALL, 3, 0), "xxxxxx");
    ck_assert_str_eq(chosen(COHORT_ANY, 3, 0), "xxxxx.");
    ck_assert_str_eq(chosen(COHORT_ANY, 1, 0), ".x.x..");
}
END_TEST

START_TEST(all_of_takes_patients_who_share_each_trait_and_no_unknowns)
{
    ck_assert_str_eq(chosen(COHORT_ALL_OF, 1, 0), ".x.x..");
    ck_assert_str_eq(chosen(COHORT_ALL_OF, 2, 0), ".x....");
    ck_assert_str_eq(chosen(COHORT_ALL_OF, 3, 0), "......");
}
END_TEST

/* By hand, with the range of age 80 - 40: 20/40 of one of three; 2/40 and 1; 20/40 and 1; 0 of two; 0 of one; none. */
START_TEST(gowers_distance_is_the_mean_unlikeness_over_what_is_known_of_both)
{
    double distance[PATIENTS];
    cohort_rule_distances(criteria, COUNT(criteria), PATIENTS, distance);
    const double expected[] = {0.5 / 3, 1.05 / 3, 1.5 / 3, 0, 0, K};
    for (size_t i = 0; i < PATIENTS; i++)
        ck_assert(isnan(expected[i]) ? isnan(distance[i]) : fabs(distance[i] - expected[i]) < 1e-15);
}
END_TEST

START_TEST(the_nearest_are_taken_and_of_equals_the_first)
{
    ck_assert_str_eq(chosen(COHORT_NEAREST, 3, 1), "...x..");
    ck_assert_str_eq(chosen(COHORT_NEAREST, 3, 2), "...xx.");
    ck_assert_str_eq(chosen(COHORT_NEAREST, 3, 3), "x..xx.");
    ck_assert_str_eq(chosen(COHORT_NEAREST, 3, 100), "xxxxx.");
    ck_assert_str_eq(chosen(COHORT_NEAREST, 3, 0), "......");
}
END_TEST

START_TEST(patients_who_were_out_before_stay_out)
{
    double distance[PATIENTS];
    for (int rule = COHORT_ALL; rule <= COHORT_NEAREST; rule++) {
        bool in[PATIENTS] = {false};
        ck_assert_uint_eq(cohort_rule_choose((enum cohort_rule)rule, criteria, 3, PATIENTS, 100, distance, in), 0);
    }
}
END_TEST

START_TEST(a_number_that_is_the_same_for_everybody_makes_no_difference)
{
    static const double same[] = {3, 3};
    static const struct cohort_criterion one = {.values = same, .wanted = 3, .is_number = true};
    double distance[2];
    cohort_rule_distances(&one, 1, 2, distance);
    ck_assert_double_eq(distance[0], 0);
    ck_assert_double_eq(distance[1], 0);
}
END_TEST

START_TEST(a_trait_is_a_number_or_a_level_and_not_known_where_it_says_so)
{
    SCENE(s);
    struct trait_column c;
    static const char *const ages[] = {"63", "70.5", "", NULL, "unknown", "old"},
                             *const cea[] = {"pathologic", "normal", "not_determined", "", NULL, "unknown"},
                             *const sites[] = {"polyp", "ring", "polyp", "", NULL, "unknown"};
    ck_assert_int_eq(trait_column_read(TRAIT_age_at_operation, ages, 6, &s.arena, &s.why, &c), OK);
    ck_assert(c.values[0] == 63 && c.values[1] == 70.5 && isnan(c.values[2]) && isnan(c.values[5]));
    ck_assert_int_eq(trait_column_read(TRAIT_cea, cea, 6, &s.arena, &s.why, &c), OK);
    ck_assert(c.values[0] == 1 && c.values[1] == 0 && isnan(c.values[2]) && isnan(c.values[3]) && isnan(c.values[5]));
    ck_assert_uint_eq(c.level_count, 2);
    ck_assert_int_eq(trait_column_read(TRAIT_primary_site, sites, 6, &s.arena, &s.why, &c), OK);
    ck_assert(c.values[0] == 0 && c.values[1] == 1 && c.values[2] == 0 && isnan(c.values[5]));
    ck_assert_str_eq(c.levels[1], "ring");
    struct profile profile = {.age_at_operation = {true, 61}, .cea = "not_determined", .primary_site = "ring"};
    ck_assert_double_eq(trait_of_profile(TRAIT_primary_site, &profile, &c), 1);
    profile.primary_site = "elsewhere";
    ck_assert(isnan(trait_of_profile(TRAIT_primary_site, &profile, &c)));
    ck_assert_double_eq(trait_of_profile(TRAIT_age_at_operation, &profile, &c), 61);
    ck_assert(isnan(trait_of_profile(TRAIT_cea, &profile, &c)));
}
END_TEST

START_TEST(more_codes_than_a_factor_can_have_are_refused)
{
    SCENE(s);
    const char *sites[TRAIT_LEVELS_MAX + 1];
    struct trait_column c;
    for (int i = 0; i <= TRAIT_LEVELS_MAX; i++)
        sites[i] = arena_printf(&s.arena, "site%d", i);
    ck_assert_int_eq(trait_column_read(TRAIT_primary_site, sites, TRAIT_LEVELS_MAX, &s.arena, &s.why, &c), OK);
    ck_assert_int_eq(trait_column_read(TRAIT_primary_site, sites, COUNT(sites), &s.arena, &s.why, &c), INVALID);
}
END_TEST

START_TEST(each_trait_has_its_name_and_the_field_of_the_profile)
{
    for (int i = 0; i < TRAIT_COUNT; i++) {
        ck_assert_str_eq(traits[i].name, trait_names[i]);
        ck_assert_str_eq(profile_schema.fields[i].name, trait_names[i]);
        ck_assert_int_eq(trait_find(trait_names[i]), i);
    }
    ck_assert_int_eq(trait_find("side_effects"), TRAIT_COUNT);
}
END_TEST

int main(void)
{
    return UNIT_TESTS(all_takes_everybody_and_any_takes_patients_who_share_a_trait,
                      all_of_takes_patients_who_share_each_trait_and_no_unknowns,
                      gowers_distance_is_the_mean_unlikeness_over_what_is_known_of_both,
                      the_nearest_are_taken_and_of_equals_the_first, patients_who_were_out_before_stay_out,
                      a_number_that_is_the_same_for_everybody_makes_no_difference,
                      a_trait_is_a_number_or_a_level_and_not_known_where_it_says_so,
                      more_codes_than_a_factor_can_have_are_refused,
                      each_trait_has_its_name_and_the_field_of_the_profile);
}
