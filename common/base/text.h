/* Checks and conversions of text from outside. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Number of code points, or -1 when it is not well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms). */
long text_length(const char *text, size_t size);

/* True if the text, which is UTF-8, has a control character (C0, DEL, C1). */
bool text_has_control(const char *text, size_t size);

/* Turns text that was cut inside a character, or never was UTF-8, into UTF-8: "?" for bytes beyond ASCII. */
void text_mend(char *text);

/* True for a valid name: 1 to NAME_LENGTH_MAX characters of UTF-8, none of them a control character. */
enum { NAME_LENGTH_MAX = 80 };
bool text_is_name(const char *text);

/* The whole text as a number; false when it is anything else or does not fit. A real must be finite. */
bool text_integer(const char *text, int64_t *out);
bool text_real(const char *text, double *out);

/* The index of the word in a list that ends with NULL; -1: not in it. */
int text_position(const char *const *list, const char *word);

/* The shortest decimal that reads back as the same double; zero of either sign is "0". */
enum { TEXT_REAL_SIZE = 32 };
void text_from_real(double value, char out[TEXT_REAL_SIZE]);

/* A UUID in either spelling, to 32 lower-case hexadecimal digits (out has 33 bytes). */
bool text_uuid(const char *text, char out[33]);
void text_new_uuid(char out[33]); /* random (RFC 9562 version 4) */

/* A point in time of RFC 3339, with a zone that exists (up to 14 hours from UTC). */
bool text_time(const char *text);
