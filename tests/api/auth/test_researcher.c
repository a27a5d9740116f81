/* Researchers: managed by administrators, let in where there are numbers and no names. */
#include "tests/api/auth/accounts.h"
#include "tests/services.h"

#include <string.h>

#define RESEARCHERS "/api/v1/researchers"

static struct reply create(const char *token, const char *name)
{
    return api_post(token, RESEARCHERS, R"({"name": "%s", "password": "%s"})", name, PASSWORD);
}

static struct reply call(const char *method, const char *id, const char *tag, const char *body)
{
    return api_change(method, AS_ADMIN, text_of(RESEARCHERS "/%s", id), body, tag);
}

START_TEST(an_administrator_makes_researchers_that_log_in)
{
    const char *name = new_name("Rita");
    REPLY made = create(AS_ADMIN, name);
    ck_reply(&made, 201, "name", name);
    ck_assert_ptr_null(strstr(made.body, "password"));
    const char *path = text_of(RESEARCHERS "/%s", text_at(&made, "id"));
    ck_assert_str_eq(header_of(&made, "Location"), path);
    REPLY entered = login(name, PASSWORD), read = api_get(AS_SUPERUSER, "%s", path), taken = create(AS_ADMIN, name);
    ck_reply(&entered, 200, "account/role", "researcher");
    ck_reply(&read, 200, "name", name);
    ck_assert_str_eq(header_of(&read, "ETag"), header_of(&made, "ETag"));
    ck_reply(&taken, 409, "errors/0/pointer", "/name");
}
END_TEST

START_TEST(only_administrators_see_and_manage_researchers)
{
    const char *tokens[] = {AS_NEUROLOGIST, AS_CAREGIVER, AS_PATIENT, AS_RESEARCHER, client_token("people:read")};
    for (size_t i = 0; i < COUNT(tokens); i++) {
        REPLY list = api_get(tokens[i], RESEARCHERS), made = create(tokens[i], new_name("Nobody"));
        ck_status(&list, 403);
        ck_status(&made, 403);
    }
    REPLY anonymous = create(ANONYMOUSLY, new_name("Nobody"));
    ck_status(&anonymous, 401);
}
END_TEST

START_TEST(each_list_shows_its_own_kind_and_no_path_leads_to_the_other)
{
    const char *researcher = make_account(new_name("Researcher"), "researcher", NULL),
               *admin = make_account(new_name("Admin"), "admin", NULL),
               *patient = make_account(new_name("Patient"), "patient", NULL);
    REPLY researchers = api_get(AS_ADMIN, RESEARCHERS "?limit=200"),
          admins = api_get(AS_SUPERUSER, "/api/v1/admins?limit=200");
    ck_assert_ptr_nonnull(strstr(researchers.body, researcher));
    ck_assert_ptr_null(strstr(researchers.body, admin));
    ck_assert_ptr_null(strstr(researchers.body, patient));
    ck_assert_ptr_null(strstr(admins.body, researcher));
    const char *others[] = {admin, patient, new_id()};
    for (size_t i = 0; i < COUNT(others); i++) {
        REPLY read = api_get(AS_ADMIN, RESEARCHERS "/%s", others[i]),
              changed = call("PATCH", others[i], "*", R"({"disabled": true})"),
              gone = call("DELETE", others[i], "*", NULL);
        ck_status(&read, 404);
        ck_status(&changed, 404);
        ck_status(&gone, 404);
    }
    REPLY as_admin = api_get(AS_SUPERUSER, "/api/v1/admins/%s", researcher);
    ck_status(&as_admin, 404);
}
END_TEST

START_TEST(a_researcher_is_disabled_and_removed_but_never_promoted)
{
    const char *name = new_name("Leaving"), *id = make_account(name, "researcher", NULL), *token = token_of(name);
    REPLY promoted = call("PATCH", id, "*", R"({"role": "superuser"})"),
          stale = call("PATCH", id, TAG(9), R"({"disabled": true})"),
          off = call("PATCH", id, TAG(1), R"({"disabled": true})");
    ck_refuses(&promoted, "/role");
    ck_status(&stale, 412);
    ck_status(&off, 200);
    ck_assert(json_is_true(json_object_get(off.json, "disabled")));
    WAIT_UNTIL(refused_at(0, "/api/v1/auth/me", token));
    REPLY shut = login(name, PASSWORD), on = call("PATCH", id, "*", R"({"disabled": false})");
    ck_status(&shut, 401);
    ck_status(&on, 200);
    const char *again = token_of(name);
    REPLY gone = call("DELETE", id, "*", NULL);
    ck_status(&gone, 204);
    WAIT_UNTIL(refused_at(0, "/api/v1/auth/me", again));
}
END_TEST

START_TEST(a_researcher_gets_numbers_and_no_names)
{
    const char *name = new_name("Numbers");
    make_account(name, "researcher", NULL);
    const char *token = token_of(name);
    const struct {
        const struct service *service;
        const char *path;
        long status;
    } cases[] = {{&analytics_service, "/api/v1/mmse/count?over=20", 200},
                 {&analytics_service, "/api/v1/mmse/distribution", 200},
                 {&analytics_service, "/count_over/20", 200},
                 {&analytics_service, "/predict_patient/somebody", 403},
                 {&users_service, "/api/v1/status", 200},
                 {&users_service, "/api/v1/users", 403},
                 {&users_service, "/api/v1/users?name=somebody", 403},
                 {&users_service, "/get_user_by_name/somebody", 403},
                 {&imaging_service, "/api/v1/elements", 403},
                 {&imaging_service, "/api/elements", 403},
                 {&auth_service, "/api/v1/auth/me", 200},
                 {&auth_service, RESEARCHERS, 403}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        int port = api_open(cases[i].service);
        REPLY r = api_call((struct call){.method = "GET", .token = token, .path = cases[i].path, .port = port});
        ck_assert_msg(r.status == cases[i].status, "%s: %ld %s", cases[i].path, r.status, r.body);
    }
    api_open(&auth_service);
}
END_TEST

START_TEST(a_researcher_changes_the_own_password)
{
    const char *name = new_name("Changing");
    make_account(name, "researcher", NULL);
    REPLY changed = api_call((struct call){
        .method = "PUT",
        .token = token_of(name),
        .path = "/api/v1/auth/password",
        .body = text_of(R"({"current_password": "%s", "new_password": "sieben gelbe Laternen"})", PASSWORD)});
    ck_status(&changed, 204);
    REPLY old = login(name, PASSWORD), new = login(name, "sieben gelbe Laternen");
    ck_status(&old, 401);
    ck_status(&new, 200);
}
END_TEST

int main(void)
{
    return API_TESTS(&auth_service, an_administrator_makes_researchers_that_log_in,
                     only_administrators_see_and_manage_researchers,
                     each_list_shows_its_own_kind_and_no_path_leads_to_the_other,
                     a_researcher_is_disabled_and_removed_but_never_promoted, a_researcher_gets_numbers_and_no_names,
                     a_researcher_changes_the_own_password);
}
