#include "services/auth/audit/access_log.h"

#include "common/audit/access_log.h"

/* Row-level security shows patients only their own entries; the address of a request is for administrators. */
enum status access_log_page(struct db *db, const char *patient_id, const struct access_query *query,
                            const struct page *page, struct record_list *out)
{
    static const char sql[] =
        AUDITED_ONCE("access_log", "$1",
                     "SELECT l.at, l.actor_id, auth.access_log_name(l.actor_id) AS actor_name, l.role, l.action,"
                     " l.object, l.outcome, l.service, l.request_id,"
                     " CASE WHEN shared.acting_role() <> 'patient' THEN host(l.address) END AS address,"
                     " l.id AS page_key"
                     " FROM auth.access_log l"
                     " WHERE l.subject_id = $1::uuid AND ($2::bigint IS NULL OR l.id < $2)"
                     " AND ($3::timestamptz IS NULL OR l.at >= $3) AND ($4::timestamptz IS NULL OR l.at < $4)"
                     " AND ($5::text IS NULL OR l.action = $5)"
                     " ORDER BY l.id DESC LIMIT $6::int");
    return db_all(db, sql, PARAMS(patient_id, page->after, query->from, query->until, query->action, page->limit),
                  &access_entry_schema, out);
}

enum status access_log_find_patient(struct db *db, const char *id)
{
    static const char sql[] = "SELECT FROM auth.account"
                              " WHERE id = $1::uuid AND role = 'patient'"
                              " AND (id = shared.acting_account() OR shared.acting_role() IN ('admin', 'superuser'))";
    return db_run(db, sql, PARAMS(id));
}
