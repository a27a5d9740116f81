/* The Cox models of a comparison: hazard ratios of pairs, and the curves they predict for a patient. */
#include "common/science/statistics/distribution.h"
#include "common/science/statistics/numbers.h"
#include "common/science/treatment/comparison_work.h"

#include <math.h>
#include <stdint.h>

enum { STEPS_MAX = 256 };

const char *const comparison_adjustment_names[] = {
    [BY_NOTHING] = "unadjusted",
    [BY_COVARIATES] = "covariates",
    [BY_WEIGHTS] = "weights",
    [BY_BOTH] = "weights_and_covariates",
    NULL,
};

/* Events in more than this share of the patients are no longer rare, and a hazard ratio is no longer a risk ratio. */
static const double RARE = 0.15;

/* One model in the making. */
struct making {
    struct comparison_work *w;
    struct arena *scratch; /* tables are large: each model gives its own back */
    struct comparison_model *m;
    enum comparison_adjustment by;
    const size_t *row; /* of each row of the table below: where it stands in the source */
    struct survival_data data;
    struct comparison_column *columns;
    size_t *term_covariate;
    size_t treatment_columns;
};

static bool with_covariates(enum comparison_adjustment by)
{
    return by == BY_COVARIATES || by == BY_BOTH;
}

static bool with_weights(enum comparison_adjustment by)
{
    return by == BY_WEIGHTS || by == BY_BOTH;
}

/* ---- rows and columns -------------------------------------------------------------------------------------------- */

/* Of the treatments with an event. Unadjusted models look at everybody, the others at the complete patients. */
static void rows_choose(struct making *k)
{
    struct comparison_work *w = k->w;
    const struct design *design = &w->out->design;
    bool everybody = k->by == BY_NOTHING;
    size_t rows = everybody ? w->survival.count : design->rows, count = 0;
    bool has_event[SURVIVAL_GROUPS_MAX] = {0};
    int number[SURVIVAL_GROUPS_MAX];
    size_t *chosen = arena_alloc(k->scratch, (rows + 1) * sizeof *chosen);
    size_t *places = arena_alloc(k->scratch, (rows + 1) * sizeof *places);
    for (size_t i = 0; i < rows; i++) {
        size_t row = everybody ? i : design->row[i];
        has_event[w->survival.group[row]] |= w->survival.event[row];
    }
    for (size_t i = 0; i < rows; i++) {
        size_t row = everybody ? i : design->row[i];
        if (!has_event[w->survival.group[row]])
            continue;
        places[count] = i;
        chosen[count++] = row;
    }
    k->m->reference = -1;
    for (size_t a = 0; a < w->out->arm_count; a++) {
        number[a] = (int)a;
        if (has_event[a] && k->m->reference < 0)
            k->m->reference = (int)a;
        else if (has_event[a])
            k->columns[k->m->column_count++] = (struct comparison_column){.treatment = (int)a, .level = -1};
    }
    k->treatment_columns = k->m->column_count;
    k->row = places;
    k->data = comparison_rows(&w->survival, chosen, count, number, w->out->arm_count, k->scratch);
    if (!with_weights(k->by))
        return;
    double *weight = numbers_new(k->scratch, count + 1);
    for (size_t i = 0; i < count; i++)
        weight[i] = w->adjusted.weight[places[i]];
    k->data.weight = weight;
}

static bool interacts(const struct making *k, size_t design_column)
{
    const struct design *d = &k->w->out->design;
    return k->w->data->covariates[d->columns[design_column].covariate].interacts;
}

static void covariates_add(struct making *k)
{
    const struct design *d = &k->w->out->design;
    for (size_t j = 0; j < d->count; j++)
        k->columns[k->m->column_count++] = (struct comparison_column){.name = d->columns[j].name,
                                                                      .treatment = -1,
                                                                      .covariate = d->columns[j].covariate,
                                                                      .level = d->columns[j].level};
    for (size_t j = 0; j < d->count; j++)
        for (size_t t = 0; interacts(k, j) && t < k->treatment_columns; t++) {
            struct comparison_column both = k->columns[k->treatment_columns + j];
            both.treatment = k->columns[t].treatment;
            k->columns[k->m->column_count++] = both;
        }
}

static bool same_term(const struct comparison_column *a, const struct comparison_column *b)
{
    return (a->treatment < 0) == (b->treatment < 0) && (a->name == NULL) == (b->name == NULL) &&
           (!a->name || a->covariate == b->covariate);
}

static void terms_number(struct making *k)
{
    for (size_t j = 0; j < k->m->column_count; j++) {
        struct comparison_column *c = &k->columns[j];
        if (j == 0 || !same_term(c, &k->columns[j - 1]))
            k->term_covariate[k->m->term_count++] = c->name ? c->covariate : SIZE_MAX;
        c->term = k->m->term_count - 1;
    }
}

static size_t columns_most(const struct comparison_work *w)
{
    return (w->out->arm_count + 1) * (w->out->design.count + 1);
}

