#include "services/auth/account/managed_account.h"

#include "common/audit/access_log.h"

#define COLUMNS                   "a.id, a.name, a.role, a.specialty, a.disabled, a.created_at, a.version"
#define MAY_BE_SEEN_BY(parameter) "(a.role NOT IN ('superuser', 'admin') OR " parameter "::text = 'superuser')"

enum status managed_account_find(struct db *db, const char *id, enum role asking, struct managed_account *out)
{
    static const char sql[] = AUDITED("account", "$1", "id",
                                      "SELECT " COLUMNS " FROM auth.account a"
                                      " WHERE a.id = $1::uuid AND " MAY_BE_SEEN_BY("$2"));
    return db_one(db, sql, PARAMS(id, role_name(asking)), &managed_account_schema, out);
}

enum status managed_account_update_row(struct db *db, const struct managed_account *a, enum role asking,
                                       struct managed_account *out)
{
    static const char sql[] = "UPDATE auth.account a"
                              " SET disabled = $4::boolean"
                              " WHERE a.id = $1::uuid"
                              " AND a.version = $3::bigint AND " MAY_BE_SEEN_BY("$2") " RETURNING " COLUMNS;
    return db_one(db, sql, PARAMS(a->id, role_name(asking), db_integer(db, a->version), db_boolean(a->disabled)),
                  &managed_account_schema, out);
}
