/* survival: compares the treatments of a table in a file by survival. Needs no database. */
#include "services/ctl/survival.h"

#include "services/ctl/ctl.h"
#include "services/ctl/file.h"
#include "services/ctl/option.h"

#include "common/base/text.h"
#include "common/science/treatment/comparison_choices.h"
#include "common/science/treatment/comparison_record.h"

#include <stdio.h>

/* The words of the command line. */
struct words {
    struct patient_table_names columns;
    const char *path, *ties, *tau, *horizon, *level, *limits, *profiles;
    long bootstrap, seed;
    bool json;
};

/* ---- options ----------------------------------------------------------------------------------------------------- */

static enum status number_read(const char *text, const char *option, double *out, struct problem *why)
{
    if (text && (!text_real(text, out) || !(*out > 0)))
        return fail(why, INVALID, NULL, "%s must be a number above 0.", option);
    return OK;
}

/* The word's number in a list of two; without a word *out stays 0, the first. */
static enum status choice_read(const char *word, const char *option, const char *const *names, int *out,
                               struct problem *why)
{
    *out = word ? text_position(names, word) : 0;
    return *out >= 0 ? OK : fail(why, INVALID, NULL, "%s must be %s or %s.", option, names[0], names[1]);
}

/* The first --tau decides where no --horizon does. */
static enum status choices_read(const struct words *w, struct comparison_options *o, struct problem *why)
{
    int ties, scale;
    if (!comparison_choices_times(w->tau, COMPARISON_TIMES_MAX, why->arena, o))
        return fail(why, INVALID, NULL, "--tau must be at most %d times with commas between them.",
                    COMPARISON_TIMES_MAX);
    TRY(choice_read(w->ties, "--ties", cox_ties_names, &ties, why));
    TRY(choice_read(w->limits, "--limits", survival_scale_names, &scale, why));
    TRY(number_read(w->horizon, "--horizon", &o->horizon, why));
    TRY(number_read(w->level, "--level", &o->level, why));
    if (o->level >= 1)
        return fail(why, INVALID, NULL, "--level must be a number between 0 and 1.");
    if (!w->horizon && o->time_count > 0)
        o->horizon = o->times[0];
    o->ties = (enum cox_ties)ties;
    o->scale = (enum survival_scale)scale;
    o->bootstrap = (size_t)w->bootstrap;
    o->seed = (uint64_t)w->seed;
    return OK;
}

static enum status words_read(int argc, char **argv, struct words *w, struct problem *why)
{
    const struct option_row rows[] = {{"--time", .text = &w->columns.time},
                                      {"--event", .text = &w->columns.event},
                                      {"--arm", .text = &w->columns.arm},
                                      {"--start", .text = &w->columns.start},
                                      {"--reference", .text = &w->columns.reference},
                                      {"--covariates", .text = &w->columns.covariates},
                                      {"--factors", .text = &w->columns.factors},
                                      {"--interactions", .text = &w->columns.interactions},
                                      {"--strata", .text = &w->columns.strata},
                                      {"--ties", .text = &w->ties},
                                      {"--tau", .text = &w->tau},
                                      {"--horizon", .text = &w->horizon},
                                      {"--level", .text = &w->level},
                                      {"--limits", .text = &w->limits},
                                      {"--profiles", .text = &w->profiles},
                                      {"--bootstrap", .number = &w->bootstrap, .max = COMPARISON_BOOTSTRAP_MAX},
                                      {"--seed", .number = &w->seed, .max = INT32_MAX},
                                      {"--json", .flag = &w->json},
                                      {0}};
    TRY(options_read(rows, argc, argv, 1, &w->path, why));
    if (!w->path || !w->columns.time || !w->columns.event || !w->columns.arm)
        return fail(why, INVALID, NULL, "Say which file and columns: survival FILE --time C --event C --arm C");
    return OK;
}

/* ---- the command ------------------------------------------------------------------------------------------------- */

static enum status table_of(const struct words *w, struct patient_table *out, struct problem *why)
{
    char *text = NULL;
    size_t size = 0;
    struct patient_table_columns columns = patient_table_columns_of(&w->columns, why->arena);
    TRY(file_read(w->path, why, &text, &size));
    TRY(patient_table_read(text, size, &columns, why->arena, out, why));
    if (!w->profiles)
        return OK;
    TRY(file_read(w->profiles, why, &text, &size));
    return patient_table_profiles_read(out, text, size, why->arena, why);
}

/* Refusals of single members become one sentence. */
static enum status comparison_of(struct survival_report *r, struct problem *why)
{
    enum status status = comparison_run(&r->table.data, &r->options, why->arena, &r->comparison, why);
    if (status != OK && why->error_count > 0)
        return fail(why, status, NULL, "%s %s.", why->errors[0].pointer, why->errors[0].detail);
    return status;
}

enum status survival_command(int argc, char **argv, struct problem *why)
{
    struct words words = {0};
    struct survival_report report = {.arena = why->arena};
    TRY(words_read(argc, argv, &words, why));
    TRY(choices_read(&words, &report.options, why));
    TRY(table_of(&words, &report.table, why));
    TRY(comparison_of(&report, why));
    report.arm_column = words.columns.arm;
    if (!words.json) {
        survival_put_text(stdout, &report);
        return OK;
    }
    AUTO(writer_release) struct writer w = {0};
    survival_put_json(&w, &report);
    fwrite(w.bytes, 1, w.used, stdout);
    return OK;
}
