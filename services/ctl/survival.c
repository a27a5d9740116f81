/* survival: curves, restricted means and log-rank tests of a table in a file. Needs no database. */
#include "services/ctl/ctl.h"
#include "services/ctl/file.h"
#include "services/ctl/option.h"

#include "common/csv.h"
#include "common/statistics/logrank.h"
#include "common/text.h"
#include "common/writer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TAUS_MAX = 100 };
enum { TIME, EVENT, ARM, COLUMNS };

struct study {
    const char *names[COLUMNS];
    size_t at[COLUMNS], empty[COLUMNS]; /* where the column is, and how often it has nothing */
    size_t rows, left_out, width;
    double *times;
    bool *events;
    int *groups;
    struct survival_data data;
    const char *arms[SURVIVAL_GROUPS_MAX];
    double taus[TAUS_MAX];
    size_t tau_count;
};

/* ---- the table ---- */

static enum status columns_find(struct study *s, const struct csv *c, struct problem *why)
{
    s->width = c->count;
    for (int column = 0; column < COLUMNS; column++) {
        size_t found = 0;
        for (size_t i = 0; i < c->count; i++) {
            if (strcmp(c->cells[i], s->names[column]) != 0)
                continue;
            s->at[column] = i;
            found++;
        }
        if (found != 1)
            return fail(why, INVALID, NULL, "%s column is called '%s'.", found ? "More than one" : "No",
                        s->names[column]);
    }
    return OK;
}

static enum status cell_refused(const struct study *s, const struct csv *c, int column, const char *must,
                                struct problem *why)
{
    return fail(why, INVALID, NULL, "Line %zu, column '%s': '%.40s' must be %s.", c->line, s->names[column],
                c->cells[s->at[column]], must);
}

static bool arm_find(struct study *s, const char *name, int *out)
{
    size_t i = 0;
    while (i < s->data.group_count && strcmp(s->arms[i], name) != 0)
        i++;
    if (i == SURVIVAL_GROUPS_MAX)
        return false;
    if (i == s->data.group_count)
        s->arms[s->data.group_count++] = name;
    *out = (int)i;
    return true;
}

static enum status row_take(struct study *s, const struct csv *c, struct problem *why)
{
    if (c->count != s->width)
        return fail(why, MALFORMED, NULL, "Line %zu has %zu cells, and the first line %zu.", c->line, c->count,
                    s->width);
    bool complete = true;
    for (int column = 0; column < COLUMNS; column++) {
        bool empty = !*c->cells[s->at[column]];
        s->empty[column] += empty;
        complete &= !empty;
    }
    s->rows++;
    s->left_out += !complete;
    if (!complete)
        return OK;
    size_t row = s->data.count;
    const char *event = c->cells[s->at[EVENT]];
    if (!text_real(c->cells[s->at[TIME]], &s->times[row]) ||
        !(s->times[row] >= 0 && s->times[row] <= SURVIVAL_VALUE_MAX))
        return cell_refused(s, c, TIME, "a number from 0 to 1e100", why);
    if (strcmp(event, "0") != 0 && strcmp(event, "1") != 0)
        return cell_refused(s, c, EVENT, "0 (censored) or 1", why);
    if (!arm_find(s, c->cells[s->at[ARM]], &s->groups[row]))
        return cell_refused(s, c, ARM, "one of at most 64 arms", why);
    s->events[row] = *event == '1';
    s->data.count++;
    return OK;
}

static enum status table_read(struct study *s, const char *path, struct problem *why)
{
    static struct csv c;
    char *text = NULL;
    size_t size = 0, lines = 1;
    TRY(file_read(path, why, &text, &size));
    if (text_length(text, size) < 0)
        return fail(why, MALFORMED, NULL, "%s is not UTF-8.", path);
    for (size_t i = 0; i < size; i++)
        lines += text[i] == '\n';
    s->times = arena_alloc(why->arena, lines * sizeof *s->times);
    s->events = arena_alloc(why->arena, lines * sizeof *s->events);
    s->groups = arena_alloc(why->arena, lines * sizeof *s->groups);
    csv_begin(&c, text, size, ',');
    enum status status = csv_next(&c, why);
    if (status == NOT_FOUND)
        return fail(why, INVALID, NULL, "%s is empty: its first line must name the columns.", path);
    TRY(status);
    TRY(columns_find(s, &c, why));
    while ((status = csv_next(&c, why)) == OK)
        TRY(row_take(s, &c, why));
    if (status != NOT_FOUND)
        return status;
    s->data.stop = s->times;
    s->data.event = s->events;
    s->data.group = s->groups;
    return survival_check(&s->data, why);
}

static enum status taus_read(struct study *s, const char *list, struct problem *why)
{
    char *rest = list ? arena_text(why->arena, list) : NULL;
    for (const char *word; (word = strsep(&rest, ","));) {
        if (s->tau_count == TAUS_MAX || !text_real(word, &s->taus[s->tau_count]) ||
            !(s->taus[s->tau_count] >= 0 && s->taus[s->tau_count] <= SURVIVAL_VALUE_MAX))
            return fail(why, INVALID, NULL, "--tau must be at most %d times with commas between them.", TAUS_MAX);
        s->tau_count++;
    }
    return OK;
}

/* ---- the answer ---- */

static void put_real(struct writer *w, const char *key, double value)
{
    write_key(w, key);
    write_real(w, value);
}

static void put_count(struct writer *w, const char *key, size_t value)
{
    write_key(w, key);
    write_integer(w, (int64_t)value);
}

static void put_limits(struct writer *w, double lower, double upper)
{
    put_real(w, "lower", lower);
    put_real(w, "upper", upper);
    write_object_end(w);
}

