/* Lists of words in one text, as settings have them, with any number of separators before, between and after words; and
 * lists whose parts stand between single commas. */
#pragma once

#include "common/base/arena.h"

#include <stdbool.h>
#include <stddef.h>

/* The separators in settings: spaces and commas. */
extern const char words_separators[];

/* Copies the next word and moves at past it; false at the end. A word that does not fit into size bytes is given as "",
 * which is no word.
 *
 *     for (const char *at = list; words_next(&at, words_separators, word, sizeof word);) */
bool words_next(const char **at, const char *separators, char *word, size_t size);

/* True if the word is in the list. */
bool words_have(const char *list, const char *word);

/* The parts of "a,,b c": "a", "" and "b c". NULL has none. In the arena, ended by NULL. */
const char *const *words_split(const char *list, struct arena *arena, size_t *out_count);
