/* Replacing, changing and removing elements, and who was there first. */
#include "tests/api/imaging/elements.h"

#define HISTORICALLY(method, id, ...) \
    api_call((struct call){method, AS_GENERAL, text_of(HISTORIC_ELEMENTS "%s/", id), quoted(text_of(__VA_ARGS__))})

START_TEST(a_changed_device_is_the_device_of_raw_data_too)
{
    const char *id = make_element("'1 2'", "CT"), *tag = tag_of(id), *device = new_name("MRT");
    REPLY r = PATCH(id, tag, "{'device_name': '%s'}", device);
    ck_reply(&r, 200, "device_name", device);
    ck_reply(&r, 200, "raw_data/deviceName", device);
    ck_reply(&r, 200, "data/0", "1 2");
    ck_assert_str_ne(header_of(&r, "ETag"), tag);
    ck_assert_str_ne(text_at(&r, "created_at"), text_at(&r, "updated_at"));
    REPLY raw = PATCH(id, tag_of(id), "{'raw_data': {'deviceName': 'US'}}");
    ck_reply(&raw, 200, "device_name", "US");
    REPLY read = GET(ELEMENTS "/%s", id);
    ck_assert_str_eq(read.body, raw.body);
}
END_TEST

START_TEST(changed_numbers_have_new_figures)
{
    const char *id = make_element("'1 2'", "CT");
    REPLY r = PATCH(id, tag_of(id), "{'data': ['10', '20 60']}");
    ck_reply(&r, 200, "data_size", "3");
    ck_near(number_at(&r, "average_before"), 30);
    ck_near(number_at(&r, "average_after"), 0.5);
    REPLY percent = PATCH(id, tag_of(id), "{'normalization': 'percent'}");
    ck_near(number_at(&percent, "average_after"), 0.3);
    ck_near(number_at(&percent, "average_before"), 30);
    REPLY device = PATCH(id, tag_of(id), "{'device_name': 'MRT'}");
    ck_reply(&device, 200, "normalization", "percent");
}
END_TEST

START_TEST(another_id_renames_the_element)
{
    const char *id = make_element("'1'", "CT"), *other = make_element("'2'", "CT"), *name = new_id();
    REPLY taken = PATCH(id, tag_of(id), "{'id': '%s'}", other);
    ck_status(&taken, 409);
    ck_refuses(&taken, "/id");
    REPLY impossible = PATCH(id, tag_of(id), "{'id': 'a/b'}");
    ck_status(&impossible, 422);
    REPLY r = PATCH(id, tag_of(id), "{'id': '%s'}", name);
    ck_reply(&r, 200, "id", name);
    ck_reply(&r, 200, "raw_data/id", name);
    REPLY gone = GET(ELEMENTS "/%s", id);
    ck_status(&gone, 404);
    REPLY there = GET(ELEMENTS "/%s", name);
    ck_reply(&there, 200, "data/0", "1");
}
END_TEST

START_TEST(a_replacement_says_everything_but_the_id)
{
    const char *id = make_element("'1'", "CT");
    REPLY missing = PUT(id, tag_of(id), "{'data': ['5']}");
    ck_status(&missing, 422);
    ck_refuses(&missing, "/device_name");
    REPLY r = PUT(id, tag_of(id), "{'data': ['5 10'], 'deviceName': 'US', 'normalization': 'percent'}");
    ck_reply(&r, 200, "id", id);
    ck_reply(&r, 200, "normalization", "percent");
    REPLY again = PUT(id, tag_of(id), "{'raw_data': {'id': '%s', 'data': ['5 10'], 'deviceName': 'US'}}", id);
    ck_reply(&again, 200, "normalization", "maximum");
    ck_near(number_at(&again, "average_after"), 0.75);
    REPLY absent =
        api_change("PUT", AS_GENERAL, text_of(ELEMENTS "/%s", new_id()), R"({"data": ["1"], "deviceName": "CT"})", "*");
    ck_status(&absent, 404);
}
END_TEST

START_TEST(a_change_that_is_refused_changes_nothing)
{
    const char *id = make_element("'1 2'", "CT");
    REPLY before = GET(ELEMENTS "/%s", id);
    static const char *const bodies[] = {
        "{}",
        "{'device_name': null}",
        "{'data': ['x']}",
        "{'data': []}",
        "{'data_size': 7}",
        "{'device_name': 'A', 'raw_data': {'deviceName': 'B'}}",
        "{'1': {'id': 'x', 'data': ['1'], 'deviceName': 'CT'}}",
    };
    for (size_t i = 0; i < COUNT(bodies); i++) {
        REPLY r = PATCH(id, tag_of(id), "%s", bodies[i]);
        ck_status(&r, 422);
    }
    REPLY after = GET(ELEMENTS "/%s", id);
    ck_assert_str_eq(after.body, before.body);
}
END_TEST

