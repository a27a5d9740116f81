#include "common/science/treatment/patient_table.h"

#include "common/base/text.h"
#include "common/base/words.h"
#include "common/format/csv_table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The columns that every row must have; covariates follow them. */
enum { TIME, EVENT, ARM, START, STRATA, FIXED, COLUMNS_MAX = FIXED + PATIENT_TABLE_COVARIATES_MAX };

struct reading {
    const struct patient_table_columns *columns;
    struct patient_table *table;
    struct arena *arena;
    struct problem *why;
    struct csv_table *csv;
    size_t count;                   /* rows taken */
    const char *names[COLUMNS_MAX]; /* NULL: not asked for */
    size_t column_count;
    size_t empty[COLUMNS_MAX];
    double *start, *stop;
    bool *event;
    size_t *line;                    /* where the row begins */
    const char **cells[COLUMNS_MAX]; /* of the rows taken; of arm, strata and covariates */
};

static bool is_empty(const char *cell)
{
    return !*cell || strcmp(cell, "NA") == 0;
}

/* ---- the columns ------------------------------------------------------------------------------------------------- */

static bool is_named(const char *name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (names[i] && strcmp(names[i], name) == 0)
            return true;
    return false;
}

/* Factors and interactions are told of covariates. */
static enum status are_covariates(struct reading *r, const char *const *names, size_t count)
{
    const struct patient_table_columns *c = r->columns;
    for (size_t i = 0; i < count; i++)
        if (!is_named(names[i], c->covariates, c->covariate_count))
            return fail(r->why, INVALID, NULL, "'%.80s' is none of the covariates.", names[i]);
    return OK;
}

static enum status names_take(struct reading *r)
{
    const struct patient_table_columns *c = r->columns;
    if (c->covariate_count > PATIENT_TABLE_COVARIATES_MAX)
        return fail(r->why, INVALID, NULL, "There are more covariates than %d.", PATIENT_TABLE_COVARIATES_MAX);
    TRY(are_covariates(r, c->factors, c->factor_count));
    TRY(are_covariates(r, c->interactions, c->interaction_count));
    const char *fixed[FIXED] = {c->time, c->event, c->arm, c->start, c->strata};
    memcpy(r->names, fixed, sizeof fixed);
    for (size_t i = 0; i < c->covariate_count; i++)
        r->names[FIXED + i] = c->covariates[i];
    r->column_count = FIXED + c->covariate_count;
    for (size_t column = 0; column < r->column_count; column++)
        if (r->names[column] && is_named(r->names[column], r->names, column))
            return fail(r->why, INVALID, NULL, "Column '%.80s' is named for two things.", r->names[column]);
    return OK;
}

/* ---- the rows ---------------------------------------------------------------------------------------------------- */

static void room_make(struct reading *r)
{
    size_t room = csv_table_room(r->csv);
    r->stop = arena_alloc(r->arena, room * sizeof *r->stop);
    r->event = arena_alloc(r->arena, room * sizeof *r->event);
    r->line = arena_alloc(r->arena, room * sizeof *r->line);
    if (r->names[START])
        r->start = arena_alloc(r->arena, room * sizeof *r->start);
    for (size_t column = 0; column < r->column_count; column++)
        if (r->names[column] && column != TIME && column != EVENT && column != START)
            r->cells[column] = arena_alloc(r->arena, room * sizeof *r->cells[column]);
}

static enum status time_read(const struct reading *r, size_t column, double *out)
{
    if (!text_real(csv_table_cell(r->csv, column), out) || !(*out >= 0 && *out <= SURVIVAL_VALUE_MAX))
        return csv_table_refuse(r->csv, column, "a number from 0 to 1e100", r->why);
    return OK;
}

static bool row_is_complete(struct reading *r)
{
    bool complete = true;
    for (size_t column = 0; column < r->column_count; column++) {
        const char *cell = csv_table_cell(r->csv, column);
        if (!cell || !is_empty(cell))
            continue;
        r->empty[column]++;
        complete = complete && column >= FIXED;
    }
    return complete;
}

