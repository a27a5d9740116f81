#include "services/analytics/prediction.h"

#include "common/access_log.h"

LOCAL_SCHEMA(patient_schema, "Patient", struct patient, FIELD_UUID(struct patient, id),
             FIELD_TEXT(struct patient, status), FIELD_INTEGER(struct patient, mmse),
             FIELD_INTEGER(struct patient, age));

#define COLUMNS "id, status, mmse, extract(year FROM age(current_date, birth_date))::int AS age"

enum status patient_find(struct db *db, const char *id, struct patient *out)
{
    static const char sql[] =
        LOGGED("person", "$1", "id", "SELECT " COLUMNS " FROM users.published_person WHERE id = $1::uuid");
    return db_one(db, sql, PARAMS(id), &patient_schema, out);
}

enum status patient_find_by_name(struct db *db, const char *name, struct patient *out)
{
    static const char sql[] = LOGGED(
        "person", "NULL", "id", "SELECT " COLUMNS " FROM users.published_person WHERE name_key = shared.name_key($1)");
    return db_one(db, sql, PARAMS(name), &patient_schema, out);
}
