#include "services/auth/session/own_session.h"

/* The key of a page is text of fixed width, so that whatever comes as one is only compared. */
enum status own_session_page(struct db *db, const char *account_id, const char *current, const struct page *page,
                             struct record_list *out)
{
    static const char sql[] =
        "WITH mine AS (SELECT id, device, host(address) AS address, created_at, used_at, expires_at,"
        "  id = $2::uuid AS current, to_char(used_at, 'YYYYMMDDHH24MISSUS') || id::text COLLATE \"C\" AS page_key"
        "  FROM auth.session"
        "  WHERE account_id = $1::uuid AND ended_at IS NULL AND expires_at > now())"
        " SELECT * FROM mine"
        " WHERE $3::text IS NULL OR page_key < $3"
        " ORDER BY page_key DESC LIMIT $4::int";
    return db_all(db, sql, PARAMS(account_id, current, page->after, page->limit), &own_session_schema, out);
}
