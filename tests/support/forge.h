/* Tokens that our own code would never make: any header and any payload, with a signature of one's choice. */
#ifndef MNEMOS_TEST_FORGE_H
#define MNEMOS_TEST_FORGE_H

#include <stddef.h>

/* malloc'd. */
char *forge_es256(const char *private_pem, const char *header, const char *payload);
char *forge_hs256(const char *secret, const char *header, const char *payload);
char *forge_unsigned(const char *header, const char *payload);

#endif
