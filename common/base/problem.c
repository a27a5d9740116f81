#include "common/base/problem.h"

#include <stdarg.h>
#include <string.h>

static const struct {
    int http;
    const char *slug, *title;
} table[STATUS_COUNT] = {
    [OK] = {200, "ok", "OK"},
    [MALFORMED] = {400, "malformed", "The request cannot be read"},
    [UNAUTHENTICATED] = {401, "unauthenticated", "Log in first"},
    [NEEDS_SECOND_FACTOR] = {401, "second-factor-required", "A code of the second factor is needed"},
    [FORBIDDEN] = {403, "forbidden", "Not allowed"},
    [NOT_FOUND] = {404, "not-found", "Not found"},
    [METHOD_NOT_ALLOWED] = {405, "method-not-allowed", "This method is not available here"},
    [NOT_ACCEPTABLE] = {406, "not-acceptable", "Not available in any media type of Accept"},
    [CONFLICT] = {409, "conflict", "Conflict with the current state"},
    [STALE] = {412, "stale", "The record has changed in the meantime"},
    [TOO_LARGE] = {413, "too-large", "The body is too large"},
    [UNSUPPORTED_TYPE] = {415, "unsupported-type", "The content type is not supported"},
    [INVALID] = {422, "invalid", "Some members are invalid"},
    [PRECONDITION_REQUIRED] = {428, "precondition-required", "If-Match is required"},
    [TOO_MANY] = {429, "too-many-requests", "Too many requests"},
    [FAULT] = {500, "fault", "Something went wrong on our side"},
    [UNAVAILABLE] = {503, "unavailable", "Not available at the moment"},
};

int status_http(enum status status)
{
    return table[status].http;
}

const char *status_title(enum status status)
{
    return table[status].title;
}

const char *status_slug(enum status status)
{
    return table[status].slug;
}

void problem_reset(struct problem *why, struct arena *arena)
{
    why->arena = arena;
    why->detail = NULL;
    why->allow = NULL;
    why->retry_after_s = 0;
    why->error_count = 0;
    why->worst = OK;
}

/* RFC 6901: "~" and "/" inside a member's name are escaped. */
const char *problem_pointer(struct arena *arena, const char *prefix, const char *member)
{
    char *pointer = arena_alloc(arena, strlen(prefix) + 2 * strlen(member) + 2), *end = stpcpy(pointer, prefix);
    *end++ = '/';
    for (const char *c = member; *c; c++) {
        if (*c == '~' || *c == '/') {
            *end++ = '~';
            *end++ = *c == '~' ? '0' : '1';
        } else {
            *end++ = *c;
        }
    }
    return pointer;
}

static const char *pointer_to(struct arena *arena, const char *member)
{
    return member[0] == '/' ? arena_text(arena, member) : problem_pointer(arena, "", member);
}

#undef fail
enum status fail(struct problem *why, enum status status, const char *member, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *sentence = arena_vprintf(why->arena, format, args);
    va_end(args);

    if (why->worst == OK)
        why->worst = status;
    if (!member) {
        if (!why->detail)
            why->detail = sentence;
        return status;
    }
    if (why->error_count < PROBLEM_ERRORS_MAX)
        why->errors[why->error_count++] = (struct problem_error){pointer_to(why->arena, member), sentence};
    return status;
}

enum status problem_status(const struct problem *why)
{
    return why->worst;
}

static void write_errors(const struct problem *why, struct writer *w)
{
    write_key(w, "errors");
    write_array(w);
    for (int i = 0; i < why->error_count; i++) {
        write_object(w);
        write_key(w, "pointer");
        write_text(w, why->errors[i].pointer);
        write_key(w, "detail");
        write_text(w, why->errors[i].detail);
        write_object_end(w);
    }
    write_array_end(w);
}

void problem_write(const struct problem *why, enum status status, const char *id_name, const char *id, struct writer *w)
{
    write_object(w);
    write_key(w, "type");
    write_text(w, arena_printf(why->arena, "/problems/%s", status_slug(status)));
    write_key(w, "title");
    write_text(w, status_title(status));
    write_key(w, "status");
    write_integer(w, status_http(status));
    const char *detail = why->detail            ? why->detail
                         : why->error_count > 0 ? "Each of errors names a member and what is wrong."
                                                : NULL;
    if (detail && status != FAULT) {
        write_key(w, "detail");
        write_text(w, detail);
    }
    write_key(w, id_name);
    write_text(w, id);
    if (why->error_count > 0 && status != FAULT)
        write_errors(why, w);
    write_object_end(w);
}
