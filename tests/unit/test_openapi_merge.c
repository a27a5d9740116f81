#include "services/ctl/openapi_merge.h"
#include "tests/support/unit.h"

#include <stdlib.h>

static struct arena arena;
static struct problem why;

static enum status merge(const char *a, const char *b, json_t **out)
{
    json_auto_t *other = json_of(b);
    problem_reset(&why, &arena);
    *out = json_of(a);
    return openapi_merge(*out, other, &why);
}

static void ck_merged(const char *a, const char *b, const char *expected)
{
    json_auto_t *whole = NULL, *wanted = json_of(expected);
    enum status status = merge(a, b, &whole);
    char *text = json_dumps(whole, 0);
    ck_assert_msg(status == OK && json_equal(whole, wanted), "%s: %s", text, why.detail ? why.detail : "");
    free(text);
    arena_release(&arena);
}

static void ck_conflict(const char *a, const char *b, const char *sentence)
{
    json_auto_t *whole = NULL;
    ck_assert_int_eq(merge(a, b, &whole), CONFLICT);
    ck_assert_str_eq(why.detail, sentence);
    arena_release(&arena);
}

START_TEST(merge_unites_paths)
{
    ck_merged("{'paths': {'/a': {'get': {'operationId': '1'}}}, 'components': {}, 'tags': []}",
              "{'paths': {'/b': {'get': {'operationId': '2'}}}}",
              "{'paths': {'/a': {'get': {'operationId': '1'}}, '/b': {'get': {'operationId': '2'}}},"
              " 'components': {}, 'tags': []}");
}
END_TEST

START_TEST(merge_unites_methods_of_one_path)
{
    ck_merged("{'paths': {'/a': {'get': {}}}, 'components': {}, 'tags': []}", "{'paths': {'/a': {'post': {}}}}",
              "{'paths': {'/a': {'get': {}, 'post': {}}}, 'components': {}, 'tags': []}");
}
END_TEST

START_TEST(merge_keeps_the_order_of_paths)
{
    json_auto_t *whole = NULL;
    ck_assert_int_eq(merge("{'paths': {'/z': {}}}", "{'paths': {'/b': {}, '/a': {}}}", &whole), OK);
    char *text = json_dumps(json_object_get(whole, "paths"), JSON_PRESERVE_ORDER | JSON_COMPACT);
    ck_assert_str_eq(text, R"({"/z":{},"/b":{},"/a":{}})");
    free(text);
    arena_release(&arena);
}
END_TEST

START_TEST(merge_unites_components_of_every_kind)
{
    ck_merged("{'paths': {}, 'components': {'schemas': {'Problem': {'type': 'object'}}}, 'tags': []}",
              "{'components': {'schemas': {'Problem': {'type': 'object'}, 'User': {}}, 'securitySchemes': {'x': {}}}}",
              "{'paths': {}, 'components': {'schemas': {'Problem': {'type': 'object'}, 'User': {}},"
              " 'securitySchemes': {'x': {}}}, 'tags': []}");
}
END_TEST

START_TEST(merge_appends_tags_once)
{
    ck_merged("{'paths': {}, 'components': {}, 'tags': [{'name': 'auth'}]}",
              "{'tags': [{'name': 'users'}, {'name': 'auth'}]}",
              "{'paths': {}, 'components': {}, 'tags': [{'name': 'auth'}, {'name': 'users'}]}");
}
END_TEST

START_TEST(merge_keeps_info_and_servers_of_the_first)
{
    ck_merged("{'info': {'title': 'A'}, 'servers': [1], 'paths': {}, 'components': {}, 'tags': []}",
              "{'info': {'title': 'B'}, 'servers': [2]}",
              "{'info': {'title': 'A'}, 'servers': [1], 'paths': {}, 'components': {}, 'tags': []}");
}
END_TEST

START_TEST(merge_names_what_is_in_conflict)
{
    ck_conflict("{'paths': {'/a': {'get': {'summary': 'x'}}}}", "{'paths': {'/a': {'get': {'summary': 'y'}}}}",
                "Two services declare path /a, get differently.");
    ck_conflict("{'components': {'schemas': {'User': {'type': 'object'}}}}",
                "{'components': {'schemas': {'User': {'type': 'string'}}}}",
                "Two services declare schemas User differently.");
    ck_conflict("{'tags': [{'name': 'a', 'description': 'x'}]}", "{'tags': [{'name': 'a', 'description': 'y'}]}",
                "Two services describe the tag a differently.");
    ck_conflict("{'paths': {'/a': {'get': {'operationId': 'same'}}}}",
                "{'paths': {'/b': {'get': {'operationId': 'same'}}}}", "Two operations have the operationId same.");
}
END_TEST

START_TEST(merge_survives_what_is_no_openapi_document)
{
    json_auto_t *whole = NULL;
    ck_assert_int_eq(
        merge("{}", "{'paths': 7, 'components': {'schemas': []}, 'tags': [1, {}, {'name': null}]}", &whole), CONFLICT);
    arena_release(&arena);
}
END_TEST

int main(void)
{
    return UNIT_TESTS(merge_unites_paths, merge_unites_methods_of_one_path, merge_keeps_the_order_of_paths,
                      merge_unites_components_of_every_kind, merge_appends_tags_once,
                      merge_keeps_info_and_servers_of_the_first, merge_names_what_is_in_conflict,
                      merge_survives_what_is_no_openapi_document);
}
