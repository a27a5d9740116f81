/* Browsers: which cookies they get, and what they may do with them from where. */
#include "tests/api/auth/accounts.h"
#include "tests/services.h"

#include <stdlib.h>
#include <string.h>

/* With one other origin allowed, as the settings of a clinic have it. */
#define ALLOWED "https://clinic.example"

static void begin(void)
{
    setenv("CORS_ORIGINS", ALLOWED, 1);
    for (size_t i = 0; i < COUNT(services); i++) {
        api_open(services[i]);
        api_restart(services[i]);
    }
}

static void end(void)
{
    unsetenv("CORS_ORIGINS");
    for (size_t i = 0; i < COUNT(services); i++)
        api_restart(services[i]);
    api_open(&auth_service);
}

static const char *path_of(const struct route *r)
{
    char path[300], *to = path;
    for (const char *c = r->path; *c;) {
        if (*c != ':') {
            *to++ = *c++;
            continue;
        }
        c += strcspn(c, "/");
        memcpy(to, "00112233445566778899aabbccddeeff", 32);
        to += 32;
    }
    *to = '\0';
    return text_of("%s", path);
}

/* By cookie: who comes with a secret of its own is not asked for one. */
static bool changes_something(const struct route *r)
{
    return strcmp(r->method, "GET") != 0 && !(r->rules & TAKES_BASIC);
}

/* origin: NULL for none. */
static bool refused_for_its_origin(const struct route *r, const char *cookie, const char *origin)
{
    REPLY reply = api_call((struct call){
        .method = r->method,
        .path = path_of(r),
        .headers = {text_of("Cookie: mnemos_session=%s", cookie), origin ? text_of("Origin: %s", origin) : NULL}});
    const char *detail = text_at(&reply, "detail");
    return reply.status == 403 && detail && strstr(detail, "only pages of this site");
}

START_TEST(every_change_by_cookie_needs_an_allowed_origin)
{
    static const char *const foreign[] = {NULL,
                                          "null",
                                          "https://elsewhere.example",
                                          ALLOWED ".elsewhere.example",
                                          ALLOWED ":8443",
                                          "http://clinic.example",
                                          "https://www.clinic.example",
                                          "https://127.0.0.1"};
    begin();
    for (size_t i = 0; i < COUNT(services); i++) {
        api_open(services[i]);
        for (const struct route *r = services[i]->routes; r->method; r++) {
            if (!changes_something(r))
                continue;
            const char *cookie = AS_SUPERUSER;
            for (size_t o = 0; o < COUNT(foreign); o++)
                ck_assert_msg(refused_for_its_origin(r, cookie, foreign[o]), "%s %s from %s", r->method, r->path,
                              foreign[o] ? foreign[o] : "nowhere");
            ck_assert_msg(!refused_for_its_origin(r, cookie, ALLOWED), "%s %s", r->method, r->path);
        }
    }
    end();
}
END_TEST

START_TEST(reading_by_cookie_and_changing_by_token_need_no_origin)
{
    const char *name = new_name("Reader");
    make_account(name, "caregiver", NULL);
    const char *token = token_of(name);
    REPLY read = api_call(
        (struct call){.method = "GET",
                      .path = "/api/v1/auth/me",
                      .headers = {text_of("Cookie: mnemos_session=%s", token), "Origin: https://elsewhere.example"}});
    ck_reply(&read, 200, "name", name);
    ck_assert_ptr_null(header_of(&read, "Access-Control-Allow-Origin")); /* the page does not get to see it */
    REPLY change =
        api_call((struct call){.method = "POST",
                               .path = "/api/v1/auth/logout",
                               .token = token,
                               .headers = {"Origin: https://elsewhere.example", "Cookie: mnemos_session=x"}});
    ck_status(&change, 204);
}
END_TEST

static struct reply login_from(const char *name, const char *origin, const char *host)
{
    return api_call((struct call){.method = "POST",
                                  .path = "/login",
                                  .type = "application/x-www-form-urlencoded",
                                  .body = text_of("name=%s&password=correct+horse+battery", name),
                                  .headers = {origin, host}});
}

