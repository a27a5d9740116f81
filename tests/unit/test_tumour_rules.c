/* Contradictions and derived values: the rules of a tumour's record, without a database. */
#include "services/users/tumour/tumour.h"
#include "tests/support/unit.h"

#include <string.h>

static const struct date today = {2026, 11, 21};
static struct arena arena;

static struct tumour named(void)
{
    return (struct tumour){.first_name = "Marela", .last_name = "Tovins"};
}

static struct maybe_real real(double value)
{
    return (struct maybe_real){true, value};
}

/* The members that are refused, in the order of the errors: "pt uicc". */
static const char *refused(struct tumour t)
{
    static char list[400];
    struct problem why;
    problem_reset(&why, &arena);
    tumour_check(&t, NULL, today, &why);
    list[0] = '\0';
    for (int i = 0; i < why.error_count; i++) {
        strcat(list, i ? " " : "");
        strcat(list, why.errors[i].pointer + 1);
    }
    return list;
}

/* The record after the rules. */
static struct tumour settled(struct tumour t, const struct tumour *before)
{
    struct problem why;
    problem_reset(&why, &arena);
    ck_assert_int_eq(tumour_check(&t, before, today, &why), OK);
    return t;
}

START_TEST(names_are_enough)
{
    struct tumour t = settled(named(), NULL);
    ck_assert_str_eq(t.gender, "unknown");
    ck_assert_str_eq(t.cea, "not_determined");
    ck_assert_str_eq(t.primary_site, "unknown");
    ck_assert_str_eq(t.bmi_class, "unknown");
    ck_assert(!t.bmi.known && !t.age_at_operation.known && !t.treatment);
}
END_TEST

START_TEST(the_class_of_a_body_mass_index_changes_at_18_5_and_25)
{
    static const struct {
        double weight_kg;
        const char *bmi_class;
    } cases[] = {{18.49, "under"}, {18.5, "normal"}, {24.99, "normal"}, {25, "over"}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct tumour t = named();
        t.weight_kg = real(cases[i].weight_kg);
        t.height_cm = real(100);
        t = settled(t, NULL);
        ck_assert_double_eq_tol(t.bmi.value, cases[i].weight_kg, 1e-12);
        ck_assert_str_eq(t.bmi_class, cases[i].bmi_class);
        ck_assert(!t.bmi_overridden.value);
    }
}
END_TEST

START_TEST(the_age_is_in_years_completed_on_the_day_of_the_operation)
{
    struct tumour t = named();
    t.birth_date = "1950-03-02";
    t.operation_date = "2015-03-01";
    ck_assert_int_eq(settled(t, NULL).age_at_operation.value, 64);
    t.operation_date = "2015-03-02";
    ck_assert_int_eq(settled(t, NULL).age_at_operation.value, 65);
}
END_TEST

START_TEST(given_values_stay_and_derived_values_follow)
{
    struct tumour t = named();
    t.weight_kg = real(60);
    t.height_cm = real(170);
    t.bmi_class = "over";
    t = settled(t, NULL);
    ck_assert(t.bmi_class_overridden.value);
    struct tumour later = t;
    later.weight_kg = real(40);
    later = settled(later, &t);
    ck_assert_double_eq_tol(later.bmi.value, 13.84, 1e-12);
    ck_assert_str_eq(later.bmi_class, "over");
    struct tumour back = later;
    back.bmi_class = NULL;
    ck_assert_str_eq(settled(back, &later).bmi_class, "under");
}
END_TEST

