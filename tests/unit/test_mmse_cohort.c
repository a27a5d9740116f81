/* The models against what R and Python say about a public cohort. It is not part of the project: it is read where
 * MNEMOS_MMSE_DATA says, or beside the project, and without it nothing is tested here. */
#include "common/science/learners/grow.h"
#include "common/science/mmse/mixed.h"
#include "common/science/mmse/validation.h"
#include "common/science/mmse/visit_table.h"
#include "common/science/statistics/least_squares.h"
#include "tests/support/unit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SUBJECTS = 427, VISITS = 1889, TASKS = 360, FOLDS = 5 };

static const char *directory(void)
{
    const char *given = getenv("MNEMOS_MMSE_DATA");
    return given ? given : PROJECT_DIR "/../shared/data/mmse";
}

/* NULL: it is not there. */
static char *file_text(struct arena *arena, const char *name, size_t *out_size)
{
    FILE *file = fopen(arena_printf(arena, "%s/%s", directory(), name), "re");
    if (!file)
        return NULL;
    enum { BYTES_MAX = 1024 * 1024 };
    char *text = arena_alloc(arena, BYTES_MAX);
    *out_size = fread(text, 1, BYTES_MAX - 1, file);
    fclose(file);
    return text;
}

static bool cohort_there(struct scene *s, struct cohort *out)
{
    size_t size;
    char *text = file_text(&s->arena, "paquid_visits.csv", &size);
    if (!text) {
        printf("No cohort in %s: set MNEMOS_MMSE_DATA.\n", directory());
        return false;
    }
    struct visit_table table;
    enum status status = visit_table_read(&s->arena, text, size, "fold", &table, &s->why);
    ck_assert_msg(status == OK, "%s", s->why.detail);
    ck_assert(table.cohort.count == SUBJECTS && table.cohort.visit_count == VISITS && table.cohort.task_count == TASKS);
    *out = table.cohort;
    return true;
}

static json_t *reference(struct scene *s, const char *name)
{
    size_t size;
    const char *text = file_text(&s->arena, name, &size);
    json_t *json = json_loads(text, 0, NULL);
    ck_assert_msg(json != NULL, "%s is no JSON", name);
    return json;
}

static json_t *at(json_t *json, const char *a, const char *b, const char *c)
{
    json = json_object_get(json, a);
    json = b ? json_object_get(json, b) : json;
    return c ? json_object_get(json, c) : json;
}

/* Rows of the published file: id,method,pred,lo90,hi90,target_mmse. NaN: nothing. */
static double published(const char *predictions, const char *id, const char *method)
{
    char key[64];
    int size = snprintf(key, sizeof key, "\n%s,%s,", id, method);
    const char *line = strstr(predictions, key);
    return line ? strtod(line + size, NULL) : NAN;
}

#define EACH_TASK(cohort, s, wanted_fold) \
    for (const struct subject *s = (cohort).subjects; s < (cohort).subjects + (cohort).count; s++) \
        if (s->count > 1 && s->fold == (wanted_fold))

static struct known known_of(const struct subject *s)
{
    return known_before(s, s->count - 1, NULL);
}

/* ---- the methods without a search: coefficients have all digits in the reference, predictions six ---------------- */

static double by_coefficients(json_t *coefficients, const struct known *k)
{
    double x[FEATURES], sum = json_number_value(json_object_get(coefficients, "intercept"));
    known_features(k, x);
    for (int j = 0; j < FEATURES; j++)
        sum += x[j] * json_number_value(json_object_get(coefficients, known_feature_names[j]));
    return score_clip(sum);
}

static json_t *of_fold(json_t *models, int fold, const char *model)
{
    char name[16];
    snprintf(name, sizeof name, "fold%d", fold);
    return at(models, name, model, "coef");
}

START_TEST(linear_history_predicts_to_the_digit_what_numpy_does)
{
    SCENE(s);
    struct cohort c;
    if (!cohort_there(&s, &c))
        return;
    json_auto_t *models = reference(&s, "baseline_linear_models.json");
    for (int fold = 0; fold < FOLDS; fold++) {
        struct cohort others = cohort_part(&s.arena, &c, fold, false);
        struct mmse_model m = {.method = mmse_method_named("linear_history")};
        ck_assert_int_eq(m.method->fit(&s.arena, &others, NULL, NULL, &m.parameters, &s.why), OK);
        EACH_TASK(c, who, fold)
        {
            struct known k = known_of(who);
            double theirs = by_coefficients(of_fold(models, fold, "linreg_prefix"), &k);
            ck_assert_double_eq_tol(mmse_model_score(&m, &k), theirs, 1e-9);
        }
    }
}
END_TEST

