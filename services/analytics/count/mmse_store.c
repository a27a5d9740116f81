#include "services/analytics/count/mmse.h"

static const char *date_text(struct db *db, struct date d)
{
    char *text = arena_alloc(db->arena, DATE_SIZE);
    date_print(d, text);
    return text;
}

static struct date earlier(struct date a, struct date b)
{
    return date_compare(a, b) < 0 ? a : b;
}

static struct date later(struct date a, struct date b)
{
    return date_compare(a, b) > 0 ? a : b;
}

/* Element s + 1 of at_least counts the patients with s points or more; the year 0 has those of all years. */
enum status mmse_count_patients(struct db *db, int low, int high, struct mmse_count *out)
{
    static const char sql[] = "SELECT coalesce((SELECT at_least[$1::int + 1] - coalesce(at_least[$2::int + 2], 0)"
                              "  FROM users.published_mmse_tally"
                              "  WHERE birth_year = 0), 0) AS count";
    return db_one(db, sql, PARAMS(db_number(db, low), db_number(db, high)), &mmse_count_schema, out);
}

/* Whole years of birth are summed from the kept counts; the years at both ends, of which only a part has the ages asked
 * for, are counted patient by patient. */
enum status mmse_count_patients_born(struct db *db, int low, int high, struct birth_dates born, struct mmse_count *out)
{
    static const char sql[] =
        "SELECT (SELECT coalesce(sum(at_least[$1::int + 1] - coalesce(at_least[$2::int + 2], 0)), 0)"
        "  FROM users.published_mmse_tally"
        "  WHERE birth_year BETWEEN $3::int AND $4::int)"
        " + users.count_born($5::date, $6::date, $1, $2) + users.count_born($7::date, $8::date, $1, $2) AS count";
    bool from_new_year = born.first.month == 1 && born.first.day == 1;
    bool to_new_year = born.last.month == 12 && born.last.day == 31;
    int first_whole = born.first.year + !from_new_year, last_whole = born.last.year - !to_new_year;
    struct date front_end = earlier(born.last, (struct date){first_whole - 1, 12, 31});
    struct date back_begin = later((struct date){last_whole + 1, 1, 1}, date_plus_days(front_end, 1));
    return db_one(db, sql,
                  PARAMS(db_number(db, low), db_number(db, high), db_number(db, first_whole), db_number(db, last_whole),
                         date_text(db, born.first), date_text(db, front_end), date_text(db, back_begin),
                         date_text(db, born.last)),
                  &mmse_count_schema, out);
}

enum status mmse_distribution_of_all(struct db *db, struct record_list *out)
{
    static const char sql[] = "SELECT json_agg(coalesce(at_least[score + 1] - coalesce(at_least[score + 2], 0), 0)"
                              " ORDER BY score) AS counts,"
                              " coalesce(max(at_least[1]), 0) AS patients"
                              " FROM generate_series(0, 30) score"
                              " LEFT JOIN users.published_mmse_tally ON birth_year = 0";
    return db_all(db, sql, NO_PARAMS, &mmse_series_schema, out);
}

enum status mmse_distribution_by_age_band(struct db *db, struct date today, struct record_list *out)
{
    static const char sql[] =
        "SELECT CASE band WHEN 4 THEN 'under 50' WHEN 9 THEN '90 and over'"
        " ELSE (band * 10) || '-' || (band * 10 + 9) END AS age_band,"
        " json_agg(coalesce(patients, 0) ORDER BY score) AS counts, coalesce(sum(patients), 0) AS patients"
        " FROM generate_series(4, 9) band"
        " CROSS JOIN generate_series(0, 30) score"
        " LEFT JOIN users.count_by_age_band($1::date) cell USING (band, score)"
        " GROUP BY band"
        " ORDER BY band";
    char day[DATE_SIZE];
    date_print(today, day);
    return db_all(db, sql, PARAMS(day), &mmse_series_schema, out);
}
