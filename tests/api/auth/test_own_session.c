/* The caller's sessions: seen, recognised and ended, in every service; ended ones are removed. */
#include "services/auth/session/session.h"
#include "tests/api/auth/accounts.h"
#include "tests/support/places.h"

#include <string.h>

#define SESSIONS "/api/v1/auth/sessions"

struct opened {
    const char *access, *refresh, *id;
};

static struct opened kept(struct reply *r)
{
    struct opened o = {kept_at(r, "access_token"), kept_at(r, "refresh_token"), NULL};
    REPLY list = api_get(o.access, SESSIONS "?limit=200");
    size_t i;
    json_t *item;
    json_array_foreach(json_object_get(list.json, "items"), i, item)
    {
        if (json_is_true(json_object_get(item, "current")))
            o.id = text_of("%s", json_string_value(json_object_get(item, "id")));
    }
    ck_assert_msg(o.id != NULL, "%s", list.body);
    return o;
}

static struct opened log_in_as(const char *name, const char *device, const char *address)
{
    REPLY r = api_call((struct call){.method = "POST",
                                     .path = "/api/v1/auth/login",
                                     .body = text_of(R"({"name": "%s", "password": "%s"})", name, PASSWORD),
                                     .headers = {text_of("User-Agent: %s", device ? device : "check/1"),
                                                 text_of("X-Forwarded-For: %s", address ? address : "192.0.2.1")}});
    ck_status(&r, 200);
    return kept(&r);
}

static struct opened log_in(const char *name)
{
    return log_in_as(name, NULL, NULL);
}

/* The ids of the list, in its order, separated by spaces; pages of that size. */
static const char *listed(const char *token, int limit)
{
    const char *ids = "", *after = "";
    while (after) {
        REPLY page = api_get(token, SESSIONS "?limit=%d%s", limit, after);
        ck_status(&page, 200);
        size_t i;
        json_t *item;
        json_array_foreach(json_object_get(page.json, "items"), i, item)
        {
            ids = text_of("%s %s", ids, json_string_value(json_object_get(item, "id")));
        }
        const char *next = json_string_value(json_object_get(page.json, "next"));
        after = next ? text_of("&after=%s", next) : NULL;
    }
    return ids;
}

static bool refused(const char *token)
{
    return refused_at(0, "/api/v1/auth/me", token);
}

START_TEST(a_session_is_recognised_by_device_address_and_use)
{
    const char *name = new_neurologist();
    struct opened o = log_in_as(name, "Mozilla/5.0 (X11; Linux) Check/1", "2001:db8:1111:2222:3333:4444:5555:6666");
    REPLY r = api_get(o.access, SESSIONS);
    ck_reply(&r, 200, "items/0/device", "Mozilla/5.0 (X11; Linux) Check/1");
    ck_reply(&r, 200, "items/0/address", "2001:db8:1111:2222:3333:4444:5555:6666");
    ck_assert(json_is_true(json_object_get(json_array_get(json_object_get(r.json, "items"), 0), "current")));
    ck_assert_str_eq(text_at(&r, "items/0/created_at"), text_at(&r, "items/0/used_at"));
    ck_assert_str_gt(text_at(&r, "items/0/expires_at"), text_at(&r, "items/0/used_at"));
    ck_assert_ptr_null(json_object_get(json_array_get(json_object_get(r.json, "items"), 0), "page_key"));
}
END_TEST

START_TEST(a_refresh_is_a_use_and_a_request_is_none)
{
    const char *name = new_neurologist();
    struct opened o = log_in(name);
    sql_value("UPDATE auth.session SET used_at = used_at - interval '1 hour' WHERE id = '%s'", o.id);
    REPLY before = api_get(o.access, SESSIONS);
    const char *used = kept_at(&before, "items/0/used_at");
    REPLY again = api_get(o.access, SESSIONS);
    ck_reply(&again, 200, "items/0/used_at", used);
    REPLY fresh = api_call((struct call){.method = "POST",
                                         .path = "/api/v1/auth/refresh",
                                         .body = text_of(R"({"refresh_token": "%s"})", o.refresh),
                                         .headers = {"User-Agent: moved/2", "X-Forwarded-For: 2001:db8::7"}});
    ck_status(&fresh, 200);
    REPLY after = api_get(o.access, SESSIONS);
    ck_assert_str_gt(text_at(&after, "items/0/used_at"), used);
    ck_reply(&after, 200, "items/0/device", "moved/2");
    ck_reply(&after, 200, "items/0/address", "2001:db8::7");
}
END_TEST

