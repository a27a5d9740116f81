/* Conditions of an installation: a new one needs a superuser, a real one must not have invented people.
 *
 * The settings FIRST_SUPERUSER and FIRST_SUPERUSER_PASSWORD give the first superuser, once and only while there is
 * none. Invented people share one password, so a service without DEMO=on refuses a database that holds them. */
#pragma once

#include "services/auth/auth.h"

/* Prints the faults of these settings as sentences on standard error; false if there are any. */
bool installation_check(const struct auth_settings *settings);

/* FORBIDDEN if the database holds invented people and DEMO is off. */
enum status installation_allows(const struct auth_settings *settings, struct db *db);

/* Makes the first superuser if there is none; UNAVAILABLE if the database is refused. Cheap once it was OK. Every
 * caller that signs tokens calls it first. */
enum status installation_prepare(struct auth *auth, struct db *db);
