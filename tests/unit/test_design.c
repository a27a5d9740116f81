#include "common/science/statistics/design.h"
#include "tests/support/unit.h"

#include <math.h>
#include <stdint.h>

static const double age[] = {50, 60, NAN, 70, 80, 65};
static const double months[] = {600, 720, 1, 840, 960, 780}; /* of age */
static const double one[] = {1, 1, 2, 1, 1, 1};
static const int site[] = {0, 2, 1, -1, 2, 3};
static const char *const sites[] = {"left", "right", "both", "rectum", "nowhere"};

#define SITE \
    { \
        .name = "site", .level = site, .level_count = 5, .level_names = sites, .reference = 0 \
    }

START_TEST(design_codes_numbers_and_levels_of_complete_rows)
{
    SCENE(s);
    const struct design_covariate covariates[] = {{.name = "age", .number = age}, SITE};
    struct design d;
    ck_assert_int_eq(design_build(covariates, 2, 6, NULL, &s.arena, &d, &s.why), OK);
    ck_assert(d.rows == 4 && d.left_out == 2 && d.missing[0] == 1 && d.missing[1] == 1);
    ck_assert(d.row[0] == 0 && d.row[1] == 1 && d.row[2] == 4 && d.row[3] == 5);
    ck_assert_uint_eq(d.count, 3); /* nobody complete is of the right side */
    ck_assert_str_eq(d.columns[0].name, "age");
    ck_assert_str_eq(d.columns[1].name, "site=both");
    ck_assert_str_eq(d.columns[2].name, "site=rectum");
    static const double expected[] = {50, 60, 80, 65, 0, 1, 1, 0, 0, 0, 0, 1};
    for (size_t i = 0; i < COUNT(expected); i++)
        ck_assert_double_eq(d.values[i], expected[i]);
}
END_TEST

START_TEST(design_names_covariates_that_say_nothing)
{
    SCENE(s);
    const struct design_covariate covariates[] = {
        {.name = "age", .number = age}, {.name = "months", .number = months}, {.name = "one", .number = one}};
    struct design d;
    ck_assert_int_eq(design_build(covariates, 3, 6, NULL, &s.arena, &d, &s.why), OK);
    ck_assert(d.count == 1 && d.omission_count == 2);
    ck_assert_str_eq(d.omissions[0].name, "months");
    ck_assert_str_eq(design_gap_name(d.omissions[0].gap), "collinear");
    ck_assert_str_eq(d.omissions[1].name, "one");
    ck_assert_str_eq(design_gap_name(d.omissions[1].gap), "constant");
}
END_TEST

START_TEST(design_takes_the_first_level_that_somebody_has_as_reference)
{
    SCENE(s);
    struct design_covariate covariates[] = {SITE};
    const bool included[] = {false, true, true, true, true, true};
    struct design d;
    ck_assert_int_eq(design_build(covariates, 1, 6, included, &s.arena, &d, &s.why), OK);
    ck_assert(d.reference[0] == 1 && d.count == 2 && d.rows == 4 && d.left_out == 1);
    covariates[0].reference = 3;
    ck_assert_int_eq(design_build(covariates, 1, 6, NULL, &s.arena, &d, &s.why), OK);
    ck_assert_str_eq(d.columns[0].name, "site=left");
}
END_TEST

START_TEST(design_codes_a_patient_or_names_what_is_not_known)
{
    SCENE(s);
    const struct design_covariate covariates[] = {{.name = "age", .number = age}, {.name = "one", .number = one}, SITE};
    struct design d;
    double coded[3];
    size_t missing = 0;
    ck_assert_int_eq(design_build(covariates, 3, 6, NULL, &s.arena, &d, &s.why), OK);
    ck_assert(design_code(&d, covariates, (const double[]){44, NAN, 3}, coded, &missing)); /* one has no column */
    ck_assert(coded[0] == 44 && coded[1] == 0 && coded[2] == 1);
    ck_assert(!design_code(&d, covariates, (const double[]){NAN, 1, 3}, coded, &missing) && missing == 0);
    ck_assert(!design_code(&d, covariates, (const double[]){44, 1, 4}, coded, &missing) && missing == 2);
    ck_assert(!design_code(&d, covariates, (const double[]){44, 1, NAN}, coded, &missing) && missing == 2);
    ck_assert(!design_code(&d, covariates, (const double[]){INFINITY, 1, 0}, coded, &missing) && missing == 0);
}
END_TEST

START_TEST(design_refuses_what_cannot_be_computed_with)
{
    SCENE(s);
    const double huge[] = {1, 2, 1e101}, endless[] = {1, -INFINITY, 3};
    const int unknown[] = {0, 5, 1};
    struct design_covariate covariate = {.name = "cea/ng", .number = huge};
    struct design d;
    ck_assert_int_eq(design_build(&covariate, 1, 3, NULL, &s.arena, &d, &s.why), INVALID);
    ck_noted(&s.why, "/cea~1ng/2", "must be a number within 1e100");
    problem_reset(&s.why, &s.arena);
    covariate.number = endless;
    ck_assert_int_eq(design_build(&covariate, 1, 3, NULL, &s.arena, &d, &s.why), INVALID);
    problem_reset(&s.why, &s.arena);
    covariate = (struct design_covariate){.name = "site", .level = unknown, .level_count = 5, .level_names = sites};
    ck_assert_int_eq(design_build(&covariate, 1, 3, NULL, &s.arena, &d, &s.why), INVALID);
    ck_noted(&s.why, "/site/1", "must be a level");
}
END_TEST

START_TEST(design_of_nothing_has_no_columns)
{
    SCENE(s);
    const struct design_covariate covariates[] = {{.name = "age", .number = age}, SITE};
    struct design d;
    ck_assert_int_eq(design_build(covariates, 2, 0, NULL, &s.arena, &d, &s.why), OK);
    ck_assert(d.rows == 0 && d.count == 0 && d.omission_count == 2);
    ck_assert_int_eq(design_build(NULL, 0, 6, NULL, &s.arena, &d, &s.why), OK);
    ck_assert(d.rows == 6 && d.count == 0 && d.left_out == 0);
}
END_TEST

int main(void)
{
    return UNIT_TESTS(design_codes_numbers_and_levels_of_complete_rows, design_names_covariates_that_say_nothing,
                      design_takes_the_first_level_that_somebody_has_as_reference,
                      design_codes_a_patient_or_names_what_is_not_known, design_refuses_what_cannot_be_computed_with,
                      design_of_nothing_has_no_columns);
}
