#include "common/http/openapi.h"

#include "common/http/reply.h"
#include "common/service/service.h"
#include "tests/support/unit.h"

#include <string.h>

static const char *const colours[] = {"red", "green", NULL};

struct part {
    const char *name;
};
LOCAL_SCHEMA(part_schema, "Part", struct part, FIELD_TEXT(struct part, name, .rules = REQUIRED, .max = 10));

struct thing {
    const char *id, *name, *colour, *born, *seen, *extra, *kept;
    struct maybe_integer count, version;
    struct maybe_real ratio;
    struct maybe_boolean active;
    struct text_list lines;
    struct real_list numbers;
    struct part *part;
    struct record_list parts;
    double mean;
    size_t people;
    bool adjusted;
};
LOCAL_SCHEMA(thing_schema, "Thing", struct thing, FIELD_UUID(struct thing, id, .rules = READ_ONLY),
             FIELD_TEXT(struct thing, name, .rules = REQUIRED, .min = 1, .max = 80, .summary = "What it is called",
                        .example = "Paula"),
             FIELD_ENUM(struct thing, colour, colours), FIELD_DATE(struct thing, born), FIELD_TIME(struct thing, seen),
             FIELD_JSON(struct thing, extra, .rules = OMIT_NULL),
             FIELD_INTEGER(struct thing, count, .min = 0, .max = 30),
             FIELD_INTEGER(struct thing, version, .rules = HIDDEN), FIELD_REAL(struct thing, ratio),
             FIELD_BOOLEAN(struct thing, active), FIELD_TEXTS(struct thing, lines, .min = 1, .max = 5),
             FIELD_REALS(struct thing, numbers), FIELD_JSON(struct thing, kept, .schema = &part_schema),
             FIELD_RECORD(struct thing, part, part_schema, struct part),
             FIELD_RECORDS(struct thing, parts, part_schema, .min = 0, .max = 5), FIELD_NUMBER(struct thing, mean),
             FIELD_COUNT(struct thing, people, .min = 1, .max = 9), FIELD_FLAG(struct thing, adjusted));

struct new_thing {
    const char *name, *password, *created_by;
    struct maybe_integer count;
    struct part *part;
};
LOCAL_SCHEMA(new_thing_schema, "NewThing", struct new_thing,
             FIELD_TEXT(struct new_thing, name, .rules = REQUIRED, .min = 1, .max = 80),
             FIELD_TEXT(struct new_thing, password, .rules = REQUIRED | WRITE_ONLY, .min = 12, .max = 128),
             FIELD_TEXT(struct new_thing, created_by, .rules = READ_ONLY),
             FIELD_INTEGER(struct new_thing, count, .min = 0, .max = 30),
             FIELD_RECORD(struct new_thing, part, part_schema, struct part));

struct filter {
    struct page_query page;
    const char *thing;
    struct maybe_integer over;
};
LOCAL_SCHEMA(filter_schema, "Filter", struct filter, FIELD_PAGE(struct filter, page),
             FIELD_TEXT(struct filter, thing, .max = 80), FIELD_INTEGER(struct filter, over, .rules = REQUIRED));

static enum status nothing(struct request *rq)
{
    return reply_empty(rq);
}

#define TAKES_NEW  .input = &new_thing_schema, .input_from = FROM_ANYWHERE, .output = &thing_schema, .success = 201
#define GIVES_LIST .input = &filter_schema, .input_from = FROM_QUERY, .output = &thing_schema, .shape = GIVES_PAGE

static const char *const table_types[] = {"text/csv", NULL};
static const struct upload_rule table_upload = {1000, table_types, "A table of things"};
static const char *const pictures[] = {"image/svg+xml", "image/png", NULL};

