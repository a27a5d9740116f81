/* Failed logins: who guesses waits, longer each time, and nobody is ever locked out.
 *
 * Counted by the name that was given and the network it came from, so that whoever guesses at a doctor's password from
 * elsewhere does not keep the doctor waiting. The counts are in the database: all replicas share them. Names that
 * belong to nobody are counted in the same way, so a wait tells nothing about them. */
#pragma once

#include "services/auth/auth.h"

enum { THROTTLE_HASH_SIZE = 32 };

struct throttle {
    const char *name_key; /* NULL: its failures are no failed logins */
    char key[2 * THROTTLE_HASH_SIZE + 1];
};

/* Before the password is looked at: TOO_MANY with Retry-After while there is still to wait. */
enum status throttle_enter(struct request *rq, const char *name, struct throttle *out);

/* After it was: counts a wrong one, forgets the wrong ones before a right one. TOO_MANY when others have failed
 * meanwhile and there is to wait again; the password then counts as not looked at, right or wrong, so guessing in
 * parallel is not faster. */
enum status throttle_settle(struct request *rq, const struct throttle *throttle, bool matches);

/* TOO_MANY as above; for who is neither right nor wrong yet. */
enum status throttle_wait(struct request *rq, const struct throttle *throttle);

/* The same as throttle_enter for codes of an account's second factor, which are counted wherever they come from. */
enum status throttle_enter_codes(struct request *rq, const char *account_id, struct throttle *out);

/* The network of an address as text, for the key: IPv4 /24, IPv6 /48; "" for anything else. */
enum { THROTTLE_NETWORK_SIZE = 48 };
void throttle_network(const char *address, char out[THROTTLE_NETWORK_SIZE]);

/* throttle_store.c */
enum status throttle_find_name_key(struct db *db, const char *name, const char **out);
enum status throttle_find_wait(struct db *db, const char *key, int *out); /* 0: none */
enum status throttle_count(struct db *db, const struct throttle *t);      /* NOT_FOUND: not now, there is to wait */
enum status throttle_forget(struct db *db, const char *key, int *out);    /* unless there is to wait */
