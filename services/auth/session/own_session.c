#include "services/auth/session/own_session.h"

#include "services/auth/session/session.h"

#include <string.h>

SCHEMA(own_session_schema, "Session", struct own_session, FIELD_UUID(struct own_session, id),
       FIELD_TEXT(struct own_session, device, .summary = "User agent at the last use of the session"),
       FIELD_TEXT(struct own_session, address, .summary = "Address at the last use: IPv4 or IPv6"),
       FIELD_TIME(struct own_session, created_at),
       FIELD_TIME(struct own_session, used_at, .summary = "Time of the login or of the last refresh"),
       FIELD_TIME(struct own_session, expires_at, .summary = "Time at which the session ends, refreshed or not"),
       FIELD_BOOLEAN(struct own_session, current, .summary = "The caller's current session"),
       FIELD_TEXT(struct own_session, page_key, .rules = HIDDEN));

SCHEMA(own_session_end_schema, "SessionEnd", struct own_session_end,
       FIELD_BOOLEAN(struct own_session_end, all, .summary = "Also end the caller's current session"));

enum status own_session_list(struct request *rq)
{
    struct record_list list;
    TRY(own_session_page(&rq->db, rq->who.account_id, rq->who.session_id, &rq->page, &list));
    return reply_page(rq, &list);
}

enum status own_session_delete(struct request *rq)
{
    const char *id;
    TRY(request_id(rq, "session_id", &id));
    TRY(session_end(&rq->db, id, rq->who.account_id));
    if (strcmp(id, rq->who.session_id) == 0)
        session_clear_cookies(rq);
    return reply_empty(rq);
}

enum status own_session_delete_all(struct request *rq)
{
    struct own_session_end end = {0};
    TRY(request_input(rq, &end));
    TRY(if_any(session_end_all(&rq->db, rq->who.account_id, end.all.value ? NULL : rq->who.session_id)));
    if (end.all.value)
        session_clear_cookies(rq);
    return reply_empty(rq);
}
