/* Judges the numbers of a comparison: the verdict and its reasons. */
#include "common/science/statistics/matrix.h"
#include "common/science/statistics/random.h"
#include "common/science/treatment/comparison_work.h"

#include <math.h>

enum { DRAWS = 10000 };

/* Where evidence ends. A trial by chance alone has standardised differences of 0.1, and 0.25 is what regression can
 * still make up for (Stuart, Stat Sci 25 (2010) 1). The other two are conventions, and told with each answer. */
static const double OUTSIDE_MAX = 0.5, EFFECTIVE_MIN = 0.2, IMBALANCE_MAX = 0.25;

const char *const comparison_decision_names[] = {
    [INSUFFICIENT_EVIDENCE] = "insufficient_evidence", [RECOMMENDED] = "recommended", NULL};

static const struct {
    const char *name, *text;
} reasons[REASON_CODES] = {
    [REASON_NO_PATIENTS] = {"no_patients", "there are no patients"},
    [REASON_ONE_TREATMENT] = {"one_treatment", "fewer than two treatments have enough patients"},
    [REASON_TOO_FEW_PATIENTS] = {"too_few_patients", "a treatment has too few patients to be judged"},
    [REASON_TOO_FEW_EVENTS] = {"too_few_events", "too few events were observed under a treatment"},
    [REASON_FOLLOW_UP_TOO_SHORT] = {"follow_up_too_short", "the follow-up of a treatment ends before the horizon"},
    [REASON_NO_WEIGHTS] = {"no_weights", "the treatments could not be made comparable"},
    [REASON_SEPARATED] = {"separated", "a covariate tells for certain who gets which treatment"},
    [REASON_NO_OVERLAP] = {"no_overlap", "too many patients have no like among those treated otherwise"},
    [REASON_LARGE_WEIGHTS] = {"large_weights", "a few patients of a treatment carry all of the weight"},
    [REASON_IMBALANCE] = {"imbalance", "two treatments differ in a covariate even after weighting"},
    [REASON_NO_DIFFERENCE] = {"no_difference", "the interval of a difference covers none"},
};

static const struct {
    const char *name, *text;
} weightings[WEIGHTING_STATES] = {
    [WEIGHTING_DONE] = {"done", "patients were weighted"},
    [WEIGHTING_NOT_ASKED] = {"not_asked", "no covariates were named"},
    [WEIGHTING_ONE_TREATMENT] = {"one_treatment", "fewer than two treatments have enough patients"},
    [WEIGHTING_TOO_FEW] = {"too_few_patients", "a treatment has no more patients than the model has columns"},
    [WEIGHTING_SEPARATED] = {"separated", "a covariate tells for certain who gets which treatment"},
    [WEIGHTING_NOT_CONVERGED] = {"not_converged", "the model of who gets which treatment could not be fitted"},
};

static const struct {
    const char *name, *text;
} predictions[PREDICTION_STATES] = {
    [PREDICTION_DONE] = {"done", "a curve was predicted"},
    [PREDICTION_NO_MODEL] = {"no_model", "the Cox model could not be fitted"},
    [PREDICTION_NOT_KNOWN] = {"not_known", "a covariate is not known, or has a value that no patient has"},
    [PREDICTION_NOT_IN_MODEL] = {"not_in_model", "the treatment has no events that a model could be fitted to"},
};

const char *comparison_reason_name(enum comparison_reason_code code)
{
    return (unsigned)code < REASON_CODES ? reasons[code].name : "unknown";
}

const char *comparison_reason_text(enum comparison_reason_code code)
{
    return (unsigned)code < REASON_CODES ? reasons[code].text : "unknown";
}

const char *comparison_weighting_name(enum comparison_weighting state)
{
    return (unsigned)state < WEIGHTING_STATES ? weightings[state].name : "unknown";
}

const char *comparison_weighting_text(enum comparison_weighting state)
{
    return (unsigned)state < WEIGHTING_STATES ? weightings[state].text : "unknown";
}

const char *comparison_prediction_name(enum comparison_prediction_state state)
{
    return (unsigned)state < PREDICTION_STATES ? predictions[state].name : "unknown";
}

const char *comparison_prediction_text(enum comparison_prediction_state state)
{
    return (unsigned)state < PREDICTION_STATES ? predictions[state].text : "unknown";
}

/* ---- which treatment is ahead, and how surely -------------------------------------------------------------------- */

struct judgement {
    struct comparison_work *w;
    struct comparison_verdict *v;
    struct comparison_reason *list;
    bool blocked;
};

