/* Input to records. Text (path, query, form) and JSON meet in the checks of a value: each decoder turns its input into
 * the kind's C type and hands it to the same rule. */
#include "common/base/date.h"
#include "common/base/text.h"
#include "common/record/field.h"

#include <assert.h>
#include <math.h>
#include <string.h>
#include <strings.h>

struct decoder {
    struct arena *arena;
    struct problem *why;
    const char *prefix; /* JSON pointer of the enclosing object, "" at the top */
};

static enum status decode_object(struct decoder *d, const struct schema *s, json_t *object, void *out);

/* Notes what is wrong with one member. */
#define REFUSE(d, name, ...) fail((d)->why, INVALID, problem_pointer((d)->arena, (d)->prefix, name), __VA_ARGS__)

static bool bounded(const struct field *f)
{
    return f->min < f->max;
}

static void set_integer(struct decoder *d, const struct field *f, int64_t value, void *record)
{
    if (f->kind == FIELD_KIND_COUNT && !bounded(f) && (value < 0 || (double)value > COUNT_MOST))
        REFUSE(d, f->name, "must be between 0 and %.0f", COUNT_MOST);
    else if (bounded(f) && ((double)value < f->min || (double)value > f->max))
        REFUSE(d, f->name, "must be between %.0f and %.0f", f->min, f->max);
    else if (f->kind == FIELD_KIND_COUNT)
        *(size_t *)field_at(f, record) = (size_t)value;
    else
        *(struct maybe_integer *)field_at(f, record) = (struct maybe_integer){true, value};
}

static void set_real(struct decoder *d, const struct field *f, double value, void *record)
{
    if (bounded(f) && (value < f->min || value > f->max))
        REFUSE(d, f->name, "must be between %g and %g", f->min, f->max);
    else if (f->kind == FIELD_KIND_NUMBER)
        *(double *)field_at(f, record) = value;
    else
        *(struct maybe_real *)field_at(f, record) = (struct maybe_real){true, value};
}

static bool text_fits(struct decoder *d, const struct field *f, const char *text)
{
    size_t size = strlen(text);
    long length = text_length(text, size);
    if (length < 0)
        REFUSE(d, f->name, "must be UTF-8 text");
    else if (bounded(f) && (length < (long)f->min || length > (long)f->max))
        REFUSE(d, f->name, "must have %.0f to %.0f characters", f->min, f->max);
    else if (!(f->rules & ANY_TEXT) && text_has_control(text, size))
        REFUSE(d, f->name, "must not hold control characters");
    else if ((f->rules & TRIMMED) && size > 0 && (text[0] == ' ' || text[size - 1] == ' '))
        REFUSE(d, f->name, "must not begin or end with a space");
    else
        return true;
    return false;
}

static const char *enum_value(const struct field *f, const char *text)
{
    for (const char *const *v = f->values; *v; v++)
        if (strcasecmp(*v, text) == 0)
            return *v;
    return NULL;
}

static const char *enum_list(struct decoder *d, const struct field *f)
{
    const char *list = f->values[0];
    for (const char *const *v = f->values + 1; *v; v++)
        list = arena_printf(d->arena, "%s, %s", list, *v);
    return list;
}

/* Kinds that are text in JSON, too. */
static void set_text(struct decoder *d, const struct field *f, const char *text, void *record)
{
    const char **member = field_at(f, record);
    char uuid[33];
    struct date day;
    switch (f->kind) {
    case FIELD_KIND_TEXT:
        if (text_fits(d, f, text))
            *member = text;
        break;
    case FIELD_KIND_UUID:
        if (text_uuid(text, uuid))
            *member = arena_text(d->arena, uuid);
        else
            REFUSE(d, f->name, "must be an id of 32 hexadecimal digits");
        break;
    case FIELD_KIND_ENUM:
        if (enum_value(f, text))
            *member = enum_value(f, text);
        else
            REFUSE(d, f->name, "must be one of: %s", enum_list(d, f));
        break;
    case FIELD_KIND_DATE:
        if (date_parse(text, &day))
            *member = text;
        else
            REFUSE(d, f->name, "must be a date that exists, as YYYY-MM-DD");
        break;
    case FIELD_KIND_TIME:
        if (text_time(text))
            *member = text;
        else
            REFUSE(d, f->name, "must be a time as 2026-01-31T12:00:00Z (a + in a query is written %%2B)");
        break;
    default:
        REFUSE(d, f->name, "cannot be given as text");
    }
}

