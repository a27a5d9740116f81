#include "common/science/statistics/multinomial.h"

#include "common/base/status.h"
#include "common/science/statistics/matrix.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* The coefficients stand logit by logit, the constant first. The information is made of blocks, one for each pair of
 * logits, each of them a weighted sum of z z': only lower triangles of blocks are summed. */
struct fit {
    const struct multinomial_data *data;
    size_t width, logits, size; /* size: of all coefficients */
    double *z;                  /* row by row, the constant first */
    double *centre, *scale;
    double *probability;
    double *blocks, *products; /* scratch */
    double total;
};

struct height {
    double log;
    double *score, *information;
};

enum { ITERATIONS_MAX = 60 };

const char *multinomial_state_text(enum multinomial_state state)
{
    static const char *const texts[MULTINOMIAL_STATES] = {
        [MULTINOMIAL_FITTED] = "the model was fitted",
        [MULTINOMIAL_NO_ROWS] = "there are no patients",
        [MULTINOMIAL_EMPTY_OUTCOME] = "there are not two outcomes with patients",
        [MULTINOMIAL_TOO_MANY] = "there are too many covariates and outcomes",
        [MULTINOMIAL_NOT_FINITE] = "a covariate holds something that cannot be computed with",
        [MULTINOMIAL_COLLINEAR] = "a covariate is constant or follows from the others",
        [MULTINOMIAL_SEPARATED] = "a covariate tells the outcome for certain, so that its effect is infinite",
        [MULTINOMIAL_NOT_CONVERGED] = "the likelihood has no maximum that could be found",
    };
    return (unsigned)state < MULTINOMIAL_STATES ? texts[state] : "unknown";
}

/* ---- the table ---- */

static double weight_of(const struct multinomial_data *d, size_t row)
{
    return d->weight ? d->weight[row] : 1;
}

static enum multinomial_state outcomes_check(struct fit *m, struct arena *scratch)
{
    const struct multinomial_data *d = m->data;
    double *weights = numbers_new(scratch, d->outcome_count + 1);
    for (size_t i = 0; i < d->count; i++) {
        assert(d->outcome[i] >= 0 && (size_t)d->outcome[i] < d->outcome_count);
        double weight = weight_of(d, i);
        if (!(weight >= 0 && weight <= 1e100))
            return MULTINOMIAL_NOT_FINITE;
        weights[d->outcome[i]] += weight;
        m->total += weight;
    }
    if (!(m->total > 0))
        return MULTINOMIAL_NO_ROWS;
    for (size_t k = 0; k < d->outcome_count; k++)
        if (!(weights[k] > 0))
            return MULTINOMIAL_EMPTY_OUTCOME;
    return d->outcome_count < 2 ? MULTINOMIAL_EMPTY_OUTCOME : MULTINOMIAL_FITTED;
}

static enum multinomial_state column_take(struct fit *m, size_t j)
{
    const struct multinomial_data *d = m->data;
    const double *values = d->covariates + (j - 1) * d->count;
    double weight = 0, mean = 0, square = 0, largest = 0;
    for (size_t i = 0; i < d->count; i++) {
        if (!(fabs(values[i]) <= 1e100))
            return MULTINOMIAL_NOT_FINITE;
        double w = weight_of(d, i);
        if (w == 0)
            continue;
        weight += w;
        mean += (values[i] - mean) * (w / weight);
        largest = fmax(largest, fabs(values[i]));
    }
    for (size_t i = 0; i < d->count; i++) {
        double x = values[i] - mean;
        square += x * x * (weight_of(d, i) / weight);
    }
    double scale = sqrt(square);
    if (!(scale > 1e-13 * largest) || scale < 1e-100)
        return MULTINOMIAL_COLLINEAR;
    for (size_t i = 0; i < d->count; i++)
        m->z[i * m->width + j] = (values[i] - mean) / scale;
    m->centre[j] = mean;
    m->scale[j] = scale;
    return MULTINOMIAL_FITTED;
}

