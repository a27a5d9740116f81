/* A tumour that is entered in three steps: personal, medical history, tumour. Each step is checked by itself and with
 * those that are there already; a complete draft is submitted and becomes a record. Only its owner sees a draft, and it
 * expires. */
#pragma once

#include "services/users/tumour/tumour.h"

struct tumour_draft {
    const char *draft_id;
    const char *personal, *medical_history, *tumour; /* JSON as the steps were given, NULL: not yet */
    struct maybe_boolean complete;
    const char *created_at, *updated_at, *expires_at;
    struct maybe_integer version;
    const char *page_key;
};
extern const struct schema tumour_draft_schema;

enum { TUMOUR_STEPS = 3, DRAFTS_MAX = 100 /* of one owner */ };

enum status tumour_draft_create(struct request *rq);
enum status tumour_draft_list(struct request *rq);
enum status tumour_draft_get(struct request *rq);
enum status tumour_draft_save(struct request *rq); /* the step that the path ends with */
enum status tumour_draft_submit(struct request *rq);
enum status tumour_draft_delete(struct request *rq);

/* tumour_draft_store.c */
/* CONFLICT, noted, if the caller has DRAFTS_MAX drafts. */
enum status tumour_draft_insert(struct db *db, int hours, struct tumour_draft *out);
enum status tumour_draft_find(struct db *db, const char *id, struct tumour_draft *out);
enum status tumour_draft_page(struct db *db, const struct page *page, struct record_list *out);
enum status tumour_draft_update_row(struct db *db, const struct tumour_draft *d, int hours, struct tumour_draft *out);
enum status tumour_draft_delete_row(struct db *db, const struct tumour_draft *d);
