#include "services/ctl/openapi_merge.h"

#include "services/ctl/ctl.h"
#include "services/ctl/file.h"

#include <stdio.h>
#include <string.h>

/* where is a sentence's beginning: "path /login". */
static enum status add_member(json_t *into, const char *key, json_t *value, const char *where, struct problem *why)
{
    json_t *present = json_object_get(into, key);
    if (present && !json_equal(present, value))
        return fail(why, CONFLICT, NULL, "Two services declare %s %s differently.", where, key);
    json_object_set(into, key, value);
    return OK;
}

/* The object of that name, made when it is missing. */
static json_t *object_in(json_t *parent, const char *key)
{
    json_t *object = json_object_get(parent, key);
    if (object)
        return object;
    object = json_object();
    json_object_set_new(parent, key, object);
    return object;
}

static enum status merge_operations(json_t *paths, const char *path, json_t *item, struct problem *why)
{
    const char *method;
    json_t *operation, *present = object_in(paths, path);
    const char *where = arena_printf(why->arena, "path %s,", path);
    json_object_foreach(item, method, operation)
    {
        TRY(add_member(present, method, operation, where, why));
    }
    return OK;
}

static enum status merge_paths(json_t *whole, json_t *other, struct problem *why)
{
    const char *path;
    json_t *item, *paths = object_in(whole, "paths");
    json_object_foreach(json_object_get(other, "paths"), path, item)
    {
        TRY(merge_operations(paths, path, item, why));
    }
    return OK;
}

/* components holds schemas, securitySchemes and so on: a kind, and in it what has a name. */
static enum status merge_components(json_t *whole, json_t *other, struct problem *why)
{
    const char *kind, *name;
    json_t *named, *value, *components = object_in(whole, "components");
    json_object_foreach(json_object_get(other, "components"), kind, named)
    {
        json_t *into = object_in(components, kind);
        json_object_foreach(named, name, value)
        {
            TRY(add_member(into, name, value, kind, why));
        }
    }
    return OK;
}

static const char *tag_name(const json_t *tag)
{
    const char *name = json_string_value(json_object_get(tag, "name"));
    return name ? name : "";
}

static json_t *tag_named(json_t *tags, const char *name)
{
    size_t i;
    json_t *tag;
    json_array_foreach(tags, i, tag)
    {
        if (strcmp(tag_name(tag), name) == 0)
            return tag;
    }
    return NULL;
}

static enum status merge_tags(json_t *whole, json_t *other, struct problem *why)
{
    size_t i;
    json_t *tag, *tags = json_object_get(whole, "tags");
    if (!tags) {
        tags = json_array();
        json_object_set_new(whole, "tags", tags);
    }
    json_array_foreach(json_object_get(other, "tags"), i, tag)
    {
        const char *name = tag_name(tag);
        json_t *present = tag_named(tags, name);
        if (present && !json_equal(present, tag))
            return fail(why, CONFLICT, NULL, "Two services describe the tag %s differently.", name);
        if (!present)
            json_array_append(tags, tag);
    }
    return OK;
}

static enum status note_operations(json_t *seen, json_t *item, struct problem *why)
{
    const char *method;
    json_t *operation;
    json_object_foreach(item, method, operation)
    {
        const char *id = json_string_value(json_object_get(operation, "operationId"));
        if (id && json_object_get(seen, id))
            return fail(why, CONFLICT, NULL, "Two operations have the operationId %s.", id);
        if (id)
            json_object_set_new(seen, id, json_true());
    }
    return OK;
}

static enum status refuse_repeated_operations(json_t *whole, struct problem *why)
{
    const char *path;
    json_t *item;
    json_auto_t *seen = json_object();
    json_object_foreach(json_object_get(whole, "paths"), path, item)
    {
        TRY(note_operations(seen, item, why));
    }
    return OK;
}

enum status openapi_merge(json_t *whole, json_t *other, struct problem *why)
{
    TRY(merge_paths(whole, other, why));
    TRY(merge_components(whole, other, why));
    TRY(merge_tags(whole, other, why));
    return refuse_repeated_operations(whole, why);
}

/* ---- the command ---- */

enum status merge_openapi_command(int argc, char **argv, struct problem *why)
{
    if (argc < 2)
        return fail(why, INVALID, NULL, "Say which documents: mnemosctl merge-openapi FILE...");
    json_auto_t *whole = NULL;
    TRY(file_openapi(argv[1], why, &whole));
    for (int i = 2; i < argc; i++) {
        json_auto_t *other = NULL;
        TRY(file_openapi(argv[i], why, &other));
        TRY(openapi_merge(whole, other, why));
    }
    json_dumpf(whole, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
    putchar('\n');
    return OK;
}
