/* The card of a model: its data, its checks and its limits. Kept with the model as JSON. */
#pragma once

#include "services/analytics/model/training.h"

struct card_data {
    struct cohort_filter *filter;
    const char *first_visit, *last_visit; /* dates */
    struct maybe_integer subjects, visits, with_two_visits, same_day, without_sex, without_schooling;
};

struct card_check {
    const char *check, *detail;
    struct maybe_boolean passed;
};

struct card_versions {
    const char *suite;
    struct maybe_integer artefact;
};

struct model_card {
    const char *method, *summary;
    struct training_parameters *parameters;
    struct card_data *data;
    struct text_list features, known_limits;
    struct maybe_integer seed, folds, bootstrap_samples, artefact_bytes;
    struct card_versions *versions;
    struct record_list checks;
};
extern const struct schema model_card_schema;

/* The arena owns what is new; the rest is borrowed. */
void model_card_make(const struct training *t, const struct cohort *cohort, const struct cohort_window *window,
                     const struct trained *trained, size_t artefact_bytes, struct arena *arena, struct model_card *out);
