#include "tests/api/ctl/mnemosctl.h"
#include "tests/support/wait.h"

#include <signal.h>

#define PASSWORD "the password of everybody"

/* Every scene begins without people. */
static void empty(void)
{
    setenv("DEMO_PASSWORD", PASSWORD, 1);
    ck_done(CTL("rebuild", "--people", "0", "--yes"));
}

static long number(const char *sql)
{
    return strtol(sql_value("%s", sql), NULL, 10);
}

static const char *everything(void)
{
    return sql_value("SELECT md5(string_agg(p::text, ',' ORDER BY id)) FROM (SELECT id, name, status, specialty, "
                     "birth_date, mmse, caregiver_id FROM users.person) p");
}

START_TEST(generate_makes_the_shares_exactly)
{
    empty();
    ck_done(CTL("generate", "--people", "10000", "--seed", "3"));
    ck_assert_str_eq(sql_value("SELECT string_agg(n || ' ' || coalesce(specialty, status), ', ' ORDER BY n) FROM "
                               "(SELECT status, specialty, count(*) n FROM users.person GROUP BY 1, 2) groups"),
                     "300 neurologist, 500 psychologist, 700 general, 2500 caregiver, 6000 patient");
    ck_assert_int_eq(number("SELECT max(n) - min(n) FROM (SELECT count(*) n FROM users.person "
                            "WHERE status = 'patient' GROUP BY caregiver_id) loads"),
                     1);
    ck_assert_int_eq(number("SELECT count(*) FROM users.person WHERE extract(year FROM age(birth_date)) "
                            "NOT BETWEEN 25 AND 90 OR mmse NOT BETWEEN 5 AND 30"),
                     0);
}
END_TEST

static const char *all_tumours(void)
{
    return sql_value("SELECT md5(string_agg(t::text, ',' ORDER BY id)) FROM (SELECT id, first_name, uicc, treatment, "
                     "overall_survival_months FROM users.tumour) t");
}

START_TEST(generate_makes_assessments_that_end_with_the_patients_score)
{
    empty();
    ck_done(CTL("generate", "--people", "4000", "--seed", "3"));
    ck_assert_int_eq(number("SELECT count(*) FROM users.person WHERE status = 'patient' AND"
                            " mmse IS DISTINCT FROM users.latest_mmse(id)"),
                     0);
    ck_assert_str_eq(sql_value("SELECT min(n) || ' ' || max(n) || ' ' || count(*) FROM"
                               " (SELECT count(*) AS n FROM users.assessment GROUP BY patient_id) v"),
                     "1 8 2400");
    ck_assert_int_eq(number("SELECT count(*) FROM users.assessment WHERE assessed_on >= date_trunc('year', now())"), 0);
    ck_assert_int_eq(number("SELECT count(*) FROM users.person WHERE status = 'patient' AND"
                            " (sex IS NULL OR schooling_years IS NULL)"),
                     0);
    ck_assert_int_eq(number("SELECT count(*) FROM pg_trigger WHERE tgenabled = 'D'"), 0);
    sql_value("UPDATE users.person SET mmse = 1 WHERE name = 'Paula Patient'");
    ck_assert_int_eq(number("SELECT a.mmse FROM users.assessment a JOIN users.person p ON p.id = a.patient_id"
                            " WHERE p.name = 'Paula Patient' ORDER BY assessed_on DESC, number DESC LIMIT 1"),
                     1);
}
END_TEST

START_TEST(generate_makes_tumour_records_too_and_rebuild_replaces_them)
{
    empty();
    ck_done(CTL("generate", "--people", "100", "--seed", "3"));
    ck_assert_int_eq(number("SELECT count(*) FROM users.tumour"), 3);
    ck_refused(CTL("rebuild", "--people", "5"), "This deletes all 103 people of the database mnemos_test_");
    ck_done(CTL("rebuild", "--people", "5", "--tumours", "40", "--seed", "3", "--yes"));
    const char *first = all_tumours();
    ck_assert_int_eq(number("SELECT count(*) FROM users.tumour"), 40);
    ck_done(CTL("rebuild", "--people", "5", "--tumours", "40", "--seed", "3", "--yes"));
    ck_assert_str_eq(all_tumours(), first);
    ck_done(CTL("rebuild", "--people", "5", "--tumours", "0", "--yes"));
    ck_assert_int_eq(number("SELECT count(*) FROM users.tumour"), 0);
}
END_TEST

