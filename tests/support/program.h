/* A service as a program of its own: for what a service in the test's process cannot show, as its memory. */
#pragma once

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

/* One that runs, and what it logs. */
struct program {
    pid_t pid;
    FILE *log;
    int port, ops_port;
};

/* With the environment of the test; it serves when this returns. */
struct program program_start(const char *path);

/* The message of its next line that begins so. */
const char *program_wait_for_line(struct program *p, const char *beginning);

bool program_is_ready(const struct program *p);

/* Waits until it has ended; its exit status. */
int program_end(struct program *p);