static void set_boolean(const struct field *f, bool value, void *record)
{
    if (f->kind == FIELD_KIND_FLAG)
        *(bool *)field_at(f, record) = value;
    else
        *(struct maybe_boolean *)field_at(f, record) = (struct maybe_boolean){true, value};
}

static void decode_text(struct decoder *d, const struct field *f, const char *text, void *record)
{
    int64_t integer;
    double real;
    switch (f->kind) {
    case FIELD_KIND_INTEGER:
    case FIELD_KIND_COUNT:
        if (text_integer(text, &integer))
            set_integer(d, f, integer, record);
        else
            REFUSE(d, f->name, "must be a whole number");
        break;
    case FIELD_KIND_REAL:
    case FIELD_KIND_NUMBER:
        if (text_real(text, &real))
            set_real(d, f, real, record);
        else
            REFUSE(d, f->name, "must be a number");
        break;
    case FIELD_KIND_BOOLEAN:
    case FIELD_KIND_FLAG:
        if (strcmp(text, "true") == 0 || strcmp(text, "false") == 0)
            set_boolean(f, text[0] == 't', record);
        else
            REFUSE(d, f->name, "must be true or false");
        break;
    default:
        set_text(d, f, text, record);
    }
}

static void decode_texts(struct decoder *d, const struct field *f, json_t *array, void *record)
{
    size_t count = json_array_size(array);
    if (bounded(f) && (count < (size_t)f->min || count > (size_t)f->max)) {
        REFUSE(d, f->name, "must have %.0f to %.0f items", f->min, f->max);
        return;
    }
    const char **items = arena_alloc(d->arena, (count + 1) * sizeof *items);
    for (size_t i = 0; i < count; i++) {
        items[i] = json_string_value(json_array_get(array, i));
        if (!items[i])
            fail(d->why, INVALID, arena_printf(d->arena, "%s/%s/%zu", d->prefix, f->name, i), "must be text");
    }
    *(struct text_list *)field_at(f, record) = (struct text_list){items, count};
}

static void decode_reals(struct decoder *d, const struct field *f, json_t *array, void *record)
{
    size_t count = json_array_size(array);
    if (bounded(f) && (count < (size_t)f->min || count > (size_t)f->max)) {
        REFUSE(d, f->name, "must have %.0f to %.0f items", f->min, f->max);
        return;
    }
    double *items = arena_alloc(d->arena, (count + 1) * sizeof *items);
    for (size_t i = 0; i < count; i++) {
        json_t *item = json_array_get(array, i);
        items[i] = json_is_null(item) ? NAN : json_number_value(item);
        if (!json_is_null(item) && !json_is_number(item))
            fail(d->why, INVALID, arena_printf(d->arena, "%s/%s/%zu", d->prefix, f->name, i), "must be a number");
    }
    *(struct real_list *)field_at(f, record) = (struct real_list){items, count};
}

void field_clear(const struct field *f, void *record)
{
    static const size_t sizes[] = {
        [FIELD_KIND_INTEGER] = sizeof(struct maybe_integer), [FIELD_KIND_REAL] = sizeof(struct maybe_real),
        [FIELD_KIND_BOOLEAN] = sizeof(struct maybe_boolean), [FIELD_KIND_FLAG] = sizeof(bool),
        [FIELD_KIND_TEXTS] = sizeof(struct text_list),       [FIELD_KIND_REALS] = sizeof(struct real_list),
        [FIELD_KIND_RECORDS] = sizeof(struct record_list),
    };
    size_t size = f->kind < COUNT(sizes) ? sizes[f->kind] : 0;
    if (f->kind == FIELD_KIND_NUMBER)
        *(double *)field_at(f, record) = NAN;
    else if (f->kind == FIELD_KIND_COUNT)
        *(size_t *)field_at(f, record) = SIZE_MAX;
    else
        memset(field_at(f, record), 0, size ? size : sizeof(char *));
}

