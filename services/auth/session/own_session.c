#include "services/auth/session/own_session.h"

#include <string.h>

SCHEMA(own_session_schema, "Session", struct own_session, FIELD_UUID(struct own_session, id),
       FIELD_TEXT(struct own_session, device, .summary = "User agent at the last use of the session"),
       FIELD_TEXT(struct own_session, address, .summary = "Address at the last use: IPv4 or IPv6"),
       FIELD_TIME(struct own_session, created_at),
       FIELD_TIME(struct own_session, used_at, .summary = "Time of the login or of the last refresh"),
       FIELD_TIME(struct own_session, expires_at, .summary = "Time at which the session ends, refreshed or not"),
       FIELD_BOOLEAN(struct own_session, current, .summary = "The caller's current session"),
       FIELD_TEXT(struct own_session, page_key, .rules = HIDDEN));

SCHEMA(own_session_query_schema, "SessionQuery", struct own_session_query, FIELD_PAGE(struct own_session_query, page));

SCHEMA(own_session_end_schema, "SessionEnd", struct own_session_end,
       FIELD_BOOLEAN(struct own_session_end, all, .summary = "Also end the caller's current session"));

void device_clean(const char *user_agent, char out[DEVICE_SIZE])
{
    size_t used = 0;
    bool gap = false;
    for (const char *c = user_agent ? user_agent : ""; *c && used < DEVICE_SIZE - 2; c++) {
        if (*c <= ' ' || *c >= 0x7f) {
            gap = used > 0;
            continue;
        }
        if (gap)
            out[used++] = ' ';
        gap = false;
        out[used++] = *c;
    }
    out[used] = '\0';
}

struct session_use session_use_of(struct request *rq)
{
    char device[DEVICE_SIZE];
    device_clean(rq->user_agent, device);
    return (struct session_use){.device = *device ? arena_text(rq->arena, device) : NULL,
                                .address = rq->client_address};
}

enum status own_session_list(struct request *rq)
{
    struct own_session_query query = {0};
    struct page_params page;
    struct record_list list;
    TRY(request_input(rq, &query));
    TRY(request_page(rq, &query.page, &page));
    TRY(own_session_page(&rq->db, rq->who.account_id, rq->who.session_id, &page, &list));
    return reply_page(rq, &query.page, &list);
}

enum status own_session_delete(struct request *rq)
{
    const char *id;
    TRY(request_id(rq, "session_id", &id));
    enum status ended = session_end(&rq->db, id, rq->who.account_id);
    if (ended == NOT_FOUND)
        return request_absent(rq, "session");
    TRY(ended);
    if (strcmp(id, rq->who.session_id) == 0)
        session_clear_cookies(rq);
    return reply_empty(rq);
}

enum status own_session_delete_all(struct request *rq)
{
    struct own_session_end end = {0};
    TRY(request_input(rq, &end));
    enum status ended = session_end_all(&rq->db, rq->who.account_id, end.all.value ? NULL : rq->who.session_id);
    if (ended != NOT_FOUND) /* there are no others */
        TRY(ended);
    if (end.all.value)
        session_clear_cookies(rq);
    return reply_empty(rq);
}
