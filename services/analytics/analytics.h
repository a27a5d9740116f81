/* The analytics service: counts, distributions, predictions, models, comparisons of treatments. It reads the data that
 * the users service publishes. */
#pragma once

#include "common/base/gate.h"
#include "common/http/reply.h"
#include "common/service/service.h"

extern const struct service analytics_service, analytics_worker;
extern const struct route analytics_routes[];

enum { JOB_MODEL_TRAIN, JOBS };
extern const struct job_kind analytics_jobs[];

/* Handlers find it in rq->app. */
struct analytics {
    struct gate *gate; /* before statistics that take long */
    long comparison_patients_max;
    struct model_cache *models;
    double mmse_standard_error; /* of a measurement, in points */
};

/* INVALID if a bootstrap has too many draws for so many patients: each draw goes through all of them. */
enum status analytics_draws_check(int64_t draws, size_t patients, struct problem *why);
