#include "common/science/statistics/random.h"
#include "tests/support/unit.h"

#include <math.h>

START_TEST(random_is_the_same_for_the_same_seed)
{
    struct random a = random_from(7), b = random_from(7), c = random_from(8);
    int same = 0;
    for (int i = 0; i < 100; i++) {
        uint64_t x = random_bits(&a);
        ck_assert(x == random_bits(&b));
        same += x == random_bits(&c);
    }
    ck_assert_int_eq(same, 0);
}
END_TEST

/* Computed apart, by the published algorithms in Python; the state is the known sequence of splitmix64 from 0. */
START_TEST(random_begins_as_its_authors_say)
{
    struct random r = random_from(0);
    static const uint64_t state[] = {0xe220a8397b1dcdaf, 0x6e789e6aa1b965f4, 0x06c45d188009454f, 0xf88bb8a8724c81ec};
    static const uint64_t first[] = {0x99ec5f36cb75f2b4, 0xbf6e1f784956452a, 0x1a5f849d4933e6e0};
    for (int i = 0; i < 4; i++)
        ck_assert(r.state[i] == state[i]);
    for (size_t i = 0; i < COUNT(first); i++)
        ck_assert(random_bits(&r) == first[i]);
}
END_TEST

START_TEST(random_numbers_have_the_moments_they_should)
{
    struct random r = random_from(1);
    enum { N = 200000 };
    double uniform = 0, normal = 0, square = 0;
    size_t counts[7] = {0};
    for (int i = 0; i < N; i++) {
        double u = random_uniform(&r), z = random_normal(&r);
        ck_assert(u >= 0 && u < 1);
        uniform += u;
        normal += z;
        square += z * z;
        counts[random_below(&r, 7)]++;
    }
    ck_assert(fabs(uniform / N - 0.5) < 5 * sqrt(1.0 / 12 / N)); /* five standard errors */
    ck_assert(fabs(normal / N) < 5 * sqrt(1.0 / N) && fabs(square / N - 1) < 5 * sqrt(2.0 / N));
    for (int i = 0; i < 7; i++)
        ck_assert(fabs((double)counts[i] / N - 1.0 / 7) < 5 * sqrt(6.0 / 49 / N));
    ck_assert_uint_eq(random_below(&r, 1), 0);
}
END_TEST

int main(void)
{
    return UNIT_TESTS(random_is_the_same_for_the_same_seed, random_begins_as_its_authors_say,
                      random_numbers_have_the_moments_they_should);
}
