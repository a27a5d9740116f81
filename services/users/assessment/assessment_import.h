/* Imports of assessments: a table of comma-separated values becomes scores of patients who are known.
 *
 * A file is sent twice. The first time nothing is written: the answer tells what would be, what is wrong with which
 * cell, and a digest of all of it. The second time, with that digest, it is checked again in the transaction that
 * writes; when the digest comes out differently, the file or what it rests on is not what it was, and nothing is
 * written. A row belongs to the assessment of its patient and day. What an empty cell or a missing column does not say
 * stays as it is, so the same file once more changes nothing. */
#ifndef MNEMOS_USERS_ASSESSMENT_IMPORT_H
#define MNEMOS_USERS_ASSESSMENT_IMPORT_H

#include "services/users/assessment/assessment.h"
#include "services/users/import.h"

enum {
    ASSESSMENT_IMPORT_BYTES_MAX = 16 * 1024 * 1024,
    ASSESSMENT_IMPORT_ROWS_MAX = 50 * 1000,
    ASSESSMENT_ERRORS_KEPT = 100,
};

struct assessment_import {
    struct maybe_boolean dry_run;
    const char *digest;
    struct maybe_integer rows, to_create, to_change, unchanged, wrong_rows, errors;
    struct record_list first_errors; /* struct import_error */
};
extern const struct schema assessment_import_schema;

/* What comes beside the file. */
struct assessment_import_order {
    struct maybe_boolean dry_run, without_wrong_rows;
    const char *digest;
};
extern const struct schema assessment_import_order_schema;
extern const struct upload_rule assessments_upload;

enum status assessment_import(struct request *rq);

/* assessment_import_run.c: reads the file and checks it, within a transaction, which has to be undone unless the digest
 * is the one that was expected. Writes when out->dry_run is false. Fills the rest of out. */
enum status assessment_import_run(struct request *rq, struct assessment_import *out);

/* assessment_store.c; what is asked and what is written are JSON arrays of struct assessment_row. */
struct assessment_row {
    struct assessment assessment;
    struct maybe_integer line;
    const char *name; /* of the patient, where no id was given */
};
struct patient_of_line {
    struct maybe_integer line;
    const char *patient_id;
};

/* Until the end of the transaction there is no other import. */
enum status assessments_import_alone(struct db *db);
/* Rows of {"line", "patient_id", "name"}: those whose patient is there and may be seen. */
enum status assessments_patients(struct db *db, const char *rows, struct record_list *out);
/* Their scores stay as they are until the end of the transaction, but for those of this one. */
enum status assessments_hold(struct db *db, const char *rows);
/* Rows of {"patient_id", "assessed_on"}: all assessments of these patients and days, the earlier first. */
enum status assessments_known(struct db *db, const char *rows, struct record_list *out);
/* How many were written; fewer changed than were asked for when a version is another. */
enum status assessments_create(struct db *db, const char *rows, struct maybe_integer *written);
enum status assessments_change(struct db *db, const char *rows, struct maybe_integer *written);

#endif
