/* Covariates by name, numbers or factors, become the coded columns that models take.
 *
 * A factor has a column for each level but its reference: 1 where the patient is of that level. Nothing is guessed and
 * nothing disappears silently: rows with a missing value are left out and counted by covariate, a covariate without
 * information (constant, or following from those before it) has no column and is named. */
#pragma once

#include "common/base/arena.h"
#include "common/base/problem.h"

#include <stdbool.h>

enum { DESIGN_COLUMNS_MAX = 200 };

/* One of number and level is set; both are as long as the table. The caller owns all of it. */
struct design_covariate {
    const char *name;
    const double *number; /* NaN: missing */
    const int *level;     /* 0 .. level_count-1; negative: missing */
    size_t level_count;
    const char *const *level_names;
    int reference;  /* the level without a column; when no patient has it, the first that occurs */
    bool interacts; /* its effect may differ by treatment: for Cox models of a comparison; the design takes no notice */
};

struct design_column {
    size_t covariate;
    int level;        /* of a factor; -1: a number */
    const char *name; /* "age", "localisation=rectum" */
};

/* The reasons why a covariate, or a level of it, has no column. */
enum design_gap {
    DESIGN_NO_GAP,
    DESIGN_CONSTANT,  /* all complete rows have the same */
    DESIGN_COLLINEAR, /* it follows from columns before it */
};
struct design_omission {
    size_t covariate;
    int level; /* -1: all of it */
    enum design_gap gap;
    const char *name; /* as of a column */
};

struct design {
    size_t rows;  /* complete ones */
    size_t *row;  /* of each: where it is in the table */
    size_t count; /* columns */
    const struct design_column *columns;
    double *values; /* column by column, each of rows */
    size_t covariate_count;
    const size_t *missing; /* per covariate: in how many rows of the table */
    size_t left_out;       /* rows with at least one missing value */
    size_t omission_count;
    const struct design_omission *omissions;
    const int *reference;         /* per covariate: the level without a column; -1: a number */
    const bool *const *has_level; /* per covariate and level: a complete row has it; NULL: a number */
};

/* included: rows of the table to be looked at (NULL: all). INVALID names a value that cannot be used as "/age/17"
 * (infinite, beyond 1e100, no such level), or says that there would be more columns than DESIGN_COLUMNS_MAX. The arena
 * owns the design's data. rows x columns squared steps. */
enum status design_build(const struct design_covariate *covariates, size_t covariate_count, size_t table_rows,
                         const bool *included, struct arena *arena, struct design *out, struct problem *why);

/* Codes one patient: values has a number per covariate, the level's number for a factor; NaN: not known. False when a
 * covariate with columns is not known, or its level is one that no patient has; *missing is then the covariate. out has
 * a number per column. */
bool design_code(const struct design *design, const struct design_covariate *covariates, const double *values,
                 double *out, size_t *missing);

/* A word for machines, "constant", and a sentence without a full stop. */
const char *design_gap_name(enum design_gap gap);
const char *design_gap_text(enum design_gap gap);
