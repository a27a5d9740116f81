/* The access log: reads and writes of a patient's data, shown to the patient and to administrators. */
#pragma once

#include "services/auth/auth.h"

struct access_entry {
    const char *at, *actor_id, *actor_name, *role, *action, *object, *outcome, *service, *request_id, *address;
    const char *page_key;
};
extern const struct schema access_entry_schema;

struct access_query {
    struct page_query page;
    const char *from, *until, *action;
};
extern const struct schema access_query_schema;

enum status access_log_list(struct request *rq);

/* access_log_store.c */
enum status access_log_page(struct db *db, const char *patient_id, const struct access_query *query,
                            const struct page *page, struct record_list *out);
enum status access_log_find_patient(struct db *db, const char *id); /* NOT_FOUND: unknown to the caller */
