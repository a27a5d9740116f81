#include "common/record/field.h"
#include "tests/support/unit.h"

#include <math.h>
#include <stdlib.h>

struct part {
    const char *name;
};
LOCAL_SCHEMA(part_schema, "Part", struct part, FIELD_TEXT(struct part, name));

static const char *const colours[] = {"red", "green", NULL};

struct thing {
    const char *id, *name, *colour, *born, *seen, *extra, *password, *page_key;
    struct maybe_integer count, version;
    struct maybe_real ratio;
    struct maybe_boolean active;
    struct text_list lines;
    struct real_list numbers;
    struct part *part;
    struct record_list parts;
};
LOCAL_SCHEMA(
    thing_schema, "Thing", struct thing, FIELD_UUID(struct thing, id), FIELD_TEXT(struct thing, name),
    FIELD_ENUM(struct thing, colour, colours, .rules = OMIT_NULL), FIELD_DATE(struct thing, born, .rules = OMIT_NULL),
    FIELD_TIME(struct thing, seen, .rules = OMIT_NULL), FIELD_JSON(struct thing, extra, .rules = OMIT_NULL),
    FIELD_TEXT(struct thing, password, .rules = WRITE_ONLY), FIELD_TEXT(struct thing, page_key, .rules = HIDDEN),
    FIELD_INTEGER(struct thing, version, .rules = HIDDEN), FIELD_INTEGER(struct thing, count, .rules = OMIT_NULL),
    FIELD_REAL(struct thing, ratio, .rules = OMIT_NULL), FIELD_BOOLEAN(struct thing, active, .rules = OMIT_NULL),
    FIELD_TEXTS(struct thing, lines, .rules = OMIT_NULL), FIELD_REALS(struct thing, numbers, .rules = OMIT_NULL),
    FIELD_RECORD(struct thing, part, part_schema, struct part, .rules = OMIT_NULL),
    FIELD_RECORDS(struct thing, parts, part_schema, .rules = OMIT_NULL));

static void ck_writes(const struct thing *t, const char *expected)
{
    struct writer w = {0};
    char *json = json_text_of(expected);
    schema_write(&thing_schema, t, &w);
    ck_written(&w, json);
    free(json);
}

START_TEST(unknown_values_are_null_or_left_out)
{
    struct thing t = {0};
    ck_writes(&t, "{'id':null,'name':null}");
}
END_TEST

START_TEST(secrets_and_hidden_columns_are_never_written)
{
    struct thing t = {.name = "Paula", .password = "secret", .page_key = "paula", .version = {true, 7}};
    ck_writes(&t, "{'id':null,'name':'Paula'}");
}
END_TEST

START_TEST(every_kind_is_written_in_the_order_of_the_table)
{
    struct part parts[] = {{"a"}, {NULL}};
    struct thing t = {.id = "0123456789abcdef0123456789abcdef",
                      .name = R"(Zoë "Z")",
                      .colour = "red",
                      .born = "1948-02-29",
                      .seen = "2026-11-20T08:00:00Z",
                      .extra = R"({"a": [1]})",
                      .count = {true, 0},
                      .ratio = {true, 66.3},
                      .active = {true, false},
                      .lines = {(const char *[]){"53 26", ""}, 2},
                      .numbers = {(const double[]){0.1, NAN}, 2},
                      .part = parts,
                      .parts = {parts, 2}};
    ck_writes(&t,
              "{'id':'0123456789abcdef0123456789abcdef','name':'Zoë \\'Z\\'','colour':'red','born':'1948-02-29',"
              "'seen':'2026-11-20T08:00:00Z','extra':{'a': [1]},'count':0,'ratio':66.3,'active':false,"
              "'lines':['53 26',''],'numbers':[0.1,null],'part':{'name':'a'},'parts':[{'name':'a'},{'name':null}]}");
}
END_TEST

START_TEST(a_known_empty_list_is_not_an_unknown_one)
{
    const char *none[] = {NULL};
    struct part no_part;
    struct thing t = {.lines = {none, 0}, .parts = {&no_part, 0}};
    ck_writes(&t, "{'id':null,'name':null,'lines':[],'parts':[]}");
}
END_TEST

START_TEST(a_real_that_is_not_finite_is_null)
{
    struct thing t = {.ratio = {true, (double)NAN}};
    ck_writes(&t, "{'id':null,'name':null,'ratio':null}");
}
END_TEST

/* Plain numbers, as statistics have them. */
struct estimate {
    double mean, lower;
    size_t patients, events;
    bool adjusted;
};
LOCAL_SCHEMA(estimate_schema, "Estimate", struct estimate, FIELD_NUMBER(struct estimate, mean),
             FIELD_NUMBER(struct estimate, lower, .rules = OMIT_NULL), FIELD_COUNT(struct estimate, patients),
             FIELD_COUNT(struct estimate, events, .rules = OMIT_NULL),
             FIELD_FLAG(struct estimate, adjusted, .rules = OMIT_NULL));

static void ck_writes_estimate(struct estimate e, const char *expected)
{
    struct writer w = {0};
    char *json = json_text_of(expected);
    schema_write(&estimate_schema, &e, &w);
    ck_written(&w, json);
    free(json);
}

