/* Jobs as the worker sees them. */
#pragma once

#include "common/job/attempt.h"
#include "common/job/job.h"

/* Works on it to its end. Returns the outcome of the task, one of job_outcomes: its state, "lost", or "unknown" when
 * the database could not be told, whereupon the lease will end. */
const char *job_carry_out(struct attempt *attempt);

enum { JOB_OUTCOMES = 6 };
extern const char *const job_outcomes[JOB_OUTCOMES];

/* With their defaults. */
int job_lease_s(const struct job_kind *kind);
int job_limit_s(const struct job_kind *kind);
int job_max_attempts(const struct job_kind *kind);
