#include "common/record/field.h"
#include "tests/support/unit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct part {
    const char *name;
    struct maybe_integer size;
};
LOCAL_SCHEMA(part_schema, "Part", struct part, FIELD_TEXT(struct part, name, .rules = REQUIRED, .min = 1, .max = 10),
             FIELD_INTEGER(struct part, size, .min = 0, .max = 9));

static const char *const colours[] = {"red", "green", NULL};

struct thing {
    const char *id, *name, *note, *colour, *born, *seen, *extra, *created_at, *version;
    struct maybe_integer count;
    struct maybe_real ratio;
    struct maybe_boolean active;
    struct text_list lines;
    struct real_list numbers;
    struct part *part;
    struct record_list parts;
};
LOCAL_SCHEMA(thing_schema, "Thing", struct thing, FIELD_UUID(struct thing, id),
             FIELD_TEXT(struct thing, name, .rules = REQUIRED | TRIMMED, .min = 2, .max = 5),
             FIELD_TEXT(struct thing, note, .rules = ANY_TEXT), FIELD_ENUM(struct thing, colour, colours),
             FIELD_DATE(struct thing, born), FIELD_TIME(struct thing, seen), FIELD_JSON(struct thing, extra),
             FIELD_TIME(struct thing, created_at, .rules = READ_ONLY),
             FIELD_TEXT(struct thing, version, .rules = HIDDEN),
             FIELD_INTEGER(struct thing, count, .min = -5, .max = 130),
             FIELD_REAL(struct thing, ratio, .min = 0, .max = 1.5), FIELD_BOOLEAN(struct thing, active),
             FIELD_TEXTS(struct thing, lines, .min = 1, .max = 3),
             FIELD_REALS(struct thing, numbers, .min = 1, .max = 3),
             FIELD_RECORD(struct thing, part, part_schema, struct part),
             FIELD_RECORDS(struct thing, parts, part_schema, .min = 0, .max = 2));

/* Plain numbers, as statistics have them, and a record of them inside. */
struct estimate {
    double mean, share;
    size_t patients, rank;
    bool adjusted;
    struct estimate *before;
};
extern const struct schema estimate_schema;
SCHEMA(estimate_schema, "Estimate", struct estimate, FIELD_NUMBER(struct estimate, mean, .rules = REQUIRED),
       FIELD_NUMBER(struct estimate, share, .min = 0, .max = 1), FIELD_COUNT(struct estimate, patients),
       FIELD_COUNT(struct estimate, rank, .min = 1, .max = 9), FIELD_FLAG(struct estimate, adjusted),
       FIELD_RECORD(struct estimate, before, estimate_schema, struct estimate));

static enum status decode_estimate(struct scene *s, json_t *json, struct estimate *out)
{
    struct input in = {.arena = &s->arena, .json = json};
    return schema_decode(&estimate_schema, &in, out, &s->why);
}

static enum status decode(struct scene *s, json_t *json, struct thing *out)
{
    struct input in = {.arena = &s->arena, .json = json};
    return schema_decode(&thing_schema, &in, out, &s->why);
}

static enum status decode_query(struct scene *s, const char *query, struct thing *out)
{
    struct input in = {.arena = &s->arena};
    ck_assert_int_eq(form_parse(&s->arena, query, strlen(query), &in.query, &s->why), OK);
    return schema_decode(&thing_schema, &in, out, &s->why);
}

