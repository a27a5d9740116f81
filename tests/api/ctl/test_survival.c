/* `mnemosctl survival` as a program, held against what R says about the trial (tests/data/survival): every curve, every
 * part of the patients, every Cox model and every profile. */
#include "tests/api/ctl/mnemosctl.h"
#include "tests/support/trial.h"

#include <math.h>
#include <sys/stat.h>

static const char trial[] = TEST_DATA "/survival/colon_death.csv";

/* Where a copy of the data with all of R's answers may lie beside the project. */
#define ELSEWHERE PROJECT_DIR "/../shared/data/survival"

static const char usual[] = "--time time --event status --arm rx --reference Obs --tau 365,730,1095,1825,2555 --json";
static const char *const arms[] = {"Obs", "Lev", "Lev+5FU"};

/* The file's text becomes a table of this name; the test removes it. */
static FILE *table_begin(char path[64])
{
    snprintf(path, 64, "/tmp/mnemos-test-table-%d.csv", (int)getpid());
    FILE *file = fopen(path, "we");
    ck_assert_ptr_nonnull(file);
    return file;
}

static const char *table_file(const char *table)
{
    static char path[64];
    FILE *file = table_begin(path);
    ck_assert(fputs(table, file) >= 0 && fclose(file) == 0);
    return path;
}

/* The answer may be long, so it is read as it comes. */
static json_t *answer_to(const char *file, const char *words, const char *more)
{
    char line[1024];
    snprintf(line, sizeof line, "'" BIN_DIR "/mnemosctl' survival '%s' %s %s", file, words, more);
    FILE *said = popen(line, "re"); /* NOLINT(cert-env33-c): our own program, our own words */
    ck_assert_ptr_nonnull(said);
    json_error_t error;
    json_t *answer = json_loadf(said, 0, &error);
    ck_assert_msg(pclose(said) == 0 && answer, "%s: %s", line, error.text);
    return answer;
}

static struct outcome compare(const char *table)
{
    const char *path = table_file(table);
    struct outcome o = CTL("survival", path, "--time=t", "--event=e", "--arm=a", "--tau=2,9", "--json");
    unlink(path);
    return o;
}

static json_t *answer_of(const char *table, const char *more)
{
    const char *path = table_file(table);
    json_t *answer = answer_to(path, "--time t --event e --arm a --json", more);
    unlink(path);
    return answer;
}

static json_t *item(json_t *object, const char *list, size_t i)
{
    return json_array_get(json_object_get(object, list), i);
}

static double number(json_t *object, const char *member)
{
    json_t *value = json_object_get(object, member);
    return json_is_number(value) ? json_number_value(value) : NAN;
}

static const char *text(json_t *object, const char *member)
{
    return json_string_value(json_object_get(object, member));
}

static json_t *named(json_t *object, const char *list, const char *member, const char *name)
{
    json_t *found;
    size_t i;
    json_array_foreach(json_object_get(object, list), i,
                       found) if (strcmp(text(found, member), name) == 0) return found;
    ck_abort_msg("%s has no %s", list, name);
}

/* ---- curves and tests -------------------------------------------------------------------------------------------- */

