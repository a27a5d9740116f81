#include "services/analytics/trait.h"

#include "common/text.h"

#include <math.h>
#include <string.h>

/* What a factor says of a patient of whom it is not known. */
static const char *const unknowns[] = {"unknown", "not_determined", NULL};

#define TRAIT_NUMBER(name, least, most, near)
#define TRAIT_FACTOR(name, ...) \
    static const char *const name##_values[] = {__VA_ARGS__, NULL}; \
    static const char *const name##_inputs[] = {__VA_ARGS__, "unknown", "not_determined", NULL};
#define TRAIT_CODE(name)
TRAITS(TRAIT_NUMBER, TRAIT_FACTOR, TRAIT_CODE)
#undef TRAIT_NUMBER
#undef TRAIT_FACTOR
#undef TRAIT_CODE

#define TRAIT_NUMBER(name, least, most, near) FIELD_REAL(struct profile, name, .min = (least), .max = (most)),
#define TRAIT_FACTOR(name, ...)               FIELD_ENUM(struct profile, name, name##_inputs),
#define TRAIT_CODE(name)                      FIELD_TEXT(struct profile, name, .min = 1, .max = 80),
static const struct field profile_fields[] = {TRAITS(TRAIT_NUMBER, TRAIT_FACTOR, TRAIT_CODE){0}};
const struct schema profile_schema = {"TumourProfile", sizeof(struct profile), profile_fields};
#undef TRAIT_NUMBER
#undef TRAIT_FACTOR
#undef TRAIT_CODE

#define TRAIT_NUMBER(name_, least, most, near_) {.name = #name_, .is_number = true, .near = (near_)},
#define TRAIT_FACTOR(name_, ...)                {.name = #name_, .values = name_##_values},
#define TRAIT_CODE(name_)                       {.name = #name_},
const struct trait traits[TRAIT_COUNT] = {TRAITS(TRAIT_NUMBER, TRAIT_FACTOR, TRAIT_CODE)};
#undef TRAIT_NUMBER
#undef TRAIT_FACTOR
#undef TRAIT_CODE

#define TRAIT_NUMBER(name, least, most, near) #name,
#define TRAIT_FACTOR(name, ...)               #name,
#define TRAIT_CODE(name)                      #name,
const char *const trait_names[] = {TRAITS(TRAIT_NUMBER, TRAIT_FACTOR, TRAIT_CODE) NULL};
#undef TRAIT_NUMBER
#undef TRAIT_FACTOR
#undef TRAIT_CODE

static size_t index_in(const char *const *names, size_t count, const char *name)
{
    size_t i = 0;
    while (i < count && strcmp(names[i], name) != 0)
        i++;
    return i;
}

static size_t length_of(const char *const *names)
{
    size_t count = 0;
    while (names[count])
        count++;
    return count;
}

enum trait_name trait_find(const char *name)
{
    return (enum trait_name)index_in(trait_names, TRAIT_COUNT, name);
}

static bool is_known(const char *text)
{
    return text && *text && index_in(unknowns, COUNT(unknowns) - 1, text) == COUNT(unknowns) - 1;
}

static double number_of(const char *text)
{
    double number;
    return is_known(text) && text_real(text, &number) ? number : NAN;
}

/* The values of an enumeration are there from the beginning; codes come as they are met. */
static void levels_begin(enum trait_name name, struct arena *arena, const char ***out, size_t *out_count)
{
    const char **levels = arena_alloc(arena, (TRAIT_LEVELS_MAX + 1) * sizeof *levels);
    size_t count = traits[name].values ? length_of(traits[name].values) : 0;
    if (count > 0)
        memcpy(levels, traits[name].values, count * sizeof *levels);
    *out = levels;
    *out_count = count;
}

static enum status factor_read(enum trait_name name, const char *const *texts, size_t count, struct arena *arena,
                               struct problem *why, struct trait_column *out)
{
    const char **levels;
    size_t level_count;
    levels_begin(name, arena, &levels, &level_count);
    for (size_t i = 0; i < count; i++) {
        size_t level = is_known(texts[i]) ? index_in(levels, level_count, texts[i]) : 0;
        if (level == TRAIT_LEVELS_MAX)
            return fail(why, INVALID, NULL, "There are more than %d values of %s.", TRAIT_LEVELS_MAX,
                        traits[name].name);
        if (is_known(texts[i]) && level == level_count)
            levels[level_count++] = arena_text(arena, texts[i]);
        out->values[i] = is_known(texts[i]) ? (double)level : NAN;
    }
    out->levels = levels;
    out->level_count = level_count;
    return OK;
}

enum status trait_column_read(enum trait_name name, const char *const *texts, size_t count, struct arena *arena,
                              struct problem *why, struct trait_column *out)
{
    struct trait_column column = {.values = arena_alloc(arena, (count + 1) * sizeof *column.values)};
    if (!traits[name].is_number)
        TRY(factor_read(name, texts, count, arena, why, &column));
    for (size_t i = 0; i < count && traits[name].is_number; i++)
        column.values[i] = number_of(texts[i]);
    *out = column;
    return OK;
}

double trait_of_profile(enum trait_name name, const struct profile *profile, const struct trait_column *column)
{
    const void *member = field_at(&profile_schema.fields[name], profile);
    if (traits[name].is_number) {
        const struct maybe_real *number = member;
        return number->known ? number->value : NAN;
    }
    const char *text = *(const char *const *)member;
    size_t level = is_known(text) ? index_in(column->levels, column->level_count, text) : column->level_count;
    return level < column->level_count ? (double)level : NAN;
}
