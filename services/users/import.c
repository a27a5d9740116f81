#include "services/users/import.h"

#include <stdlib.h>
#include <string.h>

SCHEMA(import_error_schema, "ImportError", struct import_error, FIELD_INTEGER(struct import_error, number),
       FIELD_INTEGER(struct import_error, line, .summary = "Of a CSV file; of a sheet the row"),
       FIELD_TEXT(struct import_error, heading, .summary = "The column; null: the row as a whole"),
       FIELD_TEXT(struct import_error, member),
       FIELD_TEXT(struct import_error, value, .summary = "Its first 100 characters"),
       FIELD_TEXT(struct import_error, detail), FIELD_TEXT(struct import_error, page_key, .rules = HIDDEN));

const char *import_value(struct arena *arena, const char *value)
{
    size_t size = 0;
    for (int characters = 0; value && value[size] && characters < IMPORT_VALUE_MAX; characters++) {
        size++;
        while ((value[size] & 0xC0) == 0x80)
            size++;
    }
    return value ? arena_copy(arena, value, size) : NULL;
}

bool import_row_is_empty(const struct table_row *in)
{
    for (size_t i = 0; i < in->count; i++)
        if (in->cells[i].kind != XLSX_EMPTY)
            return false;
    return true;
}

static bool same_member(const struct field *f, const void *a, const void *b)
{
    const void *x = field_at(f, a), *y = field_at(f, b);
    if (f->kind == FIELD_KIND_INTEGER || f->kind == FIELD_KIND_REAL || f->kind == FIELD_KIND_BOOLEAN) {
        struct maybe_integer i = {0}, j = {0};
        struct maybe_real r = {0}, s = {0};
        struct maybe_boolean p = {0}, q = {0};
        if (f->kind == FIELD_KIND_INTEGER)
            i = *(const struct maybe_integer *)x, j = *(const struct maybe_integer *)y;
        else if (f->kind == FIELD_KIND_REAL)
            r = *(const struct maybe_real *)x, s = *(const struct maybe_real *)y;
        else
            p = *(const struct maybe_boolean *)x, q = *(const struct maybe_boolean *)y;
        return i.known == j.known && i.value == j.value && r.known == s.known && !(r.value < s.value) &&
               !(r.value > s.value) && p.known == q.known && p.value == q.value;
    }
    const char *text = *(const char *const *)x, *other = *(const char *const *)y;
    return text == other || (text && other && strcmp(text, other) == 0);
}

bool import_same_record(const struct schema *s, const void *a, const void *b)
{
    for (const struct field *f = s->fields; f->name; f++)
        if (!same_member(f, a, b))
            return false;
    return true;
}

/* ---- keys ---- */

void import_seen_begin(struct import_seen *s)
{
    *s = (struct import_seen){0};
    randombytes_buf(s->secret, sizeof s->secret);
}

void import_seen_end(struct import_seen *s)
{
    free(s->slots);
}

static void seen_grow(struct import_seen *s)
{
    struct import_seen grown = {.size = s->size ? 2 * s->size : 4096};
    grown.slots = calloc(grown.size, sizeof *grown.slots);
    if (!grown.slots)
        abort();
    for (size_t i = 0; i < s->size; i++) {
        uint64_t at;
        if (!s->slots[i].line)
            continue;
        memcpy(&at, s->slots[i].hash, sizeof at);
        while (grown.slots[at & (grown.size - 1)].line)
            at++;
        grown.slots[at & (grown.size - 1)] = s->slots[i];
    }
    free(s->slots);
    s->slots = grown.slots;
    s->size = grown.size;
}

uint32_t import_seen_before(struct import_seen *s, const char *key, size_t line)
{
    unsigned char hash[IMPORT_KEY_SIZE];
    uint64_t at;
    if (2 * s->count >= s->size)
        seen_grow(s);
    crypto_generichash(hash, sizeof hash, (const unsigned char *)key, strlen(key), s->secret, sizeof s->secret);
    memcpy(&at, hash, sizeof at);
    for (;; at++) {
        size_t slot = at & (s->size - 1);
        if (s->slots[slot].line == 0) {
            memcpy(s->slots[slot].hash, hash, sizeof hash);
            s->slots[slot].line = (uint32_t)line;
            s->count++;
            return 0;
        }
        if (memcmp(s->slots[slot].hash, hash, sizeof hash) == 0)
            return s->slots[slot].line;
    }
}
