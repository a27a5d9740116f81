/* check-settings: asks each service's program, found beside this one, so that settings tables stay in their place. */
#include "services/ctl/ctl.h"
#include "services/ctl/option.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static enum status own_folder(struct problem *why, const char **out)
{
    char path[PATH_MAX];
    ssize_t size = readlink("/proc/self/exe", path, sizeof path);
    if (size <= 0 || size == sizeof path)
        return fail(why, FAULT, NULL, "mnemosctl cannot find its own folder: %s.", strerror(errno));
    path[size] = '\0';
    *out = arena_text(why->arena, dirname(path));
    return OK;
}

/* The child with its standard error in our hands, or -1. */
static pid_t ask(const char *program, FILE **out_said)
{
    char *argv[] = {(char *)(uintptr_t)program, (char[]){"--check-settings"}, NULL};
    pid_t child = -1;
    int ends[2];
    posix_spawn_file_actions_t actions;
    if (pipe2(ends, O_CLOEXEC) != 0)
        return -1;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
    if (posix_spawn(&child, program, &actions, NULL, argv, environ) != 0)
        child = -1;
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    *out_said = fdopen(ends[0], "r");
    return child;
}

static bool went_well(pid_t child)
{
    int ended;
    while (waitpid(child, &ended, 0) < 0)
        if (errno != EINTR)
            return false;
    return WIFEXITED(ended) && WEXITSTATUS(ended) == 0;
}

static const char prefix[] = "mnemos-";

static int is_service(const struct dirent *entry)
{
    return strncmp(entry->d_name, prefix, sizeof prefix - 1) == 0;
}

static bool check(const char *folder, const char *program, struct arena *arena)
{
    FILE *said = NULL;
    char line[1024];
    pid_t child = ask(arena_printf(arena, "%s/%s", folder, program), &said);
    printf("%s:", program + sizeof prefix - 1);
    while (said && fgets(line, sizeof line, said))
        printf("\n    %.*s", (int)strcspn(line, "\n"), line);
    if (said)
        fclose(said);
    bool good = child > 0 && went_well(child);
    puts(good ? " good" : "\n    not good");
    return good;
}

/* service: NULL for all. */
static enum status check_in(const char *folder, const char *service, struct problem *why)
{
    struct dirent **programs;
    int found = scandir(folder, &programs, is_service, alphasort), asked = 0, bad = 0;
    for (int i = 0; i < found; i++) {
        const char *program = programs[i]->d_name;
        if (!service || strcmp(service, program + sizeof prefix - 1) == 0) {
            asked++;
            bad += !check(folder, program, why->arena);
        }
        free(programs[i]);
    }
    if (found >= 0)
        free(programs);
    if (asked == 0)
        return fail(why, NOT_FOUND, NULL, "There is no %s%s in %s.", prefix, service ? service : "SERVICE", folder);
    if (bad > 0)
        return fail(why, INVALID, NULL, "The settings of %d %s are invalid.", bad, bad == 1 ? "service" : "services");
    return OK;
}

enum status check_settings_command(int argc, char **argv, struct problem *why)
{
    const char *folder, *service = NULL;
    TRY(options_read((const struct option_row[]){{0}}, argc, argv, 1, &service, why));
    TRY(own_folder(why, &folder));
    return check_in(folder, service, why);
}
