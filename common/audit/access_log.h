/* Entries in the access log: who has read or written what of whom.
 *
 * The auth service keeps the log; its view auth.access_entry takes entries, and PostgreSQL adds who, when and which
 * request from what it was told (struct db_actor). Writes enter themselves, by triggers of their tables. A read is
 * entered by the statement that reads, so that one is not without the other and neither costs a round trip. */
#pragma once

#include "common/database/db.h"

/* The statement sql with its entries: one for each row found, whose column or expression subject is the person's id; or
 * a single one that nobody was found. wanted is the id that was asked for ("$1::uuid"), NULL when none was. The rows
 * keep their order: what is found is kept once and read as it was written. */
#define AUDITED(object, wanted, subject, sql) \
    "WITH found AS MATERIALIZED (" sql ")," \
    " entered AS (INSERT INTO auth.access_entry (subject_id, object, outcome)" \
    " SELECT " subject ", '" object "', 'read' FROM found" \
    " UNION ALL SELECT " wanted "::uuid, '" object "', 'absent' WHERE NOT EXISTS (SELECT FROM found))" \
    " SELECT * FROM found"

/* The same with a single entry whatever is found: subject ("$1") is whose data it is, text about all of it. */
#define AUDITED_ONCE(object, subject, sql) \
    "WITH found AS MATERIALIZED (" sql ")," \
    " entered AS (INSERT INTO auth.access_entry (subject_id, object, outcome)" \
    " SELECT " subject "::uuid, '" object "', CASE WHEN EXISTS (SELECT FROM found) THEN 'read' ELSE 'absent' END)" \
    " SELECT * FROM found"

/* Somebody who is known was refused what the route deals with. subject_id: whose data was asked for; NULL: of no single
 * person. */
enum status access_log_refusal(struct db *db, const char *subject_id);
