/* Seals the access log: a thread with a connection of its own.
 *
 * Of all replicas one is the leader, by an advisory lock that goes with its connection. Every half second it seals what
 * has come since, so that no entry stays unsealed for longer than a second; a leader that dies is followed at once. It
 * also makes the partitions of the months to come. */
#pragma once

#include "services/auth/auth.h"

struct sealer;

struct sealer *sealer_start(const struct auth *auth, const char *database_url);
void sealer_stop(struct sealer *s);
