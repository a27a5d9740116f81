#include "tests/support/confounding.h"
#include "tests/support/unit.h"

#include <math.h>

/* `./dev bench simulation` prints the figures. */
START_TEST(the_adjusted_mean_finds_the_right_treatment_where_the_historic_rule_does_not)
{
    struct confounding found = confounding_run(&confounding_usual);
    ck_assert_int_eq(found.draws, 200);
    ck_assert_msg(found.adjusted >= 190, "right in %d of 200 only", found.adjusted);
    ck_assert_msg(found.historic <= 20, "the historic rule right in %d: there is too little confounding",
                  found.historic);
    ck_assert_msg(found.unadjusted <= 20, "the unadjusted mean right in %d", found.unadjusted);
    ck_assert_int_eq(found.recommended_else, 0);
    ck_assert_int_ge(found.recommended, 60);
    ck_assert_msg(fabs(found.error / found.scatter - 1) < 0.15, /* the scatter of 200 is known to 5% */
                  "the errors say %.1f days and the differences scatter by %.1f", found.error, found.scatter);
}
END_TEST

START_TEST(without_confounding_every_rule_finds_it)
{
    struct confounding_options options = confounding_usual;
    options.strength = 0;
    options.draws = 20;
    struct confounding found = confounding_run(&options);
    ck_assert(found.historic >= 19 && found.unadjusted >= 19 && found.adjusted >= 19 && found.cox >= 19);
}
END_TEST

START_TEST(the_simulation_is_the_same_for_the_same_seed)
{
    struct confounding_options options = confounding_usual;
    options.draws = 5;
    options.patients = 300;
    struct confounding a = confounding_run(&options), b = confounding_run(&options);
    ck_assert(a.adjusted == b.adjusted && a.historic == b.historic && a.recommended == b.recommended);
}
END_TEST

int main(void)
{
    return UNIT_TESTS(the_adjusted_mean_finds_the_right_treatment_where_the_historic_rule_does_not,
                      without_confounding_every_rule_finds_it, the_simulation_is_the_same_for_the_same_seed);
}
