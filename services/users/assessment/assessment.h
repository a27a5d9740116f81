/* An assessment: one Mini-Mental State Examination of a patient, as a total and, where they are known, its parts.
 *
 * The items of the examination are copyrighted, so there are numbers and nothing else of them. */
#pragma once

#include "services/users/users.h"

#include "common/base/clock.h"

struct assessment {
    const char *assessment_id, *patient_id, *assessed_on, *loinc;
    struct maybe_integer mmse;
    struct maybe_integer orientation_time, orientation_place, registration, attention, recall, language, drawing;
    const char *note;
    const char *recorded_by, *recorded_by_role;
    const char *created_at, *updated_at;
    struct maybe_integer version;
    /* Of a version in the history. */
    const char *kind, *valid_from, *valid_until, *changed_by, *changed_by_role;
    const char *page_key;
};
extern const struct schema assessment_schema;        /* as it is shown */
extern const struct schema new_assessment_schema;    /* to create one */
extern const struct schema assessment_change_schema; /* to correct one */
extern const struct schema assessment_version_schema;

#define MMSE_LOINC "72106-8" /* Total score [MMSE] */

/* Says why nothing was found for that id: no person has it, or the person is not a patient. Never OK. */
enum status assessment_no_patient(struct request *rq, const char *id);

enum status assessment_create(struct request *rq);
enum status assessment_list(struct request *rq);
enum status assessment_get(struct request *rq);
enum status assessment_history(struct request *rq);
enum status assessment_update(struct request *rq);
enum status assessment_delete(struct request *rq);

/* assessment_rules.c: without I/O. Notes impossible values: a future day, parts that do not make up the total. */
enum status assessment_check(const struct assessment *a, struct date today, struct problem *why);

/* assessment_store.c; patient_id and assessment_id are ids. Newest first. */
enum status assessment_insert(struct db *db, const struct assessment *a, struct assessment *out);
enum status assessment_find(struct db *db, const char *patient_id, const char *id, struct assessment *out);
enum status assessment_page(struct db *db, const char *patient_id, const struct page *page, struct record_list *out);
enum status assessment_page_of_history(struct db *db, const char *patient_id, const char *id, const struct page *page,
                                       struct record_list *out);
enum status assessment_update_row(struct db *db, const struct assessment *a, struct assessment *out);
enum status assessment_delete_row(struct db *db, const struct assessment *a);
