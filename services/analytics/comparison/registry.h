/* The tumour registry as the users service publishes it: one patient's traits, and the patients to compare with. */
#pragma once

#include "services/analytics/analytics.h"
#include "services/analytics/comparison/trait.h"

/* The event that ends the time: the disease goes on (or death), or death alone. */
enum outcome { OUTCOME_PROGRESSION, OUTCOME_DEATH };
extern const char *const outcome_names[]; /* ends with NULL */

/* Time to the outcome, in months, of many patients; as columns, which is how statistics take them. */
struct patients {
    size_t count;
    struct trait_column traits[TRAIT_COUNT]; /* those asked for */
    const double *months;                    /* NaN: not known */
    const double *event;                     /* 1 the outcome, 0 censored, NaN not known */
    struct trait_column treatment;           /* levels: active treatments, and those that patients have had */
};

struct patients_query {
    enum outcome outcome;
    bool needed[TRAIT_COUNT]; /* which traits */
    const char *apart;        /* the tumour that is left out, or NULL */
    long at_most;
};

/* NOT_FOUND: the caller sees no such tumour. Enters the reading in the access log. */
enum status registry_profile(struct db *db, const char *tumour_id, struct profile *out);

/* INVALID: there are more patients than at_most, or more codes of a trait than can be told apart. */
enum status registry_patients(struct db *db, const struct patients_query *query, struct patients *out);
