#include "services/users/assessment/assessment.h"
#include "services/users/assessment/assessment_import.h"
#include "services/users/assessment/trend.h"
#include "services/users/person/as_of.h"
#include "services/users/person/person.h"
#include "services/users/person/population.h"
#include "services/users/tumour/catalogue.h"
#include "services/users/tumour/tumour.h"
#include "services/users/tumour/tumour_draft.h"
#include "services/users/tumour/tumour_export.h"
#include "services/users/tumour/tumour_import.h"
#include "services/users/tumour/tumour_treatment.h"

#include "common/chart/chart.h"

/* A patient's caregiver has other patients, whom the patient need not know of. */
#define CARERS \
    { \
        .roles = CAREGIVER | HEALTHPRO | ADMINS, .scope = PEOPLE_READ \
    }
/* Of the tumour registry. */
#define READERS \
    { \
        .roles = HEALTHPRO | ADMINS, .scope = PEOPLE_READ \
    }
#define EXPORTERS \
    { \
        .roles = HEALTHPRO | ADMINS | RESEARCHER, .scope = PEOPLE_READ \
    }
#define WRITERS \
    { \
        .roles = HEALTHPRO | ADMINS, .scope = PEOPLE_WRITE \
    }

#define ADMINISTRATORS \
    { \
        .roles = ADMINS \
    }

#define SUPERUSERS \
    { \
        .roles = SUPERUSER \
    }

/* The four rows of a catalogue. */
#define CATALOGUE(path_, variable, name, what, one) \
    {"GET", \
     path_, \
     catalogue_list, \
     READERS, \
     name ".list", \
     what " in the order of their codes", \
     &catalogue_query_schema, \
     FROM_QUERY, \
     &catalogue_entry_schema, \
     GIVES_PAGE, \
     .subject = THINGS}, \
        {"POST", \
         path_, \
         catalogue_create, \
         ADMINISTRATORS, \
         name ".create", \
         "Add " one, \
         &new_catalogue_entry_schema, \
         FROM_JSON | FROM_FORM, \
         &catalogue_entry_schema, \
         .success = 201, \
         .subject = THINGS}, \
        {"GET", path_ "/:" variable,     catalogue_get,    READERS, name ".read", "One of the " what, NULL, \
         0,     &catalogue_entry_schema, .subject = THINGS}, \
    { \
        "PATCH", path_ "/:" variable, catalogue_update, ADMINISTRATORS, name ".update", \
            "Rename, deactivate or activate " one, &catalogue_entry_change_schema, FROM_JSON | FROM_FORM, \
            &catalogue_entry_schema, .rules = NEEDS_IF_MATCH, .subject = THINGS \
    }

/* One step of a draft. */
#define STEP(name, schema) \
    { \
        "PUT", "/api/v1/tumour-drafts/:draft_id/" name, tumour_draft_save, WRITERS, "tumour_draft.save", \
            "Save the step " name " of a draft", &(schema), FROM_JSON | FROM_FORM, &tumour_draft_schema, \
            .rules = NEEDS_IF_MATCH, .subject = ONESELF \
    }