/* The published slopes were computed from ages with nine decimals, of which the file of visits has six. Hence linear
 * and own_line are compared to the digit on the table of the published features, and to the sixth digit on the visits.
 */
struct task {
    double x[FEATURES], target;
    int fold;
};

static struct task task_of(const char *line)
{
    enum { FOLD = 1, TARGET = 12, COLUMNS = 13 };
    static const int column[FEATURES] = {7, 8, 10, 11, 9, 2, 3};
    double cells[COLUMNS] = {0};
    for (int i = 0; i < COLUMNS; i++, line = strchr(line, ',') ? strchr(line, ',') + 1 : line)
        cells[i] = strtod(line, NULL);
    struct task t = {.target = cells[TARGET], .fold = (int)cells[FOLD]};
    for (int j = 0; j < FEATURES; j++)
        t.x[j] = cells[column[j]];
    return t;
}

static size_t tasks_read(struct scene *s, struct task *out)
{
    size_t size, count = 0;
    const char *line = file_text(&s->arena, "paquid_tasks.csv", &size);
    while ((line = strchr(line, '\n')) && line[1])
        out[count++] = task_of(++line);
    return count;
}

START_TEST(linear_on_the_published_features_predicts_to_the_digit_what_numpy_does)
{
    SCENE(s);
    struct cohort c;
    struct task tasks[TASKS + 1];
    if (!cohort_there(&s, &c))
        return;
    json_auto_t *models = reference(&s, "baseline_linear_models.json");
    ck_assert_uint_eq(tasks_read(&s, tasks), TASKS);
    for (int fold = 0; fold < FOLDS; fold++) {
        struct least_squares ls = least_squares_begin(FEATURES + 1);
        double row[FEATURES + 1] = {1}, b[FEATURES + 1];
        for (int i = 0; i < TASKS; i++) {
            memcpy(row + 1, tasks[i].x, sizeof tasks[i].x);
            if (tasks[i].fold != fold)
                least_squares_add(&ls, row, tasks[i].target);
        }
        ck_assert_uint_eq(least_squares_solve(&ls, b), FEATURES + 1);
        for (int i = 0; i < TASKS; i++) {
            json_t *coefficients = of_fold(models, fold, "linreg");
            double ours = b[0], theirs = json_number_value(json_object_get(coefficients, "intercept"));
            for (int j = 0; j < FEATURES; j++) {
                ours += b[j + 1] * tasks[i].x[j];
                theirs += json_number_value(json_object_get(coefficients, known_feature_names[j])) * tasks[i].x[j];
            }
            if (tasks[i].fold == fold)
                ck_assert_double_eq_tol(ours, theirs, 1e-9);
        }
    }
}
END_TEST

START_TEST(features_are_the_published_ones)
{
    SCENE(s);
    struct cohort c;
    struct task tasks[TASKS + 1];
    if (!cohort_there(&s, &c))
        return;
    ck_assert_uint_eq(tasks_read(&s, tasks), TASKS);
    for (size_t i = 0, task = 0; i < c.count; i++) {
        double x[FEATURES];
        if (c.subjects[i].count < 2)
            continue;
        struct known k = known_of(&c.subjects[i]);
        known_features(&k, x);
        for (int j = 0; j < FEATURES; j++)
            ck_assert_double_eq_tol(x[j], tasks[task].x[j], j == FEATURE_GAP_YEARS ? 1.1e-6 : 5e-8);
        task++;
    }
}
END_TEST

START_TEST(mean_is_the_published_one)
{
    SCENE(s);
    struct cohort c;
    if (!cohort_there(&s, &c))
        return;
    json_auto_t *models = reference(&s, "baseline_linear_models.json");
    for (int fold = 0; fold < FOLDS; fold++) {
        char name[16];
        snprintf(name, sizeof name, "fold%d", fold);
        struct cohort others = cohort_part(&s.arena, &c, fold, false);
        const void *mean;
        ck_assert_int_eq(mmse_method_named("mean")->fit(&s.arena, &others, NULL, NULL, &mean, &s.why), OK);
        ck_assert_double_eq_tol(*(const double *)mean, json_number_value(at(models, name, "mean", NULL)), 1e-9);
    }
}
END_TEST

