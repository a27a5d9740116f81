/* Answers are shown to the pages of origins that are listed, letter by letter, and what is wrong with a token is as
 * wrong in a cookie. Which cookies there are and what is done by them: test_cookie.c. */
#include "tests/api/auth/accounts.h"

#include <stdlib.h>
#include <string.h>

#define LISTED "https://clinic.example"
#define HOST   "Host: mnemos.example"

static const char *const foreign[] = {"null",
                                      "",
                                      "https://elsewhere.example",
                                      "https://mnemos.example.evil",
                                      "https://evil-mnemos.example",
                                      "https://mnemos.example:8443",
                                      "https://mnemos.example@evil.example",
                                      "https://evil.example/mnemos.example",
                                      "mnemos.example",
                                      LISTED ".evil",
                                      LISTED "/",
                                      LISTED ":443",
                                      "https://CLINIC.example",
                                      "http://clinic.example",
                                      "https://sub.clinic.example",
                                      LISTED " https://lab.example",
                                      "*"};
static const char *const listed[] = {LISTED, "https://lab.example"};

static void with_listed_origins(void)
{
    setenv("CORS_ORIGINS", LISTED ", https://lab.example", 1);
    api_restart(&auth_service);
    unsetenv("CORS_ORIGINS");
}

START_TEST(answers_are_shown_to_listed_origins_letter_by_letter)
{
    with_listed_origins();
    static const char *const methods[] = {"GET", "OPTIONS"};
    for (size_t m = 0; m < COUNT(methods); m++) {
        struct call call = {.method = methods[m],
                            .path = "/.well-known/jwks.json",
                            .headers = {NULL, HOST, "Access-Control-Request-Method: GET"}};
        for (size_t o = 0; o < COUNT(foreign); o++) {
            call.headers[0] = text_of("Origin: %s", foreign[o]);
            REPLY r = api_call(call);
            ck_assert_msg(header_of(&r, "Access-Control-Allow-Origin") == NULL, "%s", foreign[o]);
            ck_assert_ptr_null(header_of(&r, "Access-Control-Allow-Credentials"));
        }
        call.headers[0] = "Origin: https://lab.example";
        REPLY r = api_call(call);
        ck_assert_str_eq(header_of(&r, "Access-Control-Allow-Origin"), "https://lab.example");
        ck_assert_str_eq(header_of(&r, "Access-Control-Allow-Credentials"), "true");
        ck_assert_str_eq(header_of(&r, "Vary"), "Origin");
    }
}
END_TEST

START_TEST(without_listed_origins_nobody_is_shown_anything)
{
    api_restart(&auth_service);
    for (size_t o = 0; o < COUNT(listed); o++) {
        REPLY r = api_call((struct call){
            .method = "GET", .path = "/.well-known/jwks.json", .headers = {text_of("Origin: %s", listed[o]), HOST}});
        ck_assert_ptr_null(header_of(&r, "Access-Control-Allow-Origin"));
    }
}
END_TEST

static long status_by_cookie(const char *value)
{
    REPLY r = api_call((struct call){
        .method = "GET", .path = "/api/v1/auth/me", .headers = {text_of("Cookie: mnemos_session=%s", value)}});
    return r.status;
}

START_TEST(a_cookie_with_a_token_that_is_not_ours_opens_nothing)
{
    const char *name = new_name("Browsing");
    make_account(name, "caregiver", NULL);
    const char *token = token_of(name);
    ck_assert_int_eq(status_by_cookie(token), 200);
    ck_assert_int_eq(status_by_cookie(text_of("%sx", token)), 401);
    ck_assert_int_eq(status_by_cookie(""), 401);
    REPLY bearer = api_call((struct call){.method = "GET",
                                          .path = "/api/v1/auth/me",
                                          .token = "not.a.token",
                                          .headers = {text_of("Cookie: mnemos_session=%s", token)}});
    ck_status(&bearer, 401); /* the header counts, and nothing falls back to the cookie */
}
END_TEST

int main(void)
{
    return API_TESTS(&auth_service, answers_are_shown_to_listed_origins_letter_by_letter,
                     without_listed_origins_nobody_is_shown_anything,
                     a_cookie_with_a_token_that_is_not_ours_opens_nothing);
}
