#include "common/http/reply.h"

#include "common/http/accept.h"

#include <string.h>

static const char json_media[] = "application/json";

static const char *offer_list(struct request *rq)
{
    const char *list = json_media;
    for (const char *const *type = rq->route->media_types; *type; type++)
        list = arena_printf(rq->arena, "%s%s%s", list, type[1] ? ", " : " or ", *type);
    return list;
}

enum status reply_negotiate(struct request *rq)
{
    rq->media_type = json_media;
    if (!rq->route->media_types)
        return OK;
    reply_header(rq, "Vary", "Accept");
    int best = accept_rank(rq->accept, json_media);
    for (const char *const *type = rq->route->media_types; *type; type++) {
        int rank = accept_rank(rq->accept, *type);
        rq->media_type = rank > best ? *type : rq->media_type;
        best = rank > best ? rank : best;
    }
    return best > 0 ? OK : fail(&rq->problem, NOT_ACCEPTABLE, NULL, "This is available as %s.", offer_list(rq));
}

void reply_header(struct request *rq, const char *name, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    if (rq->header_count < REPLY_HEADERS_MAX)
        rq->headers[rq->header_count++] = (struct reply_header){name, arena_vprintf(rq->arena, format, args)};
    va_end(args);
}

bool reply_known(struct request *rq, const void *record)
{
    const struct maybe_integer *version = schema_hidden(rq->route->output, "version", record);
    if (!version || !version->known)
        return false;
    reply_header(rq, "ETag", "%s", request_tag(rq, version->value));
    bool known = strcmp(rq->route->method, "GET") == 0 && rq->if_none_match &&
                 request_lists_tag(rq, rq->if_none_match, version->value);
    if (known)
        rq->http_status = 304;
    return known;
}

static void succeed(struct request *rq, const char *content_type)
{
    rq->http_status = rq->route->success ? rq->route->success : 200;
    rq->content_type_out = content_type;
}

enum status reply_record(struct request *rq, const void *record)
{
    if (reply_known(rq, record))
        return OK;
    succeed(rq, json_media);
    schema_write(rq->route->output, record, &rq->body_out);
    return OK;
}

enum status reply_empty(struct request *rq)
{
    rq->http_status = 204;
    return OK;
}

enum status reply_page(struct request *rq, const struct record_list *found)
{
    rq->http_status = 200;
    rq->content_type_out = json_media;
    page_write(&rq->page, rq->route->output, found, rq->arena, &rq->body_out);
    return OK;
}

enum status reply_page_or_absent(struct request *rq, const struct record_list *found)
{
    return found->count > 0 ? reply_page(rq, found) : NOT_FOUND;
}

enum status reply_text(struct request *rq, const char *content_type, const char *text)
{
    succeed(rq, content_type);
    write_bytes(&rq->body_out, text, strlen(text));
    return OK;
}

enum status reply_bytes(struct request *rq, const char *content_type, const char *bytes, size_t size)
{
    succeed(rq, content_type);
    rq->exact = true;
    write_bytes(&rq->body_out, bytes, size);
    return OK;
}

enum status reply_file(struct request *rq, const char *content_type, int fd, size_t size)
{
    succeed(rq, content_type);
    rq->file_out = fd;
    rq->file_out_size = size;
    return OK;
}

void reply_problem(struct request *rq, enum status status)
{
    struct writer *w = &rq->body_out;
    const struct problem *why = &rq->problem;
    writer_release(w);
    rq->http_status = status_http(status);
    rq->exact = false;
    rq->content_type_out = "application/problem+json";
    if (status == METHOD_NOT_ALLOWED && why->allow)
        reply_header(rq, "Allow", "%s", why->allow);
    if (status_http(status) == status_http(UNAUTHENTICATED))
        reply_header(rq, "WWW-Authenticate", "%s",
                     rq->route && (rq->route->rules & TAKES_BASIC) ? "Basic realm=\"mnemos\"" : "Bearer");
    if (status == UNAVAILABLE || status == TOO_MANY || why->retry_after_s > 0)
        reply_header(rq, "Retry-After", "%d", why->retry_after_s ? why->retry_after_s : 1);

    problem_write(why, status, "request_id", rq->request_id, w);
}
