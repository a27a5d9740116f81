#include "services/users/assessment/trend.h"

#include "common/audit/access_log.h"

LOCAL_SCHEMA(row_schema, "TrendRow", struct trend_score, FIELD_DATE(struct trend_score, assessed_on),
             FIELD_INTEGER(struct trend_score, mmse), FIELD_UUID(struct trend_score, patient_id),
             FIELD_DATE(struct trend_score, birth_date), FIELD_INTEGER(struct trend_score, schooling_years));

/* Of very many the latest are taken. One entry in the access log for all of them. */
enum status trend_scores(struct db *db, const char *patient_id, struct record_list *out)
{
    static const char sql[] =
        AUDITED("assessment", "$1", "DISTINCT patient_id",
                "SELECT latest.assessed_on, latest.mmse, latest.patient_id, latest.birth_date, latest.schooling_years"
                " FROM (SELECT a.assessed_on, a.mmse, a.patient_id, p.birth_date, p.schooling_years, a.number"
                "  FROM users.assessment a JOIN users.person p ON p.id = a.patient_id"
                "  WHERE a.patient_id = $1::uuid"
                "  ORDER BY a.assessed_on DESC, a.number DESC LIMIT $2::int) latest"
                " ORDER BY latest.assessed_on, latest.number");
    return db_all(db, sql, PARAMS(patient_id, db_number(db, TREND_SCORES_MAX)), &row_schema, out);
}

LOCAL_SCHEMA(rank_schema, "RankRow", struct trend_rank, FIELD_INTEGER(struct trend_rank, patients),
             FIELD_INTEGER(struct trend_rank, below), FIELD_INTEGER(struct trend_rank, equal));

enum status trend_rank_find(struct db *db, const struct trend_group *g, struct date today, int64_t mmse,
                            struct trend_rank *out)
{
    static const char sql[] = "SELECT patients, below, equal"
                              " FROM users.rank_mmse($1::date, $2::date, $3::int, $4::int, $5::int)";
    struct date first, last;
    char first_text[DATE_SIZE], last_text[DATE_SIZE];
    trend_group_births(g, today, &first, &last);
    date_print(first, first_text);
    date_print(last, last_text);
    return db_one(db, sql,
                  PARAMS(first_text, last_text, db_integer(db, (struct maybe_integer){g->schooled, g->min_schooling}),
                         db_integer(db, (struct maybe_integer){g->schooled, g->max_schooling}), db_number(db, mmse)),
                  &rank_schema, out);
}
