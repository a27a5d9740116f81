#include "services/auth/outside/identity.h"

#define COLUMNS "i.id, i.issuer, i.subject, i.provisioned, i.linked_by, i.created_at"

enum status identity_page(struct db *db, const char *account_id, const struct page *page, struct record_list *out)
{
    static const char sql[] = "SELECT " COLUMNS ", i.id AS page_key"
                              " FROM auth.external_identity i"
                              " WHERE i.account_id = $1::uuid AND ($2::text IS NULL OR i.id::text COLLATE \"C\" > $2)"
                              " ORDER BY i.id LIMIT $3::int";
    return db_all(db, sql, PARAMS(account_id, page->after, page->limit), &identity_schema, out);
}

enum status identity_insert(struct db *db, const char *account_id, const struct identity *identity,
                            const char *linked_by, struct identity *out)
{
    static const char sql[] = "INSERT INTO auth.external_identity AS i (id, account_id, issuer, subject, linked_by)"
                              " VALUES ($1::uuid, $2::uuid, $3::text, $4::text, $5::uuid)"
                              " RETURNING " COLUMNS;
    return db_one(db, sql, PARAMS(identity->id, account_id, identity->issuer, identity->subject, linked_by),
                  &identity_schema, out);
}

enum status identity_delete_row(struct db *db, const char *account_id, const char *id)
{
    static const char sql[] = "DELETE FROM auth.external_identity WHERE account_id = $1::uuid AND id = $2::uuid";
    return db_run(db, sql, PARAMS(account_id, id));
}
