/* The job that trains a model: it reads the cohort, fits and judges, and keeps the model with its card and report. */
#pragma once

#include "common/job/job.h"
#include "common/science/mmse/mmse_model.h"

/* Besides the database, the job needs a function that grows trees, because only workers load the library for that. */
struct trainer {
    tree_grower *grow;
};
enum status training_job_run(struct job *job);
