#include "common/http/openapi.h"

#include "common/http/idempotency.h"

#include <stdlib.h>
#include <string.h>

static json_t *reference(const char *schema)
{
    return json_pack("{s:s++}", "$ref", "#/components/schemas/", schema, "");
}

static void set(json_t *object, const char *key, json_t *value)
{
    json_object_set_new(object, key, value);
}

/* Of one object that is described by itself. */
static bool is_reference(const struct field *f)
{
    return f->kind == FIELD_KIND_RECORD || (f->kind == FIELD_KIND_JSON && f->schema);
}

static json_t *kind_schema(const struct field *f)
{
    static const char *const types[] = {
        [FIELD_KIND_TEXT] = "string",   [FIELD_KIND_UUID] = "string",     [FIELD_KIND_ENUM] = "string",
        [FIELD_KIND_DATE] = "string",   [FIELD_KIND_TIME] = "string",     [FIELD_KIND_INTEGER] = "integer",
        [FIELD_KIND_REAL] = "number",   [FIELD_KIND_BOOLEAN] = "boolean", [FIELD_KIND_JSON] = NULL,
        [FIELD_KIND_TEXTS] = "array",   [FIELD_KIND_REALS] = "array",     [FIELD_KIND_RECORD] = "object",
        [FIELD_KIND_RECORDS] = "array", [FIELD_KIND_NUMBER] = "number",   [FIELD_KIND_COUNT] = "integer",
        [FIELD_KIND_FLAG] = "boolean",
    };
    if (is_reference(f))
        return reference(f->schema->name);
    json_t *schema = json_object();
    if (types[f->kind])
        set(schema, "type", json_string(types[f->kind]));
    if (f->kind == FIELD_KIND_UUID)
        set(schema, "pattern", json_string("^[0-9a-f]{32}$"));
    if (f->kind == FIELD_KIND_DATE)
        set(schema, "format", json_string("date"));
    if (f->kind == FIELD_KIND_TIME)
        set(schema, "format", json_string("date-time"));
    if (f->kind == FIELD_KIND_TEXTS)
        set(schema, "items", json_pack("{s:s}", "type", "string"));
    if (f->kind == FIELD_KIND_REALS)
        set(schema, "items", json_pack("{s:[ss]}", "type", "number", "null"));
    if (f->kind == FIELD_KIND_RECORDS)
        set(schema, "items", reference(f->schema->name));
    return schema;
}

static void add_bounds(const struct field *f, json_t *schema)
{
    static const char *const words[][2] = {
        [FIELD_KIND_TEXT] = {"minLength", "maxLength"}, [FIELD_KIND_INTEGER] = {"minimum", "maximum"},
        [FIELD_KIND_REAL] = {"minimum", "maximum"},     [FIELD_KIND_TEXTS] = {"minItems", "maxItems"},
        [FIELD_KIND_REALS] = {"minItems", "maxItems"},  [FIELD_KIND_RECORDS] = {"minItems", "maxItems"},
        [FIELD_KIND_NUMBER] = {"minimum", "maximum"},   [FIELD_KIND_COUNT] = {"minimum", "maximum"},
    };
    if (f->min >= f->max || f->kind >= COUNT(words) || !words[f->kind][0])
        return;
    bool real = f->kind == FIELD_KIND_REAL || f->kind == FIELD_KIND_NUMBER;
    set(schema, words[f->kind][0], real ? json_real(f->min) : json_integer((json_int_t)f->min));
    set(schema, words[f->kind][1], real ? json_real(f->max) : json_integer((json_int_t)f->max));
}

static json_t *member_schema(const struct field *f, bool may_be_null)
{
    json_t *schema = kind_schema(f);
    if (is_reference(f))
        return schema;
    add_bounds(f, schema);
    if (f->values) {
        json_t *values = json_array();
        for (const char *const *v = f->values; *v; v++)
            json_array_append_new(values, json_string(*v));
        if (may_be_null)
            json_array_append_new(values, json_null());
        set(schema, "enum", values);
    }
    json_t *type = json_object_get(schema, "type");
    if (may_be_null && type)
        set(schema, "type", json_pack("[Os]", type, "null"));
    if (f->summary)
        set(schema, "description", json_string(f->summary));
    if (f->example)
        set(schema, "examples", json_pack("[s]", f->example));
    return schema;
}

