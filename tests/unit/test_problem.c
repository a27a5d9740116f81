#include "tests/support/unit.h"

#include <string.h>

START_TEST(fail_returns_the_status_it_was_given)
{
    SCENE(s);
    ck_assert_int_eq(fail(&s.why, CONFLICT, "name", "is taken"), CONFLICT);
    ck_assert_int_eq(problem_status(&s.why), CONFLICT);
    ck_noted(&s.why, "/name", "is taken");
}
END_TEST

START_TEST(problem_status_is_that_of_the_first_refusal)
{
    SCENE(s);
    ck_assert_int_eq(problem_status(&s.why), OK);
    fail(&s.why, INVALID, "age", "must be between 0 and 130");
    fail(&s.why, MALFORMED, NULL, "something else");
    ck_assert_int_eq(problem_status(&s.why), INVALID);
    ck_assert_int_eq(s.why.error_count, 1);
}
END_TEST

START_TEST(the_first_sentence_about_the_whole_request_stays)
{
    SCENE(s);
    fail(&s.why, INVALID, NULL, "one %d", 1);
    fail(&s.why, INVALID, NULL, "two");
    ck_assert_str_eq(s.why.detail, "one 1");
    ck_assert_int_eq(s.why.error_count, 0);
}
END_TEST

START_TEST(a_name_becomes_a_json_pointer)
{
    SCENE(s);
    fail(&s.why, INVALID, "a/b~c", "x");
    fail(&s.why, INVALID, "/data/3", "x");
    fail(&s.why, INVALID, "", "x");
    ck_noted(&s.why, "/a~1b~0c", "x");
    ck_noted(&s.why, "/data/3", "x");
    ck_noted(&s.why, "/", "x");
}
END_TEST

START_TEST(a_list_of_refusals_has_an_end)
{
    SCENE(s);
    for (int i = 0; i < 3 * PROBLEM_ERRORS_MAX; i++)
        fail(&s.why, INVALID, "mmse", "%d", i);
    ck_assert_int_eq(s.why.error_count, PROBLEM_ERRORS_MAX);
}
END_TEST

START_TEST(problem_reset_forgets)
{
    SCENE(s);
    fail(&s.why, UNAVAILABLE, NULL, "later");
    s.why.retry_after_s = 7;
    problem_reset(&s.why, &s.arena);
    ck_assert_int_eq(problem_status(&s.why), OK);
    ck_assert_ptr_null(s.why.detail);
    ck_assert_int_eq(s.why.retry_after_s, 0);
}
END_TEST

START_TEST(every_status_has_a_code_a_slug_and_a_title)
{
    for (int i = OK; i < STATUS_COUNT; i++) {
        enum status status = (enum status)i;
        ck_assert_int_ge(status_http(status), 200);
        ck_assert_ptr_nonnull(status_title(status));
        ck_assert_uint_eq(strspn(status_slug(status), "abcdefghijklmnopqrstuvwxyz-"), strlen(status_slug(status)));
    }
    ck_assert_int_eq(status_http(INVALID), 422);
    ck_assert_int_eq(status_http(PRECONDITION_REQUIRED), 428);
    ck_assert_str_eq(status_slug(NOT_FOUND), "not-found");
}
END_TEST

int main(void)
{
    return UNIT_TESTS(fail_returns_the_status_it_was_given, problem_status_is_that_of_the_first_refusal,
                      the_first_sentence_about_the_whole_request_stays, a_name_becomes_a_json_pointer,
                      a_list_of_refusals_has_an_end, problem_reset_forgets, every_status_has_a_code_a_slug_and_a_title);
}
