#include "services/auth/audit/access_log.h"

#include "common/base/text.h"

SCHEMA(
    access_entry_schema, "AccessEntry", struct access_entry, FIELD_TIME(struct access_entry, at),
    FIELD_UUID(struct access_entry, actor_id, .summary = "The account; null for an operator"),
    FIELD_TEXT(struct access_entry, actor_name,
               .summary = "Null if the account is gone; patients also get null for an account that was shown nothing"),
    FIELD_TEXT(struct access_entry, role, .summary = "Role of the account at that time"),
    FIELD_TEXT(struct access_entry, action, .example = "person.read"),
    FIELD_TEXT(struct access_entry, object, .example = "person"),
    FIELD_TEXT(struct access_entry, outcome,
               .summary = "`read`, `written`, `absent` (looked for, not found or not shown) or `refused`"),
    FIELD_TEXT(struct access_entry, service), FIELD_TEXT(struct access_entry, request_id),
    FIELD_TEXT(struct access_entry, address, .rules = OMIT_NULL, .summary = "Shown to administrators only"),
    FIELD_TEXT(struct access_entry, page_key, .rules = HIDDEN));

SCHEMA(access_query_schema, "AccessQuery", struct access_query, FIELD_PAGE(struct access_query, page),
       FIELD_TIME(struct access_query, from, .summary = "Entries at this time or later"),
       FIELD_TIME(struct access_query, until, .summary = "Entries before this time"),
       FIELD_TEXT(struct access_query, action, .min = 1, .max = 80, .summary = "Only entries of this action"));

static enum status check_cursor(struct request *rq, const char *after)
{
    int64_t id;
    if (after && !text_integer(after, &id))
        return fail(&rq->problem, INVALID, "after", "must be the next of an earlier page");
    return OK;
}

enum status access_log_list(struct request *rq)
{
    struct access_query query = {0};
    struct record_list list;
    const char *id;
    TRY(request_id(rq, "patient_id", &id));
    TRY(request_input(rq, &query));
    TRY(check_cursor(rq, rq->page.after));
    TRY(access_log_page(&rq->db, id, &query, &rq->page, &list));
    if (list.count == 0)
        TRY(access_log_find_patient(&rq->db, id));
    return reply_page(rq, &list);
}
