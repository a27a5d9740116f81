/* Refresh tokens: used once, with a grace for lost replies, and never by two. */
#include "services/users/users.h"
#include "tests/api/auth/accounts.h"
#include "tests/support/wait.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define REFRESH "/api/v1/auth/refresh"

static struct reply refresh(const char *token)
{
    return api_post(ANONYMOUSLY, REFRESH, R"({"refresh_token": "%s"})", token);
}

static const char *kept(const struct reply *r, const char *member)
{
    return kept_at(r, member);
}

static const char *successor_of(const char *token)
{
    REPLY r = refresh(token);
    ck_reply(&r, 200, "token_type", "Bearer");
    return kept(&r, "refresh_token");
}

/* The refresh token of a new login. */
static const char *logged_in(void)
{
    REPLY r = login(new_neurologist(), PASSWORD);
    ck_status(&r, 200);
    return kept(&r, "refresh_token");
}

static void grace_passes(void)
{
    sql_value("UPDATE auth.session SET rotated_at = rotated_at - interval '40 seconds'");
}

static void ck_refused(const char *token)
{
    REPLY r = refresh(token);
    ck_reply(&r, 401, "type", "/problems/unauthenticated");
    ck_assert_ptr_null(header_of(&r, "Set-Cookie"));
}

static bool session_refused(const char *access_token)
{
    REPLY r = api_get(access_token, "/api/v1/auth/me");
    return r.status == 401;
}

START_TEST(a_refresh_gives_another_access_token_of_the_same_session)
{
    const char *name = new_neurologist();
    REPLY first = login(name, PASSWORD);
    ck_reply(&first, 200, "refresh_expires_in", "43200");
    REPLY second = refresh(text_at(&first, "refresh_token"));
    ck_reply(&second, 200, "expires_in", "1800");
    ck_reply(&second, 200, "account/name", name);
    ck_reply(&second, 200, "account/specialty", "neurologist");
    ck_assert_str_ne(text_at(&first, "refresh_token"), text_at(&second, "refresh_token"));
    const char *token = kept(&second, "access_token");
    REPLY me = api_get(token, "/api/v1/auth/me");
    ck_reply(&me, 200, "name", name);
    REPLY logout = api_post(token, "/api/v1/auth/logout", "%s", "{}");
    ck_status(&logout, 204);
    WAIT_UNTIL(session_refused(text_at(&first, "access_token")));
    ck_refused(text_at(&second, "refresh_token"));
}
END_TEST

START_TEST(a_lost_reply_is_made_up_for_within_the_grace)
{
    const char *first = logged_in(), *lost = successor_of(first), *again = successor_of(first);
    ck_assert_str_ne(lost, again);
    const char *third = successor_of(again); /* both are of one generation, and either goes on */
    successor_of(lost);
    grace_passes();
    successor_of(third);
}
END_TEST

START_TEST(a_token_that_comes_again_after_the_grace_ends_the_session_everywhere)
{
    REPLY r = login(new_neurologist(), PASSWORD);
    const char *stolen = kept(&r, "refresh_token"), *access = kept(&r, "access_token");
    const char *current = successor_of(stolen);
    int auth = api_open(&auth_service), users = api_open(&users_service);
    REPLY before = api_get(access, "/api/v1/users");
    ck_status(&before, 200);
    grace_passes();
    api_use(auth);
    ck_refused(stolen);
    ck_refused(current);
    WAIT_UNTIL(session_refused(access));
    api_use(users);
    WAIT_UNTIL(({
        REPLY after = api_get(access, "/api/v1/users");
        after.status == 401;
    }));
    api_use(auth);
}
END_TEST

START_TEST(a_token_two_generations_old_ends_the_session_even_within_the_grace)
{
    const char *first = logged_in(), *third = successor_of(successor_of(first));
    ck_refused(first);
    ck_refused(third);
}
END_TEST

START_TEST(an_ended_session_is_not_refreshed_and_harms_no_other)
{
    const char *name = new_neurologist();
    REPLY here = login(name, PASSWORD), there = login(name, PASSWORD);
    REPLY logout = api_post(text_at(&here, "access_token"), "/api/v1/auth/logout", "%s", "{}");
    ck_status(&logout, 204);
    ck_refused(text_at(&here, "refresh_token"));
    successor_of(text_at(&there, "refresh_token"));
}
END_TEST

