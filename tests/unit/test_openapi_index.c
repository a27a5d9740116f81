#include "services/ctl/openapi_index.h"

#include "tests/support/unit.h"

#include <stdlib.h>
#include <string.h>

/* A document whose operations are "get" of so many paths, each with the service that has it. */
struct place {
    const char *service, *path;
    bool deprecated;
};

static json_t *document(const struct place *places)
{
    json_t *tags = json_pack("[{s:s, s:s}, {s:s, s:s}]", "name", "auth", "description", "accounts", "name", "users",
                             "description", "people"),
           *paths = json_object();
    for (const struct place *p = places; p->path; p++)
        json_object_set_new(paths, p->path,
                            json_pack("{s:{s:s, s:s, s:[s], s:b}}", "get", "operationId", "one", "summary", "One",
                                      "tags", p->service, "deprecated", p->deprecated));
    return json_pack("{s:o, s:o}", "tags", tags, "paths", paths);
}

static json_t *index_of(struct scene *s, const struct place *places)
{
    json_auto_t *whole = document(places);
    json_t *index = NULL;
    ck_assert_int_eq(openapi_index(whole, &s->why, &index), OK);
    return index;
}

/* "path path (historic) | path": the resources of each service. */
static void ck_resources(const struct place *places, const char *expected)
{
    SCENE(s);
    json_auto_t *index = index_of(&s, places);
    char text[1000] = "";
    size_t i, k;
    json_t *service, *resource;
    json_array_foreach(index, i, service)
    {
        strcat(text, i > 0 ? " |" : "");
        json_array_foreach(json_object_get(service, "resources"), k, resource)
        {
            strcat(strcat(text, " "), json_string_value(json_object_get(resource, "path")));
            strcat(text, json_is_true(json_object_get(resource, "historic")) ? " (historic)" : "");
        }
    }
    ck_assert_str_eq(text, expected);
}
#define CK_RESOURCES(expected, ...) ck_resources((const struct place[]){__VA_ARGS__, {0}}, (expected))

START_TEST(a_resource_ends_behind_the_first_segment_that_names_something)
{
    CK_RESOURCES(" /api/v1/admins /api/v12/admins /api/things /login /.well-known/jwks.json |",
                 {"auth", "/api/v1/admins"}, {"auth", "/api/v1/admins/{admin_id}"}, {"auth", "/api/v12/admins"},
                 {"auth", "/api/things/{thing_id}"}, {"auth", "/login/{name}"}, {"auth", "/.well-known/jwks.json"});
    CK_RESOURCES(" /vat /v /{name} /api/v1 |", {"auth", "/vat/7"}, {"auth", "/v/7"}, {"auth", "/{name}"},
                 {"auth", "/api/v1"});
}
END_TEST

START_TEST(a_resource_goes_on_to_the_next_name_where_services_share_the_first)
{
    CK_RESOURCES(" /api/v1/patients/{patient_id}/access-log /api/v1/patient | /api/v1/patients/{patient_id}/mmse",
                 {"auth", "/api/v1/patients/{patient_id}/access-log"}, {"auth", "/api/v1/patient"},
                 {"users", "/api/v1/patients/{patient_id}/mmse/trend"},
                 {"users", "/api/v1/patients/{patient_id}/mmse/count"});
    CK_RESOURCES(" /a/b/c/x | /a/b/c/y /a/d", {"auth", "/a/b/c/x/z"}, {"users", "/a/b/c/y/z"}, {"users", "/a/d/e"});
    CK_RESOURCES(" /a/{id} | /a/b", {"auth", "/a/{id}"}, {"users", "/a/b"});
}
END_TEST

START_TEST(a_resource_is_historic_when_all_of_it_is_deprecated)
{
    CK_RESOURCES(" /old (historic) /both |", {"auth", "/old/a", true}, {"auth", "/old/b", true},
                 {"auth", "/both/a", true}, {"auth", "/both/b"});
}
END_TEST

START_TEST(an_index_says_of_operations_what_the_document_says)
{
    SCENE(s);
    json_auto_t *index = index_of(&s, (const struct place[]){{"users", "/people/{id}"}, {0}});
    json_auto_t *expected = json_pack("[{s:s, s:s, s:[]}, {s:s, s:s, s:[{s:s, s:b, s:[{s:s, s:s, s:s, s:s}]}]}]",
                                      "name", "auth", "summary", "accounts", "resources", "name", "users", "summary",
                                      "people", "resources", "path", "/people", "historic", 0, "operations", "method",
                                      "GET", "path", "/people/{id}", "summary", "One", "operation_id", "one");
    char *text = json_dumps(index, 0);
    ck_assert_msg(json_equal(index, expected), "%s", text);
    free(text);
}
END_TEST

START_TEST(an_operation_of_no_service_is_refused)
{
    SCENE(s);
    json_t *index = NULL;
    json_auto_t *whole = document((const struct place[]){{"strangers", "/a"}, {0}});
    ck_assert_int_eq(openapi_index(whole, &s.why, &index), INVALID);
    ck_assert_str_eq(s.why.detail, "get of /a has none of the document's tags.");
    json_auto_t *untagged = json_pack("{s:{s:{s:{}}}}", "paths", "/a", "get");
    ck_assert_int_eq(openapi_index(untagged, &s.why, &index), INVALID);
    ck_assert_ptr_null(index);
}
END_TEST

START_TEST(an_index_in_html_keeps_text_apart_from_markup)
{
    struct writer w = {0};
    json_auto_t *index =
        json_pack("[{s:s, s:s, s:[{s:s, s:b, s:[{s:s, s:s, s:s, s:s}]}]}]", "name", "users", "summary", "this & that",
                  "resources", "path", "/a<b", "historic", 1, "operations", "method", "GET", "path", "/a<b/{id}",
                  "summary", R"(Whose "name"?)", "operation_id", R"(id"x)");
    openapi_index_html(index, &w);
    ck_written(&w, "  <li>\n    <h3>users</h3>\n    <p>this &amp; that</p>\n    <ul class=\"resources\">\n"
                   "      <li><details><summary><code>/a&lt;b</code> <span class=\"count\">1 operation</span>"
                   " <span class=\"historic\">historic</span></summary><ul class=\"operations\">\n"
                   "        <li><a href=\"/docs#/users/id&quot;x\"><code>GET /a&lt;b/{id}</code></a>"
                   " Whose &quot;name&quot;?</li>\n      </ul></details></li>\n    </ul>\n  </li>\n");
}
END_TEST

int main(void)
{
    return UNIT_TESTS(a_resource_ends_behind_the_first_segment_that_names_something,
                      a_resource_goes_on_to_the_next_name_where_services_share_the_first,
                      a_resource_is_historic_when_all_of_it_is_deprecated,
                      an_index_says_of_operations_what_the_document_says, an_operation_of_no_service_is_refused,
                      an_index_in_html_keeps_text_apart_from_markup);
}
