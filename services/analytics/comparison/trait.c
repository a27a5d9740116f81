#include "services/analytics/comparison/trait.h"

#include "common/base/text.h"

#include <math.h>
#include <string.h>

/* The values of a factor that mean unknown. */
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

#define TRAIT_NUMBER(name, least, most, near) \
    FIELD_REAL(struct profile, name, .rules = OMIT_NULL, .min = (least), .max = (most)),
#define TRAIT_FACTOR(name, ...) FIELD_ENUM(struct profile, name, name##_inputs, .rules = OMIT_NULL),
#define TRAIT_CODE(name)        FIELD_TEXT(struct profile, name, .rules = OMIT_NULL, .min = 1, .max = 80),
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

/* Levels that are known stay in their order; codes come as they are met. */
enum status trait_levels_read(const char *what, const char *const *known, const char *const *texts, size_t count,
                              struct arena *arena, struct problem *why, struct trait_column *out)
{
    const char **levels = arena_alloc(arena, (TRAIT_LEVELS_MAX + 1) * sizeof *levels);
    double *values = arena_alloc(arena, (count + 1) * sizeof *values);
    size_t level_count = known ? length_of(known) : 0;
    if (level_count > TRAIT_LEVELS_MAX)
        return fail(why, INVALID, NULL, "There are more than %d values of %s.", TRAIT_LEVELS_MAX, what);
    for (size_t i = 0; i < level_count; i++)
        levels[i] = known[i];
    for (size_t i = 0; i < count; i++) {
        values[i] = NAN;
        if (!is_known(texts[i]))
            continue;
        size_t level = index_in(levels, level_count, texts[i]);
        if (level == TRAIT_LEVELS_MAX)
            return fail(why, INVALID, NULL, "There are more than %d values of %s.", TRAIT_LEVELS_MAX, what);
        if (level == level_count)
            levels[level_count++] = arena_text(arena, texts[i]);
        values[i] = (double)level;
    }
    *out = (struct trait_column){values, levels, level_count};
    return OK;
}

enum status trait_column_read(enum trait_name name, const char *const *texts, size_t count, struct arena *arena,
                              struct problem *why, struct trait_column *out)
{
    const struct trait *trait = &traits[name];
    if (!trait->is_number)
        return trait_levels_read(trait->name, trait->values, texts, count, arena, why, out);
    double *values = arena_alloc(arena, (count + 1) * sizeof *values);
    for (size_t i = 0; i < count; i++)
        values[i] = number_of(texts[i]);
    *out = (struct trait_column){.values = values};
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
