/* Administrators link identities at other issuers to accounts, and unlink them. */
#include "tests/api/auth/outside.h"

#include <libpq-fe.h>
#include <string.h>

static struct reply unlink_identity(const char *token, const char *account_id, const char *identity_id)
{
    return api_delete(token, "/api/v1/accounts/%s/identities/%s", account_id, identity_id);
}

static struct reply list_of(const char *token, const char *account_id)
{
    return api_get(token, "/api/v1/accounts/%s/identities", account_id);
}

START_TEST(a_linked_identity_opens_the_account_with_the_accounts_own_role)
{
    forget_failures();
    const char *name = new_name("Linked"), *id = make_account(name, "caregiver", NULL), *subject = new_id();
    REPLY before = enter(OTHER, subject, "Whoever", NULL);
    ck_status(&before, 401);
    REPLY linked = link_identity(AS_ADMIN, id, OTHER, subject);
    ck_reply(&linked, 201, "subject", subject);
    ck_assert(json_is_false(json_object_get(linked.json, "provisioned")));
    ck_assert_uint_eq(strlen(text_at(&linked, "linked_by")), 32);
    REPLY entered = enter(OTHER, subject, "Whoever", NULL);
    ck_reply(&entered, 200, "account/id", id);
    ck_reply(&entered, 200, "account/role", "caregiver");
}
END_TEST

START_TEST(unlinking_shuts_the_door_and_ends_the_sessions)
{
    forget_failures();
    const char *id = make_account(new_name("Unlinked"), "healthpro", "general"), *subject = new_id();
    REPLY linked = link_identity(AS_ADMIN, id, OTHER, subject);
    REPLY entered = enter(OTHER, subject, "Whoever", NULL);
    const char *token = kept_at(&entered, "access_token");
    REPLY elsewhere =
        unlink_identity(AS_ADMIN, make_account(new_name("Else"), "patient", NULL), text_at(&linked, "id"));
    ck_status(&elsewhere, 404);
    REPLY gone = unlink_identity(AS_ADMIN, id, text_at(&linked, "id"));
    ck_status(&gone, 204);
    WAIT_UNTIL(refused_at(0, "/api/v1/auth/me", token));
    REPLY after = enter(OTHER, subject, "Whoever", NULL);
    ck_status(&after, 401);
    REPLY twice = unlink_identity(AS_ADMIN, id, text_at(&linked, "id"));
    ck_status(&twice, 404);
}
END_TEST

START_TEST(an_account_has_several_and_an_identity_one_account)
{
    const char *id = make_account(new_name("Several"), "healthpro", "general"), *subject = new_id();
    REPLY one = link_identity(AS_ADMIN, id, OTHER, subject), two = link_identity(AS_ADMIN, id, CLINIC, subject);
    ck_status(&one, 201);
    ck_status(&two, 201);
    REPLY taken = link_identity(AS_ADMIN, make_account(new_name("Late"), "patient", NULL), OTHER, subject);
    ck_reply(&taken, 409, "errors/0/pointer", "/subject");
    REPLY list = list_of(AS_ADMIN, id);
    ck_status(&list, 200);
    ck_assert_uint_eq(json_array_size(json_object_get(list.json, "items")), 2);
}
END_TEST

START_TEST(the_list_goes_on_by_pages)
{
    const char *id = make_account(new_name("Pages"), "healthpro", "general");
    for (int i = 0; i < 5; i++) {
        REPLY made = link_identity(AS_ADMIN, id, OTHER, new_id());
        ck_status(&made, 201);
    }
    size_t found = 0;
    const char *after = "";
    while (after) {
        REPLY page = api_get(AS_ADMIN, "/api/v1/accounts/%s/identities?limit=2%s", id, after);
        ck_status(&page, 200);
        found += json_array_size(json_object_get(page.json, "items"));
        const char *next = json_string_value(json_object_get(page.json, "next"));
        after = next ? text_of("&after=%s", next) : NULL;
    }
    ck_assert_uint_eq(found, 5);
    REPLY strange = api_get(AS_ADMIN, "/api/v1/accounts/%s/identities?after=eA", id);
    ck_status(&strange, 200);
}
END_TEST

START_TEST(administrators_are_linked_by_superusers_only)
{
    const char *id = make_account(new_name("Admin"), "admin", NULL), *subject = new_id();
    REPLY refused = link_identity(AS_ADMIN, id, OTHER, subject), hidden = list_of(AS_ADMIN, id);
    ck_status(&refused, 404);
    ck_status(&hidden, 404);
    REPLY linked = link_identity(AS_SUPERUSER, id, OTHER, subject);
    ck_status(&linked, 201);
    REPLY kept = unlink_identity(AS_ADMIN, id, text_at(&linked, "id"));
    ck_status(&kept, 404);
    REPLY shown = list_of(AS_SUPERUSER, id);
    ck_reply(&shown, 200, "items/0/subject", subject);
}
END_TEST

