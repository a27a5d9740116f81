/* mmse-evaluate: judges how well models of the next MMSE score predict the people of a file. Needs no database. */
#include "services/ctl/ctl.h"
#include "services/ctl/file.h"
#include "services/ctl/option.h"

#include "common/science/learners/grow.h"
#include "common/science/mmse/validation.h"
#include "common/science/mmse/visit_table.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

struct order {
    const char *path, *train_path, *method, *fold_column;
    long seed;
    bool reml, json;
    struct visit_table table, train;
    struct mmse_options options;
};

static enum status cohort_load(const char *path, const char *fold_column, struct visit_table *out, struct problem *why)
{
    char *text = NULL;
    size_t size = 0;
    TRY(file_read(path, why, &text, &size));
    return visit_table_read(why->arena, text, size, fold_column, out, why);
}

static enum status judge_by_train(struct arena *arena, const struct order *o, const struct mmse_method *method,
                                  struct evaluation *out, struct problem *why)
{
    struct mmse_model model, last_value;
    TRY(mmse_model_fit(arena, method, &o->train.cohort, &o->options, &model, why));
    TRY(mmse_model_fit(arena, mmse_method_named("last_value"), &o->train.cohort, &o->options, &last_value, why));
    return validation_of_model(arena, &model, &last_value, &o->table.cohort, out, why);
}

static enum status judge(struct arena *arena, const struct order *o, const struct mmse_method *method,
                         struct evaluation *out, struct problem *why)
{
    if (o->train_path)
        return judge_by_train(arena, o, method, out, why);
    return validation_run(arena, method, &o->table.cohort, &o->options, out, why);
}

/* ---- For machines ---- */

static void put_count(struct writer *w, const char *member, size_t value)
{
    write_key(w, member);
    write_integer(w, (int64_t)value);
}

static void put_table(struct writer *w, const char *member, const struct visit_table *t)
{
    write_key(w, member);
    write_object(w);
    put_count(w, "rows", t->rows);
    put_count(w, "left_out", t->left_out);
    put_count(w, "same_day", t->cohort.merged);
    put_count(w, "out_of_order", t->cohort.unordered);
    put_count(w, "subjects", t->cohort.count);
    put_count(w, "subjects_with_one_visit", t->cohort.count - t->cohort.task_count);
    put_count(w, "without_sex", t->without_sex);
    put_count(w, "without_education", t->without_education);
    write_object_end(w);
}

static enum status each_as_json(const struct order *o, const struct mmse_method *const *methods, struct writer *w,
                                struct problem *why)
{
    for (; *methods; methods++) {
        AUTO(arena_release) struct arena arena = {0};
        struct evaluation e;
        TRY(judge(&arena, o, *methods, &e, why));
        validation_write(&e, true, w);
    }
    return OK;
}

static enum status print_json(const struct order *o, const struct mmse_method *const *methods, struct problem *why)
{
    AUTO(writer_release) struct writer w = {0};
    write_object(&w);
    put_table(&w, "table", &o->table);
    if (o->train_path)
        put_table(&w, "train", &o->train);
    write_key(&w, "evaluations");
    write_array(&w);
    TRY(each_as_json(o, methods, &w, why));
    write_array_end(&w);
    write_object_end(&w);
    write_line_end(&w);
    fwrite(w.bytes, 1, w.used, stdout);
    return OK;
}

/* ---- For people: Markdown, as a README shows it ---- */

static void print_part(const char *name, const struct metrics *m)
{
    if (m->count)
        printf("| %s | %zu | %.2f | %.2f | %+.2f | %.3f | %.1f | %.1f |\n", name, m->count, m->mae, m->rmse, m->bias,
               m->coverage, m->mean_width, m->interval_score);
}

static void print_parts(const struct evaluation *e)
{
    static const char head[] = "| %s | n | MAE | RMSE | bias | 90%% coverage | mean width | interval score |\n"
                               "|---|--:|--:|--:|--:|--:|--:|--:|\n";
    printf("\n");
    printf(head, "last score");
    for (int band = 0; band < SCORE_BANDS; band++)
        print_part(score_band_names[band], &e->by_band[band]);
    printf("\n");
    printf(head, "years ahead");
    for (int band = 0; band < HORIZON_BANDS; band++)
        print_part(validation_horizon_names[band], &e->by_horizon[band]);
}

