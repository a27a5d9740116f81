/* The members of a tumour's record. Groups of members are listed once and put together to schemas below. */
#include "services/users/tumour/tumour.h"

#include "common/database/history.h"

/* The last value of each list says that it is not known. */
static const char *const genders[] = {"male", "female", "other", "unknown", NULL};
static const char *const bmi_classes[] = {"under", "normal", "over", "unknown", NULL};
static const char *const presences[] = {"yes", "no", "unknown", NULL};
static const char *const sides[] = {"right", "left", "both", "unknown", NULL};
static const char *const markers[] = {"normal", "pathologic", "not_determined", NULL};
static const char *const endoscopies[] = {"colonoscopy", "rectoscopy", "several", "none", "unknown", NULL};
static const char *const procedures[] = {"open", "laparoscopic", "unknown", NULL};
static const char *const localisations[] = {
    "caecum",       "ascending", "hepatic_flexure", "transverse", "splenic_flexure", "descending", "sigmoid",
    "rectosigmoid", "rectum",    "unknown",         NULL};
static const char *const pts[] = {"T1", "T2", "T3", "T4", "unknown", NULL};
static const char *const pns[] = {"N0", "N1", "N2", "unknown", NULL};
static const char *const uiccs[] = {"1", "2a", "2b", "2c", "3a", "3b", "3c", "unknown", NULL};
static const char *const gradings[] = {"G1", "G2", "G3", "G4", "unknown", NULL};
static const char *const lymphatics[] = {"L0", "L1", "unknown", NULL};
static const char *const venous[] = {"V0", "V1", "unknown", NULL};
static const char *const perineural[] = {"Pn0", "Pn1", "unknown", NULL};
static const char *const progressions[] = {"event", "censored", "unknown", NULL};
static const char *const vital_statuses[] = {"alive", "dead", "unknown", NULL};
static const char *const severities[] = {"none", "mild", "moderate", "severe", "unknown", NULL};

#define TEXT(m, ...)       FIELD_TEXT(struct tumour, m, __VA_ARGS__)
#define DATE(m, ...)       FIELD_DATE(struct tumour, m, __VA_ARGS__)
#define REAL(m, ...)       FIELD_REAL(struct tumour, m, __VA_ARGS__)
#define CODE(m, v, ...)    FIELD_ENUM(struct tumour, m, v, __VA_ARGS__)
#define CATALOGUED(m, ...) TEXT(m, .min = 1, .max = 40, __VA_ARGS__)

/* clang-format off */
#define NAMES(rules_) \
    TEXT(first_name, .rules = (rules_) | TRIMMED, .min = 1, .max = 80, .example = "Marela"), \
    TEXT(last_name, .rules = (rules_) | TRIMMED, .min = 1, .max = 80, .example = "Tovins")
#define PERSONAL_FIGURES \
    DATE(birth_date), \
    TEXT(email, .rules = TRIMMED, .min = 3, .max = 254), \
    DATE(operation_date, .summary = "Day of the primary operation"), \
    REAL(weight_kg, .min = 2, .max = 400), \
    REAL(height_cm, .min = 40, .max = 260), \
    FIELD_INTEGER(struct tumour, age_at_operation, .min = 0, .max = 130, \
                  .summary = "Completed years; derived from the two dates unless given"), \
    REAL(bmi, .min = 5, .max = 150, .summary = "kg/m²; derived from weight and height unless given")
#define PERSONAL_CODES \
    CODE(gender, genders), \
    CODE(bmi_class, bmi_classes, .summary = "By WHO: under is below 18.5, over is 25 or more; derived unless given")
#define HISTORY_CODES \
    CODE(preexisting_disease, presences), \
    CODE(cardiac_disease, presences), \
    CODE(pulmonary_disease, presences), \
    CODE(urological_disease, presences), \
    CODE(endocrine_disease, presences), \
    CODE(vascular_disease, presences)
