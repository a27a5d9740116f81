#include "services/users/tumour/catalogue.h"

#define ENTRY "code, label, active, created_at, updated_at, version"
/* clang-format off */
#define CATALOGUE(table) \
    .page = "SELECT " ENTRY ", code AS page_key" \
            " FROM users." table \
            " WHERE ($1::text IS NULL OR code > $1) AND ($2::boolean IS NULL OR active = $2)" \
            " ORDER BY code LIMIT $3::int", \
    .find = "SELECT " ENTRY " FROM users." table " WHERE code = $1", \
    .insert = "INSERT INTO users." table " (code, label, active)" \
              " VALUES ($1, $2, coalesce($3::boolean, true))" \
              " RETURNING " ENTRY, \
    .update = "UPDATE users." table \
              " SET label = $3, active = $4::boolean" \
              " WHERE code = $1 AND version = $2::bigint" \
              " RETURNING " ENTRY
/* clang-format on */

const struct catalogue treatments = {"/api/v1/treatments", "treatment_code", CATALOGUE("treatment")};
const struct catalogue primary_sites = {"/api/v1/primary-sites", "site_code", CATALOGUE("primary_site")};
const struct catalogue metastasis_diagnostics = {"/api/v1/metastasis-diagnostics", "diagnostic_code",
                                                 CATALOGUE("metastasis_diagnostic")};

enum status catalogue_page(struct db *db, const struct catalogue *c, const struct catalogue_query *query,
                           const struct page *page, struct record_list *out)
{
    return db_all(db, c->page, PARAMS(page->after, db_boolean(query->active), page->limit), &catalogue_entry_schema,
                  out);
}

enum status catalogue_find(struct db *db, const struct catalogue *c, const char *code, struct catalogue_entry *out)
{
    return db_one(db, c->find, PARAMS(code), &catalogue_entry_schema, out);
}

enum status catalogue_insert(struct db *db, const struct catalogue *c, const struct catalogue_entry *e,
                             struct catalogue_entry *out)
{
    return db_one(db, c->insert, PARAMS(e->code, e->label, db_boolean(e->active)), &catalogue_entry_schema, out);
}

enum status catalogue_update_row(struct db *db, const struct catalogue *c, const struct catalogue_entry *e,
                                 struct catalogue_entry *out)
{
    return db_one(db, c->update, PARAMS(e->code, db_integer(db, e->version), e->label, db_boolean(e->active)),
                  &catalogue_entry_schema, out);
}
