/* The uses of SIGNING_KEY_SECRET: keys derived from it, one per purpose, and texts sealed with them in the database, so
 * that all replicas and the operator's command can read them, and a copy of the database is worth nothing. secret is
 * the setting's text. */
#pragma once

#include "common/base/arena.h"

#include <stdbool.h>

enum { SECRET_DIGITS = 64, SECRET_KEY_SIZE = 32 };

/* True for 64 hexadecimal digits. */
bool secret_is_good(const char *secret);

/* A purpose always has the same key, which tells nothing about the others. The caller overwrites it after use. */
void secret_key(const char *secret, const char *purpose, unsigned char out[SECRET_KEY_SIZE]);

/* Sealed with libsodium's secretbox: nonce and box in hexadecimal. The purpose may name the owner, so that it cannot be
 * moved to another account. NULL: the key is the secret itself, as it was for the first signing keys. */
const char *secret_seal(const char *secret, struct arena *arena, const char *purpose, const char *text);

/* NULL when the secret does not open it. */
const char *secret_unseal(const char *secret, struct arena *arena, const char *purpose, const char *sealed);
