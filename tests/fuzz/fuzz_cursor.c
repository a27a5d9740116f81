/* A page's cursor and a record's tag, both of which clients hand back to us. */
#include "common/base/text.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

struct item {
    const char *name, *page_key;
    struct maybe_integer version;
};
LOCAL_SCHEMA(item_schema, "Item", struct item, FIELD_TEXT(struct item, name),
             FIELD_TEXT(struct item, page_key, .rules = HIDDEN), FIELD_INTEGER(struct item, version, .rules = HIDDEN));
static const struct route list = {
    "GET", "/items", NULL, .input = &page_schema, .output = &item_schema, .shape = GIVES_PAGE};

/* The next of a page that ended with this key leads back to it. */
static void promise_next(const char *key)
{
    EXCHANGE(c, list);
    struct item items[] = {{.page_key = key}, {.page_key = "beyond"}};
    c.rq.page.shown = 1;
    reply_page(&c.rq, &(struct record_list){items, 2});
    json_auto_t *reply = exchange_reply(&c);
    struct page_query query = {.after = json_string_value(json_object_get(reply, "next"))};
    PROMISE(page_read(&page_schema, &query, &c.arena, &c.rq.problem, &c.rq.page) == OK &&
            strcmp(c.rq.page.after, key) == 0);
}

static void take_cursor(const char *cursor)
{
    EXCHANGE(c, list);
    struct page_query query = {.after = cursor};
    enum status status = page_read(&page_schema, &query, &c.arena, &c.rq.problem, &c.rq.page);
    if (status != OK)
        promise_refusal(&c, status);
    else
        promise_next(c.rq.page.after);
}

static void take_tag(const char *tag)
{
    EXCHANGE(c, list);
    struct item item = {.version = {true, (int64_t)strlen(tag)}};
    c.rq.if_match = c.rq.if_none_match = tag;
    bool current = request_match(&c.rq, item.version) == OK;
    reply_record(&c.rq, &item);
    PROMISE(current == (c.rq.http_status == 304));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct arena arena = {0};
    const char *text = arena_copy(&arena, (const char *)bytes, size);
    size_t length = strlen(text);
    take_cursor(text);
    take_tag(text);
    if (text_length(text, length) > 0 && !text_has_control(text, length))
        promise_next(text);
    arena_release(&arena);
    return 0;
}