START_TEST(a_change_needs_the_tag_of_what_it_changes)
{
    const char *id = make_element("'1'", "CT"), *tag = tag_of(id);
    static const char *const methods[] = {"PUT", "PATCH", "DELETE"};
    for (size_t i = 0; i < COUNT(methods); i++) {
        REPLY r = api_call((struct call){methods[i], AS_GENERAL, text_of(ELEMENTS "/%s", id),
                                         R"({"data": ["2"], "device_name": "CT"})"});
        ck_reply(&r, 428, "type", "/problems/precondition-required");
    }
    REPLY changed = PATCH(id, tag, "{'device_name': 'US'}");
    ck_status(&changed, 200);
    for (size_t i = 0; i < COUNT(methods); i++) {
        REPLY r = SEND(methods[i], id, tag, "{'data': ['2'], 'device_name': 'CT'}");
        ck_reply(&r, 412, "type", "/problems/stale");
    }
    REPLY kept = GET(ELEMENTS "/%s", id);
    ck_reply(&kept, 200, "device_name", "US");
}
END_TEST

START_TEST(a_tag_does_not_fit_another_element_of_the_same_id)
{
    const char *id = make_element("'1'", "CT"), *tag = tag_of(id);
    REPLY gone = SEND("DELETE", id, tag, "%s", "");
    ck_status(&gone, 204);
    REPLY again = CREATE("{'id': '%s', 'data': ['2'], 'deviceName': 'CT'}", id);
    ck_status(&again, 201);
    REPLY r = PATCH(id, tag, "{'device_name': 'US'}");
    ck_status(&r, 412);
}
END_TEST

START_TEST(an_element_is_not_sent_to_a_caller_who_has_it)
{
    const char *id = make_element("'1'", "CT"), *tag = tag_of(id);
    REPLY r = api_call(
        (struct call){"GET", AS_GENERAL, text_of(ELEMENTS "/%s", id), .headers = {text_of("If-None-Match: %s", tag)}});
    ck_status(&r, 304);
    ck_assert_uint_eq(r.size, 0);
}
END_TEST

START_TEST(a_removed_element_is_gone)
{
    const char *id = make_element("'1'", "CT");
    REPLY r = SEND("DELETE", id, tag_of(id), "%s", "");
    ck_status(&r, 204);
    REPLY gone = GET(ELEMENTS "/%s", id);
    ck_reply(&gone, 404, "type", "/problems/not-found");
    REPLY twice = SEND("DELETE", id, TAG(1), "%s", "");
    ck_status(&twice, 404);
}
END_TEST

START_TEST(historic_clients_need_no_tag)
{
    const char *id = make_element("'1'", "CT"), *stale = tag_of(id);
    REPLY patched = HISTORICALLY("PATCH", id, "{'device_name': 'US'}");
    ck_reply(&patched, 200, "raw_data/deviceName", "US");
    REPLY replaced = HISTORICALLY("PUT", id, "{'id': '%s', 'data': ['4'], 'deviceName': 'PET'}", id);
    ck_reply(&replaced, 200, "average_before", "4");
    REPLY guarded = api_change("DELETE", AS_GENERAL, text_of(HISTORIC_ELEMENTS "%s/", id), NULL, stale);
    ck_status(&guarded, 412);
    REPLY removed = api_delete(AS_GENERAL, "/api/elements/%s", id);
    ck_status(&removed, 204);
    REPLY gone = HISTORICALLY("PATCH", id, "{'device_name': 'US'}");
    ck_status(&gone, 404);
}
END_TEST

START_TEST(ids_that_cannot_be_are_not_found)
{
    static const char *const segments[] = {"a%2Fb", "..", ".", "%2E%2E", "%0A", "%27%20OR%201%3D1", "%C3%A9"};
    for (size_t i = 0; i < COUNT(segments); i++) {
        REPLY r = GET(ELEMENTS "/%s", segments[i]);
        ck_status(&r, 404);
    }
    static const char *const broken[] = {"%00", "%FF", "%zz", "a%"};
    for (size_t i = 0; i < COUNT(broken); i++) {
        REPLY r = api_call((struct call){"GET", AS_GENERAL, text_of(ELEMENTS "/%s", broken[i])});
        ck_status(&r, 400);
    }
}
END_TEST

int main(void)
{
    return API_TESTS(&imaging_service, a_changed_device_is_the_device_of_raw_data_too, changed_numbers_have_new_figures,
                     another_id_renames_the_element, a_replacement_says_everything_but_the_id,
                     a_change_that_is_refused_changes_nothing, a_change_needs_the_tag_of_what_it_changes,
                     a_tag_does_not_fit_another_element_of_the_same_id, an_element_is_not_sent_to_a_caller_who_has_it,
                     a_removed_element_is_gone, historic_clients_need_no_tag, ids_that_cannot_be_are_not_found);
}
