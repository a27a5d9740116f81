/* A small issuer on this machine: keys that rotate, a key set over HTTP, tokens with any claims. */
#pragma once

#include <jansson.h>
#include <openssl/evp.h>
#include <stdbool.h>

struct outside_key {
    const char *id, *algorithm;
    EVP_PKEY *pair;
};
struct outside_key outside_key_new(const char *id, const char *algorithm);
void outside_key_drop(struct outside_key *k);

json_t *outside_key_jwk(const struct outside_key *k); /* a new reference */

/* The keys as a key set, up to one without an id; malloc'd. */
char *outside_key_set(const struct outside_key *keys);

/* A token of those claims, whose header says the key's algorithm and id; malloc'd. */
char *outside_key_sign(const struct outside_key *k, json_t *claims);

struct outside_issuer;
struct outside_issuer *outside_issuer_start(void);
struct outside_issuer *outside_issuer_start_tls(void); /* with a certificate that nobody vouches for */
void outside_issuer_stop(struct outside_issuer *issuer);
int outside_issuer_port(const struct outside_issuer *issuer);

/* Its answer from now on. header: "Cache-Control: max-age=600", or NULL. */
void outside_issuer_answer(struct outside_issuer *issuer, int status, const char *header, const char *body);

/* Lets those who ask wait, until it is called with false. */
void outside_issuer_hold(struct outside_issuer *issuer, bool hold);

int outside_issuer_asked(struct outside_issuer *issuer); /* how often */