static void put_time(struct writer *w, const char *key, const struct survival_curve *curve, double part)
{
    struct survival_time t = survival_quantile(curve, part);
    write_key(w, key);
    write_object(w);
    put_real(w, "time", t.time);
    put_limits(w, t.lower, t.upper);
}

static void put_point(struct writer *w, const struct survival_curve *curve, double time)
{
    struct survival_point p = survival_at(curve, time);
    write_object(w);
    put_real(w, "time", p.time);
    write_key(w, "beyond_follow_up");
    write_boolean(w, p.beyond);
    put_real(w, "at_risk", p.at_risk);
    put_real(w, "survival", p.survival);
    put_real(w, "standard_error", p.standard_error);
    put_limits(w, p.lower, p.upper);
}

static void put_mean(struct writer *w, const struct survival_curve *curve, double tau)
{
    struct survival_mean m = survival_restricted_mean(curve, tau);
    write_object(w);
    put_real(w, "tau", m.tau);
    write_key(w, "beyond_follow_up");
    write_boolean(w, m.beyond);
    put_real(w, "mean", m.mean);
    put_real(w, "standard_error", m.standard_error);
    put_limits(w, m.lower, m.upper);
}

static void put_each_tau(struct writer *w, const char *key, const struct study *s, const struct survival_curve *curve,
                         void (*put)(struct writer *, const struct survival_curve *, double))
{
    write_key(w, key);
    write_array(w);
    for (size_t i = 0; i < s->tau_count; i++)
        put(w, curve, s->taus[i]);
    write_array_end(w);
}

static void put_arm(struct writer *w, const struct study *s, size_t arm, struct arena *arena)
{
    struct survival_curve curve;
    survival_estimate(&s->data, (int)arm, (struct survival_limits){0.95, SURVIVAL_LOG}, arena, &curve);
    write_object(w);
    write_key(w, "arm");
    write_text(w, s->arms[arm]);
    put_real(w, "patients", curve.patients);
    put_real(w, "events", curve.events);
    put_real(w, "last_time", curve.last_time);
    put_time(w, "median", &curve, 0.5);
    put_time(w, "first_quartile", &curve, 0.25);
    put_time(w, "third_quartile", &curve, 0.75);
    put_each_tau(w, "survival_at", s, &curve, put_point);
    put_each_tau(w, "restricted_mean", s, &curve, put_mean);
    write_object_end(w);
}

static void put_numbers(struct writer *w, const char *key, const double *numbers, size_t count)
{
    write_key(w, key);
    write_array(w);
    for (size_t i = 0; i < count; i++)
        write_real(w, numbers[i]);
    write_array_end(w);
}

static void put_outcome(struct writer *w, const struct logrank *l)
{
    put_real(w, "chi_square", l->chi_square);
    put_count(w, "degrees_of_freedom", (size_t)l->degrees_of_freedom);
    put_real(w, "p", l->p);
}

static void put_test(struct writer *w, const char *key, const struct study *s, double rho, struct arena *arena)
{
    struct logrank l;
    logrank_test(&s->data, (struct logrank_options){.rho = rho}, arena, &l);
    write_key(w, key);
    write_object(w);
    put_outcome(w, &l);
    put_numbers(w, "observed", l.observed, l.group_count);
    put_numbers(w, "expected", l.expected, l.group_count);
    write_object_end(w);
}

static void put_pairs(struct writer *w, const struct study *s, struct arena *arena)
{
    write_key(w, "pairs");
    write_array(w);
    for (size_t a = 0; a < s->data.group_count; a++)
        for (size_t b = a + 1; b < s->data.group_count; b++) {
            struct logrank l;
            logrank_pair(&s->data, (int)a, (int)b, 0, arena, &l);
            write_object(w);
            write_key(w, "arms");
            write_array(w);
            write_text(w, s->arms[a]);
            write_text(w, s->arms[b]);
            write_array_end(w);
            put_outcome(w, &l);
            write_object_end(w);
        }
    write_array_end(w);
}

static void put_study(struct writer *w, const struct study *s, struct arena *arena)
{
    write_object(w);
    put_count(w, "rows", s->rows);
    put_count(w, "left_out", s->left_out);
    write_key(w, "empty");
    write_object(w);
    static const char *const keys[COLUMNS] = {"time", "event", "arm"};
    for (int column = 0; column < COLUMNS; column++)
        put_count(w, keys[column], s->empty[column]);
    write_object_end(w);
    write_key(w, "arms");
    write_array(w);
    for (size_t arm = 0; arm < s->data.group_count; arm++)
        put_arm(w, s, arm, arena);
    write_array_end(w);
    put_test(w, "logrank", s, 0, arena);
    put_test(w, "peto_peto", s, 1, arena);
    put_pairs(w, s, arena);
    write_object_end(w);
    write_line_end(w);
}

enum status survival_command(int argc, char **argv, struct problem *why)
{
    struct study s = {0};
    const char *path = NULL, *tau = NULL;
    bool json = false;
    const struct option_row rows[] = {{"--time", .text = &s.names[TIME]}, {"--event", .text = &s.names[EVENT]},
                                      {"--arm", .text = &s.names[ARM]},   {"--tau", .text = &tau},
                                      {"--json", .flag = &json},          {0}};
    TRY(options_read(rows, argc, argv, 1, &path, why));
    if (!path || !s.names[TIME] || !s.names[EVENT] || !s.names[ARM] || !json)
        return fail(why, INVALID, NULL, "Say which file and columns: survival FILE --time C --event C --arm C --json");
    TRY(taus_read(&s, tau, why));
    TRY(table_read(&s, path, why));
    AUTO(writer_release) struct writer w = {0};
    put_study(&w, &s, why->arena);
    fwrite(w.bytes, 1, w.used, stdout);
    return OK;
}
