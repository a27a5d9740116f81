/* A legend: how a hospital writes its spreadsheet. It is data: the headings that stand for each member of a tumour, and
 * the codes for each value.
 *
 *     {"name": "hospital", "dates": ["YYYY-MM-DD", "DD.MM.YYYY"], "decimal_comma": true, "empty": ["-"],
 *      "columns": {"gender": {"headings": ["Gender", "Geschlecht"], "codes": {"1": "male", "2": "female"}}}}
 *
 * Headings are compared without regard to space and, if that leaves no doubt, to case (pN is not Pn). A column with
 * codes takes these and nothing else; one without takes the values of the member itself. "source_key" tells a patient
 * from all others in the file. */
#pragma once

#include "services/users/tumour/tumour.h"

enum {
    LEGEND_BYTES_MAX = 200 * 1024,
    LEGEND_HEADINGS_MAX = 32,
    LEGEND_CODES_MAX = 200,
    LEGEND_COLUMNS_MAX = 64,
    LEGEND_NAME_MAX = 40,
};

struct legend_code {
    const char *code, *value;
};

struct legend_column {
    const struct field *field; /* of tumour_column_schema */
    const char *headings[LEGEND_HEADINGS_MAX];
    size_t heading_count;
    const struct legend_code *codes;
    size_t code_count; /* 0: values are written as they are */
};

enum legend_date { LEGEND_ISO, LEGEND_DAY_DOT, LEGEND_DAY_SLASH, LEGEND_MONTH_SLASH, LEGEND_DATES };

struct legend {
    const char *name;
    bool dates[LEGEND_DATES];
    bool decimal_comma;
    const char *empty[LEGEND_HEADINGS_MAX];
    size_t empty_count;
    struct legend_column columns[LEGEND_COLUMNS_MAX];
    size_t column_count;
};

/* Notes every fault with its place, a JSON pointer behind prefix. The result lives in the arena. */
enum status legend_parse(const char *text, size_t size, const char *prefix, struct arena *arena, struct legend *out,
                         struct problem *why);

/* The legend of our own exports: headings are the names of members, values are written as they are. */
void legend_own(struct legend *out);
#define LEGEND_OWN "mnemos" /* its name, which no other may have */

/* The column with that heading; NULL if there is none, or more than one. */
const struct legend_column *legend_find(const struct legend *l, const char *heading);

/* The value of a cell: INVALID with the sentence in complaint if it has no known value, and NULL in out if it is empty.
 * The text lives in the arena or is the cell's. spreadsheet: numbers and dates come in their one form. */
enum status legend_value(const struct legend *l, const struct legend_column *c, const char *cell, bool spreadsheet,
                         struct arena *arena, const char **out, const char **complaint);
