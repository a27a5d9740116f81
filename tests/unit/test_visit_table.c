#include "common/science/mmse/visit_table.h"
#include "tests/support/unit.h"

#include <math.h>
#include <string.h>

static enum status read_table(struct scene *s, const char *table, const char *folds, struct visit_table *out)
{
    problem_reset(&s->why, &s->arena);
    return visit_table_read(&s->arena, arena_text(&s->arena, table), strlen(table), folds, out, &s->why);
}

START_TEST(visit_table_reads_visits_in_any_order_and_counts_what_it_met)
{
    SCENE(s);
    struct visit_table t;
    ck_assert_int_eq(read_table(&s,
                                "educ,id,dem,age,mmse,male\n1,b,0,72,25,1\n,a,1,70,20,\n1,b,1,70,27,1\n"
                                "1,b,1,,27,1\n1,b,1,74,,1\n1,b,1,72,26,1\n",
                                NULL, &t),
                     OK);
    ck_assert(t.rows == 6 && t.left_out == 2 && t.without_sex == 1 && t.without_education == 1 && t.folds == 0);
    ck_assert(t.cohort.count == 2 && t.cohort.visit_count == 3 && t.cohort.merged == 1 && t.cohort.unordered == 1);
    ck_assert(t.cohort.subjects[0].visits[1].score == 25.5);
}
END_TEST

START_TEST(visit_table_numbers_folds_in_the_order_of_their_names)
{
    SCENE(s);
    struct visit_table t;
    ck_assert_int_eq(read_table(&s,
                                "id,age,mmse,male,educ,f\na,70,20,0,0,2\nb,70,20,0,0,0\nc,70,20,0,0,1\na,71,20,0,0,2\n",
                                "f", &t),
                     OK);
    ck_assert(t.folds == 3);
    ck_assert(t.cohort.subjects[0].fold == 2 && t.cohort.subjects[1].fold == 0 && t.cohort.subjects[2].fold == 1);
}
END_TEST

START_TEST(visit_table_without_rows_is_a_cohort_of_nobody)
{
    SCENE(s);
    struct visit_table t;
    ck_assert_int_eq(read_table(&s, "id,age,mmse,male,educ\n", NULL, &t), OK);
    ck_assert(t.rows == 0 && t.cohort.count == 0);
}
END_TEST

START_TEST(visit_table_names_line_and_column_of_what_it_refuses)
{
    static const struct {
        const char *table, *sentence;
    } cases[] = {
        {"", "The table is empty"},
        {"id,age,mmse,male\n", "No column is called 'educ'."},
        {"id,age,mmse,male,educ,age\n", "More than one column is called 'age'."},
        {"id,age,mmse,male,educ\na,70,20,0\n", "Line 2 has 4 cells, and the first line 5."},
        {"id,age,mmse,male,educ\n\n,70,20,0,1\n", "Line 3, column 'id' is empty."},
        {"id,age,mmse,male,educ\na,70 years,20,0,1\n", "Line 2, column 'age': '70 years' must be a number."},
        {"id,age,mmse,male,educ\na,70,20,0,1\na,,20,0,1\na,170,20,0,1\n", "Line 4, column 'age' must be years"},
        {"id,age,mmse,male,educ\na,70,31,0,1\n", "Line 2, column 'mmse' must be points from 0 to 30."},
        {"id,age,mmse,male,educ\na,70,nan,0,1\n", "Line 2, column 'mmse': 'nan' must be a number."},
        {"id,age,mmse,male,educ\na,70,3,0,1\na,71,3,1,1\n", "Line 3, column 'male' differs from other rows"},
        {"id,age,mmse,male,educ\na,70,3,0,1\n\xff", "Line 3: the text is not UTF-8; save the table as CSV UTF-8."},
        {"id,age,mmse,male,educ\n\"a,70,3,0,1\n", "Line 2: a quote is opened"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        SCENE(s);
        struct visit_table t;
        ck_assert_int_ne(read_table(&s, cases[i].table, NULL, &t), OK);
        ck_assert_msg(strstr(s.why.detail, cases[i].sentence) != NULL, "%s", s.why.detail);
    }
}
END_TEST

START_TEST(visit_table_bounds_the_number_of_folds_and_keeps_a_subject_in_one)
{
    SCENE(s);
    struct visit_table t;
    char *table = arena_text(&s.arena, "id,age,mmse,male,educ,f\n");
    for (int i = 0; i < 51; i++)
        table = arena_printf(&s.arena, "%s%d,70,20,0,0,%d\n", table, i, i);
    ck_assert_int_eq(read_table(&s, table, "f", &t), INVALID);
    ck_assert(strstr(s.why.detail, "Line 52, column 'f': there may be 50 folds at most."));
    ck_assert_int_eq(read_table(&s, "id,age,mmse,male,educ,f\na,70,20,0,0,1\na,71,20,0,0,2\n", "f", &t), INVALID);
    ck_assert_msg(strstr(s.why.detail, "Line 3, column 'fold' differs") != NULL, "%s", s.why.detail);
    ck_assert_int_eq(read_table(&s, "id,age,mmse,male,educ\n", "f", &t), INVALID);
}
END_TEST

int main(void)
{
    return UNIT_TESTS(visit_table_reads_visits_in_any_order_and_counts_what_it_met,
                      visit_table_numbers_folds_in_the_order_of_their_names,
                      visit_table_without_rows_is_a_cohort_of_nobody,
                      visit_table_names_line_and_column_of_what_it_refuses,
                      visit_table_bounds_the_number_of_folds_and_keeps_a_subject_in_one);
}
