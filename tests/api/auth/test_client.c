/* Clients: machines with a secret and scopes, and the tokens that they get. */
#include "tests/api/auth/accounts.h"
#include "tests/support/places.h"
#include "tests/support/work.h"

#include <libpq-fe.h>
#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define CLIENTS "/api/v1/clients"
#define TOKEN   "/api/v1/auth/token"
#define ME      "/api/v1/auth/me"

static struct reply create(const char *token, const char *name, const char *scope)
{
    return api_post(token, CLIENTS, R"({"name": "%s", "scope": "%s"})", name, scope);
}

struct machine {
    const char *id, *name, *secret;
};

static struct machine make_client(const char *scope)
{
    struct machine m = {.name = new_name("Machine")};
    REPLY made = create(AS_ADMIN, m.name, scope);
    ck_status(&made, 201);
    m.id = kept_at(&made, "id");
    m.secret = kept_at(&made, "client_secret");
    return m;
}

static struct reply call(const char *method, const char *id, const char *tag, const char *body)
{
    return api_change(method, AS_ADMIN, text_of(CLIENTS "/%s", id), body, tag);
}

static struct reply post(const char *token, const char *path)
{
    return api_call((struct call){.method = "POST", .token = token, .path = path});
}

static struct reply renew_secret(const char *token, const char *id)
{
    return post(token, text_of(CLIENTS "/%s/secret", id));
}

static struct reply grant(const char *id, const char *secret)
{
    return api_post(ANONYMOUSLY, TOKEN,
                    R"({"grant_type": "client_credentials", "client_id": "%s", "client_secret": "%s"})", id, secret);
}

static struct reply grant_by_header(const char *authorization, const char *form)
{
    return api_call((struct call){.method = "POST",
                                  .path = TOKEN,
                                  .body = form,
                                  .type = "application/x-www-form-urlencoded",
                                  .headers = {text_of("Authorization: %s", authorization)}});
}

static const char *basic(const char *id, const char *secret)
{
    char text[200];
    const char *both = text_of("%s:%s", id, secret);
    sodium_bin2base64(text, sizeof text, (const unsigned char *)both, strlen(both), sodium_base64_VARIANT_ORIGINAL);
    return text_of("Basic %s", text);
}

static const char *token_for_client(const struct machine *m)
{
    REPLY r = grant(m->id, m->secret);
    ck_reply(&r, 200, "token_type", "Bearer");
    const char *token = kept_at(&r, "access_token");
    WAIT_UNTIL(!refused_at(0, ME, token)); /* the service hears of its new key as all others do */
    return token;
}

static bool gets_a_token(const struct machine *m)
{
    REPLY r = grant(m->id, m->secret);
    ck_assert_msg(r.status == 200 || r.status == 401, "%ld %s", r.status, r.body);
    return r.status == 200;
}

START_TEST(an_administrator_makes_a_client_and_sees_its_secret_once)
{
    const char *name = new_name("Laboratory");
    REPLY made = create(AS_ADMIN, name, " counts:read people:read counts:read");
    ck_reply(&made, 201, "scope", "people:read counts:read");
    ck_reply(&made, 201, "name", name);
    ck_assert(json_is_true(json_object_get(made.json, "active")));
    ck_assert_uint_eq(strlen(text_at(&made, "client_secret")), 43);
    const char *id = text_at(&made, "id"), *secret = kept_at(&made, "client_secret");
    ck_assert_str_eq(header_of(&made, "Location"), text_of(CLIENTS "/%s", id));
    REPLY read = api_get(AS_SUPERUSER, CLIENTS "/%s", id), list = api_get(AS_ADMIN, CLIENTS "?limit=200");
    ck_reply(&read, 200, "scope", "people:read counts:read");
    ck_assert_str_eq(header_of(&read, "ETag"), header_of(&made, "ETag"));
    ck_assert_ptr_nonnull(strstr(list.body, id));
    ck_assert_ptr_null(strstr(read.body, "secret"));
    ck_assert_ptr_null(strstr(list.body, "secret"));
    ck_assert_str_eq(sql_value("SELECT count(*) FROM auth.client c WHERE c::text LIKE '%%%s%%'", secret), "0");
}
END_TEST

START_TEST(only_administrators_see_and_manage_clients)
{
    struct machine m = make_client("people:read");
    const char *tokens[] = {AS_NEUROLOGIST, AS_CAREGIVER, AS_PATIENT, AS_RESEARCHER, token_for_client(&m)};
    for (size_t i = 0; i < COUNT(tokens); i++) {
        REPLY list = api_get(tokens[i], CLIENTS), made = create(tokens[i], new_name("Nobody"), "counts:read"),
              secret = renew_secret(tokens[i], m.id);
        ck_status(&list, 403);
        ck_status(&made, 403);
        ck_status(&secret, 403);
    }
    REPLY anonymous = create(ANONYMOUSLY, new_name("Nobody"), "counts:read");
    ck_status(&anonymous, 401);
}
END_TEST

