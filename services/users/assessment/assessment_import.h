/* Imports of assessments: a table of comma-separated values becomes scores of known patients.
 *
 * common/import/import.h does it; this makes a row an assessment. A row belongs to the assessment of its patient and
 * day. A file may be committed by the dry run's id, or be sent once more with the digest of the dry run: it is checked
 * again in the transaction that writes, and if the digest differs, the file or the data it rests on has changed, and
 * nothing is written. */
#pragma once

#include "services/users/assessment/assessment.h"

#include "common/import/import.h"

enum {
    ASSESSMENT_IMPORT_BYTES_MAX = 16 * 1024 * 1024,
    ASSESSMENT_IMPORT_ROWS_MAX = 50 * 1000,
};

extern const struct import_kind assessment_imports;
extern const struct schema assessment_import_schema; /* of a file that was sent just now */

/* The fields beside the file. */
struct assessment_import_order {
    struct maybe_boolean dry_run, without_wrong_rows;
    const char *digest;
};
extern const struct schema assessment_import_order_schema;
extern const struct upload_rule assessment_import_upload;

/* assessment_import_store.c; rows are a JSON array of struct assessment_asked. */
struct assessment_asked {
    struct maybe_integer line;
    const char *patient_id, *name; /* the one or the other, as the row says it; then the patient's id */
    const char *assessed_on;       /* NULL: no day */
};
extern const struct schema assessment_asked_schema;

/* Keeps other imports out until the end of the transaction. */
enum status assessment_import_alone(struct db *db);
/* By line: rows whose patient exists and is visible to the caller, with the patient's id. */
enum status assessment_import_patients(struct db *db, const char *rows, struct record_list *out);
/* All assessments of these patients and days, the earlier first. */
enum status assessment_import_known(struct db *db, const char *rows, struct record_list *out);
enum status assessment_import_apply(struct db *db, const char *id, struct import_written *out);