START_TEST(issuers_that_no_setting_names_are_refused)
{
    const char *id = make_account(new_name("Strange"), "patient", NULL);
    REPLY r = link_identity(AS_ADMIN, id, "https://evil.example", "x");
    ck_reply(&r, 422, "errors/0/pointer", "/issuer");
}
END_TEST

START_TEST(an_account_that_is_not_there_has_no_identities)
{
    REPLY list = list_of(AS_ADMIN, new_id()), made = link_identity(AS_ADMIN, new_id(), OTHER, "x"),
          gone = unlink_identity(AS_ADMIN, new_id(), new_id());
    ck_status(&list, 404);
    ck_status(&made, 404);
    ck_status(&gone, 404);
}
END_TEST

START_TEST(an_account_takes_its_identities_along)
{
    forget_failures();
    const char *id = make_account(new_name("Gone"), "caregiver", NULL), *subject = new_id();
    REPLY linked = link_identity(AS_ADMIN, id, OTHER, subject);
    ck_status(&linked, 201);
    sql_value("DELETE FROM auth.account WHERE id = '%s'", id);
    REPLY after = enter(OTHER, subject, "Whoever", NULL);
    ck_status(&after, 401);
}
END_TEST

START_TEST(an_account_that_was_made_for_a_token_shows_its_identity)
{
    const char *subject = new_id();
    REPLY entered = enter(CLINIC, subject, new_name("Made"), "m-neuro");
    REPLY list = list_of(AS_ADMIN, text_at(&entered, "account/id"));
    ck_reply(&list, 200, "items/0/subject", subject);
    ck_reply(&list, 200, "items/0/provisioned", "true");
}
END_TEST

START_TEST(linking_and_unlinking_are_in_the_access_log)
{
    const char *id = make_account(new_name("Logged"), "healthpro", "general");
    REPLY linked = link_identity(AS_ADMIN, id, OTHER, new_id());
    REPLY gone = unlink_identity(AS_ADMIN, id, text_at(&linked, "id"));
    ck_status(&gone, 204);
    ck_assert_str_eq(sql_value("SELECT string_agg(action || ' ' || role, ', ' ORDER BY id) FROM auth.access_log"
                               " WHERE subject_id = '%s' AND object = 'identity'",
                               id),
                     "identity.create admin, identity.delete admin");
}
END_TEST

/* How many identities of the account PostgreSQL shows the service when it says that this role asks. */
static int shown_to(const char *role, const char *account_id)
{
    PGconn *pg = PQconnectdb(database_url("mnemos_auth"));
    PQclear(PQexec(pg, "BEGIN"));
    PQclear(PQexec(pg, text_of("SELECT set_config('mnemos.role', '%s', true)", role)));
    PGresult *r = PQexec(pg, text_of("SELECT FROM auth.external_identity WHERE account_id = '%s'", account_id));
    int rows = PQresultStatus(r) == PGRES_TUPLES_OK ? PQntuples(r) : -1;
    PQclear(r);
    PQfinish(pg);
    return rows;
}

START_TEST(postgresql_shows_identities_to_those_who_manage_the_account_only)
{
    const char *healthpro = make_account(new_name("Pro"), "healthpro", "general"),
               *admin = make_account(new_name("Admin"), "admin", NULL);
    REPLY one = link_identity(AS_SUPERUSER, healthpro, OTHER, new_id()),
          two = link_identity(AS_SUPERUSER, admin, OTHER, new_id());
    ck_status(&one, 201);
    ck_status(&two, 201);
    static const char *const others[] = {"", "patient", "caregiver", "healthpro"};
    for (size_t i = 0; i < COUNT(others); i++)
        ck_assert_msg(shown_to(others[i], healthpro) == 0, "%s", others[i]);
    ck_assert_int_eq(shown_to("admin", healthpro), 1);
    ck_assert_int_eq(shown_to("admin", admin), 0);
    ck_assert_int_eq(shown_to("superuser", admin), 1);
}
END_TEST

START_TEST(machines_have_no_identities)
{
    const char *id = make_account(new_name("Machine"), "client", NULL);
    REPLY r = link_identity(AS_SUPERUSER, id, OTHER, new_id());
    ck_status(&r, 409);
}
END_TEST

int main(void)
{
    outside_begin();
    int status =
        API_TESTS(&auth_service, a_linked_identity_opens_the_account_with_the_accounts_own_role,
                  unlinking_shuts_the_door_and_ends_the_sessions, an_account_has_several_and_an_identity_one_account,
                  the_list_goes_on_by_pages, administrators_are_linked_by_superusers_only,
                  issuers_that_no_setting_names_are_refused, an_account_that_is_not_there_has_no_identities,
                  an_account_takes_its_identities_along, an_account_that_was_made_for_a_token_shows_its_identity,
                  linking_and_unlinking_are_in_the_access_log, machines_have_no_identities,
                  postgresql_shows_identities_to_those_who_manage_the_account_only);
    outside_end();
    return status;
}