static const struct survival_mean *mean_of(const struct comparison_work *w, size_t judged)
{
    const struct comparison_arm *arm = &w->arms[w->judged[judged]];
    return w->weighted ? &arm->adjusted.mean : &arm->unadjusted.mean;
}

static double covariance_of(const struct comparison_work *w, size_t i, size_t j)
{
    if (w->weighted)
        return adjusted_covariance(&w->adjusted, &w->means[i], &w->means[j]);
    double error = mean_of(w, i)->standard_error;
    return i == j ? error * error : 0;
}

/* Of the means' joint normal distribution. A mean without variance gets the least one, so that there is a factor. */
static bool joint_factor(const struct comparison_work *w, const size_t *known, size_t count, double *factor)
{
    double trace = 0;
    for (size_t i = 0; i < count; i++)
        trace += covariance_of(w, known[i], known[i]);
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j <= i; j++)
            factor[i * count + j] = covariance_of(w, known[i], known[j]) + (i == j ? 1e-12 * trace + 1e-300 : 0);
    return matrix_cholesky(factor, count);
}

static size_t winner_of(const struct comparison_work *w, const size_t *known, size_t count, const double *factor,
                        struct random *random)
{
    double z[SURVIVAL_GROUPS_MAX], best = -INFINITY;
    size_t winner = 0;
    for (size_t i = 0; i < count; i++) {
        z[i] = random_normal(random);
        double mean = mean_of(w, known[i])->mean + matrix_dot(factor + i * count, z, i + 1);
        if (mean > best) {
            best = mean;
            winner = i;
        }
    }
    return winner;
}

static void shares_fill(struct comparison_work *w)
{
    size_t known[SURVIVAL_GROUPS_MAX], wins[SURVIVAL_GROUPS_MAX] = {0}, count = 0;
    for (size_t j = 0; j < w->judged_count; j++)
        if (!isnan(mean_of(w, j)->mean))
            known[count++] = j;
    double *factor = numbers_new(&w->scratch, count * count + 1);
    if (count == 0 || !joint_factor(w, known, count, factor))
        return;
    struct random random = random_from(w->options.seed);
    for (int i = 0; i < DRAWS; i++)
        wins[winner_of(w, known, count, factor, &random)]++;
    for (size_t i = 0; i < count; i++)
        w->arms[w->judged[known[i]]].best_share = (double)wins[i] / DRAWS;
}

static void leaders_find(const struct comparison_work *w, struct comparison_verdict *v)
{
    double best = -INFINITY, second = -INFINITY;
    for (size_t j = 0; j < w->judged_count; j++) {
        double mean = mean_of(w, j)->mean;
        if (mean > best) {
            v->runner_up = v->treatment;
            second = best;
            v->treatment = (int)w->judged[j];
            best = mean;
        } else if (mean > second) {
            v->runner_up = (int)w->judged[j];
            second = mean;
        }
    }
}

static struct comparison_difference between(const struct comparison_work *w, int treatment, int other)
{
    size_t a = (size_t)(treatment < other ? treatment : other), b = (size_t)(treatment < other ? other : treatment);
    const struct comparison_pair *p = comparison_pair_of(w, a, b);
    struct comparison_difference d = w->weighted ? p->adjusted : p->unadjusted;
    if (treatment < other) { /* pairs are b less a, and a is asked for */
        double lower = d.lower;
        d.value = -d.value;
        d.lower = -d.upper;
        d.upper = -lower;
    }
    return d;
}

/* ---- reasons ----------------------------------------------------------------------------------------------------- */

static void note(struct judgement *j, enum comparison_reason_code code, int treatment, int other, double value,
                 double bound)
{
    j->list[j->v->reason_count++] = (struct comparison_reason){code, treatment, other, value, bound};
    j->blocked |= code != REASON_TOO_FEW_PATIENTS;
}

