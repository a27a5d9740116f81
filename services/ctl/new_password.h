/* Passwords: from a file, from whoever calls, or at random. */
#ifndef MNEMOS_CTL_SECRET_H
#define MNEMOS_CTL_SECRET_H

#include "common/identity/password.h"

/* The first line of a file. */
enum status secret_from_file(const char *path, struct problem *why, const char **out);

/* Asked for at the terminal, twice and without echo; otherwise the first line of standard input. */
enum status secret_ask(struct problem *why, const char **out);

const char *secret_random(struct arena *arena);

/* Refuses a password that is too short or too long, and hashes any other. */
enum status secret_hash(const char *password, struct problem *why, char out[PASSWORD_HASH_SIZE]);

#endif