START_TEST(stages_that_t_and_n_do_not_allow_are_refused_at_both)
{
    static const struct {
        const char *pt, *pn, *uicc, *refused;
    } cases[] = {
        {"T1", "N0", "1", ""},
        {"T2", "N0", "1", ""},
        {"T3", "N0", "2a", ""},
        {"T4", "N0", "2c", ""},
        {"T1", "N1", "3a", ""},
        {"T4", "N1", "3c", ""},
        {"T3", "N2", "3b", ""},
        {"T4", "N2", "3c", ""},
        {"T3", NULL, "3b", ""},
        {NULL, "N0", "2b", ""},
        {NULL, NULL, "3c", ""},
        {"T4", "N2", "unknown", ""},
        {"T3", "N0", "1", "uicc pt uicc pn"},
        {"T1", "N1", "1", "uicc pt uicc pn"},
        {"T4", "N2", "3a", "uicc pt uicc pn"},
        {"T4", NULL, "1", "uicc pt"},
        {NULL, "N2", "2a", "uicc pn"},
        {NULL, "N0", "3a", "uicc pn"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct tumour t = named();
        t.pt = cases[i].pt;
        t.pn = cases[i].pn;
        t.uicc = cases[i].uicc;
        ck_assert_str_eq(refused(t), cases[i].refused);
    }
}
END_TEST

START_TEST(a_t4_without_extent_is_refused)
{
    struct tumour t = named();
    t.pt = "T4";
    t.diameter_cm = real(0);
    ck_assert_str_eq(refused(t), "diameter_cm pt");
    t.diameter_cm = real(0.1);
    ck_assert_str_eq(refused(t), "");
    t.pt = "T1";
    t.diameter_cm = real(0);
    ck_assert_str_eq(refused(t), "");
}
END_TEST

START_TEST(nobody_is_operated_before_birth_or_in_the_future)
{
    struct tumour t = named();
    t.birth_date = "2015-03-02";
    t.operation_date = "2015-03-01";
    ck_assert_str_eq(refused(t), "birth_date operation_date");
    t.birth_date = NULL;
    t.operation_date = "2026-11-22";
    ck_assert_str_eq(refused(t), "operation_date");
    t.operation_date = "1850-01-01";
    ck_assert_str_eq(refused(t), "operation_date");
    t.operation_date = NULL;
    t.birth_date = "1895-01-01";
    ck_assert_str_eq(refused(t), "birth_date");
}
END_TEST

START_TEST(survival_fits_the_time_since_the_operation)
{
    struct tumour t = named();
    t.operation_date = "2025-11-21";
    t.overall_survival_months = real(12);
    ck_assert_str_eq(refused(t), "");
    t.overall_survival_months = real(13);
    ck_assert_str_eq(refused(t), "operation_date overall_survival_months");
    t.overall_survival_months = (struct maybe_real){0};
    t.progression_free_months = real(13);
    ck_assert_str_eq(refused(t), "operation_date progression_free_months");
}
END_TEST

START_TEST(death_does_not_come_before_the_operation)
{
    struct tumour t = named();
    t.vital_status = "dead";
    t.overall_survival_months = real(-0.5);
    ck_assert_str_eq(refused(t), "operation_date overall_survival_months");
    t.overall_survival_months = real(0);
    ck_assert_str_eq(refused(t), "");
    t.overall_survival_months = real(1e300);
    ck_assert_str_eq(refused(t), "overall_survival_months");
}
END_TEST

START_TEST(progression_does_not_come_after_death)
{
    struct tumour t = named();
    t.progression_free_months = real(30);
    t.overall_survival_months = real(24);
    ck_assert_str_eq(refused(t), "progression_free_months overall_survival_months");
    t.overall_survival_months = real(30);
    ck_assert_str_eq(refused(t), "");
}
END_TEST

START_TEST(the_dead_are_not_treated)
{
    struct tumour t = named();
    t.operation_date = "2015-01-01";
    t.overall_survival_months = real(12);
    t.vital_status = "dead";
    t.treatment = "none";
    t.treated_from = "2015-06-01";
    ck_assert_str_eq(refused(t), "");
    t.treated_from = "2016-06-01";
    ck_assert_str_eq(refused(t), "treated_from overall_survival_months");
    t.vital_status = "alive";
    ck_assert_str_eq(refused(t), "");
}
END_TEST

START_TEST(dates_of_a_treatment_are_in_order_and_of_one)
{
    struct tumour t = named();
    t.treatment = "none";
    t.treated_from = "2015-06-01";
    t.treated_until = "2015-05-31";
    ck_assert_str_eq(refused(t), "treated_from treated_until");
    t.treated_until = "2015-06-01";
    ck_assert_str_eq(refused(t), "");
    t.treatment = NULL;
    ck_assert_str_eq(refused(t), "treatment treated_from treatment treated_until");
}
END_TEST

START_TEST(a_weight_and_a_height_that_no_body_has_are_refused_at_both)
{
    struct tumour t = named();
    t.weight_kg = real(400);
    t.height_cm = real(40);
    ck_assert_str_eq(refused(t), "weight_kg height_cm");
}
END_TEST

START_TEST(an_address_has_two_sides)
{
    static const char *const good[] = {"a@b", "marela.tovins@example.org"};
    static const char *const bad[] = {"@b", "a@", "a@b@c", "marela", "a b@c"};
    struct tumour t = named();
    for (size_t i = 0; i < COUNT(good); i++) {
        t.email = good[i];
        ck_assert_str_eq(refused(t), "");
    }
    for (size_t i = 0; i < COUNT(bad); i++) {
        t.email = bad[i];
        ck_assert_str_eq(refused(t), "email");
    }
}
END_TEST

int main(void)
{
    int code = UNIT_TESTS(names_are_enough, the_class_of_a_body_mass_index_changes_at_18_5_and_25,
                          the_age_is_in_years_completed_on_the_day_of_the_operation,
                          given_values_stay_and_derived_values_follow,
                          stages_that_t_and_n_do_not_allow_are_refused_at_both, a_t4_without_extent_is_refused,
                          nobody_is_operated_before_birth_or_in_the_future, survival_fits_the_time_since_the_operation,
                          death_does_not_come_before_the_operation, progression_does_not_come_after_death,
                          the_dead_are_not_treated, dates_of_a_treatment_are_in_order_and_of_one,
                          a_weight_and_a_height_that_no_body_has_are_refused_at_both, an_address_has_two_sides);
    arena_release(&arena);
    return code;
}