static void add_schema(json_t *schemas, const struct schema *s, bool output)
{
    if (!s || json_object_get(schemas, s->name))
        return;
    json_t *properties = json_object(), *required = json_array(), *object = json_object();
    set(schemas, s->name, object);
    for (const struct field *f = s->fields; f->name; f++) {
        if (f->rules & (output ? WRITE_ONLY : READ_ONLY))
            continue;
        set(properties, f->name, member_schema(f, output && !(f->rules & (OMIT_NULL | REQUIRED))));
        if (output ? !(f->rules & OMIT_NULL) : (f->rules & REQUIRED) != 0)
            json_array_append_new(required, json_string(f->name));
        add_schema(schemas, f->schema, output);
    }
    set(object, "type", json_string("object"));
    set(object, "properties", properties);
    if (json_array_size(required) > 0)
        set(object, "required", required);
    else
        json_decref(required);
    if (!output)
        set(object, "additionalProperties", json_false());
}

/* "/api/v1/users/:user_id" to "/api/v1/users/{user_id}". */
static char *template_of(const char *path)
{
    char *out = calloc(1, strlen(path) * 2 + 1), *end = out;
    for (const char *c = path; *c;) {
        if (*c != ':') {
            *end++ = *c++;
            continue;
        }
        size_t size = strcspn(++c, "/");
        *end++ = '{';
        memcpy(end, c, size);
        end += size;
        *end++ = '}';
        c += size;
    }
    return out;
}

static const struct field *field_named(const struct schema *s, const char *name, size_t size)
{
    for (const struct field *f = s ? s->fields : NULL; f && f->name; f++)
        if (strlen(f->name) == size && memcmp(f->name, name, size) == 0)
            return f;
    return NULL;
}

static json_t *path_variable(const struct route *r, const char *name, size_t size)
{
    const struct field *f = field_named(r->input, name, size);
    return json_pack("{s:s%, s:s, s:b, s:o}", "name", name, size, "in", "path", "required", 1, "schema",
                     f ? member_schema(f, false) : json_pack("{s:s}", "type", "string"));
}

static bool is_path_variable(const struct route *r, const char *name)
{
    size_t size = strlen(name);
    for (const char *colon = strchr(r->path, ':'); colon; colon = strchr(colon + 1, ':'))
        if (strcspn(colon + 1, "/") == size && memcmp(colon + 1, name, size) == 0)
            return true;
    return false;
}

static json_t *idempotency_key(void)
{
    return json_pack("{s:s, s:s, s:b, s:{s:s, s:i, s:i, s:s}, s:s}", "name", "Idempotency-Key", "in", "header",
                     "required", 0, "schema", "type", "string", "minLength", 1, "maxLength", IDEMPOTENCY_KEY_MAX,
                     "pattern", "^[!-~]+$", "description",
                     "Random, new for each thing to create. Within 24 hours the same request with the same key creates "
                     "nothing more and gets the same answer, marked by Idempotency-Replayed: true.");
}

static json_t *header_parameter(const char *name, bool required, const char *description)
{
    return json_pack("{s:s, s:s, s:b, s:{s:s}, s:s}", "name", name, "in", "header", "required", required, "schema",
                     "type", "string", "description", description);
}

/* Is the answer one record that has versions? */
static bool gives_tag(const struct route *r)
{
    const struct field *version = field_named(r->output, "version", strlen("version"));
    return r->shape == GIVES_ONE && version && (version->rules & HIDDEN) == HIDDEN;
}

/* A record that can be read and is known already is not sent again. */
static bool may_be_known(const struct route *r)
{
    return gives_tag(r) && strcmp(r->method, "GET") == 0;
}

static json_t *parameters_of(const struct route *r)
{
    json_t *list = json_array();
    for (const char *colon = strchr(r->path, ':'); colon; colon = strchr(colon + 1, ':'))
        json_array_append_new(list, path_variable(r, colon + 1, strcspn(colon + 1, "/")));
    bool by_query = r->input && (r->input_from & FROM_QUERY);
    for (const struct field *f = by_query ? r->input->fields : NULL; f && f->name; f++) {
        if (is_path_variable(r, f->name) || (f->rules & READ_ONLY) || f->kind >= FIELD_KIND_TEXTS)
            continue;
        bool only_way = r->input_from == FROM_QUERY && (f->rules & REQUIRED);
        json_array_append_new(list, json_pack("{s:s, s:s, s:b, s:o}", "name", f->name, "in", "query", "required",
                                              only_way, "schema", member_schema(f, false)));
    }
    if (r->rules & NEEDS_IF_MATCH)
        json_array_append_new(list, header_parameter("If-Match", true, "ETag of the record as it was read"));
    if (may_be_known(r))
        json_array_append_new(list, header_parameter("If-None-Match", false, "ETag of the caller's copy"));
    if (route_repeats(r))
        json_array_append_new(list, idempotency_key());
    return list;
}

static bool takes_body(const struct route *r)
{
    return r->input && !r->upload && (r->input_from & (FROM_FORM | FROM_JSON));
}

