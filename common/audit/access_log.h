/* Entries in the access log: an account has read or written data of a person.
 *
 * The auth service keeps the log; its view auth.access_entry takes entries, and PostgreSQL adds actor, time and request
 * (struct db_actor). Triggers of the tables enter writes. The statement that reads also enters the read, so that one is
 * not without the other and neither costs a round trip. */
#pragma once

#include "common/database/db.h"

/* The statement sql with its entries: one for each row found, whose column or expression subject is the person's id; or
 * a single one, "absent", if no row is found. wanted is the id that was asked for ("$1::uuid"), or NULL. The rows keep
 * their order: they are materialized once and read as they were written. */
#define AUDITED(object, wanted, subject, sql) \
    "WITH found AS MATERIALIZED (" sql ")," \
    " entered AS (INSERT INTO auth.access_entry (subject_id, object, outcome)" \
    " SELECT " subject ", '" object "', 'read' FROM found" \
    " UNION ALL SELECT " wanted "::uuid, '" object "', 'absent' WHERE NOT EXISTS (SELECT FROM found))" \
    " SELECT * FROM found"

/* The same with a single entry for all rows: subject ("$1") is the id of the person whose data they are. */
#define AUDITED_ONCE(object, subject, sql) \
    "WITH found AS MATERIALIZED (" sql ")," \
    " entered AS (INSERT INTO auth.access_entry (subject_id, object, outcome)" \
    " SELECT " subject "::uuid, '" object "', CASE WHEN EXISTS (SELECT FROM found) THEN 'read' ELSE 'absent' END)" \
    " SELECT * FROM found"

/* Enters that a known account was refused the route's data. subject_id: their person; NULL: no single one. */
enum status access_log_refusal(struct db *db, const char *subject_id);
