/* The progress of a long command, on standard error: one line rewritten on a terminal, a line per tenth elsewhere. */
#pragma once

struct progress {
    const char *what; /* "accounts" */
    long total, done;
    int shown_percent;
};

struct progress progress_begin(const char *what, long total);
void progress_step(struct progress *p);                  /* one more is done */
void progress_end(struct progress *p, const char *next); /* next: the step that begins, without progress of its own */
