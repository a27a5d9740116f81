#include "services/users/assessment/assessment.h"
#include "services/users/assessment/assessment_import.h"
#include "services/users/assessment/trend.h"
#include "services/users/person/person.h"
#include "services/users/person/person_tally.h"
#include "services/users/tumour/catalogue.h"
#include "services/users/tumour/tumour.h"
#include "services/users/tumour/tumour_draft.h"
#include "services/users/tumour/tumour_export.h"
#include "services/users/tumour/tumour_import.h"
#include "services/users/tumour/tumour_treatment.h"

#include "common/chart/chart.h"
#include "common/database/history.h"

/* clang-format off */

/* Not for patients: they need not know of a caregiver's other patients. */
#define CARERS    {.roles = CAREGIVER | HEALTHPRO | ADMINS, .scope = PEOPLE_READ}
/* Of the tumour registry. */
#define READERS   {.roles = HEALTHPRO | ADMINS, .scope = PEOPLE_READ}
#define EXPORTERS {.roles = HEALTHPRO | ADMINS | RESEARCHER, .scope = PEOPLE_READ}
#define WRITERS   {.roles = HEALTHPRO | ADMINS, .scope = PEOPLE_WRITE}

/* Handler, subject, input, output, action and summary of the rows. */
#define PERSON_CREATE \
    person_create, .subject = PEOPLE, TAKES(new_person_schema, FROM_BODY), GIVES(person_schema), .success = 201, \
    .action = "person.create", \
    .summary = "Create a caregiver or a patient; as healthpro or administrator also a healthpro"
#define PERSON_LIST \
    person_list, .subject = PEOPLE, TAKES(person_query_schema, FROM_QUERY), LISTS(person_schema), \
    .action = "person.list", .summary = "People in the order of their names"
#define PERSON_GET \
    person_get, .subject = ONE_PERSON, TAKES(as_of_schema, FROM_QUERY), GIVES(person_schema), .noun = "person", \
    .action = "person.read", .summary = "One person, as of now or of an earlier time"
#define PERSON_HISTORY \
    person_history, .subject = ONE_PERSON, TAKES(page_schema, FROM_QUERY), LISTS(person_version_schema), \
    .noun = "person", .action = "person.history", \
    .summary = "Versions of a person's record, newest first, with time and author"
#define PERSON_UPDATE \
    person_update, .subject = ONE_PERSON, TAKES(person_change_schema, FROM_BODY), GIVES(person_schema), \
    .noun = "person", .action = "person.update", .summary = "Change the members that a person's role has"
#define PERSON_DELETE \
    person_delete, .subject = ONE_PERSON, .shape = GIVES_NOTHING, .noun = "person", .action = "person.delete", \
    .summary = "Remove a person and that person's account"
#define PERSON_LIST_OF_CAREGIVER \
    person_list_of_caregiver, .subject = PEOPLE, TAKES(page_schema, FROM_QUERY), LISTS(person_schema), \
    .action = "person.list", .summary = "A caregiver's patients in the order of their names"
#define ASSESSMENT_CREATE \
    assessment_create, .subject = ONE_PERSON, TAKES(new_assessment_schema, FROM_BODY), GIVES(assessment_schema), \
    .success = 201, .action = "assessment.create", \
    .summary = "Add a score of a patient; the latest is the patient's `mmse`"
#define ASSESSMENT_LIST \
    assessment_list, .subject = ONE_PERSON, TAKES(page_schema, FROM_QUERY), LISTS(assessment_schema), \
    .action = "assessment.list", .summary = "A patient's scores, newest first"
#define ASSESSMENT_GET \
    assessment_get, .subject = ONE_PERSON, GIVES(assessment_schema), .action = "assessment.read", .summary = "One score"
#define ASSESSMENT_HISTORY \
    assessment_history, .subject = ONE_PERSON, TAKES(page_schema, FROM_QUERY), LISTS(assessment_version_schema), \
    .action = "assessment.history", .summary = "Versions of a score, newest first, with time and author"
#define ASSESSMENT_UPDATE \
    assessment_update, .subject = ONE_PERSON, TAKES(assessment_change_schema, FROM_BODY), GIVES(assessment_schema), \
    .action = "assessment.update", .summary = "Correct a score; the earlier version is kept"
