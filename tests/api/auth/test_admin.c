/* Administrators: made, listed, promoted, demoted, disabled, removed, and never the last superuser. */
#include "tests/api/auth/accounts.h"

#include <pthread.h>
#include <string.h>

#define ADMINS_PATH "/api/v1/admins"

static struct reply create(const char *token, const char *name, const char *role)
{
    return api_post(token, ADMINS_PATH, R"({"name": "%s", "password": "%s", "role": "%s"})", name, PASSWORD, role);
}

static struct reply change(const char *id, const char *tag, const char *body)
{
    return api_change("PATCH", AS_SUPERUSER, text_of(ADMINS_PATH "/%s", id), body, tag);
}

static struct reply take_away(const char *id)
{
    return api_change("DELETE", AS_SUPERUSER, text_of(ADMINS_PATH "/%s", id), NULL, "*");
}

static const char *make_superuser(void)
{
    return make_account(new_name("Super"), "superuser", NULL);
}

/* Those of other scenes go. */
static void leave_superusers(const char *one, const char *other)
{
    sql_value("DELETE FROM auth.account WHERE role = 'superuser' AND id NOT IN ('%s', '%s')", one, other);
}

static bool can_log_in(const char *name)
{
    REPLY r = login(name, PASSWORD);
    ck_assert_msg(r.status == 200 || r.status == 401, "%ld %s", r.status, r.body);
    return r.status == 200;
}

START_TEST(a_superuser_makes_administrators_that_log_in)
{
    const char *name = new_name("Imke");
    REPLY made = create(AS_SUPERUSER, name, "normal");
    ck_reply(&made, 201, "role", "normal");
    ck_reply(&made, 201, "name", name);
    ck_assert(json_is_false(json_object_get(made.json, "disabled")));
    ck_assert_ptr_null(strstr(made.body, "password"));
    const char *path = text_of(ADMINS_PATH "/%s", text_at(&made, "id"));
    ck_assert_str_eq(header_of(&made, "Location"), path);
    REPLY entered = login(name, PASSWORD);
    ck_reply(&entered, 200, "account/role", "admin");
    REPLY read = api_get(AS_SUPERUSER, "%s", path);
    ck_reply(&read, 200, "name", name);
    ck_assert_str_eq(header_of(&read, "ETag"), header_of(&made, "ETag"));
    REPLY other = create(AS_SUPERUSER, new_name("Other"), "superuser");
    ck_reply(&other, 201, "role", "superuser");
}
END_TEST

START_TEST(only_superusers_see_and_manage_administrators)
{
    const char *tokens[] = {AS_ADMIN, AS_NEUROLOGIST, AS_CAREGIVER, AS_PATIENT};
    for (size_t i = 0; i < COUNT(tokens); i++) {
        REPLY list = api_get(tokens[i], ADMINS_PATH), made = create(tokens[i], new_name("Nobody"), "normal");
        ck_status(&list, 403);
        ck_status(&made, 403);
    }
    REPLY anonymous = create(ANONYMOUSLY, new_name("Nobody"), "superuser");
    ck_status(&anonymous, 401);
}
END_TEST

START_TEST(a_name_is_taken_in_any_case_and_by_anybody)
{
    const char *name = new_id();
    make_account(text_of("a%s", name), "patient", NULL);
    REPLY taken = create(AS_SUPERUSER, text_of("A%s", name), "normal");
    ck_reply(&taken, 409, "errors/0/pointer", "/name");
    REPLY spaced = create(AS_SUPERUSER, " spaced", "normal");
    ck_reply(&spaced, 422, "errors/0/pointer", "/name");
}
END_TEST

START_TEST(the_list_shows_administrators_only_and_goes_on_by_pages)
{
    make_account(new_name("Patient"), "patient", NULL);
    for (int i = 0; i < 3; i++)
        make_account(new_name("Admin"), "admin", NULL);
    make_superuser();
    int found = 0;
    const char *after = "";
    while (after) {
        REPLY page = api_get(AS_SUPERUSER, ADMINS_PATH "?limit=2%s", after);
        ck_status(&page, 200);
        size_t i;
        json_t *item;
        json_array_foreach(json_object_get(page.json, "items"), i, item)
        {
            const char *role = json_string_value(json_object_get(item, "role"));
            ck_assert(strcmp(role, "normal") == 0 || strcmp(role, "superuser") == 0);
            found++;
        }
        const char *next = json_string_value(json_object_get(page.json, "next"));
        after = next ? text_of("&after=%s", next) : NULL;
    }
    ck_assert_str_eq(text_of("%d", found),
                     sql_value("SELECT count(*) FROM auth.account WHERE role IN ('admin', 'superuser')"));
}
END_TEST

START_TEST(accounts_of_people_are_no_administrators)
{
    const char *id = make_account(new_name("Patient"), "patient", NULL);
    REPLY read = api_get(AS_SUPERUSER, ADMINS_PATH "/%s", id), changed = change(id, "*", R"({"role": "superuser"})"),
          gone = take_away(id);
    ck_status(&read, 404);
    ck_status(&changed, 404);
    ck_status(&gone, 404);
}
END_TEST

