#include "services/analytics/model/model_card.h"

#include <math.h>
#include <string.h>

/* clang-format off */
LOCAL_SCHEMA(data_schema, "ModelData", struct card_data,
             FIELD_RECORD(struct card_data, filter, cohort_filter_schema, struct cohort_filter),
             FIELD_DATE(struct card_data, first_visit),
             FIELD_DATE(struct card_data, last_visit),
             FIELD_INTEGER(struct card_data, subjects),
             FIELD_INTEGER(struct card_data, visits),
             FIELD_INTEGER(struct card_data, with_two_visits, .summary = "Only these show a course over time"),
             FIELD_INTEGER(struct card_data, same_day, .summary = "Visits merged with another of the same day"),
             FIELD_INTEGER(struct card_data, without_sex),
             FIELD_INTEGER(struct card_data, without_schooling));

LOCAL_SCHEMA(check_schema, "ModelCheck", struct card_check,
             FIELD_TEXT(struct card_check, check),
             FIELD_BOOLEAN(struct card_check, passed),
             FIELD_TEXT(struct card_check, detail));

LOCAL_SCHEMA(versions_schema, "ModelVersions", struct card_versions,
             FIELD_TEXT(struct card_versions, suite, .summary = "Version of Mnemos"),
             FIELD_INTEGER(struct card_versions, artefact, .summary = "Version of the artefact's format"));

SCHEMA(model_card_schema, "ModelCard", struct model_card,
       FIELD_TEXT(struct model_card, method),
       FIELD_TEXT(struct model_card, summary),
       FIELD_RECORD(struct model_card, parameters, training_parameters_schema, struct training_parameters),
       FIELD_RECORD(struct model_card, data, data_schema, struct card_data),
       FIELD_TEXTS(struct model_card, features),
       FIELD_INTEGER(struct model_card, seed),
       FIELD_INTEGER(struct model_card, folds),
       FIELD_INTEGER(struct model_card, bootstrap_samples),
       FIELD_INTEGER(struct model_card, artefact_bytes),
       FIELD_RECORD(struct model_card, versions, versions_schema, struct card_versions),
       FIELD_RECORDS(struct model_card, checks, check_schema),
       FIELD_TEXTS(struct model_card, known_limits));
/* clang-format on */

/* ---- Checks ---- */

enum { CHECKS_MAX = 8, BAND_PEOPLE_MIN = 20 };
#define COVERAGE_LOW  0.85
#define COVERAGE_HIGH 0.95
#define BIAS_MAX      0.5

static void check_add(struct card_check *checks, size_t *count, const char *check, bool passed, const char *detail)
{
    checks[(*count)++] = (struct card_check){check, detail, {true, passed}};
}

static bool coverage_holds(const struct metrics *m)
{
    return m->count == 0 || (m->coverage >= COVERAGE_LOW && m->coverage <= COVERAGE_HIGH);
}

/* Two standard errors of a coverage of 90% are granted; of fewer people nothing can be said. */
static const char *band_that_fails(const struct evaluation *e)
{
    for (int band = 0; band < SCORE_BANDS; band++) {
        const struct metrics *m = &e->by_band[band];
        if (m->count >= BAND_PEOPLE_MIN && m->coverage < 0.9 - 2 * sqrt(0.9 * 0.1 / (double)m->count))
            return score_band_names[band];
    }
    return NULL;
}

static struct record_list checks_make(const struct trained *t, struct arena *arena)
{
    const struct evaluation *e = &t->evaluation;
    struct card_check *checks = arena_alloc(arena, CHECKS_MAX * sizeof *checks);
    const char *band = band_that_fails(e);
    size_t count = 0;
    check_add(checks, &count, "beats_last_value", e->beats_last_value,
              arena_printf(arena, "RMSE %.3f against %.3f; difference %+.3f, 95%% from %+.3f to %+.3f", e->overall.rmse,
                           e->last_value.rmse, e->rmse.value, e->rmse.lower, e->rmse.upper));
    check_add(checks, &count, "coverage", coverage_holds(&e->overall),
              arena_printf(arena, "%.3f of the scores lay in their 90%% interval; %.2f to %.2f is asked for",
                           e->overall.coverage, COVERAGE_LOW, COVERAGE_HIGH));
    check_add(checks, &count, "coverage_by_band", !band,
              band ? arena_printf(arena, "after a last score of %s it is lower, beyond chance", band)
                   : "after no last score is it lower beyond chance");
    check_add(checks, &count, "calibration", fabs(e->overall.bias) <= BIAS_MAX,
              arena_printf(arena, "in the mean predictions are %+.3f points off; %.1f are granted", e->overall.bias,
                           BIAS_MAX));
    return (struct record_list){checks, count};
}