/* All folds, through the whole of the validation, to the last published digit. */
START_TEST(predictions_of_every_subject_are_the_published_ones)
{
    static const struct {
        const char *ours, *theirs;
        double tolerance;
    } pairs[] = {{"mean", "mean", 5.1e-7},       {"last_value", "locf", 0},
                 {"own_line", "ols_line", 7e-7}, /* see above */
                 {"linear", "linreg", 2e-6},     {"linear_history", "linreg_prefix", 2e-6},
                 {"mixed", "lme", 5e-5}}; /* two optimisers end a little apart */
    SCENE(s);
    struct cohort c;
    size_t size;
    if (!cohort_there(&s, &c))
        return;
    const char *predictions = file_text(&s.arena, "baseline_predictions.csv", &size);
    for (size_t i = 0; i < COUNT(pairs); i++) {
        struct evaluation e;
        struct mmse_options options = {.seed = 1};
        ck_assert_int_eq(validation_run(&s.arena, mmse_method_named(pairs[i].ours), &c, &options, &e, &s.why), OK);
        ck_assert_uint_eq(e.count, TASKS);
        for (size_t j = 0; j < e.count; j++) {
            double theirs = published(predictions, e.judged[j].id, pairs[i].theirs);
            ck_assert_msg(fabs(e.judged[j].prediction.score - theirs) <= pairs[i].tolerance, "%s of %s: %.9g, not %.9g",
                          pairs[i].ours, e.judged[j].id, e.judged[j].prediction.score, theirs);
        }
    }
}
END_TEST

/* ---- mixed ------------------------------------------------------------------------------------------------------- */

static struct mixed mixed_of(json_t *lme)
{
    json_t *fixed = json_object_get(lme, "fixef"), *d = json_object_get(lme, "D");
    struct mixed m = {.sigma2 = json_number_value(json_object_get(lme, "sigma2"))};
    static const char *const names[MIXED_EFFECTS] = {"(Intercept)", "a", "male", "educ"};
    for (int j = 0; j < MIXED_EFFECTS; j++)
        m.fixed[j] = json_number_value(json_object_get(fixed, names[j]));
    m.d00 = json_number_value(json_array_get(json_array_get(d, 0), 0));
    m.d01 = json_number_value(json_array_get(json_array_get(d, 0), 1));
    m.d11 = json_number_value(json_array_get(json_array_get(d, 1), 1));
    return m;
}

START_TEST(mixed_is_at_least_as_likely_as_what_lme4_found)
{
    SCENE(s);
    struct cohort c;
    if (!cohort_there(&s, &c))
        return;
    json_auto_t *models = reference(&s, "baseline_lme_models.json");
    for (int fold = 0; fold < FOLDS; fold++) {
        char name[16];
        snprintf(name, sizeof name, "fold%d", fold);
        json_t *lme = at(models, "lme", name, NULL);
        struct cohort others = cohort_part(&s.arena, &c, fold, false);
        struct mixed m, theirs = mixed_of(lme);
        ck_assert(mixed_fit(&s.arena, &others, false, NULL, &m));
        ck_assert(m.visits == (size_t)json_integer_value(json_object_get(lme, "n_obs")));
        ck_assert_double_ge(m.log_likelihood, json_number_value(json_object_get(lme, "logLik")) - 1e-7);
        ck_assert_double_eq_tol(m.fixed[0], theirs.fixed[0], 1e-3);
        ck_assert_double_eq_tol(m.d11, theirs.d11, 1e-2);
    }
}
END_TEST

