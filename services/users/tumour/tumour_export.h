/* Exports: all tumours that a filter lets through, as one file.
 *
 * CSV and XLSX have the members' names as headings, as the legend "mnemos" reads them, so that an export that is
 * imported again changes nothing. Researchers get records without names, days, address and ids, and others may ask for
 * these. */
#ifndef MNEMOS_USERS_TUMOUR_EXPORT_H
#define MNEMOS_USERS_TUMOUR_EXPORT_H

#include "services/users/tumour/tumour.h"

struct tumour_export {
    struct tumour_query query; /* a field of the query is a field of this, because it comes first */
    const char *format;
    struct maybe_boolean deidentified;
};
extern const char *const tumour_export_formats[];
extern const struct schema tumour_export_schema;   /* what is asked for */
extern const struct schema exported_tumour_schema; /* the columns */
extern const struct schema deidentified_tumour_schema;

enum status tumour_export(struct request *rq);

/* Text that a spreadsheet would take for a formula gets an apostrophe before it, and so does text that begins with one;
 * reading such a text again takes it away. */
bool export_needs_guard(const char *text);
const char *export_unguarded(const char *text);

/* tumour_store.c: up to limit of them in the order of their ids, after an id (NULL: from the start). */
enum status tumour_export_page(struct db *db, const struct tumour_query *query, bool deidentified, const char *after,
                               int limit, struct record_list *out);
enum status tumour_export_enter(struct db *db);

#endif
