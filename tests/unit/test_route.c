#include "common/http/route.h"
#include "tests/support/unit.h"

#include <stdlib.h>
#include <string.h>

static enum status nothing(struct request *rq)
{
    (void)rq;
    return OK;
}

enum { LIST, CREATE, GET_ONE, CHANGE, PARTS, LOGIN, LOGOUT, ROOT };

static const char *const pictures[] = {"image/svg+xml", "image/png", NULL};

static const struct route routes[] = {
    [LIST] = {"GET", "/api/v1/things", nothing, {.roles = USERS, .scope = COUNTS_READ}, "thing.list", "Things"},
    [CREATE] = {"POST", "/api/v1/things", nothing, {.roles = ADMINS}, "thing.create", "A new thing"},
    [GET_ONE] = {"GET",
                 "/api/v1/things/:thing_id",
                 nothing,
                 {.roles = HEALTHPRO, .specialties = NEUROLOGIST | PSYCHOLOGIST},
                 "thing.read",
                 "One thing"},
    [CHANGE] = {"PATCH", "/api/v1/things/:thing_id", nothing, {.roles = HEALTHPRO}, "thing.change", "A change"},
    [PARTS] = {"GET",
               "/api/v1/things/:thing_id/parts/:part_id",
               nothing,
               {.roles = ANYONE},
               "part.read",
               "One part",
               .rules = HISTORIC},
    [LOGIN] = {"POST", "/login", nothing, {.roles = ANYONE}, "login", "Log in"},
    [LOGOUT] = {"POST", "/logout", nothing, {.roles = USERS | CLIENT}, "logout", "Log out", .media_types = pictures},
    [ROOT] = {"GET", "/", nothing, {.roles = ANYONE}, "root", "Root"},
    {0},
};

static enum status find(struct scene *s, const char *method, const char *path, struct form *variables, int *row)
{
    const struct route *found = NULL;
    *variables = (struct form){0};
    enum status status = route_find(routes, method, path, &s->arena, variables, &found, &s->why);
    *row = status == OK ? (int)(found - routes) : -1;
    return status;
}

START_TEST(route_find_takes_method_and_path)
{
    static const struct {
        const char *method, *path;
        int row;
    } cases[] = {
        {"GET", "/api/v1/things", LIST},
        {"GET", "/api/v1/things/", LIST},
        {"HEAD", "/api/v1/things", LIST},
        {"POST", "/api/v1/things", CREATE},
        {"GET", "/api/v1/things/7", GET_ONE},
        {"HEAD", "/api/v1/things/7/", GET_ONE},
        {"PATCH", "/api/v1/things/7", CHANGE},
        {"GET", "/api/v1/things/7/parts/8", PARTS},
        {"POST", "/login", LOGIN},
        {"GET", "/", ROOT},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        SCENE(s);
        struct form variables;
        int row;
        ck_assert_int_eq(find(&s, cases[i].method, cases[i].path, &variables, &row), OK);
        ck_assert_msg(row == cases[i].row, "%s", cases[i].path);
    }
}
END_TEST

START_TEST(route_find_knows_no_other_path)
{
    static const char *const paths[] = {
        "",
        "/api",
        "/api/v1/thing",
        "/api/v1/thingss",
        "/API/v1/things",
        "/api/v1/things//",
        "/api//v1/things",
        "/api/v1/things/7/parts",
        "/api/v1/things/7/parts/",
        "/api/v1/things//parts/8",
        "/api/v1/things/7/parts/8/9",
        "/api/v1/things/../login",
        "/api/v1/%74hings",
        "api/v1/things",
        "*",
    };
    for (size_t i = 0; i < COUNT(paths); i++) {
        SCENE(s);
        struct form variables;
        int row;
        ck_assert_msg(find(&s, "GET", paths[i], &variables, &row) == NOT_FOUND, "%s", paths[i]);
    }
}
END_TEST

