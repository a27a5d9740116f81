#include "services/analytics/model/training_cohort.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define AGE .min = 0, .max = 130
SCHEMA(cohort_filter_schema, "CohortFilter", struct cohort_filter,
       FIELD_INTEGER(struct cohort_filter, min_age, AGE, .summary = "Lowest age at a visit, included"),
       FIELD_INTEGER(struct cohort_filter, max_age, AGE, .summary = "Highest age at a visit, included"),
       FIELD_DATE(struct cohort_filter, from, .summary = "First day of visits"),
       FIELD_DATE(struct cohort_filter, until, .summary = "Last day of visits"),
       FIELD_INTEGER(struct cohort_filter, min_visits, .min = 1, .max = MIN_VISITS_MAX,
                     .summary = "Only people with at least this many of these visits"));

/* The visits that a filter leaves, in an order that depends on nothing else. */
#define VISITS "users.visit_cohort($1::int, $2::int, $3::date, $4::date, $5::int, $6::bigint)"

struct filter_params {
    const char *min_age, *max_age, *from, *until, *min_visits, *at_most;
};

static struct filter_params params_of(struct db *db, const struct cohort_filter *filter)
{
    static const struct cohort_filter everybody;
    const struct cohort_filter *f = filter ? filter : &everybody;
    return (struct filter_params){
        db_integer(db, f->min_age),
        db_integer(db, f->max_age),
        f->from,
        f->until,
        db_integer(db, f->min_visits),
        db_number(db, TRAINING_VISITS_MAX + 1), /* one more, to see that there are more */
    };
}
#define FILTER_PARAMS(p) PARAMS((p).min_age, (p).max_age, (p).from, (p).until, (p).min_visits, (p).at_most)

LOCAL_SCHEMA(cohort_size_schema, "CohortSize", struct cohort_size, FIELD_INTEGER(struct cohort_size, subjects),
             FIELD_INTEGER(struct cohort_size, visits), FIELD_INTEGER(struct cohort_size, tasks));

enum status training_cohort_measure(struct db *db, const struct cohort_filter *filter, struct cohort_size *out)
{
    static const char sql[] = "SELECT count(*) AS subjects, coalesce(sum(visits), 0) AS visits,"
                              " count(*) FILTER (WHERE visits > 1) AS tasks"
                              " FROM (SELECT count(*) AS visits FROM " VISITS " GROUP BY subject) s";
    struct filter_params p = params_of(db, filter);
    return db_one(db, sql, FILTER_PARAMS(p), &cohort_size_schema, out);
}

struct cohort_row {
    const char *subject, *assessed_on;
    struct maybe_real age, mmse, male, schooling_years;
};
LOCAL_SCHEMA(cohort_row_schema, "CohortRow", struct cohort_row, FIELD_TEXT(struct cohort_row, subject),
             FIELD_DATE(struct cohort_row, assessed_on), FIELD_REAL(struct cohort_row, age),
             FIELD_REAL(struct cohort_row, mmse), FIELD_REAL(struct cohort_row, male),
             FIELD_REAL(struct cohort_row, schooling_years));

static double real_of(struct maybe_real r)
{
    return r.known ? r.value : NAN;
}

static void window_widen(struct cohort_window *w, const char *date)
{
    if (!w->first_visit || strcmp(date, w->first_visit) < 0)
        w->first_visit = date;
    if (!w->last_visit || strcmp(date, w->last_visit) > 0)
        w->last_visit = date;
}

enum status training_cohort_read(struct db *db, const struct cohort_filter *filter, struct cohort *out,
                                 struct cohort_window *window)
{
    static const char sql[] = "SELECT subject, assessed_on, age, mmse, male, schooling_years FROM " VISITS;
    struct filter_params p = params_of(db, filter);
    struct record_list list;
    TRY(db_all(db, sql, FILTER_PARAMS(p), &cohort_row_schema, &list));
    if (list.count > TRAINING_VISITS_MAX)
        return fail(db->why, INVALID, "cohort", "has more than %d visits; narrow it", TRAINING_VISITS_MAX);
    const struct cohort_row *found = list.items;
    struct visit_row *rows = arena_alloc(db->arena, (list.count + 1) * sizeof *rows);
    *window = (struct cohort_window){0};
    for (size_t i = 0; i < list.count; i++) {
        rows[i] = (struct visit_row){.id = found[i].subject,
                                     .visit = {real_of(found[i].age), real_of(found[i].mmse)},
                                     .male = real_of(found[i].male),
                                     .education = real_of(found[i].schooling_years)};
        window_widen(window, found[i].assessed_on);
    }
    return cohort_make(db->arena, rows, list.count, out, db->why);
}
