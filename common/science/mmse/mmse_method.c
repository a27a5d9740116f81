#include "common/science/mmse/mmse_method.h"

#include "common/science/mmse/mixed.h"
#include "common/science/statistics/least_squares.h"

#include <math.h>
#include <string.h>

/* ---- Reading parameters ---- */

static bool number_read(const json_t *json, const char *member, double *out)
{
    const json_t *value = json_object_get(json, member);
    *out = json_number_value(value);
    return json_is_number(value);
}

static void number_write(struct writer *w, const char *member, double value)
{
    write_key(w, member);
    write_real(w, value);
}

static enum status damaged(struct problem *why)
{
    return fail(why, INVALID, NULL, "The model's parameters are damaged.");
}

/* ---- Methods without parameters ---- */

static enum status nothing_fit(struct arena *arena, const struct cohort *cohort, const struct mmse_options *options,
                               const void *near, const void **out, struct problem *why)
{
    (void)arena, (void)cohort, (void)options, (void)near, (void)why;
    *out = NULL;
    return OK;
}

static void nothing_write(const void *parameters, struct writer *w)
{
    (void)parameters;
    write_object(w);
    write_object_end(w);
}

static enum status nothing_read(struct arena *arena, const json_t *json, const void **out, struct problem *why)
{
    (void)arena;
    *out = NULL;
    return json_is_object(json) ? OK : damaged(why);
}

static double last_value_predict(const void *parameters, const struct known *k)
{
    (void)parameters;
    return known_last(k)->score;
}

static double own_line_predict(const void *parameters, const struct known *k)
{
    (void)parameters;
    double x[FEATURES], age = 0;
    known_features(k, x);
    for (size_t i = 0; i < k->count; i++)
        age += k->visits[i].age;
    return x[FEATURE_MEAN_SCORE] + x[FEATURE_SLOPE] * (k->target_age - age / (double)k->count);
}

double mmse_method_rule_v1(double mmse, int age)
{
    enum { RULE_AGE = 50, GAIN_UP_TO_AGE = 5, GAIN_ABOVE = 3 };
    return fmin(mmse + (age <= RULE_AGE ? GAIN_UP_TO_AGE : GAIN_ABOVE), SCORE_MAX);
}

static double rule_v1_predict(const void *parameters, const struct known *k)
{
    (void)parameters;
    return mmse_method_rule_v1(known_last(k)->score, (int)known_last(k)->age);
}

/* ---- mean: of the targets of the others ---- */

static enum status mean_fit(struct arena *arena, const struct cohort *cohort, const struct mmse_options *options,
                            const void *near, const void **out, struct problem *why)
{
    (void)options, (void)near, (void)why;
    double *mean = arena_alloc(arena, sizeof *mean), count = 0;
    for (size_t i = 0; i < cohort->count; i++) {
        const struct subject *s = &cohort->subjects[i];
        *mean += s->count > 1 ? s->visits[s->count - 1].score : 0;
        count += s->count > 1;
    }
    *mean /= count;
    *out = mean;
    return OK;
}

static double mean_predict(const void *parameters, const struct known *k)
{
    (void)k;
    return *(const double *)parameters;
}

static void mean_write(const void *parameters, struct writer *w)
{
    write_object(w);
    number_write(w, "mean", *(const double *)parameters);
    write_object_end(w);
}

static enum status mean_read(struct arena *arena, const json_t *json, const void **out, struct problem *why)
{
    double *mean = arena_alloc(arena, sizeof *mean);
    *out = mean;
    return number_read(json, "mean", mean) ? OK : damaged(why);
}

/* ---- The tasks that learners learn from ---- */

enum tasks { LAST_VISIT, EVERY_VISIT }; /* from all before it */

/* Calls take for each task of the cohort. */
static void tasks_walk(const struct cohort *cohort, enum tasks tasks, void *context,
                       void (*take)(void *context, const double *features, double target))
{
    double features[FEATURES];
    for (size_t i = 0; i < cohort->count; i++) {
        const struct subject *s = &cohort->subjects[i];
        for (size_t v = tasks == LAST_VISIT && s->count > 1 ? s->count - 1 : 1; v < s->count; v++) {
            struct known k = known_before(s, v, NULL);
            known_features(&k, features);
            take(context, features, s->visits[v].score);
        }
    }
}

/* ---- linear: least squares ---- */

/* Unknown sex and education count as the mean of the tasks in which they are known. */
struct linear {
    double coefficient[FEATURES + 1]; /* the intercept first */
    double mean[FEATURES];
    size_t rows;
};

struct means {
    double sum[FEATURES], count[FEATURES];
};

