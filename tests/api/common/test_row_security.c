/* The second wall by itself: PostgreSQL asked directly, as the services' roles and on behalf of whomever one likes. */
#include "common/identity/principal.h"
#include "tests/services.h"
#include "tests/support/api.h"

#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>

struct scene {
    const char *patient, *other_patient, *caregiver, *other_caregiver, *healthpro, *other_healthpro, *nobody;
};

static const char *make_person(const char *status, const char *members)
{
    const char *id = new_id(), *name = new_name(status);
    sql_value("INSERT INTO auth.account (id, name, role, specialty, password_hash)"
              " VALUES ('%s', '%s', '%s', %s, '-')",
              id, name, status, strcmp(status, "healthpro") == 0 ? "'general'" : "NULL");
    sql_value(
        "INSERT INTO users.person (id, name, status, specialty, birth_date, birth_date_estimated, mmse, caregiver_id)"
        " VALUES ('%s', '%s', '%s', %s)",
        id, name, status, members);
    return id;
}

static const char *make_patient(const char *caregiver)
{
    return make_person("patient",
                       text_of("NULL, '1950-01-01', false, 20, %s", caregiver ? text_of("'%s'", caregiver) : "NULL"));
}

static struct scene make_scene(void)
{
    struct scene s = {
        .caregiver = make_person("caregiver", "NULL, NULL, NULL, NULL, NULL"),
        .other_caregiver = make_person("caregiver", "NULL, NULL, NULL, NULL, NULL"),
        .healthpro = make_person("healthpro", "'general', NULL, NULL, NULL, NULL"),
        .other_healthpro = make_person("healthpro", "'general', NULL, NULL, NULL, NULL"),
        .other_patient = make_patient(NULL),
        .nobody = new_id(),
    };
    s.patient = make_patient(s.caregiver);
    return s;
}

/* How many rows the statement finds or touches for that principal; -1 when it is refused. Nothing stays. */
static int touched_as(const char *service, const char *role, const char *account, const char *sql)
{
    PGconn *pg = PQconnectdb(database_url(service));
    PQclear(PQexec(pg, "BEGIN"));
    if (role)
        PQclear(
            PQexec(pg, text_of("SELECT set_config('mnemos.role', '%s', true), set_config('mnemos.account', '%s', true),"
                               " set_config('mnemos.request', 'test.run request 127.0.0.1', true)",
                               role, account)));
    PGresult *r = PQexec(pg, sql);
    int rows = PQresultStatus(r) == PGRES_TUPLES_OK    ? PQntuples(r)
               : PQresultStatus(r) == PGRES_COMMAND_OK ? (int)strtol(PQcmdTuples(r), NULL, 10)
                                                       : -1;
    PQclear(r);
    PQfinish(pg);
    return rows;
}

