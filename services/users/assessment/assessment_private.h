/* Columns of an assessment, as the statements about assessments and their imports have them. */
#pragma once

#include "services/users/assessment/assessment.h"

#define PARTS(of) \
    of "orientation_time, " of "orientation_place, " of "registration, " of "attention, " of "recall, " of \
       "language, " of "drawing, " of "note"
#define LOINC "'" MMSE_LOINC "' AS loinc"
#define COLUMNS \
    "a.id AS assessment_id, a.patient_id, a.assessed_on, a.mmse, " LOINC \
    ", " PARTS("a.") ", a.recorded_by," \
                     " a.recorded_by_role, a.created_at, a.updated_at, a.version"
