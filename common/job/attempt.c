#include "common/job/attempt.h"

void attempt_stop(struct attempt *attempt, enum attempt_stop why)
{
    int none = ATTEMPT_GOES_ON;
    atomic_compare_exchange_strong(&attempt->stop, &none, (int)why);
}

bool attempt_goes_on(const struct attempt *attempt)
{
    return atomic_load_explicit(&attempt->stop, memory_order_relaxed) == ATTEMPT_GOES_ON;
}