static void means_take(void *context, const double *features, double target)
{
    struct means *m = context;
    (void)target;
    for (int j = 0; j < FEATURES; j++) {
        m->sum[j] += isnan(features[j]) ? 0 : features[j];
        m->count[j] += !isnan(features[j]);
    }
}

static void linear_row(const struct linear *l, const double *features, double out[FEATURES + 1])
{
    out[0] = 1;
    for (int j = 0; j < FEATURES; j++)
        out[j + 1] = isnan(features[j]) ? l->mean[j] : features[j];
}

struct linear_work {
    struct linear *linear;
    struct least_squares squares;
};

static void linear_take(void *context, const double *features, double target)
{
    struct linear_work *work = context;
    double row[FEATURES + 1];
    linear_row(work->linear, features, row);
    least_squares_add(&work->squares, row, target);
}

static enum status linear_fit_to(struct arena *arena, const struct cohort *cohort, enum tasks tasks, const void **out)
{
    struct linear *l = arena_alloc(arena, sizeof *l);
    struct linear_work work = {l, least_squares_begin(FEATURES + 1)};
    struct means means = {0};
    tasks_walk(cohort, tasks, &means, means_take);
    for (int j = 0; j < FEATURES; j++)
        l->mean[j] = means.count[j] > 0 ? means.sum[j] / means.count[j] : 0;
    tasks_walk(cohort, tasks, &work, linear_take);
    least_squares_solve(&work.squares, l->coefficient);
    l->rows = work.squares.rows;
    *out = l;
    return OK;
}

static enum status linear_fit(struct arena *arena, const struct cohort *cohort, const struct mmse_options *options,
                              const void *near, const void **out, struct problem *why)
{
    (void)options, (void)near, (void)why;
    return linear_fit_to(arena, cohort, LAST_VISIT, out);
}

static enum status linear_history_fit(struct arena *arena, const struct cohort *cohort,
                                      const struct mmse_options *options, const void *near, const void **out,
                                      struct problem *why)
{
    (void)options, (void)near, (void)why;
    return linear_fit_to(arena, cohort, EVERY_VISIT, out);
}

static double linear_predict(const void *parameters, const struct known *k)
{
    const struct linear *l = parameters;
    double features[FEATURES], row[FEATURES + 1], sum = 0;
    known_features(k, features);
    linear_row(l, features, row);
    for (int j = 0; j <= FEATURES; j++)
        sum += row[j] * l->coefficient[j];
    return sum;
}

static void linear_write(const void *parameters, struct writer *w)
{
    const struct linear *l = parameters;
    write_object(w);
    write_key(w, "rows");
    write_integer(w, (int64_t)l->rows);
    write_key(w, "coefficients");
    write_object(w);
    number_write(w, "intercept", l->coefficient[0]);
    for (int j = 0; j < FEATURES; j++)
        number_write(w, known_feature_names[j], l->coefficient[j + 1]);
    write_object_end(w);
    write_key(w, "means");
    write_object(w);
    for (int j = 0; j < FEATURES; j++)
        number_write(w, known_feature_names[j], l->mean[j]);
    write_object_end(w);
    write_object_end(w);
}

static enum status linear_read(struct arena *arena, const json_t *json, const void **out, struct problem *why)
{
    struct linear *l = arena_alloc(arena, sizeof *l);
    const json_t *coefficients = json_object_get(json, "coefficients"), *means = json_object_get(json, "means");
    bool whole = number_read(coefficients, "intercept", &l->coefficient[0]);
    for (int j = 0; whole && j < FEATURES; j++)
        whole = number_read(coefficients, known_feature_names[j], &l->coefficient[j + 1]) &&
                number_read(means, known_feature_names[j], &l->mean[j]);
    json_int_t rows = json_integer_value(json_object_get(json, "rows"));
    l->rows = (size_t)rows;
    *out = l;
    return whole && rows > 0 ? OK : damaged(why);
}

/* ---- mixed ---- */

static enum status mixed_method_fit(struct arena *arena, const struct cohort *cohort,
                                    const struct mmse_options *options, const void *near, const void **out,
                                    struct problem *why)
{
    struct mixed *m = arena_alloc(arena, sizeof *m);
    *out = m;
    if (!mixed_fit(arena, cohort, options->reml, near, m))
        return fail(why, INVALID, NULL, "The likelihood of the mixed model has no maximum that could be found.");
    return OK;
}

static double mixed_method_predict(const void *parameters, const struct known *k)
{
    return mixed_predict(parameters, k);
}

/* The members of struct mixed that a file holds. */
#define MIXED_NUMBER(name, member) \
    { \
        name, offsetof(struct mixed, member) \
    }