static void ck_curve(json_t *curve, json_t *expected)
{
    json_t *point, *median = json_object_get(curve, "median");
    size_t i;
    ck_member(expected, "n", number(curve, "patients"), 0);
    ck_member(expected, "events", number(curve, "events"), 0);
    ck_member(expected, "median", number(median, "time"), 1e-9);
    if (json_object_get(expected, "median_lower95")) {
        ck_member(expected, "median_lower95", number(median, "lower"), 1e-9);
        ck_member(expected, "median_upper95", number(median, "upper"), 1e-9);
    }
    if (json_object_get(expected, "q25")) {
        ck_member(expected, "q25", number(json_object_get(curve, "first_quartile"), "time"), 1e-9);
        ck_member(expected, "q75", number(json_object_get(curve, "third_quartile"), "time"), 1e-9);
    }
    json_array_foreach(json_object_get(expected, "survival_at"), i, point)
    {
        json_t *own = NULL;
        for (size_t k = 0; k < 5; k++)
            if (number(item(curve, "survival_at", k), "time") == number(point, "time"))
                own = item(curve, "survival_at", k);
        ck_member(point, "surv", number(own, "survival"), 1e-9);
        if (json_object_get(point, "std_err"))
            ck_member(point, "std_err", number(own, "standard_error"), 1e-9);
        if (json_object_get(point, "lower95"))
            ck_member(point, "lower95", number(own, "lower"), 1e-9);
        if (json_object_get(point, "upper95"))
            ck_member(point, "upper95", number(own, "upper"), 1e-9);
        if (json_object_get(point, "n_risk"))
            ck_member(point, "n_risk", number(own, "at_risk"), 0);
    }
    json_array_foreach(json_object_get(expected, "rmst"), i, point)
    {
        json_t *own = item(curve, "restricted_mean", number(point, "tau") == 1825 ? 3 : 4);
        ck_member(point, "rmst", number(own, "mean"), 1e-9);
        if (json_object_get(point, "std_err"))
            ck_member(point, "std_err", number(own, "standard_error"), 1e-9);
    }
}

static void ck_logrank(json_t *test, json_t *expected)
{
    ck_member(expected, "chisq", number(test, "chi_square"), 1e-9);
    ck_member(expected, "df", number(test, "degrees_of_freedom"), 0);
    ck_member(expected, "p", number(test, "p"), 1e-8);
    for (size_t i = 0; i < json_array_size(json_object_get(test, "observed")); i++)
        for (int k = 0; k < 2; k++) {
            const char *member = k ? "expected" : "observed";
            double own = json_number_value(item(test, member, i));
            ck_assert(fabs(own - json_number_value(item(expected, member, i))) <= 1e-9 * own);
        }
}

START_TEST(survival_has_the_curves_and_tests_of_r)
{
    json_t *reference = trial_reference("curves.json");
    json_auto_t *answer = answer_to(trial, usual, ""), *stratified = answer_to(trial, usual, "--strata node4");
    json_auto_t *log_log = answer_to(trial, usual, "--limits log-log");
    ck_curve(json_object_get(answer, "overall"), trial_at(reference, "km_overall", NULL));
    for (size_t a = 0; a < 3; a++) {
        ck_assert_str_eq(text(item(answer, "arms", a), "arm"), arms[a]);
        ck_curve(item(answer, "arms", a), trial_at(reference, "km_by_rx", arms[a], NULL));
        ck_curve(item(log_log, "arms", a), trial_at(reference, "km_by_rx_loglog_ci", arms[a], NULL));
    }
    ck_logrank(json_object_get(answer, "logrank"), trial_at(reference, "logrank", "rx", NULL));
    ck_logrank(json_object_get(answer, "peto_peto"), trial_at(reference, "logrank", "rx_peto_rho1", NULL));
    ck_logrank(json_object_get(stratified, "logrank_stratified"),
               trial_at(reference, "logrank", "rx_stratified_by_node4", NULL));
    static const char *const pairs[] = {"Obs_vs_Lev", "Obs_vs_Lev5FU", "Lev_vs_Lev5FU"};
    for (size_t i = 0; i < 3; i++)
        ck_logrank(item(answer, "pairs", i), trial_at(reference, "logrank", pairs[i], NULL));
    ck_assert(number(answer, "rows") == 929 && number(answer, "left_out") == 0);
}
END_TEST

START_TEST(survival_compares_by_any_column)
{
    static const char *const columns[] = {"sex", "node4", "extent"};
    for (size_t i = 0; i < COUNT(columns); i++) {
        char words[64];
        snprintf(words, sizeof words, "--time time --event status --arm %s --json", columns[i]);
        json_auto_t *answer = answer_to(trial, words, "");
        ck_logrank(json_object_get(answer, "logrank"),
                   trial_at(trial_reference("curves.json"), "logrank", columns[i], NULL));
    }
}
END_TEST

/* The trial's own lines of the patients of a part. */
static const char *part_file(const struct trial_part *part)
{
    static char path[64];
    char line[512];
    FILE *from = fopen(trial, "re"), *to = table_begin(path);
    ck_assert_ptr_nonnull(from);
    for (int row = -1; fgets(line, sizeof line, from); row++)
        if (row < 0 || trial_part_has(part, (size_t)row))
            fputs(line, to);
    fclose(from);
    ck_assert(fclose(to) == 0);
    return path;
}

