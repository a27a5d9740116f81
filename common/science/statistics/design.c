#include "common/science/statistics/design.h"

#include "common/science/statistics/matrix.h"
#include "common/science/statistics/survival.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* A column that could be: of a covariate, or of a level of it. */
struct candidate {
    size_t covariate;
    int level;
    const char *name;
    double mean, square; /* square: sum of squares around the mean */
    enum design_gap gap;
};

struct making {
    const struct design_covariate *covariates;
    struct design *d;
    struct arena *arena, scratch;
    size_t candidate_count;
    struct candidate *candidates;
};

static const struct {
    const char *name, *text;
} gaps[] = {
    [DESIGN_NO_GAP] = {"none", "it has a column"},
    [DESIGN_CONSTANT] = {"constant", "it is the same for all patients with every covariate"},
    [DESIGN_COLLINEAR] = {"collinear", "it follows from the covariates before it"},
};

const char *design_gap_name(enum design_gap gap)
{
    return (unsigned)gap < COUNT(gaps) ? gaps[gap].name : "unknown";
}

const char *design_gap_text(enum design_gap gap)
{
    return (unsigned)gap < COUNT(gaps) ? gaps[gap].text : "unknown";
}

/* ---- the rows that are complete ---------------------------------------------------------------------------------- */

static bool is_missing(const struct design_covariate *c, size_t row)
{
    return c->number ? isnan(c->number[row]) : c->level[row] < 0;
}

static bool is_usable(const struct design_covariate *c, size_t row)
{
    return c->number ? fabs(c->number[row]) <= SURVIVAL_VALUE_MAX : (size_t)c->level[row] < c->level_count;
}

static enum status value_check(const struct design_covariate *c, size_t row, struct problem *why)
{
    if (is_missing(c, row) || is_usable(c, row))
        return OK;
    const char *pointer = problem_pointer(why->arena, "", c->name);
    return fail(why, INVALID, arena_printf(why->arena, "%s/%zu", pointer, row), "%s",
                c->number ? "must be a number within 1e100" : "must be a level of the factor");
}

static enum status rows_choose(struct making *m, size_t table_rows, const bool *included, struct problem *why)
{
    struct design *d = m->d;
    size_t *missing = arena_alloc(m->arena, (d->covariate_count + 1) * sizeof *missing);
    d->row = arena_alloc(m->arena, (table_rows + 1) * sizeof *d->row);
    for (size_t row = 0; row < table_rows; row++) {
        if (included && !included[row])
            continue;
        bool complete = true;
        for (size_t c = 0; c < d->covariate_count; c++) {
            bool gone = is_missing(&m->covariates[c], row);
            missing[c] += gone;
            complete = complete && !gone;
            TRY(value_check(&m->covariates[c], row, why));
        }
        d->left_out += !complete;
        if (complete)
            d->row[d->rows++] = row;
    }
    d->missing = missing;
    return OK;
}

/* ---- the columns that could be ----------------------------------------------------------------------------------- */

static void levels_look(struct making *m, size_t c, bool *has, int *reference)
{
    const struct design_covariate *x = &m->covariates[c];
    for (size_t i = 0; i < m->d->rows; i++)
        has[x->level[m->d->row[i]]] = true;
    *reference = x->reference;
    if (x->reference >= 0 && (size_t)x->reference < x->level_count && has[x->reference])
        return;
    for (*reference = 0; (size_t)*reference < x->level_count && !has[*reference];)
        ++*reference;
}

static size_t candidates_of(const struct making *m)
{
    size_t most = 0;
    for (size_t c = 0; c < m->d->covariate_count; c++)
        most += m->covariates[c].number ? 1 : m->covariates[c].level_count + 1;
    return most;
}

static void factor_candidates(struct making *m, size_t c, const bool *has, int reference)
{
    const struct design_covariate *x = &m->covariates[c];
    size_t before = m->candidate_count;
    for (size_t level = 0; level < x->level_count; level++)
        if (has[level] && (int)level != reference)
            m->candidates[m->candidate_count++] =
                (struct candidate){.covariate = c,
                                   .level = (int)level,
                                   .name = arena_printf(m->arena, "%s=%s", x->name, x->level_names[level])};
    if (m->candidate_count == before)
        m->candidates[m->candidate_count++] =
            (struct candidate){.covariate = c, .level = -1, .name = x->name, .gap = DESIGN_CONSTANT};
}

static enum status candidates_make(struct making *m, struct problem *why)
{
    struct design *d = m->d;
    int *reference = arena_alloc(m->arena, (d->covariate_count + 1) * sizeof *reference);
    const bool **has_level = arena_alloc(m->arena, (d->covariate_count + 1) * sizeof *has_level);
    m->candidates = arena_alloc(&m->scratch, (candidates_of(m) + 1) * sizeof *m->candidates);
    for (size_t c = 0; c < d->covariate_count; c++) {
        const struct design_covariate *x = &m->covariates[c];
        reference[c] = -1;
        if (x->number) {
            m->candidates[m->candidate_count++] = (struct candidate){.covariate = c, .level = -1, .name = x->name};
        } else {
            bool *has = arena_alloc(m->arena, (x->level_count + 1) * sizeof *has);
            levels_look(m, c, has, &reference[c]);
            factor_candidates(m, c, has, reference[c]);
            has_level[c] = has;
        }
        if (m->candidate_count > DESIGN_COLUMNS_MAX)
            return fail(why, INVALID, x->name, "makes more columns together with the others than %d",
                        DESIGN_COLUMNS_MAX);
    }
    d->reference = reference;
    d->has_level = has_level;
    return OK;
}

