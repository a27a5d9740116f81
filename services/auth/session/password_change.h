/* Changing the caller's password. */
#pragma once

#include "services/auth/auth.h"

struct password_change {
    const char *current_password, *new_password;
};
extern const struct schema password_change_schema;

enum status password_change(struct request *rq);