#define ASSESSMENT_DELETE \
    assessment_delete, .subject = ONE_PERSON, .shape = GIVES_NOTHING, .action = "assessment.delete", \
    .summary = "Remove a score recorded for the wrong patient; the only score cannot be removed"
#define TREND_GET \
    trend_get, .subject = ONE_PERSON, GIVES(trend_schema), .media_types = chart_media_types, .action = "trend.read", \
    .summary = "Trend of a patient's scores; the latest compared with patients of like age and schooling"
#define ASSESSMENT_IMPORT_CREATE \
    import_create, .subject = PEOPLE, TAKES(assessment_import_order_schema, FROM_QUERY), \
    .upload = &assessment_import_upload, GIVES(assessment_import_schema), .context = &assessment_imports, \
    .action = "assessment.import", .summary = "Check a table of scores, or write a checked one, all or nothing"
#define ASSESSMENT_IMPORT_LIST \
    import_list, .subject = THINGS, TAKES(page_schema, FROM_QUERY), LISTS(import_schema), \
    .context = &assessment_imports, .action = "assessment_import.list", \
    .summary = "Tables of scores that were checked or committed, newest first"
#define ASSESSMENT_IMPORT_GET \
    import_get, .subject = THINGS, GIVES(import_schema), .context = &assessment_imports, \
    .action = "assessment_import.read", .summary = "One table of scores and what it would do, or has done"
#define ASSESSMENT_IMPORT_ERRORS \
    import_errors, .subject = PEOPLE, TAKES(page_schema, FROM_QUERY), LISTS(import_error_schema), \
    .context = &assessment_imports, .action = "assessment_import.errors", \
    .summary = "Errors of a table of scores: line, column and value"
#define ASSESSMENT_IMPORT_COMMIT \
    import_commit, .subject = PEOPLE, TAKES(import_commit_schema, FROM_JSON), GIVES(import_schema), \
    .context = &assessment_imports, .action = "assessment_import.commit", \
    .summary = "Commit a checked table of scores, all or nothing; repeating it changes nothing"
#define ASSESSMENT_IMPORT_DELETE \
    import_delete, .subject = THINGS, .shape = GIVES_NOTHING, .context = &assessment_imports, \
    .action = "assessment_import.delete", .summary = "Discard a table of scores; what it committed stays"
#define TUMOUR_CREATE \
    tumour_create, .subject = PEOPLE, TAKES(new_tumour_schema, FROM_BODY), GIVES(tumour_schema), .success = 201, \
    .action = "tumour.create", .summary = "Create the record of a tumour"
#define TUMOUR_LIST \
    tumour_list, .subject = PEOPLE, TAKES(tumour_query_schema, FROM_QUERY), LISTS(tumour_schema), \
    .action = "tumour.list", .summary = "Tumours, filtered by any coded member"
#define TUMOUR_DELETE_ALL \
    tumour_delete_all, .subject = PEOPLE, TAKES(tumour_removal_schema, FROM_JSON), GIVES(tumours_removed_schema), \
    .action = "tumour.delete_all", .summary = "Remove all tumours; needs the typed confirmation"
#define TUMOUR_EXPORT \
    tumour_export, .subject = PEOPLE, TAKES(tumour_export_schema, FROM_QUERY), .action = "tumour.export", \
    .summary = "All tumours that match the filters, as a file: CSV, XLSX or NDJSON"
#define TUMOUR_GET \
    tumour_get, .subject = ONE_PERSON, TAKES(as_of_schema, FROM_QUERY), GIVES(tumour_schema), .action = "tumour.read", \
    .summary = "One tumour, as of now or of an earlier time"
#define TUMOUR_REPLACE \
    tumour_replace, .subject = ONE_PERSON, TAKES(new_tumour_schema, FROM_BODY), GIVES(tumour_schema), \
    .action = "tumour.replace", .summary = "Replace all members of a tumour; those not given become unknown"
#define TUMOUR_UPDATE \
    tumour_update, .subject = ONE_PERSON, TAKES(tumour_change_schema, FROM_BODY), GIVES(tumour_schema), \
    .action = "tumour.update", .summary = "Change the given members of a tumour"
