#include "common/science/mmse/mixed.h"

#include "common/science/statistics/least_squares.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum { INTERCEPT, AGE, MALE, EDUCATION };
enum { THETAS = 3, STEPS_MAX = 200, HALVINGS_MAX = 40 };

/* Z'Z and Z'r of a subject, r being what least squares leaves of its scores. X'X and X'r follow from them, because the
 * rows of X are those of Z with sex and education, which are the same at all visits: x = (z, male z0, education z0). */
struct sums {
    double n, a, aa; /* Z'Z: visits, sum of a, of its squares */
    double r, ar;    /* Z'r */
    double male, education;
};

/* A symmetric matrix of the fixed effects, lower triangle. */
typedef double square[MIXED_EFFECTS][MIXED_EFFECTS];

struct problem_of_fit {
    const struct sums *subjects;
    size_t count;
    double rows, rr; /* visits, r'r */
    square xx;
    double xr[MIXED_EFFECTS];
    size_t columns; /* of X that are independent */
    size_t column[MIXED_EFFECTS];
    bool reml;
};

/* L = (t0 0; t1 t2), and what is known at it. */
struct point {
    double theta[THETAS];
    double deviance; /* -2 log-likelihood */
    double gradient[THETAS];
    double sigma2;
    double fixed[MIXED_EFFECTS]; /* to be added to those of least squares; by independent column */
};

static double decades(double age)
{
    return (age - 75) / 10;
}

/* ---- What one subject adds ---- */

/* C'C = L'Z'Z L + I, C' = (c0 0; c1 c2); Z'Z L in rows; and the columns of C'^-1 L'Z'(X, r). */
struct reduced {
    double c0, c1, c2;
    double sl[2][2];
    double x[MIXED_EFFECTS][2], r[2];
};

static void reduce_vector(const struct reduced *f, const double *theta, double z0, double z1, double out[2])
{
    double v0 = theta[0] * z0 + theta[1] * z1, v1 = theta[2] * z1;
    out[0] = v0 / f->c0;
    out[1] = (v1 - f->c1 * out[0]) / f->c2;
}

static double x_part(const struct sums *s, size_t column, int z)
{
    double constant = z == 0 ? s->n : s->a;
    switch (column) {
    case AGE:
        return z == 0 ? s->a : s->aa;
    case MALE:
        return s->male * constant;
    case EDUCATION:
        return s->education * constant;
    default:
        return constant;
    }
}

static void subject_reduce(const struct problem_of_fit *p, const struct sums *s, const double *theta,
                           struct reduced *out)
{
    out->sl[0][0] = s->n * theta[0] + s->a * theta[1];
    out->sl[1][0] = s->a * theta[0] + s->aa * theta[1];
    out->sl[0][1] = s->a * theta[2];
    out->sl[1][1] = s->aa * theta[2];
    double a00 = theta[0] * out->sl[0][0] + theta[1] * out->sl[1][0] + 1, a01 = theta[2] * out->sl[1][0];
    double a11 = theta[2] * out->sl[1][1] + 1;
    out->c0 = sqrt(a00);
    out->c1 = a01 / out->c0;
    out->c2 = sqrt(a11 - out->c1 * out->c1);
    for (size_t j = 0; j < p->columns; j++)
        reduce_vector(out, theta, x_part(s, p->column[j], 0), x_part(s, p->column[j], 1), out->x[j]);
    reduce_vector(out, theta, s->r, s->ar, out->r);
}

/* ---- Small matrices ---- */

/* In place; false when it is not positive definite. */
static bool cholesky(square m, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        for (size_t j = 0; j <= i; j++) {
            double sum = m[i][j];
            for (size_t k = 0; k < j; k++)
                sum -= m[i][k] * m[j][k];
            if (i == j && !(sum > 0))
                return false;
            m[i][j] = i == j ? sqrt(sum) : sum / m[j][j];
        }
    }
    return true;
}

static void forward(square l, size_t size, double *v)
{
    for (size_t i = 0; i < size; i++) {
        for (size_t j = 0; j < i; j++)
            v[i] -= l[i][j] * v[j];
        v[i] /= l[i][i];
    }
}

static void backward(square l, size_t size, double *v)
{
    for (size_t i = size; i-- > 0;) {
        for (size_t j = i + 1; j < size; j++)
            v[i] -= l[j][i] * v[j];
        v[i] /= l[i][i];
    }
}

