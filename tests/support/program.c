#include "tests/support/program.h"

#include "tests/support/api.h"

#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

const char *program_wait_for_line(struct program *p, const char *beginning)
{
    char line[2000];
    while (fgets(line, sizeof line, p->log)) {
        json_auto_t *entry = json_loads(line, 0, NULL);
        const char *message = json_string_value(json_object_get(entry, "message"));
        if (message && strncmp(message, beginning, strlen(beginning)) == 0)
            return text_of("%s", message);
    }
    ck_abort_msg("it ended without saying: %s", beginning);
}

struct program program_start(const char *path)
{
    struct program p;
    int ends[2];
    posix_spawn_file_actions_t actions;
    setenv("LOG_LEVEL", "info", 1);
    ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
    ck_assert_int_eq(posix_spawn(&p.pid, path, &actions, NULL, (char *[]){text_of("%s", path), NULL}, environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    p.log = fdopen(ends[0], "r");
    const char *serving = program_wait_for_line(&p, "serving");
    ck_assert_int_eq(sscanf(serving, "serving on port %d, operations on port %d", &p.port, &p.ops_port), 2);
    return p;
}

bool program_is_ready(const struct program *p)
{
    REPLY r = api_call((struct call){.method = "GET", .path = "/readyz", .port = p->ops_port});
    return r.status == 200;
}

int program_end(struct program *p)
{
    int how;
    ck_assert_int_eq(waitpid(p->pid, &how, 0), p->pid);
    fclose(p->log);
    ck_assert_msg(WIFEXITED(how), "it was killed by signal %d", WTERMSIG(how));
    return WEXITSTATUS(how);
}
