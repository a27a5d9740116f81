#include "common/http/page.h"

#include "common/base/text.h"
#include "common/http/request.h"

#include <inttypes.h>
#include <sodium.h>
#include <string.h>

enum { CURSOR = sodium_base64_VARIANT_URLSAFE_NO_PADDING };

struct page_only {
    struct page_query page;
};
SCHEMA(page_schema, "Page", struct page_only, FIELD_PAGE(struct page_only, page));

static enum status cursor_decode(struct request *rq, const char *cursor, const char **out)
{
    size_t size = strlen(cursor), decoded;
    char *key = arena_alloc(rq->arena, size + 1);
    bool good = sodium_base642bin((unsigned char *)key, size, cursor, size, NULL, &decoded, NULL, CURSOR) == 0;
    if (!good || strlen(key) != decoded || text_length(key, decoded) < 1 || text_has_control(key, decoded))
        return fail(&rq->problem, INVALID, "after", "must be the next of an earlier page");
    *out = key;
    return OK;
}

static const char *cursor_encode(struct request *rq, const char *key)
{
    size_t size = strlen(key), encoded = sodium_base64_ENCODED_LEN(size, CURSOR);
    return sodium_bin2base64(arena_alloc(rq->arena, encoded), encoded, (const unsigned char *)key, size, CURSOR);
}

enum status page_read(struct request *rq, const void *query)
{
    const struct maybe_integer *limit = field_at(schema_field(rq->route->input, "limit"), query);
    const char *const *after = field_at(schema_field(rq->route->input, "after"), query);
    struct page page = {.shown = limit->known ? (size_t)limit->value : PAGE_DEFAULT};
    page.limit = arena_printf(rq->arena, "%zu", page.shown + 1);
    if (*after)
        TRY(cursor_decode(rq, *after, &page.after));
    rq->page = page;
    return OK;
}

enum status reply_page(struct request *rq, const struct record_list *found)
{
    const struct schema *s = rq->route->output;
    struct writer *w = &rq->body_out;
    size_t shown = found->count < rq->page.shown ? found->count : rq->page.shown;
    rq->http_status = 200;
    rq->content_type_out = "application/json";
    write_object(w);
    write_key(w, "items");
    write_array(w);
    for (size_t i = 0; i < shown; i++)
        schema_write(s, (const char *)found->items + i * s->size, w);
    write_array_end(w);
    write_key(w, "next");
    if (found->count > shown) {
        const void *last = (const char *)found->items + (shown - 1) * s->size;
        const char *const *key = field_at(schema_field(s, "page_key"), last);
        write_text(w, cursor_encode(rq, *key));
    } else {
        write_null(w);
    }
    write_object_end(w);
    return OK;
}

enum status reply_page_or_absent(struct request *rq, const struct record_list *found)
{
    return found->count > 0 ? reply_page(rq, found) : NOT_FOUND;
}
