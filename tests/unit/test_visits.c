#include "common/science/mmse/known.h"
#include "tests/support/unit.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define ROW(id, age, score) \
    { \
        id, {age, score}, 1, 0, 2 \
    }

static struct cohort made(struct scene *s, const struct visit_row *rows, size_t count)
{
    struct cohort c = {0};
    ck_assert_int_eq(cohort_make(&s->arena, rows, count, &c, &s->why), OK);
    return c;
}

START_TEST(cohort_make_groups_subjects_and_orders_their_visits)
{
    SCENE(s);
    const struct visit_row rows[] = {ROW("b", 72, 25), ROW("a", 80, 20), ROW("b", 70, 27), ROW("b", 74, 23)};
    struct cohort c = made(&s, rows, COUNT(rows));
    ck_assert(c.count == 2 && c.visit_count == 4 && c.task_count == 1 && c.unordered == 1 && c.merged == 0);
    ck_assert_str_eq(c.subjects[0].id, "b");
    ck_assert(c.subjects[0].count == 3 && c.subjects[1].count == 1);
    ck_assert(c.subjects[0].visits[0].score == 27 && c.subjects[0].visits[2].age == 74);
    ck_assert(c.subjects[0].male == 1 && c.subjects[0].education == 0 && c.subjects[0].fold == 2);
}
END_TEST

START_TEST(cohort_make_takes_two_visits_of_one_day_as_one_with_their_mean)
{
    SCENE(s);
    const struct visit_row rows[] = {ROW("a", 70, 27), ROW("a", 70.001, 24), ROW("a", 71, 25)};
    struct cohort c = made(&s, rows, COUNT(rows));
    ck_assert(c.visit_count == 2 && c.merged == 1);
    ck_assert(c.subjects[0].visits[0].score == 25.5 && c.subjects[0].visits[0].age == 70);
}
END_TEST

START_TEST(cohort_make_completes_what_one_row_says_of_a_subject_and_another_does_not)
{
    SCENE(s);
    struct visit_row rows[] = {ROW("a", 70, 27), ROW("a", 72, 24), ROW("b", 71, 25)};
    rows[0].education = rows[0].male = rows[2].education = NAN;
    struct cohort c = made(&s, rows, COUNT(rows));
    ck_assert(c.subjects[0].education == 0 && c.subjects[0].male == 1 && isnan(c.subjects[1].education));
}
END_TEST

START_TEST(cohort_make_of_nobody_is_a_cohort_of_nobody)
{
    SCENE(s);
    struct cohort c = made(&s, NULL, 0);
    ck_assert(c.count == 0 && c.visit_count == 0 && c.task_count == 0);
}
END_TEST

