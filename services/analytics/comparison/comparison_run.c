/* From the patients of the registry to the result: chooses patients and covariates, and calls the statistics. */
#include "services/analytics/comparison/comparison.h"

#include "common/base/text.h"

#include <math.h>

/* A treatment with fewer patients is not judged (comparison.h), so nobody needs a like there. */
enum { PATIENTS_MIN = 10 };

LOCAL_SCHEMA(without_likes_schema, "ValueWithoutLikes", struct value_without_likes,
             FIELD_TEXT(struct value_without_likes, covariate), FIELD_TEXT(struct value_without_likes, value),
             FIELD_COUNT(struct value_without_likes, patients));

SCHEMA(cohort_count_schema, "ComparedPatients", struct cohort_count,
       FIELD_COUNT(struct cohort_count, registered, .summary = "Patients in the registry, except the one compared for"),
       FIELD_COUNT(struct cohort_count, without_treatment, .summary = "Left out: no treatment is recorded"),
       FIELD_COUNT(struct cohort_count, without_outcome,
                   .summary = "Left out: the time or the outcome is not recorded"),
       FIELD_COUNT(struct cohort_count, not_alike, .summary = "Left out by the rule of the cohort"),
       FIELD_COUNT(struct cohort_count, compared),
       FIELD_RECORDS(struct cohort_count, without_likes, without_likes_schema,
                     .summary = "Values without a patient in some treatment; treated as unknown"));

struct selection {
    const struct comparison_order *order;
    const struct patients *patients;
    const struct profile *profile;
    struct arena *arena;
    bool *in;
    size_t count;
    size_t *patient; /* of each row: the index of its patient */
    int *treatment;  /* of each row */
    size_t *arm_size;
    struct record_list without_likes;
};

#define ARRAY(s, type, count) ((type *)arena_alloc((s)->arena, ((count) + 1) * sizeof(type)))

/* ---- who ---- */

static void take_complete(struct selection *s, struct cohort_count *out)
{
    const struct patients *p = s->patients;
    size_t without_treatment = 0, without_outcome = 0;
    for (size_t i = 0; i < p->count; i++) {
        bool treated = !isnan(p->treatment.values[i]), known = !isnan(p->months[i]) && !isnan(p->event[i]);
        without_treatment += !treated;
        without_outcome += treated && !known;
        s->in[i] = treated && known;
    }
    out->registered = p->count;
    out->without_treatment = without_treatment;
    out->without_outcome = without_outcome;
    s->count = p->count - without_treatment - without_outcome;
}

static void take_alike(struct selection *s, struct cohort_count *out)
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
    s->count =
        cohort_rule_choose((enum cohort_rule)text_position(cohort_rules, order->rule), criteria, order->criteria.count,
                           s->patients->count, (size_t)order->k.value, ARRAY(s, double, s->patients->count), s->in);
    out->not_alike = before - s->count;
    out->compared = s->count;
}

static void take(struct selection *s, struct cohort_count *out)
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

static int *levels_of(const struct selection *s, const struct trait_column *column)
{
    int *levels = ARRAY(s, int, s->count);
    for (size_t row = 0; row < s->count; row++) {
        double value = column->values[s->patient[row]];
        levels[row] = isnan(value) ? -1 : (int)value;
    }
    return levels;
}

static double *numbers_of(const struct selection *s, const double *values)
{
    double *numbers = ARRAY(s, double, s->count);
    for (size_t row = 0; row < s->count; row++)
        numbers[row] = values[s->patient[row]];
    return numbers;
}

/* How many patients of each treatment have each level: level_count rows of treatments. */
static size_t *count_levels(const struct selection *s, const int *levels, size_t level_count)
{
    size_t arms = s->patients->treatment.level_count;
    size_t *counts = ARRAY(s, size_t, level_count * arms);
    for (size_t row = 0; row < s->count; row++)
        if (levels[row] >= 0)
            counts[(size_t)levels[row] * arms + (size_t)s->treatment[row]]++;
    return counts;
}

static size_t sum(const size_t *counts, size_t count)
{
    size_t all = 0;
    for (size_t i = 0; i < count; i++)
        all += counts[i];
    return all;
}

