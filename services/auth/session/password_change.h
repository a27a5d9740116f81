/* Changing one's own password. */
#ifndef MNEMOS_AUTH_PASSWORD_CHANGE_H
#define MNEMOS_AUTH_PASSWORD_CHANGE_H

#include "services/auth/auth.h"

struct password_change {
    const char *current_password, *new_password;
};
extern const struct schema password_change_schema;

enum status password_change(struct request *rq);

#endif