/* ---- What it is made of ---- */

static struct text_list texts_of(struct arena *arena, const char *const *texts, size_t count)
{
    const char **items = arena_alloc(arena, (count + 1) * sizeof *items);
    memcpy(items, texts, count * sizeof *items);
    return (struct text_list){items, count};
}

/* The features of a method, all known before the target. */
static struct text_list features_of(const char *method, struct arena *arena)
{
    static const char *const last[] = {"last_mmse"}, *const course[] = {"scores", "ages", "target_age"},
                             *const rule[] = {"last_mmse", "age"},
                             *const mixed[] = {"scores", "ages", "target_age", "male", "educ"};
    if (strcmp(method, "mean") == 0)
        return (struct text_list){0};
    if (strcmp(method, "last_value") == 0)
        return texts_of(arena, last, COUNT(last));
    if (strcmp(method, "rule_v1") == 0)
        return texts_of(arena, rule, COUNT(rule));
    if (strcmp(method, "own_line") == 0)
        return texts_of(arena, course, COUNT(course));
    if (strcmp(method, "mixed") == 0)
        return texts_of(arena, mixed, COUNT(mixed));
    return texts_of(arena, known_feature_names, FEATURES);
}

static const char *const limits[] = {
    "It has learned from this clinic's patients and says nothing about others.",
    "It knows scores, ages, sex and schooling, neither diagnosis nor treatment, and tells the effect of none.",
    "Whoever came back was well enough to come: those who did not are not in it.",
    "An interval holds for people like those it was calibrated on; of scores that few had it is wide.",
    "It is no diagnosis and replaces no examination.",
};

static void count_missing(const struct cohort *c, int64_t *sex, int64_t *schooling)
{
    *sex = *schooling = 0;
    for (size_t i = 0; i < c->count; i++) {
        *sex += isnan(c->subjects[i].male);
        *schooling += isnan(c->subjects[i].education);
    }
}

static struct maybe_integer number(size_t n)
{
    return (struct maybe_integer){true, (int64_t)n};
}

static struct card_data *data_make(const struct training *t, const struct cohort *c, const struct cohort_window *window,
                                   struct arena *arena)
{
    struct card_data *d = arena_alloc(arena, sizeof *d);
    *d = (struct card_data){.filter = t->cohort,
                            .first_visit = window->first_visit,
                            .last_visit = window->last_visit,
                            .subjects = number(c->count),
                            .visits = number(c->visit_count),
                            .with_two_visits = number(c->task_count),
                            .same_day = number(c->merged),
                            .without_sex = {.known = true},
                            .without_schooling = {.known = true}};
    count_missing(c, &d->without_sex.value, &d->without_schooling.value);
    return d;
}

void model_card_make(const struct training *t, const struct cohort *cohort, const struct cohort_window *window,
                     const struct trained *trained, size_t artefact_bytes, struct arena *arena, struct model_card *out)
{
    struct card_versions *versions = arena_alloc(arena, sizeof *versions);
    *versions = (struct card_versions){MNEMOS_VERSION, {true, MMSE_MODEL_VERSION}};
    *out = (struct model_card){.method = t->method,
                               .summary = trained->model.method->summary,
                               .parameters = t->parameters,
                               .data = data_make(t, cohort, window, arena),
                               .features = features_of(t->method, arena),
                               .known_limits = texts_of(arena, limits, COUNT(limits)),
                               .seed = t->seed,
                               .folds = number(trained->evaluation.folds),
                               .bootstrap_samples = number(trained->evaluation.bootstrap_samples),
                               .artefact_bytes = number(artefact_bytes),
                               .versions = versions,
                               .checks = checks_make(trained, arena)};
}