START_TEST(scopes_are_those_of_the_table)
{
    static const char *const cases[] = {"everything", "counts:read root", "", " ", "counts:reader"};
    for (size_t i = 0; i < COUNT(cases); i++) {
        REPLY made = create(AS_ADMIN, new_name("Greedy"), cases[i]);
        ck_reply(&made, 422, "errors/0/pointer", "/scope");
    }
    struct machine m = make_client("counts:read");
    REPLY changed = call("PATCH", m.id, "*", R"({"scope": "root"})"),
          null = call("PATCH", m.id, "*", R"({"scope": null, "name": null, "active": null})");
    ck_refuses(&changed, "/scope");
    ck_refuses(&null, "/scope");
    ck_refuses(&null, "/name");
    ck_refuses(&null, "/active");
}
END_TEST

START_TEST(a_name_is_taken_once_and_the_way_to_another_secret_is_told)
{
    const char *name = new_name("Once"), *key = text_of("Idempotency-Key: %s", new_id());
    struct call creation = {.method = "POST",
                            .token = AS_ADMIN,
                            .path = CLIENTS,
                            .body = text_of(R"({"name": "%s", "scope": "counts:read"})", name),
                            .headers = {key}};
    REPLY first = api_call(creation), again = api_call(creation);
    ck_status(&first, 201);
    ck_reply(&again, 409, "errors/0/pointer", "/name");
    ck_assert_ptr_nonnull(strstr(again.body, "/secret"));
    ck_assert_str_eq(
        sql_value("SELECT count(*) FROM shared.answer WHERE body LIKE '%%%s%%'", text_at(&first, "client_secret")),
        "0");
    make_account(text_of("x%s", name), "patient", NULL);
    REPLY person = create(AS_ADMIN, text_of("X%s", name), "counts:read");
    ck_reply(&person, 409, "errors/0/pointer", "/name");
}
END_TEST

START_TEST(a_client_gets_a_token_with_its_scopes_and_no_more)
{
    struct machine m = make_client("counts:read elements:read");
    REPLY r = grant(m.id, m.secret);
    ck_reply(&r, 200, "token_type", "Bearer");
    ck_reply(&r, 200, "scope", "counts:read elements:read");
    ck_assert(number_at(&r, "expires_in") > 0);
    ck_assert_ptr_null(strstr(r.body, "refresh"));
    ck_assert_ptr_null(header_of(&r, "Set-Cookie"));
    const char *token = text_at(&r, "access_token");
    WAIT_UNTIL(!refused_at(0, ME, token));
    REPLY me = api_get(token, ME);
    ck_reply(&me, 200, "role", "client");
    ck_reply(&me, 200, "scope", "counts:read elements:read");
    ck_reply(&me, 200, "name", m.name);
    ck_assert_str_eq(sql_value("SELECT count(*) FROM auth.session s WHERE s.account_id = '%s' AND NOT EXISTS"
                               " (SELECT FROM auth.refresh_token t WHERE t.session_id = s.id)",
                               m.id),
                     "1");
    REPLY out = post(token, "/api/v1/auth/logout");
    ck_status(&out, 204);
    WAIT_UNTIL(refused_at(0, ME, token));
}
END_TEST

START_TEST(credentials_come_by_header_form_or_json_and_in_one_way_only)
{
    struct machine m = make_client("counts:read");
    const char *with_hyphens = text_of("%.8s-%.4s-%.4s-%.4s-%s", m.id, m.id + 8, m.id + 12, m.id + 16, m.id + 20);
    const char *form = "grant_type=client_credentials";
    REPLY by_header = grant_by_header(basic(m.id, m.secret), form), hyphens = grant(with_hyphens, m.secret),
          by_form = grant_by_header("", text_of("%s&client_id=%s&client_secret=%s", form, m.id, m.secret)),
          both = grant_by_header(basic(m.id, m.secret), text_of("%s&client_id=%s", form, m.id));
    ck_reply(&by_header, 200, "scope", "counts:read");
    ck_reply(&by_form, 200, "scope", "counts:read");
    ck_reply(&hyphens, 200, "scope", "counts:read");
    ck_refuses(&both, "/client_id");
}
END_TEST

