#include "services/ctl/calibrate.h"
#include "tests/support/unit.h"

/* A machine that takes so long for a MiB and a pass, and has so much memory. */
struct machine {
    int64_t us_per_mib_pass;
    long memory_mib;
    int measured;
};

static int64_t measure(void *context, const struct password_cost *cost)
{
    struct machine *m = context;
    m->measured++;
    ck_assert_int_ge(cost->memory_mib, PASSWORD_HASH_MIB);
    ck_assert_int_ge(cost->passes, PASSWORD_HASH_PASSES);
    return cost->memory_mib > m->memory_mib ? -1 : m->us_per_mib_pass * cost->memory_mib * cost->passes;
}

static struct recommendation recommended(struct machine *m, int64_t target_ms, long memory_max_mib)
{
    struct recommendation r;
    struct calibration c = {target_ms * 1000, memory_max_mib, measure, m};
    ck_assert(calibrate(&c, &r));
    ck_assert_int_lt(m->measured, 20);
    return r;
}

START_TEST(memory_is_used_up_before_passes_are_added)
{
    struct machine m = {.us_per_mib_pass = 700, .memory_mib = 100000};
    struct recommendation r = recommended(&m, 250, 64);
    ck_assert_int_eq(r.cost.memory_mib, 64);
    ck_assert_int_eq(r.cost.passes, 5);
    ck_assert_int_eq(r.duration_us, 700 * 64 * 5);
    ck_assert(!r.too_slow);
}
END_TEST

START_TEST(a_slow_machine_gets_less_memory)
{
    struct machine m = {.us_per_mib_pass = 3000, .memory_mib = 100000};
    struct recommendation r = recommended(&m, 250, 256);
    ck_assert_int_eq(r.cost.memory_mib, 32);
    ck_assert_int_eq(r.cost.passes, 2);
}
END_TEST

START_TEST(nothing_is_weaker_than_the_minimum)
{
    struct machine m = {.us_per_mib_pass = 50000, .memory_mib = 100000};
    struct recommendation r = recommended(&m, 1, 1024);
    ck_assert_int_eq(r.cost.memory_mib, PASSWORD_HASH_MIB);
    ck_assert_int_eq(r.cost.passes, PASSWORD_HASH_PASSES);
    ck_assert(r.too_slow);
}
END_TEST

START_TEST(memory_that_is_not_there_is_not_recommended)
{
    struct machine m = {.us_per_mib_pass = 100, .memory_mib = 70}, none = {.us_per_mib_pass = 100, .memory_mib = 10};
    struct recommendation r = recommended(&m, 250, 512);
    ck_assert_int_eq(r.cost.memory_mib, 64);
    struct calibration c = {250000, 64, measure, &none};
    ck_assert(!calibrate(&c, &r));
}
END_TEST

START_TEST(passes_have_an_end)
{
    struct machine m = {.us_per_mib_pass = 0, .memory_mib = 100};
    struct recommendation r = recommended(&m, 10000, 19);
    ck_assert_int_eq(r.cost.passes, PASSWORD_HASH_PASSES_MAX);
}
END_TEST

int main(void)
{
    return UNIT_TESTS(memory_is_used_up_before_passes_are_added, a_slow_machine_gets_less_memory,
                      nothing_is_weaker_than_the_minimum, memory_that_is_not_there_is_not_recommended,
                      passes_have_an_end);
}
