/* Writes JSON into one growing buffer.
 *
 * jansson reads input; output is written here, from records, because a tree of nodes per reply costs more than the
 * query behind it and prints 66.3 as 66.299999999999997. The writer sets commas; the caller matches begin and end. */
#pragma once

#include "common/base/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct writer {
    char *bytes; /* malloc'd, terminated once anything was written */
    size_t used, size;
    bool comma;
};

void writer_release(struct writer *w);

/* The buffer becomes the caller's (free it with free). */
char *writer_steal(struct writer *w, size_t *out_size);

/* The bytes written, as text of the arena; the writer is empty afterwards. */
char *writer_text(struct writer *w, struct arena *arena);

void write_object(struct writer *w);
void write_object_end(struct writer *w);
void write_array(struct writer *w);
void write_array_end(struct writer *w);
void write_key(struct writer *w, const char *key);

void write_text(struct writer *w, const char *text); /* NULL is null */
void write_integer(struct writer *w, int64_t value);
void write_real(struct writer *w, double value); /* shortest form that reads back the same; null when not finite */
void write_boolean(struct writer *w, bool value);
void write_null(struct writer *w);

/* A value that is JSON already. */
void write_raw(struct writer *w, const char *bytes, size_t size);

/* Bytes that are not JSON, piece by piece. */
void write_bytes(struct writer *w, const char *bytes, size_t size);

/* Text between the tags of HTML or SVG, or in an attribute with either quotes. */
void write_markup_text(struct writer *w, const char *text);

void write_line_end(struct writer *w);
