#include "tests/api/ctl/mnemosctl.h"

#include <math.h>

static const char trial[] = TEST_DATA "/survival/colon_death.csv";

static const char *table_file(const char *table)
{
    static char path[64];
    snprintf(path, sizeof path, "/tmp/mnemos-test-table-%d.csv", (int)getpid());
    FILE *file = fopen(path, "we");
    ck_assert(file && fputs(table, file) >= 0 && fclose(file) == 0);
    return path;
}

static struct outcome compare(const char *table)
{
    const char *path = table_file(table);
    struct outcome o = CTL("survival", path, "--time=t", "--event=e", "--arm=a", "--tau=2,9", "--json");
    unlink(path);
    return o;
}

static json_t *answer_of(struct outcome o)
{
    ck_done(o);
    json_t *answer = json_loads(o.said, 0, NULL);
    ck_assert_msg(answer != NULL, "%s", o.said);
    return answer;
}

static json_t *item(json_t *object, const char *list, size_t i)
{
    return json_array_get(json_object_get(object, list), i);
}

static double number(json_t *object, const char *member)
{
    return json_number_value(json_object_get(object, member));
}

static bool near(double a, double b)
{
    return fabs(a / b - 1) < 1e-9;
}

START_TEST(survival_compares_the_arms_of_the_trial)
{
    json_auto_t *answer =
        answer_of(CTL("survival", trial, "--time=time", "--event=status", "--arm=rx", "--tau=1825,2555", "--json"));
    json_t *arm = item(answer, "arms", 0), *test = json_object_get(answer, "logrank");
    ck_assert_str_eq(json_string_value(json_object_get(arm, "arm")), "Lev+5FU");
    ck_assert(number(arm, "patients") == 304 && number(arm, "events") == 123);
    ck_assert(json_is_null(json_object_get(json_object_get(arm, "median"), "time")));
    ck_assert(number(json_object_get(arm, "median"), "lower") == 2725);
    ck_assert(near(number(item(arm, "restricted_mean", 0), "mean"), 1449.88047921));
    ck_assert(near(number(test, "chi_square"), 11.6830927106) && near(number(test, "p"), 0.00290434799759));
    ck_assert(near(number(json_object_get(answer, "peto_peto"), "chi_square"), 10.275750506));
    ck_assert(near(number(item(answer, "pairs", 0), "chi_square"), 9.96566573328));
    ck_assert(number(answer, "rows") == 929 && number(answer, "left_out") == 0);
}
END_TEST

START_TEST(survival_leaves_rows_with_empty_cells_out_and_counts_them)
{
    json_auto_t *answer = answer_of(compare("t,x,e,a\n1,,1,A\n,,1,A\n3,y,,\n4,z,0,\"B, or \"\"C\"\"\"\n"));
    json_t *empty = json_object_get(answer, "empty"), *arm = item(answer, "arms", 1);
    ck_assert(number(answer, "rows") == 4 && number(answer, "left_out") == 2);
    ck_assert(number(empty, "time") == 1 && number(empty, "event") == 1 && number(empty, "arm") == 1);
    ck_assert_str_eq(json_string_value(json_object_get(arm, "arm")), "B, or \"C\"");
    ck_assert(number(item(arm, "restricted_mean", 0), "mean") == 2);
    ck_assert(json_is_true(json_object_get(item(arm, "restricted_mean", 1), "beyond_follow_up")));
    ck_assert(json_is_null(json_object_get(item(arm, "restricted_mean", 1), "mean")));
}
END_TEST

START_TEST(survival_answers_for_a_table_without_rows)
{
    json_auto_t *answer = answer_of(compare("t,e,a\n"));
    ck_assert(number(answer, "rows") == 0 && json_array_size(json_object_get(answer, "arms")) == 0);
    ck_assert(json_is_null(json_object_get(json_object_get(answer, "logrank"), "p")));
}
END_TEST

START_TEST(survival_names_what_is_wrong_with_a_table)
{
    ck_refused(compare(""), "is empty");
    ck_refused(compare("t,e\n"), "No column is called 'a'");
    ck_refused(compare("t,e,a,t\n"), "More than one column is called 't'");
    ck_refused(compare("t,e,a\n1,1,A\n-2,1,A\n"), "Line 3, column 't': '-2' must be a number");
    ck_refused(compare("t,e,a\nnan,1,A\n"), "Line 2, column 't': 'nan'");
    ck_refused(compare("t,e,a\n1,2,A\n"), "Line 2, column 'e': '2' must be 0 (censored) or 1");
    ck_refused(compare("t,e,a\n1,1\n"), "Line 2 has 2 cells, and the first line 3");
    ck_refused(compare("t,e,a\n1,1,\"A\n"), "Line 2: a quote is opened");
    ck_refused(compare("t,e,a\n1,1,\xff\n"), "is not UTF-8");
    ck_refused(CTL("survival", "/nowhere", "--time=t", "--event=e", "--arm=a", "--json"), "cannot be read");
    ck_refused(CTL("survival", trial, "--time=t", "--event=e", "--arm=a", "--tau=1,", "--json"), "--tau must be");
    ck_refused(CTL("survival", trial, "--time=t", "--json"), "Say which file and columns");
}
END_TEST

int main(void)
{
    return API_TESTS(NULL, survival_compares_the_arms_of_the_trial,
                     survival_leaves_rows_with_empty_cells_out_and_counts_them,
                     survival_answers_for_a_table_without_rows, survival_names_what_is_wrong_with_a_table);
}
