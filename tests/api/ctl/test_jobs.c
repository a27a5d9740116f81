/* mnemosctl jobs: what an operator sees of tasks and does with them. */
#include "tests/api/ctl/mnemosctl.h"

static const char *task_make(const char *state, const char *more)
{
    bool ended = strcmp(state, "error") == 0 || strcmp(state, "finished") == 0, runs = strcmp(state, "executing") == 0;
    const char *id = new_id();
    sql_value("INSERT INTO shared.task (id, service, kind, state, input, attempts, max_attempts, lease, lease_until,"
              " ended_at, report) VALUES ('%s', 'mnemos_analytics', 'test.%s', '%s', '{}', 2, 3, %s, %s, %s, %s)",
              id, more, state, runs ? "gen_random_uuid()" : "NULL", runs ? "now()" : "NULL", ended ? "now()" : "NULL",
              strcmp(state, "error") == 0 ? R"('{"title": "Broken", "detail": "beyond repair"}')" : "NULL");
    return id;
}

static const char *state_of(const char *id)
{
    return sql_value("SELECT state || ' ' || attempts || ' ' || cancel_requested::text FROM shared.task"
                     " WHERE id = '%s'",
                     id);
}

START_TEST(tasks_are_listed_with_why_they_have_failed)
{
    const char *failed = task_make("error", "list"), *waits = task_make("pending", "list");
    struct outcome all = CTL("jobs", "list"), errors = CTL("jobs", "list", "--state", "error", "--kind", "test.list");
    ck_done(all);
    ck_assert(strstr(all.said, failed) && strstr(all.said, waits));
    ck_done(errors);
    ck_assert(strstr(errors.said, failed) && !strstr(errors.said, waits));
    ck_assert_msg(strstr(errors.said, "test.list  2/3") && strstr(errors.said, "Broken: beyond repair"), "%s",
                  errors.said);
    ck_refused(CTL("jobs", "list", "--limit", "0"), "--limit");
}
END_TEST

START_TEST(a_failed_task_is_tried_again_from_the_start)
{
    const char *id = task_make("error", "again"), *done = task_make("finished", "again");
    ck_done(CTL("jobs", "replay", id));
    ck_assert_str_eq(state_of(id), "pending 0 false");
    ck_refused(CTL("jobs", "replay", id), "No task of that id has failed");
    ck_refused(CTL("jobs", "replay", done), "No task of that id has failed");
    ck_refused(CTL("jobs", "replay", new_id()), "No task of that id has failed");
}
END_TEST

START_TEST(all_that_have_failed_are_tried_again_also_of_one_kind)
{
    const char *one = task_make("error", "some"), *other = task_make("error", "others");
    ck_done(CTL("jobs", "replay", "--all", "--kind", "test.some"));
    ck_assert_str_eq(state_of(one), "pending 0 false");
    ck_assert_str_eq(state_of(other), "error 2 false");
    ck_done(CTL("jobs", "replay", "--all"));
    ck_assert_str_eq(state_of(other), "pending 0 false");
}
END_TEST

START_TEST(a_task_is_cancelled_at_once_or_its_worker_told)
{
    const char *waits = task_make("pending", "stop"), *runs = task_make("executing", "stop");
    struct outcome at_once = CTL("jobs", "cancel", waits), told = CTL("jobs", "cancel", runs);
    ck_done(at_once);
    ck_assert_ptr_nonnull(strstr(at_once.said, "is cancelled"));
    ck_assert_str_eq(state_of(waits), "cancelled 2 false");
    ck_done(told);
    ck_assert_ptr_nonnull(strstr(told.said, "its worker is told to stop"));
    ck_assert_str_eq(state_of(runs), "executing 2 true");
    ck_refused(CTL("jobs", "cancel", new_id()), "no task of that id");
}
END_TEST

START_TEST(other_words_than_commands_and_ids_are_refused)
{
    ck_refused(CTL("jobs"), "list, replay or cancel");
    ck_refused(CTL("jobs", "forget"), "list, replay or cancel");
    ck_refused(CTL("jobs", "replay"), "Say which");
    ck_refused(CTL("jobs", "replay", "all"), "Say which");
    ck_refused(CTL("jobs", "replay", new_id(), "--all"), "Say which");
    ck_refused(CTL("jobs", "cancel", "this one"), "Say which");
}
END_TEST

int main(void)
{
    return API_TESTS(NULL, tasks_are_listed_with_why_they_have_failed, a_failed_task_is_tried_again_from_the_start,
                     all_that_have_failed_are_tried_again_also_of_one_kind,
                     a_task_is_cancelled_at_once_or_its_worker_told, other_words_than_commands_and_ids_are_refused);
}
