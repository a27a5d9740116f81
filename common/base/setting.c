#include "common/base/setting.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { FILE_VALUE_MAX = 64 * 1024 };

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
    if (end == value || *end || errno || number < s->min || number > s->max)
        return false;
    *(long *)member = number;
    return true;
}

static bool store_flag(const char *value, void *member)
{
    bool on = strcasecmp(value, "on") == 0 || strcasecmp(value, "true") == 0 || strcmp(value, "1") == 0;
    bool off = strcasecmp(value, "off") == 0 || strcasecmp(value, "false") == 0 || strcmp(value, "0") == 0;
    *(bool *)member = on;
    return on || off;
}

static bool read_one(const struct setting *s, void *out, FILE *err)
{
    bool readable;
    char *value = given_value(s, &readable);
    void *member = (char *)out + s->offset;
    bool good = value != NULL;
    if (!readable)
        fprintf(err, "%s_FILE: the file cannot be read: %s\n", s->name, strerror(errno));
    else if (!value)
        fprintf(err, "%s is required: %s\n", s->name, s->summary);
    else if (s->kind == SETTING_KIND_INTEGER && !(good = store_integer(s, value, member)))
        fprintf(err, "%s must be a whole number from %ld to %ld\n", s->name, s->min, s->max);
    else if (s->kind == SETTING_KIND_FLAG && !(good = store_flag(value, member)))
        fprintf(err, "%s must be on or off\n", s->name);
    else if (s->kind == SETTING_KIND_TEXT && s->max > 0 && *value &&
             ((long)strlen(value) < s->min || (long)strlen(value) > s->max)) {
        fprintf(err, "%s must have %ld to %ld characters\n", s->name, s->min, s->max);
        good = false;
    }
    if (good && s->kind == SETTING_KIND_TEXT) {
        *(char **)member = value;
        return true;
    }
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
    for (const struct setting *s = table; s->name; s++)
        fprintf(to, "| `%s` | %s | %s%s |\n", s->name,
                s->rules & SETTING_REQUIRED   ? "required"
                : s->fallback && *s->fallback ? s->fallback
                                              : "",
                s->summary, s->rules & SETTING_SECRET ? " (secret)" : "");
}