#define TUMOUR_DELETE \
    tumour_delete, .subject = ONE_PERSON, .shape = GIVES_NOTHING, .action = "tumour.delete", \
    .summary = "Remove the record of a tumour"
#define TUMOUR_HISTORY \
    tumour_history, .subject = ONE_PERSON, TAKES(page_schema, FROM_QUERY), LISTS(tumour_version_schema), \
    .action = "tumour.history", .summary = "Versions of a tumour's record, newest first, with time and author"
#define TUMOUR_TREATMENTS_GET \
    tumour_treatments_get, .subject = ONE_PERSON, TAKES(as_of_schema, FROM_QUERY), GIVES(given_treatments_schema), \
    .action = "tumour_treatment.list", \
    .summary = "Treatments of a tumour in their order, as of now or of an earlier time"
#define TUMOUR_TREATMENTS_REPLACE \
    tumour_treatments_replace, .subject = ONE_PERSON, TAKES(new_given_treatments_schema, FROM_JSON), \
    GIVES(given_treatments_schema), .action = "tumour_treatment.replace", \
    .summary = "Set or replace the treatments of a tumour"
#define TUMOUR_TREATMENTS_CLEAR \
    tumour_treatments_clear, .subject = ONE_PERSON, .shape = GIVES_NOTHING, .action = "tumour_treatment.clear", \
    .summary = "Clear the treatments of a tumour"
#define TUMOUR_DRAFT_CREATE \
    tumour_draft_create, .subject = ONESELF, GIVES(tumour_draft_schema), .success = 201, \
    .action = "tumour_draft.create", .summary = "Begin a draft of a tumour, entered in steps"
#define TUMOUR_DRAFT_LIST \
    tumour_draft_list, .subject = ONESELF, TAKES(page_schema, FROM_QUERY), LISTS(tumour_draft_schema), \
    .action = "tumour_draft.list", .summary = "The caller's drafts"
#define TUMOUR_DRAFT_GET \
    tumour_draft_get, .subject = ONESELF, GIVES(tumour_draft_schema), .action = "tumour_draft.read", \
    .summary = "One of the caller's drafts"
#define TUMOUR_DRAFT_SUBMIT \
    tumour_draft_submit, .subject = ONESELF, GIVES(tumour_schema), .success = 201, .action = "tumour_draft.submit", \
    .summary = "Turn a complete draft into the record of a tumour"
#define TUMOUR_DRAFT_DELETE \
    tumour_draft_delete, .subject = ONESELF, .shape = GIVES_NOTHING, .action = "tumour_draft.delete", \
    .summary = "Remove a draft"
#define TUMOUR_IMPORT_CREATE \
    import_create, .subject = PEOPLE, TAKES(tumour_import_order_schema, FROM_QUERY), .upload = &spreadsheet_upload, \
    GIVES(tumour_import_schema), .success = 201, .context = &tumour_imports, .action = "tumour_import.create", \
    .summary = "Check a spreadsheet: its changes and its errors"
#define TUMOUR_IMPORT_LIST \
    import_list, .subject = THINGS, TAKES(page_schema, FROM_QUERY), LISTS(tumour_import_schema), \
    .context = &tumour_imports, .action = "tumour_import.list", \
    .summary = "Checked and committed spreadsheets, newest first"
#define TUMOUR_IMPORT_GET \
    import_get, .subject = THINGS, GIVES(tumour_import_schema), .context = &tumour_imports, \
    .action = "tumour_import.read", .summary = "One spreadsheet and its changes, planned or committed"
#define TUMOUR_IMPORT_ERRORS \
    import_errors, .subject = PEOPLE, TAKES(page_schema, FROM_QUERY), LISTS(import_error_schema), \
    .context = &tumour_imports, .action = "tumour_import.errors", \
    .summary = "Errors of a spreadsheet: line, column and value"
#define TUMOUR_IMPORT_COMMIT \
    import_commit, .subject = PEOPLE, TAKES(tumour_import_commit_schema, FROM_JSON), GIVES(tumour_import_schema), \
    .context = &tumour_imports, .action = "tumour_import.commit", \
    .summary = "Commit a checked spreadsheet, all or nothing; repeating it changes nothing"
#define TUMOUR_IMPORT_DELETE \
    import_delete, .subject = THINGS, .shape = GIVES_NOTHING, .context = &tumour_imports, \
    .action = "tumour_import.delete", .summary = "Discard a spreadsheet; what it committed stays"
