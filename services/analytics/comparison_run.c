/* From the patients of the registry to the answer: who is compared, with what, and the call of the statistics. */
#include "services/analytics/comparison.h"

#include <math.h>
#include <string.h>

SCHEMA(cohort_count_schema, "ComparedPatients", struct cohort_count,
       FIELD_INTEGER(struct cohort_count, registered, .summary = "In the registry, the patient apart"),
       FIELD_INTEGER(struct cohort_count, without_treatment, .summary = "Left out: no treatment is recorded"),
       FIELD_INTEGER(struct cohort_count, without_outcome,
                     .summary = "Left out: the time or what happened then is not recorded"),
       FIELD_INTEGER(struct cohort_count, not_alike, .summary = "Left out by the rule of the cohort"),
       FIELD_INTEGER(struct cohort_count, compared));

struct study {
    const struct comparison_order *order;
    const struct patients *patients;
    const struct profile *profile;
    struct arena *arena;
    bool *in;
    size_t count;
    size_t *patient; /* of each row, whom it is about */
};

#define ARRAY(study, type, count) ((type *)arena_alloc((study)->arena, ((count) + 1) * sizeof(type)))

static struct maybe_integer counted(size_t value)
{
    return (struct maybe_integer){true, (int64_t)value};
}

/* ---- who ---- */

static void take_complete(struct study *s, struct cohort_count *out)
{
    const struct patients *p = s->patients;
    size_t without_treatment = 0, without_outcome = 0;
    for (size_t i = 0; i < p->count; i++) {
        bool treated = !isnan(p->treatment.values[i]), known = !isnan(p->months[i]) && !isnan(p->event[i]);
        without_treatment += !treated;
        without_outcome += treated && !known;
        s->in[i] = treated && known;
    }
    out->registered = counted(p->count);
    out->without_treatment = counted(without_treatment);
    out->without_outcome = counted(without_outcome);
    s->count = p->count - without_treatment - without_outcome;
}

static enum cohort_rule rule_of(const char *name)
{
    int rule = 0;
    while (strcmp(cohort_rules[rule], name) != 0)
        rule++;
    return (enum cohort_rule)rule;
}

static void take_alike(struct study *s, struct cohort_count *out)
{
    const struct cohort_order *order = s->order->cohort;
    struct cohort_criterion *criteria = ARRAY(s, struct cohort_criterion, order->criteria.count);
    for (size_t i = 0; i < order->criteria.count; i++) {
        enum trait_name name = trait_find(order->criteria.items[i]);
        const struct trait_column *column = &s->patients->traits[name];
        criteria[i] = (struct cohort_criterion){column->values, trait_of_profile(name, s->profile, column),
                                                traits[name].is_number, traits[name].near};
    }
    size_t before = s->count;
    s->count = cohort_choose(rule_of(order->rule), criteria, order->criteria.count, s->patients->count,
                             (size_t)order->k.value, ARRAY(s, double, s->patients->count), s->in);
    out->not_alike = counted(before - s->count);
    out->compared = counted(s->count);
}

static void take(struct study *s, struct cohort_count *out)
{
    s->in = ARRAY(s, bool, s->patients->count);
    take_complete(s, out);
    take_alike(s, out);
    s->patient = ARRAY(s, size_t, s->count);
    size_t row = 0;
    for (size_t i = 0; i < s->patients->count; i++)
        if (s->in[i])
            s->patient[row++] = i;
}

/* ---- with what ---- */

static int *levels_of(const struct study *s, const struct trait_column *column)
{
    int *levels = ARRAY(s, int, s->count);
    for (size_t row = 0; row < s->count; row++) {
        double value = column->values[s->patient[row]];
        levels[row] = isnan(value) ? -1 : (int)value;
    }
    return levels;
}

static double *numbers_of(const struct study *s, const double *values)
{
    double *numbers = ARRAY(s, double, s->count);
    for (size_t row = 0; row < s->count; row++)
        numbers[row] = values[s->patient[row]];
    return numbers;
}

static struct design_covariate covariate_of(const struct study *s, enum trait_name name)
{
    const struct trait_column *column = &s->patients->traits[name];
    if (traits[name].is_number)
        return (struct design_covariate){.name = traits[name].name, .number = numbers_of(s, column->values)};
    return (struct design_covariate){.name = traits[name].name,
                                     .level = levels_of(s, column),
                                     .level_count = column->level_count,
                                     .level_names = column->levels};
}

/* Those of whom the trait is not known are a stratum of their own. */
static void stratify(const struct study *s, struct comparison_data *data, int *of_profile)
{
    enum trait_name name = s->order->stratify_by ? trait_find(s->order->stratify_by) : TRAIT_COUNT;
    if (name == TRAIT_COUNT)
        return;
    const struct trait_column *column = &s->patients->traits[name];
    int *strata = levels_of(s, column);
    for (size_t row = 0; row < s->count; row++)
        if (strata[row] < 0)
            strata[row] = (int)column->level_count;
    data->survival.stratum = strata;
    data->survival.stratum_count = column->level_count + 1;
    double wanted = trait_of_profile(name, s->profile, column);
    *of_profile = isnan(wanted) ? (int)column->level_count : (int)wanted;
}

static struct comparison_data data_of(const struct study *s)
{
    const struct patients *p = s->patients;
    const struct text_list *names = &s->order->covariates;
    bool *events = ARRAY(s, bool, s->count);
    for (size_t row = 0; row < s->count; row++)
        events[row] = p->event[s->patient[row]] == 1;
    struct design_covariate *covariates = ARRAY(s, struct design_covariate, names->count);
    struct comparison_profile *profile = ARRAY(s, struct comparison_profile, 1);
    double *values = ARRAY(s, double, names->count);
    for (size_t i = 0; i < names->count; i++) {
        enum trait_name name = trait_find(names->items[i]);
        covariates[i] = covariate_of(s, name);
        values[i] = trait_of_profile(name, s->profile, &p->traits[name]);
    }
    profile->values = values;
    struct comparison_data data = {
        .survival = {.count = s->count,
                     .stop = numbers_of(s, p->months),
                     .event = events,
                     .group = levels_of(s, &p->treatment),
                     .group_count = p->treatment.level_count},
        .covariate_count = names->count,
        .covariates = covariates,
        .profile_count = 1,
        .profiles = profile,
    };
    stratify(s, &data, &profile->stratum);
    return data;
}

static struct comparison_options options_of(const struct comparison_order *o)
{
    return (struct comparison_options){
        .time_count = o->times.count,
        .times = o->times.items,
        .horizon = o->horizon.known ? o->horizon.value : 0,
        .ties = strcmp(o->ties, "breslow") == 0 ? COX_BRESLOW : COX_EFRON,
        .level = o->level.value,
        .seed = (uint64_t)o->seed.value,
        .bootstrap = (size_t)o->bootstrap.value,
    };
}

enum status comparison_of_patients(const struct comparison_order *order, const struct patients *patients,
                                   const struct profile *profile, struct arena *arena, struct cohort_count *out_counted,
                                   struct comparison_answer *out, struct problem *why)
{
    struct study study = {order, patients, profile, arena};
    struct comparison comparison;
    take(&study, out_counted);
    struct comparison_data data = data_of(&study);
    struct comparison_options options = options_of(order);
    TRY(comparison_run(&data, &options, arena, &comparison, why));
    comparison_answer_make(&comparison, &data, patients->treatment.levels, arena, out);
    return OK;
}
