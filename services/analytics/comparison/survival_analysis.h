/* A comparison of treatments in a table that the client sends; it is computed and not kept. */
#pragma once

#include "services/analytics/analytics.h"

#include "common/http/upload.h"
#include "common/science/treatment/comparison_record.h"

/* Names of columns; lists are texts with commas between them. */
struct survival_order {
    const char *time, *event, *treatment, *start, *strata;
    const char *covariates, *factors, *interactions, *reference;
    const char *times, *unit, *outcome, *curves, *ties;
    struct maybe_real horizon, level;
    struct maybe_integer bootstrap, seed;
};
extern const struct schema survival_order_schema;

struct survival_analysis {
    size_t rows, left_out;
    struct record_list empty; /* struct patient_table_empty */
    struct comparison_record *answer;
};
extern const struct schema survival_analysis_schema;
extern const struct upload_rule survival_table;

enum status survival_analysis_compute(struct request *rq);