START_TEST(a_malformed_grant_is_a_problem)
{
    struct machine m = make_client("counts:read");
    REPLY nothing = api_post(ANONYMOUSLY, TOKEN, "{}"),
          other = grant_by_header(basic(m.id, m.secret), "grant_type=password"),
          no_secret = api_post(ANONYMOUSLY, TOKEN, R"({"grant_type": "client_credentials", "client_id": "x"})");
    ck_refuses(&nothing, "/grant_type");
    ck_refuses(&other, "/grant_type");
    ck_refuses(&no_secret, "/client_secret");
    static const char *const headers[] = {"Basic", "Basic !!!",
                                          "Basic bm9jb2xvbg==", "Basic /////zo=", "Basic AAA6AAA="};
    for (size_t i = 0; i < COUNT(headers); i++) {
        REPLY r = grant_by_header(headers[i], "grant_type=client_credentials");
        ck_assert_msg(r.status == 401 || r.status == 422, "%s: %ld %s", headers[i], r.status, r.body);
    }
}
END_TEST

START_TEST(a_client_may_ask_for_less_and_not_for_more)
{
    struct machine m = make_client("counts:read elements:read");
    const char *form = "grant_type=client_credentials";
    REPLY less = grant_by_header(basic(m.id, m.secret), text_of("%s&scope=elements:read", form)),
          more = grant_by_header(basic(m.id, m.secret), text_of("%s&scope=elements:read%%20people:read", form)),
          strange = grant_by_header(basic(m.id, m.secret), text_of("%s&scope=root", form));
    ck_reply(&less, 200, "scope", "elements:read");
    ck_refuses(&more, "/scope");
    ck_refuses(&strange, "/scope");
    int analytics = api_open(&analytics_service);
    REPLY count = api_call((struct call){.method = "GET",
                                         .token = text_at(&less, "access_token"),
                                         .path = "/api/v1/mmse/count?over=20",
                                         .port = analytics});
    ck_status(&count, 403);
    api_open(&auth_service);
}
END_TEST

START_TEST(a_wrong_secret_an_unknown_and_an_inactive_client_get_the_same_answer)
{
    struct machine known = make_client("counts:read"), inactive = make_client("counts:read");
    REPLY off = call("PATCH", inactive.id, "*", R"({"active": false})");
    ck_status(&off, 200);
    REPLY wrong = grant(known.id, inactive.secret), unknown = grant(new_id(), known.secret),
          no_id = grant("somebody", known.secret), dormant = grant(inactive.id, inactive.secret),
          person = grant(make_account(new_name("Person"), "patient", NULL), PASSWORD),
          by_header = grant_by_header(basic(known.id, "x"), "grant_type=client_credentials");
    const struct reply *all[] = {&wrong, &unknown, &no_id, &dormant, &person, &by_header};
    for (size_t i = 0; i < COUNT(all); i++) {
        ck_reply(all[i], 401, "type", "/problems/unauthenticated");
        ck_assert_str_eq(text_at(all[i], "detail"), text_at(&wrong, "detail"));
        ck_assert_ptr_nonnull(strstr(header_of(all[i], "WWW-Authenticate"), "Basic"));
    }
}
END_TEST

static const char *work_of_grant(const char *id)
{
    sql_value("DELETE FROM auth.failed_login");
    work_forget();
    REPLY r = grant(id, "not the secret");
    ck_status(&r, 401);
    return work_of(&r, SENT);
}

START_TEST(an_unknown_client_costs_what_a_wrong_secret_costs)
{
    const char *work = work_of_grant(make_client("counts:read").id);
    ck_assert_str_eq(work_of_grant(new_id()), work);
    ck_assert_str_eq(work_of_grant("no id"), work);
}
END_TEST

START_TEST(guessing_at_a_secret_waits_like_guessing_at_a_password)
{
    const char *ids[] = {make_client("counts:read").id, new_id()};
    for (size_t i = 0; i < COUNT(ids); i++) {
        for (int failures = 0; failures < 6; failures++) {
            REPLY r = grant(ids[i], "guess");
            ck_status(&r, 401);
        }
        REPLY waits = grant(ids[i], "guess");
        ck_status(&waits, 429);
        ck_assert_ptr_nonnull(header_of(&waits, "Retry-After"));
    }
}
END_TEST

START_TEST(a_client_has_no_password)
{
    struct machine m = make_client("counts:read");
    const char *tries[] = {m.secret, "", PASSWORD};
    for (size_t i = 0; i < COUNT(tries); i++) {
        REPLY r = login(m.name, tries[i][0] ? tries[i] : "x");
        ck_status(&r, 401);
    }
    REPLY changed =
        api_call((struct call){.method = "PUT",
                               .token = token_for_client(&m),
                               .path = "/api/v1/auth/password",
                               .body = R"({"current_password": "x", "new_password": "sieben gelbe Laternen"})"});
    ck_status(&changed, 403);
}
END_TEST

