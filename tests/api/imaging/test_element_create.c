/* Creating elements: the forms a body may have, the figures, and what is refused. */
#include "tests/api/imaging/elements.h"

#include <stdlib.h>

#define WORKED_EXAMPLE \
    "['53 26 98 97 97 97 97 97 97 97', '97 97 53 84 47 24 31 75 73 28', '50 31 90 74 27 92 35 48 94 27'," \
    " '93 94 70 26 48 25 91 37 57 73', '38 89 35 93 59 91 43 33 94 93']"

START_TEST(the_worked_example_is_normalised_by_its_maximum)
{
    const char *id = new_id();
    REPLY r = CREATE("{'id': '%s', 'data': %s, 'device_name': 'CT SCAN',"
                     " 'raw_data': {'id': '%s', 'data': %s, 'deviceName': 'CT SCAN'}}",
                     id, WORKED_EXAMPLE, id, WORKED_EXAMPLE);
    ck_reply(&r, 201, "id", id);
    ck_reply(&r, 201, "data_size", "50");
    ck_near(number_at(&r, "average_before"), 66.3);
    ck_near(number_at(&r, "maximum"), 98);
    ck_near(number_at(&r, "average_after"), 0.676530612244898);
    ck_reply(&r, 201, "normalization", "maximum");
    ck_assert_str_eq(header_of(&r, "Location"), text_of("/api/v1/elements/%s", id));
    ck_assert_ptr_nonnull(header_of(&r, "ETag"));
    ck_assert(strstr(r.body, R"("average_before":66.3,)"));
}
END_TEST

START_TEST(normalization_by_percent_is_a_query_parameter_or_a_member)
{
    REPLY query = POST(ELEMENTS "?normalization=percent", "{'id': '%s', 'data': %s, 'deviceName': 'CT'}", new_id(),
                       WORKED_EXAMPLE);
    ck_reply(&query, 201, "normalization", "percent");
    ck_near(number_at(&query, "average_after"), 0.663);
    REPLY member =
        CREATE("{'id': '%s', 'data': %s, 'deviceName': 'CT', 'normalization': 'percent'}", new_id(), WORKED_EXAMPLE);
    ck_near(number_at(&member, "average_after"), 0.663);
    REPLY both = POST(ELEMENTS "?normalization=percent",
                      "{'id': '%s', 'data': ['1'], 'deviceName': 'CT', 'normalization': 'percent'}", new_id());
    ck_status(&both, 422);
    ck_refuses(&both, "/normalization");
    REPLY other = CREATE("{'id': '%s', 'data': ['1'], 'deviceName': 'CT', 'normalization': 'median'}", new_id());
    ck_status(&other, 422);
    ck_refuses(&other, "/normalization");
}
END_TEST

START_TEST(an_element_is_read_as_it_was_sent)
{
    const char *id = new_id();
    REPLY made = CREATE("{'id': '%s', 'data': [' 1.50  2', '', '+3e0\\t-4 '], 'deviceName': 'MRT'}", id);
    REPLY r = GET(ELEMENTS "/%s", id);
    ck_reply(&r, 200, "data/0", " 1.50  2");
    ck_reply(&r, 200, "data/2", "+3e0\t-4 ");
    ck_reply(&r, 200, "raw_data/data/0", " 1.50  2");
    ck_reply(&r, 200, "raw_data/id", id);
    ck_reply(&r, 200, "raw_data/deviceName", "MRT");
    ck_reply(&r, 200, "device_name", "MRT");
    ck_reply(&r, 200, "data_size", "4");
    ck_assert_str_eq(made.body, r.body);
    ck_assert_str_eq(text_at(&r, "created_at"), text_at(&r, "updated_at"));
}
END_TEST

START_TEST(every_form_of_the_body_says_the_same)
{
    static const char *const forms[] = {
        "{'id': '%s', 'data': ['1 2'], 'deviceName': 'CT'}",
        "{'id': '%s', 'data': ['1 2'], 'device_name': 'CT'}",
        "{'raw_data': {'id': '%s', 'data': ['1 2'], 'deviceName': 'CT'}}",
        "{'id': '%s', 'raw_data': {'data': ['1 2'], 'deviceName': 'CT'}}",
        "{'id': '%s', 'device_name': 'CT', 'deviceName': 'CT', 'data': ['1 2'], 'raw_data': {'data': ['1 2']}}",
    };
    for (size_t i = 0; i < COUNT(forms); i++) {
        const char *id = new_id();
        REPLY r = api_call((struct call){"POST", AS_GENERAL, ELEMENTS,
                                         quoted(text_of("%.*s%s%s", (int)(strstr(forms[i], "%s") - forms[i]), forms[i],
                                                        id, strstr(forms[i], "%s") + 2))});
        ck_reply(&r, 201, "id", id);
        ck_reply(&r, 201, "device_name", "CT");
        ck_reply(&r, 201, "raw_data/data", R"(["1 2"])");
    }
}
END_TEST

