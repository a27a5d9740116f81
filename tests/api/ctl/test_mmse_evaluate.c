#include "tests/api/ctl/mnemosctl.h"
#include "tests/services.h"
#include "tests/support/simulated.h"

#include <math.h>

enum { SUBJECTS = 90 };

/* A file that goes away with the test. */
static void file_remove(char (*path)[64])
{
    unlink(*path);
}
#define TABLE_FILE(name, table) \
    __attribute__((cleanup(file_remove))) char name[64]; \
    table_write(name, table)

static void table_write(char path[64], const char *table)
{
    static int files;
    snprintf(path, 64, "/tmp/mnemos-test-visits-%d-%d.csv", (int)getpid(), files++);
    FILE *file = fopen(path, "we");
    ck_assert(file && fputs(table, file) >= 0 && fclose(file) == 0);
}

static const char *clinic(uint64_t seed)
{
    static struct arena arena;
    arena_release(&arena);
    return simulated_table(&arena, SUBJECTS, seed);
}

static json_t *answer_of(struct outcome o)
{
    ck_done(o);
    json_t *answer = json_loads(o.said, 0, NULL);
    ck_assert_msg(answer != NULL, "%.300s", o.said);
    return answer;
}

static json_t *evaluation_in(json_t *answer)
{
    return json_array_get(json_object_get(answer, "evaluations"), 0);
}

static double figure(json_t *object, const char *part, const char *member)
{
    return json_number_value(json_object_get(json_object_get(object, part), member));
}

START_TEST(mmse_evaluate_answers_with_figures_and_every_subject)
{
    TABLE_FILE(path, clinic(1));
    json_auto_t *answer = answer_of(CTL("mmse-evaluate", path, "--method=linear_history", "--json"));
    json_t *e = evaluation_in(answer), *subjects = json_object_get(e, "predictions"), *one;
    double mae = 0;
    size_t i;
    json_array_foreach(subjects, i, one)
    {
        double predicted = json_number_value(json_object_get(one, "predicted"));
        mae += fabs(predicted - json_number_value(json_object_get(one, "observed")));
        ck_assert(json_number_value(json_object_get(one, "lower_90")) <= predicted + 1e-9);
        ck_assert(json_is_string(json_object_get(one, "id")) && json_is_integer(json_object_get(one, "fold")));
    }
    ck_assert_str_eq(json_string_value(json_object_get(e, "method")), "linear_history");
    ck_assert(i > 60 && (double)i == figure(e, "metrics", "n"));
    ck_assert_double_eq_tol(figure(e, "metrics", "mae"), mae / (double)i, 1e-9);
    ck_assert(figure(answer, "table", "subjects") == SUBJECTS && figure(answer, "table", "without_education") > 0);
}
END_TEST

START_TEST(mmse_evaluate_prints_a_table_of_all_methods)
{
    TABLE_FILE(path, clinic(2));
    struct outcome o = CTL("mmse-evaluate", path, "--method=all");
    static const char *const methods[] = {"mean",  "last_value", "own_line", "linear",   "linear_history",
                                          "mixed", "boosted",    "forest",   "combined", "rule_v1"};
    ck_done(o);
    for (size_t i = 0; i < COUNT(methods); i++) {
        char row[32];
        snprintf(row, sizeof row, "\n| %s |", methods[i]);
        ck_assert_msg(strstr(o.said, row) != NULL, "%s is not in %s", methods[i], o.said);
    }
}
END_TEST

START_TEST(mmse_evaluate_says_the_same_again)
{
    TABLE_FILE(path, clinic(3));
    struct outcome one = CTL("mmse-evaluate", path, "--json"), other = CTL("mmse-evaluate", path, "--json");
    struct outcome seed = CTL("mmse-evaluate", path, "--json", "--seed=2");
    ck_done(one);
    ck_done(seed);
    ck_assert_str_eq(one.said, other.said);
    ck_assert_str_ne(one.said, seed.said);
}
END_TEST

