/* Exports: all tumours that a filter lets through, as one file.
 *
 * CSV and XLSX have the members' names as headings, as the legend "mnemos" reads them, so that importing an export
 * again changes nothing. Researchers get records without names, days, address and ids; other callers may ask for such
 * records. */
#pragma once

#include "services/users/tumour/tumour.h"

enum status tumour_export(struct request *rq);

/* Text that a spreadsheet would take for a formula gets an apostrophe before it, and so does text that begins with one;
 * reading the text again removes it. */
bool tumour_export_needs_guard(const char *text);
const char *tumour_export_unguarded(const char *text);

/* tumour_export_store.c */
enum status tumour_export_enter(struct db *db);
