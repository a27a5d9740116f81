#include "services/users/assessment/assessment.h"

#include <stdio.h>

enum { TOTAL_MAX = 30 };

struct part {
    const struct maybe_integer *value;
    int max;
};

/* Parts that are not known may be anything that they can be. */
static void check_sum(const struct assessment *a, struct problem *why)
{
    const struct part parts[] = {
        {&a->orientation_time, 5}, {&a->orientation_place, 5}, {&a->registration, 3}, {&a->attention, 5},
        {&a->recall, 3},           {&a->language, 8},          {&a->drawing, 1},
    };
    int64_t known = 0, open = 0;
    for (size_t i = 0; i < COUNT(parts); i++) {
        known += parts[i].value->known ? parts[i].value->value : 0;
        open += parts[i].value->known ? 0 : parts[i].max;
    }
    if (a->mmse.known && (a->mmse.value < known || a->mmse.value > known + open))
        fail(why, INVALID, "mmse", "is %d, but the parts make it %d%s", (int)a->mmse.value, (int)known,
             open == 0               ? ""
             : a->mmse.value < known ? " or more"
                                     : " and what is missing of them cannot be as much");
}

enum status assessment_check(const struct assessment *a, struct date today, struct problem *why)
{
    struct date day;
    _Static_assert(5 + 5 + 3 + 5 + 3 + 8 + 1 == TOTAL_MAX, "the parts make up the total");
    if (!a->assessed_on)
        fail(why, INVALID, "assessed_on", "must not be null");
    else if (date_parse(a->assessed_on, &day) && date_compare(day, today) > 0)
        fail(why, INVALID, "assessed_on", "must not be in the future");
    else if (date_parse(a->assessed_on, &day) && day.year < 1975)
        fail(why, INVALID, "assessed_on", "must not be before 1975, when the examination was published");
    if (!a->mmse.known)
        fail(why, INVALID, "mmse", "must not be null");
    check_sum(a, why);
    return problem_status(why);
}
