/* The caller's sessions: where they are used from, and ending one or all others. */
#pragma once

#include "services/auth/auth.h"

struct own_session {
    const char *id, *device, *address, *created_at, *used_at, *expires_at;
    struct maybe_boolean current;
    const char *page_key;
};
extern const struct schema own_session_schema;

struct own_session_end {
    struct maybe_boolean all;
};
extern const struct schema own_session_end_schema;

enum status own_session_list(struct request *rq);
enum status own_session_delete(struct request *rq);
enum status own_session_delete_all(struct request *rq);

/* own_session_store.c */
enum status own_session_page(struct db *db, const char *account_id, const char *current, const struct page *page,
                             struct record_list *out);
