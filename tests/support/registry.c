#include "tests/support/registry.h"

#include "tests/support/api.h"
#include "tests/support/trial.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

const char *const registry_arms[3] = {"none", "capecitabine_or_5fu_fa", "folfox_or_xelox"};

/* 1 to 4, or unknown. */
static const char *graded(char letter, double value)
{
    return isnan(value) ? "unknown" : text_of("%c%.0f", letter, value);
}

static const char *nodes(double count)
{
    return isnan(count) ? "unknown" : count == 0 ? "N0" : count <= 3 ? "N1" : "N2";
}

static const char *presence(double value)
{
    return value == 1 ? "yes" : "no";
}

static void write_row(FILE *to, size_t row)
{
    double months = trial_column("time")[row] * 10000 / REGISTRY_DAYS_PER_MONTH_X10000;
    fprintf(to, "%s('Trial', 'Patient %zu', '%s', %.0f, '%s', '%s', '%s', '%s', '%s', '%s', %.17g, '%s')",
            row > 0 ? ", " : "", row, trial_column("sex")[row] == 1 ? "male" : "female", trial_column("age")[row],
            presence(trial_column("obstruct")[row]), presence(trial_column("adhere")[row]),
            graded('T', trial_column("extent")[row]), nodes(trial_column("nodes")[row]),
            graded('G', trial_column("differ")[row]), registry_arms[(int)trial_column("rx")[row]], months,
            trial_column("status")[row] == 1 ? "dead" : "alive");
}

void registry_fill(void)
{
    char *sql = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&sql, &size);
    fputs("TRUNCATE users.tumour, users.tumour_treatment; INSERT INTO users.tumour (first_name, last_name, gender, "
          "age_at_operation,"
          " preexisting_disease, cardiac_disease, pt, pn, grading, treatment, overall_survival_months, vital_status)"
          " VALUES ",
          to);
    for (size_t row = 0; row < TRIAL_ROWS; row++)
        write_row(to, row);
    fclose(to);
    sql_value("%s", sql);
    free(sql);
}

const char *registry_add(const char *columns, const char *values)
{
    const char *id = new_id();
    sql_value("INSERT INTO users.tumour (id, first_name, last_name, %s) VALUES ('%s', 'Added', 'Patient', %s)", columns,
              id, values);
    return id;
}
