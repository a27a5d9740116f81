/* The job that trains a model: it reads the cohort, fits and judges, and keeps the model with its card and report. */
#pragma once

#include "common/job/job.h"
#include "common/science/mmse/mmse_model.h"

/* What the job needs besides the database: who grows trees, because only workers load the library that does. */
struct trainer {
    tree_grower *grow;
};
enum status training_job_run(struct job *job);
