/* The chain of seals over the access log.
 *
 * Entries are sealed in batches. A seal is a keyed BLAKE2b hash of the seal before it, of the batch's description, and
 * of a digest of each entry; so nothing behind a seal can be removed, changed or slipped in without the key, and the
 * digests tell which entry it was. The database without the key is not enough to make a seal. The chain cannot show
 * that its end was cut off: compare the newest seal with one that was written down elsewhere. */
#pragma once

#include <stddef.h>

enum {
    CHAIN_KEY_SIZE = 32,
    CHAIN_SEAL_SIZE = 32,
    CHAIN_SEAL_HEX = 2 * CHAIN_SEAL_SIZE + 1,
    CHAIN_DIGEST_HEX = 2 * (8 + 32) /* of one entry: its id and SHA-256 of its content */
};

/* The key is derived from SIGNING_KEY_SECRET for this purpose (secret.h). */
#define CHAIN_PURPOSE "access log"

/* The data that a seal covers, as PostgreSQL prints them. */
struct chain_batch {
    const char *number, *month, *first_transaction, *end_transaction, *entries, *sealed_at;
    const char *previous; /* the seal before, hexadecimal; "" for the first */
    const char *digests;  /* CHAIN_DIGEST_HEX digits for each entry */
};

void chain_seal(const unsigned char key[CHAIN_KEY_SIZE], const struct chain_batch *batch, char out[CHAIN_SEAL_HEX]);
