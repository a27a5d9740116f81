#include "common/survival.h"

#include <math.h>

/* ---- is it data? ------------------------------------------------------------------------------------------------ */

static enum status refuse(struct problem *why, const char *column, size_t row, const char *sentence)
{
    return fail(why, INVALID, arena_printf(why->arena, "/%s/%zu", column, row), "%s", sentence);
}

static bool usable(double value)
{
    return value >= 0 && value <= SURVIVAL_VALUE_MAX; /* NaN is neither */
}

static bool usable_weight(double weight)
{
    return weight == 0 || (weight >= SURVIVAL_WEIGHT_MIN && weight <= SURVIVAL_VALUE_MAX);
}

static bool member_of(const int *column, size_t count, size_t row)
{
    return !column || (column[row] >= 0 && (size_t)column[row] < count);
}

static enum status row_check(const struct survival_data *data, size_t row, struct problem *why)
{
    if (!usable(data->stop[row]))
        return refuse(why, "stop", row, "must be a number from 0 to 1e100");
    if (data->start && !usable(data->start[row]))
        return refuse(why, "start", row, "must be a number from 0 to 1e100");
    if (data->start && data->stop[row] <= data->start[row])
        return refuse(why, "stop", row, "must be later than start");
    if (data->weight && !usable_weight(data->weight[row]))
        return refuse(why, "weight", row, "must be 0 or a number from 1e-100 to 1e100");
    if (!member_of(data->group, data->group_count, row))
        return refuse(why, "group", row, "must be one of the groups");
    if (!member_of(data->stratum, data->stratum_count, row))
        return refuse(why, "stratum", row, "must be one of the strata");
    return OK;
}

enum status survival_check(const struct survival_data *data, struct problem *why)
{
    if (data->group && data->group_count > SURVIVAL_GROUPS_MAX)
        fail(why, INVALID, "group", "must not have more than %d groups", SURVIVAL_GROUPS_MAX);
    for (size_t row = 0; row < data->count && why->error_count < PROBLEM_ERRORS_MAX; row++)
        row_check(data, row, why);
    return problem_status(why);
}