/* ---- The deviance and its slope ---- */

static void subject_subtract(const struct reduced *f, size_t columns, square xx, double *xr, double *rr)
{
    for (size_t i = 0; i < columns; i++) {
        for (size_t j = 0; j <= i; j++)
            xx[i][j] -= f->x[i][0] * f->x[j][0] + f->x[i][1] * f->x[j][1];
        xr[i] -= f->x[i][0] * f->r[0] + f->x[i][1] * f->r[1];
    }
    *rr -= f->r[0] * f->r[0] + f->r[1] * f->r[1];
}

/* u = A^-1 v by the two triangles, of what reduce_vector made. */
static void reduced_solve(const struct reduced *f, const double half[2], double out[2])
{
    out[1] = half[1] / f->c2;
    out[0] = (half[0] - f->c1 * out[1]) / f->c0;
}

/* Adds factor * column' row to the slope along the three numbers of L. */
static void add_slope(double *gradient, double factor, const double column[2], const double row[2])
{
    gradient[0] += factor * column[0] * row[0];
    gradient[1] += factor * column[1] * row[0];
    gradient[2] += factor * column[1] * row[1];
}

/* d log|A| = 2 tr(A^-1 L'Z'Z dL). */
static void slope_of_determinant(const struct reduced *f, double *gradient)
{
    double i00 = 1 / (f->c0 * f->c0), i11 = 1 / (f->c2 * f->c2), ratio = f->c1 / f->c0;
    double inverse[2][2] = {{i00 + ratio * ratio * i11, -ratio * i11}, {-ratio * i11, i11}};
    for (int j = 0; j < 2; j++) {
        double column[2] = {f->sl[0][0] * inverse[0][j] + f->sl[0][1] * inverse[1][j],
                            f->sl[1][0] * inverse[0][j] + f->sl[1][1] * inverse[1][j]};
        double row[2] = {j == 0, j == 1};
        add_slope(gradient, 2, column, row);
    }
}

/* Of the penalised residual |r - X b - Z L u|^2 + |u|^2, whose b and u are its minimum: -2 e'Z dL u. */
static void slope_of_residual(const struct problem_of_fit *p, const struct sums *s, const struct reduced *f,
                              const double *fixed, double factor, double *gradient)
{
    double half[2] = {f->r[0], f->r[1]}, e[2] = {s->r, s->ar}, u[2];
    for (size_t j = 0; j < p->columns; j++)
        for (int z = 0; z < 2; z++) {
            half[z] -= f->x[j][z] * fixed[j];
            e[z] -= x_part(s, p->column[j], z) * fixed[j];
        }
    reduced_solve(f, half, u);
    for (int z = 0; z < 2; z++)
        e[z] -= f->sl[z][0] * u[0] + f->sl[z][1] * u[1];
    add_slope(gradient, -2 * factor, e, u);
}

/* For REML, of log|X'V^-1 X| = log|RR'|: -2 tr(L' G' (RR')^-1 G dL), G = X'V^-1 Z by rows. */
static void slope_of_information(const struct problem_of_fit *p, const struct sums *s, const struct reduced *f,
                                 const double *theta, square factor, double *gradient)
{
    double g[2][MIXED_EFFECTS];
    for (size_t j = 0; j < p->columns; j++) {
        double u[2];
        reduced_solve(f, f->x[j], u);
        for (int z = 0; z < 2; z++)
            g[z][j] = x_part(s, p->column[j], z) - f->sl[z][0] * u[0] - f->sl[z][1] * u[1];
    }
    forward(factor, p->columns, g[0]);
    forward(factor, p->columns, g[1]);
    double w[2][2] = {{0}};
    for (size_t j = 0; j < p->columns; j++)
        for (int a = 0; a < 2; a++)
            for (int b = 0; b < 2; b++)
                w[a][b] += g[a][j] * g[b][j];
    for (int z = 0; z < 2; z++) {
        double row[2] = {w[z][0] * theta[0] + w[z][1] * theta[1], w[z][1] * theta[2]}, column[2] = {z == 0, z == 1};
        add_slope(gradient, -2, column, row);
    }
}