static enum multinomial_state fit_init(struct fit *m, const struct multinomial_data *data, struct arena *arena,
                                       struct arena *scratch, size_t *column)
{
    *m = (struct fit){.data = data, .width = data->covariate_count + 1};
    *column = SIZE_MAX;
    enum multinomial_state state = outcomes_check(m, scratch);
    if (state != MULTINOMIAL_FITTED)
        return state;
    m->logits = data->outcome_count - 1;
    m->size = m->logits * m->width;
    if (m->width > MULTINOMIAL_COEFFICIENTS_MAX || m->size > MULTINOMIAL_COEFFICIENTS_MAX)
        return MULTINOMIAL_TOO_MANY;
    m->z = numbers_new(arena, data->count * m->width);
    m->probability = numbers_new(arena, data->count * data->outcome_count);
    m->centre = numbers_new(scratch, m->width);
    m->scale = numbers_new(scratch, m->width);
    m->blocks = numbers_new(scratch, m->logits * (m->logits + 1) / 2 * m->width * m->width);
    m->products = numbers_new(scratch, m->logits);
    for (size_t i = 0; i < data->count; i++)
        m->z[i * m->width] = 1;
    for (size_t j = 1; j < m->width && state == MULTINOMIAL_FITTED; j++) {
        *column = j - 1;
        state = column_take(m, j);
    }
    if (state == MULTINOMIAL_FITTED)
        *column = SIZE_MAX;
    return state;
}

/* ---- the likelihood ---- */

/* Probabilities of a row, and the logarithm of the one of its outcome. */
static double row_probabilities(const struct fit *m, const double *beta, size_t row)
{
    const double *z = m->z + row * m->width;
    double *p = m->probability + row * (m->logits + 1), top = 0, sum = 0;
    p[0] = 0;
    for (size_t k = 1; k <= m->logits; k++) {
        p[k] = matrix_dot(beta + (k - 1) * m->width, z, m->width);
        top = fmax(top, p[k]);
    }
    double own = p[m->data->outcome[row]] - top;
    for (size_t k = 0; k <= m->logits; k++)
        sum += p[k] = exp(p[k] - top);
    for (size_t k = 0; k <= m->logits; k++)
        p[k] /= sum;
    return own - log(sum);
}

static void row_information(const struct fit *m, size_t row, double weight)
{
    size_t w = m->width;
    const double *z = m->z + row * w, *p = m->probability + row * (m->logits + 1) + 1;
    double *block = m->blocks;
    for (size_t k = 0; k < m->logits; k++)
        for (size_t l = 0; l <= k; l++, block += w * w) {
            double c = weight * p[k] * ((k == l) - p[l]);
            for (size_t i = 0; i < w; i++) {
                double cz = c * z[i], *to = block + i * w;
                for (size_t j = 0; j <= i; j++)
                    to[j] += cz * z[j];
            }
        }
}

static void blocks_spread(const struct fit *m, double *information)
{
    size_t w = m->width, q = m->size;
    const double *block = m->blocks;
    for (size_t k = 0; k < m->logits; k++)
        for (size_t l = 0; l <= k; l++, block += w * w)
            for (size_t i = 0; i < w; i++)
                for (size_t j = 0; j < w; j++)
                    information[(k * w + i) * q + l * w + j] = j <= i ? block[i * w + j] : block[j * w + i];
}

static void height_at(struct height *h, const struct fit *m, const double *beta)
{
    const struct multinomial_data *d = m->data;
    size_t w = m->width;
    h->log = 0;
    memset(h->score, 0, m->size * sizeof *h->score);
    memset(m->blocks, 0, m->logits * (m->logits + 1) / 2 * w * w * sizeof *m->blocks);
    for (size_t i = 0; i < d->count; i++) {
        double own = row_probabilities(m, beta, i), weight = weight_of(d, i);
        if (weight == 0)
            continue;
        h->log += weight * own;
        const double *z = m->z + i * w, *p = m->probability + i * (m->logits + 1);
        for (size_t k = 0; k < m->logits; k++) {
            double rest = weight * (((size_t)d->outcome[i] == k + 1) - p[k + 1]);
            for (size_t j = 0; j < w; j++)
                h->score[k * w + j] += rest * z[j];
        }
        row_information(m, i, weight);
    }
    blocks_spread(m, h->information);
}