const struct route users_routes[] = {
    {"POST", "/api/v1/users", person_create, OPEN_TO_ALL, "person.create",
     "Create a caregiver or a patient; as healthpro or administrator also a healthpro", &new_person_schema,
     FROM_JSON | FROM_FORM, &person_schema, .success = 201, .subject = PEOPLE},
    {"GET", "/api/v1/users", person_list, SHOWS_NAMES, "person.list", "People in the order of their names",
     &person_query_schema, FROM_QUERY, &person_schema, GIVES_PAGE, .subject = PEOPLE},
    {"GET", "/api/v1/users/:user_id", person_get, SHOWS_NAMES, "person.read",
     "One person, as of now or of an earlier time", &as_of_schema, FROM_QUERY, &person_schema, .subject = ONE_PERSON},
    {"GET", "/api/v1/users/:user_id/history", person_history, SHOWS_NAMES, "person.history",
     "Versions of a person's record, newest first, with time and author", &person_history_query_schema, FROM_QUERY,
     &person_version_schema, GIVES_PAGE, .subject = ONE_PERSON},
    {"PATCH", "/api/v1/users/:user_id", person_update, WRITERS, "person.update",
     "Change the members that a person's role has", &person_change_schema, FROM_JSON | FROM_FORM, &person_schema,
     .rules = NEEDS_IF_MATCH | NOT_COLLEAGUES, .subject = ONE_PERSON},
    {"DELETE", "/api/v1/users/:user_id", person_delete, STAFF, "person.delete", "Remove a person and the account", NULL,
     0, NULL, GIVES_NOTHING, .rules = NEEDS_IF_MATCH | NOT_COLLEAGUES, .subject = ONE_PERSON},
    {"GET", "/api/v1/caregivers/:caregiver_id/patients", person_list_of_caregiver, CARERS, "person.list",
     "A caregiver's patients in the order of their names", &patients_query_schema, FROM_QUERY, &person_schema,
     GIVES_PAGE, .subject = PEOPLE},

    {"POST", "/api/v1/patients/:patient_id/assessments", assessment_create, WRITERS, "assessment.create",
     "Add a score of a patient; the latest is the patient's `mmse`", &new_assessment_schema, FROM_JSON | FROM_FORM,
     &assessment_schema, .success = 201, .subject = ONE_PERSON},
    {"GET", "/api/v1/patients/:patient_id/assessments", assessment_list, SHOWS_NAMES, "assessment.list",
     "A patient's scores, newest first", &assessment_query_schema, FROM_QUERY, &assessment_schema, GIVES_PAGE,
     .subject = ONE_PERSON},
    {"GET", "/api/v1/patients/:patient_id/assessments/:assessment_id", assessment_get, SHOWS_NAMES, "assessment.read",
     "One score", NULL, 0, &assessment_schema, .subject = ONE_PERSON},
    {"GET", "/api/v1/patients/:patient_id/assessments/:assessment_id/history", assessment_history, SHOWS_NAMES,
     "assessment.history", "Versions of a score, newest first, with time and author", &assessment_query_schema,
     FROM_QUERY, &assessment_version_schema, GIVES_PAGE, .subject = ONE_PERSON},
    {"PATCH", "/api/v1/patients/:patient_id/assessments/:assessment_id", assessment_update, WRITERS,
     "assessment.update", "Correct a score; the earlier version is kept", &assessment_change_schema,
     FROM_JSON | FROM_FORM, &assessment_schema, .rules = NEEDS_IF_MATCH, .subject = ONE_PERSON},
    {"DELETE", "/api/v1/patients/:patient_id/assessments/:assessment_id", assessment_delete, STAFF, "assessment.delete",
     "Remove a score that belongs to another patient; the only score cannot be removed", NULL, 0, NULL, GIVES_NOTHING,
     .rules = NEEDS_IF_MATCH, .subject = ONE_PERSON},
    {"GET", "/api/v1/patients/:patient_id/mmse/trend", trend_get, SHOWS_NAMES, "trend.read",
     "Trend of a patient's scores, and the latest beside patients of that age and schooling", NULL, 0,
     &trend_schema, .subject = ONE_PERSON, .media_types = chart_media_types},

    {"POST", "/api/v1/assessment-imports", assessment_import, WRITERS, "assessment.import",
     "Check a table of scores, or write a checked one, all or nothing", &assessment_import_order_schema,
     FROM_QUERY, &assessment_import_schema, .subject = PEOPLE, .upload = &assessments_upload},

    {"POST", "/api/v1/tumours", tumour_create, WRITERS, "tumour.create", "Create the record of a tumour",
     &new_tumour_schema, FROM_JSON | FROM_FORM, &tumour_schema, .success = 201, .subject = PEOPLE},
    {"GET", "/api/v1/tumours", tumour_list, READERS, "tumour.list", "Tumours, filtered by any coded member",
     &tumour_query_schema, FROM_QUERY, &tumour_schema, GIVES_PAGE, .subject = PEOPLE},
    {"DELETE", "/api/v1/tumours", tumour_delete_all, SUPERUSERS, "tumour.delete_all",
     "Remove all tumours; needs the typed confirmation", &tumour_removal_schema, FROM_JSON,
     &tumours_removed_schema, .subject = PEOPLE},
    {"GET", "/api/v1/tumour-export", tumour_export, EXPORTERS, "tumour.export",
     "All tumours that match the filters, as a file: CSV, XLSX or NDJSON", &tumour_export_schema, FROM_QUERY,
     .subject = PEOPLE},
    {"GET", "/api/v1/tumours/:tumour_id", tumour_get, READERS, "tumour.read",
     "One tumour, as of now or of an earlier time", &as_of_schema, FROM_QUERY, &tumour_schema, .subject = ONE_PERSON},
    {"PUT", "/api/v1/tumours/:tumour_id", tumour_replace, WRITERS, "tumour.replace",
     "Replace all members of a tumour; those not given become unknown", &new_tumour_schema, FROM_JSON | FROM_FORM,
     &tumour_schema, .rules = NEEDS_IF_MATCH, .subject = ONE_PERSON},
    {"PATCH", "/api/v1/tumours/:tumour_id", tumour_update, WRITERS, "tumour.update",
     "Change the given members of a tumour", &tumour_change_schema, FROM_JSON | FROM_FORM, &tumour_schema,
     .rules = NEEDS_IF_MATCH, .subject = ONE_PERSON},
    {"DELETE", "/api/v1/tumours/:tumour_id", tumour_delete, STAFF, "tumour.delete", "Remove the record of a tumour",
     NULL, 0, NULL, GIVES_NOTHING, .rules = NEEDS_IF_MATCH, .subject = ONE_PERSON},
    {"GET", "/api/v1/tumours/:tumour_id/history", tumour_history, READERS, "tumour.history",
     "Versions of a tumour's record, newest first, with time and author", &tumour_history_query_schema, FROM_QUERY,
     &tumour_version_schema, GIVES_PAGE, .subject = ONE_PERSON},
    {"GET", "/api/v1/tumours/:tumour_id/treatments", tumour_treatments_get, READERS, "tumour_treatment.list",
     "Treatments of a tumour in their order, as of now or of an earlier time", &as_of_schema, FROM_QUERY,
     &given_treatments_schema, .subject = ONE_PERSON},
    {"PUT", "/api/v1/tumours/:tumour_id/treatments", tumour_treatments_replace, WRITERS, "tumour_treatment.replace",
     "Set or replace the treatments of a tumour", &new_given_treatments_schema, FROM_JSON, &given_treatments_schema,
     .rules = NEEDS_IF_MATCH, .subject = ONE_PERSON},
    {"DELETE", "/api/v1/tumours/:tumour_id/treatments", tumour_treatments_clear, WRITERS, "tumour_treatment.clear",
     "Clear the treatments of a tumour", NULL, 0, NULL, GIVES_NOTHING, .rules = NEEDS_IF_MATCH, .subject = ONE_PERSON},
    {"POST", "/api/v1/tumour-drafts", tumour_draft_create, WRITERS, "tumour_draft.create",
     "Begin a draft of a tumour, entered in steps", NULL, 0, &tumour_draft_schema, .success = 201, .subject = ONESELF},
    {"GET", "/api/v1/tumour-drafts", tumour_draft_list, WRITERS, "tumour_draft.list", "The caller's drafts",
     &tumour_draft_query_schema, FROM_QUERY, &tumour_draft_schema, GIVES_PAGE, .subject = ONESELF},
    {"GET", "/api/v1/tumour-drafts/:draft_id", tumour_draft_get, WRITERS, "tumour_draft.read",
     "One of the caller's drafts", NULL, 0, &tumour_draft_schema, .subject = ONESELF},
    STEP("personal", tumour_personal_schema),
    STEP("medical-history", tumour_history_step_schema),
    STEP("tumour", tumour_tumour_schema),
    {"POST", "/api/v1/tumour-drafts/:draft_id/submit", tumour_draft_submit, WRITERS, "tumour_draft.submit",
     "Turn a complete draft into the record of a tumour", NULL, 0, &tumour_schema, .success = 201, .subject = ONESELF},
    {"DELETE", "/api/v1/tumour-drafts/:draft_id", tumour_draft_delete, WRITERS, "tumour_draft.delete", "Remove a draft",
     NULL, 0, NULL, GIVES_NOTHING, .rules = NEEDS_IF_MATCH, .subject = ONESELF},
    CATALOGUE("/api/v1/treatments", "treatment_code", "treatment", "Treatments", "a treatment"),
    CATALOGUE("/api/v1/primary-sites", "site_code", "primary_site", "Sites of the primary tumour", "a site"),
    CATALOGUE("/api/v1/metastasis-diagnostics", "diagnostic_code", "metastasis_diagnostic", "Diagnostics of metastases",
              "a diagnostic"),

    {"POST", "/api/v1/tumour-imports", tumour_import_create, WRITERS, "tumour_import.create",
     "Check a spreadsheet: its changes and its errors", &import_order_schema,
     FROM_QUERY, &tumour_import_schema, .success = 201, .subject = PEOPLE, .upload = &spreadsheet_upload},
    {"GET", "/api/v1/tumour-imports", tumour_import_list, WRITERS, "tumour_import.list",
     "Checked and committed spreadsheets, newest first", &import_query_schema, FROM_QUERY,
     &tumour_import_schema, GIVES_PAGE, .subject = THINGS},
    {"GET", "/api/v1/tumour-imports/:import_id", tumour_import_get, WRITERS, "tumour_import.read",
     "One spreadsheet and its changes, planned or committed", NULL, 0, &tumour_import_schema, .subject = THINGS},
    {"GET", "/api/v1/tumour-imports/:import_id/errors", tumour_import_errors, WRITERS, "tumour_import.errors",
     "Errors of a spreadsheet: line, column and value", &import_query_schema, FROM_QUERY, &import_error_schema,
     GIVES_PAGE, .subject = PEOPLE},
    {"POST", "/api/v1/tumour-imports/:import_id/commit", tumour_import_commit, WRITERS, "tumour_import.commit",
     "Commit a checked spreadsheet, all or nothing; repeating it changes nothing", &import_commit_schema, FROM_JSON,
     &tumour_import_schema, .subject = PEOPLE},
    {"DELETE", "/api/v1/tumour-imports/:import_id", tumour_import_delete, WRITERS, "tumour_import.delete",
     "Discard a spreadsheet; what it committed stays", NULL, 0, NULL, GIVES_NOTHING, .rules = NEEDS_IF_MATCH, .subject = THINGS},

    {"GET", "/api/v1/status", population_status, OPEN_TO_ALL, "status.read",
     "Numbers of people, and the caller's name", NULL, 0, &population_schema, .subject = ONESELF},

    {"GET", "/status", population_status, OPEN_TO_ALL, "status.read", "Numbers of people, and the caller's name",
     NULL, 0, &population_schema, .rules = HISTORIC, .subject = ONESELF},
    {"POST", "/create_user/:name", person_create, OPEN_TO_ALL, "person.create", "Create a person of that name",
     &new_person_schema, FROM_ANYWHERE, &person_schema, .success = 201, .rules = HISTORIC, .subject = PEOPLE},
    {"GET", "/get_user_by_name/:name", person_get_by_name, SHOWS_NAMES, "person.read", "One person by name",
     &person_name_schema, 0, &person_schema, .rules = HISTORIC, .subject = ONE_PERSON},
    {0},
};