static double coded(const struct making *m, const struct candidate *k, size_t row)
{
    const struct design_covariate *x = &m->covariates[k->covariate];
    return x->number ? x->number[row] : x->level[row] == k->level;
}

static void moments_of(const struct making *m, struct candidate *k)
{
    const struct design *d = m->d;
    double largest = 0;
    for (size_t i = 0; i < d->rows; i++) {
        double x = coded(m, k, d->row[i]);
        k->mean += (x - k->mean) / (double)(i + 1);
        largest = fmax(largest, fabs(x));
    }
    for (size_t i = 0; i < d->rows; i++) {
        double x = coded(m, k, d->row[i]) - k->mean;
        k->square += x * x;
    }
    double spread = sqrt(k->square / fmax((double)d->rows, 1));
    if (!(spread > 1e-12 * largest) || spread < 1e-100)
        k->gap = DESIGN_CONSTANT;
}

/* ---- those that say something new -------------------------------------------------------------------------------- */

/* Correlations of candidate j with those before it, row j of the matrix; then what is left of it after them, by the
 * Cholesky factor: a column of which nothing but rounding is left follows from them. */
static void collinear_find(struct making *m)
{
    size_t k = m->candidate_count, rows = m->d->rows;
    double *factor = numbers_new(&m->scratch, k * k), *z = numbers_new(&m->scratch, k);
    double *products = numbers_new(&m->scratch, k * k);
    for (size_t i = 0; i < rows; i++) {
        for (size_t j = 0; j < k; j++) {
            const struct candidate *c = &m->candidates[j];
            z[j] = c->gap ? 0 : (coded(m, c, m->d->row[i]) - c->mean) / sqrt(c->square);
        }
        for (size_t j = 0; j < k; j++)
            for (size_t l = 0; z[j] != 0 && l <= j; l++)
                products[j * k + l] += z[j] * z[l];
    }
    for (size_t j = 0; j < k; j++) {
        double *row = factor + j * k;
        if (m->candidates[j].gap)
            continue;
        for (size_t l = 0; l < j; l++)
            row[l] = m->candidates[l].gap
                         ? 0
                         : (products[j * k + l] - matrix_dot(row, factor + l * k, l)) / factor[l * k + l];
        double left = products[j * k + j] - matrix_dot(row, row, j);
        if (left > 1e-9)
            row[j] = sqrt(left);
        else
            m->candidates[j].gap = DESIGN_COLLINEAR;
    }
}

static void columns_take(struct making *m)
{
    struct design *d = m->d;
    struct design_column *columns = arena_alloc(m->arena, (m->candidate_count + 1) * sizeof *columns);
    struct design_omission *omissions = arena_alloc(m->arena, (m->candidate_count + 1) * sizeof *omissions);
    for (size_t j = 0; j < m->candidate_count; j++) {
        const struct candidate *k = &m->candidates[j];
        if (k->gap)
            omissions[d->omission_count++] = (struct design_omission){k->covariate, k->level, k->gap, k->name};
        else
            columns[d->count++] = (struct design_column){k->covariate, k->level, k->name};
    }
    d->columns = columns;
    d->omissions = omissions;
    d->values = numbers_new(m->arena, d->rows * d->count);
    double *to = d->values;
    for (size_t j = 0; j < m->candidate_count; j++)
        for (size_t i = 0; !m->candidates[j].gap && i < d->rows; i++)
            *to++ = coded(m, &m->candidates[j], d->row[i]);
}

enum status design_build(const struct design_covariate *covariates, size_t covariate_count, size_t table_rows,
                         const bool *included, struct arena *arena, struct design *out, struct problem *why)
{
    struct design d = {.covariate_count = covariate_count};
    struct making m = {.covariates = covariates, .d = &d, .arena = arena};
    enum status status = rows_choose(&m, table_rows, included, why);
    if (status == OK)
        status = candidates_make(&m, why);
    if (status == OK) {
        for (size_t j = 0; j < m.candidate_count; j++)
            if (!m.candidates[j].gap)
                moments_of(&m, &m.candidates[j]);
        collinear_find(&m);
        columns_take(&m);
        *out = d;
    }
    arena_release(&m.scratch);
    return status;
}

/* ---- one patient ------------------------------------------------------------------------------------------------- */

static bool is_coded(const struct design *d, size_t covariate)
{
    for (size_t j = 0; j < d->count; j++)
        if (d->columns[j].covariate == covariate)
            return true;
    return false;
}

static bool value_is_known(const struct design *d, const struct design_covariate *x, size_t covariate, double value)
{
    if (x->number)
        return fabs(value) <= SURVIVAL_VALUE_MAX;
    return value >= 0 && value < (double)x->level_count && d->has_level[covariate][(size_t)value];
}

bool design_code(const struct design *design, const struct design_covariate *covariates, const double *values,
                 double *out, size_t *missing)
{
    for (size_t c = 0; c < design->covariate_count; c++)
        if (is_coded(design, c) && !value_is_known(design, &covariates[c], c, values[c])) {
            *missing = c;
            return false;
        }
    for (size_t j = 0; j < design->count; j++) {
        const struct design_column *column = &design->columns[j];
        double value = values[column->covariate];
        out[j] = column->level < 0 ? value : (int)value == column->level;
    }
    return true;
}