START_TEST(contradictions_are_refused_member_by_member)
{
    const char *before = count_of_elements();
    REPLY r = CREATE("{'id': '%s', 'data': ['1 2', '3'], 'device_name': 'CT', 'deviceName': 'MRT',"
                     " 'raw_data': {'id': 'other', 'data': ['1 2', '4'], 'deviceName': 'US'}}",
                     new_id());
    ck_reply(&r, 422, "type", "/problems/invalid");
    ck_refuses(&r, "/deviceName");
    ck_refuses(&r, "/raw_data/id");
    ck_refuses(&r, "/raw_data/data/1");
    ck_refuses(&r, "/raw_data/deviceName");
    REPLY longer =
        CREATE("{'id': '%s', 'data': ['1'], 'deviceName': 'CT', 'raw_data': {'data': ['1', '2']}}", new_id());
    ck_status(&longer, 422);
    ck_refuses(&longer, "/raw_data/data");
    ck_assert_str_eq(count_of_elements(), before);
}
END_TEST

START_TEST(a_token_that_is_no_finite_number_is_named_by_line_and_place)
{
    REPLY r = CREATE("{'id': '%s', 'data': ['1 2', '3 4x 5', 'nan', '1e999'], 'deviceName': 'CT'}", new_id());
    ck_reply(&r, 422, "errors/0/pointer", "/data/1");
    ck_reply(&r, 422, "errors/0/detail", "line 2, token 2 is not a finite number: 4x");
    ck_refuses(&r, "/data/2");
    ck_refuses(&r, "/data/3");
    REPLY raw = CREATE("{'id': '%s', 'raw_data': {'data': ['0x10'], 'deviceName': 'CT'}}", new_id());
    ck_status(&raw, 422);
    ck_refuses(&raw, "/raw_data/data/0");
}
END_TEST

START_TEST(a_long_token_is_quoted_in_part)
{
    REPLY r = CREATE("{'id': '%s', 'data': ['%0500dx'], 'deviceName': 'CT'}", new_id(), 7);
    ck_reply(&r, 422, "errors/0/detail", "line 1, token 1 is not a finite number: 000000000000000000000000...");
    REPLY letters = CREATE("{'id': '%s', 'data': ['éééééééééééééééé a'], 'deviceName': 'CT'}", new_id());
    ck_reply(&letters, 422, "errors/0/detail", "line 1, token 1 is not a finite number: éééééééééééé...");
}
END_TEST

START_TEST(a_list_of_refused_lines_ends_somewhere)
{
    char *lines = text_of("%05000d", 0);
    for (char *c = lines; *c; c += 4)
        memcpy(c, "'x',", 4);
    REPLY r = CREATE("{'id': '%s', 'data': [%s'1'], 'deviceName': 'CT'}", new_id(), lines);
    ck_status(&r, 422);
    ck_assert_uint_eq(json_array_size(json_object_get(r.json, "errors")), 20);
}
END_TEST

