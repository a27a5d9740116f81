/* The treatments of a tumour, in their order: the last is the current one, which is a member of the record itself. */
#pragma once

#include "services/users/tumour/tumour.h"

struct given_treatment {
    const char *treatment, *treated_from, *treated_until;
    /* Of the tumour. */
    const char *tumour_id;
    struct maybe_integer version;
};

struct given_treatments {
    struct record_list treatments;
    struct maybe_integer version; /* of the tumour */
};
extern const struct schema given_treatments_schema, new_given_treatments_schema;

enum { TREATMENTS_MAX = 50 };

enum status tumour_treatments_get(struct request *rq);
enum status tumour_treatments_replace(struct request *rq);
enum status tumour_treatments_clear(struct request *rq);

/* tumour_treatment_store.c */
enum status tumour_treatments_find(struct db *db, const char *tumour_id, struct given_treatments *out);
enum status tumour_treatments_find_as_of(struct db *db, const char *tumour_id, const char *as_of,
                                         struct given_treatments *out);
/* Stores the treatments before the current one. */
enum status tumour_treatments_store(struct db *db, const char *tumour_id, const struct record_list *earlier);