START_TEST(cohort_make_names_row_and_column_of_what_it_refuses)
{
    static const struct {
        struct visit_row row;
        const char *pointer;
    } cases[] = {
        {{"a", {-1, 20}, 1, 0, 2}, "/1/age"},    {{"a", {131, 20}, 1, 0, 2}, "/1/age"},
        {{"a", {NAN, 20}, 1, 0, 2}, "/1/age"},   {{"a", {71, 31}, 1, 0, 2}, "/1/mmse"},
        {{"a", {71, -0.5}, 1, 0, 2}, "/1/mmse"}, {{"a", {71, NAN}, 1, 0, 2}, "/1/mmse"},
        {{"a", {71, 20}, 2, 0, 2}, "/1/male"},   {{"a", {71, 20}, 0, 0, 2}, "/1/male"},
        {{"a", {71, 20}, 1, 41, 2}, "/1/educ"},  {{"a", {71, 20}, 1, 1, 2}, "/1/educ"},
        {{"a", {71, 20}, 1, 0, 3}, "/1/fold"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        SCENE(s);
        struct cohort c;
        const struct visit_row rows[] = {ROW("a", 70, 20), cases[i].row};
        ck_assert_int_eq(cohort_make(&s.arena, rows, 2, &c, &s.why), INVALID);
        ck_assert_str_eq(s.why.errors[0].pointer, cases[i].pointer);
    }
}
END_TEST

START_TEST(cohort_make_bounds_the_visits_of_a_subject)
{
    SCENE(s);
    struct cohort c;
    struct visit_row *rows = arena_alloc(&s.arena, (SUBJECT_VISITS_MAX + 1) * sizeof *rows);
    for (int i = 0; i <= SUBJECT_VISITS_MAX; i++)
        rows[i] = (struct visit_row)ROW("a", 60 + i * 0.01, 20);
    ck_assert_int_eq(cohort_make(&s.arena, rows, SUBJECT_VISITS_MAX, &c, &s.why), OK);
    ck_assert_int_eq(cohort_make(&s.arena, rows, SUBJECT_VISITS_MAX + 1, &c, &s.why), INVALID);
    ck_noted(&s.why, "/0/id", "more visits than the 1000");
}
END_TEST

START_TEST(cohort_part_has_one_fold_or_all_others)
{
    SCENE(s);
    struct visit_row rows[] = {ROW("a", 70, 20), ROW("a", 71, 20), ROW("b", 70, 20)};
    rows[2].fold = 0;
    struct cohort c = made(&s, rows, COUNT(rows));
    struct cohort inside = cohort_part(&s.arena, &c, 2, true), outside = cohort_part(&s.arena, &c, 2, false);
    ck_assert(inside.count == 1 && inside.visit_count == 2 && inside.task_count == 1);
    ck_assert(outside.count == 1 && outside.visit_count == 1 && outside.task_count == 0);
}
END_TEST

START_TEST(known_before_a_visit_is_what_lies_before_it)
{
    SCENE(s);
    struct visit buffer[3];
    const struct visit_row rows[] = {ROW("a", 70, 20), ROW("a", 71, 19), ROW("a", 73, 17)};
    struct cohort c = made(&s, rows, COUNT(rows));
    struct known k = known_before(&c.subjects[0], 2, buffer);
    ck_assert(k.count == 2 && k.target_age == 73 && k.visits == buffer && known_last(&k)->score == 19);
    ck_assert_int_eq(known_check(&k, &s.why), OK);
}
END_TEST

START_TEST(known_check_refuses_what_was_not_known_before_the_target)
{
    static const struct {
        struct visit visits[2];
        double target_age;
        const char *sentence;
    } cases[] = {
        {{{70, 20}, {75, 20}}, 75, "before the target"},  {{{70, 20}, {75, 20}}, 74, "before the target"},
        {{{70, 20}, {70, 20}}, 75, "before the next"},    {{{71, 20}, {70, 20}}, 75, "before the next"},
        {{{70, 20}, {71, 31}}, 75, "out of range"},       {{{70, 20}, {71, NAN}}, 75, "out of range"},
        {{{70, 20}, {71, 20}}, NAN, "before the target"}, {{{70, 20}, {71, 20}}, 131, "out of range"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        SCENE(s);
        struct known k = {NAN, NAN, 2, cases[i].visits, cases[i].target_age};
        ck_assert_int_eq(known_check(&k, &s.why), INVALID);
        ck_assert_msg(strstr(s.why.detail, cases[i].sentence) != NULL, "%zu: %s", i, s.why.detail);
    }
    SCENE(s);
    ck_assert_int_eq(known_check(&(struct known){.target_age = 70}, &s.why), INVALID);
}
END_TEST

START_TEST(known_features_are_last_mean_age_gap_and_slope)
{
    double x[FEATURES];
    const struct visit visits[] = {{70, 28}, {72, 27}, {74, 23}};
    known_features(&(struct known){1, NAN, 3, visits, 77}, x);
    ck_assert(x[FEATURE_LAST_SCORE] == 23 && x[FEATURE_MEAN_SCORE] == 26 && x[FEATURE_TARGET_AGE] == 77);
    ck_assert(x[FEATURE_GAP_YEARS] == 3 && x[FEATURE_SLOPE] == -1.25);
    ck_assert(x[FEATURE_MALE] == 1 && isnan(x[FEATURE_EDUCATION]));
    known_features(&(struct known){1, 0, 1, visits, 77}, x);
    ck_assert(x[FEATURE_SLOPE] == 0 && x[FEATURE_MEAN_SCORE] == 28);
}
END_TEST

START_TEST(score_band_begins_where_its_name_says)
{
    for (int score = 0; score <= 30; score++) {
        int low, high;
        ck_assert_int_eq(sscanf(score_band_names[score_band(score)], "%d-%d", &low, &high), 2);
        ck_assert(low <= score && score <= high);
    }
    ck_assert(score_band(26.5) == score_band(26) && score_clip(-1) == 0 && score_clip(31) == 30 &&
              score_clip(7.5) == 7.5);
}
END_TEST

int main(void)
{
    return UNIT_TESTS(cohort_make_groups_subjects_and_orders_their_visits,
                      cohort_make_takes_two_visits_of_one_day_as_one_with_their_mean,
                      cohort_make_completes_what_one_row_says_of_a_subject_and_another_does_not,
                      cohort_make_of_nobody_is_a_cohort_of_nobody, cohort_make_names_row_and_column_of_what_it_refuses,
                      cohort_make_bounds_the_visits_of_a_subject, cohort_part_has_one_fold_or_all_others,
                      known_before_a_visit_is_what_lies_before_it,
                      known_check_refuses_what_was_not_known_before_the_target,
                      known_features_are_last_mean_age_gap_and_slope, score_band_begins_where_its_name_says);
}