START_TEST(a_change_needs_the_version_it_is_made_on)
{
    const char *id = make_account(new_name("Admin"), "admin", NULL);
    REPLY blind = change(id, NULL, R"({"disabled": true})"), promoted = change(id, TAG(1), R"({"role": "superuser"})"),
          stale = change(id, TAG(1), R"({"disabled": true})"), null = change(id, "*", R"({"role": null})");
    ck_status(&blind, 428);
    ck_reply(&promoted, 200, "role", "superuser");
    ck_assert_str_eq(header_of(&promoted, "ETag"), TAG(2));
    ck_status(&stale, 412);
    ck_reply(&null, 422, "errors/0/pointer", "/role");
}
END_TEST

/* Deeds to an administrator who is logged in, and whether the name can log in afterwards. */
static void ck_ends_sessions(const char *role, struct reply (*deed)(const char *id), bool opens)
{
    const char *name = new_name("Leaving"), *id = make_account(name, role, NULL), *token = token_of(name);
    REPLY before = api_get(token, "/api/v1/auth/me");
    ck_status(&before, 200);
    REPLY done = deed(id);
    ck_assert_msg(done.status == 200 || done.status == 204, "%s", done.body);
    WAIT_UNTIL(refused_at(0, "/api/v1/auth/me", token));
    ck_assert_int_eq(can_log_in(name), opens);
}

static struct reply demote(const char *id)
{
    return change(id, "*", R"({"role": "normal"})");
}

static struct reply disable(const char *id)
{
    return change(id, "*", R"({"disabled": true})");
}

START_TEST(demotion_disabling_and_removal_end_sessions)
{
    make_superuser();
    ck_ends_sessions("superuser", demote, true);
    ck_ends_sessions("admin", disable, false);
    ck_ends_sessions("superuser", take_away, false);
}
END_TEST

START_TEST(an_account_that_is_enabled_again_logs_in_again)
{
    const char *name = new_name("Back"), *id = make_account(name, "admin", NULL);
    REPLY off = disable(id), on = change(id, "*", R"({"disabled": false})");
    ck_assert(json_is_true(json_object_get(off.json, "disabled")));
    ck_reply(&on, 200, "role", "normal");
    ck_assert(can_log_in(name));
}
END_TEST

START_TEST(the_last_superuser_stays_and_another_one_may_go)
{
    struct reply (*const deeds[])(const char *) = {demote, disable, take_away};
    for (size_t i = 0; i < COUNT(deeds); i++) {
        const char *one = make_superuser(), *other = make_superuser(), *disabled = make_superuser();
        leave_superusers(one, other);
        sql_value("UPDATE auth.account SET disabled = true WHERE id = '%s'", disabled);
        REPLY may = deeds[i](one), may_not = deeds[i](other);
        ck_assert_msg(may.status == 200 || may.status == 204, "%s", may.body);
        ck_reply(&may_not, 409, "type", "/problems/conflict");
        ck_assert_ptr_nonnull(strstr(text_at(&may_not, "detail"), "last superuser"));
        REPLY still = api_get(AS_SUPERUSER, ADMINS_PATH "/%s", other);
        ck_reply(&still, 200, "role", "superuser");
        ck_assert(json_is_false(json_object_get(still.json, "disabled")));
    }
}
END_TEST

struct attempt {
    const char *id;
    struct reply (*deed)(const char *id);
    pthread_barrier_t *start;
    long status;
};

static void *try_it(void *arg)
{
    struct attempt *a = arg;
    pthread_barrier_wait(a->start);
    REPLY r = a->deed(a->id);
    a->status = r.status;
    return NULL;
}

START_TEST(one_of_the_last_two_superusers_stays_however_they_race)
{
    struct reply (*const deeds[])(const char *) = {demote, disable, take_away};
    for (int round = 0; round < 24; round++) {
        pthread_barrier_t start;
        pthread_t threads[2];
        struct attempt attempts[] = {{make_superuser(), deeds[round % 3], &start, 0},
                                     {make_superuser(), deeds[round / 3 % 3], &start, 0}};
        leave_superusers(attempts[0].id, attempts[1].id);
        pthread_barrier_init(&start, NULL, 2);
        for (int i = 0; i < 2; i++)
            ck_assert_int_eq(pthread_create(&threads[i], NULL, try_it, &attempts[i]), 0);
        for (int i = 0; i < 2; i++)
            pthread_join(threads[i], NULL);
        pthread_barrier_destroy(&start);
        ck_assert_int_eq((attempts[0].status == 409) + (attempts[1].status == 409), 1);
        ck_assert_str_eq(sql_value("SELECT count(*) FROM auth.account WHERE role = 'superuser' AND NOT disabled"), "1");
    }
}
END_TEST

int main(void)
{
    return API_TESTS(&auth_service, a_superuser_makes_administrators_that_log_in,
                     only_superusers_see_and_manage_administrators, a_name_is_taken_in_any_case_and_by_anybody,
                     the_list_shows_administrators_only_and_goes_on_by_pages, accounts_of_people_are_no_administrators,
                     a_change_needs_the_version_it_is_made_on, demotion_disabling_and_removal_end_sessions,
                     an_account_that_is_enabled_again_logs_in_again, the_last_superuser_stays_and_another_one_may_go,
                     one_of_the_last_two_superusers_stays_however_they_race);
}
