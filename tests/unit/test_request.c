#include "common/http/reply.h"
#include "tests/support/exchange.h"
#include "tests/support/unit.h"

#include <stdlib.h>
#include <string.h>

struct item {
    const char *id, *name, *page_key, *pointer;
    struct maybe_integer size, version;
};
LOCAL_SCHEMA(item_schema, "Item", struct item, FIELD_UUID(struct item, id, .rules = READ_ONLY),
             FIELD_TEXT(struct item, name, .rules = REQUIRED, .min = 1, .max = 80),
             FIELD_INTEGER(struct item, size, .min = 0, .max = 30), FIELD_TEXT(struct item, page_key, .rules = HIDDEN),
             FIELD_TEXT(struct item, pointer, .rules = HIDDEN), FIELD_INTEGER(struct item, version, .rules = HIDDEN));

struct filter {
    struct page_query page;
    const char *name;
};
LOCAL_SCHEMA(filter_schema, "Filter", struct filter, FIELD_PAGE(struct filter, page), FIELD_TEXT(struct filter, name));

static const struct route create = {
    "POST", "/items", NULL, .input = &item_schema, .input_from = FROM_ANYWHERE, .output = &item_schema, .success = 201};
static const struct route by_json = {
    "POST", "/items", NULL, .input = &item_schema, .input_from = FROM_JSON, .output = &item_schema};
static const struct route list = {"GET",
                                  "/items",
                                  NULL,
                                  .input = &filter_schema,
                                  .input_from = FROM_QUERY,
                                  .output = &item_schema,
                                  .shape = GIVES_PAGE};
static const struct route one = {"GET", "/items/:item_id", NULL, .output = &item_schema};
static const struct route historic = {"PUT", "/old/:item_id", NULL, .output = &item_schema, .rules = HISTORIC};

static void send_text(struct exchange *c, const char *type, const char *text)
{
    exchange_body(c, type, text, strlen(text));
}

static const char *header_of(const struct exchange *c, const char *name)
{
    for (int i = 0; i < c->rq.header_count; i++)
        if (strcmp(c->rq.headers[i].name, name) == 0)
            return c->rq.headers[i].value;
    return NULL;
}

static void ck_body(const struct exchange *c, const char *expected)
{
    char *json = json_text_of(expected);
    ck_assert_str_eq(c->rq.body_out.bytes, json);
    free(json);
}

