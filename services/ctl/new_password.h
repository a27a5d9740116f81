/* A new password: from a file, from the operator, or at random. */
#pragma once

#include "common/identity/password.h"

/* The first line of a file. */
enum status new_password_from_file(const char *path, struct problem *why, const char **out);

/* Asks for it at the terminal, twice and without echo; otherwise reads the first line of standard input. */
enum status new_password_ask(struct problem *why, const char **out);

const char *new_password_random(struct arena *arena);

/* Refuses a password that is too short or too long, and hashes any other. */
enum status new_password_hash(const char *password, struct problem *why, char out[PASSWORD_HASH_SIZE]);
