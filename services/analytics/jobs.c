#include "services/analytics/model/training.h"

const struct job_kind analytics_jobs[] = {
    [JOB_MODEL_TRAIN] = {"model.train", training_run, &training_schema},
    {0},
};
