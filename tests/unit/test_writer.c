#include "tests/support/unit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

START_TEST(writer_puts_commas_between_members_and_items)
{
    struct writer w = {0};
    write_object(&w);
    write_key(&w, "a");
    write_integer(&w, 1);
    write_key(&w, "b");
    write_array(&w);
    write_boolean(&w, true);
    write_boolean(&w, false);
    write_null(&w);
    write_array_end(&w);
    write_key(&w, "c");
    write_object(&w);
    write_object_end(&w);
    write_key(&w, "d");
    write_text(&w, "x");
    write_object_end(&w);
    ck_written(&w, R"({"a":1,"b":[true,false,null],"c":{},"d":"x"})");
}
END_TEST

START_TEST(writer_nests_arrays)
{
    struct writer w = {0};
    write_array(&w);
    write_array(&w);
    write_array_end(&w);
    write_array(&w);
    write_integer(&w, 2);
    write_array_end(&w);
    write_integer(&w, 3);
    write_array_end(&w);
    ck_written(&w, "[[],[2],3]");
}
END_TEST

START_TEST(write_text_escapes_what_json_wants_escaped)
{
    struct writer w = {0};
    write_text(&w, "\"Dr.\" \\ / \n\t\x01\x1F\x7F Zoë <b>");
    ck_written(&w, "\"\\\"Dr.\\\" \\\\ / \\u000a\\u0009\\u0001\\u001f\x7F Zoë <b>\"");
}
END_TEST

START_TEST(write_text_reads_back_the_same)
{
    char text[256];
    for (int i = 0; i < 127; i++)
        text[i] = (char)(i + 1);
    text[127] = '\0';
    struct writer w = {0};
    write_text(&w, text);
    json_t *json = json_loads(w.bytes, JSON_DECODE_ANY, NULL);
    ck_assert_str_eq(json_string_value(json), text);
    json_decref(json);
    writer_release(&w);
}
END_TEST

START_TEST(write_key_escapes_too)
{
    struct writer w = {0};
    write_object(&w);
    write_key(&w, R"(a"b)");
    write_null(&w);
    write_object_end(&w);
    ck_written(&w, R"({"a\"b":null})");
}
END_TEST

START_TEST(write_text_of_nothing_is_null)
{
    struct writer w = {0};
    write_array(&w);
    write_text(&w, NULL);
    write_text(&w, "");
    write_array_end(&w);
    ck_written(&w, R"([null,""])");
}
END_TEST

START_TEST(write_integer_reaches_the_limits)
{
    struct writer w = {0};
    write_array(&w);
    write_integer(&w, INT64_MIN);
    write_integer(&w, 0);
    write_integer(&w, INT64_MAX);
    write_array_end(&w);
    ck_written(&w, "[-9223372036854775808,0,9223372036854775807]");
}
END_TEST

START_TEST(write_real_is_short_and_null_when_not_finite)
{
    struct writer w = {0};
    write_array(&w);
    write_real(&w, 66.3);
    write_real(&w, (double)NAN);
    write_real(&w, (double)INFINITY);
    write_real(&w, -(double)INFINITY);
    write_real(&w, 1e300);
    write_array_end(&w);
    ck_written(&w, "[66.3,null,null,null,1e+300]");
}
END_TEST

START_TEST(write_raw_is_a_value_among_others)
{
    struct writer w = {0};
    write_array(&w);
    write_raw(&w, R"({"x":1})", 7);
    write_raw(&w, "2", 1);
    write_array_end(&w);
    ck_written(&w, R"([{"x":1},2])");
}
END_TEST

START_TEST(writer_grows_with_what_is_written)
{
    struct writer w = {0};
    char *long_text = malloc(200001);
    memset(long_text, 'x', 200000);
    long_text[200000] = '\0';
    write_array(&w);
    for (int i = 0; i < 1000; i++)
        write_integer(&w, i);
    write_text(&w, long_text);
    write_array_end(&w);
    json_t *json = json_loadb(w.bytes, w.used, 0, NULL);
    ck_assert_uint_eq(json_array_size(json), 1001);
    ck_assert_uint_eq(json_string_length(json_array_get(json, 1000)), 200000);
    json_decref(json);
    free(long_text);
    writer_release(&w);
}
END_TEST

START_TEST(write_markup_text_leaves_no_markup)
{
    struct writer w = {0};
    write_markup_text(&w, "");
    write_markup_text(&w, R"(<a href='x'>"R&D"</a> é)");
    ck_written(&w, "&lt;a href=&#39;x&#39;&gt;&quot;R&amp;D&quot;&lt;/a&gt; é");
}
END_TEST

START_TEST(writer_steal_leaves_an_empty_writer)
{
    struct writer w = {0};
    size_t size;
    write_integer(&w, 42);
    char *bytes = writer_steal(&w, &size);
    ck_assert_str_eq(bytes, "42");
    ck_assert_uint_eq(size, 2);
    ck_assert_ptr_null(w.bytes);
    free(bytes);
    write_integer(&w, 43);
    ck_written(&w, "43");
}
END_TEST

int main(void)
{
    return UNIT_TESTS(writer_puts_commas_between_members_and_items, writer_nests_arrays,
                      write_text_escapes_what_json_wants_escaped, write_text_reads_back_the_same, write_key_escapes_too,
                      write_text_of_nothing_is_null, write_integer_reaches_the_limits,
                      write_real_is_short_and_null_when_not_finite, write_raw_is_a_value_among_others,
                      writer_grows_with_what_is_written, write_markup_text_leaves_no_markup,
                      writer_steal_leaves_an_empty_writer);
}
