#include "common/record/form.h"
#include "tests/support/unit.h"

#include <string.h>

static enum status parse(struct scene *s, const char *text, struct form *out)
{
    return form_parse(&s->arena, text, strlen(text), out, &s->why);
}

START_TEST(form_parse_splits_and_decodes)
{
    SCENE(s);
    struct form form;
    ck_assert_int_eq(parse(&s, "name=Paula+Patient&city=M%C3%BCnchen&empty=&flag&a%3Db=1%2B1", &form), OK);
    ck_assert_uint_eq(form.count, 5);
    ck_assert_str_eq(form_value(&form, "name"), "Paula Patient");
    ck_assert_str_eq(form_value(&form, "city"), "München");
    ck_assert_str_eq(form_value(&form, "empty"), "");
    ck_assert_str_eq(form_value(&form, "flag"), "");
    ck_assert_str_eq(form_value(&form, "a=b"), "1+1");
    ck_assert_ptr_null(form_value(&form, "Name"));
}
END_TEST

START_TEST(form_parse_skips_empty_pairs)
{
    SCENE(s);
    struct form form;
    ck_assert_int_eq(parse(&s, "&&a=1&&b=2&", &form), OK);
    ck_assert_uint_eq(form.count, 2);
    ck_assert_int_eq(parse(&s, "", &form), OK);
    ck_assert_uint_eq(form.count, 0);
}
END_TEST

START_TEST(form_parse_keeps_an_equals_sign_in_a_value)
{
    SCENE(s);
    struct form form;
    ck_assert_int_eq(parse(&s, "filter=a=b==", &form), OK);
    ck_assert_str_eq(form_value(&form, "filter"), "a=b==");
}
END_TEST

START_TEST(form_parse_refuses_broken_escapes_nul_and_utf8)
{
    static const char *const cases[] = {
        "a=%",   "a=%4",  "a=%zz", "a=%4g",          "%=1",      "a=1&b=%", "a=%00",
        "%00=1", "a=%FF", "a=%C3", "a=\xED\xA0\x80", "a=%C0%AF",
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        SCENE(s);
        struct form form;
        ck_assert_msg(parse(&s, cases[i], &form) == MALFORMED, "%s", cases[i]);
        ck_assert_uint_eq(form.count, 0);
    }
}
END_TEST

START_TEST(form_parse_refuses_a_nul_as_it_is)
{
    SCENE(s);
    struct form form;
    ck_assert_int_eq(form_parse(&s.arena, "a=1\0b", 5, &form, &s.why), MALFORMED);
}
END_TEST

START_TEST(form_parse_stays_inside_its_size)
{
    SCENE(s);
    struct form form;
    ck_assert_int_eq(form_parse(&s.arena, "a=%41&b=2", 4, &form, &s.why), MALFORMED);
    ck_assert_int_eq(form_parse(&s.arena, "a=%41&b=2", 5, &form, &s.why), OK);
    ck_assert_str_eq(form_value(&form, "a"), "A");
}
END_TEST

START_TEST(form_parse_refuses_a_repeated_key)
{
    SCENE(s);
    struct form form;
    ck_assert_int_eq(parse(&s, "mmse=3&name=x&mms%65=4", &form), INVALID);
    ck_noted(&s.why, "/mmse", "more than once");
}
END_TEST

START_TEST(form_parse_names_a_repeated_key_by_a_pointer)
{
    SCENE(s);
    struct form form;
    ck_assert_int_eq(parse(&s, "/a~=3&/a~=4", &form), INVALID);
    ck_noted(&s.why, "/~1a~0", "more than once");
}
END_TEST

START_TEST(form_parse_takes_64_pairs_and_no_more)
{
    SCENE(s);
    struct form form;
    const char *text = "k0=0";
    for (int i = 1; i < FORM_PAIRS_MAX; i++)
        text = arena_printf(&s.arena, "%s&k%d=%d", text, i, i);
    ck_assert_int_eq(parse(&s, text, &form), OK);
    ck_assert_uint_eq(form.count, 64);
    ck_assert_int_eq(parse(&s, arena_printf(&s.arena, "%s&one=more", text), &form), INVALID);
}
END_TEST

START_TEST(a_path_segment_keeps_its_plus)
{
    SCENE(s);
    const char *segment;
    ck_assert_int_eq(form_decode_segment(&s.arena, "a+b%2Fc", 7, &segment, &s.why), OK);
    ck_assert_str_eq(segment, "a+b/c");
}
END_TEST

START_TEST(an_encoded_segment_decodes_to_what_it_was)
{
    SCENE(s);
    const char *name = "Dr. Zoë O'Neil/100% <b>&?#+", *again;
    const char *segment = form_encode_segment(&s.arena, name);
    ck_assert_str_eq(segment, "Dr.%20Zo%C3%AB%20O%27Neil%2F100%25%20%3Cb%3E%26%3F%23%2B");
    ck_assert_int_eq(form_decode_segment(&s.arena, segment, strlen(segment), &again, &s.why), OK);
    ck_assert_str_eq(again, name);
}
END_TEST

int main(void)
{
    return UNIT_TESTS(form_parse_splits_and_decodes, form_parse_skips_empty_pairs,
                      form_parse_keeps_an_equals_sign_in_a_value, form_parse_refuses_broken_escapes_nul_and_utf8,
                      form_parse_refuses_a_nul_as_it_is, form_parse_stays_inside_its_size,
                      form_parse_refuses_a_repeated_key, form_parse_names_a_repeated_key_by_a_pointer,
                      form_parse_takes_64_pairs_and_no_more, a_path_segment_keeps_its_plus,
                      an_encoded_segment_decodes_to_what_it_was);
}
