/* Imports: a table in a file becomes records in two steps.
 *
 * The first reads the file and stores the records that it would create and change, and the errors of its cells; no
 * record changes. The second commits exactly that, in one transaction, or refuses when one of those records has changed
 * meanwhile. Empty cells and missing columns leave members as they are, so the same file once more changes nothing. An
 * import that is not committed expires.
 *
 * This is the engine. A kind of import is one struct import_kind, which its routes have as their context. The handlers
 * below serve all kinds. */
#pragma once

#include "common/base/gate.h"
#include "common/format/table.h"
#include "common/http/reply.h"
#include "common/import/seen.h"

enum { IMPORT_BATCH_ROWS = 500 };

struct import {
    const char *import_id, *kind, *state, *file_name, *file_hash, *legend, *columns, *digest;
    struct maybe_integer rows, to_create, to_change, unchanged, wrong_rows, errors, version;
    const char *created_by, *created_at, *expires_at, *committed_at, *page_key;
    struct maybe_boolean dry_run;    /* of a file that was sent just now: nothing was written */
    struct record_list first_errors; /* of such a file: struct import_error */
};
extern const struct schema import_schema;
extern const char *const import_states[];

/* For schemas of kinds that show an import otherwise. */
#define IMPORT_FILE \
    FIELD_UUID(struct import, import_id), FIELD_ENUM(struct import, state, import_states), \
        FIELD_TEXT(struct import, file_name), FIELD_TEXT(struct import, file_hash, .summary = "BLAKE2b, 256 bits")
#define IMPORT_COLUMNS \
    FIELD_JSON(struct import, columns, .summary = "The file's headings and the members they stand for; null: ignored")
#define IMPORT_COUNTS \
    FIELD_INTEGER(struct import, rows, .summary = "Rows of the file, without headings and empty rows"), \
        FIELD_INTEGER(struct import, to_create, .summary = "Rows that create a record"), \
        FIELD_INTEGER(struct import, to_change, .summary = "Rows that change a record"), \
        FIELD_INTEGER(struct import, unchanged, .summary = "Rows that change nothing"), \
        FIELD_INTEGER(struct import, wrong_rows, .summary = "Rows with errors"), \
        FIELD_INTEGER(struct import, errors, .summary = "Number of errors; the first 1000 are at /errors")
#define IMPORT_TIMES \
    FIELD_UUID(struct import, created_by), FIELD_TIME(struct import, created_at), \
        FIELD_TIME(struct import, expires_at, .summary = "Last time to commit it; null: committed"), \
        FIELD_TIME(struct import, committed_at), IMPORT_VERSION, FIELD_TEXT(struct import, page_key, .rules = HIDDEN)
#define IMPORT_VERSION FIELD_INTEGER(struct import, version, .rules = HIDDEN)

struct import_error {
    struct maybe_integer number, line;
    const char *heading, *member, *value, *detail, *page_key;
};
extern const struct schema import_error_schema;

struct import_commit {
    struct maybe_boolean without_wrong_rows;
};
#define IMPORT_COMMIT \
    FIELD_BOOLEAN(struct import_commit, without_wrong_rows, .summary = "Commit without the rows that have errors")
extern const struct schema import_commit_schema;

/* A service's means for its imports. */
struct import_desk {
    struct gate *gate; /* before whole files */
    long hours;        /* until an import expires */
};

/* How to read a file, and whether to commit it at once, because a dry run of it had that digest. */
struct import_order {
    const void *context; /* the kind's own */
    const char *legend;
    char separator; /* 0: find it */
    bool at_once, without_wrong_rows;
    const char *digest;
};

struct import_column {
    const char *heading;
    const char *member; /* NULL: ignored */
    const void *rule;   /* the kind's own */
};

struct import_row {
    size_t line;
    struct form form;   /* members and their new values */
    const char **cells; /* as they stand in the file, by column; NULL: not there */
    void *asked;        /* the values to find the record by, of the kind's asked schema */
    const char *key;    /* two rows with the same are about the same record; NULL: not known */
    bool wrong;
};

struct import_run {
    struct request *rq;
    const struct import_kind *kind;
    const struct import_order *order;
    struct import *import;
    struct table *table;
    struct import_column columns[TABLE_COLUMNS_MAX];
    size_t column_count;
    struct seen seen;
    crypto_generichash_state digest;

    /* The batch; all of it goes with its arena. */
    struct arena arena;
    struct db db;
    struct problem why; /* complaints about the row in hand */
    struct import_row rows[IMPORT_BATCH_ROWS];
    size_t row_count;
    struct writer staged, noted; /* JSON arrays */
};

struct import_written {
    struct maybe_integer changed, created;
};
extern const struct schema import_written_schema; /* of a statement that changes and creates */

struct import_kind {
    const char *name; /* "tumour" */
    const char *same; /* two rows must not be about the same: "patient" */
    const char *changed_meanwhile;
    size_t rows_max;
    bool sheets; /* workbooks, too */

    const struct schema *input;    /* decodes a row */
    const struct schema *compared; /* members whose difference counts as a change */
    const struct schema *record;   /* as it is staged */
    const struct schema *asked;
    size_t id, version; /* offsets in the record; of a new one they are not known */

    const struct import_desk *(*desk)(const struct request *rq);

    /* The route's input as an order. */
    enum status (*order)(struct request *rq, struct import_order *out);
    /* Member and rule of a heading. */
    enum status (*column)(struct import_run *run, struct import_column *column);
    /* Checks that all required columns are there, and reads the data that all rows need. */
    enum status (*begin)(struct import_run *run);
    /* The value of a cell: INVALID with a sentence in complaint, and NULL in out when it has none. NULL: its text. */
    enum status (*value)(struct import_run *run, const struct import_column *column, const struct xlsx_cell *cell,
                         const char **out, const char **complaint);
    /* Fills asked and, where the row alone tells it, key. Complains. */
    void (*row)(struct import_run *run, struct import_row *row);
    /* The records of the batch; rows is JSON of the asked values. Complains of rows without a person. */
    enum status (*known)(struct import_run *run, const char *rows, struct record_list *out);
    /* The record of a row, or NULL. Complains. */
    const void *(*find)(struct import_run *run, struct import_row *row, const struct record_list *known);
    /* Notes in run->why the errors of a record that a row changes, or creates (before is NULL). */
    void (*check)(struct import_run *run, const struct import_row *row, const void *before, void *record);
    /* Keeps other imports of the kind from writing until the end of the transaction. NULL: not needed. */
    enum status (*alone)(struct db *db);
    /* Writes the rows of shared.import_row; fewer than were staged when a record has changed since. */
    enum status (*apply)(struct db *db, const char *id, struct import_written *out);
};

/* Handlers. */
enum status import_create(struct request *rq);
enum status import_list(struct request *rq);
enum status import_get(struct request *rq);
enum status import_errors(struct request *rq);
enum status import_commit(struct request *rq);
enum status import_delete(struct request *rq);

/* For kinds. */
size_t import_column_of(const struct import_run *run, const char *member); /* column_count: there is none */
const char *import_cell(const struct import_run *run, const struct import_row *row, const char *member);
void import_complain(struct import_run *run, struct import_row *row, const char *member, const char *detail);
/* JSON of the asked values of the rows that are not wrong. */
const char *import_rows_asked(struct import_run *run);
/* True if the row would leave that record as it is. */
bool import_says(struct import_run *run, const struct import_row *row, const void *record);
