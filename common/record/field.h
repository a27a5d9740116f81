/* The field table: it maps a struct to JSON, forms and SQL.
 *
 * One row per member says its name, kind and rules. Decoding with validation, the JSON reply, the mapping of a row of
 * PostgreSQL and the schema in the OpenAPI document all come from it, so a column is added in one place.
 *
 *     struct patient { const char *id, *name; struct maybe_integer mmse; };
 *
 *     SCHEMA(patient_schema, "Patient", struct patient,
 *         FIELD_UUID   (struct patient, id,   .rules = READ_ONLY),
 *         FIELD_TEXT   (struct patient, name, .rules = REQUIRED, .min = 1, .max = 80),
 *         FIELD_INTEGER(struct patient, mmse, .min = 0, .max = 30));
 *
 * Structs of plain numbers, as statistics have them, are described as they are: NaN and SIZE_MAX stand for "not known".
 *
 *     struct estimate { double mean, lower; size_t patients; bool adjusted; };
 *
 *     SCHEMA(estimate_schema, "Estimate", struct estimate, FIELD_NUMBER(struct estimate, mean), ...);
 *
 * Text of a decoded record belongs to the request (its body or its arena). */
#pragma once

#include "common/base/arena.h"
#include "common/base/problem.h"
#include "common/base/writer.h"
#include "common/record/form.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Members of records; text is const char *, NULL when not known. */
struct maybe_integer {
    bool known;
    int64_t value;
};
struct maybe_real {
    bool known;
    double value;
};
struct maybe_boolean {
    bool known;
    bool value;
};
struct text_list {
    const char **items;
    size_t count;
};
struct real_list {
    const double *items; /* NaN: not known, null in JSON */
    size_t count;
};
struct record_list {
    void *items; /* an array of the sub-schema's struct */
    size_t count;
};

/* A list of records that are there, which nobody changes. */
static inline struct record_list record_list_of(const void *items, size_t count)
{
    return (struct record_list){(void *)(uintptr_t)items, count};
}

/* Makes *out a list of number new records, which lie at `items`. */
#define RECORD_LIST(arena, out, number, type) \
    *(out) = (struct record_list){arena_alloc((arena), ((number) + 1) * sizeof(struct type)), (number)}; \
    struct type *items = (out)->items

enum field_kind {
    FIELD_KIND_TEXT,    /* const char *; min and max count code points */
    FIELD_KIND_UUID,    /* const char *, 32 hexadecimal digits */
    FIELD_KIND_ENUM,    /* const char *, one of values; read in any case */
    FIELD_KIND_DATE,    /* const char *, YYYY-MM-DD */
    FIELD_KIND_TIME,    /* const char *, RFC 3339; ours are in UTC */
    FIELD_KIND_INTEGER, /* struct maybe_integer */
    FIELD_KIND_REAL,    /* struct maybe_real */
    FIELD_KIND_BOOLEAN, /* struct maybe_boolean */
    FIELD_KIND_NUMBER,  /* double; NaN and, when written, infinity: not known */
    FIELD_KIND_COUNT,   /* size_t, 0 to COUNT_MOST; SIZE_MAX: not known */
    FIELD_KIND_FLAG,    /* bool: always known, so that null is refused */
    FIELD_KIND_JSON,    /* const char *: JSON text, of the sub-schema where there is one; output only */
    FIELD_KIND_TEXTS,   /* struct text_list; max counts items */
    FIELD_KIND_REALS,   /* struct real_list; max counts items */
    FIELD_KIND_RECORD,  /* pointer to the sub-schema's struct, NULL when absent */
    FIELD_KIND_RECORDS, /* struct record_list; max counts items */
};

/* Larger whole numbers are not exact for every reader of JSON (RFC 8259, section 6). */
#define COUNT_MOST 9007199254740991.0

enum field_rules {
    REQUIRED = 1,                    /* must be given, and not as null */
    READ_ONLY = 2,                   /* set by the service: refused in input */
    WRITE_ONLY = 4,                  /* secrets: never in a reply */
    HIDDEN = READ_ONLY | WRITE_ONLY, /* a column that only the service sees */
    OMIT_NULL = 8,                   /* left out of a reply when not known */
    ANY_TEXT = 16,                   /* control characters such as line ends are allowed */
    TRIMMED = 32,                    /* no space at either end */
    NOT_NULL = 64,                   /* in a change: may be left out, but not be null */
};

struct schema;

struct field {
    const char *name;
    enum field_kind kind;
    size_t offset;
    unsigned rules;
    double min, max; /* equal: no bound */
    const char *const *values;
    const struct schema *schema;
    const char *summary;
    const char *example;
};

struct schema {
    const char *name; /* in the OpenAPI document; unique in a service */
    size_t size;
    const struct field *fields; /* ends with a row without a name */
};

/* offsetof, and an error at compile time when the member is not of the kind's type. */
#define FIELD_(kind_, struct_, member_, type_, ...) \
    { \
        .name = #member_, .kind = (kind_), \
        .offset = offsetof(struct_, member_) + 0 * sizeof(&((struct_ *)0)->member_ == (type_ *)0), __VA_ARGS__ \
    }
