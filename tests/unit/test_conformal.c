#include "common/science/mmse/conformal.h"
#include "common/science/statistics/random.h"
#include "tests/support/unit.h"

#include <math.h>

enum { LEVEL_50, LEVEL_80, LEVEL_90, LEVEL_95 };

static struct known seen(const struct visit *last, double gap_years)
{
    return (struct known){NAN, NAN, 1, last, last->age + gap_years};
}

static double width(const struct conformal *c, double last_score, double gap_years, int level)
{
    const struct visit last = {70, last_score};
    struct known k = seen(&last, gap_years);
    struct conformal_limits limits = conformal_interval(c, &k, 15, level);
    return limits.upper - limits.lower;
}

/* 1 to 99 in some order: of 100 equally likely ranks the 5 below the 5th are missed, and the 5 above the 95th. */
START_TEST(conformal_limits_are_errors_of_the_right_rank)
{
    struct conformal_error errors[99];
    const struct visit last = {70, 28};
    struct known k = seen(&last, 2);
    for (int i = 0; i < 99; i++)
        errors[i] = (struct conformal_error){4, 2, (i * 37 % 99 + 1) / 10.0};
    struct conformal c = conformal_calibrate(errors, 99);
    struct conformal_limits limits = conformal_interval(&c, &k, 10, LEVEL_90);
    ck_assert_double_eq_tol(limits.lower, 10.5, 1e-9);
    ck_assert_double_eq_tol(limits.upper, 19.5, 1e-9);
    limits = conformal_interval(&c, &k, 10, LEVEL_50);
    ck_assert_double_eq_tol(limits.lower, 12.5, 1e-9);
    ck_assert_double_eq_tol(limits.upper, 17.5, 1e-9);
    limits = conformal_interval(&c, &k, 24, LEVEL_90);
    ck_assert_double_eq_tol(limits.lower, 24.5, 1e-9);
    ck_assert_double_eq(limits.upper, 30);
}
END_TEST

START_TEST(conformal_with_too_few_errors_excludes_nothing)
{
    struct conformal_error errors[18];
    for (int i = 0; i < 18; i++)
        errors[i] = (struct conformal_error){4, 2, i / 10.0};
    struct conformal nothing = conformal_calibrate(NULL, 0), c = conformal_calibrate(errors, 18);
    ck_assert(width(&nothing, 28, 2, LEVEL_50) == 30);
    ck_assert(width(&c, 28, 2, LEVEL_90) == 30 && width(&c, 28, 2, LEVEL_80) < 30);
}
END_TEST

START_TEST(conformal_joins_bands_that_are_too_thin)
{
    struct conformal_error errors[200];
    size_t count = 0;
    static const int of_band[SCORE_BANDS] = {3, 7, 45, 20, 100};
    for (int band = 0; band < SCORE_BANDS; band++)
        for (int i = 0; i < of_band[band]; i++)
            errors[count++] = (struct conformal_error){band, 2, (5 - band) * (i % 11 - 5) / 5.0};
    struct conformal c = conformal_calibrate(errors, count);
    ck_assert(c.errors == 175 && c.count[4] == 100 && c.count[3] == 75 && c.count[2] == 75);
    ck_assert(c.count[1] == 75 && c.count[0] == 75); /* ten alone are not enough, so they join, too */
    ck_assert(width(&c, 29, 2, LEVEL_90) < width(&c, 25, 2, LEVEL_90));
}
END_TEST

START_TEST(conformal_of_a_few_errors_in_all_uses_them_in_every_band)
{
    struct conformal_error errors[30];
    for (int i = 0; i < 30; i++)
        errors[i] = (struct conformal_error){i % SCORE_BANDS, 2, i / 10.0};
    struct conformal c = conformal_calibrate(errors, 30);
    for (int band = 0; band < SCORE_BANDS; band++)
        ck_assert_uint_eq(c.count[band], 30);
}
END_TEST

