/* `./dev bench survival` and `./dev bench simulation` time and count these; see README.md beside it.
 *
 *   bench_survival simulation             how often each rule finds the right treatment
 *   bench_survival simulation D P         the same as bare counts, in D hospitals of P patients each
 *   bench_survival answer N               the full comparison of N patients, in milliseconds of processor time
 *   bench_survival table N ties|distinct  N rows as CSV: time, status and the covariates of the trial's main model
 *   bench_survival cox FILE               the Cox fit of such a file: milliseconds, then the coefficients
 */
#include "common/science/statistics/random.h"
#include "common/science/treatment/comparison.h"
#include "tests/support/check.h"
#include "tests/support/confounding.h"
#include "tests/support/trial.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { WIDTH = TRIAL_COVARIATES + 2, FILE_MAX = 256 * 1024 * 1024 }; /* two columns for the three arms */

static double processor_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* ---- rows like the trial's --------------------------------------------------------------------------------------- */

struct rows {
    size_t count;
    double *stop, *covariates; /* covariates: column by column */
    bool *event;
    int *group;
};

static struct rows rows_new(struct arena *a, size_t count)
{
    return (struct rows){.count = count,
                         .stop = arena_alloc(a, count * sizeof(double)),
                         .covariates = arena_alloc(a, count * WIDTH * sizeof(double)),
                         .event = arena_alloc(a, count * sizeof(bool)),
                         .group = arena_alloc(a, count * sizeof(int))};
}

/* Complete rows drawn with replacement; distinct times by a part of a day. 929 are the trial itself, gaps and all. */
static struct rows rows_drawn(struct arena *a, size_t count, bool distinct)
{
    struct rows r = rows_new(a, count);
    struct random random = random_from(1);
    for (size_t i = 0; i < count; i++) {
        size_t row = count == TRIAL_ROWS ? i : random_below(&random, TRIAL_ROWS);
        while (count != TRIAL_ROWS && (isnan(trial_column("nodes")[row]) || isnan(trial_column("differ")[row])))
            row = random_below(&random, TRIAL_ROWS);
        r.stop[i] = trial_column("time")[row] + (distinct ? round(random_uniform(&random) * 1e9) / 1e9 : 0);
        r.event[i] = trial_column("status")[row] == 1;
        r.group[i] = (int)trial_column("rx")[row];
        for (size_t j = 0; j < TRIAL_COVARIATES; j++)
            r.covariates[j * count + i] = trial_column(trial_covariates[j])[row];
        r.covariates[TRIAL_COVARIATES * count + i] = r.group[i] == 1;
        r.covariates[(TRIAL_COVARIATES + 1) * count + i] = r.group[i] == 2;
    }
    return r;
}

static int table(size_t count, bool distinct)
{
    AUTO(arena_release) struct arena arena = {0};
    struct rows r = rows_drawn(&arena, count, distinct);
    printf("time,status");
    for (size_t j = 0; j < TRIAL_COVARIATES; j++)
        printf(",%s", trial_covariates[j]);
    printf(",lev,lev5fu\n");
    for (size_t i = 0; i < count; i++) {
        printf("%.17g,%d", r.stop[i], r.event[i]);
        for (size_t j = 0; j < WIDTH; j++)
            printf(",%g", r.covariates[j * count + i]);
        printf("\n");
    }
    return 0;
}

/* ---- the full answer --------------------------------------------------------------------------------------------- */

static int answer(size_t count)
{
    AUTO(arena_release) struct arena arena = {0};
    struct rows r = rows_drawn(&arena, count, count != TRIAL_ROWS);
    static const double times[] = {365, 730, 1095, 1825}, profile_values[] = {1, 63, 0, 0, 0, 3, 2, 3, 0, 0};
    struct design_covariate covariates[TRIAL_COVARIATES];
    for (size_t j = 0; j < TRIAL_COVARIATES; j++)
        covariates[j] = (struct design_covariate){.name = trial_covariates[j], .number = r.covariates + j * count};
    const struct comparison_profile profile = {profile_values, 0};
    const struct comparison_data data = {
        .survival = {.count = count, .stop = r.stop, .event = r.event, .group = r.group, .group_count = 3},
        .covariate_count = TRIAL_COVARIATES,
        .covariates = covariates,
        .profile_count = 1,
        .profiles = &profile};
    const struct comparison_options options = {.time_count = COUNT(times), .times = times, .horizon = 1825};
    struct problem why = {.arena = &arena};
    struct comparison c;
    double before = processor_ms();
    if (comparison_run(&data, &options, &arena, &c, &why) != OK || c.diagnostics.weighting != WEIGHTING_DONE)
        return 1;
    printf("%.2f\n", processor_ms() - before);
    return 0;
}

/* ---- the Cox fit ------------------------------------------------------------------------------------------------- */