START_TEST(an_element_without_numbers_id_or_device_is_refused)
{
    static const struct {
        const char *body, *pointer;
    } bodies[] = {
        {"{'id': 'x', 'data': [], 'deviceName': 'CT'}", "/data"},
        {"{'id': 'x', 'data': ['', ' '], 'deviceName': 'CT'}", "/data"},
        {"{'id': 'x', 'data': null, 'deviceName': 'CT'}", "/data"},
        {"{'id': 'x', 'data': '1 2', 'deviceName': 'CT'}", "/data"},
        {"{'id': 'x', 'data': [1, 2], 'deviceName': 'CT'}", "/data/0"},
        {"{'id': 'x', 'deviceName': 'CT'}", "/data"},
        {"{'id': 'x', 'data': ['1']}", "/device_name"},
        {"{'id': 'x', 'data': ['1'], 'deviceName': ''}", "/deviceName"},
        {"{'id': 'x', 'data': ['1'], 'deviceName': 7}", "/deviceName"},
        {"{'data': ['1'], 'deviceName': 'CT'}", "/id"},
        {"{'id': 7, 'data': ['1'], 'deviceName': 'CT'}", "/id"},
        {"{'id': '', 'data': ['1'], 'deviceName': 'CT'}", "/id"},
        {"{'id': 'a/b', 'data': ['1'], 'deviceName': 'CT'}", "/id"},
        {"{'id': '.', 'data': ['1'], 'deviceName': 'CT'}", "/id"},
        {"{'id': '..', 'data': ['1'], 'deviceName': 'CT'}", "/id"},
        {"{'id': 'a\\nb', 'data': ['1'], 'deviceName': 'CT'}", "/id"},
        {"{'id': 'x', 'data': ['1'], 'deviceName': 'CT', 'raw_data': []}", "/raw_data"},
        {"{'id': 'x', 'data': ['1'], 'deviceName': 'CT', 'raw_data': {'device': 'CT'}}", "/raw_data/device"},
        {"{'id': 'x', 'data': ['1'], 'deviceName': 'CT', 'average_before': 5}", "/average_before"},
        {"{'id': 'x', 'data': ['1'], 'deviceName': 'CT', 'pointer': '/x'}", "/pointer"},
        {"{}", "/id"},
    };
    for (size_t i = 0; i < COUNT(bodies); i++) {
        REPLY r = CREATE("%s", bodies[i].body);
        ck_reply(&r, 422, "type", "/problems/invalid");
        ck_refuses(&r, bodies[i].pointer);
    }
    ck_assert_ptr_null(sql_value("SELECT 1 FROM imaging.element WHERE id = 'x'"));
}
END_TEST

START_TEST(an_id_has_80_characters_at_most)
{
    const char *tail = new_id();
    REPLY fits = CREATE("{'id': '%s%048d', 'data': ['1'], 'deviceName': 'CT'}", tail, 0);
    ck_status(&fits, 201);
    REPLY longer = CREATE("{'id': '%s%049d', 'data': ['1'], 'deviceName': 'CT'}", tail, 0);
    ck_status(&longer, 422);
    ck_refuses(&longer, "/id");
}
END_TEST

