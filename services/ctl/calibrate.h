/* How much a password hash may cost on this machine.
 *
 * Memory first: it is what makes guessing dear for those who build machines for it, so passes are added only where
 * there is time left after all the memory that may be used (RFC 9106, section 4). Never less than OWASP's minimum,
 * which PASSWORD_HASH_MIB and PASSWORD_HASH_PASSES are. */
#pragma once

#include "common/identity/password.h"

#include <stdint.h>

struct calibration {
    int64_t target_us;
    long memory_max_mib;

    /* How long one hash takes in microseconds; -1: there is not enough memory. */
    int64_t (*measure)(void *context, const struct password_cost *cost);
    void *context;
};

struct recommendation {
    struct password_cost cost;
    int64_t duration_us;
    bool too_slow; /* even the minimum takes longer than the target */
};

/* False: there is not even memory for the minimum. */
bool calibrate(const struct calibration *c, struct recommendation *out);