static const struct route routes[] = {
    {"POST",
     "/api/v1/things/:thing_id/tables",
     nothing,
     {.roles = USERS},
     "table.create",
     "Things from a table",
     .input = &part_schema,
     .upload = &table_upload,
     .output = &thing_schema,
     .success = 201},
    {"GET", "/api/v1/things", nothing, {.roles = USERS}, "thing.list", "Things", GIVES_LIST},
    {"POST", "/api/v1/things", nothing, {.roles = ANYONE}, "thing.create", "A new one", TAKES_NEW},
    {"GET",
     "/api/v1/things/:thing_id",
     nothing,
     {.roles = USERS, .scope = COUNTS_READ},
     "thing.read",
     "One",
     .output = &thing_schema,
     .media_types = pictures},
    {"GET", "/api/v1/things/:thing_id/parts", nothing, {.roles = USERS}, "part.list", "Its parts", GIVES_LIST},
    {"DELETE",
     "/api/v1/things/:thing_id",
     nothing,
     {.roles = ADMINS},
     "thing.delete",
     "Remove one",
     .shape = GIVES_NOTHING,
     .rules = NEEDS_IF_MATCH},
    {"POST",
     "/create_thing/:name",
     nothing,
     {.roles = ANYONE},
     "thing.create",
     "A new one",
     TAKES_NEW,
     .rules = HISTORIC},
    {0}};
static const struct service tiny = {.name = "tiny", .summary = "Little things.", .routes = routes};

static json_t *document;

static json_t *at(json_t *value, const char *path)
{
    char step[100];
    while (value && *path) {
        size_t size = strcspn(path, " ");
        snprintf(step, sizeof step, "%.*s", (int)size, path);
        value = json_object_get(value, step);
        path += size + (path[size] == ' ');
    }
    return value;
}

static const char *text_at(const char *path)
{
    return json_string_value(at(document, path));
}

static json_t *operation_of(const char *method, const char *path)
{
    char lower[8] = "";
    for (size_t i = 0; method[i]; i++)
        lower[i] = (char)(method[i] | 0x20);
    return json_object_get(json_object_get(at(document, "paths"), path), lower);
}

static bool lists(json_t *array, const char *text)
{
    size_t i;
    json_t *item;
    json_array_foreach(array, i, item)
    {
        if (json_is_string(item) && strcmp(json_string_value(item), text) == 0)
            return true;
    }
    return false;
}

static json_t *parameter_of(json_t *operation, const char *name)
{
    size_t i;
    json_t *parameter;
    json_array_foreach(json_object_get(operation, "parameters"), i, parameter)
    {
        if (strcmp(json_string_value(json_object_get(parameter, "name")), name) == 0)
            return parameter;
    }
    return NULL;
}

START_TEST(every_route_has_an_operation)
{
    static const char *const paths[] = {"/api/v1/things/{thing_id}/tables",
                                        "/api/v1/things",
                                        "/api/v1/things",
                                        "/api/v1/things/{thing_id}",
                                        "/api/v1/things/{thing_id}/parts",
                                        "/api/v1/things/{thing_id}",
                                        "/create_thing/{name}"};
    ck_assert_str_eq(text_at("openapi"), "3.1.0");
    for (size_t i = 0; routes[i].method; i++) {
        json_t *operation = operation_of(routes[i].method, paths[i]);
        ck_assert_msg(operation != NULL, "%s %s", routes[i].method, paths[i]);
        ck_assert_str_eq(json_string_value(json_object_get(operation, "summary")), routes[i].summary);
    }
    ck_assert_uint_eq(json_object_size(at(document, "paths")), 5);
}
END_TEST

START_TEST(a_file_is_a_body_of_its_own_or_a_part_beside_others)
{
    json_t *operation = operation_of("POST", "/api/v1/things/{thing_id}/tables");
    json_t *content = at(operation, "requestBody content");
    ck_assert(json_is_object(json_object_get(content, "text/csv")));
    json_t *parts = at(json_object_get(content, "multipart/form-data"), "schema");
    ck_assert(json_is_object(at(parts, "properties file")));
    ck_assert(json_is_object(at(parts, "properties name")));
    ck_assert(lists(json_object_get(parts, "required"), "file"));
    ck_assert(lists(json_object_get(parts, "required"), "name"));
    ck_assert(json_is_object(at(operation, "responses 413")));
    ck_assert(json_is_object(at(operation, "responses 415")));
}
END_TEST

