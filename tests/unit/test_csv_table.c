#include "common/format/csv_table.h"
#include "tests/support/unit.h"

#include <string.h>

enum { ID, AGE, SEX, NAMES };

static const char *const names[NAMES] = {"id", "age", NULL};
static const struct csv_wanted wanted = {
    .called = "list", .separator = ',', .rows_max = 2, .count = NAMES, .names = names};
static const struct csv_wanted perhaps = {.called = "list", .optional = true, .count = NAMES, .names = names};

static enum status begin(struct scene *s, const char *text, const struct csv_wanted *columns, struct csv_table **out)
{
    *out = arena_alloc(&s->arena, sizeof **out);
    problem_reset(&s->why, &s->arena);
    return csv_table_begin(*out, columns, arena_text(&s->arena, text), strlen(text), &s->why);
}

static void ck_refused(const char *text, enum status status, const char *sentence)
{
    SCENE(s);
    struct csv_table *t;
    enum status read = begin(&s, text, &wanted, &t);
    while (read == OK)
        read = csv_table_next(t, &s.why);
    ck_assert_int_eq(read, status);
    ck_assert_str_eq(s.why.detail, sentence);
}

START_TEST(csv_table_finds_columns_by_name_and_goes_through_the_rows)
{
    SCENE(s);
    struct csv_table *t;
    ck_assert_int_eq(begin(&s, "age,note,id\n70,x,a\n\n\"7\n1\",,b", &wanted, &t), OK);
    ck_assert_int_eq(csv_table_next(t, &s.why), OK);
    ck_assert(t->rows == 1 && t->line == 2);
    const char *id = csv_table_cell(t, ID);
    ck_assert_str_eq(csv_table_cell(t, AGE), "70");
    ck_assert_ptr_null(csv_table_cell(t, SEX));
    ck_assert_int_eq(csv_table_next(t, &s.why), OK);
    ck_assert(t->rows == 2 && t->line == 4);
    ck_assert_str_eq(csv_table_cell(t, AGE), "7\n1");
    ck_assert_str_eq(id, "a");
    ck_assert_int_eq(csv_table_refuse(t, AGE, "a number", &s.why), INVALID);
    ck_assert_str_eq(s.why.detail, "Line 4, column 'age': '7\n1' must be a number.");
    ck_assert_int_eq(csv_table_next(t, &s.why), NOT_FOUND);
}
END_TEST

START_TEST(csv_table_has_the_first_of_the_columns_that_may_be_missing)
{
    SCENE(s);
    struct csv_table *t;
    ck_assert_int_eq(begin(&s, "x;age;age\n1;2;3\n", &perhaps, &t), OK);
    ck_assert_int_eq(csv_table_next(t, &s.why), OK);
    ck_assert_ptr_null(csv_table_cell(t, ID));
    ck_assert_str_eq(csv_table_cell(t, AGE), "2");
}
END_TEST

START_TEST(csv_table_says_what_does_not_fit)
{
    ck_refused("", INVALID, "The list is empty: its first line must name the columns.");
    ck_refused("\n\n", INVALID, "The list is empty: its first line must name the columns.");
    ck_refused("id;age\n", INVALID, "No column is called 'id'.");
    ck_refused("id,age,id\n", INVALID, "More than one column is called 'id'.");
    ck_refused("id,age\na\n", MALFORMED, "Line 2 has 1 cells, and the first line 2.");
    ck_refused("id,age\na,1\nb,2\nc,3\n", TOO_LARGE, "The list has more rows than 2.");
}
END_TEST

START_TEST(csv_table_makes_room_for_the_rows_that_may_follow)
{
    static const struct {
        const char *text;
        size_t room;
    } cases[] = {{"id,age", 1},          {"id,age\n1,2", 1},        {"id,age\n1,2\n3,4", 2}, {"id,age\n1,2\n3,4\n", 3},
                 {"id,age\n,\n,\n,", 3}, {"id,age\n\n\n\n1,2\n", 4}};
    SCENE(s);
    struct csv_table *t;
    for (size_t i = 0; i < COUNT(cases); i++) {
        ck_assert_int_eq(begin(&s, cases[i].text, &perhaps, &t), OK);
        ck_assert_uint_eq(csv_table_room(t), cases[i].room);
    }
    ck_assert_int_eq(begin(&s, "id,age\n1,2\n3,4\n5,6\n", &wanted, &t), OK);
    ck_assert_uint_eq(csv_table_room(t), 2);
}
END_TEST

int main(void)
{
    return UNIT_TESTS(csv_table_finds_columns_by_name_and_goes_through_the_rows,
                      csv_table_has_the_first_of_the_columns_that_may_be_missing, csv_table_says_what_does_not_fit,
                      csv_table_makes_room_for_the_rows_that_may_follow);
}
