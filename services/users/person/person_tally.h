/* How many people there are, and who is asking. */
#ifndef MNEMOS_USERS_POPULATION_H
#define MNEMOS_USERS_POPULATION_H

#include "services/users/users.h"

struct current_user {
    const char *id, *name, *role, *specialty;
};

struct population {
    struct maybe_integer users, patients, healthpros, caregivers;
    struct current_user *current_user; /* NULL when anonymous */
    const char *name;                  /* of the current user */
};
extern const struct schema population_schema;

enum status population_status(struct request *rq);

#endif