START_TEST(the_user_agent_is_cleaned_and_bounded)
{
    char out[SESSION_DEVICE_SIZE], endless[1000];
    memset(endless, 'x', sizeof endless - 1);
    endless[sizeof endless - 1] = '\0';
    static const struct {
        const char *given, *shown;
    } cases[] = {{NULL, ""},
                 {"", ""},
                 {"curl/7.88.1", "curl/7.88.1"},
                 {"  two \t\t words  ", "two words"},
                 {"a\x1b[31m\x7f"
                  "b",
                  "a [31m b"},
                 {"\xe2\x80\xaegnp.exe\xff", "gnp.exe"},
                 {"\x01\x02", ""}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        session_device(cases[i].given, out);
        ck_assert_str_eq(out, cases[i].shown);
    }
    session_device(endless, out);
    ck_assert_uint_eq(strlen(out), SESSION_DEVICE_SIZE - 2);
    struct opened o = log_in_as(new_neurologist(), endless, "no address");
    REPLY r = api_get(o.access, SESSIONS);
    ck_assert_uint_le(strlen(text_at(&r, "items/0/device")), 200);
    ck_reply(&r, 200, "items/0/address", "127.0.0.1"); /* of the proxy: what it said is none */
}
END_TEST

START_TEST(the_list_has_the_own_open_sessions_the_last_used_first_by_pages)
{
    const char *name = new_neurologist();
    struct opened first = log_in(name), second = log_in(name), third = log_in(name), over = log_in(name);
    log_in(new_neurologist());
    sql_value("UPDATE auth.session SET used_at = used_at + interval '1 minute' WHERE id = '%s'", second.id);
    sql_value("UPDATE auth.session SET used_at = used_at - interval '1 minute' WHERE id = '%s'", first.id);
    sql_value("UPDATE auth.session SET expires_at = now() - interval '1 minute' WHERE id = '%s'", over.id);
    const char *expected = text_of(" %s %s %s", second.id, third.id, first.id);
    ck_assert_str_eq(listed(first.access, 200), expected);
    ck_assert_str_eq(listed(first.access, 1), expected);
    REPLY nonsense = api_get(first.access, SESSIONS "?after=%s", "bm9uc2Vuc2U");
    ck_status(&nonsense, 200);
    REPLY broken = api_get(first.access, SESSIONS "?after=%s", "***");
    ck_status(&broken, 422);
}
END_TEST

START_TEST(one_session_ends_in_all_services_and_the_others_go_on)
{
    const char *name = new_neurologist();
    struct opened here = log_in(name), there = log_in(name);
    struct place places[PLACES];
    places_open((struct principal){.role = HEALTHPRO, .specialty = NEUROLOGIST}, &auth_service, places);
    for (size_t i = 0; i < PLACES; i++)
        ck_assert(!refused_at(places[i].port, places[i].path, there.access));
    REPLY ended = api_delete(here.access, SESSIONS "/%s", there.id);
    ck_status(&ended, 204);
    for (size_t i = 0; i < PLACES; i++) {
        WAIT_UNTIL(refused_at(places[i].port, places[i].path, there.access));
        ck_assert(!refused_at(places[i].port, places[i].path, here.access));
    }
    REPLY again = api_delete(here.access, SESSIONS "/%s", there.id);
    ck_status(&again, 404);
    ck_assert_str_eq(listed(here.access, 50), text_of(" %s", here.id));
}
END_TEST

START_TEST(a_session_of_somebody_else_is_not_there)
{
    struct opened mine = log_in(new_neurologist()), yours = log_in(new_neurologist());
    REPLY foreign = api_delete(mine.access, SESSIONS "/%s", yours.id),
          unknown = api_delete(mine.access, SESSIONS "/%s", new_id()), none = api_delete(mine.access, SESSIONS "/none");
    ck_status(&foreign, 404);
    ck_status(&none, 404);
    json_object_del(foreign.json, "request_id");
    json_object_del(unknown.json, "request_id");
    ck_assert(json_equal(foreign.json, unknown.json));
    REPLY admin = api_delete(AS_SUPERUSER, SESSIONS "/%s", yours.id);
    ck_status(&admin, 404);
    ck_assert(!refused(yours.access));
}
END_TEST

