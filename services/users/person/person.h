/* A person: caregiver, healthcare professional or patient. */
#pragma once

#include "services/users/users.h"

#include "common/base/clock.h"

struct person {
    const char *user_id, *name, *status, *password;
    const char *specialty; /* of a healthpro */
    /* Of a patient. An age that was given is kept as the date of birth that is most likely for it. */
    const char *birth_date;
    struct maybe_boolean birth_date_estimated;
    struct maybe_integer age, mmse, schooling_years;
    const char *sex;
    const char *caregiver_id;
    const char *created_at, *updated_at;
    struct maybe_integer version;
    /* Of a version in the history. */
    const char *kind, *valid_from, *valid_until, *changed_by, *changed_by_role;
    const char *page_key;
};
extern const struct schema person_schema;        /* as it is shown */
extern const struct schema new_person_schema;    /* to create one */
extern const struct schema person_change_schema; /* to change one */
extern const struct schema person_name_schema;   /* to find one */
extern const struct schema person_version_schema;

struct person_query {
    struct page_query page;
    const char *name, *status, *specialty;
};
extern const struct schema person_query_schema;

enum status person_create(struct request *rq);
enum status person_list(struct request *rq);
enum status person_list_of_caregiver(struct request *rq);
enum status person_get(struct request *rq);
enum status person_get_by_name(struct request *rq);
enum status person_history(struct request *rq);
enum status person_update(struct request *rq);
enum status person_delete(struct request *rq);

/* person_rules.c: without I/O. Checks which members belong to which kind of person. An age that is given, p->age, is
 * made into a date of birth. Notes every fault. */
enum status person_check(struct person *p, struct date today, struct arena *arena, struct problem *why);

/* person_store.c */
enum status person_insert(struct db *db, const struct person *p, const char *password_hash, struct person *out);
enum status person_find(struct db *db, const char *id, struct person *out);
enum status person_find_by_name(struct db *db, const char *name, struct person *out);
enum status person_page(struct db *db, const struct person_query *query, const struct page *page,
                        struct record_list *out);
enum status person_page_of_caregiver(struct db *db, const char *caregiver_id, const struct page *page,
                                     struct record_list *out);
/* Newest first. Only administrators find removed people. */
enum status person_page_of_history(struct db *db, const char *id, const struct page *page, struct record_list *out);
enum status person_find_as_of(struct db *db, const char *id, const char *as_of, struct person *out);
enum status person_update_row(struct db *db, const struct person *p, struct person *out);
enum status person_delete_row(struct db *db, const struct person *p);
