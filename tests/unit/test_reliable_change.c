#include "common/science/statistics/reliable_change.h"
#include "tests/support/unit.h"

#include <math.h>

#define CLOSE(a, b) ck_assert_double_eq_tol((a), (b), 1e-10 * (1 + fabs((double)(b))))

START_TEST(a_change_is_reliable_beyond_what_unchanged_people_show)
{
    struct reliable_change fall = reliable_change(27, 24, 1, 0.95), drop = reliable_change(27, 25, 1, 0.95);
    CLOSE(fall.difference, -3);
    CLOSE(fall.standard_error, 1.4142135623730951);
    CLOSE(fall.index, -2.1213203435596424);
    CLOSE(fall.threshold, 2.7718076486469);
    ck_assert(!fall.within_error);
    ck_assert(drop.within_error);
    ck_assert(!reliable_change(24, 27, 1, 0.95).within_error);
    ck_assert(reliable_change(24, 27, 2, 0.95).within_error);
    ck_assert(reliable_change(24, 24, 0.1, 0.95).within_error);
}
END_TEST

int main(void)
{
    return UNIT_TESTS(a_change_is_reliable_beyond_what_unchanged_people_show);
}
