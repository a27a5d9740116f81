#include "common/base/setting.h"

#include "common/base/text.h"
#include "common/base/words.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { FILE_VALUE_MAX = 64 * 1024, WORD_SIZE = 64 };

/* The content of a file without the line end that editors add; NULL when it cannot be read. */
static char *file_value(const char *path)
{
    FILE *f = fopen(path, "re");
    if (!f)
        return NULL;
    char *value = calloc(1, FILE_VALUE_MAX);
    size_t size = value ? fread(value, 1, FILE_VALUE_MAX, f) : 0;
    int error = ferror(f) ? errno : size == FILE_VALUE_MAX ? EFBIG : 0;
    fclose(f);
    if (error) {
        free(value);
        errno = error;
        return NULL;
    }
    while (size > 0 && (value[size - 1] == '\n' || value[size - 1] == '\r'))
        value[--size] = '\0';
    return value;
}

/* malloc'd; NULL with *readable false when NAME_FILE cannot be read, and NULL for a required value that is empty. */
static char *given_value(const struct setting *s, bool *readable)
{
    char file_name[80];
    snprintf(file_name, sizeof file_name, "%s_FILE", s->name);
    const char *path = getenv(file_name), *value = getenv(s->name);
    *readable = true;
    if (value && *value)
        return strdup(value);
    if (path && *path) {
        char *content = file_value(path);
        *readable = content != NULL;
        if (content && (*content || !(s->rules & SETTING_REQUIRED)))
            return content;
        free(content);
        return NULL;
    }
    if (s->rules & SETTING_REQUIRED)
        return NULL;
    return strdup(s->fallback ? s->fallback : "");
}

static bool store_integer(const struct setting *s, const char *value, void *member)
{
    char *end;
    errno = 0;
    long number = strtol(value, &end, 10);
    if (end == value || *end || errno || (double)number < s->min || (double)number > s->max)
        return false;
    *(long *)member = number;
    return true;
}

static bool store_real(const struct setting *s, const char *value, void *member)
{
    double number;
    if (!text_real(value, &number) || number < s->min || number > s->max)
        return false;
    *(double *)member = number;
    return true;
}

static bool store_flag(const char *value, void *member)
{
    bool on = strcasecmp(value, "on") == 0 || strcasecmp(value, "true") == 0 || strcmp(value, "1") == 0;
    bool off = strcasecmp(value, "off") == 0 || strcasecmp(value, "false") == 0 || strcmp(value, "0") == 0;
    *(bool *)member = on;
    return on || off;
}

static bool store_choice(const struct setting *s, const char *value, void *member)
{
    for (unsigned i = 0; s->values[i]; i++) {
        if (strcmp(s->values[i], value) != 0)
            continue;
        *(unsigned *)member = i;
        return true;
    }
    return false;
}

static bool store_list(const struct setting *s, const char *value, void *member)
{
    char word[WORD_SIZE];
    unsigned bits = 0, which;
    for (const char *at = value; words_next(&at, words_separators, word, sizeof word); bits |= 1U << which)
        if (!store_choice(s, word, &which))
            return false;
    *(unsigned *)member = bits;
    return true;
}

/* Takes the value over when it is good. */
static bool store_text(const struct setting *s, char *value, void *member)
{
    double length = (double)strlen(value);
    if ((s->max > 0 && length > 0 && (length < s->min || length > s->max)) || (s->fits && !s->fits(value)))
        return false;
    *(char **)member = value;
    return true;
}

static bool store(const struct setting *s, char *value, void *member)
{
    switch (s->kind) {
    case SETTING_KIND_INTEGER:
        return store_integer(s, value, member);
    case SETTING_KIND_REAL:
        return store_real(s, value, member);
    case SETTING_KIND_FLAG:
        return store_flag(value, member);
    case SETTING_KIND_CHOICE:
        return store_choice(s, value, member);
    case SETTING_KIND_LIST:
        return store_list(s, value, member);
    default:
        return store_text(s, value, member);
    }
}

/* "a, b or c" */
static void print_values(const char *const *values, const char *last, FILE *to)
{
    for (size_t i = 0; values[i]; i++)
        fprintf(to, "%s%s", i == 0 ? "" : values[i + 1] ? ", " : last, values[i]);
}

static void complain(const struct setting *s, FILE *err)
{
    static const char *const begin[] = {
        [SETTING_KIND_TEXT] = "must",    [SETTING_KIND_INTEGER] = "must be", [SETTING_KIND_REAL] = "must be",
        [SETTING_KIND_FLAG] = "must be", [SETTING_KIND_CHOICE] = "must be",  [SETTING_KIND_LIST] = "may name"};
    fprintf(err, "%s %s ", s->name, begin[s->kind]);
    if (s->kind == SETTING_KIND_INTEGER)
        fprintf(err, "a whole number from %.0f to %.0f", s->min, s->max);
    else if (s->kind == SETTING_KIND_REAL)
        fprintf(err, "a number from %g to %g", s->min, s->max);
    else if (s->kind == SETTING_KIND_FLAG)
        fputs("on or off", err);
    else if (s->kind == SETTING_KIND_CHOICE)
        print_values(s->values, " or ", err);
    else if (s->kind == SETTING_KIND_LIST)
        print_values(s->values, " and ", err);
    else if (s->fits)
        fprintf(err, "be %s", s->must_be);
    else
        fprintf(err, "have %.0f to %.0f characters", s->min, s->max);
    fputc('\n', err);
}

static bool read_one(const struct setting *s, void *out, FILE *err)
{
    bool readable;
    char *value = given_value(s, &readable);
    void *member = (char *)out + s->offset;
    bool good = value && store(s, value, member);
    if (!readable)
        fprintf(err, "%s_FILE: the file cannot be read: %s\n", s->name, strerror(errno));
    else if (!value)
        fprintf(err, "%s is required: %s\n", s->name, s->summary);
    else if (!good)
        complain(s, err);
    if (!good || s->kind != SETTING_KIND_TEXT)
        free(value);
    return good;
}

bool settings_read(const struct setting *table, void *out, FILE *err)
{
    bool good = true;
    for (const struct setting *s = table; s->name; s++)
        good &= read_one(s, out, err);
    return good;
}

void settings_release(const struct setting *table, void *settings)
{
    for (const struct setting *s = table; s->name; s++) {
        if (s->kind != SETTING_KIND_TEXT)
            continue;
        char **member = (char **)((char *)settings + s->offset);
        if (*member)
            sodium_memzero(*member, strlen(*member));
        free(*member);
        *member = NULL;
    }
}

void settings_print(const struct setting *table, FILE *to)
{
    for (const struct setting *s = table; s->name; s++) {
        const char *fallback = s->rules & SETTING_REQUIRED ? "required" : s->fallback ? s->fallback : "";
        fprintf(to, "| `%s` | %s | %s", s->name, fallback, s->summary ? s->summary : "");
        if (!s->summary)
            print_values(s->values, " or ", to);
        fprintf(to, "%s |\n", s->rules & SETTING_SECRET ? " (secret)" : "");
    }
}