#define PERSON_TALLY_GET \
    person_tally_get, .subject = ONESELF, GIVES(person_tally_schema), .action = "status.read", \
    .summary = "Numbers of people, and the caller's name"
#define PERSON_CREATE_NAMED \
    person_create, .subject = PEOPLE, TAKES(new_person_schema, FROM_ANYWHERE), GIVES(person_schema), .success = 201, \
    .action = "person.create", .summary = "Create a person of that name"
#define PERSON_GET_BY_NAME \
    person_get_by_name, .subject = ONE_PERSON, .input = &person_name_schema, GIVES(person_schema), .noun = "person", \
    .action = "person.read", .summary = "One person by name"

#define DRAFT_STEP(name, schema) \
    tumour_draft_save, .subject = ONESELF, TAKES(schema, FROM_BODY), GIVES(tumour_draft_schema), \
    .action = "tumour_draft.save", .summary = "Save the step " name " of a draft"
#define SAVE_PERSONAL        DRAFT_STEP("personal", tumour_personal_schema)
#define SAVE_MEDICAL_HISTORY DRAFT_STEP("medical-history", tumour_history_step_schema)
#define SAVE_TUMOUR          DRAFT_STEP("tumour", tumour_tumour_schema)

/* The catalogues, and their four rows each: action, entries in the plural, one entry. */
#define OF_TREATMENTS  "treatment", "Treatments", "treatment"
#define OF_SITES       "primary_site", "Sites of the primary tumour", "site"
#define OF_DIAGNOSTICS "metastasis_diagnostic", "Diagnostics of metastases", "diagnostic"

#define CATALOGUE_LIST(...)   LIST_ENTRIES(__VA_ARGS__)
#define CATALOGUE_CREATE(...) CREATE_ENTRY(__VA_ARGS__)
#define CATALOGUE_GET(...)    GET_ENTRY(__VA_ARGS__)
#define CATALOGUE_UPDATE(...) UPDATE_ENTRY(__VA_ARGS__)
#define LIST_ENTRIES(name, entries, entry) \
    catalogue_list, .subject = THINGS, TAKES(catalogue_query_schema, FROM_QUERY), LISTS(catalogue_entry_schema), \
    .action = name ".list", .summary = entries " in the order of their codes"
#define CREATE_ENTRY(name, entries, entry) \
    catalogue_create, .subject = THINGS, TAKES(new_catalogue_entry_schema, FROM_BODY), GIVES(catalogue_entry_schema), \
    .success = 201, .action = name ".create", .summary = "Add a " entry
#define GET_ENTRY(name, entries, entry) \
    catalogue_get, .subject = THINGS, GIVES(catalogue_entry_schema), .action = name ".read", .summary = "One " entry
#define UPDATE_ENTRY(name, entries, entry) \
    catalogue_update, .subject = THINGS, TAKES(catalogue_entry_change_schema, FROM_BODY), \
    GIVES(catalogue_entry_schema), .action = name ".update", .summary = "Rename, deactivate or activate a " entry

