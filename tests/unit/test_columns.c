/* SQL for records with many members. */
#include "common/database/columns.h"
#include "tests/support/unit.h"

#include <math.h>
#include <stdint.h>

struct thing {
    const char *name, *colour, *born, *seen_at, *id;
    struct maybe_integer count;
    struct maybe_real weight;
    struct maybe_boolean round;
};
static const char *const colours[] = {"red", "blue", NULL};
LOCAL_SCHEMA(things, "Thing", struct thing, FIELD_TEXT(struct thing, name), FIELD_ENUM(struct thing, colour, colours),
             FIELD_DATE(struct thing, born), FIELD_TIME(struct thing, seen_at), FIELD_UUID(struct thing, id),
             FIELD_INTEGER(struct thing, count), FIELD_REAL(struct thing, weight), FIELD_BOOLEAN(struct thing, round));

START_TEST(names_have_the_prefix_and_parameters_the_type_of_their_kind)
{
    SCENE(s);
    ck_assert_str_eq(columns_names(&s.arena, &things, "t."),
                     "t.name, t.colour, t.born, t.seen_at, t.id, t.count, t.weight, t.round");
    ck_assert_str_eq(columns_parameters(&s.arena, &things, 3),
                     "$3::text, $4::text, $5::date, $6::timestamptz, $7::uuid,"
                     " $8::bigint, $9::float8, $10::boolean");
    ck_assert_int_eq(columns_count(&things), 8);
}
END_TEST

START_TEST(values_are_text_and_what_is_not_known_is_null)
{
    SCENE(s);
    struct db db = {.arena = &s.arena};
    struct thing t = {.name = "ball", .weight = {true, 66.3}, .round = {true, true}};
    const char *values[8];
    columns_values(&db, &things, &t, values);
    ck_assert_str_eq(values[0], "ball");
    ck_assert_ptr_null(values[1]);
    ck_assert_ptr_null(values[5]);
    ck_assert_str_eq(values[6], "66.3");
    ck_assert_str_eq(values[7], "true");
}
END_TEST

struct estimate {
    double mean, lower;
    size_t patients, events;
    bool adjusted, weighted;
};
LOCAL_SCHEMA(estimates, "Estimate", struct estimate, FIELD_NUMBER(struct estimate, mean),
             FIELD_NUMBER(struct estimate, lower), FIELD_COUNT(struct estimate, patients),
             FIELD_COUNT(struct estimate, events), FIELD_FLAG(struct estimate, adjusted),
             FIELD_FLAG(struct estimate, weighted));

START_TEST(plain_numbers_have_columns_too)
{
    SCENE(s);
    struct db db = {.arena = &s.arena};
    struct estimate e = {66.3, (double)NAN, 7, SIZE_MAX, true, false};
    static const char *const expected[] = {"66.3", NULL, "7", NULL, "true", "false"};
    const char *values[6];
    ck_assert_str_eq(columns_parameters(&s.arena, &estimates, 1),
                     "$1::float8, $2::float8, $3::bigint, $4::bigint, $5::boolean, $6::boolean");
    columns_values(&db, &estimates, &e, values);
    for (size_t i = 0; i < COUNT(values); i++)
        ck_assert_pstr_eq(values[i], expected[i]);
}
END_TEST

int main(void)
{
    return UNIT_TESTS(names_have_the_prefix_and_parameters_the_type_of_their_kind,
                      values_are_text_and_what_is_not_known_is_null, plain_numbers_have_columns_too);
}
