/* Random secrets: 256 random bits, given away as text and kept as a hash. So many bits cannot be guessed, so a plain
 * hash is enough, without salt and without cost. */
#pragma once

enum {
    RANDOM_SECRET_TEXT_SIZE = 64, /* base64url: 43 characters */
    RANDOM_SECRET_HASH_SIZE = 65, /* hexadecimal */
};

struct random_secret {
    char text[RANDOM_SECRET_TEXT_SIZE]; /* for its holder */
    char hash[RANDOM_SECRET_HASH_SIZE]; /* for the database */
};

void random_secret_new(struct random_secret *out);
void random_secret_hash(const char *text, char out[RANDOM_SECRET_HASH_SIZE]);
