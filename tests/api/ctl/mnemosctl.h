/* Runs mnemosctl as an operator would: as a program, with an environment, asked for what it said. */
#pragma once

#include "tests/support/api.h"

#include <fcntl.h>
#include <sodium.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct outcome {
    bool good;
    char said[64 * 1024]; /* on standard output and standard error */
};

/* Starts it with nothing on standard input but typed; *out_reads gets what it says. */
static inline pid_t ctl_start(const char *const *words, const char *typed, int *out_reads)
{
    const char *argv[12] = {"mnemosctl"};
    int said[2], in[2];
    pid_t child;
    posix_spawn_file_actions_t actions;
    for (size_t i = 0; words[i]; i++)
        argv[i + 1] = words[i];
    ck_assert(pipe2(said, O_CLOEXEC) == 0 && pipe2(in, O_CLOEXEC) == 0);
    ck_assert_int_eq(write(in[1], typed, strlen(typed)), (ssize_t)strlen(typed));
    close(in[1]);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, said[1], STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, said[1], STDERR_FILENO);
    setenv("DATABASE_URL", database_url("mnemos_owner"), 1);
    ck_assert_int_eq(posix_spawn(&child, BIN_DIR "/mnemosctl", &actions, NULL, (char **)(uintptr_t)argv, environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    close(said[1]);
    close(in[0]);
    *out_reads = said[0];
    return child;
}

static inline struct outcome ctl_run(const char *const *words, const char *typed)
{
    struct outcome o = {0};
    int reads, ended;
    size_t used = 0;
    pid_t child = ctl_start(words, typed, &reads);
    for (ssize_t got = 1; got > 0 && used < sizeof o.said - 1; used += (size_t)got)
        got = read(reads, o.said + used, sizeof o.said - 1 - used);
    close(reads);
    waitpid(child, &ended, 0);
    o.good = WIFEXITED(ended) && WEXITSTATUS(ended) == 0;
    return o;
}
#define CTL(...)              ctl_run((const char *const[]){__VA_ARGS__, NULL}, "")
#define CTL_TYPED(typed, ...) ctl_run((const char *const[]){__VA_ARGS__, NULL}, (typed))

static inline void ck_done(struct outcome o)
{
    ck_assert_msg(o.good, "%s", o.said);
}

static inline void ck_refused(struct outcome o, const char *sentence)
{
    ck_assert_msg(!o.good && strstr(o.said, sentence), R"("%s" is not in "%s")", sentence, o.said);
}

/* Does that password open the account? */
static inline bool opens(const char *name, const char *password)
{
    const char *hash = sql_value("SELECT password_hash FROM auth.account WHERE name = '%s'", name);
    return hash && crypto_pwhash_str_verify(hash, password, strlen(password)) == 0;
}
