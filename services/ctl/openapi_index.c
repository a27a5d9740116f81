#include "services/ctl/openapi_index.h"

#include "services/ctl/ctl.h"
#include "services/ctl/file.h"
#include "services/ctl/option.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static const char *text_in(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

static json_t *find(json_t *objects, const char *key, const char *value)
{
    size_t i;
    json_t *object;
    json_array_foreach(objects, i, object)
    {
        if (strcmp(text_in(object, key), value) == 0)
            return object;
    }
    return NULL;
}

/* ---- Resources ---- */

static bool names_something(const char *segment, size_t size)
{
    bool api = size == 3 && memcmp(segment, "api", 3) == 0;
    bool version = size > 1 && segment[0] == 'v' && strspn(segment + 1, "0123456789") == size - 1;
    bool folder = segment[0] == '.', variable = segment[0] == '{';
    return !api && !version && !folder && !variable;
}

/* Up to the end of the nth segment that names something, or the whole path. */
static size_t size_to_name(const char *path, int nth)
{
    size_t at = 0;
    while (path[at] && nth > 0) {
        size_t size = strcspn(path + at + 1, "/");
        nth -= names_something(path + at + 1, size);
        at += 1 + size;
    }
    return at;
}

static const char *service_of(const json_t *operation)
{
    const char *tag = json_string_value(json_array_get(json_object_get(operation, "tags"), 0));
    return tag ? tag : "";
}

static bool is_below(const char *path, const char *beginning, size_t size)
{
    return strncmp(path, beginning, size) == 0 && (path[size] == '/' || path[size] == '\0');
}

/* Has another service something below these first bytes of the path? */
static bool is_shared(json_t *paths, const char *path, size_t size, const char *service)
{
    const char *other, *method;
    json_t *item, *operation;
    json_object_foreach(paths, other, item)
    {
        if (!is_below(other, path, size))
            continue;
        json_object_foreach(item, method, operation)
        {
            if (strcmp(service_of(operation), service) != 0)
                return true;
        }
    }
    return false;
}

static const char *resource_path(json_t *paths, const char *path, const char *service, struct arena *arena)
{
    size_t size = size_to_name(path, 1);
    for (int nth = 2; path[size] && is_shared(paths, path, size, service); nth++)
        size = size_to_name(path, nth);
    return arena_copy(arena, path, size);
}

/* ---- The index ---- */

static json_t *services_of(const json_t *document)
{
    size_t i;
    json_t *tag, *services = json_array();
    json_array_foreach(json_object_get(document, "tags"), i, tag)
    {
        json_array_append_new(services, json_pack("{s:s, s:s, s:[]}", "name", text_in(tag, "name"), "summary",
                                                  text_in(tag, "description"), "resources"));
    }
    return services;
}

/* Found or made; historic until an operation comes that is not. */
static json_t *resource_in(json_t *service, const char *path)
{
    json_t *resources = json_object_get(service, "resources"), *resource = find(resources, "path", path);
    if (resource)
        return resource;
    resource = json_pack("{s:s, s:b, s:[]}", "path", path, "historic", 1, "operations");
    json_array_append_new(resources, resource);
    return resource;
}

static void add_operation(json_t *resource, const char *path, const char *method, const json_t *operation)
{
    char name[16] = "";
    for (size_t i = 0; method[i] && i < sizeof name - 1; i++)
        name[i] = (char)toupper((unsigned char)method[i]);
    if (!json_is_true(json_object_get(operation, "deprecated")))
        json_object_set_new(resource, "historic", json_false());
    json_array_append_new(json_object_get(resource, "operations"),
                          json_pack("{s:s, s:s, s:s, s:s}", "method", name, "path", path, "summary",
                                    text_in(operation, "summary"), "operation_id", text_in(operation, "operationId")));
}

/* The operations of one path, each into the resource of its service. */
static enum status add_path(json_t *services, json_t *paths, const char *path, json_t *item, struct problem *why)
{
    const char *method;
    json_t *operation;
    json_object_foreach(item, method, operation)
    {
        const char *name = service_of(operation);
        json_t *service = find(services, "name", name);
        if (!service)
            return fail(why, INVALID, NULL, "%s of %s has none of the document's tags.", method, path);
        add_operation(resource_in(service, resource_path(paths, path, name, why->arena)), path, method, operation);
    }
    return OK;
}

enum status openapi_index(const json_t *document, struct problem *why, json_t **out)
{
    const char *path;
    json_t *item, *paths = json_object_get(document, "paths");
    json_auto_t *services = services_of(document);
    json_object_foreach(paths, path, item) TRY(add_path(services, paths, path, item, why));
    *out = json_incref(services);
    return OK;
}

/* ---- HTML ---- */

/* Pieces of markup and of text in turn, ended by NULL. */
static void put(struct writer *to, const char *const *pieces)
{
    for (size_t i = 0; pieces[i]; i++) {
        if (i % 2 == 0)
            write_bytes(to, pieces[i], strlen(pieces[i]));
        else
            write_markup_text(to, pieces[i]);
    }
}
#define PUT(to, ...) put((to), (const char *const[]){__VA_ARGS__, NULL})

static void put_operations(const json_t *operations, const char *service, struct writer *to)
{
    size_t i;
    json_t *o;
    json_array_foreach(operations, i, o)
    {
        PUT(to, "        <li><a href=\"/docs#/", service, "/", text_in(o, "operation_id"), "\"><code>",
            text_in(o, "method"), " ", text_in(o, "path"), "</code></a> ", text_in(o, "summary"), "</li>\n");
    }
}

static void put_resource(const json_t *resource, const char *service, struct writer *to)
{
    const json_t *operations = json_object_get(resource, "operations");
    size_t count = json_array_size(operations);
    char words[40];
    snprintf(words, sizeof words, "%zu operation%s", count, count == 1 ? "" : "s");
    PUT(to, "      <li><details><summary><code>", text_in(resource, "path"), "</code> <span class=\"count\">", words,
        "</span>");
    if (json_is_true(json_object_get(resource, "historic")))
        PUT(to, " <span class=\"historic\">historic</span>");
    PUT(to, "</summary><ul class=\"operations\">\n");
    put_operations(operations, service, to);
    PUT(to, "      </ul></details></li>\n");
}

void openapi_index_html(const json_t *index, struct writer *to)
{
    size_t i, k;
    json_t *service, *resource;
    json_array_foreach(index, i, service)
    {
        const char *name = text_in(service, "name");
        PUT(to, "  <li>\n    <h3>", name, "</h3>\n    <p>", text_in(service, "summary"),
            "</p>\n    <ul class=\"resources\">\n");
        json_array_foreach(json_object_get(service, "resources"), k, resource)
        {
            put_resource(resource, name, to);
        }
        PUT(to, "    </ul>\n  </li>\n");
    }
}

/* ---- the command ---- */

enum status index_openapi_command(int argc, char **argv, struct problem *why)
{
    const char *path = NULL;
    bool html = false;
    json_auto_t *document = NULL, *index = NULL;
    TRY(options_read((const struct option_row[]){{"--html", .flag = &html}, {0}}, argc, argv, 1, &path, why));
    if (!path)
        return fail(why, INVALID, NULL, "Say which document: mnemosctl index-openapi [--html] FILE");
    TRY(file_openapi(path, why, &document));
    TRY(openapi_index(document, why, &index));
    if (!html) {
        json_dumpf(index, stdout, JSON_INDENT(2));
        putchar('\n');
        return OK;
    }
    AUTO(writer_release) struct writer page = {0};
    openapi_index_html(index, &page);
    fwrite(page.bytes, 1, page.used, stdout);
    return OK;
}
