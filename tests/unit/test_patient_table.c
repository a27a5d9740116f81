#include "common/science/treatment/patient_table.h"
#include "tests/support/unit.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *const covariates[] = {"age", "side", "stage"}, *const stage[] = {"stage"}, *const side[] = {"side"};

static const struct patient_table_columns usual = {.time = "t", .event = "e", .arm = "a"};
static const struct patient_table_columns adjusted = {.time = "t",
                                                      .event = "e",
                                                      .arm = "a",
                                                      .strata = "clinic",
                                                      .covariates = covariates,
                                                      .covariate_count = 3,
                                                      .factors = stage,
                                                      .factor_count = 1,
                                                      .interactions = side,
                                                      .interaction_count = 1};

static enum status read_as(struct scene *s, const char *table, const struct patient_table_columns *columns,
                           struct patient_table *out)
{
    return patient_table_read(arena_text(&s->arena, table), strlen(table), columns, &s->arena, out, &s->why);
}

static void ck_refused_as(const char *table, const struct patient_table_columns *columns, enum status status,
                          const char *sentence)
{
    SCENE(s);
    struct patient_table patients;
    ck_assert_int_eq(read_as(&s, table, columns, &patients), status);
    ck_assert_msg(s.why.detail && strstr(s.why.detail, sentence), "%s", s.why.detail);
}

START_TEST(patient_table_reads_numbers_factors_and_strata)
{
    SCENE(s);
    struct patient_table patients;
    ck_assert_int_eq(read_as(&s,
                             "t,e,a,age,side,stage,clinic,note\n"
                             "5,1,New,60,right,10,North,x\n"
                             "7,0,Old,,left,9,South,\n"
                             "2.5,1,Old,71.5,both,NA,North,y\n",
                             &adjusted, &patients),
                     OK);
    const struct survival_data *d = &patients.data.survival;
    const struct design_covariate *c = patients.data.covariates;
    ck_assert(patients.rows == 3 && patients.left_out == 0 && d->count == 3 && d->group_count == 2 && d->start == NULL);
    ck_assert(d->stop[2] == 2.5 && d->event[0] && !d->event[1] && d->group[0] == 0 && d->group[1] == 1);
    ck_assert_str_eq(patients.arms[0], "New");
    ck_assert(d->stratum_count == 2 && d->stratum[1] == 1);
    ck_assert(c[0].number && c[0].number[0] == 60 && isnan(c[0].number[1]) && !c[0].interacts);
    ck_assert(c[1].level_count == 3 && c[1].level[0] == 2 && c[1].level[2] == 0 && c[1].interacts);
    ck_assert(c[2].level_count == 2 && c[2].level[0] == 1 && c[2].level[1] == 0 && c[2].level[2] == -1);
    ck_assert_str_eq(c[2].level_names[0], "9"); /* numbers by size */
    ck_assert_uint_eq(patients.empty_count, 7);
    ck_assert(strcmp(patients.empty[4].column, "age") == 0 && patients.empty[4].rows == 1);
}
END_TEST

START_TEST(patient_table_leaves_rows_out_that_say_nothing)
{
    SCENE(s);
    struct patient_table patients;
    ck_assert_int_eq(read_as(&s, "t;e;a\n1;;X\n;1;X\nNA;1;Y\n3;1;\n4;0;X\n", &usual, &patients), OK);
    ck_assert(patients.rows == 5 && patients.left_out == 4 && patients.data.survival.count == 1);
    ck_assert(patients.empty[0].rows == 2 && patients.empty[1].rows == 1 && patients.empty[2].rows == 1);
}
END_TEST