START_TEST(every_kind_is_read_from_json)
{
    SCENE(s);
    struct thing t = {0};
    json_auto_t *json = json_of(
        "{'id': '01234567-89AB-CDEF-0123-456789ABCDEF', 'name': 'Paula', 'note': 'two\\nlines', 'colour': 'GREEN',"
        " 'born': '1948-02-29', 'seen': '2026-11-20T08:00:00+02:00', 'count': 21, 'ratio': 0.5, 'active': true,"
        " 'lines': ['53 26', '17'], 'numbers': [1, null, -0.5], 'part': {'name': 'one', 'size': 1}, 'parts': [{'name': "
        "'a'}, {'name': 'b'}]}");
    ck_assert_int_eq(decode(&s, json, &t), OK);
    ck_assert_str_eq(t.id, "0123456789abcdef0123456789abcdef");
    ck_assert_str_eq(t.name, "Paula");
    ck_assert_str_eq(t.note, "two\nlines");
    ck_assert_str_eq(t.colour, "green");
    ck_assert_str_eq(t.born, "1948-02-29");
    ck_assert_str_eq(t.seen, "2026-11-20T08:00:00+02:00");
    ck_assert(t.count.known && t.count.value == 21);
    ck_assert(t.ratio.known && t.ratio.value == 0.5);
    ck_assert(t.active.known && t.active.value);
    ck_assert_uint_eq(t.lines.count, 2);
    ck_assert_str_eq(t.lines.items[1], "17");
    ck_assert_uint_eq(t.numbers.count, 3);
    ck_assert(t.numbers.items[0] == 1 && isnan(t.numbers.items[1]) && t.numbers.items[2] == -0.5);
    ck_assert_str_eq(t.part->name, "one");
    ck_assert(t.part->size.value == 1);
    ck_assert_uint_eq(t.parts.count, 2);
    ck_assert_str_eq(((struct part *)t.parts.items)[1].name, "b");
}
END_TEST

START_TEST(every_kind_that_is_one_value_is_read_from_a_query)
{
    SCENE(s);
    struct thing t = {0};
    const char *query = "id=0123456789abcdef0123456789abcdef&name=Zo%C3%AB&colour=Red&born=2000-02-29&"
                        "seen=2026-11-20T08:00:00%2B02:00&count=-5&ratio=1.5&active=false";
    ck_assert_int_eq(decode_query(&s, query, &t), OK);
    ck_assert_str_eq(t.name, "Zoë");
    ck_assert_str_eq(t.colour, "red");
    ck_assert_str_eq(t.seen, "2026-11-20T08:00:00+02:00");
    ck_assert(t.count.value == -5);
    ck_assert(t.ratio.value == 1.5);
    ck_assert(t.active.known && !t.active.value);
}
END_TEST

struct refusal {
    const char *input, *pointer, *sentence;
};

