/* Counters for Prometheus (text format 0.0.4). Atomic, so that a request takes no lock. */
#pragma once

#include "common/base/writer.h"

#include <stdatomic.h>
#include <stdint.h>

enum { METRIC_BUCKETS = 14 };

struct histogram {
    _Atomic uint64_t buckets[METRIC_BUCKETS + 1]; /* the last: everything slower */
    _Atomic uint64_t sum_us;
};

void histogram_add(struct histogram *h, int64_t duration_us);

/* labels: "route=\"/x\"" or "". */
void histogram_print(const struct histogram *h, const char *name, const char *labels, struct writer *to);

/* HELP and TYPE of the samples that follow. */
void metric_head(struct writer *to, const char *name, const char *type, const char *help);
void metric_sample(struct writer *to, const char *name, const char *labels, double value);