START_TEST(mmse_evaluate_judges_a_file_by_models_of_another)
{
    TABLE_FILE(path, clinic(4));
    TABLE_FILE(small, "id,age,mmse,male,educ\nx,70,28,1,1\nx,72,27,1,1\ny,80,20,0,\ny,83,16,0,\nz,70,20,0,0\n");
    char train[96];
    snprintf(train, sizeof train, "--train=%s", path);
    json_auto_t *answer = answer_of(CTL("mmse-evaluate", small, train, "--method=mixed", "--reml", "--json"));
    json_t *e = evaluation_in(answer);
    ck_assert(figure(e, "metrics", "n") == 2 && figure(answer, "train", "subjects") == SUBJECTS);
    ck_assert(json_is_null(json_object_get(json_array_get(json_object_get(e, "predictions"), 0), "fold")));
    ck_assert(json_integer_value(json_object_get(e, "folds")) == 0);
}
END_TEST

START_TEST(mmse_evaluate_names_what_is_wrong)
{
    TABLE_FILE(good, clinic(5));
    TABLE_FILE(nobody, "id,age,mmse,male,educ\n");
    TABLE_FILE(single, "id,age,mmse,male,educ\na,70,20,0,1\nb,71,20,0,1\n");
    TABLE_FILE(day, "id,age,mmse,male,educ\na,70,20,0,1\na,70,21,0,1\n");
    TABLE_FILE(few, "id,age,mmse,male,educ\na,70,20,0,1\na,72,21,0,1\nb,70,20,0,1\nb,72,21,0,1\n");
    TABLE_FILE(bad, "id,age,mmse,male,educ\na,70,31,0,1\n");
    ck_refused(CTL("mmse-evaluate"), "Say which file");
    ck_refused(CTL("mmse-evaluate", "/nowhere"), "cannot be read");
    ck_refused(CTL("mmse-evaluate", good, "--method=oracle"), "There is no method 'oracle'; there are all, mean");
    ck_refused(CTL("mmse-evaluate", good, "--folds=f"), "No column is called 'f'");
    ck_refused(CTL("mmse-evaluate", good, "--folds=male", "--train=x"), "exclude each other");
    ck_refused(CTL("mmse-evaluate", nobody), "1 subject with two or more visits is needed, and 0 of 0 subjects");
    ck_refused(CTL("mmse-evaluate", single), "1 subject with two or more visits is needed, and 0 of 2 subjects");
    ck_refused(CTL("mmse-evaluate", day), "1 subject with two or more visits is needed, and 0 of 1 subjects");
    ck_refused(CTL("mmse-evaluate", few), "50 subjects with two or more visits are needed");
    ck_refused(CTL("mmse-evaluate", bad), "Line 2, column 'mmse' must be points from 0 to 30.");
}
END_TEST

/* XGBoost is for what trains: a service that answers requests does not load it. */
START_TEST(services_do_not_load_what_grows_trees)
{
    for (size_t i = 0; i < COUNT(services); i++) {
        char command[512], line[512];
        snprintf(command, sizeof command, "ldd '%s/mnemos-%s'", BIN_DIR, services[i]->name);
        FILE *libraries = popen(command, "r");
        ck_assert(libraries != NULL);
        while (fgets(line, sizeof line, libraries))
            ck_assert_msg(!strstr(line, "libxgboost"), "mnemos-%s loads %s", services[i]->name, line);
        ck_assert_int_eq(pclose(libraries), 0);
    }
}
END_TEST

int main(void)
{
    return API_TESTS(NULL, mmse_evaluate_answers_with_figures_and_every_subject,
                     mmse_evaluate_prints_a_table_of_all_methods, mmse_evaluate_says_the_same_again,
                     mmse_evaluate_judges_a_file_by_models_of_another, mmse_evaluate_names_what_is_wrong,
                     services_do_not_load_what_grows_trees);
}
