/* Design. More is read until the window holds the end of a record; then its cells are taken in place. */
#include "common/format/csv.h"

#include "common/base/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void csv_begin(struct csv *c, char *text, size_t size, char separator)
{
    *c = (struct csv){.next = text, .end = text + size, .separator = separator, .next_line = 1, .fd = -1};
}

void csv_begin_file(struct csv *c, int fd, char separator)
{
    char *window = malloc(CSV_RECORD_MAX + 1);
    if (!window)
        abort();
    csv_begin(c, window, 0, separator);
    c->window = window;
    c->fd = fd;
}

void csv_end(struct csv *c)
{
    free(c->window);
    *c = (struct csv){.fd = -1};
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

/* More of the file behind what is left of the window. */
static enum status read_more(struct csv *c)
{
    size_t left = (size_t)(c->end - c->next);
    memmove(c->window, c->next, left);
    c->next = c->window;
    c->end = c->window + left;
    ssize_t size;
    do
        size = read(c->fd, c->end, CSV_RECORD_MAX - left);
    while (size < 0 && errno == EINTR);
    if (size < 0)
        return FAULT;
    if (size == 0)
        c->fd = -1;
    c->end += size;
    return OK;
}

/* Where the line ends that is outside of quotes, from *at on; NULL: not here. */
static const char *find_end(const char **at, const char *end, bool *quoted)
{
    for (const char *p = *at; p < end; p++) {
        if (*p == '"')
            *quoted = !*quoted;
        else if (*p == '\n' && !*quoted)
            return p;
    }
    *at = end;
    return NULL;
}

/* Brings all of the record into the window; its size. */
static enum status load_record(struct csv *c, struct problem *why, size_t *out)
{
    bool quoted = false;
    const char *at = c->next, *end;
    while (!(end = find_end(&at, c->end, &quoted)) && c->fd >= 0) {
        size_t looked_at = (size_t)(c->end - c->next);
        if (looked_at == CSV_RECORD_MAX)
            return refuse(c, why, "the record is longer than 1 MiB; perhaps a quote is not closed");
        TRY(read_more(c));
        at = c->next + looked_at;
    }
    *out = (size_t)((end ? end : c->end) - c->next);
    return OK;
}

/* The separator that the first record has most of, outside of quotes. */
static char find_separator(const char *record, size_t size)
{
    static const char separators[] = ",;\t";
    size_t found[sizeof separators] = {0}, best = 0;
    bool quoted = false;
    for (size_t i = 0; i < size; i++) {
        const char *separator = record[i] ? strchr(separators, record[i]) : NULL;
        quoted ^= record[i] == '"';
        if (separator && !quoted)
            found[separator - separators]++;
    }
    for (size_t i = 1; separators[i]; i++)
        if (found[i] > found[best])
            best = i;
    return separators[best];
}

static enum status skip_empty_lines(struct csv *c)
{
    do {
        while (c->fd >= 0 && c->end - c->next < 3)
            TRY(read_more(c));
        if (!c->begun && c->end - c->next >= 3 && memcmp(c->next, "\xEF\xBB\xBF", 3) == 0)
            c->next += 3;
        c->begun = true;
        for (size_t skip; (skip = line_end(c, c->next)) > 0; c->next_line++)
            c->next += skip;
    } while (c->fd >= 0 && c->end - c->next < 3);
    return OK;
}

enum status csv_next(struct csv *c, struct problem *why)
{
    size_t size = 0;
    TRY(skip_empty_lines(c));
    if (c->next == c->end)
        return NOT_FOUND;
    c->line = c->next_line;
    c->count = 0;
    TRY(load_record(c, why, &size));
    if (text_length(c->next, size) < 0)
        return refuse(c, why, "the text is not UTF-8; save the table as CSV UTF-8");
    if (!c->separator)
        c->separator = find_separator(c->next, size);
    for (bool last = false; !last;)
        TRY(next_cell(c, why, &last));
    return OK;
}
