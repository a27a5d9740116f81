/* What a new installation needs, and what a real one must not have.
 *
 * The first superuser comes from the settings FIRST_SUPERUSER and FIRST_SUPERUSER_PASSWORD, once and only while there
 * is none. Invented people share one password, so a service that is not told DEMO=on does not work with a database that
 * holds them. */
#pragma once

#include "services/auth/auth.h"

/* What is wrong with these settings, as sentences on standard error; false then. */
bool installation_check(const struct auth_settings *settings);

/* FORBIDDEN for a demonstration that this is not meant to be. */
enum status installation_allows(const struct auth_settings *settings, struct db *db);

/* Makes the first superuser where there is none; UNAVAILABLE for what is not allowed. Cheap once it was OK. Whoever
 * signs tokens asks first. */
enum status installation_prepare(struct auth *auth, struct db *db);
