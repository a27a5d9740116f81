/* Listing elements: pages, filters, and when the numbers come along. Each test has a device of its own. */
#include "tests/api/imaging/elements.h"

#include <stdlib.h>

/* The ids of a list, joined by spaces. */
static const char *ids_of(const struct reply *r)
{
    const char *ids = "";
    size_t i;
    json_t *item;
    ck_status(r, 200);
    json_array_foreach(json_object_get(r->json, "items"), i, item)
    {
        ids = text_of("%s%s%s", ids, i ? " " : "", json_string_value(json_object_get(item, "id")));
    }
    return ids;
}

static const char *url_text(const char *text)
{
    char *url = text_of("%s", text);
    for (char *c = url; *c; c++)
        if (*c == ' ')
            *c = '+';
    return url;
}

static const char *ids_where(const char *device, const char *filter)
{
    REPLY r = GET(ELEMENTS "?device_name=%s&%s", url_text(device), filter);
    return ids_of(&r);
}

static void make(const char *id, const char *device, const char *data)
{
    REPLY r = CREATE("{'id': '%s', 'data': ['%s'], 'deviceName': '%s'}", id, data, device);
    ck_status(&r, 201);
}

START_TEST(pages_follow_one_another_in_the_order_of_ids)
{
    const char *device = new_name("Paged");
    for (int i = 0; i < 5; i++)
        make(text_of("page-%d", (i * 3) % 5), device, "1");
    REPLY first = GET(ELEMENTS "?device_name=%s&limit=2", url_text(device));
    ck_assert_str_eq(ids_of(&first), "page-0 page-1");
    REPLY second = GET(ELEMENTS "?device_name=%s&limit=2&after=%s", url_text(device), text_at(&first, "next"));
    ck_assert_str_eq(ids_of(&second), "page-2 page-3");
    REPLY third = GET(ELEMENTS "?device_name=%s&limit=2&after=%s", url_text(device), text_at(&second, "next"));
    ck_assert_str_eq(ids_of(&third), "page-4");
    ck_reply(&third, 200, "next", "null");
}
END_TEST

START_TEST(filters_compare_figures)
{
    const char *device = new_name("Figures");
    make("fig-a", device, "1");
    make("fig-b", device, "1 3");
    make("fig-c", device, "1 2 9");
    static const struct {
        const char *filter, *ids;
    } filters[] = {
        {"data_size=2", "fig-b"},
        {"data_size_gt=1", "fig-b fig-c"},
        {"data_size_gte=2", "fig-b fig-c"},
        {"data_size_lt=2", "fig-a"},
        {"data_size_lte=2", "fig-a fig-b"},
        {"data_size_gt=1&data_size_lt=3", "fig-b"},
        {"average_before=2", "fig-b"},
        {"average_before_gt=2", "fig-c"},
        {"average_before_gte=2", "fig-b fig-c"},
        {"average_before_lt=1.5", "fig-a"},
        {"average_before_lte=2.0", "fig-a fig-b"},
        {"average_after=1", "fig-a"},
        {"average_after_gt=0.5", "fig-a fig-b"},
        {"average_after_gte=0.6666&average_after_lt=1", "fig-b"},
        {"average_after_lte=0.5", "fig-c"},
        {"data_size_gt=9223372036854775807", ""},
        {"created_at_gt=2000-01-01T00:00:00Z", "fig-a fig-b fig-c"},
        {"created_at_lt=2000-01-01T00:00:00.5Z", ""},
        {"updated_at_gte=0001-01-01T00:00:00%2B14:00", "fig-a fig-b fig-c"},
        {"updated_at_lte=9999-12-31T23:59:60-14:00", "fig-a fig-b fig-c"},
    };
    for (size_t i = 0; i < COUNT(filters); i++)
        ck_assert_msg(strcmp(ids_where(device, filters[i].filter), filters[i].ids) == 0, "%s: %s", filters[i].filter,
                      ids_where(device, filters[i].filter));
}
END_TEST

START_TEST(filters_compare_the_times_that_records_show)
{
    const char *device = new_name("Times");
    make("time-a", device, "1");
    make("time-b", device, "1");
    sql_value(
        "UPDATE imaging.element SET created_at = now() - interval '1 hour', updated_at = now() - interval '1 hour'"
        " WHERE id = 'time-a'"); /* the clocks of processors differ */
    REPLY a = GET(ELEMENTS "/time-a");
    const char *at = text_at(&a, "created_at");
    ck_assert_str_eq(ids_where(device, text_of("created_at=%s", at)), "time-a");
    ck_assert_str_eq(ids_where(device, text_of("created_at_gt=%s", at)), "time-b");
    ck_assert_str_eq(ids_where(device, text_of("created_at_lte=%s", at)), "time-a");
    REPLY changed = PATCH("time-a", tag_of("time-a"), "{'normalization': 'percent'}");
    ck_reply(&changed, 200, "created_at", at);
    ck_assert_str_eq(ids_where(device, text_of("updated_at_gt=%s", at)), "time-a time-b");
    ck_assert_str_eq(ids_where(device, text_of("updated_at_gte=%s", text_at(&changed, "updated_at"))), "time-a");
}
END_TEST