START_TEST(patient_table_puts_the_reference_first)
{
    SCENE(s);
    struct patient_table patients;
    struct patient_table_columns columns = usual;
    columns.reference = "Obs";
    ck_assert_int_eq(read_as(&s, "t,e,a\n1,1,Lev\n2,1,Obs\n3,1,5FU\n", &columns, &patients), OK);
    ck_assert_str_eq(patients.arms[0], "Obs");
    ck_assert_str_eq(patients.arms[1], "5FU");
    ck_assert(patients.data.survival.group[0] == 2 && patients.data.survival.group[1] == 0);
    columns.reference = "Nothing";
    ck_refused_as("t,e,a\n1,1,Lev\n", &columns, INVALID, "Nobody has the treatment 'Nothing'");
}
END_TEST

START_TEST(patient_table_takes_entry_after_the_beginning)
{
    SCENE(s);
    struct patient_table patients;
    struct patient_table_columns columns = usual;
    columns.start = "from";
    ck_assert_int_eq(read_as(&s, "t,e,a,from\n5,1,X,2\n", &columns, &patients), OK);
    ck_assert(patients.data.survival.start[0] == 2);
    ck_refused_as("t,e,a,from\n5,1,X,5\n", &columns, INVALID, "Line 2, column 'from': '5' must be earlier");
}
END_TEST

START_TEST(patient_table_names_what_is_wrong_with_a_table)
{
    ck_refused_as("", &usual, INVALID, "is empty");
    ck_refused_as("t,e\n", &usual, INVALID, "No column is called 'a'");
    ck_refused_as("t,e,a,t\n", &usual, INVALID, "More than one column is called 't'");
    ck_refused_as("t,e,a\n1,1,A\n-2,1,A\n", &usual, INVALID, "Line 3, column 't': '-2' must be a number");
    ck_refused_as("t,e,a\nnan,1,A\n", &usual, INVALID, "Line 2, column 't': 'nan'");
    ck_refused_as("t,e,a\n1e101,1,A\n", &usual, INVALID, "Line 2, column 't': '1e101'");
    ck_refused_as("t,e,a\n1,2,A\n", &usual, INVALID, "Line 2, column 'e': '2' must be 0 (censored) or 1");
    ck_refused_as("t,e,a\n1,1\n", &usual, MALFORMED, "Line 2 has 2 cells, and the first line 3");
    ck_refused_as("t,e,a\n1,1,\"A\n", &usual, MALFORMED, "Line 2");
    struct patient_table_columns columns = usual;
    columns.event = "t";
    ck_refused_as("t,e,a\n", &columns, INVALID, "named for two things");
    columns = adjusted;
    columns.factors = (const char *const[]){"clinic"};
    ck_refused_as("t,e,a\n", &columns, INVALID, "'clinic' is none of the covariates");
}
END_TEST

START_TEST(patient_table_takes_a_slip_among_numbers_for_a_slip)
{
    struct patient_table_columns columns = usual;
    columns.covariates = covariates;
    columns.covariate_count = 1;
    ck_refused_as("t,e,a,age\n1,1,A,50\n1,1,A,6O\n1,1,A,70\n", &columns, INVALID,
                  "Line 3, column 'age': '6O' must be a number");
    ck_refused_as("t,e,a,age\n1,1,A,50\n1,1,A,60\n1,1,A,1e300\n", &columns, INVALID, "Line 4, column 'age': '1e300'");
    SCENE(s);
    struct patient_table patients;
    columns.factors = covariates;
    columns.factor_count = 1;
    ck_assert_int_eq(read_as(&s, "t,e,a,age\n1,1,A,50\n1,1,A,6O\n1,1,A,70\n", &columns, &patients), OK);
    ck_assert_uint_eq(patients.data.covariates[0].level_count, 3);
}
END_TEST

START_TEST(patient_table_is_bounded)
{
    char table[1024] = "t,e,a\n";
    for (int i = 0; i <= SURVIVAL_GROUPS_MAX; i++)
        snprintf(table + strlen(table), 16, "1,1,%d\n", i);
    ck_refused_as(table, &usual, INVALID, "Column 'a' has more different values than 64");
    struct patient_table_columns columns = usual;
    columns.covariate_count = PATIENT_TABLE_COVARIATES_MAX + 1;
    ck_refused_as("t,e,a\n", &columns, INVALID, "more covariates than 100");
}
END_TEST

