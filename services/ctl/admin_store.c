#include "services/ctl/admin.h"

#include "common/base/text.h"

enum status admin_insert(PGconn *pg, const char *name, const char *role, const char *password_hash, struct problem *why)
{
    static const char sql[] = "INSERT INTO auth.account (id, name, role, password_hash) VALUES ($1, $2, $3, $4)";
    AUTO(db_result_drop) PGresult *r = NULL;
    char id[33];
    text_new_uuid(id);
    return database_ask(pg, sql, 4, (const char *const[]){id, name, role, password_hash}, why, &r);
}

enum status admin_reset_second_factor(PGconn *pg, const char *name, struct problem *why)
{
    static const char sql[] = "SELECT FROM auth.account a"
                              " WHERE a.name_key = shared.name_key($1) AND auth.reset_second_factor(a.id)";
    AUTO(db_result_drop) PGresult *r = NULL;
    TRY(database_ask(pg, sql, 1, &name, why, &r));
    return PQntuples(r) > 0 ? OK : fail(why, NOT_FOUND, NULL, "Nobody of that name has a second factor.");
}