START_TEST(ids_are_free_text_and_travel_in_paths)
{
    static const struct {
        const char *id, *segment;
    } ids[] = {
        {"été 2026", "%C3%A9t%C3%A9%202026"},
        {"50% ?#&+;=", "50%25%20%3F%23%26%2B%3B%3D"},
        {"<b>'; DROP TABLE", "%3Cb%3E%27%3B%20DROP%20TABLE"},
        {"...", "..."},
        {"1", "1"},
    };
    for (size_t i = 0; i < COUNT(ids); i++) {
        REPLY made =
            api_call((struct call){"POST", AS_GENERAL, ELEMENTS,
                                   text_of(R"({"id": "%s", "data": ["1"], "deviceName": "<script>'"})", ids[i].id)});
        ck_reply(&made, 201, "id", ids[i].id);
        ck_assert_str_eq(header_of(&made, "Location"), text_of(ELEMENTS "/%s", ids[i].segment));
        REPLY r = GET("%s", header_of(&made, "Location"));
        ck_reply(&r, 200, "id", ids[i].id);
    }
}
END_TEST

START_TEST(an_id_is_taken_once)
{
    const char *id = make_element("'1'", "CT");
    REPLY r = CREATE("{'id': '%s', 'data': ['2'], 'deviceName': 'CT'}", id);
    ck_reply(&r, 409, "type", "/problems/conflict");
    ck_refuses(&r, "/id");
    REPLY kept = GET(ELEMENTS "/%s", id);
    ck_reply(&kept, 200, "data/0", "1");
}
END_TEST

START_TEST(many_elements_are_created_at_once)
{
    const char *a = text_of("é%.20s", new_id()), *b = text_of("Z%s", new_id()), *device = new_name("Device");
    REPLY r = POST(HISTORIC_ELEMENTS "?normalization=percent",
                   "{'1': {'id': '%s', 'data': ['1 2', '3'], 'deviceName': '%s'},"
                   " '2': {'id': '%s', 'data': ['400'], 'deviceName': '%s'}}",
                   a, device, b, device);
    ck_reply(&r, 201, "items/1/normalization", "percent");
    ck_assert_uint_eq(json_array_size(json_object_get(r.json, "items")), 2);
    ck_reply(&r, 201, "items/0/id", b);
    ck_reply(&r, 201, "items/0/raw_data/data/0", "400");
    ck_reply(&r, 201, "items/1/raw_data/data/1", "3");
    REPLY first = GET(ELEMENTS "/%%C3%%A9%s", a + 2);
    ck_reply(&first, 200, "data", R"(["1 2", "3"])");
    ck_near(number_at(&first, "average_before"), 2);
    REPLY second = GET(ELEMENTS "/%s", b);
    ck_reply(&second, 200, "data", R"(["400"])");
    ck_near(number_at(&second, "average_after"), 4);
    ck_assert_str_eq(sql_value("SELECT count(*) FROM imaging.device WHERE name = '%s'", device), "1");
}
END_TEST

START_TEST(of_many_elements_all_are_created_or_none)
{
    const char *taken = make_element("'1'", "CT"), *before = count_of_elements();
    REPLY broken = CREATE("{'1': {'id': '%s', 'data': ['1'], 'deviceName': 'CT'},"
                          " '2': {'id': '%s', 'data': ['1', '4 five'], 'deviceName': 'CT'}, '3': {'id': 'x'}}",
                          new_id(), new_id());
    ck_status(&broken, 422);
    ck_refuses(&broken, "/2/data/1");
    ck_refuses(&broken, "/3/data");
    ck_refuses(&broken, "/3/device_name");
    REPLY number = CREATE("{'1': {'id': '%s', 'data': ['1'], 'deviceName': 'CT'}, '2': 5}", new_id());
    ck_status(&number, 422);
    ck_refuses(&number, "/2");
    REPLY twice = CREATE("{'1': {'id': 'same', 'data': ['1'], 'deviceName': 'CT'},"
                         " '2': {'id': 'same', 'data': ['1'], 'deviceName': 'CT'}}");
    ck_status(&twice, 422);
    ck_refuses(&twice, "/2/id");
    REPLY conflict = CREATE("{'1': {'id': '%s', 'data': ['1'], 'deviceName': 'CT'},"
                            " '2': {'id': '%s', 'data': ['1'], 'deviceName': 'CT'}}",
                            new_id(), taken);
    ck_status(&conflict, 409);
    ck_assert_str_eq(count_of_elements(), before);
}
END_TEST

START_TEST(many_elements_are_a_thousand_at_most)
{
    char *body = text_of("{%050000d", 0), *end = body + 1;
    for (int i = 1; i <= 1001; i++)
        end += sprintf(end, "%s'%d': {'id': 'm%d'}", i == 1 ? "" : ",", i, i);
    strcpy(end, "}");
    REPLY r = CREATE("%s", body);
    ck_reply(&r, 422, "detail", "There may be 1000 at a time, not 1001.");
}
END_TEST

START_TEST(numbers_as_keys_beside_others_are_not_many_elements)
{
    REPLY r = CREATE("{'1': {'id': 'x', 'data': ['1'], 'deviceName': 'CT'}, 'id': 'y'}");
    ck_status(&r, 422);
    ck_refuses(&r, "/1");
}
END_TEST

START_TEST(a_maximum_of_zero_has_no_average_after)
{
    REPLY r = CREATE("{'id': '%s', 'data': ['0 0 -5'], 'deviceName': 'CT'}", new_id());
    ck_reply(&r, 201, "average_after", "null");
    ck_reply(&r, 201, "maximum", "0");
    REPLY negative = CREATE("{'id': '%s', 'data': ['-2 -4'], 'deviceName': 'CT'}", new_id());
    ck_near(number_at(&negative, "average_after"), 1.5);
    REPLY extreme = CREATE("{'id': '%s', 'data': ['1e-300 -1e300'], 'deviceName': 'CT'}", new_id());
    ck_reply(&extreme, 201, "average_after", "null");
    REPLY large = CREATE("{'id': '%s', 'data': ['1.7e308 1.7e308 1.7e308'], 'deviceName': 'CT'}", new_id());
    ck_near(number_at(&large, "average_after"), 1);
}
END_TEST

START_TEST(a_quarter_of_a_million_numbers_are_taken)
{
    enum { LINES = 500, PER_LINE = 500 };
    char *body = malloc(LINES * PER_LINE * 4 + 4096), *end = body;
    const char *id = new_id();
    end += sprintf(end, R"({"id": "%s", "deviceName": "CT", "data": [)", id);
    for (int i = 0; i < LINES; i++) {
        end += sprintf(end, R"(%s")", i ? "," : "");
        for (int j = 0; j < PER_LINE; j++)
            end += sprintf(end, "%d ", j % 100);
        end += sprintf(end, R"(")");
    }
    strcpy(end, "]}");
    REPLY r = api_call((struct call){"POST", AS_GENERAL, ELEMENTS, body});
    free(body);
    ck_reply(&r, 201, "data_size", "250000");
    ck_near(number_at(&r, "average_before"), 49.5);
    ck_near(number_at(&r, "average_after"), 0.5);
    REPLY back = GET(ELEMENTS "/%s", id);
    ck_assert(json_equal(json_object_get(back.json, "data"), json_object_get(r.json, "data")));
}
END_TEST

START_TEST(a_body_that_cannot_be_read_changes_nothing)
{
    const char *before = count_of_elements();
    static const struct {
        const char *body, *type;
        size_t size;
        long status;
    } bodies[] = {
        {R"({"id": )", NULL, 0, 400},
        {"[1, 2]", NULL, 0, 422},
        {R"("text")", NULL, 0, 400},
        {R"({"id": "a\u0000b", "data": ["1"]})", NULL, 0, 400},
        {"{\"id\": \"\xFF\", \"data\": [\"1\"]}", NULL, 0, 400},
        {R"({"id": "x", "id": "y"})", NULL, 0, 422},
        {R"({"id": "x", "data": ["1"], "deviceName": "CT"})", NULL, 47, 400}, /* with the byte after its end */
        {"id=x&data=1&deviceName=CT", "application/x-www-form-urlencoded", 0, 415},
        {"<element/>", "application/xml", 0, 415},
    };
    for (size_t i = 0; i < COUNT(bodies); i++) {
        REPLY r = api_call((struct call){"POST", AS_GENERAL, ELEMENTS, bodies[i].body, bodies[i].type, bodies[i].size});
        ck_assert_msg(r.status == bodies[i].status, "%zu: %ld: %s", i, r.status, r.body);
    }
    ck_assert_str_eq(count_of_elements(), before);
}
END_TEST

START_TEST(a_body_may_have_16_mib)
{
    enum { MAX = 16 * 1024 * 1024 };
    char *body = malloc(MAX + 2);
    memset(body, ' ', MAX + 1);
    body[MAX + 1] = '\0';
    const char *id = new_id();
    char *start = text_of(R"({"id": "%s", "data": ["7"], "deviceName": "CT"})", id);
    memcpy(body, start, strlen(start));
    REPLY longer = api_call((struct call){"POST", AS_GENERAL, ELEMENTS, body});
    ck_reply(&longer, 413, "type", "/problems/too-large");
    body[MAX] = '\0';
    REPLY fits = api_call((struct call){"POST", AS_GENERAL, ELEMENTS, body});
    ck_reply(&fits, 201, "id", id);
    free(body);
}
END_TEST

START_TEST(a_body_of_brackets_is_refused)
{
    enum { DEEP = 1024 * 1024 };
    char *body = malloc(DEEP);
    memset(body, '[', DEEP);
    REPLY nested = api_call((struct call){"POST", AS_GENERAL, ELEMENTS, body, .size = DEEP});
    ck_status(&nested, 400);
    free(body);
}
END_TEST

int main(void)
{
    return API_TESTS(&imaging_service, the_worked_example_is_normalised_by_its_maximum,
                     normalization_by_percent_is_a_query_parameter_or_a_member, an_element_is_read_as_it_was_sent,
                     every_form_of_the_body_says_the_same, contradictions_are_refused_member_by_member,
                     a_token_that_is_no_finite_number_is_named_by_line_and_place, a_long_token_is_quoted_in_part,
                     a_list_of_refused_lines_ends_somewhere, an_element_without_numbers_id_or_device_is_refused,
                     an_id_has_80_characters_at_most, ids_are_free_text_and_travel_in_paths, an_id_is_taken_once,
                     many_elements_are_created_at_once, of_many_elements_all_are_created_or_none,
                     many_elements_are_a_thousand_at_most, numbers_as_keys_beside_others_are_not_many_elements,
                     a_maximum_of_zero_has_no_average_after, a_quarter_of_a_million_numbers_are_taken,
                     a_body_that_cannot_be_read_changes_nothing, a_body_may_have_16_mib, a_body_of_brackets_is_refused);
}
