/* The limits and defaults of a comparison's order. */
#include "services/analytics/comparison/comparison.h"

#include <string.h>

enum { NEIGHBOURS = 200, NEIGHBOURS_MAX = 1000000, MONTHS_MAX = 1200 };

/* The traits that most often decide on a treatment: age, stage, grading and comorbidity. */
static const char *default_covariates[] = {"age_at_operation", "gender", "uicc", "grading", "preexisting_disease"};
static const double default_times[] = {12, 24, 36, 60};

/* clang-format off */
LOCAL_SCHEMA(cohort_order_schema, "ComparisonCohort", struct cohort_order,
             FIELD_ENUM(struct cohort_order, rule, cohort_rules, .rules = OMIT_NULL,
                        .summary = "all (the default); any: patients who share a trait, the historic rule; "
                                   "all_of: patients who share all criteria; "
                                   "nearest: the k at the smallest distance of Gower"),
             FIELD_TEXTS(struct cohort_order, criteria, .rules = OMIT_NULL, .min = 1, .max = TRAIT_COUNT,
                         .summary = "Traits; by default all of them for any, else the covariates"),
             FIELD_INTEGER(struct cohort_order, k, .rules = OMIT_NULL, .min = 1, .max = NEIGHBOURS_MAX,
                           .summary = "Number of nearest patients; 200 by default"));

SCHEMA(comparison_order_schema, "NewTreatmentComparison", struct comparison_order,
       FIELD_UUID(struct comparison_order, tumour_id, .rules = OMIT_NULL,
                  .summary = "The patient, unless a profile is given"),
       FIELD_RECORD(struct comparison_order, profile, profile_schema, struct profile, .rules = OMIT_NULL),
       FIELD_ENUM(struct comparison_order, outcome, outcome_names, .rules = REQUIRED | OMIT_NULL),
       COMPARISON_HORIZON_FIELD(struct comparison_order, choices, OMIT_NULL, " in months", .min = 0.1,
                                .max = MONTHS_MAX),
       FIELD_REALS(struct comparison_order, times, .rules = OMIT_NULL, .min = 1, .max = COMPARISON_CHOICE_TIMES_MAX,
                   .summary = "Months at which survival is reported; 12, 24, 36, 60 by default"),
       FIELD_TEXTS(struct comparison_order, covariates, .rules = OMIT_NULL, .min = 0, .max = TRAIT_COUNT,
                   .summary = "Traits to adjust for; "
                              "age_at_operation, gender, uicc, grading, preexisting_disease by default"),
       FIELD_RECORD(struct comparison_order, cohort, cohort_order_schema, struct cohort_order, .rules = OMIT_NULL),
       FIELD_ENUM(struct comparison_order, stratify_by, trait_names, .rules = OMIT_NULL,
                  .summary = "Trait by which the baseline hazard is stratified"),
       COMPARISON_CHOICE_FIELDS(struct comparison_order, choices, OMIT_NULL));
/* clang-format on */

static struct text_list all_traits(struct arena *arena)
{
    const char **names = arena_alloc(arena, sizeof trait_names[0] * TRAIT_COUNT);
    for (int i = 0; i < TRAIT_COUNT; i++)
        names[i] = trait_names[i];
    return (struct text_list){names, TRAIT_COUNT};
}

static void fill_in_cohort(struct comparison_order *o, struct arena *arena)
{
    if (!o->cohort)
        o->cohort = arena_alloc(arena, sizeof *o->cohort);
    struct cohort_order *c = o->cohort;
    if (!c->rule)
        c->rule = cohort_rules[COHORT_ALL];
    bool any = strcmp(c->rule, cohort_rules[COHORT_ANY]) == 0, all = strcmp(c->rule, cohort_rules[COHORT_ALL]) == 0;
    if (!c->criteria.items && !all)
        c->criteria = any ? all_traits(arena) : o->covariates;
    if (!c->k.known && strcmp(c->rule, cohort_rules[COHORT_NEAREST]) == 0)
        c->k = (struct maybe_integer){true, NEIGHBOURS};
}

static void fill_in(struct comparison_order *o, struct arena *arena)
{
    struct comparison_choices *c = &o->choices;
    if (!o->times.items)
        o->times = (struct real_list){default_times, COUNT(default_times)};
    if (!o->covariates.items)
        o->covariates = (struct text_list){default_covariates, COUNT(default_covariates)};
    if (!c->ties)
        c->ties = cox_ties_names[COX_EFRON];
    if (!c->bootstrap.known)
        c->bootstrap = (struct maybe_integer){true, 0};
    if (!c->seed.known)
        c->seed = (struct maybe_integer){true, 1};
    if (!c->level.known)
        c->level = (struct maybe_real){true, 0.95};
    fill_in_cohort(o, arena);
}

static bool names(const struct text_list *list, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (list->items[i] && strcmp(list->items[i], name) == 0)
            return true;
    return false;
}

static void check_traits(const struct text_list *list, const char *pointer, struct arena *arena, struct problem *why)
{
    for (size_t i = 0; i < list->count; i++) {
        const char *item = arena_printf(arena, "%s/%zu", pointer, i);
        if (trait_find(list->items[i]) == TRAIT_COUNT)
            fail(why, INVALID, item, "is not a trait; traits are the members of a profile");
        else if (names(list, i, list->items[i]))
            fail(why, INVALID, item, "is given more than once");
    }
}

static void check_times(const struct comparison_order *o, struct arena *arena, struct problem *why)
{
    for (size_t i = 0; i < o->times.count; i++)
        if (!(o->times.items[i] >= 0 && o->times.items[i] <= MONTHS_MAX))
            fail(why, INVALID, arena_printf(arena, "/times/%zu", i), "must be between 0 and %d", MONTHS_MAX);
}

static void check_strata(const struct comparison_order *o, struct problem *why)
{
    if (!o->stratify_by)
        return;
    if (traits[trait_find(o->stratify_by)].is_number)
        fail(why, INVALID, "stratify_by", "is a number; strata are made by factors");
    else if (names(&o->covariates, o->covariates.count, o->stratify_by))
        fail(why, INVALID, "stratify_by", "is one of covariates");
}

enum status comparison_order_check(struct comparison_order *order, struct arena *arena, struct problem *why)
{
    if (order->tumour_id && order->profile)
        fail(why, INVALID, "profile", "is given beside tumour_id; give one of them");
    if (!order->tumour_id && !order->profile)
        fail(why, INVALID, "tumour_id", "is required, or profile");
    fill_in(order, arena);
    check_times(order, arena, why);
    check_traits(&order->covariates, "/covariates", arena, why);
    check_traits(&order->cohort->criteria, "/cohort/criteria", arena, why);
    check_strata(order, why);
    return problem_status(why);
}

static void need(const struct text_list *list, bool needed[TRAIT_COUNT])
{
    for (size_t i = 0; i < list->count; i++)
        needed[trait_find(list->items[i])] = true;
}

void comparison_order_needs(const struct comparison_order *order, bool needed[TRAIT_COUNT])
{
    need(&order->covariates, needed);
    need(&order->cohort->criteria, needed);
    if (order->stratify_by)
        needed[trait_find(order->stratify_by)] = true;
}
