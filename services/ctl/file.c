#include "services/ctl/file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { FILE_BYTES_MAX = 64 * 1024 * 1024 };

static void file_drop(FILE **file)
{
    if (*file)
        fclose(*file);
}

enum status file_read(const char *path, struct problem *why, char **out, size_t *out_size)
{
    AUTO(file_drop) FILE *file = fopen(path, "re");
    if (!file || fseek(file, 0, SEEK_END) != 0)
        return fail(why, INVALID, NULL, "%s cannot be read: %s.", path, strerror(errno));
    long size = ftell(file);
    if (size < 0 || size > FILE_BYTES_MAX)
        return fail(why, TOO_LARGE, NULL, "%s is larger than 64 MiB.", path);
    rewind(file);
    char *text = arena_alloc(why->arena, (size_t)size + 1);
    if (fread(text, 1, (size_t)size, file) != (size_t)size)
        return fail(why, INVALID, NULL, "%s cannot be read to its end.", path);
    *out = text;
    *out_size = (size_t)size;
    return OK;
}

enum status file_openapi(const char *path, struct problem *why, json_t **out)
{
    json_error_t error;
    AUTO(file_drop) FILE *file = fopen(path, "re");
    if (!file)
        return fail(why, INVALID, NULL, "%s cannot be read: %s.", path, strerror(errno));
    json_auto_t *document = json_loadf(file, JSON_REJECT_DUPLICATES, &error);
    if (!document)
        return fail(why, MALFORMED, NULL, "%s is no JSON: %s (line %d).", path, error.text, error.line);
    const char *version = json_string_value(json_object_get(document, "openapi"));
    if (!version || strncmp(version, "3.1.", 4) != 0)
        return fail(why, INVALID, NULL, "%s is no OpenAPI 3.1 document.", path);
    *out = json_incref(document);
    return OK;
}