START_TEST(operation_ids_are_unique)
{
    const char *path, *method;
    json_t *item, *operation;
    json_auto_t *seen = json_object();
    json_object_foreach(at(document, "paths"), path, item)
    {
        json_object_foreach(item, method, operation)
        {
            const char *id = json_string_value(json_object_get(operation, "operationId"));
            ck_assert_msg(id && !json_object_get(seen, id), "%s %s: %s", method, path, id);
            json_object_set_new(seen, id, json_true());
        }
    }
    ck_assert_uint_eq(json_object_size(seen), COUNT(routes) - 1);
}
END_TEST

static int ck_references(json_t *value)
{
    const char *key;
    size_t i;
    json_t *inner;
    int found = 0;
    json_object_foreach(value, key, inner)
    {
        if (strcmp(key, "$ref") == 0) {
            const char *name = strrchr(json_string_value(inner), '/') + 1;
            ck_assert_msg(json_object_get(at(document, "components schemas"), name), "%s", name);
            found++;
        }
        found += ck_references(inner);
    }
    json_array_foreach(value, i, inner)
    {
        found += ck_references(inner);
    }
    return found;
}

START_TEST(no_reference_leads_nowhere)
{
    ck_assert_int_gt(ck_references(document), 20);
    static const char *const names[] = {"Problem", "Thing", "NewThing", "Part"};
    for (size_t i = 0; i < COUNT(names); i++)
        ck_assert_msg(json_object_get(at(document, "components schemas"), names[i]), "%s", names[i]);
}
END_TEST

START_TEST(members_have_types_and_bounds)
{
    static const struct {
        const char *path, *json;
    } cases[] = {
        {"id type", "['string', 'null']"},
        {"id pattern", "'^[0-9a-f]{32}$'"},
        {"name type", "'string'"},
        {"name minLength", "1"},
        {"name maxLength", "80"},
        {"name description", "'What it is called'"},
        {"name examples", "['Paula']"},
        {"colour enum", "['red', 'green', null]"},
        {"born format", "'date'"},
        {"seen format", "'date-time'"},
        {"count type", "['integer', 'null']"},
        {"count minimum", "0"},
        {"count maximum", "30"},
        {"ratio type", "['number', 'null']"},
        {"mean type", "['number', 'null']"},
        {"people type", "['integer', 'null']"},
        {"people maximum", "9"},
        {"adjusted type", "['boolean', 'null']"},
        {"active type", "['boolean', 'null']"},
        {"lines items", "{'type': 'string'}"},
        {"lines maxItems", "5"},
        {"numbers items", "{'type': ['number', 'null']}"},
        {"kept $ref", "'#/components/schemas/Part'"},
        {"part $ref", "'#/components/schemas/Part'"},
        {"parts items $ref", "'#/components/schemas/Part'"},
    };
    json_t *properties = at(document, "components schemas Thing properties");
    for (size_t i = 0; i < COUNT(cases); i++) {
        json_auto_t *expected = json_of(cases[i].json);
        ck_assert_msg(json_equal(at(properties, cases[i].path), expected), "%s", cases[i].path);
    }
}
END_TEST

START_TEST(hidden_members_are_not_documented)
{
    ck_assert_ptr_null(at(document, "components schemas Thing properties version"));
    ck_assert_ptr_null(at(document, "components schemas NewThing properties created_by"));
}
END_TEST