START_TEST(a_removed_account_is_not_refreshed)
{
    const char *name = new_name("Removed"), *id = make_account(name, "caregiver", NULL);
    REPLY r = login(name, PASSWORD);
    sql_value("SELECT auth.delete_account('%s')", id);
    ck_refused(text_at(&r, "refresh_token"));
}
END_TEST

START_TEST(no_access_token_outlives_the_session)
{
    setenv("SESSION_SECONDS", "600", 1);
    api_restart(&auth_service);
    REPLY first = login(new_neurologist(), PASSWORD);
    ck_reply(&first, 200, "refresh_expires_in", "600");
    ck_reply(&first, 200, "expires_in", "600");
    sql_value("UPDATE auth.session SET expires_at = expires_at - interval '310 seconds'");
    REPLY second = refresh(text_at(&first, "refresh_token"));
    ck_assert_double_le(number_at(&second, "refresh_expires_in"), 300);
    ck_assert_double_le(number_at(&second, "expires_in"), 300);
    sql_value("UPDATE auth.session SET expires_at = expires_at - interval '310 seconds'");
    ck_refused(text_at(&second, "refresh_token"));
    unsetenv("SESSION_SECONDS");
    api_restart(&auth_service);
}
END_TEST

/* The first Set-Cookie line of that name, NULL for none. */
static const char *cookie_line(const struct reply *r, const char *name)
{
    const char *at = strstr(r->headers, text_of("%s=", name));
    return at ? text_of("%.*s", (int)strcspn(at, "\r\n"), at) : NULL;
}

START_TEST(a_browser_refreshes_by_a_cookie_that_goes_nowhere_else)
{
    REPLY r = login(new_neurologist(), PASSWORD);
    ck_assert_ptr_nonnull(cookie_line(&r, "mnemos_session"));
    const char *line = cookie_line(&r, "mnemos_refresh");
    ck_assert_ptr_nonnull(strstr(line, "; Path=" REFRESH ";"));
    ck_assert_ptr_nonnull(strstr(line, "; HttpOnly"));
    ck_assert_ptr_nonnull(strstr(line, "; SameSite=Strict"));
    ck_assert_ptr_nonnull(strstr(line, "; Secure"));
    struct call call = {
        .method = "POST", .path = REFRESH, .headers = {text_of("Cookie: %.*s", (int)strcspn(line, ";"), line)}};
    REPLY nowhere = api_call(call);
    ck_status(&nowhere, 403);
    call.headers[1] = "Origin: https://elsewhere.example";
    REPLY elsewhere = api_call(call);
    ck_status(&elsewhere, 403);
    call.headers[1] = "Origin: http://here.example";
    call.headers[2] = "Host: here.example";
    REPLY here = api_call(call);
    ck_status(&here, 200);
    ck_assert_ptr_nonnull(cookie_line(&here, "mnemos_refresh"));
    REPLY logout = api_post(text_at(&here, "access_token"), "/api/v1/auth/logout", "%s", "{}");
    ck_assert_ptr_nonnull(strstr(cookie_line(&logout, "mnemos_refresh"), "Max-Age=0"));
    ck_assert_ptr_nonnull(strstr(cookie_line(&logout, "mnemos_session"), "Max-Age=0"));
}
END_TEST

START_TEST(a_malformed_refresh_token_is_refused)
{
    REPLY r = login(new_neurologist(), PASSWORD);
    ck_refused("x");
    ck_refused(text_at(&r, "access_token") + strlen(text_at(&r, "access_token")) - 86);
    REPLY none = api_post(ANONYMOUSLY, REFRESH, "%s", "{}");
    ck_status(&none, 422);
    ck_refuses(&none, "/refresh_token");
    REPLY as_access = api_get(text_at(&r, "refresh_token"), "/api/v1/auth/me");
    ck_status(&as_access, 401);
}
END_TEST

START_TEST(the_database_holds_hashes_only_and_forgets_what_is_over)
{
    const char *token = logged_in();
    ck_assert_str_eq(sql_value("SELECT count(*) FROM auth.refresh_token t WHERE t::text LIKE '%%%s%%'", token), "0");
    sql_value("UPDATE auth.refresh_token SET expires_at = now() - interval '1 second'");
    logged_in();
    ck_assert_str_eq(sql_value("SELECT count(*) FROM auth.refresh_token"), "1");
}
END_TEST

struct racer {
    const char *token, *successor, *access;
    long status;
};

