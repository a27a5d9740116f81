#include "common/database/columns.h"

#include <math.h>
#include <stdlib.h>

const char *columns_type(const struct field *f)
{
    static const char *const types[] = {
        [FIELD_KIND_TEXT] = "text",    [FIELD_KIND_UUID] = "uuid",        [FIELD_KIND_ENUM] = "text",
        [FIELD_KIND_DATE] = "date",    [FIELD_KIND_TIME] = "timestamptz", [FIELD_KIND_INTEGER] = "bigint",
        [FIELD_KIND_REAL] = "float8",  [FIELD_KIND_BOOLEAN] = "boolean",  [FIELD_KIND_NUMBER] = "float8",
        [FIELD_KIND_COUNT] = "bigint", [FIELD_KIND_FLAG] = "boolean",
    };
    if (f->kind >= COUNT(types) || !types[f->kind])
        abort(); /* a column holds one value */
    return types[f->kind];
}

int columns_count(const struct schema *s)
{
    int count = 0;
    while (s->fields[count].name)
        count++;
    return count;
}

const char *columns_names(struct arena *arena, const struct schema *s, const char *prefix)
{
    const char *list = "";
    for (const struct field *f = s->fields; f->name; f++)
        list = arena_printf(arena, "%s%s%s%s", list, *list ? ", " : "", prefix, f->name);
    return list;
}

const char *columns_parameters(struct arena *arena, const struct schema *s, int first)
{
    const char *list = "";
    for (const struct field *f = s->fields; f->name; f++)
        list = arena_printf(arena, "%s%s$%d::%s", list, *list ? ", " : "", first++, columns_type(f));
    return list;
}

static struct maybe_integer count_of(size_t count)
{
    return (struct maybe_integer){count != SIZE_MAX, (int64_t)count};
}

static const char *value_of(struct db *db, const struct field *f, const void *member)
{
    switch (f->kind) {
    case FIELD_KIND_INTEGER:
        return db_integer(db, *(const struct maybe_integer *)member);
    case FIELD_KIND_REAL:
        return db_real(db, *(const struct maybe_real *)member);
    case FIELD_KIND_BOOLEAN:
        return db_boolean(*(const struct maybe_boolean *)member);
    case FIELD_KIND_NUMBER:
        return db_real(db, (struct maybe_real){isfinite(*(const double *)member), *(const double *)member});
    case FIELD_KIND_COUNT:
        return db_integer(db, count_of(*(const size_t *)member));
    case FIELD_KIND_FLAG:
        return *(const bool *)member ? "true" : "false";
    default:
        return *(const char *const *)member;
    }
}

void columns_values(struct db *db, const struct schema *s, const void *record, const char **out)
{
    for (const struct field *f = s->fields; f->name; f++)
        *out++ = value_of(db, f, field_at(f, record));
}
