/* The worker. It alone grows trees, so it alone loads their library; a program that links this file needs it, too. */
#include "services/analytics/analytics.h"
#include "services/analytics/model/training_job.h"

#include "common/science/learners/grow.h"

static struct trainer trainer = {.grow = grow_trees};

static bool start(const struct service_settings *common, struct db_pool *pool, void **app)
{
    (void)common, (void)pool;
    *app = &trainer;
    return true;
}

const struct service analytics_worker = {
    .name = "analytics-worker",
    .summary = "carries out the tasks of the analytics service",
    .ops_port = 9113,
    .migration = "users/visit_cohort", /* of what it needs, the last in the plan */
    .start = start,
    .jobs = analytics_jobs,
};