/* The file itself, or with the members of the input as further parts. */
static json_t *upload_of(const struct route *r)
{
    json_t *content = json_object(), *parts = json_object(), *required = json_pack("[s]", "file");
    for (const char *const *type = r->upload->media_types; *type; type++)
        set(content, *type, json_object());
    set(parts, "file",
        json_pack("{s:s, s:s, s:s}", "type", "string", "contentMediaType", "application/octet-stream", "description",
                  r->upload->summary));
    for (const struct field *f = r->input ? r->input->fields : NULL; f && f->name; f++) {
        if (is_path_variable(r, f->name) || (f->rules & READ_ONLY))
            continue;
        set(parts, f->name, member_schema(f, false));
        if ((f->rules & REQUIRED) && !(r->input_from & FROM_QUERY))
            json_array_append_new(required, json_string(f->name));
    }
    set(content, "multipart/form-data",
        json_pack("{s:{s:s, s:o, s:o, s:b}}", "schema", "type", "object", "properties", parts, "required", required,
                  "additionalProperties", 0));
    return json_pack("{s:b, s:s, s:o}", "required", 1, "description", r->upload->summary, "content", content);
}

static json_t *body_of(const struct route *r)
{
    if (r->upload)
        return upload_of(r);
    if (!takes_body(r))
        return NULL;
    json_t *content = json_object();
    if (r->input_from & FROM_JSON)
        set(content, "application/json", json_pack("{s:o}", "schema", reference(r->input->name)));
    if (r->input_from & FROM_FORM)
        set(content, "application/x-www-form-urlencoded", json_pack("{s:o}", "schema", reference(r->input->name)));
    return json_pack("{s:b, s:o}", "required", !(r->input_from & FROM_QUERY), "content", content);
}

static json_t *success_of(const struct route *r)
{
    json_t *response = json_pack("{s:s}", "description", "Done");
    if (r->shape == GIVES_NOTHING || !r->output)
        return response;
    json_t *schema = reference(r->output->name);
    if (r->shape == GIVES_PAGE)
        schema = json_pack("{s:s, s:{s:{s:s, s:o}, s:{s:[ss], s:s}}, s:[ss]}", "type", "object", "properties", "items",
                           "type", "array", "items", schema, "next", "type", "string", "null", "description",
                           "Send it as `after` for the next page", "required", "items", "next");
    json_t *content = json_pack("{s:{s:o}}", "application/json", "schema", schema);
    for (const char *const *type = r->media_types; type && *type; type++)
        set(content, *type, json_object());
    set(response, "content", content);
    if (gives_tag(r))
        set(response, "headers",
            json_pack("{s:{s:s, s:{s:s}}}", "ETag", "description", "The version of the record", "schema", "type",
                      "string"));
    return response;
}

static json_t *problem_response(const char *description)
{
    return json_pack("{s:s, s:{s:{s:{s:s}}}}", "description", description, "content", "application/problem+json",
                     "schema", "$ref", "#/components/schemas/Problem");
}

static json_t *responses_of(const struct route *r)
{
    json_t *responses = json_object();
    char code[8];
    snprintf(code, sizeof code, "%d", r->success ? r->success : r->shape == GIVES_NOTHING ? 204 : 200);
    set(responses, code, success_of(r));
    static const enum status with_input[] = {MALFORMED, INVALID};
    for (size_t i = 0; i < COUNT(with_input) && (r->input || r->upload); i++) {
        snprintf(code, sizeof code, "%d", status_http(with_input[i]));
        set(responses, code, problem_response(status_title(with_input[i])));
    }
    if (!(r->access.roles & ANONYMOUS)) {
        set(responses, "401", problem_response(status_title(UNAUTHENTICATED)));
        set(responses, "403", problem_response(status_title(FORBIDDEN)));
    }
    if (strchr(r->path, ':'))
        set(responses, "404", problem_response(status_title(NOT_FOUND)));
    if (r->media_types)
        set(responses, "406", problem_response(status_title(NOT_ACCEPTABLE)));
    if (may_be_known(r))
        set(responses, "304", json_pack("{s:s}", "description", "The record still has the ETag of If-None-Match"));
    if (r->rules & NEEDS_IF_MATCH) {
        set(responses, "412", problem_response(status_title(STALE)));
        set(responses, "428", problem_response(status_title(PRECONDITION_REQUIRED)));
    }
    if (r->upload) {
        set(responses, "413", problem_response(status_title(TOO_LARGE)));
        set(responses, "415", problem_response(status_title(UNSUPPORTED_TYPE)));
    }
    if (route_creates(r))
        set(responses, "409", problem_response(status_title(CONFLICT)));
    set(responses, "default", problem_response("Any other problem"));
    return responses;
}

