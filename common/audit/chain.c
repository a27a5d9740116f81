#include "common/audit/chain.h"

#include "common/base/status.h"

#include <sodium.h>
#include <string.h>

_Static_assert(CHAIN_KEY_SIZE == crypto_generichash_KEYBYTES, "the key of BLAKE2b");
_Static_assert(CHAIN_SEAL_SIZE == crypto_generichash_BYTES, "the hash of BLAKE2b");

void chain_seal(const unsigned char key[CHAIN_KEY_SIZE], const struct chain_batch *batch, char out[CHAIN_SEAL_HEX])
{
    const char *const parts[] = {batch->previous,        batch->number,  batch->month,     batch->first_transaction,
                                 batch->end_transaction, batch->entries, batch->sealed_at, batch->digests};
    unsigned char seal[CHAIN_SEAL_SIZE];
    crypto_generichash_state state;
    crypto_generichash_init(&state, key, CHAIN_KEY_SIZE, sizeof seal);
    for (size_t i = 0; i < COUNT(parts); i++) /* each with its end, so that "1", "23" is not "12", "3" */
        crypto_generichash_update(&state, (const unsigned char *)parts[i], strlen(parts[i]) + 1);
    crypto_generichash_final(&state, seal, sizeof seal);
    sodium_bin2hex(out, CHAIN_SEAL_HEX, seal, sizeof seal);
}
