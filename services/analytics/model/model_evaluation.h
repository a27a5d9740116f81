/* External validation: judges a model on a client's visits of people it has never seen. The file is not kept. */
#pragma once

#include "services/analytics/analytics.h"

struct evaluation_table {
    struct maybe_integer rows, left_out, same_day, out_of_order, subjects, subjects_with_one_visit, without_sex,
        without_schooling;
};

struct model_evaluation {
    const char *model_id, *name, *method, *evaluation;
    struct maybe_integer model_version;
    struct evaluation_table *table;
};
extern const struct schema model_evaluation_schema;
extern const struct upload_rule model_evaluation_file;

enum status model_evaluation_create(struct request *rq);
