#include "common/science/statistics/reliable_change.h"

#include "common/science/statistics/distribution.h"

#include <math.h>

struct reliable_change reliable_change(double before, double after, double standard_error, double level)
{
    struct reliable_change c = {.difference = after - before, .standard_error = sqrt(2) * standard_error};
    c.index = c.difference / c.standard_error;
    c.threshold = normal_limit(level) * c.standard_error;
    c.within_error = fabs(c.difference) <= c.threshold;
    return c;
}