START_TEST(a_reply_always_has_what_is_never_left_out)
{
    json_t *required = at(document, "components schemas Thing required");
    ck_assert(lists(required, "id"));
    ck_assert(lists(required, "name"));
    ck_assert(lists(required, "count"));
    ck_assert(!lists(required, "extra"));
    ck_assert(!lists(required, "version"));
}
END_TEST

START_TEST(an_input_needs_what_is_required_and_takes_nothing_unknown)
{
    json_t *input = at(document, "components schemas NewThing"), *required = json_object_get(input, "required");
    ck_assert(lists(required, "name"));
    ck_assert(lists(required, "password"));
    ck_assert(!lists(required, "count"));
    ck_assert(json_is_false(json_object_get(input, "additionalProperties")));
    ck_assert_str_eq(json_string_value(at(input, "properties count type")), "integer");
}
END_TEST

START_TEST(parameters_say_where_they_come_from)
{
    json_t *parts = operation_of("GET", "/api/v1/things/{thing_id}/parts");
    json_t *variable = parameter_of(parts, "thing_id"), *over = parameter_of(parts, "over");
    ck_assert_str_eq(json_string_value(json_object_get(variable, "in")), "path");
    ck_assert(json_is_true(json_object_get(variable, "required")));
    ck_assert_str_eq(json_string_value(json_object_get(over, "in")), "query");
    ck_assert(json_is_true(json_object_get(over, "required")));
    ck_assert(json_is_false(json_object_get(parameter_of(parts, "limit"), "required")));
    ck_assert_ptr_nonnull(parameter_of(parts, "after"));
    ck_assert_msg(parameter_of(parts, "thing"), "a query key that begins like a variable of the path");
}
END_TEST

START_TEST(a_member_in_the_path_is_no_parameter_of_the_query)
{
    json_t *create = operation_of("POST", "/create_thing/{name}"), *name = parameter_of(create, "name");
    ck_assert_str_eq(json_string_value(json_object_get(name, "in")), "path");
    ck_assert(json_equal(at(name, "schema maxLength"),
                         at(document, "components schemas NewThing properties name maxLength")));
    ck_assert(json_is_true(json_object_get(create, "deprecated")));
}
END_TEST

START_TEST(bodies_name_their_types)
{
    json_t *create = operation_of("POST", "/api/v1/things");
    ck_assert_ptr_nonnull(at(create, "requestBody content application/json schema"));
    ck_assert_ptr_nonnull(at(create, "requestBody content application/x-www-form-urlencoded schema"));
    ck_assert_ptr_null(at(operation_of("GET", "/api/v1/things"), "requestBody"));
}
END_TEST

START_TEST(answers_are_documented)
{
    json_t *create = operation_of("POST", "/api/v1/things"), *list = operation_of("GET", "/api/v1/things");
    json_t *delete = operation_of("DELETE", "/api/v1/things/{thing_id}");
    static const char *const of_create[] = {"201", "400", "422", "default"};
    static const char *const of_delete[] = {"204", "401", "403", "404", "412", "428"};
    for (size_t i = 0; i < COUNT(of_create); i++)
        ck_assert_msg(json_object_get(at(create, "responses"), of_create[i]), "%s", of_create[i]);
    for (size_t i = 0; i < COUNT(of_delete); i++)
        ck_assert_msg(json_object_get(at(delete, "responses"), of_delete[i]), "%s", of_delete[i]);
    ck_assert_ptr_null(at(create, "responses 401"));
    ck_assert_ptr_nonnull(at(list, "responses 200 content application/json schema properties items"));
    ck_assert_ptr_null(at(delete, "responses 204 content"));
    ck_assert_ptr_nonnull(parameter_of(delete, "If-Match"));
}
END_TEST

START_TEST(other_media_types_are_named)
{
    json_t *one = operation_of("GET", "/api/v1/things/{thing_id}"), *list = operation_of("GET", "/api/v1/things");
    ck_assert_ptr_nonnull(at(one, "responses 200 content application/json schema"));
    ck_assert_ptr_nonnull(at(one, "responses 200 content image/svg+xml"));
    ck_assert_ptr_nonnull(at(one, "responses 200 content image/png"));
    ck_assert_ptr_nonnull(at(one, "responses 406"));
    ck_assert_ptr_null(at(list, "responses 406"));
}
END_TEST

