/* mnemosctl access-log: what was tampered with is found and named. */
#include "services/auth/auth.h"
#include "tests/api/ctl/mnemosctl.h"
#include "tests/support/wait.h"

#define ALL_SEALED \
    (strcmp(sql_value("SELECT count(*) FROM auth.access_log WHERE transaction >=" \
                      " (SELECT coalesce(max(end_transaction), 0) FROM auth.access_seal)"), \
            "0") == 0)

static const char *enter(const char *at)
{
    return sql_value("INSERT INTO auth.access_log (at, subject_id, object, outcome, action)"
                     " VALUES (%s, gen_random_uuid(), 'person', 'read', 'person.read') RETURNING id",
                     at);
}

/* Three entries behind a seal; their ids. */
static void seal_three(const char *ids[3])
{
    for (int i = 0; i < 3; i++)
        ids[i] = enter("now()");
    WAIT_UNTIL(ALL_SEALED);
}

static struct outcome verify(void)
{
    return CTL("access-log", "verify");
}

/* Finds it, and nothing else once it is put right again. */
static void ck_found(const char *tamper, const char *sentence, const char *mend)
{
    ck_done(verify());
    sql_value("%s", tamper);
    struct outcome o = verify();
    ck_refused(o, sentence);
    ck_refused(o, "The access log is not as it was sealed: 1 findings.");
    sql_value("%s", mend);
    ck_done(verify());
}

START_TEST(verify_says_that_all_is_as_it_was_sealed)
{
    const char *ids[3];
    seal_three(ids);
    struct outcome o = verify();
    ck_done(o);
    ck_assert_msg(strstr(o.said, " seals are as they were sealed.") && strstr(o.said, "The newest seal is "), "%s",
                  o.said);
}
END_TEST

START_TEST(verify_names_an_entry_that_was_changed)
{
    const char *ids[3];
    static const char *const changes[][2] = {
        {"action = 'nothing'", "action = 'person.read'"},
        {"actor_id = gen_random_uuid()", "actor_id = NULL"},
        {"address = '192.0.2.1'", "address = NULL"},
        {"outcome = 'absent'", "outcome = 'read'"},
        {"at = at + interval '1 microsecond'", "at = at - interval '1 microsecond'"}};
    seal_three(ids);
    for (size_t i = 0; i < COUNT(changes); i++)
        ck_found(text_of("UPDATE auth.access_log SET %s WHERE id = %s", changes[i][0], ids[1]),
                 text_of("Entry %s was changed; seal ", ids[1]),
                 text_of("UPDATE auth.access_log SET %s WHERE id = %s", changes[i][1], ids[1]));
}
END_TEST

START_TEST(verify_names_an_entry_that_was_removed)
{
    const char *ids[3];
    seal_three(ids);
    sql_value("CREATE TABLE IF NOT EXISTS public.removed AS SELECT * FROM auth.access_log WHERE false");
    ck_found(text_of("WITH gone AS (DELETE FROM auth.access_log WHERE id = %s RETURNING *)"
                     " INSERT INTO public.removed SELECT * FROM gone",
                     ids[0]),
             text_of("Entry %s was removed; seal ", ids[0]),
             text_of("INSERT INTO auth.access_log OVERRIDING SYSTEM VALUE SELECT * FROM public.removed WHERE id = %s",
                     ids[0]));
}
END_TEST

START_TEST(verify_names_an_entry_that_was_inserted_behind_a_seal)
{
    const char *ids[3];
    seal_three(ids);
    ck_found(text_of("INSERT INTO auth.access_log (id, transaction, object, outcome) OVERRIDING SYSTEM VALUE"
                     " SELECT 900000000, transaction, 'person', 'read' FROM auth.access_log WHERE id = %s",
                     ids[2]),
             "Entry 900000000 was inserted behind seal ", "DELETE FROM auth.access_log WHERE id = 900000000");
}
END_TEST

START_TEST(verify_names_an_entry_that_was_inserted_in_another_month)
{
    const char *ids[3];
    seal_three(ids);
    ck_found(text_of("INSERT INTO auth.access_log (id, transaction, at, object, outcome) OVERRIDING SYSTEM VALUE"
                     " SELECT 900000001, transaction, now() - interval '70 days', 'person', 'read'"
                     " FROM auth.access_log WHERE id = %s",
                     ids[2]),
             "Entry 900000001 was inserted where no seal covers it.",
             "DELETE FROM auth.access_log WHERE id = 900000001");
}
END_TEST

START_TEST(verify_names_seals_that_were_changed_or_removed)
{
    const char *ids[3];
    seal_three(ids);
    seal_three(ids);
    const char *last = sql_value("SELECT max(number) FROM auth.access_seal");
    ck_found(text_of("UPDATE auth.access_seal SET sealed_at = sealed_at + interval '1 hour' WHERE number = %s", last),
             text_of("Seal %s was changed.", last),
             text_of("UPDATE auth.access_seal SET sealed_at = sealed_at - interval '1 hour' WHERE number = %s", last));
}
END_TEST