START_TEST(variables_are_decoded_one_segment_at_a_time)
{
    SCENE(s);
    struct form variables;
    int row;
    ck_assert_int_eq(find(&s, "GET", "/api/v1/things/a%2Fb/parts/M%C3%BCnchen+1", &variables, &row), OK);
    ck_assert_uint_eq(variables.count, 2);
    ck_assert_str_eq(form_value(&variables, "thing_id"), "a/b");
    ck_assert_str_eq(form_value(&variables, "part_id"), "München+1");
}
END_TEST

START_TEST(dots_are_a_name_like_any_other)
{
    SCENE(s);
    struct form variables;
    int row;
    ck_assert_int_eq(find(&s, "GET", "/api/v1/things/..", &variables, &row), OK);
    ck_assert_str_eq(form_value(&variables, "thing_id"), "..");
    ck_assert_int_eq(find(&s, "GET", "/api/v1/things/%2e%2e%2flogin", &variables, &row), OK);
    ck_assert_int_eq(row, GET_ONE);
    ck_assert_str_eq(form_value(&variables, "thing_id"), "../login");
}
END_TEST

START_TEST(broken_variables_are_malformed)
{
    static const char *const paths[] = {"/api/v1/things/%", "/api/v1/things/%00", "/api/v1/things/%FF",
                                        "/api/v1/things/7/parts/%zz"};
    for (size_t i = 0; i < COUNT(paths); i++) {
        SCENE(s);
        struct form variables;
        int row;
        ck_assert_msg(find(&s, "GET", paths[i], &variables, &row) == MALFORMED, "%s", paths[i]);
        ck_assert_uint_eq(variables.count, 0);
    }
}
END_TEST

START_TEST(a_wrong_method_learns_the_right_ones)
{
    SCENE(s);
    struct form variables;
    int row;
    ck_assert_int_eq(find(&s, "DELETE", "/api/v1/things/7", &variables, &row), METHOD_NOT_ALLOWED);
    ck_assert_str_eq(s.why.allow, "GET, HEAD, PATCH, OPTIONS");
    ck_assert_int_eq(find(&s, "get", "/api/v1/things", &variables, &row), METHOD_NOT_ALLOWED);
    ck_assert_str_eq(s.why.allow, "GET, HEAD, POST, OPTIONS");
    ck_assert_int_eq(find(&s, "HEAD", "/login", &variables, &row), METHOD_NOT_ALLOWED);
    ck_assert_str_eq(s.why.allow, "POST, OPTIONS");
}
END_TEST

START_TEST(route_allowed_is_null_where_there_is_nothing)
{
    SCENE(s);
    ck_assert_ptr_null(route_allowed(routes, "/nowhere", &s.arena));
    ck_assert_str_eq(route_allowed(routes, "/login/", &s.arena), "POST, OPTIONS");
}
END_TEST

START_TEST(routes_print_has_a_line_for_each_route)
{
    char *text;
    size_t size;
    FILE *to = open_memstream(&text, &size);
    routes_print(routes, to);
    fclose(to);
    size_t lines = 0;
    for (const char *c = text; *c; c++)
        lines += *c == '\n';
    ck_assert_uint_eq(lines, COUNT(routes) - 1 + 2);
    ck_assert(
        strstr(text, "| GET | `/api/v1/things` | people logged in, client with counts:read | thing.list | Things |\n"));
    ck_assert(strstr(text, "| POST | `/api/v1/things` | admin, superuser | thing.create | A new thing |\n"));
    ck_assert(
        strstr(text, "| POST | `/logout` | logged in | logout | Log out; also as image/svg+xml or image/png |\n"));
    ck_assert(strstr(text, "| healthpro (psychologist, neurologist) |"));
    ck_assert(strstr(text, "| anyone | part.read | One part (historic path) |\n"));
    free(text);
}
END_TEST

