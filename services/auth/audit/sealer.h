/* Seals the access log: a thread with a connection of its own.
 *
 * One of all replicas is the leader, by an advisory lock that goes with its connection. Every half second it seals the
 * new entries, so that no entry stays unsealed for longer than a second; when a leader dies, another replica follows at
 * once. The leader also makes the partitions of the coming months. */
#pragma once

#include "services/auth/auth.h"

struct sealer;

struct sealer *sealer_start(const struct auth *auth, const char *database_url);
void sealer_stop(struct sealer *s);