void schema_clear(const struct schema *s, void *record)
{
    memset(record, 0, s->size);
    for (const struct field *f = s->fields; f->name; f++)
        field_clear(f, record);
}

static void *records_new(struct arena *arena, const struct schema *s, size_t count)
{
    char *items = arena_alloc(arena, (count + 1) * s->size);
    for (size_t i = 0; i < count; i++)
        schema_clear(s, items + i * s->size);
    return items;
}

static void decode_record(struct decoder *d, const struct field *f, json_t *object, void *record)
{
    void *sub = records_new(d->arena, f->schema, 1);
    struct decoder inner = {d->arena, d->why, arena_printf(d->arena, "%s/%s", d->prefix, f->name)};
    decode_object(&inner, f->schema, object, sub);
    *(void **)field_at(f, record) = sub;
}

static void decode_records(struct decoder *d, const struct field *f, json_t *array, void *record)
{
    size_t count = json_array_size(array);
    if (bounded(f) && (count < (size_t)f->min || count > (size_t)f->max)) {
        REFUSE(d, f->name, "must have %.0f to %.0f items", f->min, f->max);
        return;
    }
    char *items = records_new(d->arena, f->schema, count);
    for (size_t i = 0; i < count; i++) {
        struct decoder inner = {d->arena, d->why, arena_printf(d->arena, "%s/%s/%zu", d->prefix, f->name, i)};
        json_t *item = json_array_get(array, i);
        if (json_is_object(item))
            decode_object(&inner, f->schema, item, items + i * f->schema->size);
        else
            fail(d->why, INVALID, inner.prefix, "must be an object");
    }
    *(struct record_list *)field_at(f, record) = (struct record_list){items, count};
}

static void decode_json(struct decoder *d, const struct field *f, json_t *value, void *record)
{
    if (json_is_null(value) && ((f->rules & (REQUIRED | NOT_NULL)) || f->kind == FIELD_KIND_FLAG)) {
        REFUSE(d, f->name, "must not be null");
    } else if (json_is_null(value)) {
        field_clear(f, record);
    } else if (f->kind == FIELD_KIND_INTEGER || f->kind == FIELD_KIND_COUNT) {
        /* 21.0 is the same number as 21 (RFC 8259 knows only numbers). */
        double real = json_number_value(value);
        if (json_is_integer(value))
            set_integer(d, f, json_integer_value(value), record);
        else if (json_is_real(value) && real == floor(real) && fabs(real) < 9e15)
            set_integer(d, f, (int64_t)real, record);
        else
            REFUSE(d, f->name, "must be a whole number");
    } else if (f->kind == FIELD_KIND_REAL || f->kind == FIELD_KIND_NUMBER) {
        if (json_is_number(value))
            set_real(d, f, json_number_value(value), record);
        else
            REFUSE(d, f->name, "must be a number");
    } else if (f->kind == FIELD_KIND_BOOLEAN || f->kind == FIELD_KIND_FLAG) {
        if (json_is_boolean(value))
            set_boolean(f, json_is_true(value), record);
        else
            REFUSE(d, f->name, "must be true or false");
    } else if (f->kind == FIELD_KIND_TEXTS || f->kind == FIELD_KIND_REALS || f->kind == FIELD_KIND_RECORDS) {
        if (!json_is_array(value))
            REFUSE(d, f->name, "must be an array");
        else if (f->kind == FIELD_KIND_TEXTS)
            decode_texts(d, f, value, record);
        else if (f->kind == FIELD_KIND_REALS)
            decode_reals(d, f, value, record);
        else
            decode_records(d, f, value, record);
    } else if (f->kind == FIELD_KIND_RECORD) {
        if (json_is_object(value))
            decode_record(d, f, value, record);
        else
            REFUSE(d, f->name, "must be an object");
    } else if (json_is_string(value)) {
        set_text(d, f, json_string_value(value), record);
    } else {
        REFUSE(d, f->name, "must be text");
    }
}