START_TEST(only_routes_that_create_take_a_key)
{
    json_t *key = parameter_of(operation_of("POST", "/api/v1/things"), "Idempotency-Key");
    ck_assert_str_eq(json_string_value(json_object_get(key, "in")), "header");
    ck_assert(json_is_false(json_object_get(key, "required")));
    ck_assert_int_eq(json_integer_value(at(key, "schema maxLength")), 200);
    ck_assert_ptr_nonnull(at(operation_of("POST", "/api/v1/things"), "responses 409"));
    ck_assert_ptr_null(parameter_of(operation_of("GET", "/api/v1/things"), "Idempotency-Key"));
    ck_assert_ptr_null(parameter_of(operation_of("DELETE", "/api/v1/things/{thing_id}"), "Idempotency-Key"));
}
END_TEST

START_TEST(records_with_versions_have_tags)
{
#define READ "paths /api/v1/things/{thing_id} get "
    ck_assert_ptr_nonnull(at(document, READ "responses 304"));
    ck_assert_ptr_nonnull(at(document, READ "responses 200 headers ETag"));
    json_t *parameters = at(document, READ "parameters");
    ck_assert_str_eq(json_string_value(at(json_array_get(parameters, 1), "name")), "If-None-Match");
    ck_assert_ptr_null(at(document, "paths /api/v1/things get responses 304"));
    ck_assert_ptr_null(at(document, "paths /api/v1/things get responses 200 headers"));
    ck_assert_ptr_nonnull(at(document, "paths /api/v1/things post responses 201 headers ETag"));
    ck_assert_ptr_null(at(document, "paths /api/v1/things post responses 304"));
}
END_TEST

START_TEST(security_follows_the_access_of_the_row)
{
    json_auto_t *open = json_of("[{}, {'bearer': []}]"), *closed = json_of("[{'bearer': []}, {'cookie': []}]"),
                *scoped = json_of("[{'bearer': []}, {'cookie': []}, {'client': ['counts:read']}]");
    ck_assert(json_equal(json_object_get(operation_of("POST", "/api/v1/things"), "security"), open));
    ck_assert(json_equal(json_object_get(operation_of("GET", "/api/v1/things"), "security"), closed));
    ck_assert(json_equal(json_object_get(operation_of("GET", "/api/v1/things/{thing_id}"), "security"), scoped));
    ck_assert_str_eq(text_at("components securitySchemes client type"), "oauth2");
    ck_assert_str_eq(text_at("components securitySchemes client flows clientCredentials scopes counts:read"),
                     "Counts and distributions");
    ck_assert_str_eq(text_at("components securitySchemes bearer scheme"), "bearer");
    ck_assert_str_eq(text_at("components securitySchemes cookie name"), "mnemos_session");
}
END_TEST

int main(void)
{
    document = openapi_document(tiny.name, tiny.summary, tiny.routes);
    if (!document)
        return 1;
    int status = UNIT_TESTS(
        every_route_has_an_operation, a_file_is_a_body_of_its_own_or_a_part_beside_others, operation_ids_are_unique,
        no_reference_leads_nowhere, members_have_types_and_bounds, hidden_members_are_not_documented,
        a_reply_always_has_what_is_never_left_out, an_input_needs_what_is_required_and_takes_nothing_unknown,
        parameters_say_where_they_come_from, a_member_in_the_path_is_no_parameter_of_the_query, bodies_name_their_types,
        answers_are_documented, other_media_types_are_named, only_routes_that_create_take_a_key,
        records_with_versions_have_tags, security_follows_the_access_of_the_row);
    json_decref(document);
    return status;
}