static const struct {
    const char *name;
    size_t offset;
} mixed_numbers[] = {
    MIXED_NUMBER("intercept", fixed[0]),     MIXED_NUMBER("decades", fixed[1]),
    MIXED_NUMBER("male", fixed[2]),          MIXED_NUMBER("educ", fixed[3]),
    MIXED_NUMBER("intercept_variance", d00), MIXED_NUMBER("covariance", d01),
    MIXED_NUMBER("slope_variance", d11),     MIXED_NUMBER("residual_variance", sigma2),
    MIXED_NUMBER("mean_male", mean_male),    MIXED_NUMBER("mean_educ", mean_education),
};

static void mixed_write(const void *parameters, struct writer *w)
{
    const struct mixed *m = parameters;
    write_object(w);
    write_key(w, "criterion");
    write_text(w, m->reml ? "reml" : "ml");
    for (size_t i = 0; i < COUNT(mixed_numbers); i++)
        number_write(w, mixed_numbers[i].name, *(const double *)((const char *)m + mixed_numbers[i].offset));
    number_write(w, "log_likelihood", m->log_likelihood);
    write_object_end(w);
}

static enum status mixed_read(struct arena *arena, const json_t *json, const void **out, struct problem *why)
{
    struct mixed *m = arena_alloc(arena, sizeof *m);
    const char *criterion = json_string_value(json_object_get(json, "criterion"));
    *out = m;
    if (!criterion || (strcmp(criterion, "ml") != 0 && strcmp(criterion, "reml") != 0))
        return damaged(why);
    m->reml = strcmp(criterion, "reml") == 0;
    for (size_t i = 0; i < COUNT(mixed_numbers); i++)
        if (!number_read(json, mixed_numbers[i].name, (double *)((char *)m + mixed_numbers[i].offset)))
            return damaged(why);
    if (!number_read(json, "log_likelihood", &m->log_likelihood))
        m->log_likelihood = NAN;
    bool covariance = m->d00 >= 0 && m->d11 >= 0 && m->d01 * m->d01 <= m->d00 * m->d11 * (1 + 1e-9);
    return covariance && m->sigma2 >= 0 ? OK : damaged(why);
}

/* ---- boosted and forest: trees on the same features, from every visit ---- */

struct table {
    float *x, *y;
    size_t rows;
    double mean;
};

static void table_count(void *context, const double *features, double target)
{
    struct table *t = context;
    (void)features;
    t->rows++;
    t->mean += target;
}

static void table_take(void *context, const double *features, double target)
{
    struct table *t = context;
    for (int j = 0; j < FEATURES; j++)
        t->x[t->rows * FEATURES + (size_t)j] = (float)features[j];
    t->y[t->rows++] = (float)(target - t->mean);
}

static struct table table_of(struct arena *arena, const struct cohort *cohort)
{
    struct table t = {0};
    tasks_walk(cohort, EVERY_VISIT, &t, table_count);
    t.x = arena_alloc(arena, t.rows * FEATURES * sizeof *t.x);
    t.y = arena_alloc(arena, t.rows * sizeof *t.y);
    t.mean /= (double)t.rows;
    t.rows = 0;
    tasks_walk(cohort, EVERY_VISIT, &t, table_take);
    return t;
}

static enum status trees_fit(struct arena *arena, const struct cohort *cohort, const struct mmse_options *options,
                             const struct tree_task *settings, const void **out, struct problem *why)
{
    AUTO(arena_release) struct arena scratch = {0};
    struct table t = table_of(&scratch, cohort);
    struct tree_task task = *settings;
    task.rows = t.rows;
    task.features = FEATURES;
    task.x = t.x;
    task.y = t.y;
    task.seed = options->seed;
    struct trees *trees = arena_alloc(arena, sizeof *trees);
    TRY(options->grow(arena, &task, trees, why));
    trees->base = t.mean;
    *out = trees;
    return OK;
}

/* Small steps of small trees, as J. Friedman, Ann Statist 29 (2001) 1189 advises; the same numbers as the published
 * baseline, which were chosen before any result was seen. */
static enum status boosted_fit(struct arena *arena, const struct cohort *cohort, const struct mmse_options *options,
                               const void *near, const void **out, struct problem *why)
{
    static const struct tree_task settings = {
        .trees = 200, .depth = 2, .rate = 0.05, .row_part = 1, .feature_part = 1, .leaf_rows_min = 10};
    (void)near;
    return trees_fit(arena, cohort, options, &settings, out, why);
}

/* L. Breiman, Mach Learn 45 (2001) 5: a third of the features at each split; 63% of the rows without replacement
 * are as many different ones as a bootstrap sample has. */
