/* The operations port: alive, ready, and in figures. */
#include "services/analytics/analytics.h"
#include "tests/support/api.h"
#include "tests/support/wait.h"

#include <regex.h>
#include <string.h>

static struct reply ops_get(const char *path)
{
    return api_call((struct call){.method = "GET", .path = path, .port = api_ops_port()});
}

static bool ready(void)
{
    REPLY r = ops_get("/readyz");
    return r.status == 200;
}

/* Is that member of /readyz, and readiness with it, gone? */
static bool failed(const char *check)
{
    REPLY r = ops_get("/readyz");
    const char *state = text_at(&r, check);
    return r.status == 503 && state && strcmp(state, "failed") == 0;
}

START_TEST(readyz_names_what_it_has_checked)
{
    static const char *const checks[] = {"database", "schema", "service", "signing_keys", "serving"};
    REPLY r = ops_get("/readyz");
    ck_reply(&r, 200, "status", "ready");
    for (size_t i = 0; i < COUNT(checks); i++)
        ck_reply(&r, 200, checks[i], "ok");
    ck_assert_str_eq(header_of(&r, "Content-Type"), "application/json");
}
END_TEST

START_TEST(a_lost_database_is_no_reason_to_restart_but_to_send_nobody)
{
    database_reachable(false);
    WAIT_UNTIL(failed("database"));
    REPLY alive = ops_get("/livez");
    ck_assert_int_eq(alive.status, 200);
    ck_assert_str_eq(alive.body, "ok\n");
    database_reachable(true);
    WAIT_UNTIL(ready());
}
END_TEST

START_TEST(a_service_is_ready_when_the_newest_change_it_needs_is_there)
{
    struct service newer = analytics_service;
    newer.migration = "analytics/of_tomorrow";
    newer.settings = NULL; /* they are read once in a process, and this one shares them */
    struct service_handle *handle = service_open(&newer);
    struct call ask = {.method = "GET", .path = "/readyz", .port = service_ops_port(handle)};
    REPLY before = api_call(ask);
    ck_reply(&before, 503, "status", "not ready");
    ck_reply(&before, 503, "database", "ok");
    ck_reply(&before, 503, "schema", "failed");
    sql_value("INSERT INTO sqitch.changes (change_id, script_hash, change, project, note, committed_at, committer_name,"
              " committer_email, planned_at, planner_name, planner_email) SELECT 'tomorrow', 'tomorrow', '%s', project,"
              " note, now(), '', '', now(), '', '' FROM sqitch.changes LIMIT 1",
              newer.migration);
    WAIT_UNTIL(({
        REPLY r = api_call(ask);
        r.status == 200;
    }));
    sql_value("DELETE FROM sqitch.changes WHERE change_id = 'tomorrow'");
    service_close(handle);
}
END_TEST

START_TEST(without_a_key_to_check_tokens_with_a_service_is_not_ready)
{
    sql_value("CREATE TEMP TABLE kept AS SELECT * FROM auth.signing_key; DELETE FROM auth.signing_key");
    WAIT_UNTIL(failed("signing_keys"));
    REPLY anybody = api_get(AS_NEUROLOGIST, "/api/v1/mmse/distribution");
    ck_reply(&anybody, 503, "detail", "The service is starting.");
    ck_assert_ptr_nonnull(header_of(&anybody, "Retry-After"));
    sql_value("INSERT INTO auth.signing_key SELECT * FROM kept; DROP TABLE kept");
    WAIT_UNTIL(ready());
    REPLY again = api_get(AS_NEUROLOGIST, "/api/v1/mmse/distribution");
    ck_assert_int_eq(again.status, 200);
}
END_TEST

static void ck_line(const char *line)
{
    static const char *const forms[] = {
        "^# HELP [a-z_]+ .+$", "^# TYPE [a-z_]+ (counter|gauge|histogram)$",
        R"(^[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? [0-9]+(\.[0-9]+)?(e[+-][0-9]+)?$)"};
    bool good = false;
    for (size_t i = 0; i < COUNT(forms); i++) {
        regex_t form;
        ck_assert_int_eq(regcomp(&form, forms[i], REG_EXTENDED | REG_NOSUB), 0);
        good |= regexec(&form, line, 0, NULL, 0) == 0;
        regfree(&form);
    }
    ck_assert_msg(good, "no line of metrics: %s", line);
}

START_TEST(metrics_are_lines_that_a_scraper_reads)
{
    REPLY some = api_get(AS_NEUROLOGIST, "/api/v1/mmse/distribution"), r = ops_get("/metrics");
    ck_assert_int_eq(some.status, 200);
    ck_assert_int_eq(r.status, 200);
    ck_assert_str_eq(header_of(&r, "Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
    ck_assert_int_eq(r.body[r.size - 1], '\n');
    char *rest, *lines = text_of("%s", r.body);
    for (char *line = strtok_r(lines, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
        ck_line(line);
}
END_TEST

START_TEST(metrics_count_requests_connections_and_memory)
{
    static const char counted[] =
        R"(mnemos_http_requests_total{method="GET",route="/api/v1/mmse/distribution",status="401"})";
    REPLY one = api_get(ANONYMOUSLY, "/api/v1/mmse/distribution");
    double before = api_metric(counted);
    REPLY two = api_get(ANONYMOUSLY, "/api/v1/mmse/distribution");
    ck_assert_int_eq(one.status + two.status, 401 + 401);
    ck_assert_double_eq(api_metric(counted), before + 1);
    ck_assert_double_ge(api_metric(R"(mnemos_database_connections{state="allowed"})"),
                        api_metric(R"(mnemos_database_connections{state="open"})"));
    ck_assert_double_gt(api_metric("process_resident_memory_bytes"), 1e6);
    ck_assert_double_gt(api_metric("process_start_time_seconds"), 1.7e9);
}
END_TEST

START_TEST(there_is_nothing_else_on_the_operations_port)
{
    static const char *const paths[] = {"/", "/metrics/", "/readyz/x", "/api/v1/mmse/distribution"};
    for (size_t i = 0; i < COUNT(paths); i++) {
        REPLY r = ops_get(paths[i]);
        ck_assert_int_eq(r.status, 404);
    }
}
END_TEST

int main(void)
{
    return API_TESTS(&analytics_service, readyz_names_what_it_has_checked,
                     a_lost_database_is_no_reason_to_restart_but_to_send_nobody,
                     a_service_is_ready_when_the_newest_change_it_needs_is_there,
                     without_a_key_to_check_tokens_with_a_service_is_not_ready, metrics_are_lines_that_a_scraper_reads,
                     metrics_count_requests_connections_and_memory, there_is_nothing_else_on_the_operations_port);
}
