/* A service as the program that an operator starts, asks and stops. */
#include "services/analytics/analytics.h"
#include "tests/support/api.h"
#include "tests/support/program.h"
#include "tests/support/wait.h"

#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROGRAM BIN_DIR "/mnemos-analytics"

/* Both outputs and the exit code of a short run. */
static char *run(const char *program, const char *environment, const char *option, int *out_how)
{
    static char text[8000];
    FILE *f = popen(text_of("%s timeout %d '%s' %s 2>&1", environment, WAIT_MAX_S, program, option), "r");
    text[fread(text, 1, sizeof text - 1, f)] = '\0';
    *out_how = pclose(f);
    return text;
}

/* It has to fail or succeed as told. */
static char *said_by(const char *program, const char *environment, const char *option, bool good)
{
    int how;
    char *text = run(program, environment, option, &how);
    ck_assert_msg(WIFEXITED(how) && (WEXITSTATUS(how) == 0) == good && WEXITSTATUS(how) < 100, "%d: %s", how, text);
    return text;
}
#define said(...) said_by(PROGRAM, __VA_ARGS__)

static void ck_said(const char *environment, const char *option, bool good, const char *sentence)
{
    const char *text = said(environment, option, good);
    ck_assert_msg(strstr(text, sentence) != NULL, R"("%s" is not in "%s")", sentence, text);
}

START_TEST(a_program_serves_until_it_is_told_to_stop)
{
    struct program p = program_start(PROGRAM);
    WAIT_UNTIL(program_is_ready(&p));
    REPLY r = api_call(
        (struct call){.method = "GET", .token = AS_NEUROLOGIST, .path = "/api/v1/mmse/distribution", .port = p.port});
    ck_status(&r, 200);
    kill(p.pid, SIGTERM);
    program_wait_for_line(&p, "stopped");
    ck_assert_int_eq(program_end(&p), 0);
}
END_TEST

START_TEST(a_program_that_drains_is_not_ready_and_serves_until_it_is_told_again)
{
    setenv("DRAIN_SECONDS", "300", 1);
    struct program p = program_start(PROGRAM);
    unsetenv("DRAIN_SECONDS");
    WAIT_UNTIL(program_is_ready(&p));
    kill(p.pid, SIGINT);
    program_wait_for_line(&p, "stopping");
    WAIT_UNTIL(!program_is_ready(&p));
    REPLY last = api_call((struct call){.method = "GET", .path = "/api/v1/mmse/distribution", .port = p.port});
    ck_assert_int_eq(last.status, 401);
    ck_assert_str_eq(header_of(&last, "Connection"), "close");
    kill(p.pid, SIGTERM);
    program_wait_for_line(&p, "stopped");
    ck_assert_int_eq(program_end(&p), 0);
}
END_TEST

/* A port that nobody listens on, nor can while the socket is open. */
static int deaf_port(int *out)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&at, size), 0);
    ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&at, &size), 0);
    *out = ntohs(at.sin_port);
    return fd;
}

START_TEST(check_asks_the_running_program)
{
    struct program p = program_start(PROGRAM);
    WAIT_UNTIL(program_is_ready(&p));
    const char *there = text_of("OPS_PORT=%d", p.ops_port);
    ck_assert_str_eq(said(there, "--check", true), "ready\n");
    kill(p.pid, SIGTERM);
    ck_assert_int_eq(program_end(&p), 0);
    int port, kept = deaf_port(&port);
    ck_assert_str_eq(said(text_of("OPS_PORT=%d", port), "--check", false), "not ready\n");
    close(kept);
}
END_TEST

static bool is_ready_at(const char *address, int port)
{
    int how;
    run(PROGRAM, text_of("OPS_ADDRESS=%s OPS_PORT=%d", address, port), "--check", &how);
    return how == 0;
}

START_TEST(check_finds_the_program_at_its_address)
{
    static const struct {
        const char *address, *elsewhere; /* NULL: it is everywhere */
        bool v6;
    } rows[] = {
        {"127.0.0.2", "127.0.0.1"}, {"0.0.0.0", "::1"}, {"::1", "127.0.0.1", .v6 = true}, {"::", NULL, .v6 = true}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (rows[i].v6 && !has_ipv6())
            continue;
        setenv("OPS_ADDRESS", rows[i].address, 1);
        struct program p = program_start(PROGRAM);
        unsetenv("OPS_ADDRESS");
        WAIT_UNTIL(is_ready_at(rows[i].address, p.ops_port));
        ck_assert(!rows[i].elsewhere || !is_ready_at(rows[i].elsewhere, p.ops_port));
        kill(p.pid, SIGTERM);
        ck_assert_int_eq(program_end(&p), 0);
    }
    ck_said("OPS_PORT=many", "--check", false, "OPS_PORT must be a whole number");
    ck_said("OPS_ADDRESS=[::1]", "--check", false, "OPS_ADDRESS must be an address");
}
END_TEST