/* A role's access stands in its column, in words. */
START_TEST(routes_print_access_says_whose_data_each_role_reaches)
{
    static const struct route table[] = {
        {"GET", "/people/:id", nothing, {.roles = CARE, .scope = PEOPLE_READ}, "a", "", .subject = ONE_PERSON},
        {"PATCH", "/people/:id", nothing, STAFF, "a", "", .rules = NOT_COLLEAGUES, .subject = ONE_PERSON},
        {"GET", "/forecast/:id", nothing, {HEALTHPRO, NEUROLOGIST | ONCOLOGIST}, "a", "", .subject = ONE_PERSON},
        {"GET", "/accounts/:id", nothing, {.roles = ADMINS}, "a", "", .rules = NOT_ADMINS, .subject = ONE_PERSON},
        {"GET", "/me", nothing, {.roles = USERS}, "a", "", .subject = ONESELF},
        {"GET", "/things", nothing, OPEN_TO_ALL, "a", "", .rules = IF_SETTING, .always_roles = HEALTHPRO,
         .subject = THINGS},
        {0},
    };
    static const char *const lines[] = {
        "| GET | `/people/:id` | 401 | own | own, linked | all | all | all | 403 | all, people:read |",
        "| PATCH | `/people/:id` | 401 | 403 | 403 | all, colleagues 403 | all | all | 403 | 403 |",
        "| GET | `/forecast/:id` | 401 | 403 | 403 | all, neurologist or oncologist | 403 | 403 | 403 | 403 |",
        "| GET | `/accounts/:id` | 401 | 403 | 403 | 403 | all, administrators 404 | all | 403 | 403 |",
        "| GET | `/me` | 401 | own | own | own | own | own | own | 403 |",
        "| GET | `/things` | yes, by setting | yes, by setting | yes, by setting | yes | yes, by setting |",
    };
    char *text;
    size_t size;
    FILE *to = open_memstream(&text, &size);
    routes_print_access(table, to);
    fclose(to);
    for (size_t i = 0; i < COUNT(lines); i++)
        ck_assert_msg(strstr(text, lines[i]) != NULL, "%s\n%s", lines[i], text);
    free(text);
}
END_TEST

START_TEST(a_post_that_answers_201_creates)
{
    ck_assert(route_creates(&(struct route){"POST", "/things", nothing, .success = 201}));
    ck_assert(route_repeats(&(struct route){"POST", "/things", nothing, .success = 201}));
    ck_assert(route_repeats(&(struct route){"POST", "/tasks", nothing, .success = 202}));
    ck_assert(!route_repeats(&(struct route){"POST", "/keys", nothing, .success = 201, .rules = SHOWN_ONCE}));
    ck_assert(!route_creates(&(struct route){"POST", "/login", nothing}));
    ck_assert(!route_creates(&(struct route){"PUT", "/things/7", nothing, .success = 201}));
}
END_TEST

START_TEST(an_absent_record_has_the_noun_of_the_last_variable)
{
    static const struct {
        const char *path, *noun, *expected;
    } cases[] = {
        {"/things/:thing_id", NULL, "thing"},
        {"/things/:thing_id/parts/:part_id", NULL, "part"},
        {"/things/:thing_id/parts", NULL, "thing"},
        {"/sites/:site_code", NULL, "code"},
        {"/thing_by_name/:name", "thing", "thing"},
        {"/things/:thing_id", "gadget", "gadget"},
        {"/me", NULL, "record"},
        {"/me", "account", "account"},
    };
    SCENE(s);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct route row = {"GET", cases[i].path, nothing, .noun = cases[i].noun};
        ck_assert_str_eq(route_noun(&row, &s.arena), cases[i].expected);
    }
}
END_TEST

int main(void)
{
    return UNIT_TESTS(a_post_that_answers_201_creates, an_absent_record_has_the_noun_of_the_last_variable,
                      route_find_takes_method_and_path, route_find_knows_no_other_path,
                      variables_are_decoded_one_segment_at_a_time, dots_are_a_name_like_any_other,
                      broken_variables_are_malformed, a_wrong_method_learns_the_right_ones,
                      route_allowed_is_null_where_there_is_nothing, routes_print_has_a_line_for_each_route,
                      routes_print_access_says_whose_data_each_role_reaches);
}
