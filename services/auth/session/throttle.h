/* Failed logins: a guesser waits, longer each time, and no account is ever locked.
 *
 * Failures are counted by the name that was given and the network it came from, so that guesses at a doctor's password
 * from elsewhere do not keep the doctor waiting. The counts are in the database: all replicas share them. Names without
 * an account are counted in the same way, so a wait tells nothing about them. */
#pragma once

#include "services/auth/auth.h"

enum { THROTTLE_HASH_SIZE = 32 };

struct throttle {
    const char *name_key; /* NULL: its failures are no failed logins */
    char key[2 * THROTTLE_HASH_SIZE + 1];
};

/* Precedes the password check: TOO_MANY with Retry-After while the wait lasts. */
enum status throttle_enter(struct request *rq, const char *name, struct throttle *out);

/* Follows the password check: counts a wrong password, forgets the wrong ones before a right one. TOO_MANY if other
 * failures meanwhile began a new wait; the password then counts as not checked, right or wrong, so guessing in parallel
 * is not faster. */
enum status throttle_settle(struct request *rq, const struct throttle *throttle, bool matches);

/* TOO_MANY as above, for an attempt that is neither right nor wrong yet. */
enum status throttle_wait(struct request *rq, const struct throttle *throttle);

/* throttle_enter for codes of an account's second factor, which are counted wherever they come from. */
enum status throttle_enter_codes(struct request *rq, const char *account_id, struct throttle *out);

/* The network of an address as text, for the key: IPv4 /24, IPv6 /48; "" for anything else. */
enum { THROTTLE_NETWORK_SIZE = 48 };
void throttle_network(const char *address, char out[THROTTLE_NETWORK_SIZE]);

/* throttle_store.c */
enum status throttle_find_name_key(struct db *db, const char *name, const char **out);
enum status throttle_find_wait(struct db *db, const char *key, int *out); /* 0: none */
enum status throttle_count(struct db *db, const struct throttle *t);      /* NOT_FOUND: not counted, the wait lasts */
enum status throttle_forget(struct db *db, const char *key, int *out);    /* not while the wait lasts */