START_TEST(a_program_serves_on_ipv6)
{
    if (!has_ipv6())
        return;
    setenv("HTTP_ADDRESS", "::1", 1);
    struct program p = program_start(PROGRAM);
    unsetenv("HTTP_ADDRESS");
    WAIT_UNTIL(program_is_ready(&p));
    REPLY r = api_call((struct call){.method = "GET",
                                     .token = AS_NEUROLOGIST,
                                     .path = "/api/v1/mmse/distribution",
                                     .host = "[::1]",
                                     .port = p.port});
    ck_status(&r, 200);
    kill(p.pid, SIGTERM);
    program_wait_for_line(&p, "stopped");
    ck_assert_int_eq(program_end(&p), 0);
}
END_TEST

START_TEST(settings_that_are_refused_are_named_all_at_once)
{
    ck_said("HTTP_PORT=70000 DRAIN_SECONDS=soon", "", false, "HTTP_PORT must be");
    ck_said("HTTP_PORT=70000 DRAIN_SECONDS=soon", "", false, "DRAIN_SECONDS must be");
    ck_said("LOG_LEVEL=loud", "", false, "LOG_LEVEL must be debug, info, warning or error");
    ck_said("DATABASE_URL=", "", false, "DATABASE_URL");
    ck_said("HTTP_ADDRESS=[::1] OPS_ADDRESS=::1", "", false,
            "HTTP_ADDRESS must be an address of IPv4 or IPv6, without");
    ck_said("HTTP_ADDRESS=::1 OPS_ADDRESS=somewhere", "--check-settings", false, "OPS_ADDRESS must be an address");
    ck_said("TRUSTED_PROXY=10.0.0.0/33", "--check-settings", false, "TRUSTED_PROXY must be addresses or networks");
    ck_said("TRUSTED_PROXY=gateway DRAIN_SECONDS=soon", "", false, "TRUSTED_PROXY must be addresses or networks");
    ck_said("LOG_LEVEL=loud", "--check-settings", false, "LOG_LEVEL");
    ck_assert_str_eq(said("", "--check-settings", true), "");
    ck_assert_str_eq(
        said("HTTP_ADDRESS=:: OPS_ADDRESS=::1 TRUSTED_PROXY='10.0.0.0/8, fd00::/8'", "--check-settings", true), "");
}
END_TEST

START_TEST(a_secret_that_is_refused_is_not_repeated)
{
    const char *text = said_by(BIN_DIR "/mnemos-auth", "SIGNING_KEY_SECRET=hunter2", "", false);
    ck_assert_ptr_nonnull(strstr(text, "SIGNING_KEY_SECRET"));
    ck_assert_ptr_null(strstr(text, "hunter2"));
    static const char digits[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdeg";
    text = said_by(BIN_DIR "/mnemos-auth", text_of("SIGNING_KEY_SECRET=%s", digits), "", false);
    ck_assert_ptr_nonnull(strstr(text, "SIGNING_KEY_SECRET must be 64 hexadecimal digits"));
    ck_assert_ptr_null(strstr(text, digits));
}
END_TEST

START_TEST(ports_and_addresses_that_cannot_be_had_are_named)
{
    int taken = api_open(&analytics_service);
    ck_said(text_of("HTTP_PORT=%d", taken), "", false, text_of("cannot listen on 127.0.0.1 port %d", taken));
    ck_said(text_of("OPS_PORT=%d", taken), "", false, text_of("cannot listen on 127.0.0.1 port %d", taken));
    ck_said("HTTP_ADDRESS=192.0.2.1", "", false, "cannot listen on 192.0.2.1 port 0");
    ck_said("HTTP_ADDRESS=2001:db8::1", "", false, "cannot listen on 2001:db8::1 port 0");
}
END_TEST

START_TEST(options_that_are_none_are_refused)
{
    ck_said("", "--nonsense", false, "does not know --nonsense");
    ck_said("", "--help --version", false, "does not know --version");
}
END_TEST

START_TEST(a_new_database_has_no_account_that_could_log_in)
{
    ck_assert_str_eq(sql_value("SELECT count(*) FROM auth.account"), "0");
}
END_TEST

int main(void)
{
    return API_TESTS(&analytics_service, a_new_database_has_no_account_that_could_log_in,
                     a_program_serves_until_it_is_told_to_stop,
                     a_program_that_drains_is_not_ready_and_serves_until_it_is_told_again,
                     check_asks_the_running_program, check_finds_the_program_at_its_address, a_program_serves_on_ipv6,
                     settings_that_are_refused_are_named_all_at_once, a_secret_that_is_refused_is_not_repeated,
                     ports_and_addresses_that_cannot_be_had_are_named, options_that_are_none_are_refused);
}