#define TUMOUR_CODES \
    CODE(tumour_side, sides), \
    CODE(cea, markers), \
    CODE(ca19_9, markers), \
    CODE(preoperative_endoscopy, endoscopies), \
    CODE(procedure, procedures), \
    CODE(localisation, localisations), \
    CATALOGUED(primary_site, .summary = "A code of /api/v1/primary-sites"), \
    CATALOGUED(metastasis_diagnostics, .summary = "A code of /api/v1/metastasis-diagnostics"), \
    CODE(pt, pts), \
    CODE(pn, pns), \
    CODE(uicc, uiccs), \
    CODE(grading, gradings), \
    CODE(lymphatic_invasion, lymphatics), \
    CODE(venous_invasion, venous), \
    CODE(perineural_invasion, perineural)
#define TUMOUR_FIGURES REAL(diameter_cm, .min = 0, .max = 15)
#define OUTCOME_CODES \
    CODE(progression, progressions), \
    CODE(vital_status, vital_statuses), \
    CODE(side_effects, severities)
#define OUTCOME_FIGURES \
    REAL(progression_free_months, .min = 0, .max = 1200, \
         .summary = "Months from operation to progression or censoring"), \
    REAL(overall_survival_months, .summary = "Months from operation to death or last contact, 0 to 1200")
#define TREATMENT_CODE \
    CATALOGUED(treatment, .summary = "The current treatment, a code of /api/v1/treatments; null: not recorded")
#define TREATMENT_DATES DATE(treated_from), DATE(treated_until)
/* clang-format on */

#define CODES             PERSONAL_CODES, HISTORY_CODES, TUMOUR_CODES, OUTCOME_CODES, TREATMENT_CODE
#define PERSONAL_STEP     PERSONAL_FIGURES, PERSONAL_CODES
#define HISTORY_STEP      HISTORY_CODES
#define TUMOUR_STEP       TUMOUR_CODES, TUMOUR_FIGURES, OUTCOME_CODES, OUTCOME_FIGURES, TREATMENT_CODE, TREATMENT_DATES
#define MEMBERS_BUT_NAMES PERSONAL_STEP, HISTORY_STEP, TUMOUR_STEP

#define OVERRIDDEN(m) FIELD_BOOLEAN(struct tumour, m, .rules = READ_ONLY, .summary = "The value was given, not derived")
#define OURS \
    OVERRIDDEN(age_at_operation_overridden), OVERRIDDEN(bmi_overridden), OVERRIDDEN(bmi_class_overridden), \
        TEXT(source_key, .rules = READ_ONLY | OMIT_NULL, .max = 200, \
             .summary = "Key of the record in the imported file")

#define ID FIELD_UUID(struct tumour, tumour_id)

SCHEMA(tumour_schema, "Tumour", struct tumour, ID, NAMES(0), MEMBERS_BUT_NAMES, OURS,
       FIELD_TIME(struct tumour, created_at), FIELD_TIME(struct tumour, updated_at),
       FIELD_INTEGER(struct tumour, version, .rules = HIDDEN), TEXT(page_key, .rules = HIDDEN));

SCHEMA(new_tumour_schema, "NewTumour", struct tumour, NAMES(REQUIRED), MEMBERS_BUT_NAMES);
SCHEMA(tumour_change_schema, "TumourChange", struct tumour, NAMES(NOT_NULL), MEMBERS_BUT_NAMES);
SCHEMA(tumour_row_schema, "TumourRow", struct tumour, NAMES(0), MEMBERS_BUT_NAMES, OURS);

SCHEMA(tumour_personal_schema, "TumourDraftPersonal", struct tumour, NAMES(REQUIRED), PERSONAL_STEP);
SCHEMA(tumour_history_step_schema, "TumourDraftMedicalHistory", struct tumour, HISTORY_STEP);
SCHEMA(tumour_tumour_schema, "TumourDraftTumour", struct tumour, TUMOUR_STEP);

/* The members that a spreadsheet's column can stand for, and a row of it as it is kept until it is committed. */
SCHEMA(tumour_column_schema, "TumourColumns", struct tumour, ID, NAMES(0), MEMBERS_BUT_NAMES,
       TEXT(source_key, .min = 1, .max = 150));
SCHEMA(staged_tumour_schema, "StagedTumour", struct tumour, ID, NAMES(0), MEMBERS_BUT_NAMES, OURS,
       FIELD_INTEGER(struct tumour, version));