START_TEST(survival_of_every_part_is_what_r_says)
{
    for (size_t i = 0; i < TRIAL_PARTS; i++) {
        json_t *expected = trial_at(trial_reference("curves.json"), "subgroups", trial_parts[i].name, NULL);
        const char *path = part_file(&trial_parts[i]);
        json_auto_t *answer = answer_to(path, usual, "");
        unlink(path);
        ck_member(expected, "n", number(answer, "rows"), 0);
        ck_logrank(json_object_get(answer, "logrank"), trial_at(expected, "logrank", NULL));
        for (size_t a = 0; a < 3; a++)
            ck_curve(item(answer, "arms", a), trial_at(expected, "km_by_rx", arms[a], NULL));
    }
}
END_TEST

/* ---- Cox models -------------------------------------------------------------------------------------------------- */

static const struct {
    const char *name, *words;
} models[] = {
    {"rx_only", ""},
    {"no_missing_covariates", "--covariates sex,age,obstruct,perfor,adhere,extent,surg,node4"},
    {"rx_interactions", "--covariates sex,node4,age,obstruct,adhere,extent,surg --interactions sex,node4"},
    {"all_numeric", "--covariates sex,age,obstruct,perfor,adhere,nodes,differ,extent,surg,node4"},
    {"all_numeric_breslow",
     "--covariates sex,age,obstruct,perfor,adhere,nodes,differ,extent,surg,node4 --ties breslow"},
    {"all_factor_differ_extent",
     "--covariates sex,age,obstruct,perfor,adhere,nodes,differ,extent,surg,node4 --factors differ,extent"},
    {"stratified_by_node4", "--covariates sex,age,obstruct,perfor,adhere,extent,surg --strata node4"},
};

/* R's rxLev, factor(extent)3 and rxLev:sex are Lev, extent=3 and Lev:sex here. */
static void name_of(const char *name, bool is_term, char out[64])
{
    char covariate[32], level[32] = "";
    if (sscanf(name, "factor(%31[^)])%31s", covariate, level) >= 1)
        snprintf(out, 64, is_term ? "%s" : "%s=%s", covariate, level);
    else
        snprintf(out, 64, "%s", strncmp(name, "rx", 2) == 0 && !is_term ? name + 2 : name);
}

static void ck_columns(json_t *model, json_t *reference)
{
    json_t *expected;
    size_t j;
    char name[64];
    json_array_foreach(json_object_get(reference, "coefficients"), j, expected)
    {
        json_t *own = item(model, "columns", j);
        name_of(text(expected, "name"), false, name);
        ck_assert_str_eq(text(own, "column"), name);
        ck_member(expected, "coef", number(own, "coefficient"), 1e-6);
        ck_member(expected, "exp_coef", number(own, "hazard_ratio"), 1e-6);
        ck_member(expected, "se", number(own, "standard_error"), 1e-6);
        ck_member(expected, "z", number(own, "z"), 1e-6);
        ck_member(expected, "p", number(own, "p"), 1e-6);
        for (size_t k = 0; k <= j; k++) {
            double value = json_number_value(json_array_get(item(model, "variance", j), k));
            double wanted = json_number_value(json_array_get(item(reference, "variance_matrix", j), k));
            ck_assert(fabs(value - wanted) <= 1e-6 * fabs(wanted));
        }
    }
    ck_assert_uint_eq(json_array_size(json_object_get(model, "columns")), j);
}

