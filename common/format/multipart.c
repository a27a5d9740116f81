/* Design. Bytes are gathered in a window. Each state takes what it can from the window's beginning; in the body of a
 * part that is everything but the last bytes, which could be the beginning of a delimiter. The first delimiter may
 * stand at the very beginning, so the window begins with the line end that the others have. */
#include "common/format/multipart.h"

#include "common/base/text.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static enum status refuse(struct problem *why, const char *sentence)
{
    return fail(why, MALFORMED, NULL, "The multipart body is broken: %s.", sentence);
}

/* Characters of a token (RFC 9110), of which parameter names and unquoted values are made. */
static size_t token_size(const char *text)
{
    return strspn(text, "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
}

/* The value of a parameter at *text, which is moved behind it; quoted or a token. False when it is neither. */
static bool take_value(const char **text, char *out, size_t room)
{
    const char *c = *text;
    size_t size = 0;
    if (*c != '"') {
        size = token_size(c);
        if (size == 0 || size >= room)
            return false;
        memcpy(out, c, size);
        c += size;
    } else {
        for (c++; *c && *c != '"'; c++) {
            if (*c == '\\' && (c[1] == '"' || c[1] == '\\'))
                c++;
            if (size + 1 >= room)
                return false;
            out[size++] = *c;
        }
        if (*c++ != '"')
            return false;
    }
    out[size] = '\0';
    *text = c;
    return true;
}

/* Finds a parameter of a header value: form-data; name="file"; filename="a.csv". 1: found, 0: absent, -1: malformed. */
static int parameter(const char *header, const char *name, char *out, size_t room)
{
    char value[MULTIPART_HEAD_MAX];
    int found = 0;
    const char *c = header + strcspn(header, ";");
    while (*c == ';') {
        c += 1 + strspn(c + 1, " \t");
        size_t size = token_size(c);
        const char *key = c;
        c += size;
        if (size == 0 || *c++ != '=' || !take_value(&c, value, sizeof value))
            return -1;
        c += strspn(c, " \t");
        if (size != strlen(name) || strncasecmp(key, name, size) != 0)
            continue;
        if (found || strlen(value) >= room)
            return -1;
        strcpy(out, value);
        found = 1;
    }
    return *c == '\0' ? found : -1;
}

enum status multipart_begin(struct multipart *m, const char *content_type, struct multipart_sink sink,
                            struct problem *why)
{
    char boundary[MULTIPART_BOUNDARY_MAX + 1];
    if (parameter(content_type, "boundary", boundary, sizeof boundary) != 1 || boundary[0] == '\0')
        return refuse(why, "its content type names no boundary of 1 to 70 characters");
    m->sink = sink;
    m->state = MULTIPART_BEFORE;
    m->parts = 0;
    m->delimiter_size = (size_t)snprintf(m->delimiter, sizeof m->delimiter, "\r\n--%s", boundary);
    memcpy(m->window, "\r\n", 2);
    m->used = 2;
    return OK;
}

static void drop(struct multipart *m, size_t size)
{
    m->used -= size;
    memmove(m->window, m->window + size, m->used);
}

static enum status no_progress(bool *progress)
{
    *progress = false;
    return OK;
}

/* Everything up to the next delimiter goes to the sink, or nowhere. */
static enum status step_content(struct multipart *m, struct problem *why, bool *progress)
{
    const char *end = memmem(m->window, m->used, m->delimiter, m->delimiter_size);
    size_t kept = m->delimiter_size - 1;
    size_t size = end ? (size_t)(end - m->window) : m->used > kept ? m->used - kept : 0;
    if (m->state == MULTIPART_BODY && size > 0)
        TRY(m->sink.bytes(m->sink.to, m->window, size, why));
    drop(m, end ? size + m->delimiter_size : size);
    if (end)
        m->state = MULTIPART_BOUNDARY;
    *progress = end != NULL;
    return OK;
}

/* Behind a delimiter: a line end, after which a part begins, or two hyphens, after which nothing matters. */
static enum status step_boundary(struct multipart *m, struct problem *why, bool *progress)
{
    if (m->used < 2)
        return no_progress(progress);
    bool last = memcmp(m->window, "--", 2) == 0;
    if (!last && memcmp(m->window, "\r\n", 2) != 0)
        return refuse(why, "behind a boundary the line must end");
    drop(m, 2);
    m->state = last ? MULTIPART_AFTER : MULTIPART_HEAD;
    return OK;
}

/* One line of a part's head, terminated. */
static enum status read_header(char *line, char *disposition, char *content_type, struct problem *why)
{
    char *colon = strchr(line, ':');
    if (!colon)
        return refuse(why, "a line of a part's head has no colon");
    *colon = '\0';
    const char *value = colon + 1 + strspn(colon + 1, " \t");
    if (strcasecmp(line, "Content-Disposition") == 0)
        strcpy(disposition, value);
    else if (strcasecmp(line, "Content-Type") == 0)
        strcpy(content_type, value);
    else if (strcasecmp(line, "Content-Transfer-Encoding") == 0 && strcasecmp(value, "binary") != 0 &&
             strcasecmp(value, "8bit") != 0 && strcasecmp(value, "7bit") != 0)
        return refuse(why, "parts must not be encoded");
    return OK;
}

static enum status begin_part(struct multipart *m, const char *disposition, const char *content_type,
                              struct problem *why)
{
    char name[256], file_name[256];
    int named = parameter(disposition, "name", name, sizeof name);
    int is_file = parameter(disposition, "filename", file_name, sizeof file_name);
    if (strncasecmp(disposition, "form-data", 9) != 0 || named != 1 || is_file < 0)
        return refuse(why, "a part has no Content-Disposition of form-data with a name");
    if (text_length(name, strlen(name)) < 1 || (is_file && text_length(file_name, strlen(file_name)) < 0))
        return refuse(why, "the name of a part is not UTF-8");
    if (strncasecmp(content_type, "multipart/", 10) == 0)
        return refuse(why, "a part is multipart itself");
    if (++m->parts > MULTIPART_PARTS_MAX)
        return refuse(why, "there are more parts than 64");
    struct multipart_part part = {name, is_file ? file_name : NULL, *content_type ? content_type : NULL};
    return m->sink.part(m->sink.to, &part, why);
}

static enum status step_head(struct multipart *m, struct problem *why, bool *progress)
{
    char disposition[MULTIPART_HEAD_MAX] = "", content_type[MULTIPART_HEAD_MAX] = "";
    const char *end = memmem(m->window, m->used, "\r\n\r\n", 4);
    size_t size = end ? (size_t)(end - m->window) : m->used;
    if (size >= MULTIPART_HEAD_MAX)
        return refuse(why, "the head of a part is longer than 4 KiB");
    if (!end)
        return no_progress(progress);
    if (memchr(m->window, '\0', size))
        return refuse(why, "the head of a part has a zero byte");
    m->window[size] = '\0';
    for (char *line = m->window, *next; line; line = next) {
        next = strstr(line, "\r\n");
        if (next) {
            *next = '\0';
            next += 2;
        }
        TRY(read_header(line, disposition, content_type, why));
    }
    TRY(begin_part(m, disposition, content_type, why));
    drop(m, size + 4);
    m->state = MULTIPART_BODY;
    return OK;
}

static enum status step(struct multipart *m, struct problem *why, bool *progress)
{
    switch (m->state) {
    case MULTIPART_BOUNDARY:
        return step_boundary(m, why, progress);
    case MULTIPART_HEAD:
        return step_head(m, why, progress);
    case MULTIPART_AFTER:
        m->used = 0;
        return no_progress(progress);
    default:
        return step_content(m, why, progress);
    }
}

enum status multipart_take(struct multipart *m, const char *bytes, size_t size, struct problem *why)
{
    while (size > 0) {
        size_t room = sizeof m->window - m->used, taken = size < room ? size : room;
        memcpy(m->window + m->used, bytes, taken);
        m->used += taken;
        bytes += taken;
        size -= taken;
        for (bool progress = true; progress;)
            TRY(step(m, why, &progress));
    }
    return OK;
}

enum status multipart_end(const struct multipart *m, struct problem *why)
{
    return m->state == MULTIPART_AFTER ? OK : refuse(why, "it ends before its last boundary");
}
