#include "common/import/seen.h"

#include <stdlib.h>
#include <string.h>

void seen_begin(struct seen *s)
{
    *s = (struct seen){0};
    randombytes_buf(s->secret, sizeof s->secret);
}

void seen_end(struct seen *s)
{
    free(s->slots);
}

static void grow(struct seen *s)
{
    struct seen grown = {.size = s->size ? 2 * s->size : 4096};
    grown.slots = calloc(grown.size, sizeof *grown.slots);
    if (!grown.slots)
        abort();
    for (size_t i = 0; i < s->size; i++) {
        uint64_t at;
        if (!s->slots[i].line)
            continue;
        memcpy(&at, s->slots[i].hash, sizeof at);
        while (grown.slots[at & (grown.size - 1)].line)
            at++;
        grown.slots[at & (grown.size - 1)] = s->slots[i];
    }
    free(s->slots);
    s->slots = grown.slots;
    s->size = grown.size;
}

uint32_t seen_before(struct seen *s, const char *key, size_t line)
{
    unsigned char hash[SEEN_HASH_SIZE];
    uint64_t at;
    if (2 * s->count >= s->size)
        grow(s);
    crypto_generichash(hash, sizeof hash, (const unsigned char *)key, strlen(key), s->secret, sizeof s->secret);
    memcpy(&at, hash, sizeof at);
    for (;; at++) {
        size_t slot = at & (s->size - 1);
        if (s->slots[slot].line == 0) {
            memcpy(s->slots[slot].hash, hash, sizeof hash);
            s->slots[slot].line = (uint32_t)line;
            s->count++;
            return 0;
        }
        if (memcmp(s->slots[slot].hash, hash, sizeof hash) == 0)
            return s->slots[slot].line;
    }
}