static void ck_tests(json_t *model, json_t *reference)
{
    static const char *const tests[][2] = {
        {"likelihood_ratio", "lr_test"}, {"wald", "wald_test"}, {"score", "score_test"}};
    static const char *const counts[] = {"c", "concordant", "discordant", "tied_x", "tied_y", "tied_xy"};
    json_t *expected;
    size_t i;
    char name[64];
    ck_member(reference, "loglik_null", number(model, "log_likelihood_null"), 1e-6);
    ck_member(reference, "loglik", number(model, "log_likelihood"), 1e-6);
    for (i = 0; i < COUNT(tests); i++)
        ck_logrank(json_object_get(model, tests[i][0]), trial_at(reference, tests[i][1], NULL));
    for (i = 0; i < COUNT(counts); i++)
        ck_member(trial_at(reference, "concordance", NULL), counts[i],
                  number(json_object_get(model, "concordance"), counts[i]), 1e-9);
    json_array_foreach(json_object_get(reference, "baseline_cumhaz_at_zero_covariates"), i, expected)
        ck_member(expected, "cumhaz", number(item(model, "baseline_hazard", i), "cumulative_hazard"), 1e-6);
    json_array_foreach(json_object_get(reference, "ph_test_km_transform"), i, expected)
    {
        json_t *own = item(model, "proportionality", i);
        name_of(text(expected, "term"), true, name);
        ck_assert_str_eq(text(own, "term"), name);
        ck_member(expected, "chisq", number(own, "chi_square"), 1e-6);
        ck_member(expected, "p", number(own, "p"), 1e-6);
    }
}

START_TEST(survival_fits_every_cox_model_of_r)
{
    ck_assert_uint_eq(json_object_size(trial_reference("cox.json")), COUNT(models));
    for (size_t i = 0; i < COUNT(models); i++) {
        json_t *reference = trial_at(trial_reference("cox.json"), models[i].name, NULL);
        json_auto_t *answer = answer_to(trial, usual, models[i].words);
        json_t *model = named(answer, "cox", "adjustment", *models[i].words ? "covariates" : "none");
        ck_assert_str_eq(text(model, "reference"), "Obs");
        ck_member(reference, "n", number(model, "patients"), 0);
        ck_member(reference, "events", number(model, "events"), 0);
        ck_columns(model, reference);
        ck_tests(model, reference);
    }
}
END_TEST

static const char *profiles_file(json_t *profiles)
{
    static char path[80];
    snprintf(path, sizeof path, "/tmp/mnemos-test-profiles-%d.csv", (int)getpid());
    FILE *file = fopen(path, "we");
    json_t *profile, *value;
    const char *name;
    size_t i;
    json_array_foreach(profiles, i, profile)
    {
        for (int line = i == 0 ? 0 : 1; line < 2; line++) {
            fputs(line ? text(profile, "profile") : "profile", file);
            json_object_foreach(json_object_get(profile, "covariates"), name, value)
            {
                if (line)
                    fprintf(file, ",%.17g", json_number_value(value));
                else
                    fprintf(file, ",%s", name);
            }
            fputs("\n", file);
        }
    }
    ck_assert(fclose(file) == 0);
    return path;
}

static void ck_prediction(json_t *own, json_t *expected)
{
    json_t *point;
    size_t i;
    ck_assert_str_eq(text(own, "state"), "done");
    json_array_foreach(json_object_get(expected, "survival_at"), i, point)
    {
        json_t *at = item(own, "survival_at", i);
        ck_assert(number(at, "time") == number(point, "time"));
        ck_member(point, "surv", number(at, "survival"), 1e-6);
        ck_member(point, "std_err", number(at, "standard_error"), 1e-6);
        ck_member(point, "lower95", number(at, "lower"), 1e-6);
        ck_member(point, "upper95", number(at, "upper"), 1e-6);
    }
    json_array_foreach(json_object_get(expected, "rmst"), i, point)
        ck_member(point, "rmst", number(item(own, "restricted_mean", 3 + i), "mean"), 1e-6);
    ck_member(expected, "median", number(own, "median"), 1e-6);
}

START_TEST(survival_predicts_every_profile_as_r_does)
{
    for (size_t i = 0; i < COUNT(models); i++) {
        json_t *expected = json_object_get(trial_reference("profiles.json"), models[i].name), *profile;
        size_t k;
        if (!expected)
            continue;
        char words[256];
        const char *path = profiles_file(json_object_get(expected, "profiles"));
        snprintf(words, sizeof words, "%s --horizon 1825 --profiles %s", models[i].words, path);
        json_auto_t *answer = answer_to(trial, usual, words);
        unlink(path);
        json_array_foreach(json_object_get(expected, "profiles"), k, profile)
        {
            json_t *own = item(answer, "profiles", k);
            ck_assert_str_eq(text(own, "profile"), text(profile, "profile"));
            ck_assert_str_eq(text(own, "best"), text(profile, "best_by_rmst_1825"));
            for (size_t a = 0; a < 3; a++)
                ck_prediction(item(own, "arms", a), trial_at(profile, "treatments", arms[a], NULL));
        }
        ck_assert_uint_eq(k, 5);
    }
}
END_TEST