static void slope(const struct problem_of_fit *p, struct point *at, square factor)
{
    memset(at->gradient, 0, sizeof at->gradient);
    for (size_t i = 0; i < p->count; i++) {
        struct reduced f;
        subject_reduce(p, &p->subjects[i], at->theta, &f);
        slope_of_determinant(&f, at->gradient);
        slope_of_residual(p, &p->subjects[i], &f, at->fixed, 1 / at->sigma2, at->gradient);
        if (p->reml)
            slope_of_information(p, &p->subjects[i], &f, at->theta, factor, at->gradient);
    }
}

/* Writes deviance, sigma2 and fixed effects at theta, and leaves the factor of X'V^-1 X. False: nothing is left to be
 * explained, or theta is beyond what a double can hold. */
static bool profile(const struct problem_of_fit *p, struct point *at, square factor)
{
    double rr = p->rr, log_determinant = 0;
    memcpy(factor, p->xx, sizeof p->xx);
    memcpy(at->fixed, p->xr, sizeof p->xr);
    for (size_t i = 0; i < p->count; i++) {
        struct reduced f;
        subject_reduce(p, &p->subjects[i], at->theta, &f);
        log_determinant += 2 * log(f.c0 * f.c2);
        subject_subtract(&f, p->columns, factor, at->fixed, &rr);
    }
    if (!cholesky(factor, p->columns))
        return false;
    forward(factor, p->columns, at->fixed);
    for (size_t j = 0; j < p->columns; j++)
        rr -= at->fixed[j] * at->fixed[j];
    backward(factor, p->columns, at->fixed);
    double freedom = p->reml ? p->rows - (double)p->columns : p->rows;
    at->sigma2 = rr / freedom;
    at->deviance = log_determinant + freedom * (1 + log(2 * M_PI * at->sigma2));
    for (size_t j = 0; p->reml && j < p->columns; j++)
        at->deviance += 2 * log(factor[j][j]);
    return rr > 0 && isfinite(at->deviance);
}

/* ---- The search: BFGS (Nocedal & Wright, Numerical Optimization (2006), 6.1) ---- */

