/* The outcome of a step.
 *
 * Every step returns an enum status; TRY passes anything but OK upwards. Answers are the caller's business and carry a
 * member and a sentence in struct problem; faults (FAULT, UNAVAILABLE) are ours: the client learns the request id only.
 */
#pragma once

enum status {
    OK,
    MALFORMED,             /* 400: not the syntax it claims to be */
    UNAUTHENTICATED,       /* 401 */
    NEEDS_SECOND_FACTOR,   /* 401: the password is right, and a code must come with it */
    FORBIDDEN,             /* 403 */
    NOT_FOUND,             /* 404, also for a record that is not the caller's */
    METHOD_NOT_ALLOWED,    /* 405 */
    NOT_ACCEPTABLE,        /* 406: the client accepts none of the media types */
    CONFLICT,              /* 409 */
    STALE,                 /* 412: If-Match names a version that is no longer current */
    TOO_LARGE,             /* 413 */
    UNSUPPORTED_TYPE,      /* 415 */
    INVALID,               /* 422: understood, and refused member by member */
    PRECONDITION_REQUIRED, /* 428: an update without If-Match */
    TOO_MANY,              /* 429 */
    FAULT,                 /* 500 */
    UNAVAILABLE,           /* 503, with Retry-After */
    STATUS_COUNT
};

#define TRY(step) \
    do { \
        enum status try_status_ = (step); \
        if (try_status_ != OK) \
            return try_status_; \
    } while (0)

/* A step that may find nothing to do: NOT_FOUND is as good as OK. */
static inline enum status if_any(enum status step)
{
    return step == NOT_FOUND ? OK : step;
}

/* A scope's resource: AUTO(thing_drop) struct thing *t = NULL; the drop gets the variable's address. */
#define AUTO(drop) __attribute__((cleanup(drop)))

/* Takes a resource out of its scope: returns the pointer and leaves NULL behind. */
#define STEAL(pointer) \
    __extension__({ \
        __typeof__(pointer) stolen_ = (pointer); \
        (pointer) = NULL; \
        stolen_; \
    })

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