START_TEST(generate_makes_an_account_for_everybody_with_the_one_password)
{
    empty();
    ck_done(CTL("generate", "--people", "500"));
    ck_assert_int_eq(number("SELECT count(*) FROM auth.account a JOIN users.person p USING (id, name) WHERE "
                            "a.role = p.status AND a.specialty IS NOT DISTINCT FROM p.specialty"),
                     500);
    ck_assert_int_eq(number("SELECT count(DISTINCT password_hash) FROM auth.account WHERE role = 'patient'"), 1);
    ck_assert(opens("Dr. Ada Neuro", PASSWORD));
    ck_assert(!opens("Paula Patient", "another password"));
}
END_TEST

START_TEST(generate_knows_three_by_name)
{
    empty();
    ck_done(CTL("generate", "--people", "100"));
    ck_assert_str_eq(sql_value("SELECT specialty FROM users.person WHERE name = 'Dr. Ada Neuro'"), "neurologist");
    ck_assert_str_eq(sql_value("SELECT c.name || ' ' || p.mmse || ' ' || extract(year FROM age(p.birth_date)) FROM "
                               "users.person p JOIN users.person c ON c.id = p.caregiver_id "
                               "WHERE p.name = 'Paula Patient'"),
                     "Carl Caregiver 22 72");
}
END_TEST

START_TEST(generate_keeps_the_tallies_right)
{
    empty();
    ck_done(CTL("generate", "--people", "1000"));
    ck_assert_str_eq(sql_value("SELECT string_agg(status || ' ' || people, ', ' ORDER BY status) FROM "
                               "users.person_tally"),
                     "caregiver 250, healthpro 150, patient 600");
    ck_assert_int_eq(number("SELECT sum(at_least[1]) FROM users.mmse_tally WHERE birth_year > 0"), 600);
}
END_TEST

START_TEST(generate_gives_the_same_rows_for_the_same_seed)
{
    empty();
    ck_done(CTL("generate", "--people", "2000", "--seed", "11"));
    const char *first = everything();
    ck_done(CTL("rebuild", "--people", "2000", "--seed", "11", "--yes"));
    ck_assert_str_eq(everything(), first);
    ck_done(CTL("rebuild", "--people", "2000", "--seed", "12", "--yes"));
    ck_assert_str_ne(everything(), first);
}
END_TEST

START_TEST(generate_refuses_a_database_with_people)
{
    empty();
    ck_done(CTL("generate", "--people", "10"));
    const char *before = everything();
    ck_refused(CTL("generate", "--people", "10"), "already holds 10 people; mnemosctl rebuild replaces them");
    ck_assert_str_eq(everything(), before);
}
END_TEST

START_TEST(generate_invents_a_password_and_shows_it_once)
{
    empty();
    unsetenv("DEMO_PASSWORD");
    struct outcome o = CTL("generate", "--people", "20");
    ck_done(o);
    const char *shown = strstr(o.said, "shown only here: ");
    ck_assert_msg(shown != NULL, "%s", o.said);
    char password[64];
    ck_assert_int_eq(sscanf(shown, "shown only here: %63s", password), 1);
    ck_assert(opens("Paula Patient", password));
}
END_TEST

START_TEST(generate_takes_the_password_from_a_file)
{
    empty();
    const char *path = text_of("/tmp/mnemos-test-password-%d", (int)getpid());
    FILE *file = fopen(path, "we");
    fputs("the password in the file\n", file);
    fclose(file);
    struct outcome o = CTL("generate", "--people", "20", "--password-file", path);
    unlink(path);
    ck_done(o);
    ck_assert_msg(!strstr(o.said, "in the file"), "a given password is not repeated");
    ck_assert(opens("Carl Caregiver", "the password in the file"));
}
END_TEST

START_TEST(generate_refuses_what_it_cannot_do)
{
    empty();
    ck_refused(CTL("generate", "--people", "-1"), "--people must be a whole number from 0 to 10000000.");
    ck_refused(CTL("generate", "--seed=x"), "--seed must be a whole number");
    ck_refused(CTL("generate", "--people"), "--people needs a value.");
    ck_refused(CTL("generate", "--yes"), "'--yes' is no option of this command.");
    ck_refused(CTL("generate", "all"), "'all' is one argument too many.");
    ck_refused(CTL("generate", "--password-file", "/nowhere/at/all"), "cannot be read");
    setenv("DEMO_PASSWORD", "too short", 1);
    ck_refused(CTL("generate"), "The password must have 12 to 128 characters.");
    ck_assert_int_eq(number("SELECT count(*) FROM users.person"), 0);
}
END_TEST

START_TEST(generate_leaves_nothing_when_a_name_is_taken)
{
    empty();
    sql_value("INSERT INTO auth.account (id, name, role, password_hash) VALUES (gen_random_uuid(), 'PAULA patient', "
              "'admin', 'x') RETURNING id");
    ck_refused(CTL("generate", "--people", "100"), "An account of that name is already there");
    sql_value("DELETE FROM auth.account WHERE role = 'admin'");
    ck_assert_int_eq(number("SELECT (SELECT count(*) FROM auth.account) + (SELECT count(*) FROM users.person)"), 0);
}
END_TEST