static void *race(void *racer)
{
    struct racer *r = racer;
    REPLY reply = refresh(r->token);
    r->status = reply.status;
    r->successor = reply.status == 200 ? kept(&reply, "refresh_token") : NULL;
    r->access = reply.status == 200 ? kept(&reply, "access_token") : NULL;
    return NULL;
}

static void run_race(struct racer *racers, int count, const char *token, void (*meanwhile)(const char *),
                     const char *with)
{
    pthread_t threads[64];
    ck_assert_int_le(count, 64);
    for (int i = 0; i < count; i++) {
        racers[i].token = token;
        ck_assert_int_eq(pthread_create(&threads[i], NULL, race, &racers[i]), 0);
    }
    if (meanwhile)
        meanwhile(with);
    for (int i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
}

START_TEST(windows_that_refresh_at_once_all_go_on)
{
    enum { RACERS = 8 };
    struct racer racers[RACERS];
    const char *token = logged_in();
    sql_value("UPDATE auth.session SET rotated_at = rotated_at - interval '1 minute'");
    run_race(racers, RACERS, token, NULL, NULL);
    for (int i = 0; i < RACERS; i++) {
        ck_assert_int_eq(racers[i].status, 200);
        for (int j = 0; j < i; j++)
            ck_assert_str_ne(racers[i].successor, racers[j].successor);
    }
    ck_assert_str_eq(sql_value("SELECT max(generation) FROM auth.session WHERE ended_at IS NULL"
                               "  AND rotated_at = (SELECT max(rotated_at) FROM auth.session)"),
                     "1");
    successor_of(racers[0].successor);
    successor_of(racers[1].successor);
}
END_TEST

START_TEST(of_many_that_bring_a_stolen_token_at_once_none_gets_in_and_the_session_ends_once)
{
    enum { RACERS = 32 };
    struct racer racers[RACERS];
    const char *stolen = logged_in(), *current = successor_of(stolen);
    grace_passes();
    const char *ended = sql_value("SELECT count(*) FROM auth.session WHERE ended_at IS NOT NULL");
    run_race(racers, RACERS, stolen, NULL, NULL);
    for (int i = 0; i < RACERS; i++)
        ck_assert_int_eq(racers[i].status, 401);
    ck_assert_int_eq(atoi(sql_value("SELECT count(*) FROM auth.session WHERE ended_at IS NOT NULL")), atoi(ended) + 1);
    ck_refused(current);
}
END_TEST

static void log_out(const char *access_token)
{
    REPLY r = api_post(access_token, "/api/v1/auth/logout", "%s", "{}");
    ck_status(&r, 204);
}

START_TEST(a_logout_in_the_middle_of_refreshes_leaves_nothing_that_works)
{
    enum { RACERS = 16, TIMES = 5 };
    struct racer racers[RACERS];
    for (int time = 0; time < TIMES; time++) {
        REPLY r = login(new_neurologist(), PASSWORD);
        const char *access = kept(&r, "access_token");
        run_race(racers, RACERS, kept(&r, "refresh_token"), log_out, access);
        for (int i = 0; i < RACERS; i++) {
            ck_assert(racers[i].status == 200 || racers[i].status == 401);
            if (racers[i].status != 200)
                continue;
            ck_refused(racers[i].successor);
            WAIT_UNTIL(session_refused(racers[i].access));
        }
        WAIT_UNTIL(session_refused(access));
    }
}
END_TEST

int main(void)
{
    return API_TESTS(&auth_service, a_refresh_gives_another_access_token_of_the_same_session,
                     a_lost_reply_is_made_up_for_within_the_grace,
                     a_token_that_comes_again_after_the_grace_ends_the_session_everywhere,
                     a_token_two_generations_old_ends_the_session_even_within_the_grace,
                     an_ended_session_is_not_refreshed_and_harms_no_other, a_removed_account_is_not_refreshed,
                     no_access_token_outlives_the_session, a_browser_refreshes_by_a_cookie_that_goes_nowhere_else,
                     a_malformed_refresh_token_is_refused, the_database_holds_hashes_only_and_forgets_what_is_over,
                     windows_that_refresh_at_once_all_go_on,
                     of_many_that_bring_a_stolen_token_at_once_none_gets_in_and_the_session_ends_once,
                     a_logout_in_the_middle_of_refreshes_leaves_nothing_that_works);
}