SCHEMA(tumour_version_schema, "TumourVersion", struct tumour, ID, HISTORY_FIELDS(struct tumour, role_names), NAMES(0),
       MEMBERS_BUT_NAMES, OURS, FIELD_TIME(struct tumour, created_at), TEXT(page_key, .rules = HIDDEN));

SCHEMA(tumour_removal_schema, "TumourRemoval", struct tumour_removal,
       FIELD_TEXT(struct tumour_removal, confirmation, .rules = REQUIRED, .example = TUMOUR_REMOVAL_CONFIRMATION,
                  .summary = "The words \"" TUMOUR_REMOVAL_CONFIRMATION "\""));
SCHEMA(tumours_removed_schema, "TumoursRemoved", struct tumour_removal,
       FIELD_INTEGER(struct tumour_removal, deleted, .summary = "Number of removed tumours"));

/* A field of the record is a field of the query, because the record comes first in it. */
_Static_assert(offsetof(struct tumour_query, like) == 0, "the record comes first");
SCHEMA(tumour_filter_schema, "TumourFilter", struct tumour, CODES);

/* clang-format off */
/* Two members of the query for one of the record. */
#define BOUNDS(FIELD, m) \
    FIELD(struct tumour_query, least.m, .name = "min_" #m, .summary = "Lower bound, inclusive"), \
        FIELD(struct tumour_query, most.m, .name = "max_" #m, .summary = "Upper bound, inclusive")
#define BOUNDED_MEMBERS \
    BOUNDS(FIELD_DATE, birth_date), \
    BOUNDS(FIELD_DATE, operation_date), \
    BOUNDS(FIELD_INTEGER, age_at_operation), \
    BOUNDS(FIELD_REAL, weight_kg), \
    BOUNDS(FIELD_REAL, height_cm), \
    BOUNDS(FIELD_REAL, bmi), \
    BOUNDS(FIELD_REAL, diameter_cm), \
    BOUNDS(FIELD_REAL, progression_free_months), \
    BOUNDS(FIELD_REAL, overall_survival_months), \
    BOUNDS(FIELD_DATE, treated_from)
/* clang-format on */

SCHEMA(tumour_bound_schema, "TumourBounds", struct tumour_query, BOUNDED_MEMBERS);
SCHEMA(tumour_query_schema, "TumourQuery", struct tumour_query, FIELD_PAGE(struct tumour_query, page),
       FIELD_TEXT(struct tumour_query, name, .min = 1, .max = 160,
                  .summary = "Words that the first or last name contains, regardless of case"),
       FIELD_ENUM(struct tumour_query, order, tumour_order_names, .summary = "name by default; - for descending order"),
       CODES, BOUNDED_MEMBERS);

SCHEMA(exported_tumour_schema, "ExportedTumour", struct tumour, ID, TEXT(source_key), NAMES(0), MEMBERS_BUT_NAMES);
/* Days and whatever else tells who it is are left out. */
SCHEMA(deidentified_tumour_schema, "DeidentifiedTumour", struct tumour, PERSONAL_CODES,
       FIELD_INTEGER(struct tumour, age_at_operation), REAL(weight_kg), REAL(height_cm), REAL(bmi), HISTORY_CODES,
       TUMOUR_CODES, TUMOUR_FIGURES, OUTCOME_CODES, OUTCOME_FIGURES, TREATMENT_CODE);
static const char *const export_formats[] = {"csv", "xlsx", "ndjson", NULL};
_Static_assert(offsetof(struct tumour_export, query) == 0, "the query comes first");
SCHEMA(tumour_export_schema, "TumourExport", struct tumour_export,
       FIELD_ENUM(struct tumour_export, format, export_formats, .summary = "csv by default"),
       FIELD_BOOLEAN(struct tumour_export, deidentified,
                     .summary = "Omit names, days, address and ids; always so for researchers"),
       FIELD_TEXT(struct tumour_query, name, .min = 1, .max = 160, .summary = "Filter by name, as in the list"), CODES,
       BOUNDED_MEMBERS);
