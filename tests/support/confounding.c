#include "tests/support/confounding.h"

#include "common/science/statistics/random.h"
#include "tests/support/check.h"
#include "tests/support/trial.h"

#include <math.h>
#include <string.h>

enum { LEV_5FU = 2, ARMS = 3 };

const struct confounding_options confounding_usual = {.draws = 200, .patients = 1500, .strength = 1, .seed = 1};

struct urn {
    size_t count, rows[TRIAL_ROWS];
    double risk[TRIAL_ROWS], sums[TRIAL_ROWS]; /* sums: of the chances up to here */
};

/* The surgeon's view: nodes, depth, grade and obstruction, each weighing about as much as it does for survival. */
static double risk_of(size_t row)
{
    return trial_column("node4")[row] + 0.5 * trial_column("extent")[row] + 0.2 * trial_column("differ")[row] +
           0.3 * trial_column("obstruct")[row];
}

static void urn_fill(struct urn *u, double strength)
{
    double mean = 0, square = 0;
    for (size_t row = 0; row < TRIAL_ROWS; row++) {
        if (isnan(trial_column("nodes")[row]) || isnan(trial_column("differ")[row]))
            continue;
        u->risk[u->count] = risk_of(row);
        mean += risk_of(row);
        u->rows[u->count++] = row;
    }
    mean /= (double)u->count;
    for (size_t i = 0; i < u->count; i++)
        square += (u->risk[i] - mean) * (u->risk[i] - mean);
    double deviation = sqrt(square / (double)u->count), sum = 0;
    for (size_t i = 0; i < u->count; i++) {
        double side = trial_column("rx")[u->rows[i]] == LEV_5FU ? 0.5 : -0.5;
        u->sums[i] = sum += exp(side * strength * (u->risk[i] - mean) / deviation);
    }
}

static size_t urn_draw(const struct urn *u, struct random *random)
{
    double at = random_uniform(random) * u->sums[u->count - 1];
    size_t low = 0, high = u->count - 1;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (u->sums[middle] > at)
            high = middle;
        else
            low = middle + 1;
    }
    return u->rows[low];
}

static struct comparison_data hospital(const struct urn *u, int patients, struct random *random, struct arena *a)
{
    size_t n = (size_t)patients;
    double *stop = arena_alloc(a, n * sizeof *stop), *values = arena_alloc(a, n * TRIAL_COVARIATES * sizeof *values);
    bool *event = arena_alloc(a, n * sizeof *event);
    int *group = arena_alloc(a, n * sizeof *group);
    struct design_covariate *covariates = arena_alloc(a, TRIAL_COVARIATES * sizeof *covariates);
    for (size_t i = 0; i < n; i++) {
        size_t row = urn_draw(u, random);
        stop[i] = trial_column("time")[row];
        event[i] = trial_column("status")[row] == 1;
        group[i] = (int)trial_column("rx")[row];
        for (size_t j = 0; j < TRIAL_COVARIATES; j++)
            values[j * n + i] = trial_column(trial_covariates[j])[row];
    }
    for (size_t j = 0; j < TRIAL_COVARIATES; j++)
        covariates[j] = (struct design_covariate){.name = trial_covariates[j], .number = values + j * n};
    return (struct comparison_data){
        .survival = {.count = n, .stop = stop, .event = event, .group = group, .group_count = ARMS},
        .covariate_count = TRIAL_COVARIATES,
        .covariates = covariates};
}

static bool is_longest(const struct comparison *c, bool adjusted)
{
    int best = 0;
    for (int a = 1; a < ARMS; a++) {
        const struct comparison_arm *arm = &c->arms[a], *lead = &c->arms[best];
        if ((adjusted ? arm->adjusted : arm->unadjusted).mean.mean >
            (adjusted ? lead->adjusted : lead->unadjusted).mean.mean)
            best = a;
    }
    return best == LEV_5FU;
}

/* Pairs stand 01 02 12, a ratio is that of the second over the first. */
static bool has_lowest_hazard(const struct comparison *c)
{
    return c->pairs[1].hazard[BY_COVARIATES].ratio < 1 && c->pairs[2].hazard[BY_COVARIATES].ratio < 1;
}

/* Running sums of a difference and of its standard errors. */
struct spread {
    double count, mean, squares, errors;
};

static void spread_add(struct spread *s, const struct comparison_difference *d)
{
    if (isnan(d->value)) /* chance may leave a draw without weights */
        return;
    double away = d->value - s->mean;
    s->mean += away / ++s->count;
    s->squares += away * (d->value - s->mean);
    s->errors += d->standard_error * d->standard_error;
}

struct confounding confounding_run(const struct confounding_options *options)
{
    struct confounding found = {.draws = options->draws};
    struct spread spread = {0};
    struct random random = random_from(options->seed);
    struct urn urn = {0};
    urn_fill(&urn, options->strength);
    for (int i = 0; i < options->draws; i++) {
        AUTO(arena_release) struct arena arena = {0};
        struct problem why = {.arena = &arena};
        struct comparison_data data = hospital(&urn, options->patients, &random, &arena);
        struct comparison c;
        ck_assert(comparison_run(&data, &(struct comparison_options){.horizon = 1825}, &arena, &c, &why) == OK);
        found.historic += c.historic.treatment == LEV_5FU;
        found.unadjusted += is_longest(&c, false);
        found.adjusted += is_longest(&c, true);
        found.cox += has_lowest_hazard(&c);
        found.recommended += c.verdict.decision == RECOMMENDED && c.verdict.treatment == LEV_5FU;
        found.recommended_else += c.verdict.decision == RECOMMENDED && c.verdict.treatment != LEV_5FU;
        spread_add(&spread, &c.pairs[2].adjusted);
    }
    found.scatter = sqrt(spread.squares / (spread.count - 1));
    found.error = sqrt(spread.errors / spread.count);
    return found;
}
