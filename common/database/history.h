/* Records with a history: the view TABLE_history has all versions of a record, each with its period and its author. A
 * removal is a version, too.
 *
 * HISTORY_MEMBERS are the columns of a version, for the view as h. */
#pragma once

#include "common/database/db.h"

#define HISTORY_MEMBERS "h.version, h.kind, h.valid_from, h.valid_until, h.changed_by, h.changed_by_role"

/* The same as fields of struct s; roles are the names that changed_by_role can have. */
#define HISTORY_FIELDS(s, roles) \
    FIELD_INTEGER(s, version, .summary = "Number of the version; its ETag is this number in quotation marks"), \
        FIELD_ENUM(s, kind, history_kinds, \
                   .summary = "The operation that made the version; a removed record shows its last members"), \
        FIELD_TIME(s, valid_from, .summary = "Start of the version's validity"), \
        FIELD_TIME(s, valid_until, .summary = "End of the version's validity, exclusive; null: current"), \
        FIELD_UUID(s, changed_by, \
                   .summary = "Account that made the version; null: an operator, or older than the history"), \
        FIELD_ENUM(s, changed_by_role, roles)
extern const char *const history_kinds[4];

/* The versions that fit the condition, newest first, and their page_key. Cursors are text: clients may invent them. */
#define HISTORY_PAGE(view, condition, after, limit) \
    " FROM " view " h, LATERAL (SELECT to_char(h.valid_from, 'YYYY-MM-DD HH24:MI:SS.US ')" \
    " || lpad(h.version::text, 20, '0') COLLATE \"C\") k (page_key)" \
    " WHERE " condition " AND (" after "::text IS NULL OR k.page_key < " after ")" \
    " ORDER BY k.page_key DESC LIMIT " limit "::int"

/* clang-format off */
/* The version of the record $1 that held at the time $2, to select from. Only the newest of that time counts: if it is
 * a removal, the record was not there. */
#define HISTORY_AS_OF(view) \
    "(SELECT * FROM (SELECT *, valid_from AS updated_at" \
    "  FROM " view \
    "  WHERE id = $1::uuid AND valid_from <= $2::timestamptz" \
    "  ORDER BY valid_from DESC, version DESC LIMIT 1) newest" \
    " WHERE kind <> 'removed')"
/* clang-format on */

/* A record as it was: ?as_of=TIME. */
struct as_of {
    const char *as_of; /* NULL: now */
};
extern const struct schema as_of_schema;

/* INVALID for a future time, by PostgreSQL's clock, which dates the versions. The clocks of processors differ by
 * milliseconds, so a second is allowed: the beginning of a version that has just been read is past, whichever processor
 * is asked. */
enum status history_as_of_check(struct db *db, const struct as_of *at);
