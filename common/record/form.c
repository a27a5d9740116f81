#include "common/record/form.h"

#include "common/base/text.h"

#include <stdio.h>
#include <string.h>

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static enum status decode(struct arena *arena, const char *text, size_t size, bool plus_is_space, const char **out,
                          struct problem *why)
{
    char *decoded = arena_alloc(arena, size + 1);
    size_t n = 0;
    for (size_t i = 0; i < size; i++) {
        char c = text[i];
        if (c == '+' && plus_is_space) {
            c = ' ';
        } else if (c == '%') {
            int high = size - i > 2 ? hex_digit(text[i + 1]) : -1;
            int low = size - i > 2 ? hex_digit(text[i + 2]) : -1;
            if (high < 0 || low < 0)
                return fail(why, MALFORMED, NULL, "A %% must be followed by two hexadecimal digits.");
            c = (char)(high * 16 + low);
            i += 2;
        }
        if (c == '\0')
            return fail(why, MALFORMED, NULL, "A NUL character is not allowed.");
        decoded[n++] = c;
    }
    if (text_length(decoded, n) < 0)
        return fail(why, MALFORMED, NULL, "Text must be UTF-8.");
    *out = decoded;
    return OK;
}

enum status form_decode_segment(struct arena *arena, const char *text, size_t size, const char **out,
                                struct problem *why)
{
    return decode(arena, text, size, false, out, why);
}

const char *form_encode_segment(struct arena *arena, const char *text)
{
    static const char unreserved[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-._~";
    char *encoded = arena_alloc(arena, 3 * strlen(text) + 1), *end = encoded;
    for (const char *c = text; *c; c++) {
        if (strchr(unreserved, *c))
            *end++ = *c;
        else
            end += sprintf(end, "%%%02X", (unsigned char)*c);
    }
    return encoded;
}

static enum status parse_pair(struct arena *arena, const char *text, size_t size, struct form *out, struct problem *why)
{
    const char *equals = memchr(text, '=', size);
    size_t key_size = equals ? (size_t)(equals - text) : size;
    size_t value_size = equals ? size - key_size - 1 : 0;
    struct form_pair pair;
    TRY(decode(arena, text, key_size, true, &pair.key, why));
    TRY(decode(arena, equals ? equals + 1 : "", value_size, true, &pair.value, why));
    if (form_value(out, pair.key))
        return fail(why, INVALID, problem_pointer(arena, "", pair.key), "is given more than once");
    if (out->count == FORM_PAIRS_MAX)
        return fail(why, INVALID, NULL, "There are more than %d parameters.", FORM_PAIRS_MAX);
    out->pairs[out->count++] = pair;
    return OK;
}

enum status form_parse(struct arena *arena, const char *text, size_t size, struct form *out, struct problem *why)
{
    *out = (struct form){0};
    if (size == 0)
        return OK;
    struct form form = {.pairs = arena_alloc(arena, FORM_PAIRS_MAX * sizeof *form.pairs)};
    while (size > 0) {
        const char *ampersand = memchr(text, '&', size);
        size_t pair_size = ampersand ? (size_t)(ampersand - text) : size;
        if (pair_size > 0)
            TRY(parse_pair(arena, text, pair_size, &form, why));
        size_t step = pair_size + (ampersand != NULL);
        text += step;
        size -= step;
    }
    *out = form;
    return OK;
}

const char *form_value(const struct form *form, const char *key)
{
    for (size_t i = 0; i < form->count; i++)
        if (strcmp(form->pairs[i].key, key) == 0)
            return form->pairs[i].value;
    return NULL;
}