START_TEST(conformal_intervals_widen_with_the_years_ahead)
{
    enum { ERRORS = 20000 };
    static struct conformal_error errors[ERRORS];
    struct random random = random_from(1);
    for (int i = 0; i < ERRORS; i++) {
        double gap = 1 + i % 5;
        errors[i] = (struct conformal_error){4, gap, gap * random_normal(&random)};
    }
    struct conformal c = conformal_calibrate(errors, ERRORS);
    ck_assert_double_eq_tol(width(&c, 28, 1, LEVEL_90), 2 * 1.645, 0.3);
    ck_assert_double_eq_tol(width(&c, 28, 4, LEVEL_90), 8 * 1.645, 0.5);
}
END_TEST

/* Errors that depend on the band, lean to one side and grow with time; new ones are covered as often as is said. */
static struct conformal_error any_error(struct random *random)
{
    int band = (int)random_below(random, SCORE_BANDS);
    double gap = 1 + (double)random_below(random, 4), size = (6 - band) * (0.5 + gap / 4), e = random_normal(random);
    return (struct conformal_error){band, gap, size * (e < 0 ? 2 * e : e) / 4};
}

START_TEST(conformal_covers_what_it_says_in_each_band)
{
    static const double score[SCORE_BANDS] = {5, 15, 20, 25, 28};
    struct random random = random_from(9);
    double covered[SCORE_BANDS] = {0}, count[SCORE_BANDS] = {0};
    for (int trial = 0; trial < 60; trial++) {
        struct conformal_error errors[400];
        for (int i = 0; i < 400; i++)
            errors[i] = any_error(&random);
        struct conformal c = conformal_calibrate(errors, 400);
        for (int i = 0; i < 400; i++) {
            struct conformal_error e = any_error(&random);
            const struct visit last = {70, score[e.band]};
            struct known k = seen(&last, e.gap_years);
            struct conformal_limits limits = conformal_interval(&c, &k, 15, LEVEL_90);
            covered[e.band] += 15 + e.error >= limits.lower && 15 + e.error <= limits.upper;
            count[e.band]++;
        }
    }
    for (int band = 0; band < SCORE_BANDS; band++)
        ck_assert_msg(covered[band] / count[band] > 0.89 && covered[band] / count[band] < 0.93, "band %d: %g", band,
                      covered[band] / count[band]);
}
END_TEST

START_TEST(conformal_reads_what_it_wrote_and_refuses_the_rest)
{
    SCENE(s);
    AUTO(writer_release) struct writer w = {0};
    struct conformal_error errors[200];
    struct conformal c, again;
    struct random random = random_from(2);
    for (int i = 0; i < 200; i++)
        errors[i] = (struct conformal_error){i % SCORE_BANDS, 1 + i % 3, random_normal(&random)};
    c = conformal_calibrate(errors, 200);
    conformal_write(&c, &w);
    json_auto_t *json = json_loads(w.bytes, 0, NULL);
    ck_assert_int_eq(conformal_read(json, &again, &s.why), OK);
    for (int level = 0; level < CONFORMAL_LEVELS; level++)
        ck_assert(width(&c, 20, 3, level) == width(&again, 20, 3, level));
    json_object_set_new(json, "spread", json_real(-1));
    ck_assert_int_eq(conformal_read(json, &again, &s.why), INVALID);
    ck_assert_int_eq(conformal_read(NULL, &again, &s.why), INVALID);
}
END_TEST

int main(void)
{
    return UNIT_TESTS(conformal_limits_are_errors_of_the_right_rank, conformal_with_too_few_errors_excludes_nothing,
                      conformal_joins_bands_that_are_too_thin, conformal_of_a_few_errors_in_all_uses_them_in_every_band,
                      conformal_intervals_widen_with_the_years_ahead, conformal_covers_what_it_says_in_each_band,
                      conformal_reads_what_it_wrote_and_refuses_the_rest);
}
