#include "tests/support/trial.h"

#include "tests/support/check.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COLUMNS = 17, FILES = 4 };

static char *names[COLUMNS];
static double columns[COLUMNS][TRIAL_ROWS];

static double cell_of(const char *text)
{
    static const char *const arms[] = {"Obs", "Lev", "Lev+5FU"};
    for (int arm = 0; arm < 3; arm++)
        if (strcmp(text, arms[arm]) == 0)
            return arm;
    return *text ? strtod(text, NULL) : NAN;
}

static void load(void)
{
    FILE *file = fopen(TEST_DATA "/survival/colon_death.csv", "r");
    ck_assert_msg(file != NULL, "the trial's file is missing");
    char line[512];
    for (int row = -1; row < TRIAL_ROWS; row++) {
        ck_assert(fgets(line, sizeof line, file) != NULL);
        line[strcspn(line, "\r\n")] = 0;
        char *rest = line;
        for (int column = 0; column < COLUMNS; column++) {
            char *cell = strsep(&rest, ",");
            ck_assert_msg(cell != NULL, "row %d has too few cells", row);
            if (row < 0)
                names[column] = strdup(cell);
            else
                columns[column][row] = cell_of(cell);
        }
    }
    fclose(file);
}

const double *trial_column(const char *name)
{
    if (!names[0])
        load();
    for (int column = 0; column < COLUMNS; column++)
        if (strcmp(names[column], name) == 0)
            return columns[column];
    ck_abort_msg("the trial has no column %s", name);
}

const struct trial_part trial_parts[TRIAL_PARTS] = {
    {"node4_0", {{"node4", 0, 0}}},
    {"node4_1", {{"node4", 1, 1}}},
    {"male", {{"sex", 1, 1}}},
    {"female", {{"sex", 0, 0}}},
    {"age_lt60", {{"age", 0, 59}}},
    {"age_ge60", {{"age", 60, 200}}},
    {"obstruct_1", {{"obstruct", 1, 1}}},
    {"adhere_1", {{"adhere", 1, 1}}},
    {"extent_le2", {{"extent", 1, 2}}},
    {"extent_3", {{"extent", 3, 3}}},
    {"extent_4", {{"extent", 4, 4}}},
    {"surg_1", {{"surg", 1, 1}}},
    {"male_node4_1_age_ge60", {{"sex", 1, 1}, {"node4", 1, 1}, {"age", 60, 200}}},
};

bool trial_part_has(const struct trial_part *part, size_t row)
{
    for (size_t i = 0; i < COUNT(part->criteria) && part->criteria[i].column; i++) {
        double cell = trial_column(part->criteria[i].column)[row];
        if (!(cell >= part->criteria[i].min && cell <= part->criteria[i].max))
            return false;
    }
    return true;
}

struct survival_data trial_data(struct arena *arena, const struct trial_part *part, const char *group)
{
    double *stop = arena_alloc(arena, TRIAL_ROWS * sizeof *stop);
    bool *event = arena_alloc(arena, TRIAL_ROWS * sizeof *event);
    int *groups = arena_alloc(arena, TRIAL_ROWS * sizeof *groups);
    int *strata = arena_alloc(arena, TRIAL_ROWS * sizeof *strata);
    struct survival_data data = {.stop = stop, .event = event, .group = groups, .stratum = strata, .stratum_count = 2};
    for (size_t row = 0; row < TRIAL_ROWS; row++) {
        if (part && !trial_part_has(part, row))
            continue;
        stop[data.count] = trial_column("time")[row];
        event[data.count] = trial_column("status")[row] == 1;
        strata[data.count] = trial_column("node4")[row] == 1;
        groups[data.count] = (int)trial_column(group)[row];
        if (data.group_count <= (size_t)groups[data.count])
            data.group_count = (size_t)groups[data.count] + 1;
        data.count++;
    }
    return data;
}

const char *const trial_covariates[TRIAL_COVARIATES] = {"sex",   "age",    "obstruct", "perfor", "adhere",
                                                        "nodes", "differ", "extent",   "surg",   "node4"};

struct comparison_data trial_comparison(struct arena *arena)
{
    struct design_covariate *covariates = arena_alloc(arena, TRIAL_COVARIATES * sizeof *covariates);
    for (int j = 0; j < TRIAL_COVARIATES; j++)
        covariates[j] =
            (struct design_covariate){.name = trial_covariates[j], .number = trial_column(trial_covariates[j])};
    struct comparison_data data = {
        .survival = trial_data(arena, NULL, "rx"), .covariate_count = TRIAL_COVARIATES, .covariates = covariates};
    data.survival.stratum = NULL;
    return data;
}

json_t *trial_reference(const char *file)
{
    static struct {
        const char *file;
        json_t *json;
    } known[FILES];
    for (int i = 0; i < FILES; i++) {
        if (known[i].file && strcmp(known[i].file, file) == 0)
            return known[i].json;
        if (known[i].file)
            continue;
        char path[512];
        json_error_t error;
        snprintf(path, sizeof path, TEST_DATA "/survival/%s", file);
        known[i].json = json_load_file(path, 0, &error);
        ck_assert_msg(known[i].json != NULL, "%s: %s", path, error.text);
        known[i].file = file;
        return known[i].json;
    }
    ck_abort_msg("more reference files than expected");
}

json_t *trial_at(json_t *reference, ...)
{
    va_list members;
    va_start(members, reference);
    for (const char *member; (member = va_arg(members, const char *));) {
        reference = json_object_get(reference, member);
        ck_assert_msg(reference != NULL, "the reference has no %s", member);
    }
    va_end(members);
    return reference;
}

void ck_member(json_t *object, const char *member, double value, double tolerance)
{
    json_t *expected = json_object_get(object, member);
    if (!expected || json_is_null(expected)) {
        ck_assert_msg(isnan(value), "%s: %.12g is given, and none expected", member, value);
        return;
    }
    double number = json_number_value(expected), scale = fmax(fabs(number), 1e-300);
    ck_assert_msg(fabs(value - number) <= tolerance * scale, "%s: %.12g instead of %.12g", member, value, number);
}