/* ---- the maximum ---- */

struct climb {
    const struct fit *m;
    struct height now, next;
    double *beta, *trial, *step, *factor, *alone;
    unsigned iterations;
    double log_null;
    size_t column; /* the covariate to blame, or SIZE_MAX */
};

static void climb_init(struct climb *c, const struct fit *m, struct arena *a)
{
    size_t q = m->size;
    *c = (struct climb){.m = m, .column = SIZE_MAX};
    c->now = (struct height){0, numbers_new(a, q), numbers_new(a, q * q)};
    c->next = (struct height){0, numbers_new(a, q), numbers_new(a, q * q)};
    c->beta = numbers_new(a, q);
    c->trial = numbers_new(a, q);
    c->step = numbers_new(a, q);
    c->factor = numbers_new(a, q * q);
    c->alone = numbers_new(a, q);
}

/* The constants alone have a solution on paper: the shares of the outcomes. It is where the climb begins. */
static void climb_begin(struct climb *c)
{
    const struct multinomial_data *d = c->m->data;
    for (size_t i = 0; i < d->count; i++)
        c->trial[0] += d->outcome[i] == 0 ? weight_of(d, i) : 0;
    for (size_t k = 0; k < c->m->logits; k++) {
        double sum = 0;
        for (size_t i = 0; i < d->count; i++)
            sum += (size_t)d->outcome[i] == k + 1 ? weight_of(d, i) : 0;
        c->beta[k * c->m->width] = log(sum / c->trial[0]);
    }
    height_at(&c->now, c->m, c->beta);
    c->log_null = c->now.log;
    for (size_t j = 0; j < c->m->size; j++)
        c->alone[j] = c->now.information[j * c->m->size + j];
}

/* Along the step, or half of it, or a quarter..., until the likelihood does not fall. */
static bool climb_advance(struct climb *c)
{
    double slack = 1e-12 * (1 + fabs(c->now.log));
    for (int halvings = 0; halvings < 30; halvings++) {
        for (size_t j = 0; j < c->m->size; j++)
            c->trial[j] = c->beta[j] + ldexp(c->step[j], -halvings);
        height_at(&c->next, c->m, c->trial);
        if (isfinite(c->next.log) && c->next.log >= c->now.log - slack) {
            struct height old = c->now;
            c->now = c->next;
            c->next = old;
            memcpy(c->beta, c->trial, c->m->size * sizeof *c->beta);
            return true;
        }
    }
    return false;
}

/* The covariate whose coefficient moves most, if any still moves; a constant moves with what makes it move. */
static size_t moving(const struct climb *c)
{
    size_t found = SIZE_MAX, width = c->m->width;
    double furthest = 0;
    for (size_t k = 0; k < c->m->logits; k++)
        for (size_t j = 1; j < width; j++) {
            double step = fabs(c->step[k * width + j]), at = fabs(c->beta[k * width + j]);
            if (step > 1e-4 * fmax(1, at) && step > furthest) {
                furthest = step;
                found = j - 1;
            }
        }
    return found;
}