#define FIELD_TEXT(s, m, ...)              FIELD_(FIELD_KIND_TEXT, s, m, const char *, __VA_ARGS__)
#define FIELD_UUID(s, m, ...)              FIELD_(FIELD_KIND_UUID, s, m, const char *, __VA_ARGS__)
#define FIELD_ENUM(s, m, v, ...)           FIELD_(FIELD_KIND_ENUM, s, m, const char *, .values = (v), __VA_ARGS__)
#define FIELD_DATE(s, m, ...)              FIELD_(FIELD_KIND_DATE, s, m, const char *, __VA_ARGS__)
#define FIELD_TIME(s, m, ...)              FIELD_(FIELD_KIND_TIME, s, m, const char *, __VA_ARGS__)
#define FIELD_INTEGER(s, m, ...)           FIELD_(FIELD_KIND_INTEGER, s, m, struct maybe_integer, __VA_ARGS__)
#define FIELD_REAL(s, m, ...)              FIELD_(FIELD_KIND_REAL, s, m, struct maybe_real, __VA_ARGS__)
#define FIELD_BOOLEAN(s, m, ...)           FIELD_(FIELD_KIND_BOOLEAN, s, m, struct maybe_boolean, __VA_ARGS__)
#define FIELD_NUMBER(s, m, ...)            FIELD_(FIELD_KIND_NUMBER, s, m, double, __VA_ARGS__)
#define FIELD_COUNT(s, m, ...)             FIELD_(FIELD_KIND_COUNT, s, m, size_t, __VA_ARGS__)
#define FIELD_FLAG(s, m, ...)              FIELD_(FIELD_KIND_FLAG, s, m, bool, __VA_ARGS__)
#define FIELD_JSON(s, m, ...)              FIELD_(FIELD_KIND_JSON, s, m, const char *, __VA_ARGS__)
#define FIELD_TEXTS(s, m, ...)             FIELD_(FIELD_KIND_TEXTS, s, m, struct text_list, __VA_ARGS__)
#define FIELD_REALS(s, m, ...)             FIELD_(FIELD_KIND_REALS, s, m, struct real_list, __VA_ARGS__)
#define FIELD_RECORD(s, m, sub, type, ...) FIELD_(FIELD_KIND_RECORD, s, m, type *, .schema = &(sub), __VA_ARGS__)
#define FIELD_RECORDS(s, m, sub, ...) \
    FIELD_(FIELD_KIND_RECORDS, s, m, struct record_list, .schema = &(sub), __VA_ARGS__)

#define SCHEMA(variable, name_, struct_, ...) \
    static const struct field variable##_fields[] = {__VA_ARGS__, {0}}; \
    const struct schema variable = {name_, sizeof(struct_), variable##_fields}
#define LOCAL_SCHEMA(variable, name_, struct_, ...) \
    static const struct field variable##_fields[] = {__VA_ARGS__, {0}}; \
    static const struct schema variable = {name_, sizeof(struct_), variable##_fields}

/* The parts of a request that members can come from; parts that do not apply are empty. */
struct input {
    struct arena *arena;
    struct form path;  /* variables of the path, by name */
    struct form query; /* empty where the route takes its input from the body alone */
    struct form form;  /* a form body */
    json_t *json;      /* a JSON body, or NULL */
};

/* Fills out, noting all offending members: unknown, repeated, read-only, of a wrong type, out of range, missing.
 * Members that are not given keep their values, so a PATCH decodes onto the stored record; in a nested record, which is
 * new, they are not known. A variable of the path is used where the schema has a member of its name. INVALID or
 * MALFORMED when anything was noted. */
enum status schema_decode(const struct schema *s, const struct input *in, void *out, struct problem *why);

/* The same from one object inside the body, which stands at that JSON pointer. */
enum status schema_decode_at(const struct schema *s, const struct input *in, json_t *object, const char *pointer,
                             void *out, struct problem *why);

/* Sets the member to "not known", a flag to false. */
void field_clear(const struct field *f, void *record);

/* The same for every member; the rest of the struct becomes zero. */
void schema_clear(const struct schema *s, void *record);

/* The record as a JSON object. */
void schema_write(const struct schema *s, const void *record, struct writer *w);
char *schema_text(const struct schema *s, const void *record, struct arena *arena);

/* Sets the member called column from PostgreSQL's text form (NULL: not known). The search begins at hint: the columns
 * of a statement mostly come in the order of the table. Returns the member's index, or -1 when there is none. */
int schema_set_column(const struct schema *s, int hint, const char *column, const char *value, struct arena *arena,
                      void *record);

/* The row of that name; NULL when there is none. */
const struct field *schema_field(const struct schema *s, const char *name);

/* A decoded value inside the record. */
static inline void *field_at(const struct field *f, const void *record)
{
    return (char *)(uintptr_t)record + f->offset;
}

/* The HIDDEN member of that name inside the record; NULL when there is none. */
void *schema_hidden(const struct schema *s, const char *name, const void *record);
