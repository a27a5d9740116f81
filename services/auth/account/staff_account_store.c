#include "services/auth/account/staff_account.h"

#include "common/audit/access_log.h"

#define COLUMNS \
    "a.id, a.name, CASE a.role WHEN 'admin' THEN 'normal' ELSE a.role END AS role, a.disabled, a.created_at," \
    " a.version"
#define ROLE_OF(parameter) "CASE " parameter "::text WHEN 'normal' THEN 'admin' ELSE " parameter " END"

/* The condition of the index account_managed, so that the few are found among the many. */
#define MANAGED          "a.role IN ('superuser', 'admin', 'researcher', 'client')"
#define AMONG(parameter) MANAGED " AND a.role = ANY (" parameter "::text[])"

enum status staff_account_insert(struct db *db, const struct staff_account *a, const char *password_hash,
                                 struct staff_account *out)
{
    /* clang-format off */
    static const char sql[] =
        "INSERT INTO auth.account AS a (id, name, role, password_hash)"
        " VALUES ($1::uuid, $2::text, " ROLE_OF("$3") ", $4::text)"
        " RETURNING " COLUMNS;
    /* clang-format on */
    return db_one(db, sql, PARAMS(a->id, a->name, a->role, password_hash), &admin_schema, out);
}

enum status staff_account_find(struct db *db, const char *among, const char *id, struct staff_account *out)
{
    static const char sql[] =
        AUDITED("account", "$1", "id", "SELECT " COLUMNS " FROM auth.account a WHERE a.id = $1::uuid AND " AMONG("$2"));
    return db_one(db, sql, PARAMS(id, among), &admin_schema, out);
}

enum status staff_account_page(struct db *db, const char *among, const struct page *page, struct record_list *out)
{
    /* clang-format off */
    static const char sql[] =
        AUDITED("account", "NULL", "id",
                "SELECT " COLUMNS ", a.name_key AS page_key"
                " FROM auth.account a"
                " WHERE " AMONG("$3") " AND ($1::text IS NULL OR a.name_key > $1)"
                " ORDER BY a.name_key LIMIT $2::int");
    /* clang-format on */
    return db_all(db, sql, PARAMS(page->after, page->limit, among), &admin_schema, out);
}

/* Found as one of its kind before; nobody changes kinds. */
enum status staff_account_update_row(struct db *db, const struct staff_account *a, struct staff_account *out)
{
    /* clang-format off */
    static const char sql[] =
        "UPDATE auth.account a"
        " SET role = " ROLE_OF("$3") ", disabled = $4::boolean"
        " WHERE a.id = $1::uuid AND a.version = $2::bigint AND " MANAGED
        " RETURNING " COLUMNS;
    /* clang-format on */
    return db_one(db, sql, PARAMS(a->id, db_integer(db, a->version), a->role, db_boolean(a->disabled)), &admin_schema,
                  out);
}

enum status staff_account_delete_row(struct db *db, const struct staff_account *a)
{
    static const char sql[] = "DELETE FROM auth.account a"
                              " WHERE a.id = $1::uuid AND a.version = $2::bigint"
                              " AND " MANAGED;
    return db_run(db, sql, PARAMS(a->id, db_integer(db, a->version)));
}