static char *file_read(struct arena *a, const char *path, size_t *size)
{
    FILE *file = fopen(path, "re");
    char *text = file ? arena_alloc(a, FILE_MAX) : NULL;
    *size = text ? fread(text, 1, FILE_MAX - 1, file) : 0;
    if (file)
        fclose(file);
    return text;
}

static struct rows rows_read(struct arena *a, char *text, size_t size)
{
    char *line = strchr(text, '\n'), *end = text + size, *next = line + 1;
    size_t count = 0, row = 0;
    for (char *at = next; at < end; at++)
        count += *at == '\n';
    struct rows r = rows_new(a, count);
    for (*end = 0; row < count; row++) {
        r.stop[row] = strtod(next, &next);
        r.event[row] = strtod(next + 1, &next) > 0;
        for (size_t j = 0; j < WIDTH; j++)
            r.covariates[j * count + row] = strtod(next + 1, &next);
        next = strchr(next, '\n') + 1;
    }
    return r;
}

static int cox(const char *path)
{
    AUTO(arena_release) struct arena arena = {0};
    size_t size;
    char *text = file_read(&arena, path, &size);
    if (!text || !memchr(text, '\n', size))
        return 1;
    struct rows r = rows_read(&arena, text, size);
    const struct survival_data data = {.count = r.count, .stop = r.stop, .event = r.event};
    const struct cox_model model = {.covariates = r.covariates, .covariate_count = WIDTH};
    struct cox_fit fit;
    double before = processor_ms();
    if (cox_fit(&arena, &data, &model, &fit) != COX_FITTED)
        return 1;
    printf("%.3f\n", processor_ms() - before);
    for (size_t j = 0; j < WIDTH; j++)
        printf("%.15g\n", fit.coefficient[j]);
    return 0;
}

/* ---- the simulation ---------------------------------------------------------------------------------------------- */

static void simulation_row(struct confounding_options options)
{
    struct confounding f = confounding_run(&options);
    printf("| %d | %g | %d | %d | %d | %d | %d | %d | %.1f | %.1f |\n", options.patients, options.strength, f.historic,
           f.unadjusted, f.cox, f.adjusted, f.recommended, f.recommended_else, f.scatter, f.error);
}

static void simulation(void)
{
    static const int patients[] = {929, 1500};
    printf(
        "| patients | confounding | historic mean | restricted mean | Cox with covariates | adjusted restricted mean | "
        "recommended | another recommended | scatter of a difference, days | its standard error, days "
        "|\n|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n");
    for (size_t i = 0; i < COUNT(patients); i++)
        for (int strength = 0; strength < 2; strength++) {
            struct confounding_options options = confounding_usual;
            options.patients = patients[i];
            options.strength *= strength;
            simulation_row(options);
        }
}

/* For a comparison with what it has to be: the rules in the order of the table, without and with confounding. */
static int simulation_counts(int draws, int patients)
{
    for (int strength = 0; strength < 2; strength++) {
        struct confounding_options options = confounding_usual;
        options.draws = draws;
        options.patients = patients;
        options.strength *= strength;
        struct confounding f = confounding_run(&options);
        printf("%d %d %d %d %d %d\n", f.historic, f.unadjusted, f.cox, f.adjusted, f.recommended, f.recommended_else);
    }
    return 0;
}

/* ---- commands ---------------------------------------------------------------------------------------------------- */

static const char *command, *first, *second;
static int outcome;

/* The trial's files are read with Check's assertions, which want to be within a test. */
START_TEST(figures)
{
    size_t count = first ? strtoul(first, NULL, 10) : 0;
    if (strcmp(command, "simulation") == 0 && count > 0 && second)
        outcome = simulation_counts((int)count, (int)strtol(second, NULL, 10));
    else if (strcmp(command, "simulation") == 0)
        simulation();
    else if (strcmp(command, "answer") == 0 && count > 0)
        outcome = answer(count);
    else if (strcmp(command, "table") == 0 && count > 0 && second)
        outcome = table(count, strcmp(second, "distinct") == 0);
    else if (strcmp(command, "cox") == 0 && first)
        outcome = cox(first);
    else
        outcome = 2;
}
END_TEST

int main(int argc, char **argv)
{
    command = argc > 1 ? argv[1] : "";
    first = argc > 2 ? argv[2] : NULL;
    second = argc > 3 ? argv[3] : NULL;
    Suite *suite = suite_create("bench");
    TCase *only = tcase_create("bench");
    tcase_add_test(only, figures);
    tcase_set_timeout(only, 0);
    suite_add_tcase(suite, only);
    SRunner *runner = srunner_create(suite);
    srunner_set_fork_status(runner, CK_NOFORK);
    srunner_run_all(runner, CK_SILENT);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed > 0 ? 1 : outcome;
}
