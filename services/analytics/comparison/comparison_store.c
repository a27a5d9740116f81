#include "services/analytics/comparison/comparison.h"

#include "common/audit/access_log.h"

#define KEPT_KEY "(to_char(created_at, 'YYYY-MM-DD HH24:MI:SS.US ') || id::text) COLLATE \"C\""
#define ITEM \
    "id AS comparison_id, tumour_id, owner_id AS created_by, created_at, updated_at, outcome, verdict, recommended," \
    " decision, decided_treatment, reason, decided_by, decided_at, version"
#define ALL_OF_IT ITEM ", request, cohort, answer"

/* clang-format off */
LOCAL_SCHEMA(row_schema, "TreatmentComparisonRow", struct kept_comparison,
             FIELD_UUID(struct kept_comparison, comparison_id),
             FIELD_UUID(struct kept_comparison, tumour_id),
             FIELD_UUID(struct kept_comparison, created_by),
             FIELD_TIME(struct kept_comparison, created_at),
             FIELD_TIME(struct kept_comparison, updated_at),
             FIELD_TEXT(struct kept_comparison, outcome),
             FIELD_TEXT(struct kept_comparison, verdict),
             FIELD_TEXT(struct kept_comparison, recommended),
             FIELD_TEXT(struct kept_comparison, decision),
             FIELD_TEXT(struct kept_comparison, decided_treatment),
             FIELD_TEXT(struct kept_comparison, reason),
             FIELD_UUID(struct kept_comparison, decided_by),
             FIELD_TIME(struct kept_comparison, decided_at),
             FIELD_INTEGER(struct kept_comparison, version),
             FIELD_JSON(struct kept_comparison, request),
             FIELD_JSON(struct kept_comparison, cohort),
             FIELD_JSON(struct kept_comparison, answer),
             FIELD_TEXT(struct kept_comparison, page_key));
/* clang-format on */

/* The decision's columns as the record that is shown. */
static void complete(struct arena *arena, struct kept_comparison *c)
{
    if (!c->decision)
        return;
    c->made = arena_alloc(arena, sizeof *c->made);
    *c->made = (struct decision){c->decision, c->decided_treatment, c->reason, c->decided_by, c->decided_at};
}

static enum status one(struct db *db, const char *sql, struct db_params params, struct kept_comparison *out)
{
    struct kept_comparison c = {0};
    TRY(db_one(db, sql, params, &row_schema, &c));
    complete(db->arena, &c);
    *out = c;
    return OK;
}

enum status comparison_insert(struct db *db, const struct kept_comparison *c, struct kept_comparison *out)
{
    static const char sql[] = "INSERT INTO analytics.treatment_comparison"
                              " (tumour_id, outcome, verdict, recommended, request, cohort, answer)"
                              " VALUES ($1::uuid, $2, $3, $4, $5::json, $6::json, $7::json)"
                              " RETURNING " ALL_OF_IT;
    return one(db, sql, PARAMS(c->tumour_id, c->outcome, c->verdict, c->recommended, c->request, c->cohort, c->answer),
               out);
}

/* A comparison for an invented profile leaves no entry that names a person. */
enum status comparison_find(struct db *db, const char *id, struct kept_comparison *out)
{
    static const char sql[] = AUDITED("treatment_comparison", "NULL", "tumour_id",
                                      "SELECT " ALL_OF_IT " FROM analytics.treatment_comparison WHERE id = $1::uuid");
    return one(db, sql, PARAMS(id), out);
}

enum status comparison_page(struct db *db, const struct comparison_query *query, const struct page *page,
                            struct record_list *out)
{
    static const char sql[] =
        AUDITED("treatment_comparison", "$3", "DISTINCT tumour_id",
                "SELECT " ITEM ", " KEPT_KEY " AS page_key"
                " FROM analytics.treatment_comparison"
                " WHERE ($1::text IS NULL OR " KEPT_KEY " < $1) AND ($3::uuid IS NULL OR tumour_id = $3::uuid)"
                " AND ($4::text IS NULL OR outcome = $4) AND ($5::text IS NULL OR verdict = $5)"
                " ORDER BY created_at DESC, id DESC LIMIT $2::int");
    struct record_list found;
    TRY(db_all(db, sql, PARAMS(page->after, page->limit, query->tumour_id, query->outcome, query->verdict), &row_schema,
               &found));
    struct kept_comparison *items = found.items;
    for (size_t i = 0; i < found.count; i++)
        complete(db->arena, &items[i]);
    *out = found;
    return OK;
}

enum status comparison_delete_row(struct db *db, const struct kept_comparison *c)
{
    static const char sql[] = "DELETE FROM analytics.treatment_comparison WHERE id = $1::uuid AND version = $2::bigint";
    return db_run(db, sql, PARAMS(c->comparison_id, db_integer(db, c->version)));
}

enum status comparison_decide_row(struct db *db, const struct kept_comparison *c, const struct decision *d,
                                  struct kept_comparison *out)
{
    static const char sql[] = "UPDATE analytics.treatment_comparison"
                              " SET decision = $3, decided_treatment = $4, reason = $5"
                              " WHERE id = $1::uuid AND version = $2::bigint"
                              " RETURNING " ITEM;
    return one(db, sql, PARAMS(c->comparison_id, db_integer(db, c->version), d->decision, d->treatment, d->reason),
               out);
}

/* clang-format off */
LOCAL_SCHEMA(label_schema, "TreatmentLabel", struct treatment_label,
             FIELD_TEXT(struct treatment_label, code),
             FIELD_TEXT(struct treatment_label, label));
/* clang-format on */

enum status comparison_labels(struct db *db, struct record_list *out)
{
    static const char sql[] = "SELECT code, label FROM users.treatment";
    return db_all(db, sql, NO_PARAMS, &label_schema, out);
}

enum status comparison_apply_treatment(struct db *db, const char *tumour_id, const char *treatment)
{
    static const char sql[] = "SELECT WHERE users.accept_treatment($1::uuid, $2)";
    return db_run(db, sql, PARAMS(tumour_id, treatment));
}