START_TEST(patient_table_reads_profiles_by_the_names_of_covariates)
{
    SCENE(s);
    struct patient_table patients;
    const char table[] = "t,e,a,age,side,stage,clinic\n5,1,New,60,right,10,North\n7,0,Old,50,left,9,South\n";
    const char profiles[] = "profile,clinic,side,age,height\nP1,South,left,44,170\nP2,North,both,,1\n";
    ck_assert_int_eq(read_as(&s, table, &adjusted, &patients), OK);
    ck_assert_int_eq(
        patient_table_profiles_read(&patients, arena_text(&s.arena, profiles), strlen(profiles), &s.arena, &s.why), OK);
    ck_assert_uint_eq(patients.data.profile_count, 2);
    const struct comparison_profile *p = patients.data.profiles;
    ck_assert(p[0].stratum == 1 && p[0].values[0] == 44 && p[0].values[1] == 0 && isnan(p[0].values[2]));
    ck_assert(p[1].stratum == 0 && isnan(p[1].values[0]) && isnan(p[1].values[1])); /* nobody has both sides */
    ck_assert_str_eq(patients.profile_names[1], "P2");
    const char elsewhere[] = "clinic,age\nEast,50\n";
    ck_assert_int_eq(
        patient_table_profiles_read(&patients, arena_text(&s.arena, elsewhere), strlen(elsewhere), &s.arena, &s.why),
        INVALID);
    ck_assert_ptr_nonnull(strstr(s.why.detail, "Line 2: a profile must have a value of 'clinic'"));
}
END_TEST

START_TEST(patient_table_reads_a_bounded_table_of_profiles_and_numbers_those_without_a_name)
{
    SCENE(s);
    struct patient_table patients;
    char *profiles = arena_text(&s.arena, "");
    ck_assert_int_eq(read_as(&s, "t,e,a\n1,1,A\n", &usual, &patients), OK);
    ck_assert_int_eq(patient_table_profiles_read(&patients, profiles, 0, &s.arena, &s.why), INVALID);
    ck_assert_str_eq(s.why.detail, "The table of profiles is empty: its first line must name the columns.");
    profiles = arena_text(&s.arena, "age;height\n50;170\n60;180");
    ck_assert_int_eq(patient_table_profiles_read(&patients, profiles, strlen(profiles), &s.arena, &s.why), OK);
    ck_assert(patients.data.profile_count == 2 && strcmp(patients.profile_names[1], "2") == 0);
    size_t size = 2 * (PATIENT_TABLE_PROFILES_MAX + 2);
    profiles = arena_alloc(&s.arena, size + 1);
    for (size_t i = 0; i < size; i++)
        profiles[i] = i % 2 ? '\n' : 'x';
    problem_reset(&s.why, &s.arena);
    ck_assert_int_eq(patient_table_profiles_read(&patients, profiles, size, &s.arena, &s.why), TOO_LARGE);
    ck_assert_str_eq(s.why.detail, "The table of profiles has more rows than 1000.");
    ck_assert_uint_eq(patients.data.profile_count, 2);
}
END_TEST

int main(void)
{
    return UNIT_TESTS(patient_table_reads_numbers_factors_and_strata, patient_table_leaves_rows_out_that_say_nothing,
                      patient_table_puts_the_reference_first, patient_table_takes_entry_after_the_beginning,
                      patient_table_names_what_is_wrong_with_a_table,
                      patient_table_takes_a_slip_among_numbers_for_a_slip, patient_table_is_bounded,
                      patient_table_reads_profiles_by_the_names_of_covariates,
                      patient_table_reads_a_bounded_table_of_profiles_and_numbers_those_without_a_name);
}
