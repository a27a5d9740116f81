/* The parts of `mnemosctl survival`: input and results, and the forms of the results. */
#pragma once

#include "common/base/writer.h"
#include "common/science/treatment/comparison.h"
#include "common/science/treatment/patient_table.h"

#include <stdio.h>

struct survival_report {
    const char *arm_column;
    struct patient_table table;
    struct comparison_options options;
    struct comparison comparison;
    struct arena *arena;
};

/* Writes everything, as services/ctl/README.md has it. */
void survival_put_json(struct writer *w, const struct survival_report *r);

/* Writes the results that a reader wants to see first, in lines. */
void survival_put_text(FILE *out, const struct survival_report *r);
