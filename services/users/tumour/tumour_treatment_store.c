#include "services/users/tumour/tumour_treatment.h"

#include "common/audit/access_log.h"
#include "common/database/history.h"

/* A row of one treatment, or the tumour alone when it has none. */
LOCAL_SCHEMA(row_schema, "GivenTreatmentRow", struct given_treatment, FIELD_UUID(struct given_treatment, tumour_id),
             FIELD_INTEGER(struct given_treatment, version), FIELD_TEXT(struct given_treatment, treatment),
             FIELD_DATE(struct given_treatment, treated_from), FIELD_DATE(struct given_treatment, treated_until));

/* The rows of one tumour at a time. */
static enum status found(struct db *db, const char *sql, struct db_params params, struct given_treatments *out)
{
    struct record_list rows;
    TRY(db_all(db, sql, params, &row_schema, &rows));
    if (rows.count == 0)
        return NOT_FOUND;
    const struct given_treatment *first = rows.items;
    *out = (struct given_treatments){{rows.items, first->treatment ? rows.count : 0}, first->version};
    return OK;
}

enum status tumour_treatments_find(struct db *db, const char *tumour_id, struct given_treatments *out)
{
    static const char sql[] =
        AUDITED("tumour", "$1", "DISTINCT tumour_id",
                "SELECT t.id AS tumour_id, t.version, g.treatment, g.treated_from, g.treated_until"
                " FROM users.tumour t"
                " LEFT JOIN LATERAL (SELECT e.number, e.treatment, e.treated_from, e.treated_until"
                "  FROM users.tumour_treatment e"
                "  WHERE e.tumour_id = t.id"
                "  UNION ALL"
                "  SELECT 32767, t.treatment, t.treated_from, t.treated_until WHERE t.treatment IS NOT NULL) g ON true"
                " WHERE t.id = $1::uuid"
                " ORDER BY g.number");
    return found(db, sql, PARAMS(tumour_id), out);
}

enum status tumour_treatments_find_as_of(struct db *db, const char *tumour_id, const char *as_of,
                                         struct given_treatments *out)
{
    /* clang-format off */
    static const char sql[] =
        AUDITED("tumour", "$1", "DISTINCT tumour_id",
                "SELECT h.id AS tumour_id, h.version, g.treatment, g.treated_from, g.treated_until"
                " FROM " HISTORY_AS_OF("users.tumour_history") " h"
                " LEFT JOIN LATERAL (SELECT e.number, e.treatment, e.treated_from, e.treated_until"
                "  FROM users.tumour_treatment e"
                "  WHERE e.tumour_id = h.id AND e.added_at <= $2::timestamptz"
                "  UNION ALL"
                "  SELECT v.number, v.treatment, v.treated_from, v.treated_until"
                "  FROM users.tumour_treatment_version v"
                "  WHERE v.tumour_id = h.id AND v.added_at <= $2::timestamptz AND v.removed_at > $2::timestamptz"
                "  UNION ALL"
                "  SELECT 32767, (h.record).treatment, (h.record).treated_from, (h.record).treated_until"
                "  WHERE (h.record).treatment IS NOT NULL) g ON true"
                " ORDER BY g.number");
    /* clang-format on */
    return found(db, sql, PARAMS(tumour_id, as_of), out);
}

static enum status insert(struct db *db, const char *tumour_id, int number, const struct given_treatment *g)
{
    static const char sql[] =
        "INSERT INTO users.tumour_treatment (tumour_id, number, treatment, treated_from, treated_until)"
        " VALUES ($1::uuid, $2::smallint, $3, $4::date, $5::date)";
    const char *place = db_number(db, number);
    return db_run(db, sql, PARAMS(tumour_id, place, g->treatment, g->treated_from, g->treated_until));
}

enum status tumour_treatments_store(struct db *db, const char *tumour_id, const struct record_list *earlier)
{
    static const char sql[] = "DELETE FROM users.tumour_treatment WHERE tumour_id = $1::uuid";
    const struct given_treatment *all = earlier->items;
    TRY(if_any(db_run(db, sql, PARAMS(tumour_id))));
    for (size_t i = 0; i < earlier->count; i++)
        TRY(insert(db, tumour_id, (int)i + 1, &all[i]));
    return OK;
}