static void look_at_arms(struct judgement *j)
{
    struct comparison_work *w = j->w;
    if (w->out->rows == 0)
        note(j, REASON_NO_PATIENTS, -1, -1, 0, 1);
    else if (w->judged_count < 2)
        note(j, REASON_ONE_TREATMENT, -1, -1, (double)w->judged_count, 2);
    for (size_t a = 0; a < w->out->arm_count; a++) {
        const struct comparison_arm *arm = &w->arms[a];
        if (w->number[a] < 0 && arm->patients > 0)
            note(j, REASON_TOO_FEW_PATIENTS, (int)a, -1, (double)arm->complete_patients,
                 (double)w->options.patients_min);
        if (w->number[a] < 0)
            continue;
        size_t events = w->weighted ? arm->complete_events : arm->events;
        if (events < w->options.events_min)
            note(j, REASON_TOO_FEW_EVENTS, (int)a, -1, (double)events, (double)w->options.events_min);
        if (isnan(mean_of(w, (size_t)w->number[a])->mean))
            note(j, REASON_FOLLOW_UP_TOO_SHORT, (int)a, -1, arm->last_time, w->out->horizon);
    }
}

static void look_at_weights(struct judgement *j)
{
    struct comparison_work *w = j->w;
    const struct comparison_diagnostics *g = &w->out->diagnostics;
    if (g->weighting == WEIGHTING_SEPARATED)
        note(j, REASON_SEPARATED, -1, -1, NAN, NAN);
    else if (g->weighting == WEIGHTING_TOO_FEW || g->weighting == WEIGHTING_NOT_CONVERGED)
        note(j, REASON_NO_WEIGHTS, -1, -1, NAN, NAN);
    if (!w->weighted)
        return;
    if (g->outside_support > OUTSIDE_MAX)
        note(j, REASON_NO_OVERLAP, -1, -1, g->outside_support, OUTSIDE_MAX);
    for (size_t i = 0; i < w->judged_count; i++) {
        const struct comparison_arm *arm = &w->arms[w->judged[i]];
        double bound = fmax(EFFECTIVE_MIN * (double)arm->complete_patients, (double)w->options.patients_min / 2);
        if (arm->weights.effective_size < bound)
            note(j, REASON_LARGE_WEIGHTS, (int)w->judged[i], -1, arm->weights.effective_size, bound);
    }
    for (size_t i = 0; i < w->out->pair_count; i++)
        if (w->pairs[i].imbalance.after > IMBALANCE_MAX)
            note(j, REASON_IMBALANCE, (int)w->pairs[i].a, (int)w->pairs[i].b, w->pairs[i].imbalance.after,
                 IMBALANCE_MAX);
}

/* Ahead is who is ahead of everybody: each difference counts, after Holm. */
static void look_at_differences(struct judgement *j)
{
    struct comparison_work *w = j->w;
    struct comparison_verdict *v = j->v;
    double allowed = round((1 - w->options.level) * 1e12) / 1e12; /* 0.05, and not a hair more */
    if (v->treatment < 0)
        return;
    v->best_share = w->arms[v->treatment].best_share;
    if (v->runner_up >= 0) {
        struct comparison_difference d = between(w, v->treatment, v->runner_up);
        v->gain = d.value;
        v->gain_lower = d.lower;
        v->gain_upper = d.upper;
    }
    for (size_t i = 0; i < w->judged_count; i++) {
        if ((int)w->judged[i] == v->treatment || isnan(mean_of(w, i)->mean))
            continue;
        double p = between(w, v->treatment, (int)w->judged[i]).p_holm;
        v->p = fmax(v->p, p);
        if (!(p <= allowed))
            note(j, REASON_NO_DIFFERENCE, v->treatment, (int)w->judged[i], p, allowed);
    }
}

static void historic_find(struct comparison_work *w)
{
    w->out->historic.treatment = -1;
    double best = -INFINITY;
    for (size_t a = 0; a < w->out->arm_count; a++)
        if (w->arms[a].mean_observed > best) {
            best = w->arms[a].mean_observed;
            w->out->historic.treatment = (int)a;
        }
}

void comparison_judge(struct comparison_work *w)
{
    struct comparison_verdict *v = &w->out->verdict;
    size_t most = 4 * w->out->arm_count + w->out->pair_count + 8;
    struct judgement j = {.w = w, .v = v, .list = arena_alloc(w->arena, most * sizeof *j.list)};
    *v = (struct comparison_verdict){.adjusted = w->weighted,
                                     .treatment = -1,
                                     .runner_up = -1,
                                     .gain = NAN,
                                     .gain_lower = NAN,
                                     .gain_upper = NAN,
                                     .p = NAN,
                                     .best_share = NAN,
                                     .reasons = j.list};
    historic_find(w);
    shares_fill(w);
    leaders_find(w, v);
    look_at_arms(&j);
    look_at_weights(&j);
    look_at_differences(&j);
    v->decision = !j.blocked && v->treatment >= 0 ? RECOMMENDED : INSUFFICIENT_EVIDENCE;
}