static enum status forest_fit(struct arena *arena, const struct cohort *cohort, const struct mmse_options *options,
                              const void *near, const void **out, struct problem *why)
{
    static const struct tree_task settings = {.bagged = true,
                                              .trees = 100,
                                              .depth = 6,
                                              .rate = 1,
                                              .row_part = 0.632,
                                              .feature_part = 0.34,
                                              .leaf_rows_min = 5};
    (void)near;
    return trees_fit(arena, cohort, options, &settings, out, why);
}

static double trees_method_predict(const void *parameters, const struct known *k)
{
    double features[FEATURES];
    known_features(k, features);
    return trees_predict(parameters, features);
}

static void trees_method_write(const void *parameters, struct writer *w)
{
    trees_write(parameters, w);
}

static enum status trees_method_read(struct arena *arena, const json_t *json, const void **out, struct problem *why)
{
    struct trees *trees = arena_alloc(arena, sizeof *trees);
    *out = trees;
    return trees_read(arena, json, FEATURES, trees, why);
}

/* ---- combined: the mean of linear_history and boosted ---- */

struct combined {
    const void *linear, *boosted;
};

static enum status combined_fit(struct arena *arena, const struct cohort *cohort, const struct mmse_options *options,
                                const void *near, const void **out, struct problem *why)
{
    struct combined *c = arena_alloc(arena, sizeof *c);
    (void)near;
    *out = c;
    TRY(linear_history_fit(arena, cohort, options, NULL, &c->linear, why));
    return boosted_fit(arena, cohort, options, NULL, &c->boosted, why);
}

static double combined_predict(const void *parameters, const struct known *k)
{
    const struct combined *c = parameters;
    return (score_clip(linear_predict(c->linear, k)) + score_clip(trees_method_predict(c->boosted, k))) / 2;
}

static void combined_write(const void *parameters, struct writer *w)
{
    const struct combined *c = parameters;
    write_object(w);
    write_key(w, "linear_history");
    linear_write(c->linear, w);
    write_key(w, "boosted");
    trees_write(c->boosted, w);
    write_object_end(w);
}

static enum status combined_read(struct arena *arena, const json_t *json, const void **out, struct problem *why)
{
    struct combined *c = arena_alloc(arena, sizeof *c);
    *out = c;
    TRY(linear_read(arena, json_object_get(json, "linear_history"), &c->linear, why));
    return trees_method_read(arena, json_object_get(json, "boosted"), &c->boosted, why);
}

/* ---- The table ---- */

/* Name, summary, tasks_min, grows_trees, fit, predict, write, read. tasks_min: ten errors are the least that a line
 * through them can be doubted with; where something is estimated, some three to ten subjects for each number. */
/* clang-format off */
#define METHODS(M) \
    M(mean, "the mean of the others' scores at the target", 10, false, \
      mean_fit, mean_predict, mean_write, mean_read) \
    M(last_value, "the last score stays", 10, false, \
      nothing_fit, last_value_predict, nothing_write, nothing_read) \
    M(own_line, "the person's own least squares line", 10, false, \
      nothing_fit, own_line_predict, nothing_write, nothing_read) \
    M(linear, "least squares, one row per person", 30, false, \
      linear_fit, linear_predict, linear_write, linear_read) \
    M(linear_history, "least squares, a row for every visit from those before it", 30, false, \
      linear_history_fit, linear_predict, linear_write, linear_read) \
    M(mixed, "a line for each person around a common one (random intercept and slope)", 30, false, \
      mixed_method_fit, mixed_method_predict, mixed_write, mixed_read) \
    M(boosted, "boosted trees, a row for every visit from those before it", 50, true, \
      boosted_fit, trees_method_predict, trees_method_write, trees_method_read) \
    M(forest, "a random forest, a row for every visit from those before it", 50, true, \
      forest_fit, trees_method_predict, trees_method_write, trees_method_read) \
    M(combined, "the mean of linear_history and boosted", 50, true, \
      combined_fit, combined_predict, combined_write, combined_read) \
    M(rule_v1, "the clinic's rule of thumb", 10, false, \
      nothing_fit, rule_v1_predict, nothing_write, nothing_read)
/* clang-format on */

#define METHOD(name, ...) {#name, __VA_ARGS__},
#define NAME(name, ...)   #name,
const struct mmse_method mmse_methods[] = {METHODS(METHOD){0}};
const char *const mmse_method_names[] = {METHODS(NAME) NULL};

const struct mmse_method *mmse_method_named(const char *name)
{
    for (const struct mmse_method *m = mmse_methods; m->name; m++)
        if (strcmp(m->name, name) == 0)
            return m;
    return NULL;
}
