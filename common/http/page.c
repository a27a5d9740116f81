#include "common/http/page.h"

#include "common/base/text.h"

#include <sodium.h>
#include <string.h>

enum { CURSOR = sodium_base64_VARIANT_URLSAFE_NO_PADDING };

struct page_only {
    struct page_query page;
};
SCHEMA(page_schema, "Page", struct page_only, FIELD_PAGE(struct page_only, page));

static enum status cursor_decode(const char *cursor, struct arena *arena, struct problem *why, const char **out)
{
    size_t size = strlen(cursor), decoded;
    char *key = arena_alloc(arena, size + 1);
    bool good = sodium_base642bin((unsigned char *)key, size, cursor, size, NULL, &decoded, NULL, CURSOR) == 0;
    if (!good || strlen(key) != decoded || text_length(key, decoded) < 1 || text_has_control(key, decoded))
        return fail(why, INVALID, "after", "must be the next of an earlier page");
    *out = key;
    return OK;
}

static const char *cursor_encode(const char *key, struct arena *arena)
{
    size_t size = strlen(key), encoded = sodium_base64_ENCODED_LEN(size, CURSOR);
    return sodium_bin2base64(arena_alloc(arena, encoded), encoded, (const unsigned char *)key, size, CURSOR);
}

enum status page_read(const struct schema *s, const void *query, struct arena *arena, struct problem *why,
                      struct page *out)
{
    const struct maybe_integer *limit = field_at(schema_field(s, "limit"), query);
    const char *const *after = field_at(schema_field(s, "after"), query);
    struct page page = {.shown = limit->known ? (size_t)limit->value : PAGE_DEFAULT};
    page.limit = arena_printf(arena, "%zu", page.shown + 1);
    if (*after)
        TRY(cursor_decode(*after, arena, why, &page.after));
    *out = page;
    return OK;
}

void page_write(const struct page *page, const struct schema *s, const struct record_list *found, struct arena *arena,
                struct writer *w)
{
    const char *items = found->items;
    size_t shown = found->count < page->shown ? found->count : page->shown;
    write_object(w);
    write_key(w, "items");
    write_array(w);
    for (size_t i = 0; i < shown; i++)
        schema_write(s, items + i * s->size, w);
    write_array_end(w);
    write_key(w, "next");
    if (found->count > shown) {
        const char *const *key = field_at(schema_field(s, "page_key"), items + (shown - 1) * s->size);
        write_text(w, cursor_encode(*key, arena));
    } else {
        write_null(w);
    }
    write_object_end(w);
}
