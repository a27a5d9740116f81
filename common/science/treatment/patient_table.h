/* A table of patients as text (CSV), read as a comparison of treatments takes it.
 *
 * The first line names the columns, and the caller assigns their roles. A cell is empty when there is nothing in it, or
 * NA. Rows in which time, event, treatment, entry or stratum are empty are left out and counted; an empty covariate is
 * missing, which the comparison reports. Anything else that does not fit is refused with its line. Only the kind of a
 * covariate is guessed: of numbers alone it is a number, of words a factor. */
#pragma once

#include "common/base/problem.h"
#include "common/science/treatment/comparison.h"

enum {
    PATIENT_TABLE_ROWS_MAX = 1000000,
    PATIENT_TABLE_COVARIATES_MAX = 100,
    PATIENT_TABLE_LEVELS_MAX = 100, /* of a factor */
    PATIENT_TABLE_STRATA_MAX = 1000,
    PATIENT_TABLE_PROFILES_MAX = 1000,
};

/* Names of columns. */
struct patient_table_columns {
    const char *time, *event, *arm; /* event: 0 (censored) or 1 */
    const char *start;              /* when a patient came under observation; NULL: all at 0 */
    const char *strata;             /* NULL: none */
    size_t covariate_count, factor_count, interaction_count;
    const char *const *covariates;
    const char *const *factors;      /* covariates that are factors although their levels are numbers */
    const char *const *interactions; /* covariates whose effect may differ by treatment */
    const char *reference;           /* the treatment that comes first; NULL: the first in order */
};

struct patient_table_empty {
    const char *column;
    size_t rows;
};

struct patient_table {
    size_t rows, left_out; /* of the table; the rows of data are the others */
    size_t empty_count;
    struct patient_table_empty *empty;     /* of each column that was named, in the order above */
    const char *arms[SURVIVAL_GROUPS_MAX]; /* in order of their names, the reference first */
    const char **strata;                   /* in order */
    size_t stratum_count;
    const char *stratum_column;
    const char **profile_names; /* as many as data has profiles */
    struct comparison_data data;
};

/* Overwrites the text and the byte after its end; the text must live as long as the table, which borrows names from it.
 * MALFORMED: it is no table; INVALID: it does not fit the columns named; TOO_LARGE. The arena owns the rest. */
enum status patient_table_read(char *text, size_t size, const struct patient_table_columns *columns,
                               struct arena *arena, struct patient_table *out, struct problem *why);

/* Patients to predict for, a line each: columns named as covariates (and strata) are taken, one named `profile` names
 * the line, others play no role. A covariate that is empty, has no column or a level that the table lacks is not
 * known. */
enum status patient_table_profiles_read(struct patient_table *table, char *text, size_t size, struct arena *arena,
                                        struct problem *why);

/* Columns as a command line or a query names them: several in one text, with commas between them. */
struct patient_table_names {
    const char *time, *event, *arm, *start, *strata, *reference;
    const char *covariates, *factors, *interactions;
};
struct patient_table_columns patient_table_columns_of(const struct patient_table_names *names, struct arena *arena);
