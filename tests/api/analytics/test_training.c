/* A worker that is killed while it trains: the model is trained all the same, and once. */
#include "services/analytics/analytics.h"
#include "tests/api/analytics/clinic.h"

#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t worker_spawn(void)
{
    pid_t pid;
    char *argv[] = {text_of("%s/mnemos-analytics-worker", BIN_DIR), NULL};
    ck_assert_int_eq(posix_spawn(&pid, argv[0], NULL, NULL, argv, environ), 0);
    return pid;
}

static void worker_end(pid_t pid, int signal_number)
{
    int how;
    kill(pid, signal_number);
    ck_assert_int_eq(waitpid(pid, &how, 0), pid);
}

static bool is_in_the_midst(const char *task)
{
    return strcmp(sql_value("SELECT (state = 'executing')::text FROM shared.task WHERE id = '%s'", task), "true") == 0;
}

START_TEST(the_training_of_a_killed_worker_is_finished_once_by_another_worker)
{
    clinic_make();
    REPLY accepted = api_post(researcher, "/api/v1/models", "%s", R"({"name": "Twice begun", "method": "forest"})");
    ck_reply(&accepted, 202, "state", "pending");
    const char *task = kept_at(&accepted, "task_id");
    pid_t first = worker_spawn();
    WAIT_UNTIL(is_in_the_midst(task));
    worker_end(first, SIGKILL);
    ck_assert_str_eq(sql_value("SELECT count(*) FROM analytics.model"), "0");
    sql_value("UPDATE shared.task SET lease_until = now() WHERE id = '%s'", task); /* instead of waiting for it */
    pid_t second = worker_spawn();
    const char *path = outcome_of(researcher, &accepted);
    worker_end(second, SIGTERM);
    REPLY model = api_get(researcher, "%s", path);
    ck_reply(&model, 200, "name", "Twice begun");
    ck_assert_str_eq(sql_value("SELECT count(*) FROM analytics.model"), "1");
    ck_assert_str_eq(sql_value("SELECT attempts FROM shared.task WHERE id = '%s'", task), "2");
}
END_TEST

int main(void)
{
    setenv("OPS_PORT", "0", 1);
    return API_TESTS(&analytics_service, the_training_of_a_killed_worker_is_finished_once_by_another_worker);
}
