/* A comparison of treatments in a table that the client sends; it is computed and not kept. */
#pragma once

#include "services/analytics/analytics.h"

#include "common/http/upload.h"
#include "common/science/treatment/comparison_choices.h"
#include "common/science/treatment/comparison_record.h"
#include "common/science/treatment/patient_table.h"

struct survival_order {
    struct patient_table_names columns;
    struct comparison_choices choices;
    const char *times; /* with commas between them */
    const char *unit, *curves;
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
