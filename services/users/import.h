/* What the imports of all kinds of records have in common: how an error is told, which rows were seen, and whether a
 * row says what the record says. */
#ifndef MNEMOS_USERS_IMPORT_H
#define MNEMOS_USERS_IMPORT_H

#include "common/format/table.h"
#include "common/record/field.h"

#include <sodium.h>

enum {
    IMPORT_VALUE_MAX = 100, /* characters of a wrong value that are kept */
    IMPORT_KEY_SIZE = crypto_generichash_BYTES_MIN,
};

struct import_error {
    struct maybe_integer number, line;
    const char *heading, *member, *value, *detail, *page_key;
};
extern const struct schema import_error_schema;

/* Its first characters, whole ones; NULL stays NULL. */
const char *import_value(struct arena *arena, const char *value);

bool import_row_is_empty(const struct table_row *in);

/* By the members of s, which are texts, numbers and truths. */
bool import_same_record(const struct schema *s, const void *a, const void *b);

/* Keys that were seen: open addressing by a keyed hash, of which no two rows have the same by chance. */
struct import_seen {
    struct {
        unsigned char hash[IMPORT_KEY_SIZE];
        uint32_t line; /* 0: empty */
    } * slots;
    size_t size, count;
    unsigned char secret[crypto_generichash_KEYBYTES];
};
void import_seen_begin(struct import_seen *s);
void import_seen_end(struct import_seen *s);

/* The line where that key stood before; 0: nowhere, and from now on here. */
uint32_t import_seen_before(struct import_seen *s, const char *key, size_t line);

#endif
