/* Imaging elements: lines of numbers that a device measured, with figures computed from them.
 *
 * A client may say a thing twice, at the top and in raw_data; element_form_check makes one statement of it. The
 * database stores each thing once, and the reply shows it in both places again. */
#pragma once

#include "common/http/reply.h"

enum { ELEMENT_ROLES = HEALTHPRO | ADMINS };

/* The form that clients send. */
struct raw_data_form {
    const char *id, *deviceName;
    struct text_list data;
};
struct element_form {
    const char *pointer; /* where it stands in the body */
    const char *id, *device_name, *deviceName, *normalization;
    struct text_list data;
    struct raw_data_form *raw_data;
};
extern const struct schema element_form_schema;

/* The same, checked and ready to be stored. NULL and unknown: not given. */
struct element_content {
    const char *pointer;
    const char *id, *device_name, *normalization;
    const char *data; /* the lines as a JSON array, on one line */
    struct maybe_integer data_size;
    struct maybe_real average_before, maximum;
};

/* INVALID if something contradicts itself, is no number, is missing for the purpose, or if the id cannot be one. */
enum purpose { TO_CREATE, TO_REPLACE, TO_CHANGE };
enum status element_form_check(const struct element_form *form, enum purpose purpose, struct problem *why,
                               struct element_content *out);

/* A stored element, as clients see it. */
struct raw_data {
    const char *id, *data, *deviceName;
};
struct element {
    const char *id, *device_name, *data, *normalization;
    struct raw_data *raw_data;
    struct maybe_integer data_size;
    struct maybe_real average_before, maximum, average_after;
    const char *created_at, *updated_at;
    struct maybe_integer version;
    const char *page_key;
};
extern const struct schema element_schema;

/* A list's filters: equal to, above, below, at least, at most. */
struct integer_range {
    struct maybe_integer is, gt, lt, gte, lte;
};
struct real_range {
    struct maybe_real is, gt, lt, gte, lte;
};
struct time_range {
    const char *is, *gt, *lt, *gte, *lte;
};
struct element_query {
    struct page_query page;
    const char *include, *device_name;
    struct time_range created_at, updated_at;
    struct real_range average_before, average_after;
    struct integer_range data_size;
};
extern const struct schema element_query_schema;

enum status element_create(struct request *rq);
enum status element_list(struct request *rq);
enum status element_get(struct request *rq);
enum status element_replace(struct request *rq);
enum status element_change(struct request *rq);
enum status element_delete(struct request *rq);

/* The store. Elements come with data unless said otherwise. */

/* All of them or none, in one statement. contents are in the order of ids, as bytes; so is out. */
enum status element_insert(struct db *db, const struct element_content *contents, size_t count,
                           struct record_list *out);

/* Items carry their numbers (data, raw_data) if with_data says so, as far as a reply of reasonable size can hold them:
 * items of a page without numbers are left for the next page. */
enum status element_page(struct db *db, const struct element_query *query, const struct page *page, bool with_data,
                         struct record_list *out);
enum status element_find(struct db *db, const char *id, struct element *out);
enum status element_version(struct db *db, const char *id, struct maybe_integer *out);

/* version: the one that must still be there, when known. Members that content does not give stay as they are. */
enum status element_update_row(struct db *db, const char *id, struct maybe_integer version,
                               const struct element_content *content, struct element *out);
enum status element_delete_row(struct db *db, const char *id, struct maybe_integer version);
