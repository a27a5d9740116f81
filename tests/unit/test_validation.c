#include "common/science/learners/grow.h"
#include "common/science/mmse/validation.h"
#include "tests/support/simulated.h"
#include "tests/support/unit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct mmse_options options = {.seed = 3, .grow = grow_trees};

static struct evaluation judged(struct scene *s, const struct mmse_method *method, const struct cohort *c)
{
    struct evaluation e = {0};
    enum status status = validation_run(&s->arena, method, c, &options, &e, &s->why);
    ck_assert_msg(status == OK, "%s", s->why.detail);
    return e;
}

/* ---- leaks ------------------------------------------------------------------------------------------------------- */

/* A method that looks where it should not: between the visits of those it learns from lie those of the others. */
struct burglar {
    const struct visit *begin, *end;
};

static enum status burglar_fit(struct arena *arena, const struct cohort *cohort, const struct mmse_options *o,
                               const void *near, const void **out, struct problem *why)
{
    (void)o, (void)near, (void)why;
    struct burglar *b = arena_alloc(arena, sizeof *b);
    const struct subject *last = &cohort->subjects[cohort->count - 1];
    *b = (struct burglar){cohort->subjects[0].visits, last->visits + last->count};
    *out = b;
    return OK;
}

static double burglar_predict(const void *parameters, const struct known *k)
{
    const struct burglar *b = parameters;
    for (const struct visit *v = b->begin; v + k->count < b->end; v++)
        if (v->age == k->visits[0].age && v[k->count].age == k->target_age)
            return v[k->count].score;
    return known_last(k)->score;
}

static const struct mmse_method burglar = {"burglar",   "knows what is to come", 10,   false,
                                           burglar_fit, burglar_predict,         NULL, NULL};

/* A method that reads on behind what it was given. */
static double peeper_predict(const void *parameters, const struct known *k)
{
    (void)parameters;
    return k->visits[k->count].score;
}

static const struct mmse_method peeper = {"peeper",    "looks behind the end", 10,   false,
                                          burglar_fit, peeper_predict,         NULL, NULL};

START_TEST(a_leak_that_was_planted_is_found)
{
    SCENE(s);
    struct cohort c = simulated_cohort(&s.arena, 150, 1);
    size_t leaks = 0;
    struct evaluation e = judged(&s, &burglar, &c);
    ck_assert(e.overall.mae < 0.1); /* too good to be true */
    ck_assert_int_eq(validation_finds_leak(&burglar, &c, &options, &leaks, &s.why), OK);
    ck_assert_uint_ge(leaks, c.task_count * 9 / 10);
}
END_TEST

/* Three trees would tell as much as two hundred. */
static enum status grow_few(struct arena *arena, const struct tree_task *task, struct trees *out, struct problem *why)
{
    struct tree_task few = *task;
    few.trees = 3;
    return grow_trees(arena, &few, out, why);
}

START_TEST(no_method_knows_what_is_to_come)
{
    SCENE(s);
    const struct mmse_options quick = {.seed = 3, .grow = grow_few};
    struct cohort c = simulated_cohort(&s.arena, 120, 2);
    for (const struct mmse_method *m = mmse_methods; m->name; m++) {
        size_t leaks = 1;
        enum status status = validation_finds_leak(m, &c, &quick, &leaks, &s.why);
        ck_assert_msg(status == OK && leaks == 0, "%s: %zu, %s", m->name, leaks, s.why.detail);
    }
}
END_TEST

START_TEST(the_memory_behind_the_known_visits_does_not_hold_the_target)
{
    SCENE(s);
    struct cohort c = simulated_cohort(&s.arena, 120, 3);
    struct known borrowed = known_before(&c.subjects[1], 1, NULL);
    ck_assert(peeper_predict(NULL, &borrowed) == c.subjects[1].visits[1].score);
    struct evaluation e = judged(&s, &peeper, &c);
    ck_assert(e.overall.mae > 1);
    for (size_t i = 0; i < e.count; i++)
        ck_assert(isfinite(e.judged[i].prediction.score));
}
END_TEST

/* ---- folds ------------------------------------------------------------------------------------------------------- */

START_TEST(folds_of_a_seed_are_of_equal_size_and_do_not_depend_on_the_order)
{
    SCENE(s);
    size_t count, tasks[VALIDATION_FOLDS] = {0}, moved = 0;
    struct visit_row *rows = simulated_rows(&s.arena, 103, 4, &count);
    struct cohort c, turned;
    ck_assert_int_eq(cohort_make(&s.arena, rows, count, &c, &s.why), OK);
    for (size_t i = 0; i < count / 2; i++) {
        struct visit_row row = rows[i];
        rows[i] = rows[count - 1 - i];
        rows[count - 1 - i] = row;
    }
    ck_assert_int_eq(cohort_make(&s.arena, rows, count, &turned, &s.why), OK);
    struct cohort one = validation_folds(&s.arena, &c, 5), same = validation_folds(&s.arena, &turned, 5);
    struct cohort other = validation_folds(&s.arena, &c, 6);
    for (size_t i = 0; i < one.count; i++) {
        ck_assert_str_eq(one.subjects[i].id, same.subjects[one.count - 1 - i].id);
        ck_assert_int_eq(one.subjects[i].fold, same.subjects[one.count - 1 - i].fold);
        moved += one.subjects[i].fold != other.subjects[i].fold;
        tasks[one.subjects[i].fold] += one.subjects[i].count > 1;
    }
    for (int fold = 0; fold < VALIDATION_FOLDS; fold++)
        ck_assert(tasks[fold] == c.task_count / 5 || tasks[fold] == c.task_count / 5 + 1);
    ck_assert(moved > 50);
}
END_TEST

