/* The keys that sign tokens.
 *
 * Keys rest in the database, the private half sealed with SIGNING_KEY_SECRET, so that every replica signs with the same
 * key and a copy of the database signs nothing. Each has a time from which it is used; the newest key whose time has
 * come signs. Notifications tell replicas of keys that come and go, and a key is published so long before its time that
 * every service knows it before its first token comes. */
#pragma once

#include "services/auth/auth.h"

struct signer;

struct signer *signer_start(const struct auth_settings *settings, const struct service_settings *common);
void signer_stop(struct signer *s);

/* Makes the first key if there is none that our secret opens. UNAVAILABLE until its time has come. */
enum status signer_prepare(struct signer *s, struct db *db);

enum status signer_sign(struct signer *s, struct db *db, const struct principal *who, const char **out);
