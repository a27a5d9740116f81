#include "common/science/learners/grow.h"
#include "common/science/mmse/mmse_model.h"
#include "tests/support/simulated.h"
#include "tests/support/unit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct mmse_options options = {.seed = 7, .grow = grow_trees};

static struct mmse_model fitted(struct scene *s, const char *method, const struct cohort *c)
{
    struct mmse_model m = {0};
    enum status status = mmse_model_fit(&s->arena, mmse_method_named(method), c, &options, &m, &s->why);
    ck_assert_msg(status == OK, "%s: %s", method, s->why.detail);
    return m;
}

static char *written(struct scene *s, const struct mmse_model *m)
{
    AUTO(writer_release) struct writer w = {0};
    mmse_model_write(m, &w);
    return arena_copy(&s->arena, w.bytes, w.used);
}

static enum status read_back(struct scene *s, const char *json, struct mmse_model *out)
{
    return mmse_model_read(&s->arena, json, strlen(json), out, &s->why);
}

#define EACH_METHOD(m) for (const struct mmse_method *m = mmse_methods; m->name; m++)

START_TEST(every_method_predicts_scores_within_intervals_within_the_scale)
{
    SCENE(s);
    struct cohort c = simulated_cohort(&s.arena, 120, 1);
    EACH_METHOD(method)
    {
        struct mmse_model m = fitted(&s, method->name, &c);
        ck_assert(m.tasks == c.task_count && m.subjects == 120 && m.conformal.errors == c.task_count);
        for (size_t i = 0; i < c.count; i++) {
            struct mmse_prediction p;
            if (c.subjects[i].count < 2)
                continue;
            struct known k = known_before(&c.subjects[i], c.subjects[i].count - 1, NULL);
            ck_assert_int_eq(mmse_model_predict(&m, &k, CONFORMAL_DEFAULT, &p, &s.why), OK);
            ck_assert_msg(p.lower >= 0 && p.lower <= p.upper && p.upper <= 30 && p.score >= 0 && p.score <= 30,
                          "%s: %g (%g to %g)", method->name, p.score, p.lower, p.upper);
        }
    }
}
END_TEST

START_TEST(every_method_makes_the_same_bytes_of_the_same_data)
{
    SCENE(s);
    struct cohort c = simulated_cohort(&s.arena, 120, 2);
    EACH_METHOD(method)
    {
        struct mmse_model one = fitted(&s, method->name, &c), other = fitted(&s, method->name, &c);
        ck_assert_str_eq(written(&s, &one), written(&s, &other));
    }
}
END_TEST

START_TEST(every_method_is_read_as_it_was_written)
{
    SCENE(s);
    struct cohort c = simulated_cohort(&s.arena, 120, 3);
    EACH_METHOD(method)
    {
        struct mmse_model m = fitted(&s, method->name, &c), again = {0};
        const char *json = written(&s, &m);
        ck_assert_msg(read_back(&s, json, &again) == OK, "%s: %s", method->name, s.why.detail);
        ck_assert_str_eq(written(&s, &again), json);
        ck_assert(again.method == m.method && again.seed == 7 && again.tasks == m.tasks);
        for (size_t i = 0; i < c.count; i++) {
            if (c.subjects[i].count < 2)
                continue;
            struct known k = known_before(&c.subjects[i], c.subjects[i].count - 1, NULL);
            struct mmse_prediction p, q;
            ck_assert_int_eq(mmse_model_predict(&m, &k, 0, &p, &s.why), OK);
            ck_assert_int_eq(mmse_model_predict(&again, &k, 0, &q, &s.why), OK);
            ck_assert(p.score == q.score && p.lower == q.lower && p.upper == q.upper);
        }
    }
}
END_TEST

START_TEST(a_model_has_one_spelling_only)
{
    SCENE(s);
    struct cohort c = simulated_cohort(&s.arena, 120, 4);
    struct mmse_model m = fitted(&s, "mixed", &c), again;
    const char *text = written(&s, &m);
    json_auto_t *json = json_loads(text, 0, NULL);
    char *spaced = json_dumps(json, JSON_INDENT(2));
    ck_assert_int_eq(read_back(&s, arena_printf(&s.arena, "%s\n", text), &again), OK);
    ck_assert_int_eq(read_back(&s, spaced, &again), INVALID);
    free(spaced);
}
END_TEST