static enum status row_take(struct reading *r)
{
    if (!row_is_complete(r)) {
        r->table->left_out++;
        return OK;
    }
    size_t row = r->count;
    TRY(time_read(r, TIME, &r->stop[row]));
    const char *event = csv_table_cell(r->csv, EVENT);
    if (strcmp(event, "0") != 0 && strcmp(event, "1") != 0)
        return csv_table_refuse(r->csv, EVENT, "0 (censored) or 1", r->why);
    r->event[row] = *event == '1';
    r->line[row] = r->csv->line;
    if (r->start)
        TRY(time_read(r, START, &r->start[row]));
    if (r->start && r->start[row] >= r->stop[row])
        return csv_table_refuse(r->csv, START, "earlier than the time", r->why);
    for (size_t column = 0; column < r->column_count; column++)
        if (r->cells[column])
            r->cells[column][row] = csv_table_cell(r->csv, column);
    r->count++;
    return OK;
}

static enum status rows_read(struct reading *r, char *text, size_t size)
{
    const struct csv_wanted wanted = {
        .called = "table", .rows_max = PATIENT_TABLE_ROWS_MAX, .count = r->column_count, .names = r->names};
    enum status status;
    TRY(csv_table_begin(r->csv, &wanted, text, size, r->why));
    room_make(r);
    while ((status = csv_table_next(r->csv, r->why)) == OK)
        TRY(row_take(r));
    r->table->rows = r->csv->rows;
    return if_any(status);
}

/* ---- words that become numbers ----------------------------------------------------------------------------------- */

/* Different words, each with the number it got when it was first seen; by_word is their order in the alphabet. */
struct word_set {
    size_t count, most;
    const char **word;
    int *by_word, *rank; /* rank: the final number of each */
    bool numbers;        /* all of them are */
};

static struct word_set word_set_new(struct arena *arena, size_t most)
{
    return (struct word_set){.most = most,
                             .word = arena_alloc(arena, most * sizeof(char *)),
                             .by_word = arena_alloc(arena, most * sizeof(int)),
                             .rank = arena_alloc(arena, most * sizeof(int)),
                             .numbers = true};
}