/* The row that comes after some hundred others waits for a lock that the test holds. */
static void hold_a_row_in_the_middle(void)
{
    sql_value("CREATE SEQUENCE public.row_number; GRANT USAGE ON SEQUENCE public.row_number TO PUBLIC;"
              " CREATE FUNCTION public.hold() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
              "  IF nextval('public.row_number') = 500 THEN PERFORM pg_advisory_xact_lock(500); END IF;"
              "  RETURN NEW; END $$;"
              " CREATE TRIGGER hold BEFORE INSERT ON users.person FOR EACH ROW EXECUTE FUNCTION public.hold();"
              " SELECT pg_advisory_lock(500)");
}

static void let_go(void)
{
    sql_value("SELECT pg_advisory_unlock(500)");
}

/* Killed while rows are on their way; the server notices and takes all of them back. */
START_TEST(generate_killed_in_the_middle_leaves_nothing)
{
    static const char held[] = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND "
                               "application_name = 'mnemosctl' AND wait_event = 'advisory'";
    static const char gone[] = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND "
                               "application_name = 'mnemosctl'";
    int reads;
    empty();
    hold_a_row_in_the_middle();
    const char *const words[] = {"generate", "--people", "100000", NULL};
    pid_t child = ctl_start(words, "", &reads);
    WAIT_UNTIL(*sql_value(held) != '0');
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    close(reads);
    let_go();
    WAIT_UNTIL(*sql_value(gone) == '0');
    sql_value("DROP TRIGGER hold ON users.person");
    ck_assert_int_eq(number("SELECT (SELECT count(*) FROM auth.account) + (SELECT count(*) FROM users.person)"), 0);
}
END_TEST

START_TEST(rebuild_asks_first)
{
    empty();
    ck_done(CTL("generate", "--people", "10"));
    ck_refused(CTL("rebuild", "--people", "5"), "This deletes all 10 people of the database mnemos_test_");
    ck_assert_int_eq(number("SELECT count(*) FROM users.person"), 10);
}
END_TEST

START_TEST(rebuild_replaces_people_and_keeps_administrators)
{
    empty();
    ck_done(CTL("generate", "--people", "50"));
    ck_done(CTL_TYPED("the admin's password\n", "create-admin", "Grace Hopper"));
    sql_value("UPDATE users.person SET mmse = 3 WHERE name = 'Paula Patient'");
    ck_assert_int_eq(number("SELECT count(*) FROM users.person_version"), 1);
    ck_done(CTL("rebuild", "--people", "20", "--seed", "9", "--yes"));
    ck_assert_int_eq(number("SELECT count(*) FROM users.person"), 20);
    ck_assert_int_eq(number("SELECT count(*) FROM users.person_version"), 0);
    ck_assert_int_eq(number("SELECT count(*) FROM auth.account"), 21);
    ck_assert_int_eq(number("SELECT sum(people) FROM users.person_tally"), 20);
    ck_assert(opens("Grace Hopper", "the admin's password"));
    sql_value("DELETE FROM auth.account WHERE role = 'admin'");
}
END_TEST

START_TEST(rebuild_ends_the_sessions_of_people)
{
    empty();
    ck_done(CTL("generate", "--people", "20"));
    const char *session = new_id();
    sql_value("INSERT INTO auth.session (id, account_id, expires_at) SELECT '%s', id, now() + interval '1 hour' FROM "
              "auth.account WHERE name = 'Paula Patient'",
              session);
    ck_done(CTL("rebuild", "--people", "20", "--yes"));
    ck_assert_str_eq(
        sql_value("SELECT ended_at IS NOT NULL AND account_id IS NULL FROM auth.session WHERE id = '%s'", session),
        "t");
}
END_TEST

int main(void)
{
    return API_TESTS(
        NULL, generate_makes_the_shares_exactly, generate_makes_assessments_that_end_with_the_patients_score,
        generate_makes_tumour_records_too_and_rebuild_replaces_them,
        generate_makes_an_account_for_everybody_with_the_one_password, generate_knows_three_by_name,
        generate_keeps_the_tallies_right, generate_gives_the_same_rows_for_the_same_seed,
        generate_refuses_a_database_with_people, generate_invents_a_password_and_shows_it_once,
        generate_takes_the_password_from_a_file, generate_refuses_what_it_cannot_do,
        generate_leaves_nothing_when_a_name_is_taken, generate_killed_in_the_middle_leaves_nothing, rebuild_asks_first,
        rebuild_replaces_people_and_keeps_administrators, rebuild_ends_the_sessions_of_people);
}
