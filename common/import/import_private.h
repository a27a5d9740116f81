/* The engine's own parts. */
#pragma once

#include "common/import/import.h"

/* import_run.c: reads a table and stages its rows. Fills the counts, columns and digest of out. */
enum status import_run(struct request *rq, const struct import_kind *kind, const struct import_order *order,
                       struct import *out);

/* import_store.c; kinds see their own imports. Rows and errors are JSON arrays. */
enum status import_plan_anew(struct db *db); /* until the end of the transaction */
enum status import_insert(struct db *db, const struct import *import, long hours, struct import *out);
enum status import_finish(struct db *db, const struct import *import, struct import *out);
enum status import_find(struct db *db, const char *kind, const char *id, struct import *out);
enum status import_page(struct db *db, const char *kind, const struct page *page, struct record_list *out);
enum status import_errors_page(struct db *db, const struct import *import, const struct page *page,
                               struct record_list *out);
enum status import_delete_row(struct db *db, const struct import *import);
enum status import_stage(struct db *db, const char *id, const char *rows);
enum status import_note(struct db *db, const char *id, const char *errors);
/* Locks the import until the end of the transaction, so that it is committed once. */
enum status import_lock(struct db *db, const char *kind, const char *id, struct import *out);
enum status import_take_time(struct db *db);
enum status import_committed(struct db *db, const char *id, struct import *out);