START_TEST(ending_the_session_that_asks_is_a_logout)
{
    struct opened o = log_in(new_neurologist());
    REPLY ended = api_delete(o.access, SESSIONS "/%s", o.id);
    ck_status(&ended, 204);
    ck_assert_ptr_nonnull(strstr(header_of(&ended, "Set-Cookie"), "Max-Age=0"));
    WAIT_UNTIL(refused(o.access));
}
END_TEST

START_TEST(all_others_end_or_really_all)
{
    const char *name = new_neurologist();
    struct opened here = log_in(name), there = log_in(name), elsewhere = log_in(name),
                  stranger = log_in(new_neurologist());
    REPLY others = api_delete(here.access, SESSIONS);
    ck_status(&others, 204);
    ck_assert_ptr_null(header_of(&others, "Set-Cookie"));
    WAIT_UNTIL(refused(there.access) && refused(elsewhere.access));
    ck_assert_str_eq(listed(here.access, 50), text_of(" %s", here.id));
    REPLY nobody = api_delete(here.access, SESSIONS);
    ck_status(&nobody, 204);
    REPLY all = api_delete(here.access, SESSIONS "?all=true");
    ck_status(&all, 204);
    WAIT_UNTIL(refused(here.access));
    ck_assert(!refused(stranger.access));
}
END_TEST

START_TEST(ended_sessions_are_removed_once_their_tokens_have_expired)
{
    const char *name = new_neurologist();
    struct opened open = log_in(name), ended = log_in(name), long_ended = log_in(name), expired = log_in(name),
                  long_expired = log_in(name);
    sql_value("UPDATE auth.session SET ended_at = now() - interval '24 hours' WHERE id = '%s'", ended.id);
    sql_value("UPDATE auth.session SET ended_at = now() - interval '26 hours' WHERE id = '%s'", long_ended.id);
    sql_value("UPDATE auth.session SET expires_at = now() - interval '50 minutes' WHERE id = '%s'", expired.id);
    sql_value("UPDATE auth.session SET expires_at = now() - interval '70 minutes' WHERE id = '%s'", long_expired.id);
    log_in(new_neurologist());
    const struct {
        const char *id, *left;
    } expected[] = {{open.id, "1"}, {ended.id, "1"}, {long_ended.id, "0"}, {expired.id, "1"}, {long_expired.id, "0"}};
    for (size_t i = 0; i < COUNT(expected); i++) {
        ck_assert_str_eq(sql_value("SELECT count(*) FROM auth.session WHERE id = '%s'", expected[i].id),
                         expected[i].left);
        ck_assert_str_eq(sql_value("SELECT count(*) FROM auth.refresh_token WHERE session_id = '%s'", expected[i].id),
                         expected[i].left);
    }
}
END_TEST

START_TEST(many_that_are_over_go_a_few_at_a_time)
{
    sql_value("DELETE FROM auth.session");
    sql_value("INSERT INTO auth.session (id, expires_at, ended_at) SELECT md5(i::text)::uuid,"
              " now() - interval '2 hours', now() - interval '2 days' FROM generate_series(1, 45) i");
    const char *name = new_neurologist();
    log_in(name);
    ck_assert_str_eq(sql_value("SELECT count(*) FROM auth.session WHERE account_id IS NULL"), "25");
    log_in(name);
    log_in(name);
    ck_assert_str_eq(sql_value("SELECT count(*) FROM auth.session WHERE account_id IS NULL"), "0");
}
END_TEST

int main(void)
{
    return API_TESTS(&auth_service, a_session_is_recognised_by_device_address_and_use,
                     a_refresh_is_a_use_and_a_request_is_none, the_user_agent_is_cleaned_and_bounded,
                     the_list_has_the_own_open_sessions_the_last_used_first_by_pages,
                     one_session_ends_in_all_services_and_the_others_go_on, a_session_of_somebody_else_is_not_there,
                     ending_the_session_that_asks_is_a_logout, all_others_end_or_really_all,
                     ended_sessions_are_removed_once_their_tokens_have_expired, many_that_are_over_go_a_few_at_a_time);
}
