#include "services/analytics/comparison/registry.h"

#include "common/audit/access_log.h"
#include "common/base/text.h"
#include "common/base/words.h"

#include <math.h>

const char *const outcome_names[] = {[OUTCOME_PROGRESSION] = "progression", [OUTCOME_DEATH] = "death", NULL};

/* ---- one patient ---- */

struct profile_row {
    const char *tumour_id;
    struct profile profile;
};

#define TRAIT_NUMBER(name_, ...) , FIELD_REAL(struct profile_row, profile.name_, .name = #name_)
#define TRAIT_FACTOR(name_, ...) , FIELD_TEXT(struct profile_row, profile.name_, .name = #name_)
#define TRAIT_CODE               TRAIT_FACTOR
LOCAL_SCHEMA(profile_row_schema, "ProfileRow", struct profile_row,
             FIELD_UUID(struct profile_row, tumour_id) TRAITS(TRAIT_NUMBER, TRAIT_FACTOR, TRAIT_CODE));
#undef TRAIT_NUMBER
#undef TRAIT_FACTOR

enum status registry_profile(struct db *db, const char *tumour_id, struct profile *out)
{
#define TRAIT_COLUMN(name, ...) ", " #name
    /* clang-format off */
    static const char sql[] =
        AUDITED("tumour", "$1", "tumour_id",
                "SELECT tumour_id" TRAITS(TRAIT_COLUMN, TRAIT_COLUMN, TRAIT_COLUMN)
                " FROM users.published_tumour"
                " WHERE tumour_id = $1::uuid");
    /* clang-format on */
    struct profile_row row = {0};
    TRY(db_one(db, sql, PARAMS(tumour_id), &profile_row_schema, &row));
    *out = row.profile;
    return OK;
}

/* ---- many ----
 *
 * They come as one row with a text for each column, its values separated by commas: a hundred thousand patients are
 * some thirty texts, and not three million values with names and addresses. */

struct columns {
    struct maybe_integer patients;
    const char *treatments, *months, *event, *treatment;
    const char *traits[TRAIT_COUNT];
};

#define TRAIT_TEXT(name_, ...) , FIELD_TEXT(struct columns, traits[TRAIT_##name_], .name = #name_)
/* clang-format off */
LOCAL_SCHEMA(columns_schema, "Columns", struct columns,
             FIELD_INTEGER(struct columns, patients),
             FIELD_TEXT(struct columns, treatments),
             FIELD_TEXT(struct columns, months),
             FIELD_TEXT(struct columns, event),
             FIELD_TEXT(struct columns, treatment)
             TRAITS(TRAIT_TEXT, TRAIT_TEXT, TRAIT_TEXT));
/* clang-format on */

/* Numbers and codes have no commas (a code is checked by its catalogue). No treatment comes first among those that can
 * be had, so that the others are compared with it. */
#define LISTED(column, name)  ", string_agg(coalesce(" column "::text, ''), ',') AS " name
#define TRAIT_LIST(name, ...) LISTED(#name, #name)
#define MONTHS                "CASE WHEN $1::boolean THEN overall_survival_months ELSE progression_free_months END"
#define DEAD                  "CASE vital_status WHEN 'dead' THEN 1 WHEN 'alive' THEN 0 END"
#define PROGRESSED            "CASE progression WHEN 'event' THEN 1 WHEN 'censored' THEN 0 END"
#define EVENT                 "CASE WHEN $1::boolean THEN " DEAD " ELSE " PROGRESSED " END"
#define OUTCOME_LISTS         LISTED(MONTHS, "months") LISTED(EVENT, "event") LISTED("treatment", "treatment")
#define TRAIT_LISTS           TRAITS(TRAIT_LIST, TRAIT_LIST, TRAIT_LIST)
#define TREATMENT_LIST        "string_agg(code, ',' ORDER BY code <> 'none', code)"
#define TREATMENTS            "(SELECT " TREATMENT_LIST " FROM users.treatment WHERE active) AS treatments"
#define COHORT                "users.tumour_cohort($2::uuid, $3::int)"

static enum status find_columns(struct db *db, const struct patients_query *query, struct columns *out)
{
    static const char sql[] = "SELECT count(*) AS patients, " TREATMENTS OUTCOME_LISTS TRAIT_LISTS " FROM " COHORT;
    struct maybe_integer one_more = {true, query->at_most + 1};
    return db_one(db, sql,
                  PARAMS(query->outcome == OUTCOME_DEATH ? "true" : "false", query->apart, db_integer(db, one_more)),
                  &columns_schema, out);
}

/* One text for each patient. */
static enum status texts_of(struct db *db, const char *list, size_t patients, const char *const **out)
{
    size_t count;
    *out = words_split(list, db->arena, &count);
    return count == patients ? OK : FAULT;
}

static enum status numbers_of(struct db *db, const char *list, size_t patients, const double **out)
{
    const char *const *texts;
    double *values = arena_alloc(db->arena, (patients + 1) * sizeof *values);
    TRY(texts_of(db, list, patients, &texts));
    for (size_t i = 0; i < patients; i++)
        if (!text_real(texts[i], &values[i]))
            values[i] = NAN;
    *out = values;
    return OK;
}

static enum status read_columns(struct db *db, const struct columns *columns, const bool *needed, struct patients *out)
{
    const char *const *texts;
    size_t code_count;
    const char *const *codes = words_split(columns->treatments, db->arena, &code_count);
    TRY(numbers_of(db, columns->months, out->count, &out->months));
    TRY(numbers_of(db, columns->event, out->count, &out->event));
    TRY(texts_of(db, columns->treatment, out->count, &texts));
    TRY(trait_levels_read("treatment", codes, texts, out->count, db->arena, db->why, &out->treatment));
    for (int i = 0; i < TRAIT_COUNT; i++) {
        if (!needed[i])
            continue;
        TRY(texts_of(db, columns->traits[i], out->count, &texts));
        TRY(trait_column_read((enum trait_name)i, texts, out->count, db->arena, db->why, &out->traits[i]));
    }
    return OK;
}

enum status registry_patients(struct db *db, const struct patients_query *query, struct patients *out)
{
    struct columns columns = {0};
    struct patients patients = {0};
    TRY(find_columns(db, query, &columns));
    if (columns.patients.value > query->at_most)
        return fail(db->why, INVALID, NULL,
                    "The registry has more than %ld patients, which is the most that are compared.", query->at_most);
    patients.count = (size_t)columns.patients.value;
    TRY(read_columns(db, &columns, query->needed, &patients));
    *out = patients;
    return OK;
}
