/* Keys that were seen: open addressing by a keyed hash, too long for two keys to share one by chance. */
#pragma once

#include <sodium.h>
#include <stdint.h>

enum { SEEN_HASH_SIZE = crypto_generichash_BYTES_MIN };

struct seen {
    struct {
        unsigned char hash[SEEN_HASH_SIZE];
        uint32_t line; /* 0: empty */
    } * slots;
    size_t size, count;
    unsigned char secret[crypto_generichash_KEYBYTES];
};
void seen_begin(struct seen *s);
void seen_end(struct seen *s);

/* The line where that key was seen before; 0: nowhere, and this line is kept. */
uint32_t seen_before(struct seen *s, const char *key, size_t line);