/* The numbers in tests/data are a part of R's full answer, where that is at hand. */
START_TEST(survival_s_references_are_those_beside_the_project)
{
    json_auto_t *all = json_load_file(ELSEWHERE "/reference_death.json", 0, NULL),
                *profiles = json_load_file(ELSEWHERE "/profiles_death.json", 0, NULL);
    if (!all || !profiles) {
        fprintf(stderr, "skipped: there is no " ELSEWHERE "\n");
        return;
    }
    json_t *member;
    const char *name;
    json_object_foreach(trial_reference("curves.json"), name, member)
        ck_assert_msg(json_equal(member, json_object_get(all, name)), "%s", name);
    ck_assert(json_equal(trial_reference("cox.json"), json_object_get(all, "cox")));
    json_object_foreach(trial_reference("profiles.json"), name, member) ck_assert_msg(
        json_equal(trial_at(member, "profiles", NULL), trial_at(profiles, "models", name, "profiles", NULL)), "%s",
        name);
}
END_TEST

/* ---- the rest ---------------------------------------------------------------------------------------------------- */

START_TEST(survival_adjusts_and_recommends)
{
    json_auto_t *answer = answer_to(trial, usual, "--horizon 1825 --covariates sex,age,nodes,node4,extent,differ");
    json_t *comparison = json_object_get(answer, "comparison"), *verdict = json_object_get(comparison, "verdict");
    ck_assert_str_eq(text(verdict, "decision"), "recommended");
    ck_assert_str_eq(text(verdict, "arm"), "Lev+5FU");
    ck_assert_uint_eq(json_array_size(json_object_get(answer, "cox")), 4);
    ck_assert(number(json_object_get(answer, "empty"), "nodes") == 18);
    ck_assert(number(comparison, "complete_patients") == 888 && number(comparison, "left_out") == 41);
}
END_TEST

START_TEST(survival_leaves_rows_with_empty_cells_out_and_counts_them)
{
    json_auto_t *answer = answer_of("t,x,e,a\n1,,1,A\n,,1,A\n3,y,,\n4,z,0,\"B, or \"\"C\"\"\"\n", "--tau 2,9");
    json_t *empty = json_object_get(answer, "empty"), *arm = item(answer, "arms", 1);
    ck_assert(number(answer, "rows") == 4 && number(answer, "left_out") == 2);
    ck_assert(number(empty, "t") == 1 && number(empty, "e") == 1 && number(empty, "a") == 1);
    ck_assert_str_eq(text(arm, "arm"), R"(B, or "C")");
    ck_assert(number(item(arm, "restricted_mean", 0), "mean") == 2);
    ck_assert(json_is_true(json_object_get(item(arm, "restricted_mean", 1), "beyond_follow_up")));
    ck_assert(json_is_null(json_object_get(item(arm, "restricted_mean", 1), "mean")));
}
END_TEST

static const char *decision_of(json_t *answer)
{
    return text(json_object_get(json_object_get(answer, "comparison"), "verdict"), "decision");
}

START_TEST(survival_answers_for_tables_that_say_little)
{
    static const char *const tables[] = {
        "t,e,a\n",                                      /* nobody */
        "t,e,a\n5,1,A\n",                               /* one patient */
        "t,e,a\n5,0,A\n6,0,B\n",                        /* all censored */
        "t,e,a\n5,1,A\n6,1,A\n7,0,A\n",                 /* one treatment */
        "t,e,a\n5,1,A\n5,1,B\n5,0,A\n5,1,B\n",          /* identical times */
        "t,e,a\n0,1,A\n0,1,B\n1e100,1,A\n1e-100,1,B\n", /* huge and tiny */
    };
    for (size_t i = 0; i < COUNT(tables); i++) {
        json_auto_t *answer = answer_of(tables[i], "--tau 2,9");
        ck_assert_str_eq(decision_of(answer), "insufficient_evidence");
    }
    json_auto_t *nobody = answer_of(tables[0], "");
    ck_assert(number(nobody, "rows") == 0 && json_array_size(json_object_get(nobody, "arms")) == 0);
    ck_assert(json_is_null(json_object_get(json_object_get(nobody, "logrank"), "p")));
}
END_TEST

