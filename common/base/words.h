/* Lists of words in one text, such as a setting has: with any number of separators before, between and behind them. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* What separates the words of a setting: spaces or commas. */
extern const char words_separators[];

/* Copies the next word and moves at behind it; false at the end. A word that does not fit into size bytes is given as
 * "", which is no word.
 *
 *     for (const char *at = list; words_next(&at, words_separators, word, sizeof word);) */
bool words_next(const char **at, const char *separators, char *word, size_t size);

/* Is it one of the list? */
bool words_have(const char *list, const char *word);