/* Every digit in turn becomes another one. */
START_TEST(a_damaged_model_is_refused)
{
    SCENE(s);
    struct cohort c = simulated_cohort(&s.arena, 60, 5);
    struct mmse_model m = fitted(&s, "linear", &c), again;
    char *json = written(&s, &m);
    ck_assert_int_eq(read_back(&s, json, &again), OK);
    for (char *at = json; *at; at++) {
        char before = *at;
        if (before < '0' || before > '9')
            continue;
        *at = before == '9' ? '1' : (char)(before + 1);
        ck_assert_msg(read_back(&s, json, &again) == INVALID, "a changed digit is not noticed: %.60s", at);
        *at = before;
    }
    for (size_t size = 0; json[size]; size += 7)
        ck_assert_int_eq(mmse_model_read(&s.arena, json, size, &again, &s.why), INVALID);
}
END_TEST

START_TEST(text_that_is_no_model_is_refused_with_a_sentence)
{
    static const struct {
        const char *json, *sentence;
    } cases[] = {
        {"", "no JSON object"},
        {"[1]", "no JSON object"},
        {"{'format': 'x'}", "no MMSE model"},
        {"{'format': 'mnemos-mmse-model', 'version': 2}", "another version than 1"},
        {"{'format': 'mnemos-mmse-model', 'version': 1, 'model': {'method': 'oracle'}}", "unknown method"},
        {"{'format': 'mnemos-mmse-model', 'version': 1, 'model': {'method': 'mean'}}", "damaged"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        SCENE(s);
        struct mmse_model m;
        char *json = json_text_of(cases[i].json);
        ck_assert_int_eq(read_back(&s, json, &m), INVALID);
        ck_assert_msg(strstr(s.why.detail, cases[i].sentence) != NULL, "%s", s.why.detail);
        free(json);
    }
}
END_TEST

START_TEST(trees_that_lead_nowhere_or_in_circles_are_refused)
{
    static const char *const bad[] = {
        "{'base': 1, 'trees': [[]]}",
        "{'base': 1, 'trees': [[[0, 1, 0, true, 0.5], [1]]]}",
        "{'base': 1, 'trees': [[[1, 3, 0, true, 0.5], [1], [2]]]}",
        "{'base': 1, 'trees': [[[1, 2, 7, true, 0.5], [1], [2]]]}",
        "{'base': 1, 'trees': [[[1, 2, -1, true, 0.5], [1], [2]]]}",
        "{'base': 1, 'trees': [[[1, 2, 0, 1, 0.5], [1], [2]]]}",
        "{'base': 1, 'trees': [[[1, 2, 0, true, 0.5], [1], [1e39]]]}",
        "{'base': 1, 'trees': [[[1, 2, 0, true, 0.5], [1], [1, 2]]]}",
        "{'base': 'x', 'trees': []}",
        "{'base': 1}",
    };
    SCENE(s);
    struct trees t;
    for (size_t i = 0; i < COUNT(bad); i++) {
        json_auto_t *json = json_of(bad[i]);
        ck_assert_int_eq(trees_read(&s.arena, json, 7, &t, &s.why), INVALID);
    }
    json_auto_t *good = json_of("{'base': 1, 'trees': [[[1, 2, 0, true, 0.5], [1], [2]], [[-4]]]}");
    ck_assert_int_eq(trees_read(&s.arena, good, 7, &t, &s.why), OK);
    ck_assert(trees_predict(&t, (double[]){0.4}) == -2 && trees_predict(&t, (double[]){0.5}) == -1);
    ck_assert(trees_predict(&t, (double[]){NAN}) == -2);
}
END_TEST

START_TEST(a_cohort_that_is_too_small_hears_how_many_are_needed_and_found)
{
    SCENE(s);
    struct cohort nobody = {0}, c = simulated_cohort(&s.arena, 12, 6);
    struct mmse_model m;
    EACH_METHOD(method)
    {
        problem_reset(&s.why, &s.arena);
        ck_assert_int_eq(mmse_model_fit(&s.arena, method, &nobody, &options, &m, &s.why), INVALID);
        ck_assert_msg(strstr(s.why.detail, "are needed, and 0 were found") != NULL, "%s", s.why.detail);
    }
    problem_reset(&s.why, &s.arena);
    ck_assert_int_eq(mmse_model_fit(&s.arena, mmse_method_named("linear"), &c, &options, &m, &s.why), INVALID);
    const char *found = arena_printf(&s.arena, "30 subjects with two or more visits are needed, and %zu", c.task_count);
    ck_assert_msg(strstr(s.why.detail, found) != NULL, "%s", s.why.detail);
}
END_TEST

static void set_scores(struct cohort *c, double score)
{
    for (size_t i = 0; i < c->count; i++)
        for (size_t v = 0; v < c->subjects[i].count; v++)
            ((struct visit *)(uintptr_t)c->subjects[i].visits)[v].score = score;
}

START_TEST(constant_scores_are_predicted_to_stay)
{
    SCENE(s);
    struct cohort c = simulated_cohort(&s.arena, 100, 7);
    set_scores(&c, 24);
    EACH_METHOD(method)
    {
        struct mmse_model m = fitted(&s, method->name, &c);
        const struct visit last = {70, 24};
        struct known k = {1, NAN, 1, &last, 72};
        struct mmse_prediction p;
        ck_assert_int_eq(mmse_model_predict(&m, &k, CONFORMAL_DEFAULT, &p, &s.why), OK);
        bool rule = strcmp(method->name, "rule_v1") == 0;
        ck_assert_msg(fabs(p.score - (rule ? 27 : 24)) < 1e-6, "%s: %g", method->name, p.score);
        ck_assert(fabs(p.lower - 24) < 1e-3 && fabs(p.upper - 24) < 1e-3);
    }
}
END_TEST

START_TEST(education_may_be_unknown_of_everybody)
{
    SCENE(s);
    struct cohort c = simulated_cohort(&s.arena, 100, 8);
    for (size_t i = 0; i < c.count; i++)
        ((struct subject *)(uintptr_t)c.subjects)[i].education = NAN;
    EACH_METHOD(method)
    {
        struct mmse_model m = fitted(&s, method->name, &c);
        struct known k = known_before(&c.subjects[1], 1, NULL), with = k;
        with.education = 1;
        ck_assert(isfinite(mmse_model_score(&m, &k)));
        ck_assert(mmse_model_score(&m, &k) == mmse_model_score(&m, &with));
    }
}
END_TEST

START_TEST(unknown_education_counts_as_the_mean_in_linear_models)
{
    SCENE(s);
    struct cohort c = simulated_cohort(&s.arena, 200, 9);
    struct mmse_model m = fitted(&s, "linear_history", &c);
    const struct visit last = {70, 24};
    struct known with = {1, 1, 1, &last, 72}, without = {1, 0, 1, &last, 72}, unknown = {1, NAN, 1, &last, 72};
    double a = mmse_model_score(&m, &with), b = mmse_model_score(&m, &without);
    double between = mmse_model_score(&m, &unknown);
    ck_assert(between > fmin(a, b) && between < fmax(a, b));
}
END_TEST

START_TEST(a_prediction_is_refused_what_was_not_known_before)
{
    SCENE(s);
    struct cohort c = simulated_cohort(&s.arena, 100, 10);
    struct mmse_model m = fitted(&s, "last_value", &c);
    const struct visit visits[] = {{70, 24}, {72, 20}};
    struct mmse_prediction p;
    ck_assert_int_eq(mmse_model_predict(&m, &(struct known){1, 1, 2, visits, 72}, 0, &p, &s.why), INVALID);
    ck_assert_int_eq(mmse_model_predict(&m, &(struct known){1, 1, 2, visits, 71}, 0, &p, &s.why), INVALID);
    ck_assert_int_eq(mmse_model_predict(&m, &(struct known){1, 1, 2, visits, 72.1}, 0, &p, &s.why), OK);
}
END_TEST

static bool stop_at(void *context, unsigned step, unsigned steps)
{
    unsigned *calls = context;
    ck_assert(step < steps);
    return ++*calls < 3;
}

static double no_number(const void *parameters, const struct known *k)
{
    (void)k;
    return *(const double *)parameters;
}

START_TEST(a_model_that_leads_to_no_number_predicts_none)
{
    SCENE(s);
    static const double values[] = {NAN, INFINITY, -INFINITY};
    static const struct mmse_method method = {.name = "odd", .predict = no_number};
    const struct visit visits[] = {{70, 28}};
    struct mmse_prediction p;
    for (size_t i = 0; i < COUNT(values); i++) {
        const struct mmse_model m = {.method = &method, .parameters = &values[i]};
        problem_reset(&s.why, &s.arena);
        ck_assert_int_eq(mmse_model_predict(&m, &(struct known){1, 1, 1, visits, 72}, 0, &p, &s.why), CONFLICT);
    }
}
END_TEST

START_TEST(a_fit_can_be_cancelled)
{
    SCENE(s);
    struct cohort c = simulated_cohort(&s.arena, 100, 11);
    unsigned calls = 0;
    struct mmse_options watched = options;
    struct mmse_model m;
    watched.watch = (struct mmse_watch){stop_at, &calls};
    ck_assert_int_eq(mmse_model_fit(&s.arena, mmse_method_named("linear"), &c, &watched, &m, &s.why), CONFLICT);
    ck_assert_str_eq(s.why.detail, "The work was cancelled.");
    ck_assert_uint_eq(calls, 3);
}
END_TEST

START_TEST(trees_are_grown_only_where_somebody_grows_them)
{
    SCENE(s);
    struct cohort c = simulated_cohort(&s.arena, 100, 12);
    struct mmse_model m;
    ck_assert_int_eq(mmse_model_fit(&s.arena, mmse_method_named("boosted"), &c, &(struct mmse_options){0}, &m, &s.why),
                     FAULT);
}
END_TEST

START_TEST(rule_v1_adds_five_up_to_fifty_and_three_above_and_stops_at_thirty)
{
    ck_assert_double_eq(mmse_method_rule_v1(20, 50), 25);
    ck_assert_double_eq(mmse_method_rule_v1(20, 51), 23);
    ck_assert_double_eq(mmse_method_rule_v1(28, 40), 30);
    ck_assert_double_eq(mmse_method_rule_v1(30, 90), 30);
    ck_assert_double_eq(mmse_method_rule_v1(0, 0), 5);
}
END_TEST

START_TEST(the_default_method_is_one_of_them)
{
    ck_assert(mmse_method_named(MMSE_METHOD_DEFAULT) != NULL && mmse_method_named("oracle") == NULL);
}
END_TEST

int main(void)
{
    return UNIT_TESTS(
        every_method_predicts_scores_within_intervals_within_the_scale,
        every_method_makes_the_same_bytes_of_the_same_data, every_method_is_read_as_it_was_written,
        a_model_has_one_spelling_only, a_damaged_model_is_refused, text_that_is_no_model_is_refused_with_a_sentence,
        trees_that_lead_nowhere_or_in_circles_are_refused,
        a_cohort_that_is_too_small_hears_how_many_are_needed_and_found, constant_scores_are_predicted_to_stay,
        education_may_be_unknown_of_everybody, unknown_education_counts_as_the_mean_in_linear_models,
        a_prediction_is_refused_what_was_not_known_before, a_model_that_leads_to_no_number_predicts_none,
        a_fit_can_be_cancelled, trees_are_grown_only_where_somebody_grows_them,
        rule_v1_adds_five_up_to_fifty_and_three_above_and_stops_at_thirty, the_default_method_is_one_of_them);
}
