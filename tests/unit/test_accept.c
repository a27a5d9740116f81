#include "common/http/accept.h"
#include "tests/support/unit.h"

static void ck_prefers(const char *accept, const char *media_type, const char *to)
{
    ck_assert_msg(accept_rank(accept, media_type) > accept_rank(accept, to), "%s: %s before %s", accept, media_type,
                  to);
}

static void ck_welcomes_alike(const char *accept, const char *one, const char *other)
{
    ck_assert_int_gt(accept_rank(accept, one), 0);
    ck_assert_int_eq(accept_rank(accept, one), accept_rank(accept, other));
}

static void ck_refuses_type(const char *accept, const char *media_type)
{
    ck_assert_msg(accept_rank(accept, media_type) == 0, "%s takes %s", accept, media_type);
}

START_TEST(without_a_word_everything_is_welcome)
{
    ck_welcomes_alike(NULL, "image/png", "application/json");
    ck_welcomes_alike("", "image/png", "application/json");
    ck_welcomes_alike(" \t ", "image/png", "application/json");
    ck_welcomes_alike("*/*", "image/png", "application/json");
}
END_TEST

START_TEST(quality_decides)
{
    ck_prefers("image/png;q=0.4, image/svg+xml;q=0.5", "image/svg+xml", "image/png");
    ck_prefers("image/png;q=0.401, image/svg+xml;q=0.4", "image/png", "image/svg+xml");
    ck_prefers("image/png ; Q=1.000 , image/svg+xml\t;\tq=0.999", "image/png", "image/svg+xml");
    ck_prefers("image/png, application/json;q=0.9", "image/png", "application/json");
    ck_welcomes_alike("image/png;q=0.3,image/svg+xml;q=0.300", "image/png", "image/svg+xml");
}
END_TEST

START_TEST(the_closest_range_counts)
{
    ck_refuses_type("image/*, image/png;q=0", "image/png");
    ck_prefers("*/*;q=0.9, image/*;q=0.2", "application/json", "image/png");
    ck_prefers("image/*;q=0.2, image/png;q=0.8, */*;q=0.5", "image/png", "application/json");
    ck_prefers("image/*;q=0.2, image/png;q=0.8, */*;q=0.5", "application/json", "image/svg+xml");
}
END_TEST

START_TEST(of_two_as_welcome_the_named_one_wins)
{
    ck_prefers("image/png, */*", "image/png", "application/json");
    ck_prefers("image/*, */*", "image/png", "application/json");
}
END_TEST

START_TEST(case_and_parameters_make_no_difference)
{
    ck_assert_int_gt(accept_rank("IMAGE/PNG", "image/png"), 0);
    ck_assert_int_gt(accept_rank(R"(application/json; charset="a,b;q=0" ;q=0.5)", "application/json"), 0);
    ck_assert_int_gt(accept_rank(R"(text/html;level="1\",", image/png)", "image/png"), 0);
}
END_TEST

START_TEST(a_malformed_range_is_passed_over)
{
    ck_refuses_type("image", "image/png");
    ck_refuses_type("*/png", "image/png");
    ck_refuses_type("image/pn*", "image/png");
    ck_refuses_type("im*", "image/png");
    ck_refuses_type(",,;,", "image/png");
    ck_refuses_type("image/png;q=2", "image/png");
    ck_refuses_type("image/png;q=", "image/png");
    ck_refuses_type("image/png;q=0.1234", "image/png");
    ck_refuses_type("image/png;q=-1", "image/png");
    ck_refuses_type("image/png;q=1.001", "image/png");
    ck_refuses_type("image/png;q=0", "image/png");
    ck_refuses_type("image/pngs, image/pn", "image/png");
    ck_refuses_type(R"(text/html;x="image/png)", "image/png");
}
END_TEST

int main(void)
{
    return UNIT_TESTS(without_a_word_everything_is_welcome, quality_decides, the_closest_range_counts,
                      of_two_as_welcome_the_named_one_wins, case_and_parameters_make_no_difference,
                      a_malformed_range_is_passed_over);
}