static void print_row(const struct evaluation *e)
{
    const struct metrics *m = &e->overall;
    printf("| %s | %.2f | %+.2f (%+.2f to %+.2f) | %.2f | %+.2f (%+.2f to %+.2f) | %+.2f | %.3f | %.1f | %.1f |\n",
           e->method->name, m->mae, e->mae.value, e->mae.lower, e->mae.upper, m->rmse, e->rmse.value, e->rmse.lower,
           e->rmse.upper, m->bias, m->coverage, m->mean_width, m->interval_score);
}

static enum status print_text(const struct order *o, const struct mmse_method *const *methods, struct problem *why)
{
    const struct cohort *c = &o->table.cohort;
    printf("%zu visits of %zu subjects; %zu have an earlier visit and are judged", c->visit_count, c->count,
           c->task_count);
    if (o->train_path)
        printf(" by models of %zu others", o->train.cohort.count);
    printf(".\n\n| method | MAE | against last_value (95%%) | RMSE | against last_value (95%%) | bias | 90%% coverage |"
           " mean width | interval score |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|\n");
    bool single = !methods[1];
    for (; *methods; methods++) {
        AUTO(arena_release) struct arena arena = {0};
        struct evaluation e;
        TRY(judge(&arena, o, *methods, &e, why));
        print_row(&e);
        fflush(stdout);
        if (single)
            print_parts(&e);
    }
    return OK;
}

/* ---- What is asked for ---- */

enum { METHODS_MAX = 20 };

static enum status methods_choose(const char *name, const struct mmse_method **out, struct problem *why)
{
    const struct mmse_method *one = mmse_method_named(name);
    size_t count = 0;
    if (one)
        out[count++] = one;
    for (const struct mmse_method *m = mmse_methods; strcmp(name, "all") == 0 && m->name; m++)
        out[count++] = m;
    if (count > 0)
        return OK;
    const char *known = "all";
    for (const struct mmse_method *m = mmse_methods; m->name; m++)
        known = arena_printf(why->arena, "%s, %s", known, m->name);
    return fail(why, INVALID, NULL, "There is no method '%.40s'; there are %s.", name, known);
}

static enum status cohorts_load(struct order *o, struct problem *why)
{
    TRY(cohort_load(o->path, o->fold_column, &o->table, why));
    if (o->train_path)
        return cohort_load(o->train_path, NULL, &o->train, why);
    if (!o->fold_column)
        o->table.cohort = validation_folds(why->arena, &o->table.cohort, o->options.seed);
    return OK;
}

enum status mmse_evaluate_command(int argc, char **argv, struct problem *why)
{
    struct order o = {.method = MMSE_METHOD_DEFAULT, .seed = 1};
    const struct option_row rows[] = {{"--method", .text = &o.method},
                                      {"--train", .text = &o.train_path},
                                      {"--folds", .text = &o.fold_column},
                                      {"--seed", .number = &o.seed, .min = 0, .max = INT_MAX},
                                      {"--reml", .flag = &o.reml},
                                      {"--json", .flag = &o.json},
                                      {0}};
    const struct mmse_method *methods[METHODS_MAX + 1] = {0};
    TRY(options_read(rows, argc, argv, 1, &o.path, why));
    if (!o.path)
        return fail(why, INVALID, NULL, "Say which file: mmse-evaluate VISITS.csv");
    if (o.train_path && o.fold_column)
        return fail(why, INVALID, NULL, "--train and --folds exclude each other: the model is of the other file.");
    TRY(methods_choose(o.method, methods, why));
    o.options = (struct mmse_options){.seed = (uint64_t)o.seed, .reml = o.reml, .grow = grow_trees};
    TRY(cohorts_load(&o, why));
    return o.json ? print_json(&o, methods, why) : print_text(&o, methods, why);
}
