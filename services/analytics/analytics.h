/* The analytics service: counts, distributions, predictions, models, comparisons of treatments. It reads what the users
 * service publishes. */
#pragma once

#include "common/base/gate.h"
#include "common/http/request.h"
#include "common/service/service.h"

extern const struct service analytics_service, analytics_worker;
extern const struct route analytics_routes[];

enum { JOB_MODEL_TRAIN, JOBS };
extern const struct job_kind analytics_jobs[];

/* What handlers find in rq->app. */
struct analytics {
    struct gate *gate; /* before statistics that take long */
    long comparison_patients_max;
    struct model_cache *models;
    double mmse_standard_error; /* of a measurement, in points */
};

/* Draws of a bootstrap go through all patients each time, so that there may be fewer of the one with more of the other.
 */
enum status analytics_draws_check(int64_t draws, size_t patients, struct problem *why);
