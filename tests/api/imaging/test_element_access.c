/* Access to elements: every route, every kind of caller, with the historic path closed and opened. */
#include "tests/api/imaging/elements.h"

#include <stdlib.h>

static struct reply call_route(const struct route *route, const char *token)
{
    const char *colon = strchr(route->path, ':');
    char *path = text_of("%.*s%s", (int)(colon ? colon - route->path : (long)strlen(route->path)), route->path,
                         colon ? "nobody's" : "");
    const char *body = route->body_max ? R"({"data": []})" : NULL;
    return api_change(route->method, token, path, body, "*");
}

/* The answer to callers who are let in: about an empty body, or an absent element. */
static long admitted(const struct route *route)
{
    if (route->body_max)
        return 422;
    return strchr(route->path, ':') ? 404 : 200;
}

static void ck_every_route(const char *token, unsigned rules, long refusal)
{
    for (const struct route *route = imaging_routes; route->method; route++) {
        if ((route->rules & HISTORIC) != rules)
            continue;
        REPLY r = call_route(route, token);
        long expected = refusal ? refusal : admitted(route);
        ck_assert_msg(r.status == expected, "%s %s: %ld instead of %ld", route->method, route->path, r.status,
                      expected);
    }
}

START_TEST(professionals_and_administrators_may_do_everything)
{
    const char *const tokens[] = {AS_GENERAL, AS_PSYCHOLOGIST, AS_NEUROLOGIST, AS_ADMIN,
                                  token_for(NULL, "superuser", NULL)};
    for (size_t i = 0; i < COUNT(tokens); i++) {
        ck_every_route(tokens[i], 0, 0);
        ck_every_route(tokens[i], HISTORIC, 0);
    }
}
END_TEST

START_TEST(others_may_do_nothing)
{
    ck_every_route(ANONYMOUSLY, 0, 401);
    ck_every_route(ANONYMOUSLY, HISTORIC, 401);
    ck_every_route("not a token", HISTORIC, 401);
    ck_every_route(AS_PATIENT, 0, 403);
    ck_every_route(AS_PATIENT, HISTORIC, 403);
    ck_every_route(AS_CAREGIVER, 0, 403);
    ck_every_route(AS_CAREGIVER, HISTORIC, 403);
}
END_TEST

START_TEST(the_historic_path_alone_can_be_opened)
{
    setenv("OPEN_ELEMENTS", "on", 1);
    api_restart(&imaging_service);
    ck_every_route(ANONYMOUSLY, 0, 401);
    ck_every_route(AS_PATIENT, 0, 403);
    ck_every_route(ANONYMOUSLY, HISTORIC, 0);
    ck_every_route(AS_PATIENT, HISTORIC, 0);
    ck_every_route("not a token", HISTORIC, 401);
    setenv("OPEN_ELEMENTS", "off", 1);
    api_restart(&imaging_service);
    ck_every_route(ANONYMOUSLY, HISTORIC, 401);
}
END_TEST

START_TEST(other_methods_are_told_what_there_is)
{
    REPLY r = api_call((struct call){"PUT", AS_GENERAL, ELEMENTS, "{}"});
    ck_status(&r, 405);
    ck_assert_str_eq(header_of(&r, "Allow"), "POST, GET, HEAD, OPTIONS");
    REPLY one = api_call((struct call){"POST", AS_GENERAL, ELEMENTS "/x", "{}"});
    ck_status(&one, 405);
    ck_assert_str_eq(header_of(&one, "Allow"), "GET, HEAD, PUT, PATCH, DELETE, OPTIONS");
}
END_TEST

START_TEST(the_service_has_no_more_rights_than_it_needs)
{
    static const char *const forbidden[] = {
        "has_table_privilege('mnemos_imaging', 'imaging.element', 'truncate')",
        "has_column_privilege('mnemos_imaging', 'imaging.element', 'created_at', 'update')",
        "has_column_privilege('mnemos_imaging', 'imaging.element', 'version', 'insert')",
        "has_table_privilege('mnemos_imaging', 'imaging.device', 'delete')",
        "has_column_privilege('mnemos_imaging', 'imaging.device', 'name', 'update')",
        "has_schema_privilege('mnemos_imaging', 'imaging', 'create')",
        "has_schema_privilege('mnemos_users', 'imaging', 'usage')",
    };
    for (size_t i = 0; i < COUNT(forbidden); i++)
        ck_assert_msg(strcmp(sql_value("SELECT %s", forbidden[i]), "f") == 0, "%s", forbidden[i]);
}
END_TEST

int main(void)
{
    return API_TESTS(&imaging_service, professionals_and_administrators_may_do_everything, others_may_do_nothing,
                     the_historic_path_alone_can_be_opened, other_methods_are_told_what_there_is,
                     the_service_has_no_more_rights_than_it_needs);
}