START_TEST(a_login_that_another_page_sends_sets_no_cookie)
{
    const char *name = new_id();
    make_account(name, "caregiver", NULL);
    static const char *const foreign[] = {"Origin: https://elsewhere.example", "Origin: null"};
    for (size_t i = 0; i < COUNT(foreign); i++) {
        REPLY r = login_from(name, foreign[i], "Host: here.example");
        ck_status(&r, 200);
        ck_assert_ptr_null(header_of(&r, "Set-Cookie"));
    }
    REPLY own = login_from(name, "Origin: https://here.example", "Host: here.example"),
          none = login_from(name, NULL, NULL);
    ck_assert_ptr_nonnull(header_of(&own, "Set-Cookie"));
    ck_assert_ptr_nonnull(header_of(&none, "Set-Cookie"));
}
END_TEST

/* The line that sets it; the test fails when there is none. */
static const char *cookie_line(const struct reply *r, const char *name)
{
    const char *at = strstr(r->headers, text_of("ookie: %s=", name));
    ck_assert_msg(at != NULL, "no %s in %s", name, r->headers);
    return text_of("%.*s", (int)strcspn(at, "\r\n"), at);
}

START_TEST(cookies_are_as_strict_as_they_can_be)
{
    const char *name = new_name("Strict");
    make_account(name, "caregiver", NULL);
    REPLY r = login(name, PASSWORD);
    static const struct {
        const char *name, *path, *age;
    } cookies[] = {{"mnemos_session", "; Path=/;", "; Max-Age=1800;"},
                   {"mnemos_refresh", "; Path=/api/v1/auth/refresh;", "; Max-Age=43200;"}};
    for (size_t i = 0; i < COUNT(cookies); i++) {
        const char *line = cookie_line(&r, cookies[i].name);
        const char *const wanted[] = {cookies[i].path, cookies[i].age, "; HttpOnly", "; SameSite=Strict", "; Secure"};
        for (size_t w = 0; w < COUNT(wanted); w++)
            ck_assert_msg(strstr(line, wanted[w]) != NULL, "%s in %s", wanted[w], line);
        ck_assert_ptr_null(strstr(line, "Domain")); /* of this host alone */
    }
}
END_TEST

START_TEST(secure_is_left_out_only_where_a_setting_says_so)
{
    const char *name = new_name("Plain");
    make_account(name, "caregiver", NULL);
    setenv("COOKIE_SECURE", "off", 1);
    api_restart(&auth_service);
    REPLY off = login(name, PASSWORD);
    ck_assert_ptr_null(strstr(cookie_line(&off, "mnemos_session"), "Secure"));
    ck_assert_ptr_nonnull(strstr(cookie_line(&off, "mnemos_session"), "; HttpOnly; SameSite=Strict"));
    unsetenv("COOKIE_SECURE");
    api_restart(&auth_service);
    REPLY on = login(name, PASSWORD);
    ck_assert_ptr_nonnull(strstr(cookie_line(&on, "mnemos_session"), "; Secure"));
}
END_TEST

START_TEST(a_refresh_cookie_is_no_access_token_and_the_other_way_round)
{
    const char *name = new_name("Mixed");
    make_account(name, "caregiver", NULL);
    REPLY r = login(name, PASSWORD);
    REPLY as_session =
        api_call((struct call){.method = "GET",
                               .path = "/api/v1/auth/me",
                               .headers = {text_of("Cookie: mnemos_session=%s", text_at(&r, "refresh_token"))}});
    ck_status(&as_session, 401);
    REPLY as_refresh =
        api_call((struct call){.method = "POST",
                               .path = "/api/v1/auth/refresh",
                               .headers = {text_of("Cookie: mnemos_refresh=%s", text_at(&r, "access_token")),
                                           "Origin: http://here.example", "Host: here.example"}});
    ck_status(&as_refresh, 401);
}
END_TEST

int main(void)
{
    return API_TESTS(&auth_service, every_change_by_cookie_needs_an_allowed_origin,
                     reading_by_cookie_and_changing_by_token_need_no_origin,
                     a_login_that_another_page_sends_sets_no_cookie, cookies_are_as_strict_as_they_can_be,
                     secure_is_left_out_only_where_a_setting_says_so,
                     a_refresh_cookie_is_no_access_token_and_the_other_way_round);
}
