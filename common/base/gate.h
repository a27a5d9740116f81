/* A gate before work that keeps an HTTP thread busy: a fixed number run at a time, a few more wait, and every further
 * request is told to come back (UNAVAILABLE, with Retry-After).
 *
 * A thread of the HTTP pool serves many connections, and all of them wait while it works or waits here. So when there
 * is a line, a thread that was kept from its connections for long enough lately gets no place in it: the requests
 * behind it are answered at once. Otherwise, of a thousand logins, those on the same thread wait for one another. */
#pragma once

#include "common/base/problem.h"

#include <stdint.h>

struct gate;

/* running_max: at least 1. sentence: told to a client that is sent away; lives as long as the gate. */
struct gate *gate_new(int running_max, int waiting_max, const char *sentence);
void gate_drop(struct gate *gate);

/* A visit of no gate has nothing to leave. */
struct gate_visit {
    struct gate *gate;
    int64_t begin_us;
};

/* AUTO(gate_leave) struct gate_visit visit = {0}; the thread is inside after OK, and leaves at the end of the scope. */
enum status gate_enter(struct gate *gate, struct gate_visit *visit, struct problem *why);
void gate_leave(struct gate_visit *visit);
