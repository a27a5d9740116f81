/* Imports of tumours: a hospital's spreadsheet becomes records of the registry.
 *
 * common/import/import.h does it; this makes a row a tumour. A row belongs to the record with its source key: the name
 * of the legend and the patient number or, if the file has no such column, a hash of names, date of birth and date of
 * operation. */
#pragma once

#include "services/users/tumour/legend.h"
#include "services/users/tumour/tumour.h"

#include "common/import/import.h"

enum {
    TUMOUR_IMPORT_BYTES_MAX = 64 * 1024 * 1024,
    TUMOUR_IMPORT_ROWS_MAX = 250 * 1000,
};

extern const struct import_kind tumour_imports;
extern const struct schema tumour_import_schema, tumour_import_commit_schema;

/* The fields beside the file. */
struct tumour_import_order {
    const char *legend, *own_legend, *separator;
};
extern const struct schema tumour_import_order_schema;
extern const struct upload_rule spreadsheet_upload;

/* tumour_import_store.c; rows are a JSON array of struct tumour_asked. */
struct tumour_asked {
    const char *id, *key; /* the one or the other */
};

struct catalogue_code {
    const char *catalogue, *code;
};
enum status tumour_import_catalogues(struct db *db, struct record_list *out);
enum status tumour_import_known(struct db *db, const char *rows, struct record_list *out);
enum status tumour_import_apply(struct db *db, const char *id, struct import_written *out);
