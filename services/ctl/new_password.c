#include "services/ctl/new_password.h"

#include "services/ctl/ctl.h"

#include "common/base/text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LINE_SIZE = 1024 };

static const char *first_line(FILE *from, struct arena *arena)
{
    char *line = arena_alloc(arena, LINE_SIZE);
    setvbuf(from, NULL, _IONBF, 0); /* no copy of the secret in a buffer that nobody wipes */
    if (!fgets(line, LINE_SIZE, from))
        return "";
    line[strcspn(line, "\r\n")] = '\0';
    return line;
}

enum status new_password_from_file(const char *path, struct problem *why, const char **out)
{
    FILE *file = fopen(path, "re");
    if (!file)
        return fail(why, INVALID, NULL, "The password file %s cannot be read: %s.", path, strerror(errno));
    *out = first_line(file, why->arena);
    fclose(file);
    return OK;
}

/* getpass turns the echo off and, so that it comes on again, signals too. */
static const char *ask_at_terminal(const char *prompt, struct arena *arena)
{
    char *typed = getpass(prompt);
    if (!typed)
        return "";
    const char *copy = arena_text(arena, typed);
    sodium_memzero(typed, strlen(typed));
    return copy;
}

enum status new_password_ask(struct problem *why, const char **out)
{
    if (!isatty(STDIN_FILENO)) {
        *out = first_line(stdin, why->arena);
        return OK;
    }
    const char *password = ask_at_terminal("Password: ", why->arena);
    if (strcmp(password, ask_at_terminal("The same once more: ", why->arena)) != 0)
        return fail(why, INVALID, NULL, "The two passwords differ; nothing was done.");
    *out = password;
    return OK;
}

/* 20 letters of 30 that cannot be mistaken for each other: 98 bits. */
const char *new_password_random(struct arena *arena)
{
    static const char letters[] = "abcdefghjkmnpqrstuvwxyz2345678";
    char *password = arena_alloc(arena, 24);
    for (int i = 0; i < 23; i++)
        password[i] = letters[randombytes_uniform(sizeof letters - 1)];
    for (int i = 5; i < 23; i += 6)
        password[i] = '-';
    return password;
}

enum status new_password_hash(const char *password, struct problem *why, char out[PASSWORD_HASH_SIZE])
{
    long length = text_length(password, strlen(password));
    if (length < PASSWORD_MIN || length > PASSWORD_MAX)
        return fail(why, INVALID, NULL, "The password must have %d to %d characters.", PASSWORD_MIN, PASSWORD_MAX);
    const struct ctl_settings *settings = ctl_settings();
    if (!settings)
        return INVALID;
    struct password_gate *gate = password_gate_new(&settings->password_cost, settings->password_cost.memory_mib, 1);
    enum status status = password_hash(gate, password, out, why);
    password_gate_drop(gate);
    return status;
}