/* -1: there are more than there may be. */
static int word_set_number(struct word_set *w, const char *word)
{
    size_t low = 0, high = w->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(w->word[w->by_word[middle]], word);
        if (order == 0)
            return w->by_word[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    double number;
    if (w->count == w->most)
        return -1;
    memmove(&w->by_word[low + 1], &w->by_word[low], (w->count - low) * sizeof *w->by_word);
    w->by_word[low] = (int)w->count;
    w->word[w->count] = word;
    w->numbers = w->numbers && text_real(word, &number);
    return (int)w->count++;
}

struct numbered {
    double value;
    int word;
};

static int by_value(const void *a, const void *b)
{
    const struct numbered *x = a, *y = b;
    if (x->value != y->value)
        return x->value < y->value ? -1 : 1;
    return x->word - y->word;
}

/* The final order: numbers by size, words by the alphabet, and first before all of them. */
static const char **word_set_order(struct word_set *w, const char *first, struct arena *arena)
{
    struct numbered *order = arena_alloc(arena, (w->count + 1) * sizeof *order);
    const char **names = arena_alloc(arena, (w->count + 1) * sizeof *names);
    for (size_t i = 0; i < w->count; i++) {
        order[i] = (struct numbered){(double)i, w->by_word[i]};
        if (w->numbers)
            text_real(w->word[order[i].word], &order[i].value);
        if (first && strcmp(w->word[order[i].word], first) == 0)
            order[i].value = -INFINITY;
    }
    qsort(order, w->count, sizeof *order, by_value);
    for (size_t i = 0; i < w->count; i++) {
        names[i] = w->word[order[i].word];
        w->rank[order[i].word] = (int)i;
    }
    return names;
}

static enum status levels_make(struct reading *r, size_t column, size_t most, const char *first, int **out,
                               const char ***names, size_t *name_count)
{
    struct word_set words = word_set_new(r->arena, most);
    int *levels = arena_alloc(r->arena, (r->count + 1) * sizeof *levels);
    for (size_t i = 0; i < r->count; i++) {
        const char *cell = r->cells[column][i];
        levels[i] = -1;
        if (is_empty(cell))
            continue;
        levels[i] = word_set_number(&words, cell);
        if (levels[i] < 0)
            return fail(r->why, INVALID, NULL, "Column '%.80s' has more different values than %zu.", r->names[column],
                        most);
    }
    *names = word_set_order(&words, first, r->arena);
    *name_count = words.count;
    for (size_t i = 0; i < r->count; i++)
        levels[i] = levels[i] < 0 ? -1 : words.rank[levels[i]];
    *out = levels;
    return OK;
}

/* ---- the table --------------------------------------------------------------------------------------------------- */

/* A column of numbers in which something else stands is more likely a slip than a factor, and is not taken for one
 * unless it was named as such: most of its cells decide. */
static enum status numbers_read(struct reading *r, size_t column, double *values, bool *out)
{
    size_t numbers = 0, others = 0, first = 0;
    for (size_t i = 0; i < r->count; i++) {
        const char *cell = r->cells[column][i];
        values[i] = NAN;
        if (is_empty(cell))
            continue;
        if (text_real(cell, &values[i]) && fabs(values[i]) <= SURVIVAL_VALUE_MAX)
            numbers++;
        else if (others++ == 0)
            first = i;
    }
    *out = others == 0;
    if (numbers <= others || others == 0)
        return OK;
    return fail(r->why, INVALID, NULL,
                "Line %zu, column '%.80s': '%.40s' must be a number within 1e100, or the column named as a factor.",
                r->line[first], r->names[column], r->cells[column][first]);
}

static enum status covariate_make(struct reading *r, size_t i, struct design_covariate *out)
{
    const struct patient_table_columns *c = r->columns;
    double *values = arena_alloc(r->arena, (r->count + 1) * sizeof *values);
    int *levels;
    const char **names;
    *out = (struct design_covariate){.name = arena_text(r->arena, c->covariates[i]),
                                     .interacts = is_named(c->covariates[i], c->interactions, c->interaction_count)};
    bool number = false;
    if (!is_named(c->covariates[i], c->factors, c->factor_count))
        TRY(numbers_read(r, FIXED + i, values, &number));
    if (number) {
        out->number = values;
        return OK;
    }
    TRY(levels_make(r, FIXED + i, PATIENT_TABLE_LEVELS_MAX, NULL, &levels, &names, &out->level_count));
    out->level = levels;
    out->level_names = names;
    return OK;
}

static enum status groups_make(struct reading *r, struct survival_data *d)
{
    int *groups, *strata;
    const char **names;
    TRY(levels_make(r, ARM, SURVIVAL_GROUPS_MAX, r->columns->reference, &groups, &names, &d->group_count));
    d->group = groups;
    memcpy(r->table->arms, names, d->group_count * sizeof *names);
    if (r->columns->reference && (d->group_count == 0 || strcmp(names[0], r->columns->reference) != 0))
        return fail(r->why, INVALID, NULL, "Nobody has the treatment '%.80s'.", r->columns->reference);
    if (!r->names[STRATA])
        return OK;
    TRY(levels_make(r, STRATA, PATIENT_TABLE_STRATA_MAX, NULL, &strata, &r->table->strata, &r->table->stratum_count));
    d->stratum = strata;
    d->stratum_count = r->table->stratum_count;
    r->table->stratum_column = r->names[STRATA];
    return OK;
}

static void empties_tell(struct reading *r)
{
    r->table->empty = arena_alloc(r->arena, r->column_count * sizeof *r->table->empty);
    for (size_t column = 0; column < r->column_count; column++)
        if (r->names[column])
            r->table->empty[r->table->empty_count++] =
                (struct patient_table_empty){arena_text(r->arena, r->names[column]), r->empty[column]};
}

static enum status table_make(struct reading *r)
{
    const struct patient_table_columns *c = r->columns;
    struct design_covariate *covariates = arena_alloc(r->arena, (c->covariate_count + 1) * sizeof *covariates);
    struct survival_data d = {.count = r->count, .start = r->start, .stop = r->stop, .event = r->event};
    TRY(groups_make(r, &d));
    for (size_t i = 0; i < c->covariate_count; i++)
        TRY(covariate_make(r, i, &covariates[i]));
    empties_tell(r);
    r->table->data =
        (struct comparison_data){.survival = d, .covariate_count = c->covariate_count, .covariates = covariates};
    return OK;
}

enum status patient_table_read(char *text, size_t size, const struct patient_table_columns *columns,
                               struct arena *arena, struct patient_table *out, struct problem *why)
{
    struct patient_table table = {0};
    struct reading r = {
        .columns = columns, .table = &table, .arena = arena, .why = why, .csv = arena_alloc(arena, sizeof *r.csv)};
    TRY(names_take(&r));
    TRY(rows_read(&r, text, size));
    TRY(table_make(&r));
    *out = table;
    return OK;
}

/* ---- profiles ---------------------------------------------------------------------------------------------------- */

/* The columns that a profile may have; covariates follow them. */
enum { PROFILE_NAME, PROFILE_STRATUM, PROFILE_FIXED };

static double value_of(const struct design_covariate *x, const char *cell)
{
    double value = NAN;
    if (x->number)
        return cell && text_real(cell, &value) ? value : NAN;
    for (size_t level = 0; cell && level < x->level_count; level++)
        if (strcmp(x->level_names[level], cell) == 0)
            return (double)level;
    return NAN;
}

static enum status stratum_of(const struct patient_table *table, const struct csv_table *csv, int *out,
                              struct problem *why)
{
    const char *cell = csv_table_cell(csv, PROFILE_STRATUM);
    *out = 0;
    if (!table->stratum_column)
        return OK;
    for (size_t i = 0; cell && i < table->stratum_count; i++)
        if (strcmp(table->strata[i], cell) == 0) {
            *out = (int)i;
            return OK;
        }
    return fail(why, INVALID, NULL, "Line %zu: a profile must have a value of '%.80s' that the table has.", csv->line,
                table->stratum_column);
}

static enum status profile_take(const struct patient_table *table, const struct csv_table *csv, struct arena *arena,
                                struct comparison_profile *out, struct problem *why)
{
    const struct comparison_data *d = &table->data;
    double *values = arena_alloc(arena, (d->covariate_count + 1) * sizeof *values);
    TRY(stratum_of(table, csv, &out->stratum, why));
    for (size_t i = 0; i < d->covariate_count; i++)
        values[i] = value_of(&d->covariates[i], csv_table_cell(csv, PROFILE_FIXED + i));
    out->values = values;
    return OK;
}

static const char *profile_name(const struct csv_table *csv, struct arena *arena)
{
    const char *name = csv_table_cell(csv, PROFILE_NAME);
    return name ? arena_text(arena, name) : arena_printf(arena, "%zu", csv->rows);
}

enum status patient_table_profiles_read(struct patient_table *table, char *text, size_t size, struct arena *arena,
                                        struct problem *why)
{
    struct comparison_data *d = &table->data;
    struct csv_table *csv = arena_alloc(arena, sizeof *csv);
    const char *names[COLUMNS_MAX] = {[PROFILE_NAME] = "profile", [PROFILE_STRATUM] = table->stratum_column};
    const struct csv_wanted wanted = {.called = "table of profiles",
                                      .optional = true,
                                      .rows_max = PATIENT_TABLE_PROFILES_MAX,
                                      .count = PROFILE_FIXED + d->covariate_count,
                                      .names = names};
    enum status status;
    for (size_t i = 0; i < d->covariate_count; i++)
        names[PROFILE_FIXED + i] = d->covariates[i].name;
    TRY(csv_table_begin(csv, &wanted, text, size, why));
    size_t room = csv_table_room(csv);
    struct comparison_profile *profiles = arena_alloc(arena, room * sizeof *profiles);
    const char **profile_names = arena_alloc(arena, room * sizeof *profile_names);
    while ((status = csv_table_next(csv, why)) == OK) {
        TRY(profile_take(table, csv, arena, &profiles[csv->rows - 1], why));
        profile_names[csv->rows - 1] = profile_name(csv, arena);
    }
    TRY(if_any(status));
    d->profiles = profiles;
    d->profile_count = csv->rows;
    table->profile_names = profile_names;
    return OK;
}

/* ---- the words of an order --------------------------------------------------------------------------------------- */

struct patient_table_columns patient_table_columns_of(const struct patient_table_names *names, struct arena *arena)
{
    struct patient_table_columns out = {.time = names->time,
                                        .event = names->event,
                                        .arm = names->arm,
                                        .start = names->start,
                                        .strata = names->strata,
                                        .reference = names->reference};
    out.covariates = words_split(names->covariates, arena, &out.covariate_count);
    out.factors = words_split(names->factors, arena, &out.factor_count);
    out.interactions = words_split(names->interactions, arena, &out.interaction_count);
    return out;
}