START_TEST(a_filter_that_cannot_be_is_refused)
{
    static const struct {
        const char *query, *pointer;
    } queries[] = {
        {"created_at_gt=yesterday", "/created_at_gt"},
        {"created_at_gt=2026-02-30T00:00:00Z", "/created_at_gt"},
        {"created_at_gt=2026-01-01", "/created_at_gt"},
        {"created_at_gt=2026-01-01T00:00:00", "/created_at_gt"},
        {"created_at_gt=2026-01-01T24:00:00Z", "/created_at_gt"},
        {"created_at_gt=2026-01-01T00:00:00+01:00", "/created_at_gt"}, /* the + is a space here */
        {"created_at_gt=2026-01-01T00:00:00%2B15:00", "/created_at_gt"},
        {"created_at_gt=2026-01-01T00:00:00.Z", "/created_at_gt"},
        {"created_at_gt=", "/created_at_gt"},
        {"data_size_gt=1.5", "/data_size_gt"},
        {"data_size_gt=99999999999999999999", "/data_size_gt"},
        {"average_before_lt=nan", "/average_before_lt"},
        {"average_before_lt=1e999", "/average_before_lt"},
        {"limit=0", "/limit"},
        {"limit=201", "/limit"},
        {"after=%21", "/after"},
        {"include=everything", "/include"},
        {"device_name=", "/device_name"},
        {"data_size_above=1", "/data_size_above"},
        {"data_size_gt=1&data_size_gt=2", "/data_size_gt"},
    };
    for (size_t i = 0; i < COUNT(queries); i++) {
        REPLY r = GET(ELEMENTS "?%s", queries[i].query);
        ck_reply(&r, 422, "type", "/problems/invalid");
        ck_refuses(&r, queries[i].pointer);
    }
}
END_TEST

START_TEST(a_list_has_the_numbers_where_they_are_asked_for)
{
    const char *device = new_name("Numbers");
    make("numbers", device, "1 2");
    REPLY plain = GET(ELEMENTS "?device_name=%s", url_text(device));
    ck_reply(&plain, 200, "items/0/data_size", "2");
    ck_assert_ptr_null(text_at(&plain, "items/0/data"));
    ck_assert_ptr_null(text_at(&plain, "items/0/raw_data"));
    REPLY asked = GET(ELEMENTS "?device_name=%s&include=data", url_text(device));
    ck_reply(&asked, 200, "items/0/raw_data/data/0", "1 2");
    REPLY historic = GET(HISTORIC_ELEMENTS "?device_name=%s", url_text(device));
    ck_reply(&historic, 200, "items/0/data/0", "1 2");
    ck_reply(&historic, 200, "items/0/raw_data/deviceName", device);
}
END_TEST

START_TEST(a_page_of_many_numbers_is_shorter_and_goes_on)
{
    enum { BYTES = 3 * 1000 * 1000 };
    const char *device = new_name("Large");
    char *line = malloc(BYTES + 1);
    for (int i = 0; i < BYTES; i++)
        line[i] = i % 2 ? ' ' : '1';
    line[BYTES] = '\0';
    for (int i = 0; i < 5; i++)
        make(text_of("large-%d", i), device, line);
    free(line);
    REPLY first = GET(HISTORIC_ELEMENTS "?device_name=%s", url_text(device));
    ck_assert_str_eq(ids_of(&first), "large-0 large-1 large-2");
    REPLY second = GET(HISTORIC_ELEMENTS "?device_name=%s&after=%s", url_text(device), text_at(&first, "next"));
    ck_assert_str_eq(ids_of(&second), "large-3 large-4");
    ck_reply(&second, 200, "items/1/data_size", text_of("%d", BYTES / 2));
    ck_reply(&second, 200, "next", "null");
    REPLY summary = GET(ELEMENTS "?device_name=%s", url_text(device));
    ck_assert_str_eq(ids_of(&summary), "large-0 large-1 large-2 large-3 large-4");
}
END_TEST

START_TEST(the_fiftieth_element_with_numbers_is_followed_by_a_page)
{
    const char *device = new_name("Fifty");
    for (int i = 0; i < 51; i++)
        make(text_of("fifty-%02d", i), device, "1");
    REPLY first = GET(HISTORIC_ELEMENTS "?device_name=%s", url_text(device));
    ck_assert_uint_eq(json_array_size(json_object_get(first.json, "items")), 50);
    REPLY second = GET(HISTORIC_ELEMENTS "?device_name=%s&after=%s", url_text(device), text_at(&first, "next"));
    ck_assert_str_eq(ids_of(&second), "fifty-50");
}
END_TEST

START_TEST(a_device_nobody_used_has_no_elements)
{
    REPLY r = GET(ELEMENTS "?device_name=nobody's");
    ck_assert_str_eq(ids_of(&r), "");
    REPLY with_data = GET(ELEMENTS "?device_name=nobody's&include=data");
    ck_reply(&with_data, 200, "next", "null");
}
END_TEST

int main(void)
{
    return API_TESTS(&imaging_service, pages_follow_one_another_in_the_order_of_ids, filters_compare_figures,
                     filters_compare_the_times_that_records_show, a_filter_that_cannot_be_is_refused,
                     a_list_has_the_numbers_where_they_are_asked_for, a_page_of_many_numbers_is_shorter_and_goes_on,
                     the_fiftieth_element_with_numbers_is_followed_by_a_page, a_device_nobody_used_has_no_elements);
}
