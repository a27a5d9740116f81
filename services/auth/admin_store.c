#include "services/auth/admin.h"

#define COLUMNS \
    "a.id, a.name, CASE a.role WHEN 'admin' THEN 'normal' ELSE a.role END AS role, a.disabled, a.created_at, " \
    "a.version"
#define ROLE_OF(parameter) "CASE " parameter "::text WHEN 'normal' THEN 'admin' ELSE " parameter " END"
#define ADMINISTRATORS     "a.role IN ('superuser', 'admin')"

enum status admin_insert(struct db *db, const struct admin *a, const char *password_hash, struct admin *out)
{
    static const char sql[] =
        "INSERT INTO auth.account AS a (id, name, role, password_hash) VALUES ($1::uuid, $2::text,"
        " " ROLE_OF("$3") ", $4::text) RETURNING " COLUMNS;
    return db_one(db, sql, PARAMS(a->id, a->name, a->role, password_hash), &admin_schema, out);
}

enum status admin_find(struct db *db, const char *id, struct admin *out)
{
    static const char sql[] = "SELECT " COLUMNS " FROM auth.account a WHERE a.id = $1::uuid AND " ADMINISTRATORS;
    return db_one(db, sql, PARAMS(id), &admin_schema, out);
}

enum status admin_page(struct db *db, const struct page_params *page, struct record_list *out)
{
    static const char sql[] = "SELECT " COLUMNS ", a.name_key AS page_key FROM auth.account a WHERE " ADMINISTRATORS
                              " AND ($1::text IS NULL OR a.name_key > $1) ORDER BY a.name_key LIMIT $2::int";
    return db_all(db, sql, PARAMS(page->after, page->limit), &admin_schema, out);
}

enum status admin_update_row(struct db *db, const struct admin *a, struct admin *out)
{
    static const char sql[] = "UPDATE auth.account a SET role = " ROLE_OF(
        "$3") ", disabled = $4::boolean"
              " WHERE a.id = $1::uuid AND a.version = $2::bigint AND " ADMINISTRATORS " RETURNING " COLUMNS;
    return db_one(db, sql, PARAMS(a->id, db_integer(db, a->version), a->role, db_boolean(a->disabled)), &admin_schema,
                  out);
}

enum status admin_delete_row(struct db *db, const struct admin *a)
{
    static const char sql[] = "DELETE FROM auth.account a WHERE a.id = $1::uuid AND a.version = $2::bigint"
                              " AND " ADMINISTRATORS;
    return db_run(db, sql, PARAMS(a->id, db_integer(db, a->version)));
}
