/* A record as it was: ?as_of=TIME of every record that has a history. */
#ifndef MNEMOS_USERS_AS_OF_H
#define MNEMOS_USERS_AS_OF_H

#include "common/http/request.h"

struct as_of {
    const char *as_of; /* NULL: now */
};
extern const struct schema as_of_schema;

/* What holds later is not known yet, and what PostgreSQL calls now is what versions go by: INVALID for a time to come.
 * The clocks of processors differ by milliseconds, so a second is allowed: the time at which a version that has just
 * been read began has passed, whoever is asked. */
enum status as_of_check(struct request *rq, const struct as_of *as_of);

#endif
