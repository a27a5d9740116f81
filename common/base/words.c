#include "common/base/words.h"

#include <string.h>

const char words_separators[] = ", ";

/* The size of the next word, to which at moves; 0 at the end. */
static size_t find_word(const char **at, const char *separators)
{
    *at += strspn(*at, separators);
    return strcspn(*at, separators);
}

bool words_next(const char **at, const char *separators, char *word, size_t size)
{
    size_t length = find_word(at, separators), kept = length < size ? length : 0;
    memcpy(word, *at, kept);
    word[kept] = '\0';
    *at += length;
    return length > 0;
}

bool words_have(const char *list, const char *word)
{
    size_t wanted = strlen(word), length;
    for (const char *at = list; (length = find_word(&at, words_separators)) > 0; at += length)
        if (length == wanted && memcmp(at, word, length) == 0)
            return true;
    return false;
}

const char *const *words_split(const char *list, struct arena *arena, size_t *out_count)
{
    size_t count = list ? 1 : 0;
    for (const char *at = list; at && *at; at++)
        count += *at == ',';
    const char **parts = arena_alloc(arena, (count + 1) * sizeof *parts);
    char *rest = list ? arena_text(arena, list) : NULL;
    for (size_t i = 0; i < count; i++)
        parts[i] = strsep(&rest, ",");
    *out_count = count;
    return parts;
}
