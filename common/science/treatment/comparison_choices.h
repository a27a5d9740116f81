/* The options of a comparison of treatments that a client may choose, as members of a request. */
#pragma once

#include "common/record/field.h"
#include "common/science/treatment/comparison.h"

/* A client may ask for fewer times than a comparison can have. */
enum { COMPARISON_CHOICE_TIMES_MAX = 20 };

/* Not known: the default. */
struct comparison_choices {
    const char *ties;
    struct maybe_integer bootstrap, seed;
    struct maybe_real horizon, level;
};

/* clang-format off */
#define COMPARISON_HORIZON_FIELD(struct_, choices, rules_, unit, ...) \
    FIELD_REAL(struct_, choices.horizon, .name = "horizon", .rules = (rules_), __VA_ARGS__, \
               .summary = "Horizon" unit "; by default the last with a tenth of each treatment under observation")
#define COMPARISON_CHOICE_FIELDS(struct_, choices, rules_) \
    FIELD_ENUM(struct_, choices.ties, cox_ties_names, .name = "ties", .rules = (rules_), \
               .summary = "efron by default"), \
    FIELD_INTEGER(struct_, choices.bootstrap, .name = "bootstrap", .rules = (rules_), .max = COMPARISON_BOOTSTRAP_MAX, \
                  .summary = "Bootstrap draws for the adjusted means; 0: analytic standard errors only"), \
    FIELD_INTEGER(struct_, choices.seed, .name = "seed", .rules = (rules_), .max = COUNT_MOST, \
                  .summary = "The same seed gives the same draws; 1 by default"), \
    FIELD_REAL(struct_, choices.level, .name = "level", .rules = (rules_), .min = 0.5, .max = 0.999, \
               .summary = "Confidence level of all limits; 0.95 by default")
/* clang-format on */

/* All but the times. */
struct comparison_options comparison_choices_options(const struct comparison_choices *choices);

/* The times in a text with commas between them; false: one is no time, or there are more than at_most. */
bool comparison_choices_times(const char *list, size_t at_most, struct arena *arena, struct comparison_options *out);
