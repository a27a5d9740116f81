/* What SIGNING_KEY_SECRET is for: keys derived from it, one per purpose, and what is sealed with them in the database,
 * so that all replicas and the operator's command can read it, and a copy of the database is worth nothing. secret is
 * the setting's text. */
#pragma once

#include "common/base/arena.h"

#include <stdbool.h>

enum { SECRET_DIGITS = 64, SECRET_KEY_SIZE = 32 };

/* 64 hexadecimal digits? */
bool secret_is_good(const char *secret);

/* The same for the same purpose, and telling nothing about the others. The caller overwrites it after use. */
void secret_key(const char *secret, const char *purpose, unsigned char out[SECRET_KEY_SIZE]);

/* Sealed with libsodium's secretbox: nonce and box in hexadecimal. The purpose may name whose it is, so that it cannot
 * be given to somebody else. NULL: the key is the secret itself, as it was for the first signing keys. */
const char *secret_seal(const char *secret, struct arena *arena, const char *purpose, const char *text);

/* NULL when our secret does not open it. */
const char *secret_unseal(const char *secret, struct arena *arena, const char *purpose, const char *sealed);
