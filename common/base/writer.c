#include "common/base/writer.h"

#include "common/base/text.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *reserve(struct writer *w, size_t more)
{
    if (w->size - w->used <= more) {
        size_t size = w->size ? w->size * 2 : 512;
        while (size - w->used <= more)
            size *= 2;
        char *bytes = realloc(w->bytes, size);
        if (!bytes)
            abort();
        w->bytes = bytes;
        w->size = size;
    }
    return w->bytes + w->used;
}

static void put(struct writer *w, const char *bytes, size_t size)
{
    memcpy(reserve(w, size), bytes, size);
    w->used += size;
    w->bytes[w->used] = '\0';
}

static void begin_value(struct writer *w)
{
    if (w->comma)
        put(w, ",", 1);
    w->comma = true;
}

void writer_release(struct writer *w)
{
    free(w->bytes);
    *w = (struct writer){0};
}

char *writer_text(struct writer *w, struct arena *arena)
{
    char *text = w->used > 0 ? arena_copy(arena, w->bytes, w->used) : arena_text(arena, "");
    writer_release(w);
    return text;
}

char *writer_steal(struct writer *w, size_t *out_size)
{
    char *bytes = w->bytes;
    *out_size = w->used;
    *w = (struct writer){0};
    return bytes;
}

static void open_with(struct writer *w, const char *bracket)
{
    begin_value(w);
    put(w, bracket, 1);
    w->comma = false;
}

static void close_with(struct writer *w, const char *bracket)
{
    put(w, bracket, 1);
    w->comma = true;
}

void write_object(struct writer *w)
{
    open_with(w, "{");
}

void write_object_end(struct writer *w)
{
    close_with(w, "}");
}

void write_array(struct writer *w)
{
    open_with(w, "[");
}

void write_array_end(struct writer *w)
{
    close_with(w, "]");
}

/* Escapes the characters that RFC 8259 wants escaped, and no others. */
static void put_quoted(struct writer *w, const char *text)
{
    put(w, "\"", 1);
    for (;;) {
        size_t plain = 0;
        while ((unsigned char)text[plain] >= 0x20 && text[plain] != '"' && text[plain] != '\\')
            plain++;
        put(w, text, plain);
        text += plain;
        if (*text == '\0')
            break;
        char escaped[8];
        int size = *text == '"' || *text == '\\' ? snprintf(escaped, sizeof escaped, "\\%c", *text)
                                                 : snprintf(escaped, sizeof escaped, "\\u%04x", (unsigned char)*text);
        put(w, escaped, (size_t)size);
        text++;
    }
    put(w, "\"", 1);
}

void write_key(struct writer *w, const char *key)
{
    begin_value(w);
    put_quoted(w, key);
    put(w, ":", 1);
    w->comma = false;
}

void write_text(struct writer *w, const char *text)
{
    if (!text) {
        write_null(w);
        return;
    }
    begin_value(w);
    put_quoted(w, text);
}

void write_integer(struct writer *w, int64_t value)
{
    char digits[24];
    begin_value(w);
    put(w, digits, (size_t)snprintf(digits, sizeof digits, "%" PRId64, value));
}

void write_real(struct writer *w, double value)
{
    if (!isfinite(value)) {
        write_null(w);
        return;
    }
    char digits[TEXT_REAL_SIZE];
    text_from_real(value, digits);
    begin_value(w);
    put(w, digits, strlen(digits));
}

void write_boolean(struct writer *w, bool value)
{
    begin_value(w);
    put(w, value ? "true" : "false", value ? 4 : 5);
}

void write_null(struct writer *w)
{
    begin_value(w);
    put(w, "null", 4);
}

void write_raw(struct writer *w, const char *bytes, size_t size)
{
    begin_value(w);
    put(w, bytes, size);
}

void write_bytes(struct writer *w, const char *bytes, size_t size)
{
    put(w, bytes, size);
    w->comma = false;
}

void write_markup_text(struct writer *w, const char *text)
{
    for (const char *c = text; *c; c++) {
        const char *entity = *c == '&'    ? "&amp;"
                             : *c == '<'  ? "&lt;"
                             : *c == '>'  ? "&gt;"
                             : *c == '"'  ? "&quot;"
                             : *c == '\'' ? "&#39;"
                                          : NULL;
        if (entity)
            write_bytes(w, entity, strlen(entity));
        else
            write_bytes(w, c, 1);
    }
}

void write_line_end(struct writer *w)
{
    put(w, "\n", 1);
    w->comma = false;
}