START_TEST(a_chain_made_with_another_key_does_not_fit)
{
    const char *ids[3];
    seal_three(ids);
    setenv("SIGNING_KEY_SECRET", "ff112233445566778899aabbccddeeff00112233445566778899aabbccddeeff", 1);
    struct outcome o = verify();
    setenv("SIGNING_KEY_SECRET", "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff", 1);
    ck_refused(o, "SIGNING_KEY_SECRET is another one");
}
END_TEST

START_TEST(a_log_whose_end_was_cut_off_is_known_by_a_seal_that_was_written_down)
{
    const char *ids[3];
    seal_three(ids);
    struct outcome o = verify();
    ck_done(o);
    char *newest = strstr(o.said, "The newest seal is ");
    ck_assert_ptr_nonnull(newest);
    const char *expected = text_of("%.*s", (int)strcspn(newest + 19, "\n"), newest + 19);
    ck_done(CTL("access-log", "verify", "--expect", expected));
    ck_refused(CTL("access-log", "verify", "--expect", text_of("9%s", expected)), "the end of the log was cut off");
    ck_refused(CTL("access-log", "verify", "--expect", text_of("%s0", expected)), "is not the one that is expected");
    ck_refused(CTL("access-log", "verify", "--expect", "nonsense"), "NUMBER:SEAL");
}
END_TEST

START_TEST(an_export_has_the_entries_asked_for_and_is_entered_itself)
{
    const char *ids[3];
    seal_three(ids);
    const char *person = sql_value("SELECT subject_id FROM auth.access_log WHERE id = %s", ids[1]);
    struct outcome o = CTL("access-log", "export", "--person", person);
    ck_done(o);
    ck_assert_msg(strstr(o.said, text_of(R"("id":%s,)", ids[1])) && !strstr(o.said, text_of(R"("id":%s,)", ids[2])),
                  "%s", o.said);
    json_t *line = json_loads(o.said, JSON_DISABLE_EOF_CHECK, NULL);
    ck_assert_str_eq(json_string_value(json_object_get(line, "subject_id")), person);
    json_decref(line);
    ck_assert_str_eq(sql_value("SELECT role || ' ' || outcome FROM auth.access_log WHERE action = 'access_log.export'"
                               " AND subject_id = '%s'",
                               person),
                     "operator read");
    ck_refused(CTL("access-log", "export", "--from", "'; DROP TABLE x"), "--from takes a date");
    ck_refused(CTL("access-log", "export", "--person", "me"), "--person takes the id");
    struct outcome none = CTL("access-log", "export", "--until", "2001-01-01");
    ck_done(none);
    ck_assert_str_eq(none.said, "");
}
END_TEST

START_TEST(months_that_were_let_go_are_gone_and_the_rest_still_fits)
{
    sql_value("CREATE TABLE auth.access_log_2020_01 PARTITION OF auth.access_log"
              " FOR VALUES FROM ('2020-01-01') TO ('2020-02-01')");
    const char *old = enter("'2020-01-15'"), *ids[3];
    seal_three(ids);
    ck_done(verify());
    struct outcome o = CTL("access-log", "expire", "--keep-months", "12");
    ck_done(o);
    ck_assert_ptr_nonnull(strstr(o.said, ": 1 months."));
    ck_assert_str_eq(sql_value("SELECT count(*) FROM auth.access_log WHERE id = %s", old), "0");
    ck_assert_str_eq(sql_value("SELECT count(*) FROM auth.access_log WHERE id = %s", ids[0]), "1");
    WAIT_UNTIL(ALL_SEALED);
    struct outcome after = verify();
    ck_done(after);
    ck_assert_ptr_nonnull(strstr(after.said, "were let go."));
    ck_refused(CTL("access-log", "expire"), "Say how many months to keep");
    ck_refused(CTL("access-log", "expire", "--keep-months", "0"), "whole number from 1");
    ck_refused(CTL("access-log"), "verify, export or expire");
}
END_TEST

int main(void)
{
    setenv("SIGNING_KEY_SECRET", "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff", 1);
    return API_TESTS(&auth_service, verify_says_that_all_is_as_it_was_sealed, verify_names_an_entry_that_was_changed,
                     verify_names_an_entry_that_was_removed, verify_names_an_entry_that_was_inserted_behind_a_seal,
                     verify_names_an_entry_that_was_inserted_in_another_month,
                     verify_names_seals_that_were_changed_or_removed, a_chain_made_with_another_key_does_not_fit,
                     a_log_whose_end_was_cut_off_is_known_by_a_seal_that_was_written_down,
                     an_export_has_the_entries_asked_for_and_is_entered_itself,
                     months_that_were_let_go_are_gone_and_the_rest_still_fits);
}
