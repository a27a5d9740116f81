#include "common/csv.h"

#include <stdbool.h>
#include <string.h>

void csv_begin(struct csv *c, char *text, size_t size, char separator)
{
    *c = (struct csv){.next = text, .end = text + size, .separator = separator, .next_line = 1};
    if (size >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0)
        c->next += 3;
}

static enum status refuse(const struct csv *c, struct problem *why, const char *sentence)
{
    return fail(why, MALFORMED, NULL, "Line %zu: %s.", c->line, sentence);
}

/* The length of the line end here: 0 when there is none. */
static size_t line_end(const struct csv *c, const char *at)
{
    if (at < c->end && *at == '\n')
        return 1;
    return c->end - at >= 2 && at[0] == '\r' && at[1] == '\n' ? 2 : 0;
}

static bool cell_ends(const struct csv *c, const char *at)
{
    return at == c->end || *at == c->separator || line_end(c, at) > 0;
}

/* Shortens a quoted cell by its quotes; *end is where it can be terminated, c->next what follows it. */
static enum status quoted_cell(struct csv *c, struct problem *why, char **end)
{
    char *to = c->next, *from = c->next + 1;
    for (;; from++) {
        if (from == c->end)
            return refuse(c, why, "a quote is opened and not closed");
        if (*from == '"' && (++from == c->end || *from != '"'))
            break;
        if (*from == '\0')
            return refuse(c, why, "a zero byte is no text");
        c->next_line += *from == '\n';
        *to++ = *from;
    }
    if (!cell_ends(c, from))
        return refuse(c, why, "behind a closing quote the cell must end");
    *end = to;
    c->next = from;
    return OK;
}

static enum status plain_cell(struct csv *c, struct problem *why, char **end)
{
    char *at = c->next;
    for (; !cell_ends(c, at); at++) {
        if (*at == '"')
            return refuse(c, why, "a quote within a cell that does not begin with one");
        if (*at == '\0')
            return refuse(c, why, "a zero byte is no text");
    }
    *end = c->next = at;
    return OK;
}

/* Terminating a cell overwrites what ended it, so that is looked at before. */
static enum status next_cell(struct csv *c, struct problem *why, bool *last)
{
    if (c->count == CSV_COLUMNS_MAX)
        return refuse(c, why, "there are more columns than 1000");
    char *end = NULL;
    c->cells[c->count] = c->next;
    TRY(c->next < c->end && *c->next == '"' ? quoted_cell(c, why, &end) : plain_cell(c, why, &end));
    c->count++;
    size_t skip = line_end(c, c->next);
    *last = c->next == c->end || skip > 0;
    c->next_line += skip > 0;
    if (c->next < c->end)
        c->next += skip > 0 ? skip : 1;
    *end = '\0';
    return OK;
}

enum status csv_next(struct csv *c, struct problem *why)
{
    for (size_t skip; (skip = line_end(c, c->next)) > 0; c->next_line++)
        c->next += skip;
    if (c->next == c->end)
        return NOT_FOUND;
    c->line = c->next_line;
    c->count = 0;
    for (bool last = false; !last;)
        TRY(next_cell(c, why, &last));
    return OK;
}