START_TEST(each_rule_refuses_json_once)
{
    static const struct refusal cases[] = {
        {"{'id': 'x', 'name': 'Paula'}", "/id", "32 hexadecimal"},
        {"{'id': 7, 'name': 'Paula'}", "/id", "must be text"},
        {"{}", "/name", "is required"},
        {"{'name': null}", "/name", "must not be null"},
        {"{'name': 'P'}", "/name", "2 to 5 characters"},
        {"{'name': 'Paulaa'}", "/name", "2 to 5 characters"},
        {"{'name': 'a\\tb'}", "/name", "control characters"},
        {"{'name': ' ab'}", "/name", "begin or end with a space"},
        {"{'name': 'ab '}", "/name", "begin or end with a space"},
        {"{'name': 12345}", "/name", "must be text"},
        {"{'name': ['Paula']}", "/name", "must be text"},
        {"{'name': 'Paula', 'colour': 'blue'}", "/colour", "one of: red, green"},
        {"{'name': 'Paula', 'colour': ''}", "/colour", "one of"},
        {"{'name': 'Paula', 'born': '2023-02-29'}", "/born", "date that exists"},
        {"{'name': 'Paula', 'seen': '2026-11-20'}", "/seen", "must be a time"},
        {"{'name': 'Paula', 'extra': '{}'}", "/extra", "cannot be given"},
        {"{'name': 'Paula', 'count': 131}", "/count", "between -5 and 130"},
        {"{'name': 'Paula', 'count': -6}", "/count", "between -5 and 130"},
        {"{'name': 'Paula', 'count': 9223372036854775807}", "/count", "between"},
        {"{'name': 'Paula', 'count': 1e300}", "/count", "whole number"},
        {"{'name': 'Paula', 'count': 21.5}", "/count", "whole number"},
        {"{'name': 'Paula', 'count': '21'}", "/count", "whole number"},
        {"{'name': 'Paula', 'count': true}", "/count", "whole number"},
        {"{'name': 'Paula', 'ratio': 1.51}", "/ratio", "between 0 and 1.5"},
        {"{'name': 'Paula', 'ratio': -0.1}", "/ratio", "between 0 and 1.5"},
        {"{'name': 'Paula', 'ratio': '1'}", "/ratio", "must be a number"},
        {"{'name': 'Paula', 'active': 1}", "/active", "true or false"},
        {"{'name': 'Paula', 'active': 'true'}", "/active", "true or false"},
        {"{'name': 'Paula', 'lines': 'one'}", "/lines", "must be an array"},
        {"{'name': 'Paula', 'lines': []}", "/lines", "1 to 3 items"},
        {"{'name': 'Paula', 'lines': ['','','','']}", "/lines", "1 to 3 items"},
        {"{'name': 'Paula', 'lines': ['a', 5]}", "/lines/1", "must be text"},
        {"{'name': 'Paula', 'numbers': 1}", "/numbers", "must be an array"},
        {"{'name': 'Paula', 'numbers': []}", "/numbers", "1 to 3 items"},
        {"{'name': 'Paula', 'numbers': [1, '2']}", "/numbers/1", "must be a number"},
        {"{'name': 'Paula', 'part': []}", "/part", "must be an object"},
        {"{'name': 'Paula', 'part': {}}", "/part/name", "is required"},
        {"{'name': 'Paula', 'part': {'name':'x','size':10}}", "/part/size", "between 0 and 9"},
        {"{'name': 'Paula', 'part': {'name':'x','a/b~':1}}", "/part/a~1b~0", "is not known here"},
        {"{'name': 'Paula', 'parts': {}}", "/parts", "must be an array"},
        {"{'name': 'Paula', 'parts': [{'name':'x'}, 3]}", "/parts/1", "must be an object"},
        {"{'name': 'Paula', 'parts': [{'name':''}]}", "/parts/0/name", "1 to 10 characters"},
        {"{'name': 'Paula', 'parts': [{},{},{}]}", "/parts", "0 to 2 items"},
        {"{'name': 'Paula', 'created_at': null}", "/created_at", "read-only"},
        {"{'name': 'Paula', 'version': '1'}", "/version", "read-only"},
        {"{'name': 'Paula', 'Name': 'x'}", "/Name", "is not known here"},
        {"{'name': 'Paula', '': 'x'}", "/", "is not known here"},
        {"{'name': 'Paula', '/name': 'x'}", "/~1name", "is not known here"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        SCENE(s);
        struct thing t = {0};
        json_auto_t *json = json_of(cases[i].input);
        ck_assert_msg(decode(&s, json, &t) == INVALID, "%s", cases[i].input);
        ck_noted(&s.why, cases[i].pointer, cases[i].sentence);
        ck_assert_msg(s.why.error_count == 1, "%s", cases[i].input);
    }
}
END_TEST

START_TEST(each_rule_refuses_a_query_once)
{
    static const struct refusal cases[] = {
        {"name=Paula&count=21.0", "/count", "whole number"},
        {"name=Paula&count=", "/count", "whole number"},
        {"name=Paula&count=131", "/count", "between -5 and 130"},
        {"name=Paula&count=99999999999999999999", "/count", "whole number"},
        {"name=Paula&ratio=nan", "/ratio", "must be a number"},
        {"name=Paula&ratio=inf", "/ratio", "must be a number"},
        {"name=Paula&ratio=0x1", "/ratio", "must be a number"},
        {"name=Paula&ratio=2", "/ratio", "between 0 and 1.5"},
        {"name=Paula&active=yes", "/active", "true or false"},
        {"name=Paula&colour=blue", "/colour", "one of"},
        {"name=Paula&seen=2026-11-20T08:00:00+02:00", "/seen", "%2B"},
        {"name=Paula&lines=a", "/lines", "cannot be given"},
        {"name=Paula&part=a", "/part", "cannot be given"},
        {"name=Paula&created_at=x", "/created_at", "read-only"},
        {"name=Paula&unknown=x", "/unknown", "is not known here"},
        {"name=", "/name", "2 to 5 characters"},
        {"name=%0A%0A", "/name", "control characters"},
        {"", "/name", "is required"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        SCENE(s);
        struct thing t = {0};
        ck_assert_msg(decode_query(&s, cases[i].input, &t) == INVALID, "%s", cases[i].input);
        ck_noted(&s.why, cases[i].pointer, cases[i].sentence);
        ck_assert_msg(s.why.error_count == 1, "%s", cases[i].input);
    }
}
END_TEST

START_TEST(all_offending_members_are_named_and_not_just_the_first)
{
    SCENE(s);
    struct thing t = {0};
    json_auto_t *json = json_of("{'id': 'x', 'count': 131, 'ratio': 'a', 'lines': [1, 'fine', null], 'bogus': 1,"
                                " 'part': {'size': 10}, 'parts': [{'name': 'ok'}, {'name': ''}], 'version': 'x'}");
    ck_assert_int_eq(decode(&s, json, &t), INVALID);
    static const char *const pointers[] = {"/id",      "/count",        "/ratio",     "/lines/0",
                                           "/lines/2", "/bogus",        "/part/size", "/part/name",
                                           "/version", "/parts/1/name", "/name"};
    for (size_t i = 0; i < COUNT(pointers); i++)
        ck_noted(&s.why, pointers[i], "");
    ck_assert_int_eq(s.why.error_count, COUNT(pointers));
}
END_TEST

START_TEST(a_refused_member_leaves_its_place_alone)
{
    SCENE(s);
    struct thing t = {.name = "Paula", .count = {true, 7}, .colour = "red"};
    json_auto_t *json = json_of("{'name': 'P', 'count': 500, 'colour': 'blue'}");
    ck_assert_int_eq(decode(&s, json, &t), INVALID);
    ck_assert_str_eq(t.name, "Paula");
    ck_assert(t.count.value == 7);
    ck_assert_str_eq(t.colour, "red");
}
END_TEST

START_TEST(twenty_one_point_zero_is_a_whole_number)
{
    SCENE(s);
    struct thing t = {0};
    json_auto_t *json = json_of("{'name': 'Paula', 'count': 21.0}");
    ck_assert_int_eq(decode(&s, json, &t), OK);
    ck_assert(t.count.known && t.count.value == 21);
}
END_TEST

START_TEST(a_whole_number_is_a_real_one)
{
    SCENE(s);
    struct thing t = {0};
    json_auto_t *json = json_of("{'name': 'Paula', 'ratio': 1}");
    ck_assert_int_eq(decode(&s, json, &t), OK);
    ck_assert(t.ratio.value == 1);
}
END_TEST

START_TEST(bounds_belong_to_the_range)
{
    SCENE(s);
    struct thing t = {0};
    json_auto_t *lowest = json_of("{'name': 'Zo', 'count': -5, 'ratio': 0, 'lines': ['x']}");
    json_auto_t *highest = json_of("{'name': 'Zoëëë', 'count': 130, 'ratio': 1.5, 'lines': ['x','y','z']}");
    ck_assert_int_eq(decode(&s, lowest, &t), OK);
    ck_assert_int_eq(decode(&s, highest, &t), OK);
}
END_TEST

START_TEST(a_change_leaves_what_it_does_not_name)
{
    SCENE(s);
    struct part part = {.name = "old"};
    struct thing t = {.name = "Carl", .note = "keep", .count = {true, 3}, .part = &part};
    json_auto_t *json = json_of("{'name': 'Paula', 'count': 4}");
    ck_assert_int_eq(decode(&s, json, &t), OK);
    ck_assert_str_eq(t.name, "Paula");
    ck_assert_str_eq(t.note, "keep");
    ck_assert(t.count.value == 4);
    ck_assert_ptr_eq(t.part, &part);
}
END_TEST

START_TEST(a_change_may_leave_a_member_out_but_not_take_it_away)
{
    LOCAL_SCHEMA(change_schema, "PartChange", struct part, FIELD_TEXT(struct part, name, .rules = NOT_NULL),
                 FIELD_INTEGER(struct part, size, .rules = NOT_NULL));
    SCENE(s);
    struct part part = {"old", {true, 3}};
    json_auto_t *nothing = json_object(), *taken = json_of("{'name': null, 'size': null}");
    struct input in = {.arena = &s.arena, .json = nothing};
    ck_assert_int_eq(schema_decode(&change_schema, &in, &part, &s.why), OK);
    in.json = taken;
    ck_assert_int_eq(schema_decode(&change_schema, &in, &part, &s.why), INVALID);
    ck_noted(&s.why, "/name", "must not be null");
    ck_noted(&s.why, "/size", "must not be null");
    ck_assert_str_eq(part.name, "old");
}
END_TEST

START_TEST(null_makes_a_member_unknown)
{
    SCENE(s);
    struct part part = {.name = "old"};
    struct thing t = {.note = "x",
                      .colour = "red",
                      .count = {true, 3},
                      .ratio = {true, 1},
                      .active = {true, true},
                      .part = &part,
                      .lines = {(const char *[]){"x"}, 1},
                      .parts = {&part, 1}};
    json_auto_t *json = json_of("{'name': 'Paula', 'note': null, 'colour': null, 'count': null, 'ratio': null,"
                                " 'active': null, 'part': null, 'lines': null, 'parts': null}");
    ck_assert_int_eq(decode(&s, json, &t), OK);
    ck_assert(!t.note && !t.colour && !t.part && !t.lines.items && !t.parts.items);
    ck_assert(!t.count.known && !t.ratio.known && !t.active.known);
    ck_assert(t.lines.count == 0 && t.parts.count == 0);
    ck_assert_str_eq(t.name, "Paula");
}
END_TEST

START_TEST(plain_numbers_are_read_from_json)
{
    SCENE(s);
    struct estimate e = {0};
    json_auto_t *json = json_of("{'mean': 1, 'share': 0.25, 'patients': 9007199254740991, 'rank': 3.0,"
                                " 'adjusted': true}");
    ck_assert_int_eq(decode_estimate(&s, json, &e), OK);
    ck_assert(e.mean == 1 && e.share == 0.25 && e.adjusted);
    ck_assert(e.patients == 9007199254740991 && e.rank == 3);
}
END_TEST

START_TEST(plain_numbers_are_read_from_a_query)
{
    SCENE(s);
    struct estimate e = {0};
    struct form_pair pairs[] = {{"mean", "-0.5"}, {"patients", "0"}, {"rank", "9"}, {"adjusted", "true"}};
    struct input in = {.arena = &s.arena, .query = {pairs, COUNT(pairs)}};
    ck_assert_int_eq(schema_decode(&estimate_schema, &in, &e, &s.why), OK);
    ck_assert(e.mean == -0.5 && e.patients == 0 && e.rank == 9 && e.adjusted);
}
END_TEST

START_TEST(each_rule_of_plain_numbers_refuses_once)
{
    static const struct refusal cases[] = {
        {"{}", "/mean", "is required"},
        {"{'mean': null}", "/mean", "must not be null"},
        {"{'mean': '1'}", "/mean", "must be a number"},
        {"{'mean': 1, 'share': 1.5}", "/share", "between 0 and 1"},
        {"{'mean': 1, 'patients': -1}", "/patients", "between 0 and 9007199254740991"},
        {"{'mean': 1, 'patients': 9007199254740992}", "/patients", "between 0 and 9007199254740991"},
        {"{'mean': 1, 'patients': 9223372036854775807}", "/patients", "between 0 and 9007199254740991"},
        {"{'mean': 1, 'patients': 1e300}", "/patients", "whole number"},
        {"{'mean': 1, 'patients': 0.5}", "/patients", "whole number"},
        {"{'mean': 1, 'rank': 0}", "/rank", "between 1 and 9"},
        {"{'mean': 1, 'rank': 10}", "/rank", "between 1 and 9"},
        {"{'mean': 1, 'adjusted': 1}", "/adjusted", "true or false"},
        {"{'mean': 1, 'adjusted': null}", "/adjusted", "must not be null"},
        {"{'mean': 1, 'before': {}}", "/before/mean", "is required"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        SCENE(s);
        struct estimate e = {0};
        json_auto_t *json = json_of(cases[i].input);
        ck_assert_msg(decode_estimate(&s, json, &e) == INVALID, "%s", cases[i].input);
        ck_noted(&s.why, cases[i].pointer, cases[i].sentence);
        ck_assert_msg(s.why.error_count == 1, "%s", cases[i].input);
    }
}
END_TEST

START_TEST(plain_numbers_of_text_that_is_none_are_refused)
{
    static const char *const texts[] = {"nan", "inf", "-inf", "1e999", "0x1", ""};
    for (size_t i = 0; i < COUNT(texts); i++) {
        SCENE(s);
        struct estimate e = {.mean = 7};
        struct form_pair pairs[] = {{"mean", texts[i]}, {"patients", "-1"}, {"adjusted", "yes"}};
        struct input in = {.arena = &s.arena, .query = {pairs, COUNT(pairs)}};
        ck_assert_int_eq(schema_decode(&estimate_schema, &in, &e, &s.why), INVALID);
        ck_noted(&s.why, "/mean", "must be a number");
        ck_noted(&s.why, "/patients", "between 0 and");
        ck_noted(&s.why, "/adjusted", "true or false");
        ck_assert(e.mean == 7);
    }
}
END_TEST

START_TEST(null_and_what_a_new_record_lacks_are_nan_and_no_count)
{
    SCENE(s);
    struct estimate e = {.share = 1, .patients = 7, .rank = 2};
    json_auto_t *json = json_of("{'mean': 1, 'share': null, 'patients': null, 'before': {'mean': 2}}");
    ck_assert_int_eq(decode_estimate(&s, json, &e), OK);
    ck_assert(isnan(e.share) && e.patients == SIZE_MAX && e.rank == 2);
    ck_assert(e.before->mean == 2 && isnan(e.before->share) && e.before->patients == SIZE_MAX && !e.before->adjusted);
    ck_assert_ptr_null(e.before->before);
}
END_TEST

START_TEST(a_cleared_record_knows_nothing)
{
    struct estimate e = {.mean = 1, .share = 1, .patients = 7, .adjusted = true, .before = &e};
    schema_clear(&estimate_schema, &e);
    ck_assert(isnan(e.mean) && isnan(e.share) && e.patients == SIZE_MAX && !e.adjusted && !e.before);
}
END_TEST

START_TEST(a_member_may_come_from_one_place_only)
{
    SCENE(s);
    struct thing t = {0};
    json_auto_t *json = json_of("{'name': 'Carl', 'count': 3}");
    struct form_pair in_path[] = {{"name", "Paula"}, {"thing_id", "7"}};
    struct form_pair in_query[] = {{"count", "4"}};
    struct input in = {.arena = &s.arena, .json = json, .path = {in_path, 2}, .query = {in_query, 1}};
    ck_assert_int_eq(schema_decode(&thing_schema, &in, &t, &s.why), INVALID);
    ck_noted(&s.why, "/name", "more than once");
    ck_noted(&s.why, "/count", "more than once");
    ck_assert_int_eq(s.why.error_count, 2);
}
END_TEST

START_TEST(a_variable_of_the_path_is_checked_like_any_member)
{
    SCENE(s);
    struct thing t = {0};
    struct form_pair in_path[] = {{"name", "Paula"}, {"count", "500"}, {"thing_id", "7"}};
    struct input in = {.arena = &s.arena, .path = {in_path, 3}};
    ck_assert_int_eq(schema_decode(&thing_schema, &in, &t, &s.why), INVALID);
    ck_noted(&s.why, "/count", "between");
    ck_assert_str_eq(t.name, "Paula");
    ck_assert_int_eq(s.why.error_count, 1);
}
END_TEST

START_TEST(one_object_of_many_is_named_by_its_place)
{
    SCENE(s);
    struct thing t = {0};
    json_auto_t *json = json_of("{'count': 500, 'part': {'size': -1}}");
    struct input in = {.arena = &s.arena};
    ck_assert_int_eq(schema_decode_at(&thing_schema, &in, json, "/2", &t, &s.why), INVALID);
    ck_noted(&s.why, "/2/count", "between");
    ck_noted(&s.why, "/2/part/size", "between");
    ck_noted(&s.why, "/2/part/name", "required");
    ck_noted(&s.why, "/2/name", "required");
}
END_TEST

START_TEST(a_flood_of_unknown_members_is_cut)
{
    SCENE(s);
    struct thing t = {0};
    json_auto_t *json = json_of("{'name': 'Paula'}");
    for (int i = 0; i < 5000; i++)
        json_object_set_new(json, arena_printf(&s.arena, "x%d", i), json_null());
    ck_assert_int_eq(decode(&s, json, &t), INVALID);
    ck_assert_int_eq(s.why.error_count, PROBLEM_ERRORS_MAX);
}
END_TEST

enum { WIDE = 200 };

/* More members than a machine word has bits, all of them required: m0 to m199. */
static struct schema wide_schema(struct arena *arena)
{
    struct field *fields = arena_alloc(arena, (WIDE + 1) * sizeof *fields);
    for (size_t i = 0; i < WIDE; i++)
        fields[i] = (struct field){.name = arena_printf(arena, "m%zu", i),
                                   .kind = FIELD_KIND_INTEGER,
                                   .offset = i * sizeof(struct maybe_integer),
                                   .rules = REQUIRED};
    return (struct schema){"Wide", WIDE * sizeof(struct maybe_integer), fields};
}

static json_t *wide_object(const struct schema *wide)
{
    json_t *json = json_object();
    for (int i = 0; i < WIDE; i++)
        json_object_set_new(json, wide->fields[i].name, json_integer(i));
    return json;
}

START_TEST(each_of_200_members_is_taken)
{
    SCENE(s);
    const struct schema wide = wide_schema(&s.arena);
    struct maybe_integer out[WIDE] = {0};
    json_auto_t *json = wide_object(&wide);
    struct input in = {.arena = &s.arena, .json = json};
    ck_assert_int_eq(schema_decode(&wide, &in, out, &s.why), OK);
    for (int i = 0; i < WIDE; i++) {
        ck_assert(out[i].known);
        ck_assert_int_eq(out[i].value, i);
    }
}
END_TEST

START_TEST(each_of_200_members_is_missed)
{
    SCENE(s);
    const struct schema wide = wide_schema(&s.arena);
    struct maybe_integer out[WIDE];
    for (int i = 0; i < WIDE; i++) {
        json_auto_t *json = wide_object(&wide);
        struct input in = {.arena = &s.arena, .json = json};
        json_object_del(json, wide.fields[i].name);
        problem_reset(&s.why, &s.arena);
        ck_assert_int_eq(schema_decode(&wide, &in, out, &s.why), INVALID);
        ck_assert_int_eq(s.why.error_count, 1);
        ck_noted(&s.why, arena_printf(&s.arena, "/m%d", i), "is required");
    }
}
END_TEST

START_TEST(each_of_200_members_is_refused_when_it_is_repeated)
{
    SCENE(s);
    const struct schema wide = wide_schema(&s.arena);
    struct maybe_integer out[WIDE];
    for (int i = 0; i < WIDE; i++) {
        json_auto_t *json = wide_object(&wide);
        struct form_pair again[] = {{wide.fields[i].name, "1"}};
        struct input in = {.arena = &s.arena, .json = json, .query = {again, 1}};
        problem_reset(&s.why, &s.arena);
        ck_assert_int_eq(schema_decode(&wide, &in, out, &s.why), INVALID);
        ck_assert_int_eq(s.why.error_count, 1);
        ck_noted(&s.why, arena_printf(&s.arena, "/m%d", i), "more than once");
    }
}
END_TEST

int main(void)
{
    return UNIT_TESTS(
        plain_numbers_are_read_from_json, plain_numbers_are_read_from_a_query, each_rule_of_plain_numbers_refuses_once,
        plain_numbers_of_text_that_is_none_are_refused, null_and_what_a_new_record_lacks_are_nan_and_no_count,
        a_cleared_record_knows_nothing, every_kind_is_read_from_json, every_kind_that_is_one_value_is_read_from_a_query,
        each_rule_refuses_json_once, each_rule_refuses_a_query_once,
        all_offending_members_are_named_and_not_just_the_first, a_refused_member_leaves_its_place_alone,
        twenty_one_point_zero_is_a_whole_number, a_whole_number_is_a_real_one, bounds_belong_to_the_range,
        a_change_leaves_what_it_does_not_name, null_makes_a_member_unknown, a_member_may_come_from_one_place_only,
        a_variable_of_the_path_is_checked_like_any_member, one_object_of_many_is_named_by_its_place,
        a_flood_of_unknown_members_is_cut, each_of_200_members_is_taken, each_of_200_members_is_missed,
        each_of_200_members_is_refused_when_it_is_repeated, a_change_may_leave_a_member_out_but_not_take_it_away);
}
