#include "common/science/treatment/comparison_choices.h"

#include "common/base/text.h"
#include "common/base/words.h"

struct comparison_options comparison_choices_options(const struct comparison_choices *choices)
{
    return (struct comparison_options){
        .horizon = choices->horizon.known ? choices->horizon.value : 0,
        .ties = choices->ties ? (enum cox_ties)text_position(cox_ties_names, choices->ties) : COX_EFRON,
        .level = choices->level.known ? choices->level.value : 0,
        .seed = choices->seed.known ? (uint64_t)choices->seed.value : 1,
        .bootstrap = (size_t)choices->bootstrap.value,
    };
}

bool comparison_choices_times(const char *list, size_t at_most, struct arena *arena, struct comparison_options *out)
{
    size_t count;
    const char *const *parts = words_split(list, arena, &count);
    double *times = arena_alloc(arena, (count + 1) * sizeof *times);
    if (count > at_most)
        return false;
    for (size_t i = 0; i < count; i++)
        if (!text_real(parts[i], &times[i]) || !(times[i] >= 0 && times[i] <= SURVIVAL_VALUE_MAX))
            return false;
    out->times = times;
    out->time_count = count;
    return true;
}
