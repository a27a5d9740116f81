/* Invented patients for the tumour registry, so that treatments can be compared in a demonstration.
 *
 * Patient i is computed from seed, year and i alone. A comparison has something to find: sicker patients get the
 * stronger treatments more often (confounding), and of two equally sick ones the hazard to die is 0.80 times that
 * without chemotherapy under capecitabine, 0.60 under FOLFOX and 0.75 under the combination with bevacizumab. No
 * patient is followed beyond the first day of the year. Nothing here reads a clock or a file. */
#pragma once

#include <stdint.h>

/* Columns of users.tumour, in this order. */
/* clang-format off */
#define INVENTED_COLUMNS(X) \
    X(id) X(first_name) X(last_name) X(birth_date) X(operation_date) X(gender) X(weight_kg) X(height_cm) \
    X(age_at_operation) X(bmi) X(bmi_class) X(preexisting_disease) X(cardiac_disease) X(pulmonary_disease) \
    X(urological_disease) X(endocrine_disease) X(vascular_disease) X(tumour_side) X(cea) X(ca19_9) \
    X(preoperative_endoscopy) X(procedure) X(localisation) X(primary_site) X(metastasis_diagnostics) X(pt) X(pn) \
    X(uicc) X(grading) X(lymphatic_invasion) X(venous_invasion) X(perineural_invasion) X(diameter_cm) \
    X(progression_free_months) X(progression) X(overall_survival_months) X(vital_status) X(side_effects) \
    X(treatment) X(treated_from)
/* clang-format on */

enum invented_column {
#define X(name) INVENTED_##name,
    INVENTED_COLUMNS(X)
#undef X
        INVENTED_COUNT
};
extern const char *const invented_columns[INVENTED_COUNT];

enum { INVENTED_SIZE = 48 };
struct invented_tumour {
    char values[INVENTED_COUNT][INVENTED_SIZE]; /* as PostgreSQL reads them; empty: NULL */
};

void invented_tumour(uint64_t seed, int year, long index, struct invented_tumour *out);
