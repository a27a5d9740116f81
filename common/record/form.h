/* application/x-www-form-urlencoded (WHATWG URL standard, section 5.1), strictly: queries and form bodies. */
#pragma once

#include "common/base/arena.h"
#include "common/base/problem.h"

struct form_pair {
    const char *key, *value; /* UTF-8 without NUL */
};

struct form {
    struct form_pair *pairs;
    size_t count;
};

enum { FORM_PAIRS_MAX = 64 };

/* MALFORMED for a broken escape, NUL or UTF-8, INVALID for a repeated key or too many. Text lives in the arena. */
enum status form_parse(struct arena *arena, const char *text, size_t size, struct form *out, struct problem *why);

/* NULL when the key is not there. */
const char *form_value(const struct form *form, const char *key);

/* Percent-decodes one path segment ('+' stays). */
enum status form_decode_segment(struct arena *arena, const char *text, size_t size, const char **out,
                                struct problem *why);

/* The reverse, for a path in a reply: everything but the unreserved characters of RFC 3986 is escaped. */
const char *form_encode_segment(struct arena *arena, const char *text);