/* "users-get-api-v1-users-user_id": stable, unique, readable in generated clients. */
static json_t *operation_id(const char *service, const struct route *r)
{
    char id[200];
    int size = snprintf(id, sizeof id, "%s-%s%s", service, r->method, r->path);
    for (int i = 0; i < size && i < (int)sizeof id - 1; i++) {
        if (id[i] == '/' || id[i] == '.')
            id[i] = '-';
        else if (id[i] == ':')
            id[i] = '_';
        else if (id[i] >= 'A' && id[i] <= 'Z')
            id[i] = (char)(id[i] - 'A' + 'a');
    }
    return json_string(id);
}

/* The scheme called client shows which scope admits a machine; its token is sent like any other. */
static json_t *security_of(const struct route *r)
{
    if (r->access.roles & ANONYMOUS)
        return json_pack("[{}, {s:[]}]", r->rules & TAKES_BASIC ? "basic" : "bearer");
    json_t *ways = json_pack("[{s:[]}, {s:[]}]", "bearer", "cookie");
    char scope[SCOPES_SIZE];
    scopes_print(r->access.scope, scope);
    if (r->access.scope)
        json_array_append_new(ways, json_pack("{s:[s]}", "client", scope));
    return ways;
}

static json_t *operation(const char *service, const struct route *r)
{
    json_t *o = json_object(), *body = body_of(r), *parameters = parameters_of(r);
    set(o, "operationId", operation_id(service, r));
    set(o, "summary", json_string(r->summary));
    set(o, "tags", json_pack("[s]", service));
    if (r->rules & HISTORIC)
        set(o, "deprecated", json_true());
    if (json_array_size(parameters) > 0)
        set(o, "parameters", parameters);
    else
        json_decref(parameters);
    if (body)
        set(o, "requestBody", body);
    set(o, "responses", responses_of(r));
    set(o, "security", security_of(r));
    return o;
}

static void add_route(json_t *paths, const char *service, const struct route *r)
{
    char *path = template_of(r->path), method[8] = "";
    for (size_t i = 0; r->method[i] && i < sizeof method - 1; i++)
        method[i] = (char)(r->method[i] - 'A' + 'a');
    json_t *item = json_object_get(paths, path);
    if (!item) {
        item = json_object();
        set(paths, path, item);
    }
    set(item, method, operation(service, r));
    free(path);
}

static json_t *problem_schema(void)
{
    return json_pack(
        "{s:s, s:{s:{s:s}, s:{s:s}, s:{s:s}, s:{s:s}, s:{s:s}, s:{s:s, s:{s:s, s:{s:{s:s}, s:{s:s}}}}}, s:[ssss]}",
        "type", "object", "properties", "type", "type", "string", "title", "type", "string", "status", "type",
        "integer", "detail", "type", "string", "request_id", "type", "string", "errors", "type", "array", "items",
        "type", "object", "properties", "pointer", "type", "string", "detail", "type", "string", "required", "type",
        "title", "status", "request_id");
}

static json_t *security_schemes(void)
{
    json_t *scopes = json_object();
    for (int i = 0; scope_names[i]; i++)
        set(scopes, scope_names[i], json_string(scope_summaries[i]));
    return json_pack("{s:{s:s, s:s}, s:{s:s, s:s, s:s}, s:{s:s, s:s, s:s}, s:{s:s, s:{s:{s:s, s:o}}}}", "basic", "type",
                     "http", "scheme", "basic", "bearer", "type", "http", "scheme", "bearer", "bearerFormat", "JWT",
                     "cookie", "type", "apiKey", "in", "cookie", "name", SESSION_COOKIE, "client", "type", "oauth2",
                     "flows", "clientCredentials", "tokenUrl", "/api/v1/auth/token", "scopes", scopes);
}

json_t *openapi_document(const char *service, const char *summary, const struct route *routes)
{
    json_t *paths = json_object(), *schemas = json_object();
    set(schemas, "Problem", problem_schema());
    for (const struct route *r = routes; r->method; r++) {
        add_route(paths, service, r);
        if (takes_body(r))
            add_schema(schemas, r->input, false);
        add_schema(schemas, r->output, true);
    }
    return json_pack("{s:s, s:{s:s, s:s, s:s, s:{s:s, s:s}}, s:[{s:s}], s:[{s:s, s:s}], s:o, s:{s:o, s:o}}", "openapi",
                     "3.1.0", "info", "title", "Mnemos", "version", MNEMOS_VERSION, "description",
                     "JSON REST services for clinics and clinical research.", "license", "name", "MIT", "identifier",
                     "MIT", "servers", "url", "/", "tags", "name", service, "description", summary, "paths", paths,
                     "components", "schemas", schemas, "securitySchemes", security_schemes());
}
