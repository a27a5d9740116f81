/* A tumour: the record of one patient with colorectal cancer.
 *
 * tumour_fields.c lists all members once; decoding, showing, filtering, storing and checking go by it. */
#pragma once

#include "services/users/users.h"

#include "common/base/clock.h"

struct tumour {
    const char *tumour_id;
    const char *source_key; /* tells it from others in the file it was imported from; NULL: not imported */

    /* Personal. Derived members are computed until a client overrides them. */
    const char *first_name, *last_name, *birth_date, *email, *operation_date;
    struct maybe_real weight_kg, height_cm;
    struct maybe_integer age_at_operation;
    struct maybe_real bmi;
    struct maybe_boolean age_at_operation_overridden, bmi_overridden, bmi_class_overridden;
    const char *gender, *bmi_class;

    /* Medical history. */
    const char *preexisting_disease, *cardiac_disease, *pulmonary_disease, *urological_disease, *endocrine_disease,
        *vascular_disease;

    /* Tumour. */
    const char *tumour_side, *cea, *ca19_9, *preoperative_endoscopy, *procedure, *localisation;
    const char *primary_site, *metastasis_diagnostics; /* codes of catalogues */
    const char *pt, *pn, *uicc, *grading, *lymphatic_invasion, *venous_invasion, *perineural_invasion;
    struct maybe_real diameter_cm;

    /* Outcome, in months from the operation. */
    const char *progression, *vital_status, *side_effects;
    struct maybe_real progression_free_months, overall_survival_months;

    /* The treatment that is given now, or was last; NULL: not recorded. */
    const char *treatment, *treated_from, *treated_until;

    const char *created_at, *updated_at;
    struct maybe_integer version;
    /* Of a version in the history. */
    const char *kind, *valid_from, *valid_until, *changed_by, *changed_by_role;
    const char *page_key;
};
extern const struct schema tumour_schema;        /* as it is shown */
extern const struct schema new_tumour_schema;    /* to create or replace one */
extern const struct schema tumour_change_schema; /* to change one */
extern const struct schema tumour_row_schema;    /* the columns of users.tumour that services write */
extern const struct schema tumour_version_schema;
/* The members that a column of a spreadsheet can be: those of a new one, its source_key and its tumour_id. */
extern const struct schema tumour_column_schema;
extern const struct schema staged_tumour_schema; /* as an import stages it */
/* The columns of an export, with and without those that identify the patient. */
extern const struct schema exported_tumour_schema, deidentified_tumour_schema;
/* The steps of a draft, which together have the members of a new one. */
extern const struct schema tumour_personal_schema, tumour_history_step_schema, tumour_tumour_schema;

/* The first member has the values that a record must have: its schema is the coded members of a tumour. The others
 * bound its days and numbers. */
struct tumour_query {
    struct tumour like, least, most;
    struct page_query page;
    const char *name, *order;
};
extern const struct schema tumour_query_schema;
extern const struct schema tumour_filter_schema; /* of tumour_query.like alone */
extern const struct schema tumour_bound_schema;  /* of least and most: pairs of min_MEMBER and max_MEMBER */

/* An export of the tumours that the query lets through. */
struct tumour_export {
    struct tumour_query query; /* a field of the query is a field of this, because it comes first */
    const char *format;
    struct maybe_boolean deidentified;
};
extern const struct schema tumour_export_schema;

/* Removing all tumours: the client types a confirmation, so that it is no slip. */
struct tumour_removal {
    const char *confirmation;
    struct maybe_integer deleted;
};
#define TUMOUR_REMOVAL_CONFIRMATION "delete all tumours"
extern const struct schema tumour_removal_schema, tumours_removed_schema;

/* INVALID, noted, if a pair of bounds leaves nothing between them. */
enum status tumour_query_check(const struct tumour_query *query, struct problem *why);

enum status tumour_create(struct request *rq);
enum status tumour_list(struct request *rq);
enum status tumour_get(struct request *rq);
enum status tumour_history(struct request *rq);
enum status tumour_replace(struct request *rq);
enum status tumour_update(struct request *rq);
enum status tumour_delete(struct request *rq);
enum status tumour_delete_all(struct request *rq);

/* tumour_check below, and a check that the catalogues have new codes. */
enum status tumour_settle(struct request *rq, struct tumour *t, const struct tumour *before);

/* tumour_rules.c: without I/O. Gives missing coded members their value for "unknown", computes derived members, and
 * notes each contradiction at both members. before: the record as it was, NULL for a new one; a derived value that
 * comes back as it was is still derived. */
enum status tumour_check(struct tumour *t, const struct tumour *before, struct date today, struct problem *why);

/* tumour_store.c */
struct tumour_order {
    const char *name;
    const char *key, *key_text; /* SQL; never NULL */
    enum field_kind kind;
    bool descending;
};
enum { TUMOUR_ORDERS = 6 };
extern const struct tumour_order tumour_orders[TUMOUR_ORDERS];
extern const char *const tumour_order_names[]; /* ends with NULL */

enum status tumour_insert(struct db *db, const struct tumour *t, struct tumour *out);
enum status tumour_find(struct db *db, const char *id, struct tumour *out);
enum status tumour_find_as_of(struct db *db, const char *id, const char *as_of, struct tumour *out);
/* after: the key of the last row seen and its id; NULL: from the start. */
enum status tumour_page(struct db *db, const struct tumour_query *query, const struct tumour_order *order,
                        const char *after, const char *after_id, const char *limit, struct record_list *out);
/* Up to limit of them in the order of their ids, after an id (NULL: from the start). */
enum status tumour_page_of_export(struct db *db, const struct tumour_query *query, bool deidentified, const char *after,
                                  int limit, struct record_list *out);
enum status tumour_page_of_history(struct db *db, const char *id, const struct page *page, struct record_list *out);
enum status tumour_update_row(struct db *db, const struct tumour *t, struct tumour *out);
enum status tumour_delete_row(struct db *db, const struct tumour *t);
/* Deletes a bounded number of them; out: how many there were. */
enum status tumour_delete_some(struct db *db, struct tumour_removal *out);