static double dot(const double *a, const double *b)
{
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

static void times(double m[THETAS][THETAS], const double *v, double *out)
{
    for (int i = 0; i < THETAS; i++)
        out[i] = dot(m[i], v);
}

/* Each visit bends the deviance about as much as the next, by no more than about one. */
static void inverse_reset(double h[THETAS][THETAS], const struct problem_of_fit *p)
{
    for (int i = 0; i < THETAS; i++)
        for (int j = 0; j < THETAS; j++)
            h[i][j] = i == j ? 1 / p->rows : 0;
}

/* From how the slope has changed over a step. */
static void inverse_update(double h[THETAS][THETAS], const double *step, const double *change, bool first)
{
    double curvature = dot(step, change), moved[THETAS];
    if (curvature <= 0)
        return;
    for (int i = 0; first && i < THETAS; i++)
        h[i][i] = curvature / dot(change, change);
    times(h, change, moved);
    double scale = (1 + dot(change, moved) / curvature) / curvature;
    for (int i = 0; i < THETAS; i++)
        for (int j = 0; j < THETAS; j++)
            h[i][j] += scale * step[i] * step[j] - (moved[i] * step[j] + step[i] * moved[j]) / curvature;
}

/* Halves the step until it goes down. Begins with one that is no longer than what it starts from. */
static bool descend(const struct problem_of_fit *p, const struct point *from, const double *direction, struct point *to,
                    square factor)
{
    double slope_along = dot(from->gradient, direction);
    double length = fmin(1, sqrt((4 + dot(from->theta, from->theta)) / dot(direction, direction)));
    for (int halving = 0; halving < HALVINGS_MAX; halving++) {
        for (int i = 0; i < THETAS; i++)
            to->theta[i] = from->theta[i] + length * direction[i];
        if (profile(p, to, factor) && to->deviance <= from->deviance + 1e-4 * length * slope_along)
            return true;
        length /= 2;
    }
    return false;
}

/* The least gain of a step or a restart, in units of the deviance: 2e-4 would be near enough, and it must exceed the
 * rounding error. */
static double gain_min(const struct point *at)
{
    return 1e-8 + 1e-12 * fabs(at->deviance);
}

/* Where the errors have so little of the variance, each subject follows a line of its own exactly, and the likelihood
 * has no bound; its predictions no longer change. */
#define EXACT 1e-8

static bool search(const struct problem_of_fit *p, struct point *at, unsigned *steps)
{
    square factor;
    double h[THETAS][THETAS];
    if (!profile(p, at, factor))
        return false;
    slope(p, at, factor);
    inverse_reset(h, p);
    double at_reset = INFINITY;
    for (bool fresh = true; *steps < STEPS_MAX; ++*steps) {
        double direction[THETAS], step[THETAS], change[THETAS];
        struct point next;
        times(h, at->gradient, direction);
        for (int i = 0; i < THETAS; i++)
            direction[i] = -direction[i];
        bool down = -dot(direction, at->gradient) > gain_min(at) && descend(p, at, direction, &next, factor);
        if (at->sigma2 < EXACT * p->rr / p->rows)
            return true;
        if (!down && (fresh || at_reset - at->deviance < gain_min(at)))
            return true;
        if (!down) { /* once more from scratch: the curvature may have been wrong */
            inverse_reset(h, p);
            at_reset = at->deviance;
            fresh = true;
            continue;
        }
        slope(p, &next, factor);
        for (int i = 0; i < THETAS; i++) {
            step[i] = next.theta[i] - at->theta[i];
            change[i] = next.gradient[i] - at->gradient[i];
        }
        inverse_update(h, step, change, fresh);
        fresh = false;
        *at = next;
    }
    return false;
}

/* ---- From the cohort to the sums and back ---- */

static double mean_known(const struct cohort *c, size_t member)
{
    double sum = 0, count = 0;
    for (size_t i = 0; i < c->count; i++) {
        double value = member == MALE ? c->subjects[i].male : c->subjects[i].education;
        sum += isnan(value) ? 0 : value;
        count += !isnan(value);
    }
    return count > 0 ? sum / count : 0;
}

static void fixed_row(const struct mixed *m, double male, double education, double age, double out[MIXED_EFFECTS])
{
    out[INTERCEPT] = 1;
    out[AGE] = decades(age);
    out[MALE] = isnan(male) ? m->mean_male : male;
    out[EDUCATION] = isnan(education) ? m->mean_education : education;
}

static double fixed_part(const struct mixed *m, double male, double education, double age)
{
    double row[MIXED_EFFECTS], sum = 0;
    fixed_row(m, male, education, age, row);
    for (int j = 0; j < MIXED_EFFECTS; j++)
        sum += row[j] * m->fixed[j];
    return sum;
}

static struct least_squares fit_without_random_effects(const struct cohort *c, struct mixed *m)
{
    struct least_squares ls = least_squares_begin(MIXED_EFFECTS);
    double row[MIXED_EFFECTS];
    for (size_t i = 0; i < c->count; i++) {
        const struct subject *s = &c->subjects[i];
        for (size_t v = 0; v < s->count; v++) {
            fixed_row(m, s->male, s->education, s->visits[v].age, row);
            least_squares_add(&ls, row, s->visits[v].score);
        }
    }
    least_squares_solve(&ls, m->fixed);
    return ls;
}

static struct sums subject_sums(const struct mixed *m, const struct subject *s, double *rr)
{
    double row[MIXED_EFFECTS];
    fixed_row(m, s->male, s->education, 75, row);
    struct sums sums = {.male = row[MALE], .education = row[EDUCATION]};
    for (size_t v = 0; v < s->count; v++) {
        double a = decades(s->visits[v].age);
        double r = s->visits[v].score - fixed_part(m, s->male, s->education, s->visits[v].age);
        sums.n++;
        sums.a += a;
        sums.aa += a * a;
        sums.r += r;
        sums.ar += a * r;
        *rr += r * r;
    }
    return sums;
}

static void add_to_products(struct problem_of_fit *p, const struct sums *s)
{
    const double x[MIXED_EFFECTS] = {1, 0, s->male, s->education};
    for (size_t i = 0; i < p->columns; i++) {
        size_t ci = p->column[i];
        p->xr[i] += ci == AGE ? s->ar : x[ci] * s->r;
        for (size_t j = 0; j <= i; j++) {
            size_t cj = p->column[j];
            bool both = ci == AGE && cj == AGE, one = ci == AGE || cj == AGE;
            p->xx[i][j] += both ? s->aa : one ? s->a * (ci == AGE ? x[cj] : x[ci]) : s->n * x[ci] * x[cj];
        }
    }
}

static struct problem_of_fit problem_of(struct arena *arena, const struct cohort *c, const struct least_squares *ls,
                                        const struct mixed *m)
{
    struct sums *subjects = arena_alloc(arena, c->count * sizeof *subjects);
    struct problem_of_fit p = {.subjects = subjects, .count = c->count, .rows = (double)m->visits, .reml = m->reml};
    for (size_t j = 0; j < MIXED_EFFECTS; j++)
        if (least_squares_has(ls, j))
            p.column[p.columns++] = j;
    for (size_t i = 0; i < c->count; i++) {
        subjects[i] = subject_sums(m, &c->subjects[i], &p.rr);
        add_to_products(&p, &subjects[i]);
    }
    return p;
}

static void take(struct mixed *m, const struct problem_of_fit *p, const struct point *at)
{
    const double *t = at->theta;
    for (size_t j = 0; j < p->columns; j++)
        m->fixed[p->column[j]] += at->fixed[j];
    m->sigma2 = at->sigma2;
    m->d00 = at->sigma2 * t[0] * t[0];
    m->d01 = at->sigma2 * t[0] * t[1];
    m->d11 = at->sigma2 * (t[1] * t[1] + t[2] * t[2]);
    m->log_likelihood = at->sigma2 < EXACT * p->rr / p->rows ? NAN : -at->deviance / 2;
}

/* Not on the border, where the slope is 0 for want of a sign. */
static struct point begin_at(const struct mixed *start)
{
    struct point at = {.theta = {1, 0, 1}};
    if (start && start->sigma2 > 0) {
        double t0 = sqrt(start->d00 / start->sigma2), t1 = t0 > 0 ? start->d01 / start->sigma2 / t0 : 0;
        at.theta[0] = fmax(t0, 0.05);
        at.theta[1] = t1;
        at.theta[2] = fmax(sqrt(fmax(start->d11 / start->sigma2 - t1 * t1, 0)), 0.05);
    }
    return at;
}

bool mixed_fit(struct arena *arena, const struct cohort *cohort, bool reml, const struct mixed *start,
               struct mixed *out)
{
    struct mixed m = {.reml = reml, .subjects = cohort->count, .visits = cohort->visit_count};
    m.mean_male = mean_known(cohort, MALE);
    m.mean_education = mean_known(cohort, EDUCATION);
    m.log_likelihood = NAN;
    struct least_squares ls = fit_without_random_effects(cohort, &m);
    struct problem_of_fit p = problem_of(arena, cohort, &ls, &m);
    struct point at = begin_at(start);
    *out = m;
    if (p.rows <= (double)p.columns || p.rr <= DBL_EPSILON * p.rows)
        return true;
    bool found = search(&p, &at, &m.steps);
    if (found)
        take(&m, &p, &at);
    *out = m;
    return found;
}

/* With S = Z'Z and D = sigma2 C, D Z'(Z D Z' + sigma2 I)^-1 r is C (I + S C)^-1 Z'r: only 2 x 2 matrices. */
double mixed_predict(const struct mixed *m, const struct known *k)
{
    double expected = fixed_part(m, k->male, k->education, k->target_age);
    if (!(m->sigma2 > 0))
        return expected;
    double c00 = m->d00 / m->sigma2, c01 = m->d01 / m->sigma2, c11 = m->d11 / m->sigma2;
    double n = (double)k->count, sa = 0, saa = 0, r = 0, ar = 0;
    for (size_t i = 0; i < k->count; i++) {
        double a = decades(k->visits[i].age);
        double left = k->visits[i].score - fixed_part(m, k->male, k->education, k->visits[i].age);
        sa += a;
        saa += a * a;
        r += left;
        ar += a * left;
    }
    double m00 = 1 + n * c00 + sa * c01, m01 = n * c01 + sa * c11;
    double m10 = sa * c00 + saa * c01, m11 = 1 + sa * c01 + saa * c11;
    double determinant = m00 * m11 - m01 * m10;
    double v0 = (m11 * r - m01 * ar) / determinant, v1 = (m00 * ar - m10 * r) / determinant;
    double u0 = c00 * v0 + c01 * v1, u1 = c01 * v0 + c11 * v1;
    return expected + u0 + u1 * decades(k->target_age);
}
