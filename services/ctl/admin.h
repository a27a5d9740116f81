/* Administrators, and lost second factors. */
#pragma once

#include "services/ctl/database.h"

/* admin_store.c */
enum status admin_insert(PGconn *pg, const char *name, const char *role, const char *password_hash,
                         struct problem *why);

/* NOT_FOUND if no account of that name, in any case, has one. */
enum status admin_reset_second_factor(PGconn *pg, const char *name, struct problem *why);