START_TEST(cross_validation_wants_two_folds_and_somebody_to_judge)
{
    SCENE(s);
    struct evaluation e;
    struct cohort c = simulated_cohort(&s.arena, 100, 5), nobody = {0};
    const struct mmse_method *m = mmse_method_named("mean");
    for (size_t i = 0; i < c.count; i++)
        ((struct subject *)(uintptr_t)c.subjects)[i].fold = 0;
    ck_assert_int_eq(validation_run(&s.arena, m, &c, &options, &e, &s.why), INVALID);
    ck_assert_str_eq(s.why.detail, "Cross-validation needs 2 to 50 folds, and 1 were found.");
    problem_reset(&s.why, &s.arena);
    ck_assert_int_eq(validation_run(&s.arena, m, &nobody, &options, &e, &s.why), INVALID);
    ck_assert(strstr(s.why.detail, "1 subject with two or more visits is needed, and 0"));
    struct cohort small = simulated_cohort(&s.arena, 12, 5);
    problem_reset(&s.why, &s.arena);
    ck_assert_int_eq(validation_run(&s.arena, m, &small, &options, &e, &s.why), INVALID);
    ck_assert_msg(strstr(s.why.detail, "10 subjects with two or more visits are needed") != NULL, "%s", s.why.detail);
}
END_TEST

/* ---- figures ----------------------------------------------------------------------------------------------------- */

START_TEST(figures_are_those_of_the_subjects)
{
    SCENE(s);
    struct cohort c = simulated_cohort(&s.arena, 200, 6);
    struct evaluation e = judged(&s, mmse_method_named("linear"), &c);
    double mae = 0, square = 0, bias = 0, covered = 0, width = 0, score = 0, stays = 0;
    for (size_t i = 0; i < e.count; i++) {
        const struct judged *j = &e.judged[i];
        double error = j->prediction.score - j->observed, n = (double)e.count;
        double outside = fmax(0, fmax(j->prediction.lower - j->observed, j->observed - j->prediction.upper));
        mae += fabs(error) / n;
        square += error * error / n;
        bias += error / n;
        covered += (outside == 0) / n;
        width += (j->prediction.upper - j->prediction.lower) / n;
        score += (j->prediction.upper - j->prediction.lower + 20 * outside) / n;
        stays += fabs(j->last_score - j->observed) / n;
        ck_assert(j->last_value.score == j->last_score);
    }
    ck_assert(e.count == c.task_count && e.folds == 5 && e.overall.count == e.count);
    ck_assert_double_eq_tol(e.overall.mae, mae, 1e-12);
    ck_assert_double_eq_tol(e.overall.rmse, sqrt(square), 1e-12);
    ck_assert_double_eq_tol(e.overall.bias, bias, 1e-12);
    ck_assert_double_eq_tol(e.overall.coverage, covered, 1e-12);
    ck_assert_double_eq_tol(e.overall.mean_width, width, 1e-12);
    ck_assert_double_eq_tol(e.overall.interval_score, score, 1e-12);
    ck_assert_double_eq_tol(e.last_value.mae, stays, 1e-12);
    ck_assert_double_eq_tol(e.mae.value, mae - stays, 1e-12);
    ck_assert(e.mae.lower < e.mae.value && e.mae.value < e.mae.upper && e.bootstrap_samples == 4000);
    size_t in_bands = 0, in_horizons = 0, in_bins = 0;
    for (int i = 0; i < SCORE_BANDS; i++)
        in_bands += e.by_band[i].count;
    for (int i = 0; i < HORIZON_BANDS; i++)
        in_horizons += e.by_horizon[i].count;
    for (int i = 0; i < CALIBRATION_BINS; i++)
        in_bins += e.calibration[i].count;
    ck_assert(in_bands == e.count && in_horizons == e.count && in_bins == e.count);
    ck_assert(e.coverage[0] < e.coverage[1] && e.coverage[1] < e.coverage[2] && e.coverage[2] <= e.coverage[3]);
}
END_TEST

START_TEST(the_last_value_does_not_beat_itself)
{
    SCENE(s);
    struct cohort c = simulated_cohort(&s.arena, 150, 7);
    struct evaluation e = judged(&s, mmse_method_named("last_value"), &c);
    ck_assert(e.rmse.value == 0 && e.rmse.lower == 0 && e.rmse.upper == 0 && !e.beats_last_value);
    ck_assert(e.overall.coverage == e.last_value.coverage);
}
END_TEST