const struct field *schema_field(const struct schema *s, const char *name)
{
    for (const struct field *f = s->fields; f->name; f++)
        if (strcmp(f->name, name) == 0)
            return f;
    return NULL;
}

void *schema_hidden(const struct schema *s, const char *name, const void *record)
{
    const struct field *f = schema_field(s, name);
    return f && (f->rules & HIDDEN) == HIDDEN ? field_at(f, record) : NULL;
}

/* Of each member, whether it was given. */
static bool *given_none(struct decoder *d, const struct schema *s)
{
    size_t count = 0;
    while (s->fields[count].name)
        count++;
    return arena_alloc(d->arena, count * sizeof(bool));
}

/* The writable field of that name, once; NULL when the member had to be refused. */
static const struct field *claim(struct decoder *d, const struct schema *s, const char *name, bool *given)
{
    const struct field *f = schema_field(s, name);
    if (!f) {
        REFUSE(d, name, "is not known here");
        return NULL;
    }
    if (given[f - s->fields])
        REFUSE(d, name, "is given more than once");
    else if (f->rules & READ_ONLY)
        REFUSE(d, name, "is read-only");
    else {
        given[f - s->fields] = true;
        return f;
    }
    return NULL;
}

static void refuse_missing(struct decoder *d, const struct schema *s, const bool *given)
{
    for (const struct field *f = s->fields; f->name; f++)
        if ((f->rules & REQUIRED) && !given[f - s->fields])
            REFUSE(d, f->name, "is required");
}

static void decode_members(struct decoder *d, const struct schema *s, json_t *object, bool *given, void *out)
{
    const char *name;
    json_t *value;
    json_object_foreach(object, name, value)
    {
        const struct field *f = claim(d, s, name, given);
        if (f)
            decode_json(d, f, value, out);
    }
}

static enum status decode_object(struct decoder *d, const struct schema *s, json_t *object, void *out)
{
    bool *given = given_none(d, s);
    decode_members(d, s, object, given, out);
    refuse_missing(d, s, given);
    return problem_status(d->why);
}

static void decode_form(struct decoder *d, const struct schema *s, const struct form *form, bool *given, void *out)
{
    for (size_t i = 0; i < form->count; i++) {
        const struct field *f = claim(d, s, form->pairs[i].key, given);
        if (f)
            decode_text(d, f, form->pairs[i].value, out);
    }
}

static void decode_path(struct decoder *d, const struct schema *s, const struct form *path, bool *given, void *out)
{
    for (size_t i = 0; i < path->count; i++) {
        if (!schema_field(s, path->pairs[i].key))
            continue;
        const struct field *f = claim(d, s, path->pairs[i].key, given);
        if (f)
            decode_text(d, f, path->pairs[i].value, out);
    }
}

enum status schema_decode_at(const struct schema *s, const struct input *in, json_t *object, const char *pointer,
                             void *out, struct problem *why)
{
    struct decoder d = {in->arena, why, pointer};
    bool *given = given_none(&d, s);
    decode_path(&d, s, &in->path, given, out);
    decode_form(&d, s, &in->query, given, out);
    decode_form(&d, s, &in->form, given, out);
    decode_members(&d, s, object, given, out);
    refuse_missing(&d, s, given);
    return problem_status(why);
}

enum status schema_decode(const struct schema *s, const struct input *in, void *out, struct problem *why)
{
    return schema_decode_at(s, in, in->json, "", out, why);
}