static void deactivate(const struct machine *m)
{
    REPLY r = call("PATCH", m->id, "*", R"({"active": false})");
    ck_status(&r, 200);
}

static void take_away(const struct machine *m)
{
    REPLY r = call("DELETE", m->id, "*", NULL);
    ck_status(&r, 204);
}

static void change_scope(const struct machine *m)
{
    REPLY r = call("PATCH", m->id, "*", R"({"scope": "people:read"})");
    ck_reply(&r, 200, "scope", "people:read");
}

static void change_secret(const struct machine *m)
{
    REPLY r = renew_secret(AS_ADMIN, m->id);
    ck_reply(&r, 200, "id", m->id);
    ck_assert_str_ne(text_at(&r, "client_secret"), m->secret);
}

static void disable_account(const struct machine *m)
{
    REPLY r = api_change("PATCH", AS_ADMIN, text_of("/api/v1/accounts/%s", m->id), R"({"disabled": true})", "*");
    ck_status(&r, 200);
}

/* Renaming a client or saying again what it may changes nothing for it. */
static void rename_only(const struct machine *m)
{
    REPLY r =
        call("PATCH", m->id, "*",
             text_of(R"({"name": "%s", "scope": "%s"})", new_name("Renamed"), "people:read counts:read elements:read"));
    ck_status(&r, 200);
}

START_TEST(a_change_of_a_client_ends_its_tokens_in_every_service)
{
    const struct {
        void (*deed)(const struct machine *m);
        bool ends, opens;
    } cases[] = {{deactivate, true, false},    {take_away, true, false},       {change_scope, true, true},
                 {change_secret, true, false}, {disable_account, true, false}, {rename_only, false, true}};
    struct place places[PLACES];
    places_open((struct principal){.role = CLIENT, .scopes = PEOPLE_READ | COUNTS_READ | ELEMENTS_READ}, &auth_service,
                places);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct machine m = make_client("people:read counts:read elements:read");
        const char *token = token_for_client(&m);
        for (size_t p = 0; p < PLACES; p++) {
            REPLY r = api_call(
                (struct call){.method = "GET", .token = token, .path = places[p].path, .port = places[p].port});
            ck_assert_msg(r.status == 200, "%s: %ld %s", places[p].path, r.status, r.body);
        }
        cases[i].deed(&m);
        ck_assert_int_eq(gets_a_token(&m), cases[i].opens);
        for (size_t p = 0; p < PLACES; p++) {
            if (cases[i].ends)
                WAIT_UNTIL(refused_at(places[p].port, places[p].path, token));
            else
                ck_assert(!refused_at(places[p].port, places[p].path, token));
        }
    }
}
END_TEST

static void *ask_for_a_token(void *machine)
{
    ck_assert(!gets_a_token(machine));
    return NULL;
}

START_TEST(a_token_that_overtakes_the_change_of_a_client_is_not_given)
{
    for (int i = 0; i < 3; i++) {
        struct machine m = make_client("counts:read");
        const char *changes[] = {
            text_of("SELECT auth.renew_client_secret('%s', sha256('another'))", m.id),
            text_of("SELECT auth.update_client('%s', 1, 'Renamed in between', 'elements:read', true)", m.id),
            text_of("DELETE FROM auth.account WHERE id = '%s'", m.id),
        };
        pthread_t thread;
        PGconn *pg = PQconnectdb(database_url("mnemos_auth"));
        PQclear(PQexec(pg, "BEGIN; SELECT set_config('mnemos.role', 'superuser', true)"));
        PQclear(PQexec(pg, changes[i]));
        ck_assert_int_eq(pthread_create(&thread, NULL, ask_for_a_token, &m), 0);
        WAIT_UNTIL(lock_waits() > 0);
        PQclear(PQexec(pg, "COMMIT"));
        pthread_join(thread, NULL);
        PQfinish(pg);
        ck_assert_str_eq(sql_value("SELECT count(*) FROM auth.session WHERE account_id = '%s'", m.id), "0");
    }
}
END_TEST

START_TEST(an_active_client_again_gets_tokens_again_and_a_new_secret_opens)
{
    struct machine m = make_client("counts:read");
    deactivate(&m);
    REPLY renewed = renew_secret(AS_ADMIN, m.id);
    m.secret = kept_at(&renewed, "client_secret");
    ck_assert(!gets_a_token(&m));
    REPLY on = call("PATCH", m.id, header_of(&renewed, "ETag"), R"({"active": true})");
    ck_status(&on, 200);
    ck_assert(gets_a_token(&m));
}
END_TEST