/* Each role's rights to people; rows that are not named here are absent for it. */
START_TEST(postgresql_shows_and_changes_only_records_of_the_caller)
{
    struct scene s = make_scene();
    const struct {
        const char *role, *account, *person;
        bool see, change, remove;
    } cases[] = {
        {"patient", s.patient, s.patient, true, false, false},
        {"patient", s.patient, s.other_patient, false, false, false},
        {"patient", s.patient, s.caregiver, false, false, false},
        {"patient", s.patient, s.healthpro, false, false, false},
        {"patient", s.caregiver, s.patient, false, false, false},
        {"caregiver", s.caregiver, s.caregiver, true, false, false},
        {"caregiver", s.caregiver, s.patient, true, false, false},
        {"caregiver", s.caregiver, s.other_patient, false, false, false},
        {"caregiver", s.other_caregiver, s.patient, false, false, false},
        {"caregiver", s.caregiver, s.other_caregiver, false, false, false},
        {"healthpro", s.healthpro, s.patient, true, true, true},
        {"healthpro", s.healthpro, s.caregiver, true, true, false /* has patients */},
        {"healthpro", s.healthpro, s.other_caregiver, true, true, true},
        {"healthpro", s.healthpro, s.healthpro, true, true, false},
        {"healthpro", s.healthpro, s.other_healthpro, true, false, false},
        {"admin", s.nobody, s.patient, true, true, true},
        {"admin", s.nobody, s.healthpro, true, true, true},
        {"superuser", s.nobody, s.healthpro, true, true, true},
        {"anonymous", "", s.patient, false, false, false},
        {"researcher", s.nobody, s.patient, false, false, false},
        {"client", s.nobody, s.patient, false, false, false},
        {"client counts:read", s.nobody, s.patient, false, false, false},
        {"client people:read counts:read", s.nobody, s.patient, true, false, false},
        {"client people:write", s.nobody, s.patient, true, true, false},
        {"client people:write", s.nobody, s.healthpro, true, false, false},
        {"researcher people:read", s.nobody, s.patient, false, false, false},
        {"patient", "", s.patient, false, false, false},
        {NULL, NULL, s.patient, false, false, false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *role = cases[i].role, *account = cases[i].account, *person = cases[i].person;
        int seen =
            touched_as("mnemos_users", role, account, text_of("SELECT name FROM users.person WHERE id = '%s'", person));
        int published = touched_as("mnemos_analytics", role, account,
                                   text_of("SELECT mmse FROM users.published_person WHERE id = '%s'", person));
        int changed = touched_as("mnemos_users", role, account,
                                 text_of("UPDATE users.person SET version = version + 1 WHERE id = '%s'", person));
        int removed =
            touched_as("mnemos_users", role, account, text_of("DELETE FROM users.person WHERE id = '%s'", person));
        ck_assert_msg(seen == cases[i].see && published == cases[i].see && changed == cases[i].change &&
                          (removed == 1) == cases[i].remove,
                      "case %zu, %s: seen %d, published %d, changed %d, removed %d", i, role ? role : "nothing said",
                      seen, published, changed, removed);
    }
}
END_TEST

START_TEST(without_a_condition_the_same_few_are_found)
{
    struct scene s = make_scene();
    ck_assert_int_eq(touched_as("mnemos_users", "patient", s.patient, "SELECT FROM users.person"), 1);
    ck_assert_int_eq(touched_as("mnemos_users", "caregiver", s.caregiver, "SELECT FROM users.person"), 2);
    ck_assert_int_eq(touched_as("mnemos_users", "researcher", s.nobody, "SELECT FROM users.person"), 0);
    ck_assert_int_eq(touched_as("mnemos_users", NULL, NULL, "SELECT FROM users.person"), 0);
    ck_assert_int_eq(touched_as("mnemos_analytics", "patient", s.patient, "SELECT FROM users.published_person"), 1);
}
END_TEST

static int insert_as(const char *role, const char *account, const char *id, const char *status)
{
    bool patient = strcmp(status, "patient") == 0;
    return touched_as(
        "mnemos_users", role, account,
        text_of("INSERT INTO users.person (id, name, status, specialty, birth_date, birth_date_estimated,"
                " mmse) VALUES ('%s', '%s', '%s', %s)",
                id, new_name("New"), status,
                patient ? "NULL, '1950-01-01', false, 20"
                        : text_of("%s, NULL, NULL, NULL", strcmp(status, "healthpro") == 0 ? "'general'" : "NULL")));
}

START_TEST(newcomers_make_the_record_of_themselves_and_no_other)
{
    const char *id = new_id();
    ck_assert_int_eq(insert_as("patient", id, id, "patient"), 1);
    ck_assert_int_eq(insert_as("caregiver", id, id, "caregiver"), 1);
    ck_assert_int_eq(insert_as("healthpro", new_id(), id, "healthpro"), 1);
    ck_assert_int_eq(insert_as("patient", new_id(), id, "patient"), -1);
    ck_assert_int_eq(insert_as("patient", id, id, "caregiver"), -1);
    ck_assert_int_eq(insert_as("caregiver", id, id, "healthpro"), -1);
    ck_assert_int_eq(insert_as("anonymous", "", id, "patient"), -1);
    ck_assert_int_eq(insert_as(NULL, NULL, id, "patient"), -1);
}
END_TEST

START_TEST(professionals_and_administrators_see_tumours_and_analytics_sees_no_names)
{
    const char *id = new_id(), *who = new_id();
    sql_value("INSERT INTO users.tumour (id, first_name, last_name) VALUES ('%s', 'Marela', 'Tovins')", id);
    static const struct {
        const char *role;
        bool see, change, remove;
    } cases[] = {
        {"healthpro", true, true, true},
        {"admin", true, true, true},
        {"superuser", true, true, true},
        {"client people:write", true, true, false},
        {"client people:read", true, false, false},
        {"client counts:read", false, false, false},
        {"patient", false, false, false},
        {"caregiver", false, false, false},
        {"researcher", false, false, false},
        {NULL, false, false, false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *role = cases[i].role;
        int seen = touched_as("mnemos_users", role, who, text_of("SELECT FROM users.tumour WHERE id = '%s'", id));
        int changed =
            touched_as("mnemos_users", role, who, text_of("UPDATE users.tumour SET pt = 'T1' WHERE id = '%s'", id));
        int removed = touched_as("mnemos_users", role, who, text_of("DELETE FROM users.tumour WHERE id = '%s'", id));
        int published = touched_as("mnemos_analytics", role, who,
                                   text_of("SELECT pt FROM users.published_tumour WHERE tumour_id = '%s'", id));
        ck_assert_msg(seen == cases[i].see && changed == cases[i].change && removed == cases[i].remove &&
                          published == cases[i].see,
                      "%s: seen %d, changed %d, removed %d, published %d", role, seen, changed, removed, published);
    }
    ck_assert_int_eq(touched_as("mnemos_analytics", "superuser", who, "SELECT last_name FROM users.tumour"), -1);
    ck_assert_int_eq(touched_as("mnemos_users", "superuser", who, "DELETE FROM users.tumour_version"), -1);
}
END_TEST

static const char *make_account(const char *role)
{
    const char *id = new_id();
    sql_value("INSERT INTO auth.account (id, name, role, specialty, password_hash) VALUES ('%s', '%s', '%s', %s, %s)",
              id, new_name(role), role, strcmp(role, "healthpro") == 0 ? "'general'" : "NULL",
              strcmp(role, "client") == 0 ? "NULL" : "'-'");
    sql_value("INSERT INTO auth.session (id, account_id, expires_at) VALUES ('%s', '%s', now() + interval '1 hour')",
              new_id(), id);
    return id;
}

START_TEST(accounts_are_seen_by_their_own_and_by_administrators_as_far_as_they_manage_them)
{
    static const char *const roles[] = {"patient", "healthpro", "researcher", "client", "admin", "superuser"};
    const char *accounts[COUNT(roles)];
    make_account("superuser"); /* the last one could not be disabled */
    for (size_t i = 0; i < COUNT(roles); i++)
        accounts[i] = make_account(roles[i]);
    for (size_t asking = 0; asking < COUNT(roles); asking++)
        for (size_t asked = 0; asked < COUNT(roles); asked++) {
            bool managed = strcmp(roles[asked], "admin") == 0 || strcmp(roles[asked], "superuser") == 0;
            bool manages = strcmp(roles[asking], "superuser") == 0 || (strcmp(roles[asking], "admin") == 0 && !managed);
            const char *who = accounts[asking], *whom = accounts[asked];
            int seen = touched_as("mnemos_auth", roles[asking], who,
                                  text_of("SELECT FROM auth.account WHERE id = '%s'", whom));
            int changed = touched_as("mnemos_auth", roles[asking], who,
                                     text_of("UPDATE auth.account SET disabled = true WHERE id = '%s'", whom));
            int sessions = touched_as("mnemos_auth", roles[asking], who,
                                      text_of("SELECT FROM auth.session WHERE account_id = '%s'", whom));
            int published = touched_as("mnemos_users", roles[asking], who,
                                       text_of("SELECT name FROM auth.published_account WHERE id = '%s'", whom));
            ck_assert_msg(seen == (manages || who == whom) && changed == manages && sessions == (who == whom) &&
                              published == (who == whom),
                          "%s of %s: seen %d, changed %d, sessions %d, published %d", roles[asking], roles[asked], seen,
                          changed, sessions, published);
        }
    ck_assert_int_eq(touched_as("mnemos_auth", "anonymous", "", "SELECT FROM auth.account"), 0);
    ck_assert_int_eq(touched_as("mnemos_auth", NULL, NULL, "SELECT FROM auth.session"), 0);
    ck_assert_int_eq(touched_as("mnemos_auth", "superuser", accounts[5], "SELECT FROM auth.refresh_token"), -1);
    ck_assert_int_eq(touched_as("mnemos_auth", "admin", accounts[4],
                                text_of("INSERT INTO auth.account (id, name, role, password_hash)"
                                        " VALUES ('%s', '%s', 'superuser', '-')",
                                        new_id(), new_name("Usurper"))),
                     -1);
    ck_assert_int_eq(touched_as("mnemos_auth", "admin", accounts[4],
                                text_of("UPDATE auth.account SET role = 'admin' WHERE id = '%s'", accounts[2])),
                     -1);
}
END_TEST

START_TEST(services_own_nothing_and_cannot_go_round_the_policies)
{
    ck_assert_str_eq(
        sql_value("SELECT count(*) FROM pg_roles WHERE rolname LIKE 'mnemos\\_%%' AND rolname <> 'mnemos_owner'"
                  " AND (rolsuper OR rolbypassrls OR rolcreaterole)"),
        "0");
    ck_assert_str_eq(sql_value("SELECT count(*) FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner"
                               " WHERE r.rolname LIKE 'mnemos\\_%%' AND r.rolname <> 'mnemos_owner'"),
                     "0");
    ck_assert_str_eq(sql_value("SELECT count(*) FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.member"
                               " WHERE r.rolname LIKE 'mnemos\\_%%'"),
                     "0");
    ck_assert_int_eq(touched_as("mnemos_users", "admin", new_id(), "SET row_security = off"), 0);
    ck_assert_int_eq(touched_as("mnemos_users", "patient", new_id(),
                                "SELECT set_config('row_security', 'off', true); SELECT FROM users.person"),
                     -1);
}
END_TEST

/* An array for SQL; each service has the schema of its name. */
static const char *service_names(void)
{
    const char *names = "";
    for (size_t i = 0; i < COUNT(services); i++)
        names = text_of("%s%s'%s'", names, i ? ", " : "", services[i]->name);
    return text_of("ARRAY[%s]", names);
}

/* Tables that hold nobody's data, or that are read by the right one of functions only. A new table is guarded, or is
 * put here with a reason. */
START_TEST(every_table_that_a_service_can_read_is_guarded_or_holds_nothing_of_people)
{
    ck_assert_str_eq(
        sql_value("SELECT coalesce(string_agg(DISTINCT c.oid::regclass::text, ', '), 'none')"
                  " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                  " CROSS JOIN unnest(%s) s (service)"
                  " WHERE n.nspname = ANY (%s || 'shared'::text) AND c.relkind IN ('r', 'p')"
                  " AND NOT c.relrowsecurity AND has_any_column_privilege('mnemos_' || s.service, c.oid, 'select')"
                  " AND c.oid::regclass::text NOT IN ('auth.signing_key', 'auth.demonstration',"
                  "  'auth.failed_login' /* keyed hashes */, 'users.person_tally' /* sums */, 'imaging.device')",
                  service_names(), service_names()),
        "none");
}
END_TEST

/* A new function that acts as its owner says where it looks for names and who may call it. */
START_TEST(functions_that_act_as_their_owner_fix_their_search_path_and_are_not_public)
{
    ck_assert_str_eq(sql_value("SELECT coalesce(string_agg(p.oid::regprocedure::text, ', '), 'none')"
                               " FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
                               " WHERE n.nspname = ANY (%s || 'shared'::text) AND p.prosecdef"
                               " AND (NOT coalesce('search_path=pg_catalog, pg_temp' = ANY (p.proconfig), false)"
                               "      OR has_function_privilege('public', p.oid, 'execute'))",
                               service_names()),
                     "none");
}
END_TEST

START_TEST(the_users_service_makes_changes_and_removes_accounts_of_people_only)
{
    static const char *const roles[] = {"superuser", "admin", "researcher", "client"};
    const char *admin = new_id(), *person = make_patient(NULL);
    sql_value("INSERT INTO auth.account (id, name, role, password_hash) VALUES ('%s', '%s', 'admin', '-')", admin,
              new_name("Admin"));
    for (size_t i = 0; i < COUNT(roles); i++)
        ck_assert_int_eq(touched_as("mnemos_users", "superuser", new_id(),
                                    text_of("SELECT auth.create_account('%s', '%s', '%s', NULL, '-')", new_id(),
                                            new_name("Usurper"), roles[i])),
                         -1);
    ck_assert_int_eq(
        touched_as("mnemos_users", "superuser", new_id(),
                   text_of("SELECT auth.create_account('%s', '%s', NULL, NULL, '-')", new_id(), new_name("Nobody"))),
        -1);
    sql_value("SELECT auth.update_account('%s', 'Renamed %s', NULL)", admin, admin);
    sql_value("SELECT auth.delete_account('%s')", admin);
    ck_assert_str_eq(sql_value("SELECT name NOT LIKE 'Renamed%%' FROM auth.account WHERE id = '%s'", admin), "t");
    sql_value("SELECT auth.update_account('%s', 'Renamed %s', NULL)", person, person);
    ck_assert_str_eq(sql_value("SELECT name LIKE 'Renamed%%' FROM auth.account WHERE id = '%s'", person), "t");
    sql_value("SELECT auth.delete_account('%s')", person);
    ck_assert_str_eq(sql_value("SELECT count(*) FROM auth.account WHERE id = '%s'", person), "0");
}
END_TEST

START_TEST(the_auth_service_ends_sessions_and_does_not_prolong_them)
{
    const char *own = make_patient(NULL), *session = new_id();
    sql_value("INSERT INTO auth.session (id, account_id, expires_at) VALUES ('%s', '%s', now() + interval '1 hour')",
              session, own);
    ck_assert_int_eq(touched_as("mnemos_auth", "patient", own,
                                text_of("UPDATE auth.session SET ended_at = now() WHERE id = '%s'", session)),
                     1);
    ck_assert_int_eq(touched_as("mnemos_auth", "patient", own,
                                text_of("UPDATE auth.session SET expires_at = 'infinity' WHERE id = '%s'", session)),
                     -1);
}
END_TEST

START_TEST(services_add_entries_to_the_access_log_and_can_do_nothing_else_to_it)
{
    static const char *const forbidden[] = {
        "UPDATE auth.access_log SET outcome = 'read'",
        "DELETE FROM auth.access_log",
        "TRUNCATE auth.access_log",
        "INSERT INTO auth.access_log (actor_id, object, outcome) VALUES (gen_random_uuid(), 'x', 'read')",
        "DELETE FROM auth.access_seal",
        "UPDATE auth.access_seal SET number = 1"};
    for (size_t i = 0; i < COUNT(services); i++) {
        const char *role = text_of("mnemos_%s", services[i]->name);
        ck_assert_int_eq(touched_as(role, "patient", new_id(),
                                    "INSERT INTO auth.access_entry (object, outcome) VALUES ('x', 'read')"),
                         1);
        for (size_t f = 0; f < COUNT(forbidden); f++)
            ck_assert_int_eq(touched_as(role, "superuser", new_id(), forbidden[f]), -1);
    }
}
END_TEST

START_TEST(clients_are_managed_by_administrators_and_their_hashes_read_by_nobody)
{
    const char *id = new_id(), *by[] = {"healthpro", "researcher", "client people:read", NULL};
    sql_value("WITH a AS (INSERT INTO auth.account (id, name, role) VALUES ('%s', '%s', 'client') RETURNING id)"
              " INSERT INTO auth.client SELECT id, 'counts:read', sha256('secret') FROM a",
              id, new_name("Machine"));
    const char *seen = text_of("SELECT scope FROM auth.client WHERE id = '%s'", id),
               *updated = text_of("SELECT WHERE auth.update_client('%s', 1, 'X', 'people:read', true)", id),
               *renewed = text_of("SELECT WHERE auth.renew_client_secret('%s', sha256('x'))", id);
    for (size_t i = 0; i < COUNT(by); i++) {
        ck_assert_int_eq(touched_as("mnemos_auth", by[i], new_id(), seen), 0);
        ck_assert_int_eq(touched_as("mnemos_auth", by[i], new_id(), updated), 0);
        ck_assert_int_eq(touched_as("mnemos_auth", by[i], new_id(), renewed), 0);
    }
    ck_assert_int_eq(touched_as("mnemos_auth", "admin", new_id(), seen), 1);
    ck_assert_int_eq(touched_as("mnemos_auth", "admin", new_id(), updated), 1);
    ck_assert_int_eq(touched_as("mnemos_auth", "admin", new_id(), renewed), 1);
    ck_assert_int_eq(touched_as("mnemos_auth", "superuser", new_id(), "SELECT secret_hash FROM auth.client"), -1);
    ck_assert_int_eq(touched_as("mnemos_users", "superuser", new_id(), "SELECT scope FROM auth.client"), -1);
}
END_TEST

static const char *make_comparison(const char *owner, const char *tumour)
{
    const char *id = new_id();
    sql_value("INSERT INTO analytics.treatment_comparison (id, owner_id, tumour_id, outcome, verdict, request, cohort, "
              "answer)"
              " VALUES ('%s', '%s', %s, 'death', 'insufficient_evidence', '{}', '{}', '{}')",
              id, owner, tumour ? text_of("'%s'", tumour) : "NULL");
    return id;
}

START_TEST(comparisons_for_patients_are_the_clinics_and_others_belong_to_their_owner)
{
    const char *owner = new_id(), *other = new_id();
    const char *clinic = make_comparison(owner, new_id()), *what_if = make_comparison(owner, NULL);
    const struct {
        const char *role, *account, *comparison;
        bool see, change, remove;
    } cases[] = {
        {"healthpro", owner, clinic, true, true, true},     {"healthpro", other, clinic, true, true, false},
        {"superuser", other, clinic, true, true, true},     {"researcher", other, clinic, false, false, false},
        {"patient", owner, clinic, false, false, false},    {"client people:read", owner, clinic, false, false, false},
        {"healthpro", owner, what_if, true, true, true},    {"healthpro", other, what_if, false, false, false},
        {"superuser", other, what_if, false, false, false}, {"researcher", owner, what_if, true, false, true},
        {"patient", owner, what_if, false, false, false},   {NULL, NULL, what_if, false, false, false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *where = text_of("analytics.treatment_comparison WHERE id = '%s'", cases[i].comparison);
        const char *role = cases[i].role, *account = cases[i].account;
        int seen = touched_as("mnemos_analytics", role, account, text_of("SELECT id FROM %s", where));
        int changed =
            touched_as("mnemos_analytics", role, account,
                       text_of("UPDATE analytics.treatment_comparison SET decision = 'declined' WHERE id = '%s'",
                               cases[i].comparison));
        int removed = touched_as("mnemos_analytics", role, account, text_of("DELETE FROM %s", where));
        ck_assert_msg(seen == cases[i].see && (changed == 1) == cases[i].change && removed == cases[i].remove,
                      "case %zu, %s: seen %d, changed %d, removed %d", i, role ? role : "nothing said", seen, changed,
                      removed);
    }
}
END_TEST

static int comparison_as(const char *role, const char *tumour)
{
    return touched_as(
        "mnemos_analytics", role, new_id(),
        text_of("INSERT INTO analytics.treatment_comparison (tumour_id, outcome, verdict, request, cohort,"
                " answer) VALUES (%s, 'death', 'insufficient_evidence', '{}', '{}', '{}')",
                tumour ? text_of("'%s'", tumour) : "NULL"));
}

START_TEST(researchers_compare_for_nobody_and_others_not_at_all)
{
    ck_assert_int_eq(comparison_as("healthpro", new_id()), 1);
    ck_assert_int_eq(comparison_as("researcher", NULL), 1);
    ck_assert_int_eq(comparison_as("researcher", new_id()), -1);
    ck_assert_int_eq(comparison_as("patient", NULL), -1);
    ck_assert_int_eq(comparison_as("client people:write", new_id()), -1);
    ck_assert_int_eq(
        touched_as("mnemos_analytics", "healthpro", new_id(),
                   text_of("INSERT INTO analytics.treatment_comparison (owner_id) VALUES ('%s')", new_id())),
        -1);
    ck_assert_int_eq(touched_as("mnemos_users", "healthpro", new_id(), "SELECT FROM users.tumour_cohort(NULL, 1)"), -1);
}
END_TEST

int main(void)
{
    return API_TESTS(NULL, postgresql_shows_and_changes_only_records_of_the_caller,
                     without_a_condition_the_same_few_are_found, newcomers_make_the_record_of_themselves_and_no_other,
                     professionals_and_administrators_see_tumours_and_analytics_sees_no_names,
                     accounts_are_seen_by_their_own_and_by_administrators_as_far_as_they_manage_them,
                     clients_are_managed_by_administrators_and_their_hashes_read_by_nobody,
                     comparisons_for_patients_are_the_clinics_and_others_belong_to_their_owner,
                     researchers_compare_for_nobody_and_others_not_at_all,
                     services_own_nothing_and_cannot_go_round_the_policies,
                     every_table_that_a_service_can_read_is_guarded_or_holds_nothing_of_people,
                     functions_that_act_as_their_owner_fix_their_search_path_and_are_not_public,
                     the_users_service_makes_changes_and_removes_accounts_of_people_only,
                     the_auth_service_ends_sessions_and_does_not_prolong_them,
                     services_add_entries_to_the_access_log_and_can_do_nothing_else_to_it);
}
