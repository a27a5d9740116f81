/* Imports: a spreadsheet becomes records of tumours in two steps.
 *
 * The first reads the file and writes down what it would create and change, and what is wrong with which cell; nothing
 * of the registry changes. The second commits exactly that, in one transaction, or refuses when one of those records
 * has changed meanwhile. A row belongs to the record with its source key: the name of the legend and the patient
 * number, or, where the file has no such column, a hash of names, date of birth and date of operation. What an empty
 * cell or a missing column does not say stays as it is, so the same file once more changes nothing. */
#ifndef MNEMOS_USERS_TUMOUR_IMPORT_H
#define MNEMOS_USERS_TUMOUR_IMPORT_H

#include "services/users/import.h"
#include "services/users/tumour/legend.h"
#include "services/users/tumour/tumour.h"

enum {
    IMPORT_BYTES_MAX = 64 * 1024 * 1024,
    IMPORT_ROWS_MAX = 250 * 1000,
    IMPORT_ERRORS_KEPT = 1000,
};

struct tumour_import {
    const char *import_id, *state, *file_name, *file_hash, *legend, *columns;
    struct maybe_integer rows, to_create, to_change, unchanged, wrong_rows, errors, version;
    const char *created_by, *created_at, *expires_at, *committed_at, *page_key;
};
extern const struct schema tumour_import_schema;

/* What comes beside the file. */
struct import_order {
    const char *legend, *own_legend, *separator;
};
extern const struct schema import_order_schema;
extern const struct upload_rule spreadsheet_upload;

struct import_commit {
    struct maybe_boolean without_wrong_rows;
};
extern const struct schema import_commit_schema;

/* A row of the file as the record that it would be. */
struct staged_tumour {
    struct tumour tumour;
    struct maybe_integer line;
};
extern const struct schema staged_tumour_schema;

enum status tumour_import_create(struct request *rq);
enum status tumour_import_list(struct request *rq);
enum status tumour_import_get(struct request *rq);
enum status tumour_import_errors(struct request *rq);
enum status tumour_import_commit(struct request *rq);
enum status tumour_import_delete(struct request *rq);

/* tumour_import_run.c: reads a table and stages what it says. Fills the counts and the columns of out. */
enum status import_run(struct request *rq, const struct legend *legend, char separator, struct tumour_import *out);

/* tumour_import_store.c */
enum status import_plan_anew(struct db *db); /* until the end of the transaction */
enum status import_insert(struct db *db, const struct tumour_import *import, long hours, struct tumour_import *out);
enum status import_finish(struct db *db, const struct tumour_import *import, struct tumour_import *out);
enum status import_find(struct db *db, const char *id, struct tumour_import *out);
enum status import_page(struct db *db, const struct page *page, struct record_list *out);
enum status import_errors_page(struct db *db, const char *id, const struct page *page, struct record_list *out);
enum status import_delete_row(struct db *db, const struct tumour_import *import);

/* Rows and errors as JSON arrays. */
enum status import_stage(struct db *db, const char *id, const char *rows);
enum status import_note(struct db *db, const char *id, const char *errors);

/* The records with these ids or source keys, each a PostgreSQL array. */
enum status import_known(struct db *db, const char *ids, const char *keys, struct record_list *out);

struct catalogue_code {
    const char *catalogue, *code;
};
extern const struct schema catalogue_code_schema;
enum status import_catalogues(struct db *db, struct record_list *out);

/* Locks the import until the end of the transaction, so that it is committed once. */
enum status import_lock(struct db *db, const char *id, struct tumour_import *out);
/* What was written; fewer than were staged when the registry has changed. */
enum status import_apply(struct db *db, const char *id, struct maybe_integer *changed, struct maybe_integer *created);
enum status import_committed(struct db *db, const char *id, struct tumour_import *out);

#endif
