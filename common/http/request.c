#include "common/http/request.h"

#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/http/waiting.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static const char json_media[] = "application/json";

static bool media_type_is(const char *content_type, const char *expected)
{
    size_t size = strcspn(content_type, "; \t");
    return size == strlen(expected) && strncasecmp(content_type, expected, size) == 0;
}

static enum status parse_json(struct request *rq)
{
    json_error_t error;
    rq->input.json = json_loadb(rq->body, rq->body_size, JSON_REJECT_DUPLICATES, &error);
    if (!rq->input.json && json_error_code(&error) == json_error_duplicate_key)
        return fail(&rq->problem, INVALID, NULL, "A member is repeated in line %d.", error.line);
    if (!rq->input.json)
        return fail(&rq->problem, MALFORMED, NULL, "The body is not JSON (line %d, column %d).", error.line,
                    error.column);
    if (!json_is_object(rq->input.json))
        return fail(&rq->problem, INVALID, NULL, "The body must be a JSON object.");
    return OK;
}

static enum status parse_body(struct request *rq)
{
    unsigned from = rq->route->input_from;
    if (rq->route->upload)
        return rq->upload ? OK : fail(&rq->problem, INVALID, "file", "is required");
    if (rq->body_size == 0 || !(from & (FROM_JSON | FROM_FORM)))
        return OK;
    const char *type = rq->content_type ? rq->content_type : "";
    if ((from & FROM_JSON) && media_type_is(type, json_media))
        return parse_json(rq);
    if ((from & FROM_FORM) && media_type_is(type, "application/x-www-form-urlencoded"))
        return form_parse(rq->arena, rq->body, rq->body_size, &rq->input.form, &rq->problem);
    return fail(&rq->problem, UNSUPPORTED_TYPE, NULL, "Send application/json%s.",
                from & FROM_FORM ? " or application/x-www-form-urlencoded" : "");
}

/* Query and body into rq->input; notes members that the query may not hold. */
static enum status read_input(struct request *rq)
{
    struct form query;
    rq->input.arena = rq->arena;
    TRY(form_parse(rq->arena, rq->query, strlen(rq->query), &query, &rq->problem));
    if (rq->route->input_from & FROM_QUERY)
        rq->input.query = query;
    else
        for (size_t i = 0; i < query.count; i++)
            fail(&rq->problem, INVALID, problem_pointer(rq->arena, "", query.pairs[i].key), "is not known here");
    return parse_body(rq);
}

enum status request_input(struct request *rq, void *out)
{
    TRY(read_input(rq));
    if (!rq->route->input)
        return problem_status(&rq->problem);
    TRY(schema_decode(rq->route->input, &rq->input, out, &rq->problem));
    if (rq->route->shape != GIVES_PAGE)
        return OK;
    return page_read(rq->route->input, out, rq->arena, &rq->problem, &rq->page);
}

static bool is_number(const char *key)
{
    return key[0] && key[strspn(key, "0123456789")] == '\0';
}

static bool is_numbered(json_t *object)
{
    const char *key;
    json_t *value;
    json_object_foreach(object, key, value)
    {
        if (!is_number(key))
            return false;
    }
    return json_object_size(object) > 0;
}

static enum status decode_at(struct request *rq, json_t *object, const char *pointer, void *out)
{
    const char **place = schema_hidden(rq->route->input, "pointer", out);
    if (place)
        *place = pointer;
    if (object && !json_is_object(object))
        return fail(&rq->problem, INVALID, pointer, "must be an object");
    return schema_decode_at(rq->route->input, &rq->input, object, pointer, out, &rq->problem);
}

enum status request_inputs(struct request *rq, size_t max, struct record_list *out)
{
    const char *key;
    json_t *value;
    TRY(read_input(rq));
    bool many = is_numbered(rq->input.json);
    struct record_list list = {.count = many ? json_object_size(rq->input.json) : 1};
    if (list.count > max)
        return fail(&rq->problem, INVALID, NULL, "There may be %zu at a time, not %zu.", max, list.count);
    char *item = list.items = arena_alloc(rq->arena, list.count * rq->route->input->size);
    if (!many)
        decode_at(rq, rq->input.json, "", item);
    else
        json_object_foreach(rq->input.json, key, value)
        {
            decode_at(rq, value, arena_printf(rq->arena, "/%s", key), item);
            item += rq->route->input->size;
        }
    *out = list;
    return problem_status(&rq->problem);
}

const char *request_variable(struct request *rq, const char *name)
{
    const char *value = form_value(&rq->input.path, name);
    return value ? value : "";
}

enum status request_id(struct request *rq, const char *name, const char **out)
{
    char id[33];
    if (!text_uuid(request_variable(rq, name), id))
        return request_absent(rq, "record");
    *out = arena_copy(rq->arena, id, 32);
    return OK;
}

bool request_wants_json(const struct request *rq)
{
    return !rq->media_type || strcmp(rq->media_type, json_media) == 0;
}

const char *request_tag(const struct request *rq, int64_t version)
{
    const char *subtype = request_wants_json(rq) ? "" : strchr(rq->media_type, '/') + 1;
    return arena_printf(rq->arena, "\"%" PRId64 "%s%.*s\"", version, *subtype ? "-" : "", (int)strcspn(subtype, "+;"),
                        subtype);
}

bool request_lists_tag(const struct request *rq, const char *header, int64_t version)
{
    return strcmp(header, "*") == 0 || strstr(header, request_tag(rq, version)) != NULL;
}

enum status request_match(struct request *rq, struct maybe_integer version)
{
    if (!rq->if_match && (rq->route->rules & HISTORIC))
        return OK;
    if (!rq->if_match)
        return fail(&rq->problem, PRECONDITION_REQUIRED, NULL,
                    "Read the record first and send its ETag as If-Match, so that nobody's change is overwritten.");
    return request_lists_tag(rq, rq->if_match, version.value) ? OK : request_written(rq, NOT_FOUND);
}

enum status request_written(struct request *rq, enum status written)
{
    if (written == NOT_FOUND)
        return fail(&rq->problem, STALE, NULL, "The record has changed since it was read; read it again.");
    return written;
}

enum status request_refuse(struct request *rq, const char *sentence)
{
    return fail(&rq->problem, rq->who.role == ANONYMOUS ? UNAUTHENTICATED : FORBIDDEN, NULL, "%s", sentence);
}

bool request_wait(struct request *rq, const char *id, int64_t seconds)
{
    int64_t now_us = clock_monotonic_us();
    if (!rq->room || seconds <= 0)
        return false;
    if (rq->waits_until_us == 0)
        rq->waits_until_us = now_us + seconds * INT64_C(1000000);
    if (now_us >= rq->waits_until_us)
        return false;
    rq->place = waiting_take(rq->room, id, rq->who.account_id, rq->waits_until_us);
    return rq->place != NULL;
}

void request_wait_no_more(struct request *rq)
{
    if (rq->place)
        waiting_leave(rq->room, rq->place);
    rq->place = NULL;
}

enum status request_absent(struct request *rq, const char *what)
{
    return fail(&rq->problem, NOT_FOUND, NULL, "There is no such %s.", what);
}
