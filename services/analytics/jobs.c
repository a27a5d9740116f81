#include "services/analytics/analytics.h"

const struct job_kind analytics_jobs[] = {
    {0},
};
