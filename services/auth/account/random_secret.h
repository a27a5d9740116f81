/* Opaque secrets: 256 random bits, given away as text and kept as a hash. Nobody guesses so many bits, so a plain hash
 * is enough, without salt and without cost. */
#ifndef MNEMOS_AUTH_OPAQUE_H
#define MNEMOS_AUTH_OPAQUE_H

enum {
    OPAQUE_TEXT_SIZE = 64, /* base64url: 43 characters */
    OPAQUE_HASH_SIZE = 65, /* hexadecimal */
};

void opaque_new(char text[OPAQUE_TEXT_SIZE], char hash[OPAQUE_HASH_SIZE]);
void opaque_hash(const char *text, char out[OPAQUE_HASH_SIZE]);

#endif
