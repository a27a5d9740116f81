#include "services/analytics/model/training.h"
#include "services/analytics/model/training_job.h"

const struct job_kind analytics_jobs[] = {
    [JOB_MODEL_TRAIN] = {"model.train", training_job_run, &training_schema},
    {0},
};