START_TEST(a_change_of_a_client_needs_the_version_it_is_made_on)
{
    struct machine m = make_client("counts:read");
    REPLY blind = call("PATCH", m.id, NULL, R"({"active": false})"),
          renamed = call("PATCH", m.id, TAG(1), text_of(R"({"name": "%s"})", new_name("Renamed"))),
          stale = call("PATCH", m.id, TAG(1), R"({"active": false})"), gone = call("DELETE", m.id, TAG(1), NULL),
          absent = call("DELETE", new_id(), "*", NULL);
    ck_status(&blind, 428);
    ck_status(&renamed, 200);
    ck_assert_str_eq(header_of(&renamed, "ETag"), TAG(2));
    ck_status(&stale, 412);
    ck_status(&gone, 412);
    ck_status(&absent, 404);
}
END_TEST

START_TEST(the_list_of_clients_goes_on_by_pages)
{
    for (int i = 0; i < 3; i++)
        make_client("counts:read");
    int found = 0;
    const char *after = "";
    while (after) {
        REPLY page = api_get(AS_ADMIN, CLIENTS "?limit=2%s", after);
        ck_status(&page, 200);
        found += (int)json_array_size(json_object_get(page.json, "items"));
        const char *next = json_string_value(json_object_get(page.json, "next"));
        after = next ? text_of("&after=%s", next) : NULL;
    }
    ck_assert_str_eq(text_of("%d", found), sql_value("SELECT count(*) FROM auth.client"));
}
END_TEST

START_TEST(a_client_reads_and_changes_people_where_its_scopes_say_so)
{
    struct machine reader = make_client("people:read"), writer = make_client("people:write");
    const char *reading = token_for_client(&reader), *writing = token_for_client(&writer);
    int users = api_open(&users_service);
    REPLY patient = api_post(ANONYMOUSLY, "/api/v1/users",
                             R"({"name": "%s", "status": "patient", "age": 70, "mmse": 20, "password": "%s"})",
                             new_name("Patient"), PASSWORD);
    ck_status(&patient, 201);
    const char *path = text_of("/api/v1/users/%s", text_at(&patient, "user_id"));
    struct call change = {
        .method = "PATCH", .path = path, .body = R"({"mmse": 21})", .headers = {"If-Match: *"}, .port = users};
    REPLY read = api_get(reading, "%s", path), unread = api_get(writing, "%s", path);
    change.token = reading;
    REPLY unchanged = api_call(change);
    change.token = writing;
    REPLY changed = api_call(change), gone = api_delete(writing, "%s", path);
    ck_status(&read, 200);
    ck_status(&unread, 403);
    ck_status(&unchanged, 403);
    ck_reply(&changed, 200, "mmse", "21");
    ck_status(&gone, 403);
    ck_assert_str_eq(sql_value("SELECT count(*) FROM auth.access_log WHERE subject_id = '%s' AND role = 'client'"
                               " AND actor_id IN ('%s', '%s') AND action IN ('person.read', 'person.update')",
                               text_at(&patient, "user_id"), reader.id, writer.id),
                     "5"); /* one read; a refusal of each; a change that reads before it writes */
    api_open(&auth_service);
}
END_TEST

int main(void)
{
    return API_TESTS(
        &auth_service, an_administrator_makes_a_client_and_sees_its_secret_once,
        only_administrators_see_and_manage_clients, scopes_are_those_of_the_table,
        a_name_is_taken_once_and_the_way_to_another_secret_is_told, a_client_gets_a_token_with_its_scopes_and_no_more,
        credentials_come_by_header_form_or_json_and_in_one_way_only, a_malformed_grant_is_a_problem,
        a_client_may_ask_for_less_and_not_for_more,
        a_wrong_secret_an_unknown_and_an_inactive_client_get_the_same_answer,
        an_unknown_client_costs_what_a_wrong_secret_costs, guessing_at_a_secret_waits_like_guessing_at_a_password,
        a_client_has_no_password, a_change_of_a_client_ends_its_tokens_in_every_service,
        a_token_that_overtakes_the_change_of_a_client_is_not_given,
        an_active_client_again_gets_tokens_again_and_a_new_secret_opens,
        a_change_of_a_client_needs_the_version_it_is_made_on, the_list_of_clients_goes_on_by_pages,
        a_client_reads_and_changes_people_where_its_scopes_say_so);
}