/* D Z'(Z D Z' + sigma2 I)^-1 (y - X b) as it stands, by elimination: another way than mixed_predict goes. */
static double formula(const struct mixed *m, const struct known *k)
{
    enum { MAX = 30 };
    double v[MAX][MAX + 1], a_target = (k->target_age - 75) / 10, sum;
    for (size_t i = 0; i < k->count; i++) {
        double a = (k->visits[i].age - 75) / 10;
        for (size_t j = 0; j < k->count; j++) {
            double b = (k->visits[j].age - 75) / 10;
            v[i][j] = m->d00 + m->d01 * (a + b) + m->d11 * a * b + (i == j ? m->sigma2 : 0);
        }
        v[i][k->count] =
            k->visits[i].score - m->fixed[0] - m->fixed[1] * a - m->fixed[2] * k->male - m->fixed[3] * k->education;
    }
    for (size_t i = 0; i < k->count; i++)
        for (size_t row = 0; row < k->count; row++) {
            double factor = row == i ? 0 : v[row][i] / v[i][i];
            for (size_t j = i; j <= k->count; j++)
                v[row][j] -= factor * v[i][j];
        }
    sum = m->fixed[0] + m->fixed[1] * a_target + m->fixed[2] * k->male + m->fixed[3] * k->education;
    for (size_t i = 0; i < k->count; i++) {
        double a = (k->visits[i].age - 75) / 10;
        sum += (m->d00 + m->d01 * (a + a_target) + m->d11 * a * a_target) * v[i][k->count] / v[i][i];
    }
    return sum;
}

START_TEST(mixed_predicts_by_the_formula_with_published_parameters)
{
    SCENE(s);
    struct cohort c;
    size_t size;
    if (!cohort_there(&s, &c))
        return;
    json_auto_t *models = reference(&s, "baseline_lme_models.json");
    const char *predictions = file_text(&s.arena, "baseline_predictions.csv", &size);
    for (int fold = 0; fold < FOLDS; fold++) {
        char name[16];
        snprintf(name, sizeof name, "fold%d", fold);
        struct mixed m = mixed_of(at(models, "lme", name, NULL));
        EACH_TASK(c, who, fold)
        {
            struct known k = known_of(who);
            double ours = mixed_predict(&m, &k);
            ck_assert_double_eq_tol(ours, formula(&m, &k), 1e-9);
            ck_assert_double_eq_tol(score_clip(ours), published(predictions, who->id, "lme"), 5.1e-7);
        }
    }
}
END_TEST

/* ---- the aim ----------------------------------------------------------------------------------------------------- */

START_TEST(the_default_method_reaches_its_aim)
{
    SCENE(s);
    struct cohort c;
    if (!cohort_there(&s, &c))
        return;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        struct evaluation e;
        struct mmse_options options = {.seed = seed, .grow = grow_trees};
        ck_assert_int_eq(validation_run(&s.arena, mmse_method_named(MMSE_METHOD_DEFAULT), &c, &options, &e, &s.why),
                         OK);
        ck_assert(e.overall.mae <= 3.05 && e.overall.rmse <= 4.81 && e.beats_last_value);
        ck_assert(e.overall.coverage >= 0.87 && e.overall.coverage <= 0.93);
        for (int band = 0; band < SCORE_BANDS; band++)
            if (e.by_band[band].count >= 50)
                ck_assert(e.by_band[band].coverage >= 0.85 && e.by_band[band].coverage <= 0.95);
    }
}
END_TEST

START_TEST(no_method_knows_what_becomes_of_the_cohort)
{
    SCENE(s);
    struct cohort c;
    if (!cohort_there(&s, &c))
        return;
    static const char *const methods[] = {"own_line", "linear", "linear_history", "mixed"};
    for (size_t i = 0; i < COUNT(methods); i++) {
        struct mmse_options options = {.seed = 1};
        size_t leaks = 1;
        ck_assert_int_eq(validation_finds_leak(mmse_method_named(methods[i]), &c, &options, &leaks, &s.why), OK);
        ck_assert_uint_eq(leaks, 0);
    }
}
END_TEST

int main(void)
{
    return UNIT_TESTS(
        linear_history_predicts_to_the_digit_what_numpy_does,
        linear_on_the_published_features_predicts_to_the_digit_what_numpy_does, features_are_the_published_ones,
        mean_is_the_published_one, predictions_of_every_subject_are_the_published_ones,
        mixed_is_at_least_as_likely_as_what_lme4_found, mixed_predicts_by_the_formula_with_published_parameters,
        the_default_method_reaches_its_aim, no_method_knows_what_becomes_of_the_cohort);
}
