/* The numbers of people, and the current user. */
#pragma once

#include "services/users/users.h"

struct current_user {
    const char *id, *name, *role, *specialty;
};

struct person_tally {
    struct maybe_integer users, patients, healthpros, caregivers;
    struct current_user *current_user; /* NULL when anonymous */
    const char *name;                  /* of the current user */
};
extern const struct schema person_tally_schema;

enum status person_tally_get(struct request *rq);
