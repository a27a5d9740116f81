#include "common/base/arena.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_CHUNK = 16 * 1024 };

struct arena_chunk {
    struct arena_chunk *next;
    size_t used, size;
    _Alignas(max_align_t) unsigned char bytes[];
};

static struct arena_chunk *chunk_new(struct arena_chunk *next, size_t size)
{
    struct arena_chunk *c = malloc(sizeof *c + size);
    if (!c)
        abort();
    *c = (struct arena_chunk){.next = next, .size = size};
    return c;
}

void *arena_alloc(struct arena *a, size_t size)
{
    size_t need = (size + _Alignof(max_align_t) - 1) & ~(_Alignof(max_align_t) - 1);
    if (need < size)
        abort();
    if (!a->chunks || a->chunks->size - a->chunks->used < need) {
        size_t twice = a->chunks ? a->chunks->size * 2 : FIRST_CHUNK;
        a->chunks = chunk_new(a->chunks, need > twice ? need : twice);
    }
    void *p = a->chunks->bytes + a->chunks->used;
    a->chunks->used += need;
    return memset(p, 0, size);
}

char *arena_copy(struct arena *a, const char *text, size_t len)
{
    char *copy = arena_alloc(a, len + 1);
    memcpy(copy, text, len);
    return copy;
}

char *arena_text(struct arena *a, const char *text)
{
    return arena_copy(a, text, strlen(text));
}

char *arena_vprintf(struct arena *a, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (len < 0)
        abort();
    char *text = arena_alloc(a, (size_t)len + 1);
    vsnprintf(text, (size_t)len + 1, format, args);
    return text;
}

char *arena_printf(struct arena *a, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text = arena_vprintf(a, format, args);
    va_end(args);
    return text;
}

void arena_release(struct arena *a)
{
    while (a->chunks) {
        struct arena_chunk *c = a->chunks;
        a->chunks = c->next;
        sodium_memzero(c->bytes, c->used);
        free(c);
    }
}
