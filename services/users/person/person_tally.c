#include "services/users/person/population.h"

LOCAL_SCHEMA(current_user_schema, "CurrentUser", struct current_user, FIELD_UUID(struct current_user, id),
             FIELD_TEXT(struct current_user, name), FIELD_ENUM(struct current_user, role, role_names),
             FIELD_ENUM(struct current_user, specialty, specialty_names));

SCHEMA(population_schema, "Population", struct population,
       FIELD_INTEGER(struct population, users, .summary = "Patients, healthpros and caregivers together"),
       FIELD_INTEGER(struct population, patients), FIELD_INTEGER(struct population, healthpros),
       FIELD_INTEGER(struct population, caregivers), FIELD_TEXT(struct population, name, .rules = HIDDEN),
       FIELD_RECORD(struct population, current_user, current_user_schema, struct current_user, .rules = OMIT_NULL));

/* account_id: NULL when nobody is logged in. */
static enum status population_count(struct db *db, const char *account_id, struct population *out)
{
    static const char sql[] = "SELECT coalesce(sum(people), 0) AS users,"
                              " coalesce(sum(people) FILTER (WHERE status = 'patient'), 0) AS patients,"
                              " coalesce(sum(people) FILTER (WHERE status = 'healthpro'), 0) AS healthpros,"
                              " coalesce(sum(people) FILTER (WHERE status = 'caregiver'), 0) AS caregivers,"
                              " (SELECT name FROM auth.published_account WHERE id = $1::uuid) AS name"
                              " FROM users.person_tally";
    return db_one(db, sql, PARAMS(account_id), &population_schema, out);
}

enum status population_status(struct request *rq)
{
    const struct principal *who = &rq->who;
    struct population population;
    TRY(population_count(&rq->db, who->role == ANONYMOUS ? NULL : who->account_id, &population));
    struct current_user user = {who->account_id, population.name, role_name(who->role), specialty_name(who->specialty)};
    if (who->role != ANONYMOUS)
        population.current_user = &user;
    return reply_record(rq, &population);
}
