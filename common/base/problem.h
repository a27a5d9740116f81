/* The reasons for refusing a request, gathered for a problem document (RFC 9457, problem details for HTTP APIs).
 *
 * A refusal is one line: return fail(why, INVALID, "birth_date", "must not be in the future");
 * A check that can find several errors notes each and ends with return problem_status(why). */
#pragma once

#include "common/base/arena.h"
#include "common/base/status.h"
#include "common/base/writer.h"

enum { PROBLEM_ERRORS_MAX = 100 }; /* one request cannot make a longer list than this */

struct problem_error {
    const char *pointer; /* JSON pointer (RFC 6901) of the member */
    const char *detail;
};

struct problem {
    struct arena *arena;
    const char *detail;
    const char *allow; /* for 405 */
    int retry_after_s; /* where waiting helps: 429, 503, some 409; 0: the default */
    int error_count;
    enum status worst;
    struct problem_error errors[PROBLEM_ERRORS_MAX];
};

/* Forgets all notes and sets the arena. */
void problem_reset(struct problem *why, struct arena *arena);

/* Notes one refusal and returns its status. member is the name of a member ("mmse"), a JSON pointer ("/data/3"), or
 * NULL for the request as a whole. */
enum status fail(struct problem *why, enum status status, const char *member, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
#ifdef __clang_analyzer__ /* sees one file at a time and would think that a refusal may be OK */
#define fail(why, status, ...) (fail(why, status, __VA_ARGS__), (status))
#endif

/* The pointer of a member, whose name the client chose freely, in the object at prefix ("": the body). */
const char *problem_pointer(struct arena *arena, const char *prefix, const char *member);

/* OK when nothing was noted, otherwise the status of the first thing noted. */
enum status problem_status(const struct problem *why);

int status_http(enum status status);
const char *status_title(enum status status);
const char *status_slug(enum status status); /* the last part of the problem's type: "not-found" */

/* The problem document. It names id (id_name: "request_id"), by which the log has more; of a fault it says no more. */
void problem_write(const struct problem *why, enum status status, const char *id_name, const char *id,
                   struct writer *w);