START_TEST(survival_says_what_separates_and_what_is_constant)
{
    char table[2048] = "t,e,a,x,y\n";
    for (int i = 0; i < 40; i++)
        snprintf(table + strlen(table), 32, "%d,1,%c,%d,7\n", 1 + i * 7 % 40, i % 2 ? 'A' : 'B', i % 2 ? i : 100 + i);
    json_auto_t *answer = answer_of(table, "--covariates x,y");
    json_t *comparison = json_object_get(answer, "comparison");
    const char *path = table_file(table);
    struct outcome o = CTL("survival", path, "--time=t", "--event=e", "--arm=a", "--covariates=x,y");
    unlink(path);
    ck_done(o);
    ck_assert_ptr_nonnull(strstr(o.said, "Weights: a covariate tells for certain who gets which treatment: x."));
    ck_assert_str_eq(decision_of(answer), "insufficient_evidence");
    ck_assert_str_eq(text(json_object_get(comparison, "diagnostics"), "weighting"), "separated");
    ck_assert_str_eq(text(json_object_get(comparison, "diagnostics"), "blamed"), "x");
    ck_assert_str_eq(text(item(comparison, "omissions", 0), "column"), "y");
    ck_assert_str_eq(text(item(comparison, "omissions", 0), "reason"), "constant");
}
END_TEST

START_TEST(survival_shows_a_table_to_readers)
{
    struct outcome o = CTL("survival", trial, "--time=time", "--event=status", "--arm=rx",
                           "--covariates=sex,nodes,node4", "--tau=1825");
    ck_done(o);
    ck_assert_ptr_nonnull(strstr(o.said, "nodes: 18 empty"));
    ck_assert_ptr_nonnull(strstr(o.said, "1449.9 (1385.2 to 1514.6)"));
    ck_assert_ptr_nonnull(strstr(o.said, "\nRecommended: Lev+5FU, "));
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
    ck_refused(compare("t,e,a\n1,1,\xff\n"), "UTF-8");
    ck_refused(CTL("survival", "/nowhere", "--time=t", "--event=e", "--arm=a", "--json"), "cannot be read");
    ck_refused(CTL("survival", trial, "--time=t", "--event=e", "--arm=a", "--tau=1,", "--json"), "--tau must be");
    ck_refused(CTL("survival", trial, "--time=t", "--event=e", "--arm=a", "--ties=exact"), "--ties must be efron");
    ck_refused(CTL("survival", trial, "--time=t", "--event=e", "--arm=a", "--limits=plain"), "--limits must be log");
    ck_refused(CTL("survival", trial, "--time=t", "--event=e", "--arm=a", "--level=x"), "--level must be a number");
    ck_refused(CTL("survival", trial, "--time=time", "--event=status", "--arm=rx", "--level=2"),
               "--level must be a number between");
    ck_refused(CTL("survival", trial, "--time=t", "--json"), "Say which file and columns");
}
END_TEST

int main(void)
{
    return API_TESTS(NULL, survival_has_the_curves_and_tests_of_r, survival_compares_by_any_column,
                     survival_of_every_part_is_what_r_says, survival_fits_every_cox_model_of_r,
                     survival_predicts_every_profile_as_r_does, survival_s_references_are_those_beside_the_project,
                     survival_adjusts_and_recommends, survival_leaves_rows_with_empty_cells_out_and_counts_them,
                     survival_answers_for_tables_that_say_little, survival_says_what_separates_and_what_is_constant,
                     survival_shows_a_table_to_readers, survival_names_what_is_wrong_with_a_table);
}