/* Which column of the design a column of the model is made of. */
static size_t design_column_of(const struct design *d, const struct comparison_column *c)
{
    for (size_t j = 0; j < d->count; j++)
        if (d->columns[j].covariate == c->covariate && d->columns[j].level == c->level)
            return j;
    return SIZE_MAX;
}

static double *table_make(struct making *k)
{
    const struct design *d = &k->w->out->design;
    double *table = numbers_new(k->scratch, k->data.count * k->m->column_count + 1), *to = table;
    for (size_t j = 0; j < k->m->column_count; j++) {
        const struct comparison_column *c = &k->columns[j];
        const double *from = c->name ? d->values + design_column_of(d, c) * d->rows : NULL;
        for (size_t i = 0; i < k->data.count; i++) {
            bool own = c->treatment < 0 || k->data.group[i] == c->treatment;
            *to++ = own ? (from ? from[k->row[i]] : 1) : 0;
        }
    }
    return table;
}

static void proportionality_fill(struct making *k, const struct cox_model *model)
{
    struct comparison_model *m = k->m;
    struct cox_test *tests = arena_alloc(k->w->arena, (m->term_count + 1) * sizeof *tests);
    size_t *term = arena_alloc(k->scratch, (m->column_count + 1) * sizeof *term);
    for (size_t j = 0; j < m->column_count; j++)
        term[j] = m->columns[j].term;
    cox_proportionality(&k->data, model, &m->fit, term, m->term_count, tests, &m->proportionality_global);
    m->proportionality = tests;
}

/* ---- hazard ratios ----------------------------------------------------------------------------------------------- */

/* VanderWeele & Ding 2017: a hazard ratio of a frequent event is first brought to the scale of risk ratios. */
static double e_value_of(double ratio, bool rare)
{
    if (isnan(ratio))
        return NAN;
    double risk = rare ? ratio : (1 - pow(0.5, sqrt(ratio))) / (1 - pow(0.5, sqrt(1 / ratio)));
    if (risk < 1)
        risk = 1 / risk;
    return risk + sqrt(risk * (risk - 1));
}

static void e_values_fill(const struct comparison_work *w, const struct comparison_pair *p, struct comparison_ratio *r)
{
    const struct comparison_arm *a = &w->arms[p->a], *b = &w->arms[p->b];
    bool rare = (double)(a->events + b->events) <= RARE * (double)(a->patients + b->patients);
    bool covers = r->lower <= 1 && r->upper >= 1;
    r->e_value = e_value_of(r->ratio, rare);
    r->e_value_limit = covers ? 1 : e_value_of(r->ratio < 1 ? r->upper : r->lower, rare);
}

/* The model's column of a treatment; SIZE_MAX: the reference, whose effect is 0. */
static bool column_of(const struct comparison_model *m, size_t treatment, size_t *out)
{
    *out = SIZE_MAX;
    for (size_t j = 0; j < m->column_count; j++)
        if (!m->columns[j].name && m->columns[j].treatment == (int)treatment)
            *out = j;
    return *out != SIZE_MAX || m->reference == (int)treatment;
}

static bool effect_depends(const struct comparison_model *m)
{
    for (size_t j = 0; j < m->column_count; j++)
        if (m->columns[j].name && m->columns[j].treatment >= 0)
            return true;
    return false;
}

static void ratio_fill(const struct comparison_work *w, const struct comparison_model *m, struct comparison_pair *p,
                       struct comparison_ratio *out)
{
    size_t a, b;
    *out = (struct comparison_ratio){NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN};
    if (!m->wanted || m->fit.state != COX_FITTED || effect_depends(m) || !column_of(m, p->a, &a) ||
        !column_of(m, p->b, &b))
        return;
    const double *v = m->fit.robust_variance ? m->fit.robust_variance : m->fit.variance;
    double value = 0, variance = 0;
    if (a != SIZE_MAX) {
        value -= m->fit.coefficient[a];
        variance += v[a * m->column_count + a];
    }
    if (b != SIZE_MAX) {
        value += m->fit.coefficient[b];
        variance += v[b * m->column_count + b];
    }
    if (a != SIZE_MAX && b != SIZE_MAX)
        variance -= 2 * v[a * m->column_count + b];
    double error = sqrt(variance), reach = normal_limit(w->options.level) * error;
    *out = (struct comparison_ratio){.ratio = exp(value),
                                     .log_ratio = value,
                                     .standard_error = error,
                                     .lower = exp(value - reach),
                                     .upper = exp(value + reach),
                                     .p = normal_two_sided(value / error),
                                     .p_holm = NAN};
    e_values_fill(w, p, out);
}

