#include "services/users/person/person_tally.h"

LOCAL_SCHEMA(current_user_schema, "CurrentUser", struct current_user, FIELD_UUID(struct current_user, id),
             FIELD_TEXT(struct current_user, name), FIELD_ENUM(struct current_user, role, role_names),
             FIELD_ENUM(struct current_user, specialty, specialty_names));

SCHEMA(person_tally_schema, "Population", struct person_tally,
       FIELD_INTEGER(struct person_tally, users, .summary = "Patients, healthpros and caregivers together"),
       FIELD_INTEGER(struct person_tally, patients), FIELD_INTEGER(struct person_tally, healthpros),
       FIELD_INTEGER(struct person_tally, caregivers), FIELD_TEXT(struct person_tally, name, .rules = HIDDEN),
       FIELD_RECORD(struct person_tally, current_user, current_user_schema, struct current_user, .rules = OMIT_NULL));

/* account_id: NULL when nobody is logged in. */
static enum status person_tally_count(struct db *db, const char *account_id, struct person_tally *out)
{
    static const char sql[] = "SELECT coalesce(sum(people), 0) AS users,"
                              " coalesce(sum(people) FILTER (WHERE status = 'patient'), 0) AS patients,"
                              " coalesce(sum(people) FILTER (WHERE status = 'healthpro'), 0) AS healthpros,"
                              " coalesce(sum(people) FILTER (WHERE status = 'caregiver'), 0) AS caregivers,"
                              " (SELECT name FROM auth.published_account WHERE id = $1::uuid) AS name"
                              " FROM users.person_tally";
    return db_one(db, sql, PARAMS(account_id), &person_tally_schema, out);
}

enum status person_tally_get(struct request *rq)
{
    const struct principal *who = &rq->who;
    struct person_tally tally;
    TRY(person_tally_count(&rq->db, who->role == ANONYMOUS ? NULL : who->account_id, &tally));
    struct current_user user = {who->account_id, tally.name, role_name(who->role), specialty_name(who->specialty)};
    if (who->role != ANONYMOUS)
        tally.current_user = &user;
    return reply_record(rq, &tally);
}
