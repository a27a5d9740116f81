#include "services/analytics/count/mmse.h"

enum { SCORE_MAX = 30, AGE_MAX = 130 };

#define SCORE .min = 0, .max = SCORE_MAX
#define AGE   .min = 0, .max = AGE_MAX

SCHEMA(mmse_count_query_schema, "MmseCountQuery", struct mmse_count,
       FIELD_INTEGER(struct mmse_count, over, SCORE, .summary = "Count scores strictly over this one"),
       FIELD_INTEGER(struct mmse_count, under, SCORE, .summary = "Count scores strictly under this one"),
       FIELD_INTEGER(struct mmse_count, min_age, AGE, .summary = "Lowest age, included"),
       FIELD_INTEGER(struct mmse_count, max_age, AGE, .summary = "Highest age, included"));

SCHEMA(mmse_count_schema, "MmseCount", struct mmse_count,
       FIELD_INTEGER(struct mmse_count, count, .summary = "Patients"),
       FIELD_INTEGER(struct mmse_count, over, .rules = OMIT_NULL),
       FIELD_INTEGER(struct mmse_count, under, .rules = OMIT_NULL),
       FIELD_INTEGER(struct mmse_count, min_age, .rules = OMIT_NULL),
       FIELD_INTEGER(struct mmse_count, max_age, .rules = OMIT_NULL));

static const char *const groupings[] = {"age_band", NULL};

SCHEMA(mmse_distribution_query_schema, "MmseDistributionQuery", struct mmse_distribution,
       FIELD_ENUM(struct mmse_distribution, by, groupings, .summary = "One series per age band"));

SCHEMA(mmse_series_schema, "MmseSeries", struct mmse_series, FIELD_TEXT(struct mmse_series, age_band),
       FIELD_INTEGER(struct mmse_series, patients),
       FIELD_JSON(struct mmse_series, counts, .summary = "31 counts of patients, of 0 to 30 points"));

SCHEMA(mmse_distribution_schema, "MmseDistribution", struct mmse_distribution, FIELD_TEXT(struct mmse_distribution, by),
       FIELD_RECORDS(struct mmse_distribution, series, mmse_series_schema));

struct birth_dates mmse_birth_dates(struct maybe_integer min_age, struct maybe_integer max_age, struct date today)
{
    /* People at most n years old were born after the day n + 1 years ago. */
    struct birth_dates born = {.first = {1000, 1, 1}, .last = {9000, 12, 31}};
    if (min_age.known)
        born.last = date_years_before(today, (int)min_age.value);
    if (max_age.known)
        born.first = date_plus_days(date_years_before(today, (int)max_age.value + 1), 1);
    return born;
}

static enum status check_count(const struct mmse_count *q, struct problem *why)
{
    if (q->over.known == q->under.known)
        fail(why, INVALID, "over", "give either over or under");
    if (q->min_age.known && q->max_age.known && q->min_age.value > q->max_age.value)
        fail(why, INVALID, "min_age", "must not be above max_age");
    return problem_status(why);
}

enum status mmse_count(struct request *rq)
{
    struct mmse_count query = {0}, counted;
    TRY(request_input(rq, &query));
    TRY(check_count(&query, &rq->problem));
    int low = query.over.known ? (int)query.over.value + 1 : 0;
    int high = query.over.known ? SCORE_MAX : (int)query.under.value - 1;
    if (query.min_age.known || query.max_age.known)
        TRY(mmse_count_patients_born(&rq->db, low, high, mmse_birth_dates(query.min_age, query.max_age, clock_today()),
                                     &counted));
    else
        TRY(mmse_count_patients(&rq->db, low, high, &counted));
    query.count = counted.count;
    return reply_record(rq, &query);
}

enum status mmse_distribution(struct request *rq)
{
    struct mmse_distribution d = {0};
    TRY(request_input(rq, &d));
    if (d.by)
        TRY(mmse_distribution_by_age_band(&rq->db, clock_today(), &d.series));
    else
        TRY(mmse_distribution_of_all(&rq->db, &d.series));
    return reply_record(rq, &d);
}