START_TEST(a_method_that_knows_more_beats_the_last_value_beyond_noise)
{
    SCENE(s);
    struct cohort c = simulated_cohort(&s.arena, 1500, 8);
    struct evaluation good = judged(&s, mmse_method_named("mixed"), &c);
    struct evaluation bad = judged(&s, mmse_method_named("mean"), &c);
    ck_assert(good.beats_last_value && good.rmse.upper < 0);
    ck_assert(!bad.beats_last_value && bad.rmse.lower > 0);
}
END_TEST

START_TEST(coverage_is_what_was_stated)
{
    SCENE(s);
    struct cohort c = simulated_cohort(&s.arena, 3000, 9);
    struct evaluation e = judged(&s, mmse_method_named("linear_history"), &c);
    for (int level = 0; level < CONFORMAL_LEVELS; level++)
        ck_assert_double_eq_tol(e.coverage[level], conformal_levels[level],
                                0.03); /* whole points: closed ends catch more */
    for (int band = 0; band < SCORE_BANDS; band++)
        if (e.by_band[band].count >= 100)
            ck_assert_msg(e.by_band[band].coverage > 0.85 && e.by_band[band].coverage < 0.96, "%s: %g",
                          score_band_names[band], e.by_band[band].coverage);
}
END_TEST

START_TEST(the_same_seed_gives_the_same_bytes)
{
    SCENE(s);
    AUTO(writer_release) struct writer one = {0};
    AUTO(writer_release) struct writer other = {0};
    struct cohort c = simulated_cohort(&s.arena, 120, 10);
    struct evaluation a = judged(&s, mmse_method_named("combined"), &c);
    struct evaluation b = judged(&s, mmse_method_named("combined"), &c);
    validation_write(&a, true, &one);
    validation_write(&b, true, &other);
    ck_assert_str_eq(one.bytes, other.bytes);
    json_auto_t *json = json_loads(one.bytes, 0, NULL);
    ck_assert_uint_eq(json_array_size(json_object_get(json, "predictions")), c.task_count);
}
END_TEST

START_TEST(a_model_is_judged_by_another_cohort)
{
    SCENE(s);
    struct cohort c = simulated_cohort(&s.arena, 300, 11), other = simulated_cohort(&s.arena, 3, 12);
    struct mmse_model m;
    struct evaluation e;
    ck_assert_int_eq(mmse_model_fit(&s.arena, mmse_method_named("linear"), &c, &options, &m, &s.why), OK);
    ck_assert_int_eq(validation_of_model(&s.arena, &m, NULL, &other, &e, &s.why), OK);
    ck_assert(e.count == other.task_count && e.folds == 0 && e.judged[0].fold == -1);
    ck_assert(isnan(e.last_value.coverage) && isfinite(e.last_value.rmse) && isfinite(e.overall.coverage));
    ck_assert_int_eq(validation_of_model(&s.arena, &m, &m, &other, &e, &s.why), OK);
    ck_assert(isfinite(e.last_value.coverage));
    ck_assert_int_eq(validation_of_model(&s.arena, &m, &m, &(struct cohort){0}, &e, &s.why), INVALID);
}
END_TEST

static bool count_calls(void *context, unsigned step, unsigned steps)
{
    unsigned *next = context;
    ck_assert_uint_eq(step, *next);
    ck_assert_uint_eq(steps, 30);
    return ++*next < 17;
}

START_TEST(a_validation_says_how_far_it_is_and_can_be_cancelled)
{
    SCENE(s);
    struct cohort c = simulated_cohort(&s.arena, 150, 13);
    struct mmse_options watched = options;
    struct evaluation e;
    unsigned calls = 0;
    watched.watch = (struct mmse_watch){count_calls, &calls};
    ck_assert_int_eq(validation_run(&s.arena, mmse_method_named("mean"), &c, &watched, &e, &s.why), CONFLICT);
    ck_assert_uint_eq(calls, 17);
}
END_TEST

START_TEST(horizons_begin_where_their_names_say)
{
    ck_assert(validation_horizon(0.1) == 0 && validation_horizon(1.5) == 1 && validation_horizon(2.5) == 2 &&
              validation_horizon(4) == 3);
}
END_TEST

int main(void)
{
    return UNIT_TESTS(a_leak_that_was_planted_is_found, no_method_knows_what_is_to_come,
                      the_memory_behind_the_known_visits_does_not_hold_the_target,
                      folds_of_a_seed_are_of_equal_size_and_do_not_depend_on_the_order,
                      cross_validation_wants_two_folds_and_somebody_to_judge, figures_are_those_of_the_subjects,
                      the_last_value_does_not_beat_itself, a_method_that_knows_more_beats_the_last_value_beyond_noise,
                      coverage_is_what_was_stated, the_same_seed_gives_the_same_bytes,
                      a_model_is_judged_by_another_cohort, a_validation_says_how_far_it_is_and_can_be_cancelled,
                      horizons_begin_where_their_names_say);
}