const struct route users_routes[] = {
    {"POST",   "/api/v1/users",                             PERSON_CREATE,            .access = OPEN_TO_ALL},
    {"GET",    "/api/v1/users",                             PERSON_LIST,              .access = SHOWS_NAMES},
    {"GET",    "/api/v1/users/:user_id",                    PERSON_GET,               .access = SHOWS_NAMES},
    {"GET",    "/api/v1/users/:user_id/history",            PERSON_HISTORY,           .access = SHOWS_NAMES},
    {"PATCH",  "/api/v1/users/:user_id",                    PERSON_UPDATE,            .access = WRITERS,     .rules = NEEDS_IF_MATCH | NOT_COLLEAGUES},
    {"DELETE", "/api/v1/users/:user_id",                    PERSON_DELETE,            .access = STAFF,       .rules = NEEDS_IF_MATCH | NOT_COLLEAGUES},
    {"GET",    "/api/v1/caregivers/:caregiver_id/patients", PERSON_LIST_OF_CAREGIVER, .access = CARERS},

    {"POST",   "/api/v1/patients/:patient_id/assessments",                        ASSESSMENT_CREATE,  .access = WRITERS},
    {"GET",    "/api/v1/patients/:patient_id/assessments",                        ASSESSMENT_LIST,    .access = SHOWS_NAMES},
    {"GET",    "/api/v1/patients/:patient_id/assessments/:assessment_id",         ASSESSMENT_GET,     .access = SHOWS_NAMES},
    {"GET",    "/api/v1/patients/:patient_id/assessments/:assessment_id/history", ASSESSMENT_HISTORY, .access = SHOWS_NAMES},
    {"PATCH",  "/api/v1/patients/:patient_id/assessments/:assessment_id",         ASSESSMENT_UPDATE,  .access = WRITERS,     .rules = NEEDS_IF_MATCH},
    {"DELETE", "/api/v1/patients/:patient_id/assessments/:assessment_id",         ASSESSMENT_DELETE,  .access = STAFF,       .rules = NEEDS_IF_MATCH},
    {"GET",    "/api/v1/patients/:patient_id/mmse/trend",                         TREND_GET,          .access = SHOWS_NAMES},

    {"POST",   "/api/v1/assessment-imports",                   ASSESSMENT_IMPORT_CREATE, .access = WRITERS},
    {"GET",    "/api/v1/assessment-imports",                   ASSESSMENT_IMPORT_LIST,   .access = WRITERS},
    {"GET",    "/api/v1/assessment-imports/:import_id",        ASSESSMENT_IMPORT_GET,    .access = WRITERS},
    {"GET",    "/api/v1/assessment-imports/:import_id/errors", ASSESSMENT_IMPORT_ERRORS, .access = WRITERS},
    {"POST",   "/api/v1/assessment-imports/:import_id/commit", ASSESSMENT_IMPORT_COMMIT, .access = WRITERS},
    {"DELETE", "/api/v1/assessment-imports/:import_id",        ASSESSMENT_IMPORT_DELETE, .access = WRITERS, .rules = NEEDS_IF_MATCH},

    {"POST",   "/api/v1/tumours",                       TUMOUR_CREATE,             .access = WRITERS},
    {"GET",    "/api/v1/tumours",                       TUMOUR_LIST,               .access = READERS},
    {"DELETE", "/api/v1/tumours",                       TUMOUR_DELETE_ALL,         .access = SUPERUSERS},
    {"GET",    "/api/v1/tumour-export",                 TUMOUR_EXPORT,             .access = EXPORTERS},
    {"GET",    "/api/v1/tumours/:tumour_id",            TUMOUR_GET,                .access = READERS},
    {"PUT",    "/api/v1/tumours/:tumour_id",            TUMOUR_REPLACE,            .access = WRITERS,    .rules = NEEDS_IF_MATCH},
    {"PATCH",  "/api/v1/tumours/:tumour_id",            TUMOUR_UPDATE,             .access = WRITERS,    .rules = NEEDS_IF_MATCH},
    {"DELETE", "/api/v1/tumours/:tumour_id",            TUMOUR_DELETE,             .access = STAFF,      .rules = NEEDS_IF_MATCH},
    {"GET",    "/api/v1/tumours/:tumour_id/history",    TUMOUR_HISTORY,            .access = READERS},
    {"GET",    "/api/v1/tumours/:tumour_id/treatments", TUMOUR_TREATMENTS_GET,     .access = READERS},
    {"PUT",    "/api/v1/tumours/:tumour_id/treatments", TUMOUR_TREATMENTS_REPLACE, .access = WRITERS,    .rules = NEEDS_IF_MATCH},
    {"DELETE", "/api/v1/tumours/:tumour_id/treatments", TUMOUR_TREATMENTS_CLEAR,   .access = WRITERS,    .rules = NEEDS_IF_MATCH},

    {"POST",   "/api/v1/tumour-drafts",                           TUMOUR_DRAFT_CREATE,  .access = WRITERS},
    {"GET",    "/api/v1/tumour-drafts",                           TUMOUR_DRAFT_LIST,    .access = WRITERS},
    {"GET",    "/api/v1/tumour-drafts/:draft_id",                 TUMOUR_DRAFT_GET,     .access = WRITERS},
    {"PUT",    "/api/v1/tumour-drafts/:draft_id/personal",        SAVE_PERSONAL,        .access = WRITERS, .rules = NEEDS_IF_MATCH},
    {"PUT",    "/api/v1/tumour-drafts/:draft_id/medical-history", SAVE_MEDICAL_HISTORY, .access = WRITERS, .rules = NEEDS_IF_MATCH},
    {"PUT",    "/api/v1/tumour-drafts/:draft_id/tumour",          SAVE_TUMOUR,          .access = WRITERS, .rules = NEEDS_IF_MATCH},
    {"POST",   "/api/v1/tumour-drafts/:draft_id/submit",          TUMOUR_DRAFT_SUBMIT,  .access = WRITERS},
    {"DELETE", "/api/v1/tumour-drafts/:draft_id",                 TUMOUR_DRAFT_DELETE,  .access = WRITERS, .rules = NEEDS_IF_MATCH},

    {"GET",   "/api/v1/treatments",                              CATALOGUE_LIST(OF_TREATMENTS),    .access = READERS},
    {"POST",  "/api/v1/treatments",                              CATALOGUE_CREATE(OF_TREATMENTS),  .access = ADMINISTRATORS},
    {"GET",   "/api/v1/treatments/:treatment_code",              CATALOGUE_GET(OF_TREATMENTS),     .access = READERS},
    {"PATCH", "/api/v1/treatments/:treatment_code",              CATALOGUE_UPDATE(OF_TREATMENTS),  .access = ADMINISTRATORS, .rules = NEEDS_IF_MATCH},
    {"GET",   "/api/v1/primary-sites",                           CATALOGUE_LIST(OF_SITES),         .access = READERS},
    {"POST",  "/api/v1/primary-sites",                           CATALOGUE_CREATE(OF_SITES),       .access = ADMINISTRATORS},
    {"GET",   "/api/v1/primary-sites/:site_code",                CATALOGUE_GET(OF_SITES),          .access = READERS},
    {"PATCH", "/api/v1/primary-sites/:site_code",                CATALOGUE_UPDATE(OF_SITES),       .access = ADMINISTRATORS, .rules = NEEDS_IF_MATCH},
    {"GET",   "/api/v1/metastasis-diagnostics",                  CATALOGUE_LIST(OF_DIAGNOSTICS),   .access = READERS},
    {"POST",  "/api/v1/metastasis-diagnostics",                  CATALOGUE_CREATE(OF_DIAGNOSTICS), .access = ADMINISTRATORS},
    {"GET",   "/api/v1/metastasis-diagnostics/:diagnostic_code", CATALOGUE_GET(OF_DIAGNOSTICS),    .access = READERS},
    {"PATCH", "/api/v1/metastasis-diagnostics/:diagnostic_code", CATALOGUE_UPDATE(OF_DIAGNOSTICS), .access = ADMINISTRATORS, .rules = NEEDS_IF_MATCH},

    {"POST",   "/api/v1/tumour-imports",                   TUMOUR_IMPORT_CREATE, .access = WRITERS},
    {"GET",    "/api/v1/tumour-imports",                   TUMOUR_IMPORT_LIST,   .access = WRITERS},
    {"GET",    "/api/v1/tumour-imports/:import_id",        TUMOUR_IMPORT_GET,    .access = WRITERS},
    {"GET",    "/api/v1/tumour-imports/:import_id/errors", TUMOUR_IMPORT_ERRORS, .access = WRITERS},
    {"POST",   "/api/v1/tumour-imports/:import_id/commit", TUMOUR_IMPORT_COMMIT, .access = WRITERS},
    {"DELETE", "/api/v1/tumour-imports/:import_id",        TUMOUR_IMPORT_DELETE, .access = WRITERS, .rules = NEEDS_IF_MATCH},

    {"GET", "/api/v1/status", PERSON_TALLY_GET, .access = OPEN_TO_ALL},

    {"GET",  "/status",                 PERSON_TALLY_GET,      .access = OPEN_TO_ALL, .rules = HISTORIC},
    {"POST", "/create_user/:name",      PERSON_CREATE_NAMED,   .access = OPEN_TO_ALL, .rules = HISTORIC},
    {"GET",  "/get_user_by_name/:name", PERSON_GET_BY_NAME,    .access = SHOWS_NAMES, .rules = HISTORIC},
    {0},
};
