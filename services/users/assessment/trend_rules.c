#include "services/users/assessment/trend.h"

enum { AGE_MAX = 130, SCHOOLING_MAX = 30 };

static const int ages[] = {0, 50, 60, 70, 80, 90, AGE_MAX + 1};
static const int schoolings[] = {0, 5, 9, 13, SCHOOLING_MAX + 1};

/* The band of bounds in which the value lies. */
static void find_band(const int *bounds, size_t count, int value, int *min, int *max)
{
    size_t i = 0;
    while (i + 2 < count && value >= bounds[i + 1])
        i++;
    *min = bounds[i];
    *max = bounds[i + 1] - 1;
}

struct trend_group trend_group_of(int age, struct maybe_integer schooling_years)
{
    struct trend_group g = {.schooled = schooling_years.known};
    find_band(ages, COUNT(ages), age, &g.min_age, &g.max_age);
    if (g.schooled)
        find_band(schoolings, COUNT(schoolings), (int)schooling_years.value, &g.min_schooling, &g.max_schooling);
    return g;
}

void trend_group_births(const struct trend_group *g, struct date today, struct date *first, struct date *last)
{
    *first = date_plus_days(date_years_before(today, g->max_age + 1), 1);
    *last = date_years_before(today, g->min_age);
}