START_TEST(plain_numbers_are_written_as_they_are)
{
    ck_writes_estimate((struct estimate){0.1, -2, 7, 0, true},
                       "{'mean':0.1,'lower':-2,'patients':7,'events':0,'adjusted':true}");
}
END_TEST

START_TEST(nan_infinity_and_no_count_are_null_or_left_out)
{
    ck_writes_estimate((struct estimate){(double)NAN, (double)NAN, SIZE_MAX, SIZE_MAX, false},
                       "{'mean':null,'patients':null,'adjusted':false}");
    ck_writes_estimate((struct estimate){(double)INFINITY, -(double)INFINITY, 0, 1, false},
                       "{'mean':null,'patients':0,'events':1,'adjusted':false}");
}
END_TEST

START_TEST(columns_of_postgresql_become_plain_numbers)
{
    SCENE(s);
    struct estimate e = {.lower = 7, .events = 7};
    static const char *const row[][2] = {
        {"mean", "66.3"}, {"lower", NULL}, {"patients", "9007199254740991"}, {"events", NULL}, {"adjusted", "t"}};
    for (size_t i = 0; i < COUNT(row); i++)
        ck_assert_int_eq(schema_set_column(&estimate_schema, (int)i, row[i][0], row[i][1], &s.arena, &e), (int)i);
    ck_assert(e.mean == 66.3 && isnan(e.lower) && e.patients == 9007199254740991 && e.events == SIZE_MAX && e.adjusted);
    schema_set_column(&estimate_schema, 0, "mean", "NaN", &s.arena, &e);
    schema_set_column(&estimate_schema, 0, "patients", "-1", &s.arena, &e);
    ck_assert(isnan(e.mean) && e.patients == SIZE_MAX);
}
END_TEST

static const struct thing *row_of(struct scene *s, const char *column, const char *value)
{
    struct thing *t = arena_alloc(&s->arena, sizeof *t);
    ck_assert_msg(schema_set_column(&thing_schema, 0, column, value, &s->arena, t) >= 0, "%s", column);
    return t;
}

START_TEST(columns_of_postgresql_become_members)
{
    SCENE(s);
    ck_assert_str_eq(row_of(&s, "name", "Paula")->name, "Paula");
    ck_assert_str_eq(row_of(&s, "id", "01234567-89ab-cdef-0123-456789abcdef")->id, "0123456789abcdef0123456789abcdef");
    ck_assert_str_eq(row_of(&s, "born", "1948-02-29")->born, "1948-02-29");
    ck_assert_int_eq(row_of(&s, "count", "-9223372036854775808")->count.value, INT64_MIN);
    ck_assert(row_of(&s, "count", "0")->count.known);
    ck_assert(row_of(&s, "ratio", "66.3")->ratio.value == 66.3);
    ck_assert(row_of(&s, "active", "t")->active.value);
    ck_assert(row_of(&s, "active", "f")->active.known);
    ck_assert(!row_of(&s, "active", "f")->active.value);
    ck_assert_str_eq(row_of(&s, "extra", "{}")->extra, "{}");
}
END_TEST

START_TEST(times_of_postgresql_become_rfc_3339)
{
    SCENE(s);
    ck_assert_str_eq(row_of(&s, "seen", "2026-11-20 12:00:00+00")->seen, "2026-11-20T12:00:00Z");
    ck_assert_str_eq(row_of(&s, "seen", "2026-11-20 12:00:00.123456+00")->seen, "2026-11-20T12:00:00.123456Z");
}
END_TEST

START_TEST(null_of_postgresql_is_not_known)
{
    SCENE(s);
    ck_assert_ptr_null(row_of(&s, "name", NULL)->name);
    ck_assert(!row_of(&s, "count", NULL)->count.known);
}
END_TEST

START_TEST(columns_are_found_by_name_and_looked_for_in_order)
{
    SCENE(s);
    struct thing t = {0};
    ck_assert_int_eq(schema_set_column(&thing_schema, 0, "id", NULL, &s.arena, &t), 0);
    ck_assert_int_eq(schema_set_column(&thing_schema, 1, "name", "x", &s.arena, &t), 1);
    ck_assert_int_eq(schema_set_column(&thing_schema, 2, "ratio", "1", &s.arena, &t), 10);
    ck_assert_int_eq(schema_set_column(&thing_schema, 11, "id", NULL, &s.arena, &t), 0);
    ck_assert_int_eq(schema_set_column(&thing_schema, (int)COUNT(thing_schema_fields) - 1, "name", "y", &s.arena, &t),
                     1);
    ck_assert_int_eq(schema_set_column(&thing_schema, 0, "unknown", "x", &s.arena, &t), -1);
    ck_assert_str_eq(t.name, "y");
}
END_TEST

int main(void)
{
    return UNIT_TESTS(unknown_values_are_null_or_left_out, secrets_and_hidden_columns_are_never_written,
                      every_kind_is_written_in_the_order_of_the_table, a_known_empty_list_is_not_an_unknown_one,
                      a_real_that_is_not_finite_is_null, plain_numbers_are_written_as_they_are,
                      nan_infinity_and_no_count_are_null_or_left_out, columns_of_postgresql_become_plain_numbers,
                      columns_of_postgresql_become_members, times_of_postgresql_become_rfc_3339,
                      null_of_postgresql_is_not_known, columns_are_found_by_name_and_looked_for_in_order);
}