void comparison_model_fit(struct comparison_work *w, enum comparison_adjustment by)
{
    AUTO(arena_release) struct arena scratch = {0};
    struct comparison_model *m = &w->out->models[by];
    struct making k = {.w = w, .scratch = &scratch, .m = m, .by = by};
    m->reference = -1;
    m->proportionality_global = (struct cox_test){NAN, 0, NAN};
    m->wanted = (by == BY_NOTHING || w->data->covariate_count > 0) && (!with_weights(by) || w->weighted);
    if (m->wanted) {
        k.columns = arena_alloc(w->arena, columns_most(w) * sizeof *k.columns);
        k.term_covariate = arena_alloc(w->arena, columns_most(w) * sizeof *k.term_covariate);
        m->columns = k.columns;
        m->term_covariate = k.term_covariate;
        rows_choose(&k);
        if (with_covariates(by))
            covariates_add(&k);
        terms_number(&k);
        struct cox_model model = {.covariates = table_make(&k),
                                  .covariate_count = m->column_count,
                                  .ties = w->options.ties,
                                  .robust = with_weights(by)};
        cox_fit(w->arena, &k.data, &model, &m->fit);
        if (!with_weights(by) && m->fit.state == COX_FITTED)
            proportionality_fill(&k, &model);
    }
    for (size_t i = 0; i < w->out->pair_count; i++)
        ratio_fill(w, m, &w->pairs[i], &w->pairs[i].hazard[by]);
    comparison_holm(w, offsetof(struct comparison_pair, hazard[by].p),
                    offsetof(struct comparison_pair, hazard[by].p_holm));
}

/* ---- one patient ------------------------------------------------------------------------------------------------- */

/* At most STEPS_MAX of the times of events, evenly chosen; the last is among them. */
static void steps_predict(struct comparison_work *w, const struct cox_fit *fit, size_t stratum, const double *x,
                          struct comparison_prediction *p)
{
    const struct cox_baseline *b = &fit->strata[stratum];
    p->step_count = b->count < STEPS_MAX ? b->count : STEPS_MAX;
    double *times = numbers_new(&w->scratch, p->step_count + 1);
    struct survival_point *points = arena_alloc(w->arena, (p->step_count + 1) * sizeof *points);
    for (size_t i = 0; i < p->step_count; i++)
        times[i] = b->time[(i + 1) * b->count / p->step_count - 1];
    cox_predict(fit, stratum, x, w->options.level, times, p->step_count, points);
    p->steps = points;
}

static void curve_predict(struct comparison_work *w, const struct comparison_model *m, size_t stratum, const double *x,
                          struct comparison_prediction *p)
{
    size_t count = w->options.time_count;
    struct survival_point *at = arena_alloc(w->arena, (count + 1) * sizeof *at);
    double *means = numbers_new(w->arena, count + 1);
    cox_predict(&m->fit, stratum, x, w->options.level, w->options.times, count, at);
    for (size_t i = 0; i < count; i++)
        means[i] = cox_predict_restricted_mean(&m->fit, stratum, x, w->options.times[i]);
    p->at = at;
    p->means = means;
    p->mean = cox_predict_restricted_mean(&m->fit, stratum, x, w->out->horizon);
    p->median = cox_predict_median(&m->fit, stratum, x);
    steps_predict(w, &m->fit, stratum, x, p);
}

static void treatment_predict(struct comparison_work *w, const struct comparison_model *m,
                              const struct comparison_profile *profile, struct comparison_prediction *p)
{
    const struct design *d = &w->out->design;
    double *coded = numbers_new(&w->scratch, d->count + 1), *x = numbers_new(&w->scratch, m->column_count + 1);
    size_t column, stratum = w->survival.stratum ? (size_t)profile->stratum : 0;
    p->mean = p->median = NAN;
    p->state = PREDICTION_NO_MODEL;
    if (!m->wanted || m->fit.state != COX_FITTED || stratum >= m->fit.stratum_count)
        return;
    p->state = PREDICTION_NOT_IN_MODEL;
    if (!column_of(m, p->treatment, &column))
        return;
    p->state = PREDICTION_NOT_KNOWN;
    if (!design_code(d, w->data->covariates, profile->values, coded, &p->missing))
        return;
    p->state = PREDICTION_DONE;
    for (size_t j = 0; j < m->column_count; j++) {
        const struct comparison_column *c = &m->columns[j];
        bool own = c->treatment < 0 || c->treatment == (int)p->treatment;
        x[j] = own ? (c->name ? coded[design_column_of(d, c)] : 1) : 0;
    }
    curve_predict(w, m, stratum, x, p);
}

void comparison_predict(struct comparison_work *w)
{
    struct comparison *out = w->out;
    const struct comparison_model *m = &out->models[w->data->covariate_count > 0 ? BY_COVARIATES : BY_NOTHING];
    out->prediction_count = w->data->profile_count * out->arm_count;
    struct comparison_prediction *predictions =
        arena_alloc(w->arena, (out->prediction_count + 1) * sizeof *predictions);
    for (size_t i = 0; i < out->prediction_count; i++) {
        predictions[i].profile = i / out->arm_count;
        predictions[i].treatment = i % out->arm_count;
        treatment_predict(w, m, &w->data->profiles[predictions[i].profile], &predictions[i]);
    }
    out->predictions = predictions;
}
