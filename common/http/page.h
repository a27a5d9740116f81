/* Lists, page by page: `?limit=` and `?after=`, answered with { "items": [...], "next": cursor or null }.
 *
 * Where a row gives a page, request_input fills rq->page from these two members of the query. A list that takes nothing
 * else has page_schema as its input, which is read before its handler runs. The store's statement uses rq->page, and
 * reply_page shows the rows found. Clients may make up a cursor, so `after` is any text: a statement compares it as
 * text (id::text > $1) and does not cast it. */
#pragma once

#include "common/record/field.h"

enum { PAGE_DEFAULT = 50, PAGE_MAX = 200 };

/* A list that takes more begins its query's struct and schema with these. */
struct page_query {
    struct maybe_integer limit;
    const char *after;
};
#define FIELD_PAGE(s, m) \
    FIELD_INTEGER(s, m.limit, .name = "limit", .min = 1, .max = PAGE_MAX, .summary = "Items per page, 50 by default"), \
        FIELD_TEXT(s, m.after, .name = "after", .min = 1, .max = 1000, .summary = "`next` of the previous page")
extern const struct schema page_schema;

struct page {
    const char *after; /* the key to go on after; NULL: from the start */
    const char *limit; /* how many rows to ask for, one more than are shown, so that the end is known */
    size_t shown;      /* at most */
};

/* Reads the page from the decoded query. INVALID for a made-up cursor. */
enum status page_read(const struct schema *s, const void *query, struct arena *arena, struct problem *why,
                      struct page *out);

/* The next page begins after the hidden text member "page_key" of the last item shown. */
void page_write(const struct page *page, const struct schema *s, const struct record_list *found, struct arena *arena,
                struct writer *w);