/* Under separation each step lifts a coefficient by about one and takes most of the information that is left. */
static enum multinomial_state climb_run(struct climb *c)
{
    size_t q = c->m->size;
    climb_begin(c);
    bool near = false; /* steps become quadratically smaller, so that one more is enough */
    for (;; c->iterations++) {
        size_t lost = matrix_pivot_lost(c->now.information, q, c->alone, c->iterations == 0 ? 1e-10 : 1e-9);
        if (lost != SIZE_MAX && c->iterations == 0) {
            c->column = lost > 0 && lost < c->m->width ? lost - 1 : SIZE_MAX;
            return MULTINOMIAL_COLLINEAR;
        }
        if (lost != SIZE_MAX) {
            c->column = moving(c);
            return MULTINOMIAL_SEPARATED;
        }
        memcpy(c->factor, c->now.information, q * q * sizeof *c->factor);
        if (!matrix_cholesky(c->factor, q))
            return MULTINOMIAL_NOT_CONVERGED;
        memcpy(c->step, c->now.score, q * sizeof *c->step);
        matrix_solve(c->factor, q, c->step);
        double gain = matrix_dot(c->step, c->now.score, q);
        if (near || gain <= 1e-22 * c->m->total)
            break;
        near = gain <= 1e-12 * c->m->total;
        if (c->iterations >= ITERATIONS_MAX || !climb_advance(c))
            return MULTINOMIAL_NOT_CONVERGED;
    }
    c->column = moving(c);
    if (c->column != SIZE_MAX)
        return MULTINOMIAL_SEPARATED;
    matrix_invert(c->factor, q);
    return MULTINOMIAL_FITTED;
}

/* ---- the fit ---- */

/* From the inner scale outwards: b = inner / scale, and the constant less what the centres make. The same as a matrix
 * from the inner coefficients of a logit to its outer ones, for the variance. */
static void outer_coefficients(const struct fit *m, const double *inner, double *outer)
{
    for (size_t k = 0; k < m->logits; k++) {
        const double *from = inner + k * m->width;
        double *to = outer + k * m->width;
        to[0] = from[0];
        for (size_t j = 1; j < m->width; j++) {
            to[j] = from[j] / m->scale[j];
            to[0] -= to[j] * m->centre[j];
        }
    }
}

static void outer_variance(const struct fit *m, struct arena *scratch, const double *inner, double *outer)
{
    size_t q = m->size;
    double *half = numbers_new(scratch, q * q), *column = numbers_new(scratch, q), *moved = numbers_new(scratch, q);
    for (size_t j = 0; j < q; j++) /* rows of the symmetric matrix are its columns */
        outer_coefficients(m, inner + j * q, half + j * q);
    for (size_t j = 0; j < q; j++) {
        for (size_t k = 0; k < q; k++)
            column[k] = half[k * q + j];
        outer_coefficients(m, column, moved);
        memcpy(outer + j * q, moved, q * sizeof *outer);
    }
}

static void fit_fill(struct multinomial_fit *f, const struct climb *c, struct arena *a, struct arena *scratch)
{
    const struct fit *m = c->m;
    size_t q = m->size;
    double *coefficient = numbers_new(a, q), *error = numbers_new(a, q), *variance = numbers_new(a, q * q);
    double *inner = numbers_new(a, q * q);
    outer_coefficients(m, c->beta, coefficient);
    outer_variance(m, scratch, c->factor, variance);
    for (size_t j = 0; j < q; j++)
        error[j] = sqrt(variance[j * q + j]);
    for (size_t i = 0; i < m->data->count; i++)
        row_probabilities(m, c->beta, i);
    f->iterations = c->iterations;
    f->logits = m->logits;
    f->width = m->width;
    f->coefficient = coefficient;
    f->std_error = error;
    f->variance = variance;
    f->log_likelihood = c->now.log;
    f->log_likelihood_null = c->log_null;
    f->probability = m->probability;
    f->inner = m->z;
    f->inner_variance = memcpy(inner, c->factor, q * q * sizeof *inner);
}

enum multinomial_state multinomial_fit(struct arena *arena, const struct multinomial_data *data,
                                       struct multinomial_fit *out)
{
    AUTO(arena_release) struct arena scratch = {0};
    struct fit m;
    struct climb c;
    *out = (struct multinomial_fit){.column = SIZE_MAX};
    out->state = fit_init(&m, data, arena, &scratch, &out->column);
    if (out->state != MULTINOMIAL_FITTED)
        return out->state;
    climb_init(&c, &m, &scratch);
    out->state = climb_run(&c);
    if (out->state == MULTINOMIAL_FITTED)
        fit_fill(out, &c, arena, &scratch);
    else
        out->column = c.column;
    return out->state;
}
