#include "common/http/accept.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

enum specificity { NO_MATCH, ANY, ANY_OF_TYPE, NAMED, SPECIFICITY_COUNT };

struct span {
    const char *begin, *end;
};

static struct span trim(struct span s)
{
    while (s.begin < s.end && (*s.begin == ' ' || *s.begin == '\t'))
        s.begin++;
    while (s.end > s.begin && (s.end[-1] == ' ' || s.end[-1] == '\t'))
        s.end--;
    return s;
}

/* Takes what stands before the separator off the rest; a separator in quotes is none. */
static struct span take(struct span *rest, char separator)
{
    const char *c = rest->begin;
    bool quoted = false;
    for (; c < rest->end && (quoted || *c != separator); c++) {
        if (*c == '"')
            quoted = !quoted;
        else if (quoted && *c == '\\' && c + 1 < rest->end)
            c++;
    }
    struct span part = {rest->begin, c};
    rest->begin = c < rest->end ? c + 1 : c;
    return trim(part);
}

static bool is(struct span s, const char *text, size_t size)
{
    return (size_t)(s.end - s.begin) == size && strncasecmp(s.begin, text, size) == 0;
}

static enum specificity match(struct span range, const char *media_type)
{
    size_t type_size = strcspn(media_type, "/") + 1;
    if (is(range, "*/*", 3))
        return ANY;
    if (is(range, media_type, strlen(media_type)))
        return NAMED;
    bool any_of_type = range.begin < range.end && range.end[-1] == '*';
    range.end -= any_of_type;
    return any_of_type && is(range, media_type, type_size) ? ANY_OF_TYPE : NO_MATCH;
}

/* "0.25" in thousandths; -1 when it is no q-value. */
static int q_value(struct span s)
{
    static const int weights[] = {1000, 0, 100, 10, 1};
    int value = 0;
    ptrdiff_t size = s.end - s.begin;
    if (size < 1 || size > 5 || (size > 1 && s.begin[1] != '.'))
        return -1;
    for (ptrdiff_t i = 0; i < size; i++) {
        if (i != 1 && (s.begin[i] < '0' || s.begin[i] > '9'))
            return -1;
        value += i == 1 ? 0 : (s.begin[i] - '0') * weights[i];
    }
    return value <= 1000 ? value : -1;
}

/* The q among the parameters, 1000 where there is none. */
static int quality(struct span parameters)
{
    while (parameters.begin < parameters.end) {
        struct span value = take(&parameters, ';'), name = take(&value, '=');
        if (is(name, "q", 1))
            return q_value(trim(value));
    }
    return 1000;
}

int accept_rank(const char *accept, const char *media_type)
{
    int best[SPECIFICITY_COUNT] = {0};
    bool matched[SPECIFICITY_COUNT] = {false};
    struct span rest = {accept, accept ? accept + strlen(accept) : accept};
    if (!accept || trim(rest).begin == trim(rest).end)
        return 1;
    while (rest.begin < rest.end) {
        struct span parameters = take(&rest, ','), range = take(&parameters, ';');
        enum specificity how = match(range, media_type);
        int q = how == NO_MATCH ? -1 : quality(parameters);
        if (q < 0)
            continue;
        matched[how] = true;
        best[how] = q > best[how] ? q : best[how];
    }
    for (int how = NAMED; how > NO_MATCH; how--)
        if (matched[how])
            return best[how] == 0 ? 0 : best[how] * SPECIFICITY_COUNT + how;
    return 0;
}
