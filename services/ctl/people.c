#include "services/ctl/people.h"

#include "services/ctl/invented_tumour.h"

#include <stdlib.h>

enum status people_count(PGconn *pg, struct problem *why, long *out)
{
    AUTO(db_result_drop) PGresult *r = NULL;
    TRY(database_ask(pg, "SELECT (SELECT count(*) FROM users.person) + (SELECT count(*) FROM users.tumour)", 0, NULL,
                     why, &r));
    *out = strtol(PQgetvalue(r, 0, 0), NULL, 10);
    return OK;
}

enum status people_refuse_any(PGconn *pg, struct problem *why)
{
    long count = 0;
    TRY(database_run(pg, "LOCK TABLE users.person IN SHARE ROW EXCLUSIVE MODE", why));
    TRY(people_count(pg, why, &count));
    if (count > 0)
        return fail(why, CONFLICT, NULL, "The database already holds %ld people; mnemosctl rebuild replaces them.",
                    count);
    return OK;
}

enum status people_remove(PGconn *pg, struct problem *why)
{
    return database_run(pg,
                        "LOCK TABLE users.person IN ACCESS EXCLUSIVE MODE;"
                        "UPDATE auth.session s SET ended_at = now()"
                        " FROM users.person p"
                        " WHERE s.account_id = p.id AND s.ended_at IS NULL AND s.expires_at > now();"
                        "DELETE FROM auth.account a USING users.person p"
                        " WHERE a.id = p.id AND a.role NOT IN ('superuser', 'admin');"
                        "TRUNCATE users.person, users.assessment, users.tumour, users.tumour_treatment",
                        why);
}

enum status people_copy_accounts(struct copy *c, PGconn *pg, struct problem *why)
{
    return copy_begin(c, pg, "COPY auth.account (id, name, role, specialty, password_hash) FROM STDIN", why);
}

enum status people_copy_persons(struct copy *c, PGconn *pg, struct problem *why)
{
    return copy_begin(c, pg,
                      "COPY users.person (id, name, status, specialty, birth_date, birth_date_estimated, mmse, "
                      "caregiver_id, sex, schooling_years) FROM STDIN",
                      why);
}

enum status people_copy_assessments(struct copy *c, PGconn *pg, struct problem *why)
{
    return copy_begin(c, pg, "COPY users.assessment (id, patient_id, assessed_on, mmse) FROM STDIN", why);
}

enum status people_agree_already(PGconn *pg, struct problem *why)
{
    return database_run(pg,
                        "ALTER TABLE users.person DISABLE TRIGGER person_assessed_first;"
                        "ALTER TABLE users.assessment DISABLE TRIGGER assessment_inserted",
                        why);
}

enum status people_agree_again(PGconn *pg, struct problem *why)
{
    return database_run(pg,
                        "ALTER TABLE users.person ENABLE TRIGGER person_assessed_first;"
                        "ALTER TABLE users.assessment ENABLE TRIGGER assessment_inserted",
                        why);
}

#define X(name) #name ", "
enum status people_copy_tumours(struct copy *c, PGconn *pg, struct problem *why)
{
    return copy_begin(c, pg, "COPY users.tumour (" INVENTED_COLUMNS(X) "version) FROM STDIN", why);
}
#undef X

enum status people_mark_invented(PGconn *pg, struct problem *why)
{
    return database_run(pg, "INSERT INTO auth.demonstration DEFAULT VALUES ON CONFLICT DO NOTHING", why);
}

enum status people_vacuum(PGconn *pg, struct problem *why)
{
    return database_run(pg,
                        "VACUUM (ANALYZE) auth.account, users.person, users.assessment, users.person_tally, "
                        "users.mmse_tally, users.tumour",
                        why);
}
