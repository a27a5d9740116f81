#include "services/users/person/person.h"

#include "common/audit/access_log.h"
#include "common/database/history.h"

#define COLUMNS_ON(day) \
    "p.id AS user_id, p.name, p.status, p.specialty, p.birth_date, p.birth_date_estimated," \
    " extract(year FROM age(" day ", p.birth_date))::int AS age, p.mmse, p.sex, p.schooling_years, p.caregiver_id," \
    " p.created_at, p.updated_at, p.version"
#define COLUMNS COLUMNS_ON("current_date")

enum status person_insert(struct db *db, const struct person *p, const char *password_hash, struct person *out)
{
    static const char sql[] =
        "WITH account AS (SELECT auth.create_account($1::uuid, $2::text, $3::text, $4::text, $5::text) AS id)"
        " INSERT INTO users.person AS p"
        " (id, name, status, specialty, birth_date, birth_date_estimated, mmse, caregiver_id, sex, schooling_years)"
        " SELECT id, $2::text, $3::text, $4::text, $6::date, $7::boolean, $8::smallint, $9::uuid, $10::text,"
        " $11::smallint"
        " FROM account"
        " RETURNING " COLUMNS;
    return db_one(db, sql,
                  PARAMS(p->user_id, p->name, p->status, p->specialty, password_hash, p->birth_date,
                         db_boolean(p->birth_date_estimated), db_integer(db, p->mmse), p->caregiver_id, p->sex,
                         db_integer(db, p->schooling_years)),
                  &person_schema, out);
}

enum status person_find(struct db *db, const char *id, struct person *out)
{
    static const char sql[] =
        AUDITED("person", "$1", "user_id", "SELECT " COLUMNS " FROM users.person p WHERE p.id = $1::uuid");
    return db_one(db, sql, PARAMS(id), &person_schema, out);
}

enum status person_find_by_name(struct db *db, const char *name, struct person *out)
{
    static const char sql[] = AUDITED("person", "NULL", "user_id",
                                      "SELECT " COLUMNS " FROM users.person p WHERE p.name_key = shared.name_key($1)");
    return db_one(db, sql, PARAMS(name), &person_schema, out);
}

enum status person_page(struct db *db, const struct person_query *query, const struct page *page,
                        struct record_list *out)
{
    static const char sql[] =
        AUDITED("person", "NULL", "user_id",
                "SELECT " COLUMNS ", p.name_key AS page_key"
                " FROM users.person p"
                " WHERE ($1::text IS NULL OR p.name_key > $1) AND ($2::text IS NULL OR p.status = $2)"
                " AND ($3::text IS NULL OR p.specialty = $3)"
                " ORDER BY p.name_key LIMIT $4::int");
    return db_all(db, sql, PARAMS(page->after, query->status, query->specialty, page->limit), &person_schema, out);
}

enum status person_page_of_caregiver(struct db *db, const char *caregiver_id, const struct page *page,
                                     struct record_list *out)
{
    static const char sql[] = AUDITED("person", "NULL", "user_id",
                                      "SELECT " COLUMNS ", p.name_key AS page_key"
                                      " FROM users.person p"
                                      " WHERE p.caregiver_id = $1::uuid AND ($2::text IS NULL OR p.name_key > $2)"
                                      " ORDER BY p.name_key LIMIT $3::int");
    return db_all(db, sql, PARAMS(caregiver_id, page->after, page->limit), &person_schema, out);
}

/* One entry in the access log for all of them: it is the history that is read. */
enum status person_page_of_history(struct db *db, const char *id, const struct page *page, struct record_list *out)
{
    /* clang-format off */
    static const char sql[] =
        AUDITED("person", "$1", "DISTINCT user_id",
                "SELECT h.id AS user_id, " HISTORY_MEMBERS ", h.name, h.status, h.specialty, h.birth_date, h.mmse,"
                " h.sex, h.schooling_years, h.caregiver_id, h.birth_date_estimated, h.created_at, k.page_key"
                HISTORY_PAGE("users.person_history", "h.id = $1::uuid", "$2", "$3"));
    /* clang-format on */
    return db_all(db, sql, PARAMS(id, page->after, page->limit), &person_version_schema, out);
}

enum status person_find_as_of(struct db *db, const char *id, const char *as_of, struct person *out)
{
    static const char sql[] =
        AUDITED("person", "$1", "user_id",
                "SELECT " COLUMNS_ON("$2::timestamptz::date") " FROM " HISTORY_AS_OF("users.person_history") " p");
    return db_one(db, sql, PARAMS(id, as_of), &person_schema, out);
}

/* The version decides, so that of two changes at the same time one is told that it came too late. */
enum status person_update_row(struct db *db, const struct person *p, struct person *out)
{
    static const char sql[] =
        "WITH target AS (SELECT id FROM users.person WHERE id = $1::uuid AND version = $2::bigint FOR UPDATE),"
        " account AS (SELECT auth.update_account(id, $3::text, $4::text) AS id FROM target)"
        " UPDATE users.person p"
        " SET name = $3, specialty = $4, birth_date = $5::date, birth_date_estimated = $6::boolean,"
        " mmse = $7::smallint, caregiver_id = $8::uuid, sex = $9::text, schooling_years = $10::smallint"
        " FROM account"
        " WHERE p.id = account.id"
        " RETURNING " COLUMNS;
    return db_one(db, sql,
                  PARAMS(p->user_id, db_integer(db, p->version), p->name, p->specialty, p->birth_date,
                         db_boolean(p->birth_date_estimated), db_integer(db, p->mmse), p->caregiver_id, p->sex,
                         db_integer(db, p->schooling_years)),
                  &person_schema, out);
}

enum status person_delete_row(struct db *db, const struct person *p)
{
    static const char sql[] =
        "WITH gone AS (DELETE FROM users.person WHERE id = $1::uuid AND version = $2::bigint RETURNING id)"
        " SELECT auth.delete_account(id) FROM gone";
    return db_run(db, sql, PARAMS(p->user_id, db_integer(db, p->version)));
}