static bool has_likes(const struct selection *s, const size_t *of_level)
{
    for (size_t arm = 0; arm < s->patients->treatment.level_count; arm++)
        if (of_level[arm] == 0 && s->arm_size[arm] >= PATIENTS_MIN)
            return false;
    return true;
}

static void note_without_likes(struct selection *s, const char *covariate, const char *value, size_t patients)
{
    struct value_without_likes *items = s->without_likes.items;
    items[s->without_likes.count++] = (struct value_without_likes){covariate, value, patients};
}

/* Patients with a value that some treatment lacks cannot be weighted to resemble its patients: one rare value would
 * prevent any adjustment. The most frequent level is the reference. */
static struct design_covariate factor_of(struct selection *s, enum trait_name name)
{
    const struct trait_column *column = &s->patients->traits[name];
    size_t arms = s->patients->treatment.level_count, most = 0;
    int *levels = levels_of(s, column), reference = 0;
    const size_t *counts = count_levels(s, levels, column->level_count);
    bool *kept = ARRAY(s, bool, column->level_count);
    for (size_t level = 0; level < column->level_count; level++) {
        size_t patients = sum(counts + level * arms, arms);
        kept[level] = patients == 0 || has_likes(s, counts + level * arms);
        if (!kept[level])
            note_without_likes(s, traits[name].name, column->levels[level], patients);
        if (patients > most) {
            most = patients;
            reference = (int)level;
        }
    }
    for (size_t row = 0; row < s->count; row++)
        if (levels[row] >= 0 && !kept[levels[row]])
            levels[row] = -1;
    return (struct design_covariate){.name = traits[name].name,
                                     .level = levels,
                                     .level_count = column->level_count,
                                     .level_names = column->levels,
                                     .reference = reference};
}

static struct design_covariate covariate_of(struct selection *s, enum trait_name name)
{
    if (traits[name].is_number)
        return (struct design_covariate){.name = traits[name].name,
                                         .number = numbers_of(s, s->patients->traits[name].values)};
    return factor_of(s, name);
}

static void count_arms(struct selection *s)
{
    s->treatment = levels_of(s, &s->patients->treatment);
    s->arm_size = ARRAY(s, size_t, s->patients->treatment.level_count);
    for (size_t row = 0; row < s->count; row++)
        s->arm_size[s->treatment[row]]++;
}

/* Patients with an unknown trait are a stratum of their own. */
static void stratify(const struct selection *s, struct comparison_data *data, int *of_profile)
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

static struct comparison_data data_of(struct selection *s)
{
    const struct patients *p = s->patients;
    const struct text_list *names = &s->order->covariates;
    bool *events = ARRAY(s, bool, s->count);
    for (size_t row = 0; row < s->count; row++)
        events[row] = p->event[s->patient[row]] == 1;
    struct design_covariate *covariates = ARRAY(s, struct design_covariate, names->count);
    struct comparison_profile *profile = ARRAY(s, struct comparison_profile, 1);
    double *values = ARRAY(s, double, names->count);
    count_arms(s);
    s->without_likes.items = ARRAY(s, struct value_without_likes, names->count * TRAIT_LEVELS_MAX);
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
                     .group = s->treatment,
                     .group_count = p->treatment.level_count},
        .covariate_count = names->count,
        .covariates = covariates,
        .profile_count = 1,
        .profiles = profile,
    };
    stratify(s, &data, &profile->stratum);
    return data;
}

enum status comparison_of_patients(const struct comparison_order *order, const struct patients *patients,
                                   const struct profile *profile, struct arena *arena, struct cohort_count *out_counted,
                                   struct comparison_record *out, struct problem *why)
{
    struct selection selection = {order, patients, profile, arena};
    struct comparison comparison;
    take(&selection, out_counted);
    struct comparison_data data = data_of(&selection);
    struct comparison_options options = comparison_choices_options(&order->choices);
    options.times = order->times.items;
    options.time_count = order->times.count;
    out_counted->without_likes = selection.without_likes;
    TRY(comparison_run(&data, &options, arena, &comparison, why));
    comparison_record_make(&comparison, &data, patients->treatment.levels, arena, out);
    return OK;
}
