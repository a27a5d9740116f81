/* The cost of password hashes that this machine can bear.
 *
 * Memory comes first: it makes guessing dear for builders of special machines, so passes are added only if time is left
 * after all the memory that may be used (RFC 9106, section 4). The cost is never less than OWASP's minimum,
 * PASSWORD_HASH_MIB and PASSWORD_HASH_PASSES. */
#pragma once

#include "common/identity/password.h"

#include <stdint.h>

struct calibration {
    int64_t target_us;
    long memory_max_mib;

    /* The time of one hash in microseconds; -1: there is not enough memory. */
    int64_t (*measure)(void *context, const struct password_cost *cost);
    void *context;
};

struct recommendation {
    struct password_cost cost;
    int64_t duration_us;
    bool too_slow; /* even the minimum takes longer than the target */
};

/* False if there is not even memory for the minimum. */
bool calibrate(const struct calibration *c, struct recommendation *out);
