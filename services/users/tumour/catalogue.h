/* Catalogues of codes that a clinic adds to: treatments, sites of the primary tumour, diagnostics of metastases.
 *
 * A code never changes; its label may. New entries take active codes only; records keep a code that is no longer
 * active. */
#pragma once

#include "common/http/reply.h"

struct catalogue_entry {
    const char *code, *label;
    struct maybe_boolean active;
    const char *created_at, *updated_at;
    struct maybe_integer version;
    const char *page_key;
};
extern const struct schema catalogue_entry_schema, new_catalogue_entry_schema, catalogue_entry_change_schema;

struct catalogue_query {
    struct page_query page;
    struct maybe_boolean active;
};
extern const struct schema catalogue_query_schema;

enum status catalogue_list(struct request *rq);
enum status catalogue_create(struct request *rq);
enum status catalogue_get(struct request *rq);
enum status catalogue_update(struct request *rq);

/* catalogue_store.c */
struct catalogue {
    const char *path, *variable; /* "/api/v1/treatments", "treatment_code" */
    const char *page, *find, *insert, *update;
};
extern const struct catalogue treatments, primary_sites, metastasis_diagnostics;

enum status catalogue_page(struct db *db, const struct catalogue *c, const struct catalogue_query *query,
                           const struct page *page, struct record_list *out);
enum status catalogue_find(struct db *db, const struct catalogue *c, const char *code, struct catalogue_entry *out);
enum status catalogue_insert(struct db *db, const struct catalogue *c, const struct catalogue_entry *e,
                             struct catalogue_entry *out);
enum status catalogue_update_row(struct db *db, const struct catalogue *c, const struct catalogue_entry *e,
                                 struct catalogue_entry *out);

/* Notes a code without an active entry at the member, and lets the caller go on: only faults are returned. */
enum status catalogue_check(struct request *rq, const struct catalogue *c, const char *member, const char *code);
