/* Records to JSON, and rows of PostgreSQL to records. */
#include "common/base/text.h"
#include "common/record/field.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void write_texts(const struct text_list *list, struct writer *w)
{
    write_array(w);
    for (size_t i = 0; i < list->count; i++)
        write_text(w, list->items[i]);
    write_array_end(w);
}

static void write_reals(const struct real_list *list, struct writer *w)
{
    write_array(w);
    for (size_t i = 0; i < list->count; i++)
        write_real(w, list->items[i]);
    write_array_end(w);
}

static void write_records(const struct field *f, const struct record_list *list, struct writer *w)
{
    write_array(w);
    for (size_t i = 0; i < list->count; i++)
        schema_write(f->schema, (const char *)list->items + i * f->schema->size, w);
    write_array_end(w);
}

static bool known(const struct field *f, const void *member)
{
    switch (f->kind) {
    case FIELD_KIND_INTEGER:
        return ((const struct maybe_integer *)member)->known;
    case FIELD_KIND_REAL:
        return ((const struct maybe_real *)member)->known;
    case FIELD_KIND_BOOLEAN:
        return ((const struct maybe_boolean *)member)->known;
    case FIELD_KIND_NUMBER:
        return isfinite(*(const double *)member);
    case FIELD_KIND_COUNT:
        return *(const size_t *)member != SIZE_MAX;
    case FIELD_KIND_FLAG:
        return true;
    case FIELD_KIND_TEXTS:
        return ((const struct text_list *)member)->items != NULL;
    case FIELD_KIND_REALS:
        return ((const struct real_list *)member)->items != NULL;
    case FIELD_KIND_RECORDS:
        return ((const struct record_list *)member)->items != NULL;
    default:
        return *(const void *const *)member != NULL;
    }
}

static void write_member(const struct field *f, const void *member, struct writer *w)
{
    switch (f->kind) {
    case FIELD_KIND_INTEGER:
        write_integer(w, ((const struct maybe_integer *)member)->value);
        break;
    case FIELD_KIND_REAL:
        write_real(w, ((const struct maybe_real *)member)->value);
        break;
    case FIELD_KIND_BOOLEAN:
        write_boolean(w, ((const struct maybe_boolean *)member)->value);
        break;
    case FIELD_KIND_NUMBER:
        write_real(w, *(const double *)member);
        break;
    case FIELD_KIND_COUNT:
        write_integer(w, (int64_t) * (const size_t *)member);
        break;
    case FIELD_KIND_FLAG:
        write_boolean(w, *(const bool *)member);
        break;
    case FIELD_KIND_TEXTS:
        write_texts(member, w);
        break;
    case FIELD_KIND_REALS:
        write_reals(member, w);
        break;
    case FIELD_KIND_RECORDS:
        write_records(f, member, w);
        break;
    case FIELD_KIND_RECORD:
        schema_write(f->schema, *(void *const *)member, w);
        break;
    case FIELD_KIND_JSON:
        write_raw(w, *(const char *const *)member, strlen(*(const char *const *)member));
        break;
    default:
        write_text(w, *(const char *const *)member);
    }
}

void schema_write(const struct schema *s, const void *record, struct writer *w)
{
    write_object(w);
    for (const struct field *f = s->fields; f->name; f++) {
        const void *member = field_at(f, record);
        bool is_known = known(f, member);
        if ((f->rules & WRITE_ONLY) || ((f->rules & OMIT_NULL) && !is_known))
            continue;
        write_key(w, f->name);
        if (is_known)
            write_member(f, member, w);
        else
            write_null(w);
    }
    write_object_end(w);
}

char *schema_text(const struct schema *s, const void *record, struct arena *arena)
{
    struct writer w = {0};
    schema_write(s, record, &w);
    return writer_text(&w, arena);
}

/* "2026-11-20 12:00:00.123456+00", as PostgreSQL prints it in UTC, to RFC 3339. */
static const char *rfc3339(const char *value, struct arena *arena)
{
    size_t size = strlen(value);
    char *text = arena_copy(arena, value, size);
    if (size > 13 && text[10] == ' ' && strcmp(text + size - 3, "+00") == 0) {
        text[10] = 'T';
        text[size - 3] = 'Z';
        text[size - 2] = '\0';
    }
    return text;
}

static const char *uuid(const char *value, struct arena *arena)
{
    char digits[33];
    return text_uuid(value, digits) ? arena_copy(arena, digits, 32) : NULL;
}

static void set_column(const struct field *f, const char *value, struct arena *arena, void *member)
{
    switch (f->kind) {
    case FIELD_KIND_INTEGER:
        *(struct maybe_integer *)member = (struct maybe_integer){true, strtoll(value, NULL, 10)};
        break;
    case FIELD_KIND_REAL:
        *(struct maybe_real *)member = (struct maybe_real){true, strtod(value, NULL)};
        break;
    case FIELD_KIND_BOOLEAN:
        *(struct maybe_boolean *)member = (struct maybe_boolean){true, value[0] == 't'};
        break;
    case FIELD_KIND_NUMBER:
        *(double *)member = strtod(value, NULL);
        break;
    case FIELD_KIND_COUNT:
        *(size_t *)member = value[0] == '-' ? SIZE_MAX : strtoull(value, NULL, 10);
        break;
    case FIELD_KIND_FLAG:
        *(bool *)member = value[0] == 't';
        break;
    case FIELD_KIND_UUID:
        *(const char **)member = uuid(value, arena);
        break;
    case FIELD_KIND_TIME:
        *(const char **)member = rfc3339(value, arena);
        break;
    case FIELD_KIND_TEXTS:
    case FIELD_KIND_REALS:
    case FIELD_KIND_RECORD:
    case FIELD_KIND_RECORDS:
        abort(); /* a column holds one value; arrays come as FIELD_JSON */
    default:
        *(const char **)member = arena_text(arena, value);
    }
}

int schema_set_column(const struct schema *s, int hint, const char *column, const char *value, struct arena *arena,
                      void *record)
{
    const struct field *f = s->fields + hint;
    if (!f->name || strcmp(f->name, column) != 0) {
        for (f = s->fields; f->name && strcmp(f->name, column) != 0;)
            f++;
        if (!f->name)
            return -1;
    }
    if (value)
        set_column(f, value, arena, field_at(f, record));
    else if (f->kind == FIELD_KIND_NUMBER || f->kind == FIELD_KIND_COUNT)
        field_clear(f, record); /* others are not known where they are zero */
    return (int)(f - s->fields);
}