START_TEST(input_comes_from_json_form_or_query)
{
    static const struct {
        const char *query, *type, *body;
    } cases[] = {
        {"", "application/json", R"({"name": "Paula", "size": 3})"},
        {"", "Application/JSON; charset=utf-8", R"({"name": "Paula", "size": 3})"},
        {"", "application/x-www-form-urlencoded", "name=Paula&size=3"},
        {"name=Paula&size=3", NULL, ""},
        {"name=Paula", "application/json", R"({"size": 3})"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        EXCHANGE(c, create);
        struct item item = {0};
        c.rq.query = cases[i].query;
        send_text(&c, cases[i].type, cases[i].body);
        ck_assert_int_eq(request_input(&c.rq, &item), OK);
        ck_assert_str_eq(item.name, "Paula");
        ck_assert(item.size.value == 3);
    }
}
END_TEST

START_TEST(bodies_that_cannot_be_read_are_told_apart)
{
    static const struct {
        const char *type, *body;
        enum status status;
    } cases[] = {
        {NULL, R"({"name": "Paula"})", UNSUPPORTED_TYPE},
        {"text/plain", R"({"name": "Paula"})", UNSUPPORTED_TYPE},
        {"application/jsonp", R"({"name": "Paula"})", UNSUPPORTED_TYPE},
        {"multipart/form-data; boundary=x", "--x--", UNSUPPORTED_TYPE},
        {"application/json", R"({"name": )", MALFORMED},
        {"application/json", R"({"name": "Paula"} x)", MALFORMED},
        {"application/json", R"({"name": "\u0000"})", MALFORMED},
        {"application/json", "{\"name\": \"\xED\xA0\x80\"}", MALFORMED},
        {"application/json", R"({"name": "\ud800"})", MALFORMED},
        {"application/json", R"({"size": 99999999999999999999})", MALFORMED},
        {"application/json", R"({"size": 1e999})", MALFORMED},
        {"application/json", R"({"size": NaN})", MALFORMED},
        {"application/json", "[]", INVALID},
        {"application/json", R"("text")", MALFORMED},
        {"application/json", R"({"name": "a", "name": "b"})", INVALID},
        {"application/json", R"({"x": {"y": 1, "y": 2}})", INVALID},
        {"application/x-www-form-urlencoded", "name=%", MALFORMED},
        {"application/x-www-form-urlencoded", "name=a&name=b", INVALID},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        EXCHANGE(c, create);
        struct item item = {0};
        send_text(&c, cases[i].type, cases[i].body);
        ck_assert_msg(request_input(&c.rq, &item) == cases[i].status, "%s", cases[i].body);
        ck_assert_ptr_null(item.name);
    }
}
END_TEST

START_TEST(a_body_without_end_of_nesting_is_malformed)
{
    enum { SIZE = 10 * 1024 * 1024 };
    EXCHANGE(c, create);
    struct item item = {0};
    char *brackets = malloc(SIZE);
    memset(brackets, '[', SIZE);
    exchange_body(&c, "application/json", brackets, SIZE);
    ck_assert_int_eq(request_input(&c.rq, &item), MALFORMED);
    free(brackets);
}
END_TEST

START_TEST(a_form_is_no_json)
{
    EXCHANGE(c, by_json);
    struct item item = {0};
    send_text(&c, "application/x-www-form-urlencoded", "name=Paula");
    ck_assert_int_eq(request_input(&c.rq, &item), UNSUPPORTED_TYPE);
}
END_TEST

START_TEST(a_query_is_refused_where_none_is_read)
{
    EXCHANGE(c, by_json);
    struct item item = {0};
    c.rq.query = "name=Paula&%2Fa=1";
    send_text(&c, "application/json", R"({"name": "Paula", "size": 31})");
    ck_assert_int_eq(request_input(&c.rq, &item), INVALID);
    ck_noted(&c.rq.problem, "/name", "not known here");
    ck_noted(&c.rq.problem, "/~1a", "not known here");
    ck_noted(&c.rq.problem, "/size", "between");
}
END_TEST

START_TEST(a_route_without_input_takes_no_query)
{
    EXCHANGE(c, one);
    c.rq.query = "verbose=1";
    ck_assert_int_eq(request_input(&c.rq, NULL), INVALID);
    ck_noted(&c.rq.problem, "/verbose", "not known here");
}
END_TEST

START_TEST(one_record_or_many_may_be_sent)
{
    EXCHANGE(single, by_json);
    struct record_list items;
    send_text(&single, "application/json", R"({"name": "Paula"})");
    ck_assert_int_eq(request_inputs(&single.rq, 10, &items), OK);
    ck_assert_uint_eq(items.count, 1);
    ck_assert_str_eq(((struct item *)items.items)[0].pointer, "");

    EXCHANGE(many, by_json);
    send_text(&many, "application/json", R"({"1": {"name": "a"}, "2": {"name": "b"}})");
    ck_assert_int_eq(request_inputs(&many.rq, 2, &items), OK);
    ck_assert_uint_eq(items.count, 2);
    ck_assert_str_eq(((struct item *)items.items)[1].name, "b");
    ck_assert_str_eq(((struct item *)items.items)[1].pointer, "/2");
}
END_TEST

START_TEST(many_records_are_refused_each_at_its_place)
{
    EXCHANGE(c, by_json);
    struct record_list items;
    send_text(&c, "application/json", R"({"1": {}, "2": 5, "3": {"name": "ok"}, "4": {"name": 1}})");
    ck_assert_int_eq(request_inputs(&c.rq, 10, &items), INVALID);
    ck_noted(&c.rq.problem, "/1/name", "required");
    ck_noted(&c.rq.problem, "/2", "must be an object");
    ck_noted(&c.rq.problem, "/4/name", "must be text");
    ck_assert_int_eq(c.rq.problem.error_count, 3);
}
END_TEST

START_TEST(more_records_than_allowed_are_refused)
{
    EXCHANGE(c, by_json);
    struct record_list items;
    send_text(&c, "application/json", R"({"1": {}, "2": {}, "3": {}})");
    ck_assert_int_eq(request_inputs(&c.rq, 2, &items), INVALID);
    ck_assert_ptr_nonnull(c.rq.problem.detail);
}
END_TEST

static enum status id_of(struct exchange *c, const char *value, const char **out)
{
    struct form_pair *pair = arena_alloc(&c->arena, sizeof *pair);
    *pair = (struct form_pair){"item_id", value};
    c->rq.input.path = (struct form){pair, 1};
    return request_id(&c->rq, "item_id", out);
}

START_TEST(text_that_cannot_be_an_id_is_not_found)
{
    static const char *const values[] = {"7", "..", "a/b", "' OR 1=1", "0123456789abcdef0123456789abcdeg", ""};
    EXCHANGE(c, one);
    const char *id = NULL;
    for (size_t i = 0; i < COUNT(values); i++)
        ck_assert_int_eq(id_of(&c, values[i], &id), NOT_FOUND);
    ck_assert_ptr_null(id);
    ck_assert_int_eq(id_of(&c, "01234567-89AB-CDEF-0123-456789ABCDEF", &id), OK);
    ck_assert_str_eq(id, "0123456789abcdef0123456789abcdef");
    ck_assert_str_eq(request_variable(&c.rq, "other"), "");
}
END_TEST

static enum status match(const struct route *route, const char *if_match, int64_t version)
{
    EXCHANGE(c, *route);
    c.rq.if_match = if_match;
    return request_match(&c.rq, (struct maybe_integer){true, version});
}

START_TEST(an_update_names_the_version_it_saw)
{
    ck_assert_int_eq(match(&one, TAG(7), 7), OK);
    ck_assert_int_eq(match(&one, R"(W/"7")", 7), OK); /* a proxy that compresses weakens the tag */
    ck_assert_int_eq(match(&one, R"("5", "7")", 7), OK);
    ck_assert_int_eq(match(&one, "*", 7), OK);
    ck_assert_int_eq(match(&one, TAG(6), 7), STALE);
    ck_assert_int_eq(match(&one, TAG(77), 7), STALE);
    ck_assert_int_eq(match(&one, "7", 7), STALE);
    ck_assert_int_eq(match(&one, "", 7), STALE);
    ck_assert_int_eq(match(&one, NULL, 7), PRECONDITION_REQUIRED);
}
END_TEST

START_TEST(historic_clients_know_no_versions)
{
    ck_assert_int_eq(match(&historic, NULL, 7), OK);
    ck_assert_int_eq(match(&historic, TAG(6), 7), STALE);
}
END_TEST

START_TEST(the_anonymous_are_asked_to_log_in)
{
    EXCHANGE(c, one);
    ck_assert_int_eq(request_refuse(&c.rq, "No."), UNAUTHENTICATED);
    c.rq.who.role = PATIENT;
    ck_assert_int_eq(request_refuse(&c.rq, "No."), FORBIDDEN);
}
END_TEST

START_TEST(reply_record_carries_its_version)
{
    EXCHANGE(c, create);
    struct item item = {.name = "Paula", .version = {true, 3}};
    ck_assert_int_eq(reply_record(&c.rq, &item), OK);
    ck_assert_int_eq(c.rq.http_status, 201);
    ck_assert_str_eq(header_of(&c, "ETag"), TAG(3));
    ck_body(&c, "{'id':null,'name':'Paula','size':null}");
}
END_TEST

START_TEST(a_client_that_has_the_record_gets_304)
{
    EXCHANGE(c, one);
    struct item item = {.name = "Paula", .version = {true, 3}};
    c.rq.if_none_match = R"("2", "3")";
    ck_assert_int_eq(reply_record(&c.rq, &item), OK);
    ck_assert_int_eq(c.rq.http_status, 304);
    ck_assert_uint_eq(c.rq.body_out.used, 0);
    ck_assert_str_eq(header_of(&c, "ETag"), TAG(3));
}
END_TEST

START_TEST(an_older_version_is_answered_in_full)
{
    EXCHANGE(c, one);
    struct item item = {.name = "Paula", .version = {true, 3}};
    c.rq.if_none_match = TAG(2);
    reply_record(&c.rq, &item);
    ck_assert_int_eq(c.rq.http_status, 200);
    ck_body(&c, "{'id':null,'name':'Paula','size':null}");
}
END_TEST

START_TEST(a_change_is_not_answered_with_304)
{
    EXCHANGE(c, create);
    struct item item = {.name = "Paula", .version = {true, 3}};
    c.rq.if_none_match = TAG(3);
    reply_record(&c.rq, &item);
    ck_assert_int_eq(c.rq.http_status, 201);
}
END_TEST

static const char *const pictures[] = {"image/svg+xml", "image/png", NULL};
static const struct route drawn = {"GET", "/items", NULL, .output = &item_schema, .media_types = pictures};

static const char *chosen(const char *accept)
{
    EXCHANGE(c, drawn);
    c.rq.accept = accept;
    ck_assert_int_eq(reply_negotiate(&c.rq), OK);
    ck_assert_str_eq(header_of(&c, "Vary"), "Accept");
    ck_assert_int_eq(request_wants_json(&c.rq), strcmp(c.rq.media_type, "application/json") == 0);
    return c.rq.media_type;
}

START_TEST(accept_chooses_the_media_type)
{
    ck_assert_str_eq(chosen(NULL), "application/json");
    ck_assert_str_eq(chosen("*/*"), "application/json");
    ck_assert_str_eq(chosen("image/*"), "image/svg+xml");
    ck_assert_str_eq(chosen("image/*, */*;q=0.8"), "image/svg+xml");
    ck_assert_str_eq(chosen("image/png, application/json"), "application/json");
    ck_assert_str_eq(chosen("application/json;q=0.5, image/png;q=0.6, image/svg+xml;q=0.3"), "image/png");
}
END_TEST

START_TEST(an_accept_that_fits_nothing_is_not_acceptable)
{
    EXCHANGE(c, drawn);
    c.rq.accept = "text/html, image/*;q=0";
    ck_assert_int_eq(reply_negotiate(&c.rq), NOT_ACCEPTABLE);
    ck_assert_str_eq(c.rq.problem.detail, "This is available as application/json, image/svg+xml or image/png.");
    ck_assert_str_eq(header_of(&c, "Vary"), "Accept");
    reply_problem(&c.rq, NOT_ACCEPTABLE);
    ck_assert_int_eq(c.rq.http_status, 406);
}
END_TEST

START_TEST(a_reply_in_json_alone_ignores_accept)
{
    EXCHANGE(c, one);
    c.rq.accept = "text/html";
    ck_assert_int_eq(reply_negotiate(&c.rq), OK);
    ck_assert(request_wants_json(&c.rq));
    ck_assert_ptr_null(header_of(&c, "Vary"));
}
END_TEST

START_TEST(each_media_type_has_a_tag_of_its_own)
{
    EXCHANGE(c, drawn);
    struct item item = {.name = "Paula", .version = {true, 3}};
    c.rq.accept = "image/svg+xml";
    c.rq.if_none_match = TAG(3);
    ck_assert_int_eq(reply_negotiate(&c.rq), OK);
    ck_assert(!reply_known(&c.rq, &item));
    ck_assert_str_eq(header_of(&c, "ETag"), "\"3-svg\"");
    c.rq.if_none_match = "\"3-svg\"";
    ck_assert(reply_known(&c.rq, &item));
    ck_assert_int_eq(c.rq.http_status, 304);
    ck_assert_uint_eq(c.rq.body_out.used, 0);
}
END_TEST

static enum status page_of(struct exchange *c, const char *query)
{
    struct filter filter = {0};
    c->rq.query = query;
    return request_input(&c->rq, &filter);
}

START_TEST(a_page_asks_for_one_row_more)
{
    EXCHANGE(c, list);
    ck_assert_int_eq(page_of(&c, ""), OK);
    ck_assert_str_eq(c.rq.page.limit, "51");
    ck_assert_ptr_null(c.rq.page.after);
    ck_assert_int_eq(page_of(&c, "limit=200"), OK);
    ck_assert_str_eq(c.rq.page.limit, "201");
}
END_TEST

START_TEST(a_page_has_bounds)
{
    static const char *const queries[] = {"limit=0", "limit=201", "limit=-1", "limit=ten", "after=", "limit=1&limit=2"};
    for (size_t i = 0; i < COUNT(queries); i++) {
        EXCHANGE(c, list);
        ck_assert_msg(page_of(&c, queries[i]) == INVALID, "%s", queries[i]);
    }
}
END_TEST

START_TEST(a_made_up_cursor_is_refused)
{
    static const char *const cursors[] = {
        "a",     /* no base64 has one character */
        "YWJj=", /* padding */
        "YWJj!", /* not of the alphabet */
        "YWI+",  /* of the other alphabet */
        "AAAA",  /* NULs */
        "YQBi",  /* a NUL inside */
        "_w",    /* 0xFF */
        "CgoK",  /* line ends */
    };
    for (size_t i = 0; i < COUNT(cursors); i++) {
        EXCHANGE(c, list);
        struct filter filter = {.page.after = cursors[i]};
        ck_assert_msg(page_read(&filter_schema, &filter, &c.arena, &c.rq.problem, &c.rq.page) == INVALID, "%s",
                      cursors[i]);
        ck_noted(&c.rq.problem, "/after", "next of an earlier page");
        ck_assert_ptr_null(c.rq.page.limit);
    }
}
END_TEST

START_TEST(the_next_of_a_page_leads_to_where_it_ended)
{
    EXCHANGE(c, list);
    struct item items[] = {{.name = "a", .page_key = "key a"},
                           {.name = "b", .page_key = "Zoë/100% ~key"},
                           {.name = "c", .page_key = "key c"}};
    c.rq.page.shown = 2;
    reply_page(&c.rq, &(struct record_list){items, 3});
    json_auto_t *reply = exchange_reply(&c);
    ck_assert_uint_eq(json_array_size(json_object_get(reply, "items")), 2);
    struct filter filter = {.page.after = json_string_value(json_object_get(reply, "next"))};
    ck_assert_int_eq(page_read(&filter_schema, &filter, &c.arena, &c.rq.problem, &c.rq.page), OK);
    ck_assert_str_eq(c.rq.page.after, "Zoë/100% ~key");
}
END_TEST

START_TEST(the_last_page_has_no_next)
{
    EXCHANGE(c, list);
    struct item items[] = {{.name = "a", .page_key = "a"}, {.name = "b", .page_key = "b"}};
    c.rq.page.shown = 2;
    reply_page(&c.rq, &(struct record_list){items, 2});
    ck_body(&c, "{'items':[{'id':null,'name':'a','size':null},{'id':null,'name':'b','size':null}],'next':null}");
}
END_TEST

START_TEST(an_empty_page_is_a_page)
{
    EXCHANGE(c, list);
    ck_assert_int_eq(page_of(&c, ""), OK);
    reply_page(&c.rq, &(struct record_list){0});
    ck_assert_int_eq(c.rq.http_status, 200);
    ck_body(&c, "{'items':[],'next':null}");
}
END_TEST

START_TEST(a_reply_without_content_is_204)
{
    EXCHANGE(c, one);
    ck_assert_int_eq(reply_empty(&c.rq), OK);
    ck_assert_int_eq(c.rq.http_status, 204);
    ck_assert_uint_eq(c.rq.body_out.used, 0);
}
END_TEST

START_TEST(text_of_another_type_goes_out_as_it_is)
{
    EXCHANGE(c, one);
    reply_text(&c.rq, "text/html", "<p>,</p>");
    ck_assert_str_eq(c.rq.content_type_out, "text/html");
    ck_assert_str_eq(c.rq.body_out.bytes, "<p>,</p>");
}
END_TEST

START_TEST(bytes_go_out_as_they_are)
{
    EXCHANGE(c, one);
    reply_bytes(&c.rq, "image/png", "\x89P\0,", 4);
    ck_assert(c.rq.exact);
    ck_assert_uint_eq(c.rq.body_out.used, 4);
    ck_assert_mem_eq(c.rq.body_out.bytes, "\x89P\0,", 4);
    reply_problem(&c.rq, FAULT);
    ck_assert(!c.rq.exact);
}
END_TEST

START_TEST(a_problem_says_all_that_was_noted)
{
    EXCHANGE(c, one);
    fail(&c.rq.problem, INVALID, "age", "must be between %d and %d", 0, 130);
    fail(&c.rq.problem, INVALID, R"(na"me)", "is not known here");
    reply_problem(&c.rq, INVALID);
    ck_assert_int_eq(c.rq.http_status, 422);
    ck_assert_str_eq(c.rq.content_type_out, "application/problem+json");
    json_auto_t *reply = exchange_reply(&c);
    json_auto_t *expected =
        json_of("{'type': '/problems/invalid', 'title': 'Some members are invalid', 'status': 422,"
                " 'detail': 'Each of errors names a member and what is wrong.', 'request_id': 'exchange-1', 'errors': "
                "[{'pointer': '/age', 'detail': 'must be between 0 and 130'},"
                " {'pointer': '/na\\'me', 'detail': 'is not known here'}]}");
    ck_assert(json_equal(reply, expected));
}
END_TEST

START_TEST(a_problem_replaces_what_was_begun)
{
    EXCHANGE(c, one);
    write_object(&c.rq.body_out);
    write_key(&c.rq.body_out, "half");
    reply_problem(&c.rq, NOT_FOUND);
    json_auto_t *reply = exchange_reply(&c);
    ck_assert_str_eq(json_string_value(json_object_get(reply, "type")), "/problems/not-found");
    ck_assert_ptr_null(json_object_get(reply, "half"));
}
END_TEST

START_TEST(a_fault_of_ours_says_nothing_but_the_request_id)
{
    EXCHANGE(c, one);
    fail(&c.rq.problem, FAULT, NULL, R"(relation "secret" does not exist)");
    fail(&c.rq.problem, FAULT, "name", "duplicate key (name)=(Paula)");
    reply_problem(&c.rq, FAULT);
    ck_assert_int_eq(c.rq.http_status, 500);
    ck_body(&c, "{'type':'/problems/fault','title':'Something went wrong on our side','status':500,"
                "'request_id':'exchange-1'}");
}
END_TEST

START_TEST(problems_bring_the_headers_they_need)
{
    EXCHANGE(wrong_method, one);
    wrong_method.rq.problem.allow = "GET, HEAD, OPTIONS";
    reply_problem(&wrong_method.rq, METHOD_NOT_ALLOWED);
    ck_assert_str_eq(header_of(&wrong_method, "Allow"), "GET, HEAD, OPTIONS");

    EXCHANGE(anonymous, one);
    reply_problem(&anonymous.rq, UNAUTHENTICATED);
    ck_assert_str_eq(header_of(&anonymous, "WWW-Authenticate"), "Bearer");

    EXCHANGE(busy, one);
    reply_problem(&busy.rq, UNAVAILABLE);
    ck_assert_str_eq(header_of(&busy, "Retry-After"), "1");

    EXCHANGE(often, one);
    often.rq.problem.retry_after_s = 30;
    reply_problem(&often.rq, TOO_MANY);
    ck_assert_str_eq(header_of(&often, "Retry-After"), "30");

    EXCHANGE(soon_over, one);
    soon_over.rq.problem.retry_after_s = 1;
    reply_problem(&soon_over.rq, CONFLICT);
    ck_assert_str_eq(header_of(&soon_over, "Retry-After"), "1");

    EXCHANGE(lasting, one);
    reply_problem(&lasting.rq, CONFLICT);
    ck_assert_ptr_null(header_of(&lasting, "Retry-After"));
}
END_TEST

START_TEST(headers_beyond_the_last_place_are_dropped)
{
    EXCHANGE(c, one);
    for (int i = 0; i < REPLY_HEADERS_MAX + 5; i++)
        reply_header(&c.rq, "X-Number", "%d", i);
    ck_assert_int_eq(c.rq.header_count, REPLY_HEADERS_MAX);
}
END_TEST

int main(void)
{
    return UNIT_TESTS(
        input_comes_from_json_form_or_query, bodies_that_cannot_be_read_are_told_apart,
        a_body_without_end_of_nesting_is_malformed, a_form_is_no_json, a_query_is_refused_where_none_is_read,
        a_route_without_input_takes_no_query, one_record_or_many_may_be_sent,
        many_records_are_refused_each_at_its_place, more_records_than_allowed_are_refused,
        text_that_cannot_be_an_id_is_not_found, an_update_names_the_version_it_saw, historic_clients_know_no_versions,
        the_anonymous_are_asked_to_log_in, reply_record_carries_its_version, a_client_that_has_the_record_gets_304,
        an_older_version_is_answered_in_full, a_change_is_not_answered_with_304, accept_chooses_the_media_type,
        an_accept_that_fits_nothing_is_not_acceptable, a_reply_in_json_alone_ignores_accept,
        each_media_type_has_a_tag_of_its_own, a_page_asks_for_one_row_more, a_page_has_bounds,
        a_made_up_cursor_is_refused, the_next_of_a_page_leads_to_where_it_ended, the_last_page_has_no_next,
        an_empty_page_is_a_page, a_reply_without_content_is_204, text_of_another_type_goes_out_as_it_is,
        bytes_go_out_as_they_are, a_problem_says_all_that_was_noted, a_problem_replaces_what_was_begun,
        a_fault_of_ours_says_nothing_but_the_request_id, problems_bring_the_headers_they_need,
        headers_beyond_the_last_place_are_dropped);
}
